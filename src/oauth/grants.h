/* The grants of the token endpoint as one registry; metadata prints grant_types_supported from it. */
#ifndef WRIT_OAUTH_GRANTS_H
#define WRIT_OAUTH_GRANTS_H

#include "oauth/token_request.h"

enum grant_flag {
	GRANT_PUBLIC = 1, /* open to single page applications */
	GRANT_BLOCKS = 2, /* waits for a durable commit, or for others: runs on a worker */
};

struct grant {
	struct slice name; /* grant_type */
	unsigned flags;
	enum counted_flow flow; /* what its tokens are counted as */
	/* Parameters, scope, subject, token, in this order (contract §3). call->application is authenticated. */
	enum refusal (*run)(struct oauth_call *, const struct token_request *);
};

/* NULL when there is none of that name. */
const struct grant *grant_find(struct slice grant_type);
const struct grant *grant_at(size_t); /* NULL behind the last */

MUST_CHECK enum refusal grant_authorization_code(struct oauth_call *, const struct token_request *);
MUST_CHECK enum refusal grant_refresh_token(struct oauth_call *, const struct token_request *);
MUST_CHECK enum refusal grant_client_credentials(struct oauth_call *, const struct token_request *);
MUST_CHECK enum refusal grant_token_exchange(struct oauth_call *, const struct token_request *);
MUST_CHECK enum refusal grant_on_behalf_of(struct oauth_call *, const struct token_request *);

#endif
