#include "gateway/decision.h"

/* Contract §5: ".default" is met by a client token with any application permission. */
static bool scope_met(enum api_actor actor, struct slice scope, const struct token_facts *facts)
{
	if (actor == API_ACTOR_CLIENT && slice_is(scope, ".default"))
		return facts->application_permission;
	return slice_has_word(facts->scope, scope);
}

static bool scopes_met(const struct api_alternative *alternative, const struct token_facts *facts)
{
	struct slice rest = alternative->scopes, scope;
	while (slice_word(&rest, &scope))
		if (!scope_met(alternative->actor, scope, facts))
			return false;
	return true;
}

struct decision decide_operation(const struct catalogue_operation *found, const struct token_facts *facts)
{
	struct decision decision = { .verdict = VERDICT_NO_OPERATION, .operation = found };
	if (found == NULL)
		return decision;
	const struct api_operation *operation = &found->operation;
	decision.verdict = VERDICT_CLOSED;
	for (size_t i = 0; i < operation->alternative_count; i++) {
		const struct api_alternative *alternative = &operation->alternatives[i];
		const bool right_actor = alternative->actor == facts->actor;
		if (right_actor && scopes_met(alternative, facts)) {
			decision.verdict = VERDICT_ALLOWED;
			decision.alternative = alternative;
			return decision;
		}
		if (decision.alternative == NULL || (right_actor && decision.verdict == VERDICT_WRONG_ACTOR)) {
			decision.verdict = right_actor ? VERDICT_SCOPE_MISSING : VERDICT_WRONG_ACTOR;
			decision.alternative = alternative;
		}
	}
	return decision;
}

struct decision decide(const struct catalogue *catalogue, struct slice method, struct slice path, const struct token_facts *facts)
{
	return decide_operation(catalogue_find(catalogue, method, path), facts);
}

const char *api_actor_flow(enum api_actor actor)
{
	switch (actor) {
	case API_ACTOR_USER: return "sign the user in (authorization code flow)";
	case API_ACTOR_CUSTOMER: return "sign the customer in (authorization code flow)";
	case API_ACTOR_USER_ON_BEHALF_OF: return "act for the user (on-behalf-of flow, with subject_username or subject_userid)";
	case API_ACTOR_CUSTOMER_ON_BEHALF_OF: return "act for the customer (on-behalf-of flow, with subject_email)";
	case API_ACTOR_ANONYMOUS_CUSTOMER: return "get an anonymous customer token (anonymous token endpoint)";
	case API_ACTOR_CLIENT: return "let the client application ask for itself (client credentials flow)";
	}
	return "ask an administrator which flow this operation takes";
}
