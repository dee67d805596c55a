/* How the rows of the directory become the structs of the model: shared by point reads and listings. */
#ifndef WRIT_STORE_SQLITE_ROWS_H
#define WRIT_STORE_SQLITE_ROWS_H

#include "store/sqlite.h"

#define PARTITION_COLUMNS \
	"id, name, permission_prefix, access_token_algorithm, branding_name, branding_color, branding_logo_url, policy_user, " \
	"policy_customer, anonymous_enabled, anonymous_permissions, version"
#define DEPARTMENT_COLUMNS "name, version"
#define PERMISSION_COLUMNS "name, description, kind, version"
#define PERSON_COLUMNS \
	"kind, id, username, email, department, roles, enabled, password_hash, claims, valid_from_ms, version"
#define APPLICATION_COLUMNS \
	"client_id, name, platform, enabled, redirect_urls, post_logout_redirect_urls, backchannel_logout_url, jwks_url, " \
	"permissions, grants, access_token_seconds, refresh_tokens, refresh_idle_seconds, refresh_max_seconds, consent, " \
	"id_token_algorithm, valid_from_ms, version, secrets, jwks"
#define API_COLUMNS "name, digest, operation_count, version"
#define OPERATION_COLUMNS "method, path, operation_id, summary, alternatives"
#define PROVIDER_COLUMNS "registration_id, issuer, audience, jwks_url, claim, matches, version"

/* Each reads the columns above. Texts are copied into the arena, or borrowed until the next step when it is NULL.
 * Returns RESULT_STORE_DOWN for a row that cannot be. Whether the arena sufficed is the caller's to ask. */
MUST_CHECK enum result partition_from_row(struct row *, struct partition *ret);
void department_from_row(struct row *, struct department *ret);
void permission_from_row(struct row *, struct permission *ret);
void person_from_row(struct row *, struct person *ret);
/* Without its operations. */
MUST_CHECK enum result api_from_row(struct row *, struct api *ret);
/* Its alternatives in the arena, the rest as the row says. RESULT_NO_MEMORY. */
MUST_CHECK enum result operation_from_row(struct row *, struct arena *, struct api_operation *ret);
void provider_from_row(struct row *, struct identity_provider *ret);
/* secrets   becomes ret->secrets. */
MUST_CHECK enum result application_from_row(struct row *, struct client_secret secrets[LIMIT_SECRETS],
                                            struct client_application *ret);

#endif
