/* What the verbs of grants.h share: the row of a grant, and how grants end. Included only by the sqlite_*.c files. */
#ifndef WRIT_STORE_SQLITE_GRANTS_H
#define WRIT_STORE_SQLITE_GRANTS_H

#include "store/grants.h"
#include "store/sqlite_store.h"

/* ?1, ?2 are the realm in every statement of grants. */
#define OF_REALM " partition = ?1 AND kind = ?2"
void bind_realm(sqlite3_stmt *, const struct realm *);

#define GRANT_COLUMNS \
	"gid, client_id, person_id, sid, scope, echoed, nonce, claims_id_token, claims_userinfo, auth_time, granted_ms, offline"
void grant_from_row(struct row *, struct grant_record *ret);

#define SESSION_COLUMNS "sid, person_id, auth_time, created_at, last_used_at, expires_at, user_agent, address"
void session_from_row(struct row *, struct session *ret);

/* The code of a grant, and when its tokens are over. */
struct grant_code {
	const struct hash32 *hash;
	int64_t expires_at;
	int64_t used_at;               /* 0: not yet */
	struct slice challenge;        /* ptr NULL: none */
	struct slice redirect_uri;
	int64_t tokens_until, forget_at;
};
/* Inside a job. */
MUST_CHECK enum result grant_insert(struct connection *, const struct realm *, const struct grant_record *, const struct grant_code *);

#define TOKENS_LATER_S 60 /* an access token is made after its grant was begun or its code used, and lives a little longer than it would have */

/* A text that outlives the statement it came from. */
struct kept_text {
	unsigned char len;
	char text[LIMIT_ID];
};
_Static_assert(LIMIT_ID <= 255, "the length of a kept text is one byte");
/* False when it is no id of ours: empty or too long. */
bool kept_text_set(struct kept_text *, struct slice);
static inline struct slice kept_text_slice(const struct kept_text *kept)
{
	return (struct slice) { kept->text, kept->len };
}

/* Noted at most so often, of sessions and consents. */
#define USE_NOTED_EVERY_S 60

/* A durable write with its audit event (sqlite_audited.c): in the same transaction, and only when the job was good. event: NULL: none. */
MUST_CHECK enum result write_audited(struct store *, write_run *, void *argument, const struct audit_event *event);

/* ---- consents, inside the job of a code (sqlite_consents.c) ---- */

/* Adds the names to what this person allowed this application. */
MUST_CHECK enum result consent_remember(struct connection *, const struct realm *, const struct grant_record *, struct slice allowed,
                                        int64_t now_s);
/* RESULT_NOT_FOUND: the person allows this application nothing. */
MUST_CHECK enum result consent_judge(struct connection *, const struct realm *, const struct grant_record *);
/* A remembered consent was used once more. */
MUST_CHECK enum result consent_use(struct connection *, const struct realm *, const struct grant_record *, int64_t now_s);

/* ---- families, inside the job of a redemption (sqlite_refresh.c) ---- */

/* The grant's family, with its first token. */
MUST_CHECK enum result family_begin(struct connection *, int64_t grant_number, const struct code_redemption *);

/* ---- ending grants (sqlite_grant_end.c) ---- */

#define GRANTS_ENDED_AT_ONCE 64 /* in one job: others do not wait for more, and memory is told from a bounded list */

enum grant_choice {
	GRANTS_OF_SESSION,     /* key: the sid; those with offline_access stay */
	GRANTS_OF_SESSIONS,    /* of all sessions that the person has or had */
	GRANTS_TO_APPLICATION, /* key: the client id */
};

struct grant_ending {
	enum grant_choice choice;
	const struct realm *realm;
	struct slice person_id, key;
	int64_t until; /* their gids are revoked until then */
	size_t count;  /* ended by the last job */
	struct kept_text gids[GRANTS_ENDED_AT_ONCE];
};

/* Inside a job: ends the chosen ones, at most GRANTS_ENDED_AT_ONCE. */
MUST_CHECK enum result grants_end(struct connection *, struct grant_ending *);
/* After the job is on disk: tells the memory of this process, and ends the rest in jobs of their own. Whoever repeats the
 * verb after a failure ends what is left. */
MUST_CHECK enum result grants_end_finish(struct store *, struct grant_ending *);

/* Inside a job: ends this one; revocations_add is due after the commit. Doing it twice is fine. */
MUST_CHECK enum result grant_end_one(struct connection *, const struct realm *, struct slice gid, int64_t until);

#endif
