/* The only door to what must survive: domain verbs over a backend (SQLite here; PostgreSQL has the same verbs).
 *
 * - Reads take an arena for what they return, block for local reads only, and may be called from any thread.
 * - Writes marked "durable" block until committed to disk (one fsync may serve many), or until LIMIT_STORE_WAIT_MS
 *   passed (RESULT_BUSY). They are called from worker or command threads, never from an event thread.
 * - Writes marked "queued" return at once and are committed soon, together with others.
 * - Every verb names the partition. RESULT_STORE_DOWN means: refuse, do not guess.
 * - Several processes may use one store at the same time; what one changes, the others learn from the change feed.
 *
 * No SQL and no type of a database library exists outside src/store/. */
#ifndef WRIT_STORE_STORE_H
#define WRIT_STORE_STORE_H

#include "base/arena.h"
#include "base/result.h"
#include "store/model.h"

struct store;

enum store_mode {
	STORE_CREATE,    /* make it where there is none, migrate where it is older */
	STORE_EXISTING,  /* there must be one; migrate where it is older */
	STORE_READ_ONLY, /* there must be one, of this version; nothing is written, no writer thread is started */
};

/* url      "sqlite:PATH". "postgresql://" is refused with a sentence until its backend exists in this build.
 * ret      to be closed with store_close.
 * Returns  RESULT_NOT_FOUND (STORE_EXISTING: no store there), RESULT_INVALID (url; a store of a newer version; not a
 *          writ store), RESULT_FAILED (permissions, disk). problem says in one line what to do. Nothing is changed
 *          on failure. A fresh store holds the partition SYSTEM. Files are made with mode 0600. */
MUST_CHECK enum result store_open(struct slice url, enum store_mode, struct store **ret, struct problem *);

/* Writes what is queued, stops the threads, closes. NULL is fine. */
void store_close(struct store *);

/* Cheap proof that the store answers (a read); for /readyz. */
MUST_CHECK enum result store_ping(struct store *);

/* The path of the file of a "sqlite:" URL, {NULL,0} for other kinds: where the default master key stands beside. */
struct slice store_url_path(struct slice url);

/* ---- master key check and small facts --------------------------------------------------------------------- */

/* A named fact of the store itself ("master_key_check"). RESULT_NOT_FOUND when it was never set. */
MUST_CHECK enum result store_fact_read(struct store *, const char *name, struct arena *, struct slice *ret);
/* Sets it only when absent: RESULT_CONFLICT when somebody was first. Durable. */
MUST_CHECK enum result store_fact_set_once(struct store *, const char *name, struct slice value);

/* ---- directory, point reads (the token path: one statement each) ------------------------------------------ */

MUST_CHECK enum result store_partition_read(struct store *, const struct partition_id *, struct arena *, struct partition *ret);

MUST_CHECK enum result store_client_application_read(struct store *, const struct partition_id *, struct slice client_id,
                                                     struct arena *, struct client_application *ret);

enum person_key { PERSON_BY_ID, PERSON_BY_USERNAME, PERSON_BY_EMAIL };
/* username and e-mail compare without regard to ASCII case. PERSON_BY_EMAIL is for customers (unique there). */
MUST_CHECK enum result store_person_read(struct store *, const struct partition_id *, enum person_kind, enum person_key,
                                         struct slice value, struct arena *, struct person *ret);

/* The one person of that kind whom this names, enabled or not: as store_person_read, but users have an e-mail too, which several may share.
 * RESULT_CONFLICT: it names several. */
MUST_CHECK enum result store_person_sole(struct store *, const struct partition_id *, enum person_kind, enum person_key, struct slice value,
                                         struct arena *, struct person *ret);

/* By unique name, for apply; slices in the arena. */
MUST_CHECK enum result store_application_by_name(struct store *, const struct partition_id *, struct slice name, struct arena *,
                                                 struct client_application *ret);
MUST_CHECK enum result store_department_read(struct store *, const struct partition_id *, struct slice name, struct arena *,
                                             struct department *ret);
/* Name, digest and version; without the operations. */
MUST_CHECK enum result store_api_read(struct store *, const struct partition_id *, struct slice name, struct arena *, struct api *ret);
MUST_CHECK enum result store_permission_read(struct store *, const struct partition_id *, struct slice name, struct arena *,
                                             struct permission *ret);
MUST_CHECK enum result store_provider_read(struct store *, const struct partition_id *, struct slice registration_id, struct arena *,
                                           struct identity_provider *ret);

/* What the token path needs of a person, and nothing more: a hot path, no allocation.
 * id   the person's id, copied into id_buffer (LIMIT_ID bytes). */
