/* Client authentication by a signed assertion: private_key_jwt (RFC 7523 §3, OpenID Connect Core §9). */
#ifndef WRIT_OAUTH_CLIENT_ASSERTION_H
#define WRIT_OAUTH_CLIENT_ASSERTION_H

#include "jose/foreign_jws.h"
#include "oauth/token_request.h"

/* The only client_assertion_type. */
#define CLIENT_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define CLIENT_ASSERTION_ALGORITHMS FOREIGN_JWS_ALGORITHMS

/* Was this way of authentication tried, rightly or not? Then the request belongs on a worker. */
bool client_assertion_tried(const struct token_request *);

/* The client application that an assertion names, before anything is proved. False: there is no assertion of this type, or the
 * client_id of the form names another; the cause is left in the call's audit_detail, as below. */
bool client_assertion_names(struct oauth_call *, const struct token_request *, struct slice *ret);

/* Does the assertion prove that the request comes from this application? Signed by a key of its jwks or jwks_url, iss and sub
 * its client id; aud this realm's issuer, or its token endpoint as a sole string; exp not over and at most LIMIT_ASSERTION_S
 * ahead, nbf and iat at most LIMIT_CLOCK_AHEAD_S ahead. RESULT_OK uses its jti up, which works once.
 * RESULT_INVALID     it does not; the call's audit_detail says why, without a word of the assertion.
 * RESULT_BUSY        its keys cannot be fetched or read, for too many wait or memory is out: nothing is used up, it may be sent again.
 * RESULT_STORE_DOWN  whether the jti was used cannot be known.
 * Blocks until durable. */
MUST_CHECK enum result client_assertion_prove(struct oauth_call *, const struct application *, struct slice assertion);

#endif
