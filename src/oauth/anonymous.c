/* Tokens for anonymous customers (contract §8): anybody gets one who asks, where the partition gives any, and as many in a
 * minute as one address may have. Nobody is authenticated: what stands in client_id and client_secret is not looked at. */
#include "base/clock.h"
#include "base/text.h"
#include "oauth/access_token.h"
#include "oauth/token_request.h"

#define SUBJECT_PREFIX "anon:"

static enum refusal judge(struct oauth_call *call, const struct token_request *request)
{
	if (!call->tenant->partition.anonymous_enabled)
		return refuse(call, REFUSAL_ANONYMOUS_OFF,
		              "The partition %s gives no tokens to anonymous customers: sign the customer in, or turn anonymous_customers on.",
		              call->realm.partition.text);
	if (request->grant_type.ptr == NULL)
		return refuse(call, REFUSAL_PARAMETER_MISSING, "The parameter grant_type is missing: send grant_type=client_credentials.");
	if (!slice_is(request->grant_type, "client_credentials"))
		return refuse(call, REFUSAL_GRANT_UNSUPPORTED,
		              "This address is for anonymous customers: send grant_type=client_credentials, or use the realm's token endpoint.");
	if (token_request_names_person(request) || request->subject_token.ptr != NULL)
		return refuse(call, REFUSAL_SUBJECT_NOT_WANTED,
		              "A token of an anonymous customer names nobody: leave the subject out, or use the realm's token endpoint.");
	return REFUSAL_NONE;
}

/* The last step before the token, so that only what is given counts. */
static enum refusal take(struct oauth_call *call)
{
	call->retry_after_s = failure_limits_take_anonymous(call->oauth->failures, call->request->address, clock_monotonic_ms());
	if (call->retry_after_s > 0)
		return refuse(call, REFUSAL_TOO_MANY_ANONYMOUS,
		              "This address had as many anonymous tokens as it may have in a minute: wait %lld s, and keep the token that you have.",
		              (long long)call->retry_after_s);
	return REFUSAL_NONE;
}

static enum refusal give(struct oauth_call *call, struct token_grant *grant)
{
	char uuid[UUID_TEXT_SIZE];
	text_uuid4(uuid);
	grant->subject = arena_print(call->arena, SUBJECT_PREFIX "%s", uuid);
	if (grant->subject.ptr == NULL)
		return refuse(call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	return access_token_reply(call, grant);
}

void oauth_anonymous_token(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	struct token_request request = { .token = { NULL, 0 } };
	struct token_grant grant = { .flow = FLOW_ANONYMOUS, .actor = API_ACTOR_ANONYMOUS_CUSTOMER };
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	call.flow = COUNTED_ANONYMOUS;
	if (refusal == REFUSAL_NONE)
		refusal = token_request_read(&call, AT_ANONYMOUS, &request);
	if (refusal == REFUSAL_NONE)
		refusal = judge(&call, &request);
	if (refusal == REFUSAL_NONE)
		refusal = scope_rules_check(&call, FLOW_ANONYMOUS, request.scope, &grant.scope);
	if (refusal == REFUSAL_NONE)
		refusal = take(&call);
	if (refusal == REFUSAL_NONE)
		refusal = give(&call, &grant);
	oauth_call_end(&call, refusal, "token.refused");
}
