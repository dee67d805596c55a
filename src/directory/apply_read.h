/* The named objects of an apply document, read and judged as far as they can be judged alone: no store is needed.
 * What depends on other objects (unique names, references) is judged in apply_state.h's rooms. */
#ifndef WRIT_DIRECTORY_APPLY_READ_H
#define WRIT_DIRECTORY_APPLY_READ_H

#include "directory/apply_field.h"

struct partition_reading {
	struct reading reading;
	struct slice id;
	struct partition partition;
};

struct department_reading {
	struct reading reading;
	struct department department;
};

struct permission_reading {
	struct reading reading;
	struct permission permission;
};

struct person_reading {
	struct reading reading;
	struct person person; /* kind is the caller's */
	struct slice password;
	struct slice password_hash;
};

struct secret_reading {
	struct reading reading;
	struct slice label; /* "default" where none was given */
	struct slice value;
	struct hash32 hash;
	int64_t created_at, expires_at;
	bool generate;
};

struct application_reading {
	struct reading reading;
	struct client_application application;
	int resource_type;
	struct secret_reading *secrets;
	size_t secret_count;
};

struct provider_reading {
	struct reading reading;
	struct identity_provider provider;
};

/* The bits of the fields that the rules ask for by name. */
enum { PARTITION_ID, PARTITION_PREFIX = 2, PARTITION_ANONYMOUS_PERMISSIONS = 13 };
enum { PERMISSION_NAME, PERMISSION_KIND = 2 };
enum { PERSON_ID, PERSON_USERNAME, PERSON_EMAIL, PERSON_PASSWORD, PERSON_PASSWORD_HASH, PERSON_ENABLED, PERSON_CLAIMS, PERSON_ROLES,
       PERSON_DEPARTMENT };
enum { SECRET_LABEL, SECRET_VALUE, SECRET_HASH, SECRET_CREATED, SECRET_EXPIRES, SECRET_GENERATE };
enum { APPLICATION_ID, APPLICATION_NAME, APPLICATION_PLATFORM, APPLICATION_REDIRECTS = 4, APPLICATION_LOGOUT_REDIRECTS,
       APPLICATION_BACKCHANNEL, APPLICATION_SECRETS, APPLICATION_JWKS_URL, APPLICATION_JWKS, APPLICATION_PERMISSIONS,
       APPLICATION_REFRESH_IDLE = 14, APPLICATION_REFRESH_MAX };

enum { PROVIDER_REGISTRATION_ID, PROVIDER_ISSUER, PROVIDER_AUDIENCE, PROVIDER_JWKS_URL, PROVIDER_CLAIM, PROVIDER_MATCHES };

extern const struct field provider_fields[];
extern const size_t provider_field_count;
extern const struct field partition_fields[], department_fields[], permission_fields[], user_fields[], customer_fields[], secret_fields[],
	application_fields[];
/* ES256 and RS256. */
#define ALGORITHM_NAME_COUNT 2
extern const struct field_name algorithm_names[ALGORITHM_NAME_COUNT];
extern const size_t partition_field_count, department_field_count, permission_field_count, user_field_count, customer_field_count,
	secret_field_count, application_field_count;

/* ret is zeroed first. The partition's own fields are read key by key (field_read_key), between its lists. */
MUST_CHECK enum result department_read(struct document *, struct arena *, struct department_reading *ret);
MUST_CHECK enum result permission_read(struct document *, struct arena *, struct permission_reading *ret);
MUST_CHECK enum result person_read(struct document *, enum person_kind, struct arena *, struct person_reading *ret);
MUST_CHECK enum result application_read(struct document *, struct arena *, struct application_reading *ret);

/* Readers of single fields (struct field's read). */
MUST_CHECK enum result claims_read(struct document *, const struct field *, struct arena *, void *slice);  /* OpenID Connect Core §5.1 */
MUST_CHECK enum result jwks_read(struct document *, const struct field *, struct arena *, void *slice);    /* RFC 7517, public keys only */
MUST_CHECK enum result hash_read(struct document *, const struct field *, struct arena *, void *hash32);   /* "sha256:…" */
MUST_CHECK enum result secrets_read(struct document *, const struct field *, struct arena *, void *secrets);

#endif
