/* What sign-ins leave behind, as verbs of the store (store.h says how verbs behave): sessions, consents, authorization
 * codes, refresh tokens.
 *
 * Everything secret-like comes in as a hash of its own kind (base/secret.h: hash32_of_kind "session", "code", "refresh",
 * "refresh-family"). Every verb names the realm. Single use is decided by one statement on the writer, so it holds among
 * any number of threads and processes, and what was acknowledged survives kill -9.
 *
 * A person who is deleted, disabled, enabled again or whose password changes loses sessions, codes and refresh tokens in
 * the transaction that does it (deleted: consents too): triggers of the schema, so that no writer can forget. What belongs
 * to a client application is judged by its valid_from_ms when it is used. Reads here never see an older state
 * than the last commit of any process. */
#ifndef WRIT_STORE_GRANTS_H
#define WRIT_STORE_GRANTS_H

#include "store/store.h"

/* ---- sessions: one browser, signed in at one realm -------------------------------------------------------------- */

struct session {
	struct slice sid;       /* its public name, a UUID: in ID tokens and on the person's own page */
	struct slice person_id;
	int64_t auth_time;      /* s: when the password was last given */
	int64_t created_at;     /* s */
	int64_t last_used_at;   /* s; moved by store_code_issue, at most once a minute */
	int64_t expires_at;     /* s: the absolute end */
	struct slice user_agent, address; /* as they were at the sign-in; for the person to recognise it */
	struct slice password_hash; /* for store_session_start only: the one that was right; ptr NULL: none was asked for */
};

/* Begins a session under this hash. fresh->sid is the name that a new one gets.
 * former   the session that this browser had before; NULL: none. When it has not come to its end and is of the same person, it goes on
 *          under the new hash with its sid, and with fresh's times (somebody signed in again); otherwise it ends, as by
 *          store_session_end. In both cases its old hash is dead.
 * until    s: for how long the access tokens of grants that end with it must be known as revoked.
 * A person keeps at most LIMIT_SESSIONS_PER_PERSON: the one longest unused ends.
 * ret_sid  in the arena. Durable.
 * Returns  RESULT_NOT_FOUND: no such person, or disabled meanwhile; RESULT_CONFLICT: fresh->password_hash is no longer the person's. */
MUST_CHECK enum result store_session_start(struct store *, const struct realm *, const struct hash32 *hash, const struct hash32 *former,
                                           const struct session *fresh, int64_t until, struct arena *, struct slice *ret_sid);

/* RESULT_NOT_FOUND: there is none, or it is over (expires_at, or unused for longer than idle_s). */
MUST_CHECK enum result store_session_read(struct store *, const struct realm *, const struct hash32 *hash, int64_t now_s, int64_t idle_s,
                                          struct arena *, struct session *ret);

/* Ends a session of this person, with the grants that it gave without offline_access: their codes die and their gids are
 * revoked until then. RESULT_NOT_FOUND: no such session of this person. Durable. */
MUST_CHECK enum result store_session_end(struct store *, const struct realm *, struct slice person_id, struct slice sid, int64_t until);

typedef enum result store_visit_session(void *context, const struct session *);
/* The person's live sessions, last used first; at most LIMIT_SESSIONS_PER_PERSON. */
MUST_CHECK enum result store_sessions_each(struct store *, const struct realm *, struct slice person_id, int64_t now_s, int64_t idle_s,
                                           store_visit_session *, void *context);

/* ---- consents: what a person allowed a client application ---------------------------------------------------------- */

/* The names of what was allowed so far (a list); RESULT_NOT_FOUND: nothing. */
MUST_CHECK enum result store_consent_read(struct store *, const struct realm *, struct slice person_id, struct slice client_id, struct arena *,
                                          struct slice *ret_scope);

