/* Client credentials (RFC 6749 §4.4): the application acts as itself, in either realm. */
#include "oauth/access_token.h"
#include "oauth/grants.h"

enum refusal grant_client_credentials(struct oauth_call *call, const struct token_request *request)
{
	if (token_request_names_person(request) || request->subject_token.ptr != NULL)
		return refuse(call, REFUSAL_SUBJECT_NOT_WANTED,
		              "A client credentials token names no person: use grant_type=password to act on behalf of one, or leave the subject out.");
	struct token_grant grant = {
		.flow = FLOW_CLIENT_CREDENTIALS,
		.actor = API_ACTOR_CLIENT,
		.subject = call->application->registered.client_id,
	};
	enum refusal refusal = scope_rules_check(call, FLOW_CLIENT_CREDENTIALS, request->scope, &grant.scope);
	return refusal != REFUSAL_NONE ? refusal : access_token_reply(call, &grant);
}
