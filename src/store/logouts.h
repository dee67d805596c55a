/* Logout tokens that client applications are still to be given (OpenID Connect Back-Channel Logout 1.0 §2.5), as verbs of the
 * store (store.h says how verbs behave).
 *
 * A delivery is stored by whatever ends a session before its time, in the transaction that does it (triggers of the schema), for
 * each client application that got a code in that session and had a backchannel_logout_url then. Several processes may
 * deliver from one store: a claim is theirs alone until it lapses, so what a process held that was killed is done by the next. */
#ifndef WRIT_STORE_LOGOUTS_H
#define WRIT_STORE_LOGOUTS_H

#include "store/store.h"

struct logout_delivery {
	int64_t number;
	int64_t tries; /* begun, this one included */
	struct realm realm;
	struct slice client_id, person_id, sid;
};

/* Claims a delivery that is due, until claimed_until_ms. At most LIMIT_LOGOUTS_AT_ONCE of one client application are claimed at a
 * time, by all processes together; applications that answered so far come before those that did not.
 * Slices in the arena. RESULT_NOT_FOUND: none is due now. Durable. */
MUST_CHECK enum result store_logout_claim(struct store *, int64_t now_ms, int64_t claimed_until_ms, struct arena *, struct logout_delivery *ret);

/* It is over, whatever came of it. RESULT_NOT_FOUND: the claim had lapsed and somebody else has it. Durable. */
MUST_CHECK enum result store_logout_done(struct store *, const struct logout_delivery *);
/* To be tried again from then on. RESULT_NOT_FOUND as above. Durable. */
MUST_CHECK enum result store_logout_again(struct store *, const struct logout_delivery *, int64_t next_try_ms);

/* How many are waiting or under way. */
MUST_CHECK enum result store_logouts_waiting(struct store *, int64_t *ret);

#endif