/* A client application that may act for the person: by a remembered consent, by a refresh token, or both. */
struct connected_application {
	struct slice client_id;
	struct slice scope;   /* list: allowed or granted names, each once */
	int64_t since;        /* s: the first of them */
	int64_t last_used_at; /* s: last code or refresh; 0: not known */
	bool offline;         /* it holds a refresh token */
};
typedef enum result store_visit_connected(void *context, const struct connected_application *);
/* In order of client id; at most LIMIT_CONNECTED_APPLICATIONS. */
MUST_CHECK enum result store_connected_each(struct store *, const struct realm *, struct slice person_id, store_visit_connected *, void *context);

/* Forgets the consent and ends every grant of this person to this application: codes, refresh tokens, and the gids of both
 * are revoked until then. RESULT_NOT_FOUND: there was nothing. Durable. */
MUST_CHECK enum result store_consent_withdraw(struct store *, const struct realm *, struct slice person_id, struct slice client_id, int64_t until);

/* ---- passwords ------------------------------------------------------------------------------------------------------ */

/* The person's own change. Ends all sessions, codes and refresh tokens (as above). audit: written with it.
 * RESULT_CONFLICT: the hash is no longer expected; RESULT_NOT_FOUND. Durable. */
MUST_CHECK enum result store_person_password_set(struct store *, const struct realm *, struct slice person_id, struct slice expected_hash,
                                                 struct slice new_hash, const struct audit_event *audit);

/* ---- authorization codes (RFC 6749 §4.1) ---------------------------------------------------------------------------- */

/* What a person granted: what a code, a refresh token and the tokens that come of them stand for. */
struct grant_record {
	struct slice gid;       /* a UUID of version 7 */
	struct slice client_id;
	struct slice person_id;
	struct slice sid;       /* empty: no session of ours, but a token exchange */
	struct slice scope;     /* list of names without the partition's prefix */
	struct slice echoed;    /* the same as it was asked for, word by word */
	struct slice nonce;     /* ptr NULL: none */
	struct slice claims_id_token, claims_userinfo; /* lists of standard claims asked for by the claims parameter */
	int64_t auth_time;      /* s; 0: not known, of a token exchange */
	int64_t granted_ms;     /* judged against valid_from_ms of person and application */
	bool offline;           /* offline_access: it outlives the session and has refresh tokens */
};

struct code_issue {
	struct grant_record grant;
	struct hash32 code;
	struct slice redirect_uri;   /* as it was sent */
	struct slice code_challenge; /* ptr NULL: none */
	int64_t now_s;
	int64_t expires_at;          /* s */
	struct hash32 session;
	int64_t idle_s;              /* of the session */
	struct slice consent;        /* names to remember as allowed, added to those that are; ptr NULL: nothing */
	bool consent_remembered;     /* nobody was asked, for a consent was remembered: it must still be there */
};
/* Stores a code, and with it the consent and the session's use. RESULT_NOT_FOUND: the session is over; RESULT_CONFLICT: the consent
 * that was remembered has been withdrawn; nothing was stored. Durable. */
MUST_CHECK enum result store_code_issue(struct store *, const struct realm *, const struct code_issue *);

enum code_state { CODE_LIVE = 1, CODE_EXPIRED, CODE_USED };
struct code_read {
	struct grant_record grant;
	enum code_state state;
};
/* What the code stands for, without using it. RESULT_NOT_FOUND: no such code of this application in this realm. */
MUST_CHECK enum result store_code_read(struct store *, const struct realm *, const struct hash32 *code, struct slice client_id, int64_t now_s,
                                       struct arena *, struct code_read *ret);

/* The name of a refresh token: its family's handle and itself, both hashed. */
struct refresh_name {
	struct hash32 family;
	struct hash32 token;
};

