/* The unit of work of the Admin API: one request on its way from token to reply.
 *
 * When a handler runs, all of this is settled: the token is good and may call the operation, the caller still has the right, the
 * partition of the address exists and is the caller's to administer, the key segments of the path are decoded, the parameters are read
 * by the legality table. The handler fills the reply (admin_reply_*) and returns REFUSAL_NONE, or returns admin_refuse(…). */
#ifndef WRIT_ADMIN_ADMIN_CALL_H
#define WRIT_ADMIN_ADMIN_CALL_H

#include "admin/admin.h"
#include "store/listing.h"
#include "store/statistics.h"

#include <jansson.h>

/* Who calls. */
struct admin_caller {
	enum api_actor actor;             /* API_ACTOR_USER or API_ACTOR_CLIENT */
	struct slice id;                  /* the token's sub: person id or client id */
	struct slice name;                /* for people: claim name, username, or the application's name */
	struct slice client_id;           /* the client application that the token was made for */
	struct slice scope;               /* the permissions of the Admin API that the token has and that are still assigned */
	struct partition_id partition;    /* the token's */
	bool system;                      /* administers all partitions */
};

/* Query parameters, typed. Which operation takes which stands in parameters.c; absent: as said. */
struct admin_query {
	size_t limit;             /* 1..LIMIT_PAGE; LIMIT_PAGE_DEFAULT */
	struct slice after;       /* the cursor, decoded; empty: the first page */
	struct slice search;      /* empty */
	struct slice department, role, permission, scope, person_id, client_id, action, result, actor, object, request_id; /* empty */
	int enabled;              /* -1 */
	int platform, kind;       /* 0; enum platform, enum permission_kind */
	int realm;                /* 0; enum person_kind */
	int64_t from_ms, to_ms;   /* 0 */
	int measure, step, by;    /* 0, 0, -1: enum statistic_measure, statistic_step, statistic_by */
	bool add_permissions, dry_run; /* false */
};

#define ADMIN_KEYS 3
#define ADMIN_ERRORS 8

/* One wrong place of a request (RFC 9457 §3, member errors). */
struct admin_error {
	const char *kind;   /* "pointer" or "parameter"; NULL: neither is said */
	struct slice where;
	struct slice detail;
};

struct admin_call {
	struct admin *admin;
	struct oauth_call oauth;         /* realm: the partition of the token, then (before a handler runs) of the address; tenant: the token's */
	struct http_request *request;
	struct http_reply *reply;
	struct arena *arena;             /* the request's: what the reply is made of */
	struct arena *scratch;           /* larger, for what is read from the store and for documents; goes when the handler has returned */
	struct admin_caller caller;
	struct partition_id partition;   /* of the address; the caller's where the address names none */
	struct partition present;        /* that partition as it is, in scratch; only where the address names one */
	const struct catalogue_operation *operation;
	const struct admin_operation *row; /* of operations.c */
	struct slice keys[ADMIN_KEYS];   /* what stands for {…} behind the partition, decoded, in order: id, client_id, label, … */
	size_t key_count;
	struct admin_query query;
	struct admin_error errors[ADMIN_ERRORS]; /* of the refusal to come */
	size_t error_count;
};

/* A handler; may block. */
typedef enum refusal admin_handler(struct admin_call *);

static inline struct store *admin_store(const struct admin_call *call)
{
	return directory_store(call->oauth.oauth->directory);
}

/* The partition of the address as a call of the protocol: its tenant, realm of users, arena scratch. To be ended by oauth_call_end(ret,
 * REFUSAL_NONE, NULL) in every case. REFUSAL_UNAVAILABLE. */
MUST_CHECK enum refusal admin_partition_call(struct admin_call *, struct oauth_call *ret);

/* ---- refusing: admin/problem.c ------------------------------------------------------------------------------------------- */

/* Sets the sentence (detail) and gives back the refusal. Anything typed by somebody is made safe here. */
MUST_CHECK enum refusal admin_refuse(struct admin_call *, enum refusal, const char *format, ...) PRINTF_LIKE(3, 4);
/* The same, and adds an error that names a member of the body. pointer: a JSON pointer (RFC 6901), any bytes; "" is the whole body. */
MUST_CHECK enum refusal admin_refuse_at(struct admin_call *, enum refusal, struct slice pointer, const char *format, ...) PRINTF_LIKE(4, 5);
/* "/name" of a member of the body, as a JSON pointer: the name is cut where it is long. */
struct slice admin_pointer(struct admin_call *, const char *name);
/* The same for a parameter of the address or a header: REFUSAL_ADMIN_PARAMETER. */
MUST_CHECK enum refusal admin_refuse_parameter(struct admin_call *, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);
/* Adds one more wrong place to the refusal to come; beyond ADMIN_ERRORS they are left out. kind: as in struct admin_error. */
void admin_error_add(struct admin_call *, const char *kind, struct slice where, struct slice detail);

