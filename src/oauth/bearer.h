/* Bearer tokens at our own protected addresses (RFC 6750): reading them, and saying what was wrong. */
#ifndef WRIT_OAUTH_BEARER_H
#define WRIT_OAUTH_BEARER_H

#include "oauth/oauth.h"

/* The token of the Authorization header alone; ptr NULL: another scheme, or no header. */
struct slice bearer_header(const struct http_request *);

/* The token of the Authorization header, or of a posted form's access_token (RFC 6750 §2.1, §2.2); the address is never read
 * for one. REFUSAL_BEARER_MISSING, _BEARER_TWICE, _FORM_MALFORMED, _PARAMETER_REPEATED, _PARAMETER_TOO_LONG. */
MUST_CHECK enum refusal bearer_read(struct oauth_call *, struct slice *ret);

/* Adds WWW-Authenticate (RFC 6750 §3) for a refusal whose sentence is in the call; with no error code where no token came
 * (§3.1). scope: what would do, for REFUSAL_BEARER_SCOPE; NULL otherwise. oauth_call_end(call, refusal, …) is still due. */
void bearer_challenge(struct oauth_call *, enum refusal, const char *scope);

#endif
