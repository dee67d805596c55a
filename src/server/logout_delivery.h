/* Tells client applications that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.5-§2.8): posts the logout tokens
 * that the store says are due, by threads of its own. Nobody waits for it.
 *
 * A delivery is over when the application answers 200 or 204, or refuses with 400. Anything else is tried again after 1 s, 5 s,
 * 30 s, 2 min and 10 min, by this process or by any other that has the store. */
#ifndef WRIT_SERVER_LOGOUT_DELIVERY_H
#define WRIT_SERVER_LOGOUT_DELIVERY_H

#include "http/outbound.h"
#include "oauth/oauth.h"

struct logout_deliveries;

/* Both must outlive it; of oauth, directory and auth_url are used. */
MUST_CHECK enum result logout_deliveries_start(struct oauth *, const struct outbound *, struct logout_deliveries **ret);

/* Waits for what is under way (LIMIT_LOGOUT_MS at most), and frees. Before the store is closed. NULL is fine. */
void logout_deliveries_stop(struct logout_deliveries *);

struct logout_numbers {
	int64_t delivered; /* the application took it */
	int64_t failed;    /* it refused, or did not answer well to any try */
	int64_t tried_again;
	int64_t dropped;   /* nobody to tell any more: the application, or its address, is gone or off */
};
/* NULL is fine: nothing happened yet. */
void logout_deliveries_numbers(const struct logout_deliveries *, struct logout_numbers *ret);

#endif
