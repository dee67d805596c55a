/* Introspection (RFC 7662): any web application may ask about its partition's access tokens and its own refresh tokens; about
 * anything else the answer is {"active":false}. */
#include "oauth/access_token.h"
#include "oauth/client_authentication.h"
#include "oauth/grant_record.h"
#include "oauth/refresh_token.h"

static void write_active(struct oauth_call *call, const struct access_token *token)
{
	struct writer body = writer_new(call->arena, 1024);
	writer_text(&body, "{\"active\":true");
	writer_json_member(&body, "scope", token->scope);
	writer_json_member(&body, "client_id", token->client_id);
	writer_json_member(&body, "token_type", SLICE_OF("Bearer"));
	writer_json_member_int(&body, "exp", token->expires_at);
	writer_json_member_int(&body, "iat", token->issued_at);
	writer_json_member(&body, "sub", token->subject);
	writer_json_member(&body, "aud", token->audience);
	writer_json_member(&body, "iss", token->issuer);
	writer_json_member(&body, "jti", token->jti);
	writer_json_member(&body, "actor", token->actor);
	if (token->acting_client.ptr != NULL) {
		writer_text(&body, ",\"act\":{");
		writer_json_member(&body, "sub", token->acting_client);
		writer_byte(&body, '}');
	}
	writer_json_member(&body, "partition", partition_id_slice(&call->realm.partition));
	writer_json_member(&body, "gid", token->gid);
	if (token->auth_time > 0)
		writer_json_member_int(&body, "auth_time", token->auth_time);
	writer_byte(&body, '}');
	oauth_reply_json(call, 200, &body);
}

static void write_refresh_token(struct oauth_call *call, const struct realm *realm, const struct refresh_read *read)
{
	struct writer body = writer_new(call->arena, 1024);
	writer_text(&body, "{\"active\":true");
	writer_json_member(&body, "scope", read->grant.scope);
	writer_json_member(&body, "client_id", read->grant.client_id);
	writer_json_member(&body, "token_type", SLICE_OF("refresh_token"));
	writer_json_member_int(&body, "exp", read->expires_at);
	writer_json_member_int(&body, "iat", read->created_at);
	writer_json_member(&body, "sub", read->grant.person_id);
	writer_json_member(&body, "iss", oauth_issuer(call, realm->kind));
	writer_json_member(&body, "partition", partition_id_slice(&call->realm.partition));
	writer_json_member(&body, "gid", read->grant.gid);
	writer_byte(&body, '}');
	oauth_reply_json(call, 200, &body);
}

static void write_inactive(struct oauth_call *call)
{
	struct writer body = writer_new(call->arena, 32);
	writer_text(&body, "{\"active\":false}");
	oauth_reply_json(call, 200, &body);
}

/* Active is what a refresh would take now. */
static enum refusal answer_refresh_token(struct oauth_call *call, const struct refresh_name *name)
{
	struct person person;
	struct oauth_call there = *call;
	struct refresh_read read = { .state = REFRESH_SPENT };
	enum result result = grant_record_find(call, name, &there.realm, &read);
	bool ours = result == RESULT_OK && read.state == REFRESH_LIVE && grant_record_is_of(call, &read.grant) &&
	            call->application->registered.refresh_tokens;
	if (ours)
		result = grant_record_judge(&there, &read.grant, &person);
	if (result == RESULT_STORE_DOWN)
		return refuse_store(call);
	if (ours && result == RESULT_OK)
		write_refresh_token(call, &there.realm, &read);
	else
		write_inactive(call);
	return REFUSAL_NONE;
}

static enum refusal answer(struct oauth_call *call, struct slice text)
{
	struct access_token token;
	struct refresh_name name;
	if (refresh_token_name(text, &name) == RESULT_OK)
		return answer_refresh_token(call, &name);
	switch (access_token_read(call, text, &token)) {
	case RESULT_OK:
		write_active(call, &token);
		claims_free(&token.claims);
		return REFUSAL_NONE;
	case RESULT_STORE_DOWN: return refuse_store(call);
	default: write_inactive(call); return REFUSAL_NONE;
	}
}

void oauth_introspect(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	struct token_request request = { .token = { NULL, 0 } };
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE)
		refusal = token_request_read(&call, AT_INTROSPECT, &request);
	if (refusal == REFUSAL_NONE && !http->on_worker && client_authentication_blocks(&request)) {
		reply->later = true;
		oauth_call_end(&call, REFUSAL_NONE, NULL);
		return;
	}
	if (refusal == REFUSAL_NONE)
		refusal = client_authenticate(&call, &request);
	if (refusal == REFUSAL_NONE && call.application->registered.platform != PLATFORM_WEB)
		refusal = refuse(&call, REFUSAL_INTROSPECTION_CLOSED, "Introspection needs a web application that authenticates itself.");
	if (refusal == REFUSAL_NONE && request.token.ptr == NULL)
		refusal = refuse(&call, REFUSAL_PARAMETER_MISSING, "The parameter token is missing: send the token to ask about.");
	if (refusal == REFUSAL_NONE)
		refusal = answer(&call, request.token);
	oauth_call_end(&call, refusal, "introspection.refused");
}