struct person_state {
	struct slice id;
	bool enabled;
	int64_t valid_from_ms;
};
MUST_CHECK enum result store_person_state(struct store *, const struct partition_id *, enum person_kind, enum person_key,
                                          struct slice value, char id_buffer[LIMIT_ID], struct person_state *ret);

/* The only partition beside SYSTEM. RESULT_NOT_FOUND: there is none; RESULT_CONFLICT: there are several. */
MUST_CHECK enum result store_partition_sole(struct store *, struct partition_id *ret);
/* The client id of the only enabled SPA client application of the partition that has a redirect address on the web. RESULT_NOT_FOUND,
 * RESULT_CONFLICT as above. Looks at no more than two applications. */
MUST_CHECK enum result store_browser_application_sole(struct store *, const struct partition_id *, struct arena *, struct slice *ret_client_id);

/* Is this web origin ("https://portal.example", as a browser writes it) one that any enabled SPA client application of
 * the partition has a redirect address on? On http://127.0.0.1 and http://[::1] any port counts where
 * the redirect URL was registered without one. */
MUST_CHECK enum result store_origin_known(struct store *, const struct partition_id *, struct slice origin, bool *ret);

/* ---- directory, listings (export, catalogue, doctor): called once per object, in order of id or name ------- */

/* A visitor returns RESULT_OK to go on; anything else stops the listing, which returns it. The objects live until
 * the visitor returns. A listing is one consistent snapshot when it runs inside store_snapshot_begin/_end. */
typedef enum result store_visit_partition(void *context, const struct partition *);
typedef enum result store_visit_department(void *context, const struct department *);
typedef enum result store_visit_permission(void *context, const struct permission *);
typedef enum result store_visit_person(void *context, const struct person *);
typedef enum result store_visit_application(void *context, const struct client_application *);
typedef enum result store_visit_api(void *context, const struct api *);
typedef enum result store_visit_provider(void *context, const struct identity_provider *);

MUST_CHECK enum result store_partitions_each(struct store *, store_visit_partition *, void *context);
MUST_CHECK enum result store_departments_each(struct store *, const struct partition_id *, store_visit_department *, void *context);
MUST_CHECK enum result store_permissions_each(struct store *, const struct partition_id *, store_visit_permission *, void *context);
MUST_CHECK enum result store_people_each(struct store *, const struct partition_id *, enum person_kind, store_visit_person *, void *context);
MUST_CHECK enum result store_applications_each(struct store *, const struct partition_id *, store_visit_application *, void *context);
MUST_CHECK enum result store_providers_each(struct store *, const struct partition_id *, store_visit_provider *, void *context);
/* The APIs of a partition with all their operations: what a catalogue is compiled from. Long ones take a while: not for event threads. */
MUST_CHECK enum result store_apis_each(struct store *, const struct partition_id *, store_visit_api *, void *context);

/* Until store_snapshot_end, all reads of the calling thread see the store as it is now. Commands only. */
MUST_CHECK enum result store_snapshot_begin(struct store *);
void store_snapshot_end(struct store *);

/* True when the store holds nothing but what a fresh one holds. */
MUST_CHECK enum result store_is_empty(struct store *, bool *ret);

/* ---- directory, changing: a batch is staged beside the store, then made true in one transaction ------------ */

/* The changes are collected in temporary storage on disk (bounded memory for any number), without any lock on the
 * store; store_batch_commit holds the write lock only for the final copy. One batch a thread at a time.
 *
 * A staged object is whole: the caller has read the present one and laid the new values over it. Its version is the
 * one that was read (0: it did not exist); the commit is refused with RESULT_CONFLICT, changing nothing, when a
 * staged object has meanwhile another version, and when a unique name is taken. */
struct store_batch;

MUST_CHECK enum result store_batch_begin(struct store *, struct store_batch **ret, struct problem *);
void store_batch_abandon(struct store_batch *); /* NULL is fine */

MUST_CHECK enum result store_batch_partition(struct store_batch *, const struct partition *);
MUST_CHECK enum result store_batch_department(struct store_batch *, const struct partition_id *, const struct department *);
MUST_CHECK enum result store_batch_permission(struct store_batch *, const struct partition_id *, const struct permission *);
MUST_CHECK enum result store_batch_person(struct store_batch *, const struct partition_id *, const struct person *);
MUST_CHECK enum result store_batch_application(struct store_batch *, const struct partition_id *, const struct client_application *);
MUST_CHECK enum result store_batch_provider(struct store_batch *, const struct partition_id *, const struct identity_provider *);
/* Whole, with all its operations: they replace those that there were. */
MUST_CHECK enum result store_batch_api(struct store_batch *, const struct partition_id *, const struct api *);
/* Is each call an operation of one API alone once the batch is true, and are the APIs of no partition more together than
 * LIMIT_PARTITION_OPERATIONS and LIMIT_PARTITION_APIS_SIZE? RESULT_CONFLICT: problem says what is wrong. The commit asks too. After
 * store_batch_prune, where there is one. */