/* 404, in the same words for whatever is not there or not the caller's to see. */
MUST_CHECK enum refusal admin_refuse_missing(struct admin_call *);
/* What a verb of the store says: RESULT_NOT_FOUND 404, RESULT_STORE_DOWN, RESULT_BUSY and others 503; RESULT_OK: REFUSAL_NONE. */
MUST_CHECK enum refusal admin_refuse_result(struct admin_call *, enum result);

/* ---- the body: admin/body.c ------------------------------------------------------------------------------------------------ */

/* One JSON object of Content-Type application/json, with patch application/merge-patch+json too. ret is given back with json_decref.
 * REFUSAL_ADMIN_CONTENT_TYPE, REFUSAL_ADMIN_JSON. */
MUST_CHECK enum refusal admin_body_read(struct admin_call *, bool patch, json_t **ret);

/* ---- preconditions: admin/precondition.c ----------------------------------------------------------------------------------- */

/* If-Match. ret_version: the version that the caller read; 0: "*", whatever there is. REFUSAL_ADMIN_UNCONDITIONAL (428) without one;
 * REFUSAL_ADMIN_STALE (412) for one that is no ETag of ours, and so of nothing that there is. */
MUST_CHECK enum refusal admin_if_match(struct admin_call *, int64_t *ret_version);
/* The present version against it: REFUSAL_ADMIN_STALE. version 0 matches everything. */
MUST_CHECK enum refusal admin_version_judge(struct admin_call *, int64_t wanted, int64_t present);
/* Did "If-None-Match: *" come? */
bool admin_if_none_match_any(const struct admin_call *);
bool admin_has_if_match(const struct admin_call *);

/* ---- replies: admin/admin_reply.c -------------------------------------------------------------------------------------------- */

/* JSON; writer may be in scratch. version > 0: with its ETag. */
MUST_CHECK enum refusal admin_reply_json(struct admin_call *, unsigned status, const struct writer *, int64_t version);
/* 201 with Location: the address of the request, and the key (percent-encoded here) behind it. */
MUST_CHECK enum refusal admin_reply_created(struct admin_call *, struct slice key, const struct writer *, int64_t version);
MUST_CHECK enum refusal admin_reply_nothing(struct admin_call *); /* 204 */

/* ---- pages: admin/page.c ------------------------------------------------------------------------------------------------------ */

/* {"items":[…],"next":…}, item by item. */
struct admin_page {
	struct admin_call *call;
	struct writer out;      /* in scratch: a visitor writes one JSON value into it between admin_page_item and admin_page_key */
	size_t count;
	char last[LIMIT_CURSOR]; /* key of the last item */
	size_t last_len;
	bool full;              /* stopped because the page is long enough in bytes: there may be more */
};
void admin_page_begin(struct admin_call *, struct admin_page *);
void admin_page_item(struct admin_page *); /* the comma */
/* The item is whole. RESULT_TOO_LARGE: the visitor gives it back and so stops the listing; admin_page_end knows. */
MUST_CHECK enum result admin_page_key(struct admin_page *, struct slice key);
/* The page as struct page_wish of the query. */
struct page_wish admin_page_wish(const struct admin_call *);
/* result: of the listing. last: where to go on, ptr NULL: the last item's key. more: there are objects behind. */
MUST_CHECK enum refusal admin_page_end(struct admin_page *, enum result, struct slice last, bool more);
/* The writer with {"items":[ … ] closed and next written, but without the last }: for pages with more members. */
void admin_page_close(struct admin_page *, struct slice last, bool more);

/* ---- audit: admin/admin_audit.c ----------------------------------------------------------------------------------------------- */

/* The event of something that was done: who, from where, in which partition, now; result "ok". detail: JSON or a sentence, may be empty. */
struct audit_event admin_event(const struct admin_call *, const char *action, struct slice object, struct slice detail);
/* The detail of such an event as far as {"kind":…,"name":…,"by":…: what else there is to say, and the brace, are the caller's. by: "user" or
 * "client". */
struct writer admin_detail_begin(const struct admin_call *, struct arena *, const char *kind, struct slice name);

#endif
