/* Requests to other servers (libcurl): a bounded answer in a bounded time, TLS always verified, redirects never
 * followed (a secret or a token must not travel to where a reply points). For commands: one thread. */
#ifndef WRIT_CLI_CLIENT_HTTP_H
#define WRIT_CLI_CLIENT_HTTP_H

#include "base/arena.h"
#include "base/result.h"

struct client_http_request {
	const char *method;         /* "GET" */
	const char *url;            /* http or https */
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	struct slice body;   /* ptr NULL: none */
	const char *ca_file; /* authorities to trust instead of the system's; NULL: the system's */
};

struct client_http_reply {
	long status;
	struct slice body;             /* at most LIMIT_FETCH_SIZE */
	struct slice headers;          /* the status line and headers as they came, without the empty line */
	struct slice www_authenticate; /* the values of all of that name, joined by ", "; empty: none */
};

/* The reply lives in the arena. RESULT_INVALID: no http or https address; RESULT_TOO_LARGE: more than LIMIT_FETCH_SIZE;
 * RESULT_FAILED: not reached, not trusted, not within LIMIT_FETCH_S. problem says what to do. Any status is RESULT_OK. */
MUST_CHECK enum result client_http_send(const struct client_http_request *, struct arena *, struct client_http_reply *ret,
                                        struct problem *);

/* What to give as Authorization: "Authorization: Bearer …"; NULL when the arena is full or the token has a character
 * that no header may carry. */
const char *client_http_bearer(struct arena *, struct slice token);

/* Can nobody on the way read what is sent there? https, or http to this very machine (127.0.0.0/8, [::1], localhost), as
 * libcurl itself reads the address. Requests to this machine take no proxy, whatever the environment says. */
bool client_http_is_private(const char *url);

#endif
