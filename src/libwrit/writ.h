/* libwrit: may this call be made with this access token? The access decision of a writ server, inside the API itself.
 *
 * Give it the partition's catalogue (what "writ api catalogue" prints) and its published keys (what the jwks address of either realm
 * answers), then ask for each call. It decides by the same code as /gateway/check of the server, without asking anybody: no network, no
 * files, no threads, nothing shared between two guards.
 *
 * What it cannot see, for it is told only by the catalogue and the keys: a token or grant that was revoked, a person or client application that
 * was disabled or deleted, a sign-out; that the partition turned anonymous customers off, or took a permission off their list; that
 * the partition was deleted, or that the server's api_url or auth_url is another now (the catalogue keeps those it was printed with). A server
 * refuses all of these at once. Here such tokens stay good until they expire (3600 s unless configured otherwise), unless
 * somebody feeds writ_token_revoked and writ_grant_revoked. Where that is too long, ask the server: /gateway/check or introspection.
 * It knows keys and catalogue as they were loaded: load the keys every five minutes (keys are published longer than that before they sign), and
 * the catalogue when the APIs change.
 *
 * It decides about a path without dot segments, empty segments and needless escapes: "/open/../orders/7" is "/orders/7", and so is
 * "/orders//%37". An API that routes by the target as it came may take it for another operation than the one that was allowed. So route by
 * the decision's path, or refuse what differs from it.
 *
 * Threads: a guard may be used by any number of threads at once, all functions but writ_close. Loading lets decisions that are under
 * way end on what they began with; those that begin later see the new. Functions that can fail change nothing when they do.
 *
 *     struct writ *guard;
 *     struct writ_problem problem;
 *     if (writ_open(catalogue, catalogue_len, jwks, jwks_len, &guard, &problem) != WRIT_OK)
 *         die(problem.text);
 *     struct writ_decision decision;
 *     struct writ_call call = { .method = "GET", .target = "/orders/7?all=1", .authorization = header };
 *     if (writ_decide(guard, &call, &decision) != WRIT_ALLOWED)
 *         reply(decision.status, decision.www_authenticate, decision.error_description);
 */
#ifndef WRIT_H
#define WRIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WRIT_API __attribute__((visibility("default")))
#else
#define WRIT_API
#endif

struct writ;

enum writ_result {
	WRIT_OK = 0,
	WRIT_INVALID,   /* the text is not what it should be; the problem says what is wrong with it */
	WRIT_TOO_LARGE, /* a bound was reached; the problem says which */
	WRIT_NO_MEMORY
};

/* One sentence for the log: what was wrong, what to do. */
struct writ_problem {
	char text[640];
};

/* ---- guards --------------------------------------------------------------------------------------------------- */

/* catalogue   JSON text as "writ api catalogue" prints it (docs/protocol/catalogue.md), at most 64 MiB.
 * jwks        the partition's key set (RFC 7517) as JSON text. ES256 keys on P-256 and RS256 keys of 2048 to 4096 bits count, whose use
 *             is absent or "sig"; others are skipped. At least one must count.
 * ret         to be closed with writ_close; untouched unless WRIT_OK.
 * problem     may be NULL. The texts are not needed afterwards. */
WRIT_API enum writ_result writ_open(const char *catalogue, size_t catalogue_len, const char *jwks, size_t jwks_len, struct writ **ret,
                                    struct writ_problem *problem);

/* Once nobody uses it any more. NULL is fine. */
WRIT_API void writ_close(struct writ *);

/* A newer catalogue, newer keys. What was remembered of tokens is forgotten. If they cannot be loaded, the old ones stay. */
WRIT_API enum writ_result writ_load_catalogue(struct writ *, const char *catalogue, size_t len, struct writ_problem *problem);
WRIT_API enum writ_result writ_load_keys(struct writ *, const char *jwks, size_t len, struct writ_problem *problem);

/* ---- the feed of revocations, for those who have one ------------------------------------------------------------ */

