/* What writ keeps: the whole model, as the store reads and writes it. contract.md §1 has the words.
 *
 * Slices inside these structs belong to the arena that was given to the reading verb. Lists that an object owns
 * are space-separated slices (names, URLs and roles contain no space; the rules that guarantee it stand in
 * directory/). */
#ifndef WRIT_STORE_MODEL_H
#define WRIT_STORE_MODEL_H

#include "base/limits.h"
#include "base/secret.h"
#include "base/slice.h"

#include <stdint.h>

/* The tenant, checked ([A-Za-z0-9_]{1,64}) and typed: made only by partition_id_parse. */
struct partition_id {
	char text[LIMIT_PARTITION_ID + 1];
	unsigned char len;
};

/* False when the text is no partition id. */
bool partition_id_parse(struct slice, struct partition_id *ret);
static inline struct slice partition_id_slice(const struct partition_id *id)
{
	return (struct slice) { id->text, id->len };
}
#define PARTITION_SYSTEM "SYSTEM"

enum person_kind { PERSON_USER = 'U', PERSON_CUSTOMER = 'C' };

/* Where a kind of person signs in; an OAuth issuer: "{partition}-U" or "{partition}-C". */
struct realm {
	struct partition_id partition;
	enum person_kind kind;
};
/* False when the text is no realm name; says nothing about whether the partition exists. */
bool realm_parse(struct slice, struct realm *ret);

enum signing_algorithm { ALGORITHM_ES256 = 1, ALGORITHM_RS256 = 2 };

struct partition {
	struct partition_id id;
	struct slice name;
	struct slice permission_prefix; /* empty: none */
	enum signing_algorithm access_token_algorithm;
	struct slice branding_name, branding_color, branding_logo_url; /* empty: none */
	struct slice policy_user, policy_customer;                      /* names in older addresses; empty: none */
	bool anonymous_enabled;
	struct slice anonymous_permissions;
	int64_t version; /* grows with every change of the object */
};

struct department {
	struct slice name;
	int64_t version;
};

enum permission_kind { PERMISSION_DELEGATED = 1, PERMISSION_ON_BEHALF_OF = 2, PERMISSION_APPLICATION = 3 };

struct permission {
	struct slice name; /* without the partition's prefix */
	struct slice description;
	enum permission_kind kind;
	int64_t version;
};

struct person {
	enum person_kind kind;
	struct slice id;
	struct slice username;   /* users */
	struct slice email;      /* customers; optional for users */
	struct slice department; /* users; empty: the partition itself */
	struct slice roles;      /* users; list */
	bool enabled;
	struct slice password_hash; /* Argon2id PHC string; empty: cannot sign in by password */
	struct slice claims;        /* JSON object of OpenID Connect standard claims; empty: none */
	int64_t valid_from_ms;      /* tokens made earlier are dead: set when made, disabled or enabled */
	int64_t version;
};

struct client_secret {
	struct slice label;
	struct hash32 hash;   /* SHA-256 of the secret */
	int64_t created_at;   /* s */
	int64_t expires_at;   /* s; 0: never */
	int64_t last_used_at; /* s; 0: never; read only by listings, folded in once a minute */
};

enum platform { PLATFORM_WEB = 1, PLATFORM_SPA = 2 };
enum consent { CONSENT_ASK = 1, CONSENT_IMPLIED = 2 };
enum optional_grant { OPTIONAL_GRANT_TOKEN_EXCHANGE = 1 };

struct client_application {
	struct slice client_id;
	struct slice name; /* unique in its partition */
	enum platform platform;
	bool enabled;
	struct slice redirect_urls;             /* list */
	struct slice post_logout_redirect_urls; /* list */
	struct slice backchannel_logout_url;    /* empty: none */
	struct slice jwks_url;                  /* empty: none */
	struct slice jwks;                      /* JSON text; empty: none */
	const struct client_secret *secrets;
	size_t secret_count;
	struct slice permissions; /* list of names without the prefix; reserved admin names may stand here too */
	unsigned grants;          /* enum optional_grant, or-ed */
	int64_t access_token_seconds;
	bool refresh_tokens;
	int64_t refresh_idle_seconds;
	int64_t refresh_max_seconds;
	enum consent consent;
	enum signing_algorithm id_token_algorithm; /* of its logout tokens too */
	int64_t valid_from_ms; /* as for a person */
	int64_t version;
};

enum key_state { KEY_NEXT = 1, KEY_ACTIVE = 2, KEY_RETIRED = 3 };

struct signing_key {
	struct slice kid;
	enum signing_algorithm algorithm;
	enum key_state state;
	struct slice wrapped;    /* private key, encrypted under the master key (jose/master_key.h) */
	struct slice public_jwk; /* JSON, as published */
	int64_t created_at;      /* s */
	int64_t published_until; /* s; 0 while not retired; swept afterwards */
};

/* An audit event: who, what, on whom, from where, with which result. No secret ever in it. */
struct audit_event {
	int64_t at_ms;
	struct slice partition;  /* empty: none known */
	struct slice request_id; /* empty for commands */
	struct slice action;     /* "token.refused", "client_application.changed", … */
	struct slice result;     /* "ok", or the error slug */
	struct slice actor;      /* client id, person id or "command line" */
	struct slice object;     /* what it was done to */
	struct slice address;    /* of the peer */
	struct slice detail;     /* a sentence or a JSON object */
};

#endif
