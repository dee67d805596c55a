/* Cookies (RFC 6265 §5.4): reading what a browser sends, and writing what it shall keep. */
#ifndef WRIT_HTTP_COOKIE_H
#define WRIT_HTTP_COOKIE_H

#include "http/http.h"

/* The value of the first cookie of exactly that name in any Cookie header; {NULL,0} when there is none, when its value is
 * empty, longer than LIMIT_COOKIE_SIZE or not of cookie-octets (RFC 6265 §4.1.1). Looks at LIMIT_COOKIES at most. */
struct slice cookie_read(const struct http_request *, const char *name);

struct cookie {
	const char *name;   /* a token */
	struct slice value; /* cookie-octets; empty: the browser forgets it (Max-Age=0) */
	bool secure;        /* Secure, and SameSite=None; without: SameSite=Lax */
};
/* Adds a Set-Cookie header: Path=/, HttpOnly, no Domain, no Max-Age (it goes when the browser is closed). */
void cookie_set(struct http_request *, struct http_reply *, const struct cookie *);

#endif
