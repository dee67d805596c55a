/* From what an access token says (jose/access_claims.h) to what a decision asks about it. */
#ifndef WRIT_GATEWAY_TOKEN_FACTS_H
#define WRIT_GATEWAY_TOKEN_FACTS_H

#include "gateway/decision.h"
#include "jose/access_claims.h"

/* The texts live as long as the token's claims.
 * application_permission   as in struct token_facts: what the partition has as such is the caller's to know. */
static inline struct token_facts token_facts_of(const struct access_token *token, bool application_permission)
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
		.application_permission = application_permission,
	};
}

#endif