struct code_redemption {
	struct hash32 code;
	struct slice client_id;      /* authenticated */
	struct slice redirect_uri;   /* as it was sent; ptr NULL: none */
	struct slice code_challenge; /* made from the code_verifier; ptr NULL: none was sent */
	int64_t now_s;
	int64_t tokens_until;        /* s: when the access token that will come of it expires */
	int64_t revoked_until;       /* s: for how long a revoked gid must be known */
	const struct refresh_name *refresh; /* the first refresh token, for a grant that is offline; NULL: none */
	int64_t refresh_idle_s, refresh_max_s;
};
/* Redeems a code, once among any number of simultaneous uses.
 * RESULT_OK         it was live, of this application and realm, and address and verifier are right; it is used, and its first
 *                   refresh token is stored with it.
 * RESULT_INVALID    the same but address or verifier were wrong (a verifier without a challenge too): it is used up.
 * RESULT_EXPIRED    too late.
 * RESULT_REPLAYED   it was used before. With the right verifier the grant has ended: refresh tokens dead, gid revoked.
 * RESULT_NOT_FOUND  no such code of this application in this realm; nothing was changed.
 * Durable. A used code is remembered as long as tokens of it may live. */
MUST_CHECK enum result store_code_redeem(struct store *, const struct realm *, const struct code_redemption *);

/* ---- grants without a code: token exchange (RFC 8693) ----------------------------------------------------------------- */

struct grant_beginning {
	struct grant_record grant;          /* its sid is empty: nobody signed in at a session of ours */
	int64_t now_s;
	int64_t tokens_until;               /* s: when the access token that will come of it expires */
	const struct refresh_name *refresh; /* as for a code_redemption */
	int64_t refresh_idle_s, refresh_max_s;
};
/* Stores a grant as if a code of it had just been redeemed, so that it is known and can be ended like any other.
 * RESULT_NOT_FOUND: its person is not there, not enabled, or was made or disabled since granted_ms. Durable. */
MUST_CHECK enum result store_grant_begin(struct store *, const struct realm *, const struct grant_beginning *);

/* ---- refresh tokens (RFC 6749 §6, RFC 9700 §4.14) ------------------------------------------------------------------- */

/* A family is the line of refresh tokens of one grant. A token that names a family but is not one of its live ones was used
 * before, however long ago: spent ones need not be kept. */

enum refresh_state {
	REFRESH_LIVE = 1, /* unused, or used within the grace: rotating it will give a token */
	REFRESH_SPENT,    /* rotating it will end the family */
};
struct refresh_read {
	struct grant_record grant;
	enum refresh_state state;
	int64_t created_at;   /* s: of the family */
	int64_t expires_at;   /* s: when it ends if it stays unused */
};
/* RESULT_NOT_FOUND: no live family of that name in this realm (never was, ended, or expired). */
MUST_CHECK enum result store_refresh_read(struct store *, const struct realm *, const struct refresh_name *, int64_t now_ms, struct arena *,
                                          struct refresh_read *ret);

struct refresh_rotation {
	struct refresh_name used;
	struct hash32 successor;
	struct slice client_id;    /* authenticated */
	int64_t now_ms;
	int64_t idle_s;            /* the family's new idle end, never beyond its absolute one */
	int64_t revoked_until;     /* s */
};
/* Uses a refresh token: marks it, and stores its successor.
 * RESULT_OK         it was unused; or first used at most LIMIT_REFRESH_GRACE_MS ago, none of its successors was used yet, and it has
 *                   fewer than LIMIT_REFRESH_SIBLINGS of them.
 * RESULT_TOO_LARGE  all of that but the last; nothing was changed.
 * RESULT_REPLAYED   it was used before and its grace is over: the family has ended, and its gid is revoked.
 * RESULT_NOT_FOUND  no live family of that name and client application in this realm.
 * A family has at most LIMIT_REFRESH_LIVE unused tokens: the oldest goes. Durable. */
MUST_CHECK enum result store_refresh_rotate(struct store *, const struct realm *, const struct refresh_rotation *);

/* ---- grants ----------------------------------------------------------------------------------------------------------- */

/* Ends a grant: its code and refresh tokens are dead, its gid is revoked until then (s). Doing it twice is fine. Durable. */
MUST_CHECK enum result store_grant_end(struct store *, const struct realm *, struct slice gid, int64_t until);

/* The names of claims_userinfo of a grant, in the arena; RESULT_NOT_FOUND: it is not remembered, as no token of it can live. */
MUST_CHECK enum result store_grant_claims(struct store *, const struct realm *, struct slice gid, struct arena *, struct slice *ret);

#endif
