/* Who sends this request: client authentication at the token, introspection and revocation endpoints
 * (RFC 6749 §2.3, contract §3). */
#ifndef WRIT_OAUTH_CLIENT_AUTHENTICATION_H
#define WRIT_OAUTH_CLIENT_AUTHENTICATION_H

#include "oauth/token_request.h"

/* The ways offered, as metadata prints them. */
#define CLIENT_AUTHENTICATION_METHODS "client_secret_basic client_secret_post private_key_jwt"

/* Does telling who sends this request block? Then it belongs on a worker. */
bool client_authentication_blocks(const struct token_request *);

/* On REFUSAL_NONE call->application is held: a web application that proved itself by a present secret or by an assertion
 * (client_assertion.h), or a single page application that named itself (RFC 6749 §2.3, method none).
 *
 * The reply to an unknown client id, a disabled application, a wrong, missing or expired secret, an assertion that proves nothing,
 * and either sent for a single page application is one and the same. They count as failures (signin/failure_limits.h). */
MUST_CHECK enum refusal client_authenticate(struct oauth_call *, const struct token_request *);

#endif
