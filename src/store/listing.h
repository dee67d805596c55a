/* Lists of the directory and of what sign-ins left behind, page by page, for the Admin API (store.h says how verbs behave).
 *
 * Every page is read by an index: its cost grows with limit, not with what there is nor with how far the page is from the first. The
 * order is that of the key named below and never changes for an object, so that nothing is shown twice or left out while others are
 * added. Reads see the last commit of any process. */
#ifndef WRIT_STORE_LISTING_H
#define WRIT_STORE_LISTING_H

#include "store/grants.h"

/* Which page. Filters that are empty (ptr NULL or len 0) or -1 let everything through. */
struct page_wish {
	struct slice after; /* the key of the last object of the page before, as the visitor gave it; empty: the first page */
	size_t limit;       /* 1..LIMIT_PAGE; at most so many objects are visited */
	struct slice search; /* a prefix, without regard to ASCII case; of what: see the verb */
};

/* ret_more: there are objects behind the last one visited.
 *
 * A visitor that answers RESULT_TOO_LARGE has taken its object and wants no more: the page ends there with that result, ret_last is the key
 * of that object, and ret_more true. Anything else but RESULT_OK ends the listing with that result, and nothing is returned beside it. */

/* By id. */
MUST_CHECK enum result store_partitions_page(struct store *, const struct page_wish *, store_visit_partition *, void *context, bool *ret_more);
/* By name; search: name. */
MUST_CHECK enum result store_departments_page(struct store *, const struct partition_id *, const struct page_wish *, store_visit_department *,
                                              void *context, bool *ret_more);
/* By name; search: name. kind: 0 all. */
MUST_CHECK enum result store_permissions_page(struct store *, const struct partition_id *, const struct page_wish *, int kind,
                                              store_visit_permission *, void *context, bool *ret_more);

/* How many objects refer to this one, counted up to most: people in a department; client applications that have a permission, and the
 * partition where anonymous customers may ask for it. Nothing refers to objects of other kinds by their name: 0. */
MUST_CHECK enum result store_references_count(struct store *, const struct partition_id *, enum object_kind, struct slice key, size_t most,
                                              size_t *ret);

/* By id. search: id, username or e-mail begins with it (each person once). With a search or a filter that leaves few, the page still costs no
 * more than a bounded number of rows: what is behind LIMIT_PAGE_ROWS_LOOKED_AT rows that did not fit is left to the next page, which is why a
 * page may have fewer objects than limit, or none, and yet more. ret_last: the key to go on behind, in the arena. */
struct people_wish {
	struct page_wish page;
	struct slice department;
	int enabled; /* -1, 0, 1 */
	struct slice role;
};
MUST_CHECK enum result store_people_page(struct store *, const struct partition_id *, enum person_kind, const struct people_wish *,
                                         store_visit_person *, void *context, struct arena *, struct slice *ret_last, bool *ret_more);

/* By name. search: the name or client id begins with it. The same bound. */
struct applications_wish {
	struct page_wish page;
	int platform; /* 0 all */
	int enabled;
	struct slice permission; /* those that have it */
};
MUST_CHECK enum result store_applications_page(struct store *, const struct partition_id *, const struct applications_wish *,
                                               store_visit_application *, void *context, struct arena *, struct slice *ret_last, bool *ret_more);

/* By name, without operations. */
MUST_CHECK enum result store_apis_page(struct store *, const struct partition_id *, const struct page_wish *, store_visit_api *, void *context,
                                       bool *ret_more);
/* By path (without regard to ASCII case, then with it), then method; after: "PATH METHOD"; search: the path. api: empty for all.
 * scope: only those that an alternative with it opens. */
typedef enum result store_visit_operation(void *context, struct slice api, const struct api_operation *);
MUST_CHECK enum result store_operations_page(struct store *, const struct partition_id *, struct slice api, struct slice scope,
                                             const struct page_wish *, store_visit_operation *, void *context, struct arena *,
                                             struct slice *ret_last, bool *ret_more);
/* By registration id. */
MUST_CHECK enum result store_providers_page(struct store *, const struct partition_id *, const struct page_wish *, store_visit_provider *,
                                            void *context, bool *ret_more);

/* Live sessions, by sid; of one person, or of all (person_id empty). Bounded as people are, for there may be many that are over. */
MUST_CHECK enum result store_sessions_page(struct store *, const struct realm *, struct slice person_id, const struct page_wish *, int64_t now_s,
                                           int64_t idle_s, store_visit_session *, void *context, struct arena *, struct slice *ret_last,
                                           bool *ret_more);
/* RESULT_NOT_FOUND. */
MUST_CHECK enum result store_session_by_sid(struct store *, const struct realm *, struct slice sid, struct arena *, struct session *ret);

/* Live grants (not ended, and something of them may still be used), by gid (a UUID of version 7: by time). */
struct listed_grant {
	struct grant_record grant; /* without nonce and claims */
	bool refreshable;          /* it has a family of refresh tokens that lives */
	int64_t last_used_at;      /* s; 0: not known */
	int64_t expires_at;        /* s: when nothing of it can be used any more */
};
typedef enum result store_visit_grant(void *context, const struct listed_grant *);
MUST_CHECK enum result store_grants_page(struct store *, const struct realm *, struct slice person_id, struct slice client_id,
                                         const struct page_wish *, int64_t now_s, store_visit_grant *, void *context, struct arena *,
                                         struct slice *ret_last, bool *ret_more);

/* ---- audit events ------------------------------------------------------------------------------------------------------ */

struct stored_event {
	int64_t number; /* grows with time; the event's id */
	struct audit_event event;
};
typedef enum result store_visit_event(void *context, const struct stored_event *);
/* Newest first. Each filter is exact; from_ms <= at < to_ms, 0: open. At most LIMIT_PAGE_ROWS_LOOKED_AT rows are looked at; ret_last is where to
 * go on (as `before`), 0 when there is no more. partition: NULL: all, and those without one;
 * else those since that partition was made, and not those of another that had its id before. */
struct events_wish {
	const struct partition_id *partition;
	int64_t before; /* a number; 0: from the newest */
	int64_t from_ms, to_ms;
	struct slice action; /* "token.refused"; one that ends in "." stands for all that begin with it */
	struct slice result, actor, object, request_id;
	size_t limit;
};
MUST_CHECK enum result store_events_page(struct store *, const struct events_wish *, store_visit_event *, void *context, int64_t *ret_last);

/* ---- ending, with its audit event in the same transaction ---------------------------------------------------------------- */

/* As store_session_end, store_grant_end and store_consent_withdraw (grants.h), with the event. Durable. */
MUST_CHECK enum result store_session_end_audited(struct store *, const struct realm *, struct slice person_id, struct slice sid, int64_t until,
                                                 const struct audit_event *);
MUST_CHECK enum result store_person_sessions_end(struct store *, const struct realm *, struct slice person_id, int64_t until,
                                                 const struct audit_event *);
/* RESULT_NOT_FOUND: no live grant of that gid in this realm. */
MUST_CHECK enum result store_grant_end_audited(struct store *, const struct realm *, struct slice gid, int64_t until, const struct audit_event *);
MUST_CHECK enum result store_consent_withdraw_audited(struct store *, const struct realm *, struct slice person_id, struct slice client_id,
                                                      int64_t until, const struct audit_event *);
/* store_keys_rotate with the event. */
MUST_CHECK enum result store_keys_rotate_audited(struct store *, const struct partition_id *, const struct signing_key *fresh,
                                                 struct slice expected_next_kid, int64_t retired_until, const struct audit_event *);

#endif
