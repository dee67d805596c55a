/* The handlers of what reads, and of what ends or rotates: one function an operation of openapi.json. Those that change directory objects
 * stand in change.h. Those about a person serve users and customers: call->row->people says which. */
#ifndef WRIT_ADMIN_HANDLERS_H
#define WRIT_ADMIN_HANDLERS_H

#include "admin/admin_call.h"

/* me.c */
admin_handler admin_me_read;
/* read_directory.c */
admin_handler admin_partitions_list, admin_partition_read;
admin_handler admin_departments_list, admin_department_read;
admin_handler admin_permissions_list, admin_permission_read;
admin_handler admin_providers_list, admin_provider_read;
/* read_people.c */
admin_handler admin_people_list, admin_person_read;
/* read_applications.c */
admin_handler admin_applications_list, admin_application_read;
/* metadata.c */
admin_handler admin_application_metadata_read;
/* read_apis.c */
admin_handler admin_apis_list, admin_api_read, admin_api_operations_list, admin_operations_list;
/* sessions.c */
admin_handler admin_sessions_list, admin_person_sessions_list, admin_session_end, admin_person_sessions_end;
/* grants.c */
admin_handler admin_grants_list, admin_grant_end, admin_person_applications_list, admin_person_application_end;
/* keys.c */
admin_handler admin_keys_list, admin_keys_rotate;
/* events.c */
admin_handler admin_events_list, admin_event_read, admin_all_events_list;
/* statistics.c */
admin_handler admin_statistics_read;
/* decisions.c */
admin_handler admin_decide;

#endif