/* From now on no token with this jti (or of this grant: gid) is good. until: seconds since the epoch; when the last token that it
 * covers has expired. Doing it twice is fine. WRIT_INVALID: no id of 1 to 128 bytes; WRIT_TOO_LARGE: a million are known that have not
 * expired: this one is not, so take it as a reason to ask the server instead. */
WRIT_API enum writ_result writ_token_revoked(struct writ *, const char *jti, int64_t until);
WRIT_API enum writ_result writ_grant_revoked(struct writ *, const char *gid, int64_t until);

/* ---- decisions ------------------------------------------------------------------------------------------------- */

enum writ_verdict {
	WRIT_ALLOWED = 0,
	WRIT_BAD_ADDRESS,   /* the path is malformed, or different servers could read it in different ways */
	WRIT_NO_TOKEN,      /* no Authorization, or of another scheme than Bearer */
	WRIT_BAD_TOKEN,     /* malformed, expired, revoked, of another issuer, audience, key, type, algorithm or partition */
	WRIT_NOT_LISTED,    /* no API lists such an operation, and what is not listed is closed */
	WRIT_CLOSED,        /* the operation is listed, but open to nobody */
	WRIT_WRONG_ACTOR,   /* it does not take tokens of this kind: error_description names the flows that give the right ones */
	WRIT_SCOPE_MISSING, /* it takes such tokens, with more scopes: required_scope */
	WRIT_UNDECIDED      /* the clock cannot be right, or memory is out */
};

struct writ_call {
	const char *method;        /* "GET"; HEAD is judged as GET unless it is listed */
	const char *target;        /* as it stands in the request line: path, not decoded, and query; the query is not looked at */
	const char *authorization; /* the value of the one Authorization header ("Bearer …"); NULL: there is none. Two are a bad request */
};

#define WRIT_TEXT_SIZE 40960

/* Texts point into text (so a copy of the struct still needs the first one), or are constants. None holds a NUL; those
 * under "to answer" are printable ASCII and may stand in a header. */
struct writ_decision {
	enum writ_verdict verdict;

	/* to answer, where it is not allowed */
	int status;                    /* 200 where it is; 400, 401, 403, 503 */
	const char *error;             /* RFC 6750: "invalid_token", "insufficient_scope", …; "" for WRIT_ALLOWED and WRIT_NO_TOKEN */
	const char *error_description; /* a sentence without '"' and '\'; "" for WRIT_ALLOWED */
	const char *www_authenticate;  /* the value of that header; NULL: none is due */
	const char *required_scope;    /* WRIT_SCOPE_MISSING: all of these would do; else NULL */

	/* what the token says; all NULL unless it is good. UTF-8 that the issuer chose: escape it where it goes on */
	const char *partition;
	const char *actor;         /* "user", "customer", "anonymous_customer", "client" */
	const char *subject;       /* the person; for "client" the client application */
	const char *client_id;     /* the client application that asked for the token */
	const char *scope;         /* what was granted, separated by spaces */
	const char *acting_client; /* acts on behalf of the subject; NULL: nobody does */
	const char *token_id;      /* jti */
	const char *grant_id;      /* gid */
	int64_t expires_at;        /* seconds since the epoch */

	/* the path that was decided about: what to route by. Normalised, without query; NULL: WRIT_BAD_ADDRESS */
	const char *path;

	/* which operation it is; NULL where there is none, or it was not looked for */
	const char *api;
	const char *operation_id; /* "" when the document names none */
	const char *operation;    /* "GET /orders/{id}" */

	char text[WRIT_TEXT_SIZE];
};

/* Decides in this order: address, token, operation, actor, scope. Fills ret whatever the verdict, and gives it back too. Under a
 * microsecond for a token that was seen before, some 100 more for a new one; never blocks but for a loading that is just putting
 * new texts in their place. */
WRIT_API enum writ_verdict writ_decide(struct writ *, const struct writ_call *, struct writ_decision *ret);

#ifdef __cplusplus
}
#endif

#endif
