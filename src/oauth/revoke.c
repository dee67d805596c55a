/* Revocation (RFC 7009): an access token ends itself, a refresh token its whole grant; what is unknown, expired or already
 * dead is 200 as well. */
#include "base/clock.h"
#include "directory/audit.h"
#include "oauth/access_token.h"
#include "oauth/client_authentication.h"
#include "oauth/grant_record.h"
#include "oauth/refresh_token.h"

static void audit_revocation(const struct oauth_call *call, struct slice object)
{
	struct audit_event event = {
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = SLICE_OF("token.revoked"),
		.result = SLICE_OF("ok"),
		.actor = call->application->registered.client_id,
		.object = object,
		.address = call->request->address,
	};
	audit_write(oauth_store(call), &event);
}

static enum refusal of_another(struct oauth_call *call)
{
	return refuse(call, REFUSAL_TOKEN_OF_ANOTHER, "This token was issued to another client application: only that one can revoke it.");
}

static enum refusal not_stored(struct oauth_call *call)
{
	return refuse(call, REFUSAL_UNAVAILABLE, "The revocation could not be stored, so the token still lives: try again.");
}

static enum refusal store_down(struct oauth_call *call)
{
	return refuse(call, REFUSAL_UNAVAILABLE, "The store cannot answer now, so nothing was revoked: try again.");
}

static enum refusal revoke_token(struct oauth_call *call, const struct access_token *token)
{
	if (!slice_equal(token->client_id, call->application->registered.client_id))
		return of_another(call);
	enum result result = store_revoke(oauth_store(call), &call->realm.partition, REVOKED_TOKEN, token->jti, token->expires_at);
	if (result != RESULT_OK)
		return not_stored(call);
	audit_revocation(call, token->jti);
	return REFUSAL_NONE;
}

/* A spent one too: whoever holds it held the grant. */
static enum refusal revoke_refresh_token(struct oauth_call *call, const struct refresh_name *name)
{
	struct realm realm = call->realm;
	struct refresh_read read = { .state = REFRESH_SPENT };
	enum result result = grant_record_find(call, name, &realm, &read);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? REFUSAL_NONE : store_down(call);
	if (!grant_record_is_of(call, &read.grant))
		return of_another(call);
	call->subject = read.grant.person_id;
	if (store_grant_end(oauth_store(call), &realm, read.grant.gid, grant_record_revoked_until()) != RESULT_OK)
		return not_stored(call);
	audit_revocation(call, read.grant.gid);
	return REFUSAL_NONE;
}

static enum refusal revoke_access_token(struct oauth_call *call, struct slice text)
{
	struct access_token token;
	enum refusal refusal;
	switch (access_token_read(call, text, &token)) {
	case RESULT_OK:
		refusal = revoke_token(call, &token);
		claims_free(&token.claims);
		return refusal;
	case RESULT_STORE_DOWN: return store_down(call);
	default: return REFUSAL_NONE;
	}
}

static enum refusal answer(struct oauth_call *call, struct slice text)
{
	struct refresh_name name;
	bool refresh = refresh_token_name(text, &name) == RESULT_OK;
	enum refusal refusal = refresh ? revoke_refresh_token(call, &name) : revoke_access_token(call, text);
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
