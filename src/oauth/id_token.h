/* ID tokens (OpenID Connect Core §2): who signed in, when and how, for the client application. RS256, which every client
 * library verifies without being told (§15.1). */
#ifndef WRIT_OAUTH_ID_TOKEN_H
#define WRIT_OAUTH_ID_TOKEN_H

#include "oauth/oauth.h"
#include "store/grants.h"

/* How people sign in here: by password. */
#define ACR_PASSWORD "1"
#define AMR_PASSWORD "pwd"

/* The claims as JSON in the call's arena, for the call's realm and client application; {NULL,0}: memory is out, or the
 * person's claims cannot be read. access_token: for at_hash (§3.1.3.6). */
struct slice id_token_claims(const struct oauth_call *, const struct grant_record *, const struct person *, struct slice access_token, int64_t now_s);

/* The key that signs them; NULL when there is none. */
const struct key *id_token_key(const struct oauth_call *);

/* Appends the signed token. RESULT_FAILED, RESULT_NO_MEMORY. Blocks for a millisecond. */
MUST_CHECK enum result id_token_write(const struct oauth_call *, const struct grant_record *, const struct person *, struct slice access_token,
                                      int64_t now_s, struct writer *);

#endif
