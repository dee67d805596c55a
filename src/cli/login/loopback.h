/* A listener on 127.0.0.1 for the few requests of one sign-in (RFC 8252 §7.3): GET only, one request a connection, no body
 * read, all of it bounded. It speaks to this machine alone and only to who names it by its address (a page elsewhere whose
 * name leads here, DNS rebinding, does not). */
#ifndef WRIT_CLI_LOGIN_LOOPBACK_H
#define WRIT_CLI_LOGIN_LOOPBACK_H

#include "base/arena.h"

#include <stdint.h>

struct loopback_request {
	struct slice path;  /* as it came */
	struct slice query; /* behind the first '?', as it came; ptr NULL: none */
};

struct loopback_reply {
	int status;           /* 200, 303, 400, 404 */
	const char *location; /* 303: where to; a path of this listener */
	const char *title;    /* of the page; plain text */
	const char *text;     /* one sentence; plain text */
};

/* Answers a request; true: that was the one that loopback_serve waits for. */
typedef bool loopback_answer(void *context, const struct loopback_request *, struct loopback_reply *ret);

/* Judges what has come of a request's head. RESULT_OK: all of it is there; RESULT_BUSY: more must come; RESULT_NOT_FOUND: it
 * is not for this listener's address or not GET; RESULT_TOO_LARGE; RESULT_INVALID: no HTTP/1.x, control characters. */
MUST_CHECK enum result loopback_request_read(struct slice bytes, uint16_t port, struct loopback_request *ret);

/* The reply's bytes, in the arena; empty when it is full. */
struct slice loopback_reply_write(const struct loopback_reply *, struct arena *);

struct loopback;

/* port   0: any that is free.
 * Returns RESULT_OK; RESULT_FAILED: the problem says what to do. Lives in the arena; give back with loopback_close. */
MUST_CHECK enum result loopback_open(uint16_t port, struct arena *, struct loopback **ret, struct problem *);
void loopback_close(struct loopback *);
uint16_t loopback_port(const struct loopback *);

/* Serves until answer says so (RESULT_OK) or the time is up (RESULT_EXPIRED). RESULT_FAILED: the system refuses. */
MUST_CHECK enum result loopback_serve(struct loopback *, int64_t for_ms, loopback_answer *, void *context);

#endif
