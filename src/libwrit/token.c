#include "libwrit/token.h"

static struct token_facts facts_of(const struct rules *rules, const struct access_token *token)
{
	return (struct token_facts) {
		.actor = token->speaks_for,
		.partition = token->partition,
		.subject = token->subject,
		.client_id = token->client_id,
		.scope = token->scope,
		.acting_client = token->acting_client,
		.jti = token->jti,
		.gid = token->gid,
		.expires_at = token->expires_at,
		.application_permission = rules_application_permission(rules, token->scope),
	};
}

enum token_state token_verify(const struct rules *rules, const struct key_ring *keys, struct slice token, int64_t now_s, struct token_facts *facts,
                              struct claims *ret)
{
	struct claims claims;
	if (jws_verify(token, TOKEN_ACCESS, keys, &claims) != RESULT_OK)
		return TOKEN_BAD;
	struct access_token said;
	enum token_state state = TOKEN_BAD;
	if (access_claims_read(&claims, &rules->tokens, &said))
		state = said.expires_at > now_s ? TOKEN_GOOD : TOKEN_EXPIRED;
	if (state != TOKEN_GOOD) {
		claims_free(&claims);
		return state;
	}
	*facts = facts_of(rules, &said);
	*ret = claims;
	return state;
}
