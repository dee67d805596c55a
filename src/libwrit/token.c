#include "libwrit/token.h"

#include "gateway/token_facts.h"

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
	*facts = token_facts_of(&said, rules_application_permission(rules, said.scope));
	*ret = claims;
	return state;
}
