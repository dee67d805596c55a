/* Which scopes a request may have: contract §3's table, and nothing else decides it.
 *
 * A permission counts only if it is assigned to the client application and asked for. One wrong scope refuses all. */
#ifndef WRIT_OAUTH_SCOPE_RULES_H
#define WRIT_OAUTH_SCOPE_RULES_H

#include "oauth/oauth.h"

struct granted_scope {
	struct slice names;  /* for token, catalogue and decisions: without the partition's prefix; space-separated */
	struct slice echoed; /* for the reply: each name as it was asked for */
	bool admin;          /* permissions of the Admin API and nothing else: another audience */
	bool openid;         /* "openid" is among them */
	bool offline_access;
};

/* scope   as it was sent; ptr NULL: missing.
 * Needs call->tenant and call->application. REFUSAL_SCOPE_*: the sentence names the first offending scope and the flow
 * that would carry it. Bounded by LIMIT_SCOPE_COUNT; ret lives in the call's arena. */
MUST_CHECK enum refusal scope_rules_check(struct oauth_call *, enum flow, struct slice scope, struct granted_scope *ret);

#endif
