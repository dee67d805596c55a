/* Who may call what at the Admin API (contract §4): the token, the decision on the Admin API's own catalogue, and whether whoever the token
 * speaks for may still administer. */
#ifndef WRIT_ADMIN_ACCESS_H
#define WRIT_ADMIN_ACCESS_H

#include "admin/admin_call.h"
#include "oauth/access_token.h"

/* Reads and verifies the bearer token of the request; call->oauth.tenant is the token's partition from here on, and call->caller
 * whoever the token speaks for, but for what access_judge finds out.
 * REFUSAL_ADMIN_TOKEN_MISSING, REFUSAL_ADMIN_TOKEN, REFUSAL_UNAVAILABLE. ret: its claims are to be freed where REFUSAL_NONE. */
MUST_CHECK enum refusal access_token_take(struct admin_call *, struct access_token *ret);

/* May it call call->operation, now? Fills the rest of call->caller. REFUSAL_ADMIN_ACTOR, _SCOPE, _RIGHT_GONE, REFUSAL_UNAVAILABLE. */
MUST_CHECK enum refusal access_judge(struct admin_call *, const struct access_token *);

/* Does that right (role, permission, being enabled; not whether the token was revoked meanwhile) still hold? And it is to hold when the batch is
 * committed (store_batch_rely). REFUSAL_ADMIN_RIGHT_GONE, REFUSAL_UNAVAILABLE. */
MUST_CHECK enum refusal access_judge_again(struct admin_call *, struct store_batch *);

/* Adds WWW-Authenticate (RFC 6750 §3) to a refusal of these two. */
void access_challenge(struct admin_call *, enum refusal);

#endif
