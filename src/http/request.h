/* What the library read, judged and made into a typed request. The rules are contract.md §6 and RFC 9112. */
#ifndef WRIT_HTTP_REQUEST_H
#define WRIT_HTTP_REQUEST_H

#include "http/exchange.h"

/* Takes the request line's target while it is still as it came, and hides it from the library's own parser of
 * queries. Called from the library's URI log callback. */
void request_take_target(struct exchange *, char *uri);

/* Reads method, target and headers into the request and judges them: exchange->refusal says what is wrong.
 * version   as the library gives it. header_size: bytes of the request line and headers. */
void request_read(struct exchange *, const char *method, const char *version, size_t header_size);

/* Cuts a target into path and query: origin form as it is, of the absolute form (RFC 9112 §3.2.2) what follows the
 * authority. False for everything else, for control characters, spaces and bytes beyond ASCII, and for a fragment. */
bool request_cut_target(struct slice target, struct slice *ret_path, struct slice *ret_query);

struct body_outlook {
	bool announced; /* a body will come */
	bool chunked;
	uint64_t length; /* where not chunked */
	bool expects;    /* the client waits for 100 (Continue) before it sends */
};
struct body_outlook request_body_outlook(const struct http_request *);

#endif
