/* The protocol's composition and its unit of work.
 *
 * struct oauth is what every endpoint needs and nobody changes while requests run; struct oauth_call is one request on
 * its way from realm to reply. Endpoints read top to bottom: begin the call, parse once, authenticate the client
 * application, run the rules, write the reply. */
#ifndef WRIT_OAUTH_OAUTH_H
#define WRIT_OAUTH_OAUTH_H

#include "base/writer.h"
#include "directory/directory.h"
#include "http/http.h"
#include "oauth/refusal.h"
#include "oauth/refusal_detail.h"
#include "oauth/statistics.h"
#include "signin/sign_in.h"

#include <stdatomic.h>

/* How a token comes about: the columns of contract §3's table. */
enum flow { FLOW_PERSON, FLOW_TOKEN_EXCHANGE, FLOW_CLIENT_CREDENTIALS, FLOW_ON_BEHALF_OF, FLOW_ANONYMOUS, FLOW_COUNT };

/* Whose server this is where an address names no partition (oauth/deployment.h). */
struct deployment {
	struct slice partition; /* empty: the only one there is beside SYSTEM */
	struct slice client_id; /* of that partition; empty: its only single page application with a web address */
	struct slice domain;    /* host and port of its web pages */
};

struct oauth {
	struct directory *directory;
	struct failure_limits *failures;
	struct key_sets *key_sets;    /* of client applications that have a jwks_url (oauth/key_sets.h) */
	struct sign_in sign_in;       /* how people are known by their password */
	struct secret32 attempt_key;  /* signin/attempt.h */
	int64_t session_idle_s, session_max_s;
	bool https;            /* auth_url's scheme: what cookies are like */
	struct slice auth_url; /* without a slash at the end */
	struct slice api_url;
	struct deployment deployment;
	/* Hashes of the demo's secrets when they are refused here (a listener that is not loopback). */
	const struct hash32 *refused_secrets;
	size_t refused_secret_count;
	struct statistics *statistics; /* by partition and application; NULL: not counted */
	/* counted for /metrics */
	_Atomic int64_t tokens_issued[FLOW_COUNT];
	_Atomic int64_t sign_ins;
	_Atomic int64_t refused[REFUSAL_COUNT];
};

struct oauth_call {
	struct oauth *oauth;
	struct http_request *request;
	struct http_reply *reply;
	struct arena *arena; /* the request's */
	struct realm realm;
	const struct tenant *tenant;           /* held until oauth_call_end */
	const struct application *application; /* authenticated; NULL before */
	struct slice client_id;                /* as it was presented; for the audit event */
	struct slice known_client_id;          /* of the registered application that did not prove itself; empty: none */
	struct slice proof;                    /* the secret or assertion that was presented; never to be kept */
	enum counted_flow flow;                /* once it is known; for the statistics */
	struct slice subject;                  /* whom the request is about, as asked; for the audit event */
	bool basic_tried;                      /* an Authorization: Basic header came */
	struct slice sentence;                 /* error_description of the refusal to come */
	struct slice audit_detail;             /* what the audit event says instead of the sentence; ptr NULL: the same */
	struct refusal_detail detail;          /* and what an administrator is told beside it */
	int64_t retry_after_s;                 /* for 429 and 503 */
};

/* Finds the realm of the address ({realm} is the route's first segment) and its tenant.
 * REFUSAL_NO_SUCH_REALM, REFUSAL_UNAVAILABLE. oauth_call_end is due in every case. */
MUST_CHECK enum refusal oauth_call_begin(struct oauth *, struct http_request *, struct http_reply *, struct oauth_call *ret);

/* The same where the address names the partition alone; the call's realm is then that of its users. */
MUST_CHECK enum refusal oauth_partition_call_begin(struct oauth *, struct http_request *, struct http_reply *, struct oauth_call *ret);

/* Lets go of what is held; where refusal is not REFUSAL_NONE, writes it as RFC 6749 §5.2 JSON, counts it, and leaves an
 * audit event with the action given ("token.refused"; NULL: none, for what anybody may read). */
void oauth_call_end(struct oauth_call *, enum refusal, const char *action);

/* Sets the sentence and gives back the refusal: return refuse(call, REFUSAL_…, "The scope %.*s …", …);
 * Anything typed by somebody is made safe here. */
