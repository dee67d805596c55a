/* ID tokens (OpenID Connect Core §2): who signed in, when and how, for the client application. Signed by the algorithm that
 * is registered for it: RS256, which every client library verifies without being told (§15.1), or ES256. */
#ifndef WRIT_OAUTH_ID_TOKEN_H
#define WRIT_OAUTH_ID_TOKEN_H

#include "oauth/oauth.h"
#include "store/grants.h"

/* How people sign in here: by password. */
#define ACR_PASSWORD "1"
#define AMR_PASSWORD "pwd"

/* What a client application may be registered for (§2: never none). */
#define ID_TOKEN_ALGORITHMS "RS256 ES256"

/* The claims as JSON in the call's arena, for the call's realm and client application; {NULL,0}: memory is out, or the
 * person's claims cannot be read. access_token: for at_hash (§3.1.3.6). */
struct slice id_token_claims(const struct oauth_call *, const struct grant_record *, const struct person *, struct slice access_token, int64_t now_s);

/* The key that signs those of the call's client application; NULL when there is none. */
const struct key *id_token_key(const struct oauth_call *);

/* Appends the signed token. RESULT_FAILED, RESULT_NO_MEMORY. Blocks for a millisecond. */
MUST_CHECK enum result id_token_write(const struct oauth_call *, const struct grant_record *, const struct person *, struct slice access_token,
                                      int64_t now_s, struct writer *);

#endif
