/* Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): they tell a client application that a session has ended. Signed
 * like its ID tokens, of a type of their own (typ logout+jwt), so that neither can be taken for the other. */
#ifndef WRIT_OAUTH_LOGOUT_TOKEN_H
#define WRIT_OAUTH_LOGOUT_TOKEN_H

#include "oauth/oauth.h"

/* The claims as JSON in the call's arena, for the call's realm and client application; {NULL,0}: memory is out. Of the call, only
 * oauth, arena, realm, tenant and application are needed. */
struct slice logout_token_claims(const struct oauth_call *, struct slice person_id, struct slice sid, int64_t now_s);

/* Appends the signed token. RESULT_FAILED: there is no key; RESULT_NO_MEMORY. Blocks for a millisecond. */
MUST_CHECK enum result logout_token_write(const struct oauth_call *, struct slice person_id, struct slice sid, int64_t now_s, struct writer *);

#endif