MUST_CHECK enum refusal refuse(struct oauth_call *, enum refusal, const char *format, ...) PRINTF_LIKE(3, 4);

static inline struct store *oauth_store(const struct oauth_call *call)
{
	return directory_store(call->oauth->directory);
}
/* REFUSAL_UNAVAILABLE: the store cannot answer now. */
MUST_CHECK enum refusal refuse_store(struct oauth_call *);

/* Is this a secret or password that the demo publishes, on a server that others can reach? */
bool oauth_refuses_secret(const struct oauth *, struct slice secret);

/* The realm's issuer: {auth_url}/system/auth/{partition}-U. In the call's arena. */
struct slice oauth_issuer(const struct oauth_call *, enum person_kind);
/* {auth_url}/admin/v1: the audience of tokens for the Admin API. */
struct slice oauth_admin_audience(const struct oauth_call *);

/* Counts a token that was issued, or a person who signed in. */
void oauth_count(const struct oauth_call *, enum statistic_measure);

/* A JSON reply that must not be cached (RFC 6749 §5.1). */
void oauth_reply_json(struct oauth_call *, unsigned status, const struct writer *);

/* Fills the reply for what http/ refuses by itself, in the same JSON. */
void oauth_refuse_http(struct oauth *, const struct http_request *, unsigned status, const char *slug, const char *sentence,
                       struct http_reply *);
/* The same as a page, where people are. */
void oauth_refuse_http_page(struct oauth *, const struct http_request *, unsigned status, const char *slug, const char *sentence,
                            struct http_reply *);

/* Page instead of JSON: the same table, counted and audited in the same way, for people (authorize/dead_end.c).
 * oauth_call_end(call, REFUSAL_NONE, NULL) is still due. */
void oauth_refuse_page(struct oauth_call *, enum refusal, const char *action);
/* Counts a refusal and leaves its audit event, for replies that are neither: redirects, bearer challenges. */
void oauth_note_refusal(struct oauth_call *, enum refusal, const char *action);

/* The endpoints. Those that block say so; routes.c places them on workers. */
void oauth_token(struct oauth *, struct http_request *, struct http_reply *); /* asks for a worker where the grant or the client's assertion blocks */
/* The same for one grant alone (ptr NULL: for all). */
void oauth_token_only(struct oauth *, struct http_request *, struct http_reply *, struct slice grant_type);
void oauth_anonymous_token(struct oauth *, struct http_request *, struct http_reply *); /* in the realm of customers */
void oauth_userinfo(struct oauth *, struct http_request *, struct http_reply *);
void oauth_authorize(struct oauth *, struct http_request *, struct http_reply *);   /* blocks */
void oauth_sign_in(struct oauth *, struct http_request *, struct http_reply *);     /* blocks */
void oauth_consent(struct oauth *, struct http_request *, struct http_reply *);     /* blocks */
void oauth_account(struct oauth *, struct http_request *, struct http_reply *);     /* blocks */
void oauth_account_do(struct oauth *, struct http_request *, struct http_reply *);  /* blocks; POST {realm}/account/{action} */
void oauth_logout(struct oauth *, struct http_request *, struct http_reply *);      /* blocks */
void oauth_brand_style(struct oauth *, struct http_request *, struct http_reply *);
void oauth_openid_configuration(struct oauth *, struct http_request *, struct http_reply *);
void oauth_introspect(struct oauth *, struct http_request *, struct http_reply *); /* asks for a worker where a client's assertion blocks */
void oauth_revoke(struct oauth *, struct http_request *, struct http_reply *); /* blocks until durable */
void oauth_jwks(struct oauth *, struct http_request *, struct http_reply *);
void oauth_server_metadata(struct oauth *, struct http_request *, struct http_reply *);
void oauth_partition_metadata(struct oauth *, struct http_request *, struct http_reply *);
void oauth_deployment_info(struct oauth *, struct http_request *, struct http_reply *);
void oauth_deployment_metadata(struct oauth *, struct http_request *, struct http_reply *);
void oauth_tenant_metadata(struct oauth *, struct http_request *, struct http_reply *);
void oauth_error_page(struct oauth *, struct http_request *, struct http_reply *);
void oauth_error_index(struct oauth *, struct http_request *, struct http_reply *);

#endif
