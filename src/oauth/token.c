/* The token endpoint (RFC 6749 §3.2): form, client, grant, then the grant's own parameters, scope and subject. What
 * waits for a commit, be it the grant or the client's assertion, is handed to a worker as soon as the form is read, before anything is
 * counted or judged. */
#include "oauth/client_authentication.h"
#include "oauth/grants.h"

static void explain_platform(struct oauth_call *call, const struct grant *grant)
{
	detail_arrived(call, "grant_type", grant->name);
	detail_registered(call, "platform", SLICE_OF("spa"));
	detail_change(call, "Register another client application for the platform web, which keeps a secret, and let the program use that; %.*s "
	                    "stays for people's browsers.",
	              SLICE_ARGS(call->application->registered.name));
}

static enum refusal run_grant(struct oauth_call *call, const struct token_request *request, struct slice only)
{
	if (request->grant_type.ptr == NULL)
		return refuse(call, REFUSAL_PARAMETER_MISSING,
		              "The parameter grant_type is missing: send the flow that is wanted, such as authorization_code.");
	const struct grant *grant = grant_find(request->grant_type);
	if (grant == NULL)
		return refuse(call, REFUSAL_GRANT_UNSUPPORTED,
		              "This server does not know the grant_type %.*s: use one of grant_types_supported in its metadata.",
		              SLICE_ARGS(request->grant_type));
	call->flow = grant->flow;
	if (only.ptr != NULL && !slice_equal(grant->name, only))
		return refuse(call, REFUSAL_GRANT_UNSUPPORTED, "This address is for grant_type %.*s alone: use the token endpoint of the realm for others.",
		              SLICE_ARGS(only));
	if (call->application->registered.platform == PLATFORM_SPA && (grant->flags & GRANT_PUBLIC) == 0) {
		explain_platform(call, grant);
		return refuse(call, REFUSAL_GRANT_CLOSED, "A single page application cannot use grant_type %.*s: register a web application for it.",
		              SLICE_ARGS(grant->name));
	}
	return grant->run(call, request);
}

static bool belongs_on_a_worker(const struct token_request *request)
{
	if (client_authentication_blocks(request))
		return true;
	const struct grant *grant = request->grant_type.ptr == NULL ? NULL : grant_find(request->grant_type);
	return grant != NULL && (grant->flags & GRANT_BLOCKS) != 0;
}

void oauth_token_only(struct oauth *oauth, struct http_request *http, struct http_reply *reply, struct slice only)
{
	struct oauth_call call;
	struct token_request request = { .token = { NULL, 0 } };
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE)
		refusal = token_request_read(&call, AT_TOKEN, &request);
	if (refusal == REFUSAL_NONE && !http->on_worker && belongs_on_a_worker(&request)) {
		reply->later = true;
		oauth_call_end(&call, REFUSAL_NONE, NULL);
		return;
	}
	if (refusal == REFUSAL_NONE)
		refusal = client_authenticate(&call, &request);
	if (refusal == REFUSAL_NONE)
		refusal = run_grant(&call, &request, only);
	oauth_call_end(&call, refusal, "token.refused");
}

void oauth_token(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	oauth_token_only(oauth, http, reply, (struct slice) { NULL, 0 });
}
