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
/* The names of enums, as documents and replies have them (those of algorithms: jose/key.h). */
const char *person_kind_name(enum person_kind); /* "user", "customer" */

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
const char *permission_kind_name(enum permission_kind); /* "on_behalf_of" */

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
const char *platform_name(enum platform); /* "web", "spa" */
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

/* What a provider's claim is compared with. */
enum provider_match { MATCH_USERNAME = 1, MATCH_EMAIL, MATCH_ID };
const char *provider_match_name(enum provider_match); /* "username", "email", "id" */

/* Somebody outside whose signed tokens name people of the partition (token exchange, contract §7). */
struct identity_provider {
	struct slice registration_id; /* unique in its partition */
	struct slice issuer;          /* iss of its tokens */
	struct slice audience;        /* aud of those that are meant for us */
	struct slice jwks_url;
	struct slice claim;           /* the claim that names the person */
	enum provider_match matches;
	int64_t version;
};

/* Whom an operation of an API is open to: the actor of a token, and whether a client application acts for the person. */
enum api_actor {
	API_ACTOR_USER = 1,
	API_ACTOR_CUSTOMER,
	API_ACTOR_USER_ON_BEHALF_OF,
	API_ACTOR_CUSTOMER_ON_BEHALF_OF,
	API_ACTOR_ANONYMOUS_CUSTOMER,
	API_ACTOR_CLIENT,
};
#define API_ACTOR_COUNT 6
/* "user_on_behalf_of": as the apply document writes it. Never NULL for an actor of the enum. */
const char *api_actor_name(enum api_actor);
/* False: there is none of that name. */
bool api_actor_find(struct slice name, enum api_actor *ret);
/* Does a client application act for the person? Then a token has the claim act (RFC 8693 §4.1). */
bool api_actor_acted_for(enum api_actor);
/* "user", "customer", "anonymous_customer", "client": the claim actor of tokens (contract §4), which does not say who acts for whom. */
const char *api_actor_claim(enum api_actor);
/* The other way: from the claim, and whether there is an act. False: no such combination (nobody acts for a client or an
 * anonymous customer). */
bool token_actor(struct slice claim, bool on_behalf_of, enum api_actor *ret);
/* The client_id in tokens of anonymous customers, whom no client application asks for (RFC 9068 §2.2 wants one). */
#define ANONYMOUS_CLIENT_ID "anonymous"

/* A path without the names of what varies: "/a/{id}.json" is "/a/{}.json". Two operations of one method and shape are one call.
 * buffer has at least path.len bytes; ret points into it. */
struct slice api_path_shape(struct slice path, char *buffer);

/* One way to be allowed: this actor with all of these scopes. */
struct api_alternative {
	enum api_actor actor;
	struct slice scopes; /* list of names without the partition's prefix; empty: the actor alone; ".default": any application permission */
};

struct api_operation {
	struct slice method; /* "GET" */
	struct slice path;   /* from the root of the host, base path included, normalised (base/path.h), with {name} for what varies */
	struct slice operation_id; /* empty: none */
	struct slice summary;      /* empty: none */
	const struct api_alternative *alternatives; /* any one suffices; none: closed */
	size_t alternative_count;
};

/* A protected API: its operations, and who may call them. */
struct api {
	struct slice name; /* unique in its partition */
	const struct api_operation *operations; /* sorted by path, then method, both by their bytes */
	size_t operation_count;
	struct hash32 digest; /* SHA-256 of all of it: the same digest is the same API */
	int64_t version;
};

enum key_state { KEY_NEXT = 1, KEY_ACTIVE = 2, KEY_RETIRED = 3 };
const char *key_state_name(enum key_state); /* "next", "active", "retired" */

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
