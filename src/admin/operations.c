#include "admin/operations.h"

#include "admin/change.h"
#include "admin/handlers.h"

const struct admin_operation admin_operations[] = {
	{ SLICE("readMe"), .handler = admin_me_read },
	{ SLICE("listPartitions"), .handler = admin_partitions_list, .parameters = PARAMETERS_SEARCH },
	{ SLICE("readPartition"), .handler = admin_partition_read },
	{ SLICE("createPartition"), .handler = admin_object_create, .system = true, .shape = &change_partition },
	{ SLICE("changePartition"), .handler = admin_partition_change },
	{ SLICE("deletePartition"), .handler = admin_partition_delete, .system = true },
	{ SLICE("listDepartments"), .handler = admin_departments_list, .parameters = PARAMETERS_SEARCH },
	{ SLICE("readDepartment"), .handler = admin_department_read },
	{ SLICE("createDepartment"), .handler = admin_object_create, .shape = &change_department },
	{ SLICE("deleteDepartment"), .handler = admin_object_delete, .shape = &change_department },
	{ SLICE("listPermissions"), .handler = admin_permissions_list, .parameters = PARAMETERS_SEARCH | PARAMETER_KIND },
	{ SLICE("readPermission"), .handler = admin_permission_read },
	{ SLICE("createPermission"), .handler = admin_permission_create },
	{ SLICE("changePermission"), .handler = admin_permission_change },
	{ SLICE("deletePermission"), .handler = admin_permission_delete },
	{ SLICE("listUsers"), .handler = admin_people_list,
	  .parameters = PARAMETERS_SEARCH | PARAMETER_ENABLED | PARAMETER_DEPARTMENT | PARAMETER_ROLE, .people = PERSON_USER },
	{ SLICE("readUser"), .handler = admin_person_read, .people = PERSON_USER },
	{ SLICE("createUser"), .handler = admin_object_create, .shape = &change_user },
	{ SLICE("changeUser"), .handler = admin_object_change, .shape = &change_user },
	{ SLICE("deleteUser"), .handler = admin_object_delete, .shape = &change_user },
	{ SLICE("listUserSessions"), .handler = admin_person_sessions_list, .parameters = PARAMETERS_PAGE, .people = PERSON_USER },
	{ SLICE("endUserSessions"), .handler = admin_person_sessions_end, .people = PERSON_USER },
	{ SLICE("listUserApplications"), .handler = admin_person_applications_list, .people = PERSON_USER },
	{ SLICE("disconnectUserApplication"), .handler = admin_person_application_end, .people = PERSON_USER },
	{ SLICE("listCustomers"), .handler = admin_people_list, .parameters = PARAMETERS_SEARCH | PARAMETER_ENABLED, .people = PERSON_CUSTOMER },
	{ SLICE("readCustomer"), .handler = admin_person_read, .people = PERSON_CUSTOMER },
	{ SLICE("createCustomer"), .handler = admin_object_create, .shape = &change_customer },
	{ SLICE("changeCustomer"), .handler = admin_object_change, .shape = &change_customer },
	{ SLICE("deleteCustomer"), .handler = admin_object_delete, .shape = &change_customer },
	{ SLICE("listCustomerSessions"), .handler = admin_person_sessions_list, .parameters = PARAMETERS_PAGE, .people = PERSON_CUSTOMER },
	{ SLICE("endCustomerSessions"), .handler = admin_person_sessions_end, .people = PERSON_CUSTOMER },
	{ SLICE("listCustomerApplications"), .handler = admin_person_applications_list, .people = PERSON_CUSTOMER },
	{ SLICE("disconnectCustomerApplication"), .handler = admin_person_application_end, .people = PERSON_CUSTOMER },
	{ SLICE("listClientApplications"), .handler = admin_applications_list,
	  .parameters = PARAMETERS_SEARCH | PARAMETER_ENABLED | PARAMETER_PLATFORM | PARAMETER_PERMISSION },
	{ SLICE("readClientApplication"), .handler = admin_application_read },
	{ SLICE("createClientApplication"), .handler = admin_object_create, .shape = &change_application },
	{ SLICE("changeClientApplication"), .handler = admin_object_change, .shape = &change_application },
	{ SLICE("deleteClientApplication"), .handler = admin_object_delete, .shape = &change_application },
	{ SLICE("readClientApplicationMetadata"), .handler = admin_application_metadata_read },
	{ SLICE("createSecret"), .handler = admin_secret_create },
	{ SLICE("changeSecret"), .handler = admin_secret_change },
	{ SLICE("deleteSecret"), .handler = admin_secret_delete },
	{ SLICE("listIdentityProviders"), .handler = admin_providers_list, .parameters = PARAMETERS_SEARCH },
	{ SLICE("readIdentityProvider"), .handler = admin_provider_read },
	{ SLICE("createIdentityProvider"), .handler = admin_object_create, .shape = &change_provider },
	{ SLICE("changeIdentityProvider"), .handler = admin_object_change, .shape = &change_provider },
	{ SLICE("deleteIdentityProvider"), .handler = admin_object_delete, .shape = &change_provider },
	{ SLICE("listApis"), .handler = admin_apis_list, .parameters = PARAMETERS_SEARCH },
	{ SLICE("readApi"), .handler = admin_api_read },
	{ SLICE("putApi"), .handler = admin_api_put, .parameters = PARAMETER_ADD_PERMISSIONS | PARAMETER_DRY_RUN },
	{ SLICE("deleteApi"), .handler = admin_object_delete, .shape = &change_api },
	{ SLICE("listApiOperations"), .handler = admin_api_operations_list, .parameters = PARAMETERS_SEARCH | PARAMETER_SCOPE },
	{ SLICE("listOperations"), .handler = admin_operations_list, .parameters = PARAMETERS_SEARCH | PARAMETER_SCOPE },
	{ SLICE("listSessions"), .handler = admin_sessions_list, .parameters = PARAMETERS_PAGE | PARAMETER_REALM | PARAMETER_PERSON_ID },
	{ SLICE("endSession"), .handler = admin_session_end, .parameters = PARAMETER_REALM },
	{ SLICE("listGrants"), .handler = admin_grants_list,
	  .parameters = PARAMETERS_PAGE | PARAMETER_REALM | PARAMETER_PERSON_ID | PARAMETER_CLIENT_ID },
	{ SLICE("endGrant"), .handler = admin_grant_end, .parameters = PARAMETER_REALM },
	{ SLICE("listSigningKeys"), .handler = admin_keys_list },
	{ SLICE("rotateSigningKey"), .handler = admin_keys_rotate },
	{ SLICE("listAuditEvents"), .handler = admin_events_list, .parameters = PARAMETERS_EVENTS },
	{ SLICE("readAuditEvent"), .handler = admin_event_read },
	{ SLICE("listAllAuditEvents"), .handler = admin_all_events_list, .parameters = PARAMETERS_EVENTS, .system = true },
	{ SLICE("readStatistics"), .handler = admin_statistics_read,
	  .parameters = PARAMETER_MEASURE | PARAMETER_STEP | PARAMETER_BY | PARAMETER_FROM | PARAMETER_TO },
	{ SLICE("decide"), .handler = admin_decide, .parameters = PARAMETERS_SEARCH },
};
const size_t admin_operation_count = sizeof admin_operations / sizeof admin_operations[0];

const struct admin_operation *admin_operation_find(struct slice operation_id)
{
	for (size_t i = 0; i < admin_operation_count; i++)
		if (slice_equal(admin_operations[i].id, operation_id))
			return &admin_operations[i];
	return NULL;
}
