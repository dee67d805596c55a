/* From a bearer token to what it says, as long as it lives: remembered (gateway/token_memory.h), or verified anew.
 *
 * Remembered or not, each time is asked whether it was revoked, and what was changed in its partition meanwhile
 * makes it be judged anew. */
#ifndef WRIT_GATEWAY_CHECK_TOKEN_H
#define WRIT_GATEWAY_CHECK_TOKEN_H

#include "gateway/check.h"
#include "gateway/decision.h"
#include "oauth/access_token.h"

struct checked_token {
	struct token_facts facts;      /* points into the two below */
	struct partition_id partition; /* the token's */
	bool remembered;
	struct claims claims;          /* of one that was verified now */
	char buffer[LIMIT_TOKEN_FACTS_SIZE];
};

/* RESULT_INVALID: no access token for APIs of a partition here; RESULT_EXPIRED: it was one; RESULT_STORE_DOWN: it cannot be judged now.
 * ret is to be given to checked_token_free in every case. Allocates nothing for a remembered token; about 80 us for a new one (ES256). */
MUST_CHECK enum result check_token(struct gateway *, struct oauth_call *, struct slice text, struct checked_token *ret);
/* Is one of the names an application permission? ".default" is met by any (contract §5). What is no permission of the partition, or no longer,
 * counts for nothing. */
bool check_token_application_permission(const struct tenant *, struct slice scope);
void checked_token_free(struct checked_token *);

#endif
