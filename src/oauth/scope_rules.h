/* Which scopes a request may have: contract §3's table, and nothing else decides it.
 *
 * A permission counts only if it is assigned to the client application and asked for. One wrong scope refuses all. */
#ifndef WRIT_OAUTH_SCOPE_RULES_H
#define WRIT_OAUTH_SCOPE_RULES_H

#include "oauth/oauth.h"
#include "store/grants.h"

struct granted_scope {
	struct slice names;  /* for token, catalogue and decisions: without the partition's prefix; space-separated */
	struct slice echoed; /* for the reply: each name as it was asked for */
	bool admin;          /* permissions of the Admin API and nothing else: another audience */
	bool openid;         /* "openid" is among them */
	bool offline_access;
};

/* scope   as it was sent; ptr NULL: missing, which on token exchange means every delegated permission assigned.
 * Needs call->tenant and, but for FLOW_ANONYMOUS, call->application. REFUSAL_SCOPE_*: the sentence names the first offending scope and the flow
 * that would carry it. Bounded by LIMIT_SCOPE_COUNT; ret lives in the call's arena. */
MUST_CHECK enum refusal scope_rules_check(struct oauth_call *, enum flow, struct slice scope, struct granted_scope *ret);

/* Does this flow carry assigned permissions of this kind (contract §3)? reserved: those of the Admin API. What anonymous customers may have
 * is not assigned, but listed. */
bool scope_rules_carries(enum flow, enum permission_kind, bool reserved);

/* Does the partition give all of these to anonymous customers now? names: list, without the prefix. */
bool scope_rules_anonymous(const struct tenant *, struct slice names);

/* What is left today of what a person granted: a permission counts as long as it is assigned and the flow carries it, those of
 * the Admin API as long as the person may administer. Needs call->tenant and call->application.
 * asked   ptr NULL: all of it; otherwise a part of it (RFC 6749 §6), which the reply then echoes.
 * REFUSAL_SCOPE_BEYOND_GRANT: asked names more than was granted; REFUSAL_SCOPE_GONE: nothing is left; REFUSAL_SCOPE_MISSING: asked
 * names nothing but what is never given (phone, address). */
MUST_CHECK enum refusal scope_rules_cut(struct oauth_call *, const struct person *, const struct grant_record *, struct slice asked,
                                        struct granted_scope *ret);

/* May a signed-in person with these roles have the delegated permissions of the Admin API (contract §1, §4)? */
bool scope_rules_person_may_administer(const struct realm *, struct slice roles);

#endif