MUST_CHECK enum result store_batch_apis_judge(struct store_batch *, struct problem *);
/* A staged object with no difference: it is only noted as mentioned, so that pruning spares it. */
enum object_kind {
	OBJECT_PARTITION = 1,
	OBJECT_DEPARTMENT,
	OBJECT_PERMISSION,
	OBJECT_USER,
	OBJECT_CUSTOMER,
	OBJECT_APPLICATION,
	OBJECT_API,
	OBJECT_PROVIDER,
};
MUST_CHECK enum result store_batch_mention(struct store_batch *, const struct partition_id *, enum object_kind, struct slice key);
/* A new signing key of a partition. */
MUST_CHECK enum result store_batch_key(struct store_batch *, const struct partition_id *, const struct signing_key *);
/* Was an object of this kind with this key (id, client id, name) staged or mentioned before in this batch?
 * And one with this unique name (folded username or e-mail, application name) under another key? */
MUST_CHECK enum result store_batch_has(struct store_batch *, const struct partition_id *, enum object_kind, struct slice key, bool *ret);
MUST_CHECK enum result store_batch_name_taken(struct store_batch *, const struct partition_id *, enum object_kind, struct slice name,
                                              struct slice key, bool *ret);
/* At the commit the object is still to be there, and of this version: RESULT_CONFLICT else. 0: any, and one that the batch makes will do. */
MUST_CHECK enum result store_batch_rely(struct store_batch *, const struct partition_id *, enum object_kind, struct slice key, int64_t version);
/* The staged permission catalogue entry or the store's: does the name exist once the batch is true?
 * (Without pruning; with pruning only staged and mentioned ones count.) The batch then relies on the permission. */
MUST_CHECK enum result store_batch_permission_exists(struct store_batch *, const struct partition_id *, struct slice name, bool prune, bool *ret);
MUST_CHECK enum result store_batch_department_exists(struct store_batch *, const struct partition_id *, struct slice name, bool prune, bool *ret);

/* Keys are: partition -> id, department, permission and API -> name, user and customer -> id, application -> client_id, identity
 * provider -> registration_id (in mention, has, prune alike). Names given to name_taken are unfolded. The commit deletes what
 * is pruned before it inserts, so that a pruned name is free again. Staged valid_from_ms and last_used_at are ignored: the
 * store keeps its own. SYSTEM itself is never pruned, its objects are when it was mentioned. */
/* With prune: visits what the commit will delete: the objects of every staged or mentioned partition (and the
 * partitions themselves, SYSTEM excepted) that were neither staged nor mentioned. visit may be NULL. */
typedef enum result store_visit_pruned(void *context, const struct partition_id *, enum object_kind, struct slice key, struct slice name);
MUST_CHECK enum result store_batch_prune(struct store_batch *, store_visit_pruned *, void *context);

/* The commit deletes this object with all that was its own, as pruning does. version: as it was read, else RESULT_CONFLICT at the commit; 0: any.
 * A department that people are in at the commit, or a permission that client applications have then (store/listing.h:
 * store_references_count), is not deleted: RESULT_CONFLICT. Not together with store_batch_prune. RESULT_NOT_FOUND: there is none;
 * RESULT_INVALID: the partition SYSTEM. */
MUST_CHECK enum result store_batch_delete(struct store_batch *, const struct partition_id *, enum object_kind, struct slice key,
                                          int64_t version);

/* Makes all of it true at once, with change rows for the feed, valid_from_ms moved for what was disabled, enabled or
 * deleted-and-made-anew, and the audit event given (NULL: none). Frees the batch whatever the result. Durable.
 * Returns RESULT_CONFLICT (see above; problem names the object), RESULT_BUSY, RESULT_STORE_DOWN. */
MUST_CHECK enum result store_batch_commit(struct store_batch *, const struct audit_event *, struct problem *);

/* ---- signing keys ------------------------------------------------------------------------------------------- */

typedef enum result store_visit_key(void *context, const struct signing_key *);
/* All keys of a partition that are not yet past published_until, newest first. */
MUST_CHECK enum result store_keys_each(struct store *, const struct partition_id *, store_visit_key *, void *context);
/* Adds the first keys of a partition that has none: RESULT_CONFLICT when another process was first. Durable. */
MUST_CHECK enum result store_keys_add_first(struct store *, const struct partition_id *, const struct signing_key *, size_t count);
/* next -> active, active -> retired (published until retired_until, s), fresh -> next; of fresh->algorithm, in one
 * transaction. RESULT_CONFLICT when expected_next_kid is no longer the next one. Durable. */
