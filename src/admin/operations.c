#include "admin/operations.h"

#include "admin/change.h"
#include "admin/handlers.h"

const struct admin_operation admin_operations[] = {
	{ SLICE("readMe"), admin_me_read, 0, false },
	{ SLICE("listPartitions"), admin_partitions_list, PARAMETERS_SEARCH, false },
	{ SLICE("readPartition"), admin_partition_read, 0, false },
	{ SLICE("createPartition"), admin_partition_create, 0, true },
	{ SLICE("changePartition"), admin_partition_change, 0, false },
	{ SLICE("deletePartition"), admin_partition_delete, 0, true },
	{ SLICE("listDepartments"), admin_departments_list, PARAMETERS_SEARCH, false },
	{ SLICE("readDepartment"), admin_department_read, 0, false },
	{ SLICE("createDepartment"), admin_department_create, 0, false },
	{ SLICE("deleteDepartment"), admin_department_delete, 0, false },
	{ SLICE("listPermissions"), admin_permissions_list, PARAMETERS_SEARCH | PARAMETER_KIND, false },
	{ SLICE("readPermission"), admin_permission_read, 0, false },
	{ SLICE("createPermission"), admin_permission_create, 0, false },
	{ SLICE("changePermission"), admin_permission_change, 0, false },
	{ SLICE("deletePermission"), admin_permission_delete, 0, false },
	{ SLICE("listUsers"), admin_users_list, PARAMETERS_SEARCH | PARAMETER_ENABLED | PARAMETER_DEPARTMENT | PARAMETER_ROLE, false },
	{ SLICE("readUser"), admin_user_read, 0, false },
	{ SLICE("createUser"), admin_user_create, 0, false },
	{ SLICE("changeUser"), admin_user_change, 0, false },
	{ SLICE("deleteUser"), admin_user_delete, 0, false },
	{ SLICE("listUserSessions"), admin_user_sessions_list, PARAMETERS_PAGE, false },
	{ SLICE("endUserSessions"), admin_user_sessions_end, 0, false },
	{ SLICE("listUserApplications"), admin_user_applications_list, 0, false },
	{ SLICE("disconnectUserApplication"), admin_user_application_end, 0, false },
	{ SLICE("listCustomers"), admin_customers_list, PARAMETERS_SEARCH | PARAMETER_ENABLED, false },
	{ SLICE("readCustomer"), admin_customer_read, 0, false },
	{ SLICE("createCustomer"), admin_customer_create, 0, false },
	{ SLICE("changeCustomer"), admin_customer_change, 0, false },
	{ SLICE("deleteCustomer"), admin_customer_delete, 0, false },
	{ SLICE("listCustomerSessions"), admin_customer_sessions_list, PARAMETERS_PAGE, false },
	{ SLICE("endCustomerSessions"), admin_customer_sessions_end, 0, false },
	{ SLICE("listCustomerApplications"), admin_customer_applications_list, 0, false },
	{ SLICE("disconnectCustomerApplication"), admin_customer_application_end, 0, false },
	{ SLICE("listClientApplications"), admin_applications_list,
	        PARAMETERS_SEARCH | PARAMETER_ENABLED | PARAMETER_PLATFORM | PARAMETER_PERMISSION, false },
	{ SLICE("readClientApplication"), admin_application_read, 0, false },
	{ SLICE("createClientApplication"), admin_application_create, 0, false },
	{ SLICE("changeClientApplication"), admin_application_change, 0, false },
	{ SLICE("deleteClientApplication"), admin_application_delete, 0, false },
	{ SLICE("readClientApplicationMetadata"), admin_application_metadata_read, 0, false },
	{ SLICE("createSecret"), admin_secret_create, 0, false },
	{ SLICE("changeSecret"), admin_secret_change, 0, false },
	{ SLICE("deleteSecret"), admin_secret_delete, 0, false },
	{ SLICE("listIdentityProviders"), admin_providers_list, PARAMETERS_SEARCH, false },
	{ SLICE("readIdentityProvider"), admin_provider_read, 0, false },
	{ SLICE("createIdentityProvider"), admin_provider_create, 0, false },
	{ SLICE("changeIdentityProvider"), admin_provider_change, 0, false },
	{ SLICE("deleteIdentityProvider"), admin_provider_delete, 0, false },
	{ SLICE("listApis"), admin_apis_list, PARAMETERS_SEARCH, false },
	{ SLICE("readApi"), admin_api_read, 0, false },
	{ SLICE("putApi"), admin_api_put, PARAMETER_ADD_PERMISSIONS | PARAMETER_DRY_RUN, false },
	{ SLICE("deleteApi"), admin_api_delete, 0, false },
	{ SLICE("listApiOperations"), admin_api_operations_list, PARAMETERS_SEARCH | PARAMETER_SCOPE, false },
	{ SLICE("listOperations"), admin_operations_list, PARAMETERS_SEARCH | PARAMETER_SCOPE, false },
	{ SLICE("listSessions"), admin_sessions_list, PARAMETERS_PAGE | PARAMETER_REALM | PARAMETER_PERSON_ID, false },
	{ SLICE("endSession"), admin_session_end, PARAMETER_REALM, false },
	{ SLICE("listGrants"), admin_grants_list, PARAMETERS_PAGE | PARAMETER_REALM | PARAMETER_PERSON_ID | PARAMETER_CLIENT_ID, false },
	{ SLICE("endGrant"), admin_grant_end, PARAMETER_REALM, false },
	{ SLICE("listSigningKeys"), admin_keys_list, 0, false },
	{ SLICE("rotateSigningKey"), admin_keys_rotate, 0, false },
	{ SLICE("listAuditEvents"), admin_events_list, PARAMETERS_EVENTS, false },
	{ SLICE("readAuditEvent"), admin_event_read, 0, false },
	{ SLICE("listAllAuditEvents"), admin_all_events_list, PARAMETERS_EVENTS, true },
	{ SLICE("readStatistics"), admin_statistics_read,
	        PARAMETER_MEASURE | PARAMETER_STEP | PARAMETER_BY | PARAMETER_FROM | PARAMETER_TO, false },
	{ SLICE("decide"), admin_decide, PARAMETERS_SEARCH, false },
};
const size_t admin_operation_count = sizeof admin_operations / sizeof admin_operations[0];

const struct admin_operation *admin_operation_find(struct slice operation_id)
{
	for (size_t i = 0; i < admin_operation_count; i++)
		if (slice_equal(admin_operations[i].id, operation_id))
			return &admin_operations[i];
	return NULL;
}
