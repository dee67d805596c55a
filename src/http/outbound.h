/* Requests of the server to others (libcurl), to addresses that an administrator registered: a client application's keys,
 * a place that wants to be told of a sign-out. All of it blocks: worker threads only.
 *
 * https, or http to this very machine (127.0.0.0/8, [::1], localhost). The certificate is always verified. Redirects are not
 * followed, for only the registered address was chosen by an administrator; no proxy, no cookies, no netrc, no user in the
 * address, whatever the environment says. The reply is bounded while it arrives, in size and in time. */
#ifndef WRIT_HTTP_OUTBOUND_H
#define WRIT_HTTP_OUTBOUND_H

#include "base/arena.h"
#include "base/result.h"

/* What holds for every request. */
struct outbound {
	const char *ca_file; /* PEM authorities to trust instead of the system's; NULL: the system's */
};

struct outbound_limits {
	long connect_ms;  /* until the connection stands, TLS included */
	long total_ms;    /* until the reply is whole, finding the host's address included */
	size_t reply_max; /* bytes of the body */
};

struct outbound_reply {
	long status; /* a redirect too is only a status here */
	struct slice body;
};

/* Once in a process before its threads start, with the file that ret->ca_file will name; RESULT_INVALID when that cannot
 * be read. */
MUST_CHECK enum result outbound_start(const char *ca_file, struct outbound *ret, struct problem *);
/* After the last request. */
void outbound_stop(void);

/* The reply lives in the arena, which needs room for three times reply_max. Any status is RESULT_OK.
 * RESULT_INVALID    no address that may be asked.
 * RESULT_TOO_LARGE  a body beyond reply_max, or headers beyond LIMIT_OUTBOUND_HEADERS.
 * RESULT_FAILED     not reached, not trusted, not in time, not HTTP.
 * RESULT_NO_MEMORY
 * problem says why in words that are safe to log; it does not name the address. */
MUST_CHECK enum result outbound_get(const struct outbound *, struct slice url, const struct outbound_limits *, struct arena *,
                                    struct outbound_reply *ret, struct problem *);
/* form   application/x-www-form-urlencoded, as it is sent. */
MUST_CHECK enum result outbound_post_form(const struct outbound *, struct slice url, struct slice form, const struct outbound_limits *,
                                          struct arena *, struct outbound_reply *ret, struct problem *);

#endif