MUST_CHECK enum result store_keys_rotate(struct store *, const struct partition_id *, const struct signing_key *fresh,
                                         struct slice expected_next_kid, int64_t retired_until);

/* ---- revocations ------------------------------------------------------------------------------------------- */

enum revocation_kind { REVOKED_TOKEN = 1 /* a jti */, REVOKED_GRANT = 2 /* a gid */ };
/* expires_at   s; when the last token that it covers has expired.
 * Durable; doing it twice is fine. */
MUST_CHECK enum result store_revoke(struct store *, const struct partition_id *, enum revocation_kind, struct slice id, int64_t expires_at);
/* Answered from memory (kept current by the change feed). Any thread, does not block. */
bool store_is_revoked(struct store *, const struct partition_id *, enum revocation_kind, struct slice id);

/* ---- client assertions (RFC 7523) ---------------------------------------------------------------------------- */

/* Uses the jti of an assertion that this client application proved: once among any number of threads and processes, however
 * often they are restarted. Remembered until expires_at (s). Durable.
 * RESULT_REPLAYED: it was used before. RESULT_INVALID: no jti of 1 to LIMIT_JTI_SIZE bytes. */
MUST_CHECK enum result store_assertion_use(struct store *, const struct partition_id *, struct slice client_id, struct slice jti,
                                           int64_t expires_at);

/* ---- audit and use ------------------------------------------------------------------------------------------ */

/* Queued; the caller's slices are copied. RESULT_BUSY when LIMIT_AUDIT_QUEUE are waiting (it is then counted, and a
 * row says so once there is room). */
MUST_CHECK enum result store_audit(struct store *, const struct audit_event *);
typedef enum result store_visit_audit(void *context, const struct audit_event *);
/* Newest first, at most most. */
MUST_CHECK enum result store_audit_each(struct store *, size_t most, store_visit_audit *, void *context);
/* For how long audit events are kept, and how many refusals (which anybody can cause, unlike what was done, whose
 * result is "ok"); enforced by the sweeper. */
void store_audit_retention(struct store *, int64_t rows, int64_t seconds);

/* Notes that a secret was used now. In memory; folded into the store once a minute and at close. Any thread. */
void store_secret_used(struct store *, const struct partition_id *, struct slice client_id, struct slice label, int64_t at_s);

/* ---- change feed -------------------------------------------------------------------------------------------- */

enum change_kind { CHANGE_PARTITION = 1, CHANGE_PERMISSION, CHANGE_PERSON, CHANGE_APPLICATION, CHANGE_KEY, CHANGE_REVOCATION, CHANGE_API };
struct store_change {
	struct slice partition; /* empty (then id too): any, for rows of the feed were missed */
	enum change_kind kind;  /* CHANGE_PARTITION: its departments and identity providers too; id is the partition's */
	struct slice id;        /* empty: any of that kind in the partition */
};
typedef void store_changed(void *context, const struct store_change *);

/* Starts the watcher: every 10 ms it looks whether any process (this one too) changed the store, and calls back for
 * each new change row, from one thread at a time. One watcher a store. Also starts the sweeper.
 * The callback may read the store, but may neither write nor catch up; it is over before store_close returns. */
MUST_CHECK enum result store_watch(struct store *, store_changed *, void *context);
/* For a request thread: when the watcher is late (a loaded machine), looks itself, so that no answer is given on
 * what was known more than 15 ms ago. Nearly free when the watcher is on time. RESULT_STORE_DOWN: what was changed
 * since cannot be known, so nothing cached may be used. */
MUST_CHECK enum result store_watch_catch_up(struct store *);
/* Looks now: behind it, this process knows whatever was committed before. For who has just changed something and is about to say so. Blocks for
 * local reads and the callback. */
MUST_CHECK enum result store_watch_look(struct store *);

/* ---- operations --------------------------------------------------------------------------------------------- */

/* A consistent copy into a new file (0600), while others go on. RESULT_CONFLICT when path exists. */
MUST_CHECK enum result store_backup(struct store *, const char *path, struct problem *);
/* Makes the store at url from a backup; url must not hold a store, or only an empty one. */
MUST_CHECK enum result store_restore(struct slice url, const char *path, struct problem *);
/* Reads everything once and says whether the store is whole. Slow. */
MUST_CHECK enum result store_check(struct store *, struct problem *);

/* Numbers for /metrics and bench; all counted since open. */
struct store_numbers {
	int64_t commits;       /* transactions committed, one fsync each */
	int64_t writes;        /* jobs inside them */
	int64_t write_queue;   /* waiting now */
	int64_t audit_dropped; /* audit events that found the queue full */
	int64_t swept;         /* rows deleted by the sweeper */
	int64_t revocations;   /* in memory now */
};
void store_numbers(struct store *, struct store_numbers *ret);

#endif
