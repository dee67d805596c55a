/* Revocation (RFC 7009): an access token ends itself; what is unknown, expired or already dead is 200 as well. */
#include "directory/audit.h"
#include "oauth/access_token.h"
#include "oauth/client_authentication.h"

static void audit_revocation(const struct oauth_call *call, const struct access_token *token)
{
	struct audit_event event = {
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = SLICE_OF("token.revoked"),
		.result = SLICE_OF("ok"),
		.actor = call->application->registered.client_id,
		.object = token->jti,
		.address = call->request->address,
	};
	audit_write(directory_store(call->oauth->directory), &event);
}

static enum refusal revoke_token(struct oauth_call *call, const struct access_token *token)
{
	if (!slice_equal(token->client_id, call->application->registered.client_id))
		return refuse(call, REFUSAL_TOKEN_OF_ANOTHER, "This token was issued to another client application: only that one can revoke it.");
	enum result result = store_revoke(directory_store(call->oauth->directory), &call->realm.partition, REVOKED_TOKEN, token->jti, token->expires_at);
	if (result != RESULT_OK)
		return refuse(call, REFUSAL_UNAVAILABLE, "The revocation could not be stored, so the token still lives: try again.");
	audit_revocation(call, token);
	return REFUSAL_NONE;
}

static enum refusal answer(struct oauth_call *call, struct slice text)
{
	struct access_token token;
	enum refusal refusal = REFUSAL_NONE;
	switch (access_token_read(call, text, &token)) {
	case RESULT_OK:
		refusal = revoke_token(call, &token);
		claims_free(&token.claims);
		break;
	case RESULT_STORE_DOWN: return refuse(call, REFUSAL_UNAVAILABLE, "The store cannot answer now, so nothing was revoked: try again.");
	default: break;
	}
	if (refusal == REFUSAL_NONE) {
		call->reply->status = 200;
		http_reply_header(call->reply, "Cache-Control", SLICE_OF("no-store"));
	}
	return refusal;
}

void oauth_revoke(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	struct token_request request = { .token = { NULL, 0 } };
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE)
		refusal = token_request_read(&call, AT_REVOKE, &request);
	if (refusal == REFUSAL_NONE)
		refusal = client_authenticate(&call, &request);
	if (refusal == REFUSAL_NONE && request.token.ptr == NULL)
		refusal = refuse(&call, REFUSAL_PARAMETER_MISSING, "The parameter token is missing: send the token to revoke.");
	if (refusal == REFUSAL_NONE)
		refusal = answer(&call, request.token);
	oauth_call_end(&call, refusal, "revocation.refused");
}
