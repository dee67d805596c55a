/* Userinfo (OpenID Connect Core §5.3): who the person is, for a token that this person's sign-in gave. */
#include "oauth/access_token.h"
#include "oauth/bearer.h"
#include "oauth/person_claims.h"

static enum refusal invalid(struct oauth_call *call, const char *why)
{
	call->audit_detail = slice_from(why);
	return refuse(call, REFUSAL_BEARER_INVALID,
	              "The access token is not good here: it is malformed, expired, revoked, or not one of a person who signed in at this realm.");
}

/* A token of this realm, for the APIs, of a person who was there. */
static enum refusal judge(struct oauth_call *call, const struct access_token *token)
{
	const enum api_actor person = call->realm.kind == PERSON_USER ? API_ACTOR_USER : API_ACTOR_CUSTOMER;
	call->client_id = token->client_id;
	call->subject = token->subject;
	if (!slice_equal(token->issuer, oauth_issuer(call, call->realm.kind)))
		return invalid(call, "the token is of the other realm");
	if (!slice_equal(token->audience, call->oauth->api_url))
		return invalid(call, "the token is for another audience");
	if (token->speaks_for != person)
		return invalid(call, "nobody signed in for the token");
	if (!slice_has_word(token->scope, SLICE_OF("openid")))
		return refuse(call, REFUSAL_BEARER_SCOPE, "The access token was not granted the scope openid: ask for it in the authorization request.");
	return REFUSAL_NONE;
}

static enum refusal answer(struct oauth_call *call, const struct access_token *token)
{
	struct store *store = oauth_store(call);
	struct person person;
	struct slice names = { NULL, 0 };
	enum result result = store_person_read(store, &call->realm.partition, call->realm.kind, PERSON_BY_ID, token->subject, call->arena, &person);
	if (result == RESULT_NOT_FOUND)
		return invalid(call, "the person was deleted");
	if (result == RESULT_OK) {
		result = store_grant_claims(store, &call->realm, token->gid, call->arena, &names);
		result = result == RESULT_NOT_FOUND ? RESULT_OK : result;
	}
	struct writer body = writer_new(call->arena, 1024);
	writer_byte(&body, '{');
	writer_json_member(&body, "sub", token->subject);
	if (result == RESULT_OK)
		result = person_claims_write(&body, &person, token->scope, names);
	writer_byte(&body, '}');
	if (result != RESULT_OK)
		return refuse_store(call);
	oauth_reply_json(call, 200, &body);
	return REFUSAL_NONE;
}

static enum refusal read_and_answer(struct oauth_call *call, struct slice text)
{
	struct access_token token;
	enum result result = access_token_read(call, text, &token);
	if (result == RESULT_STORE_DOWN)
		return refuse_store(call);
	if (result != RESULT_OK)
		return invalid(call, result == RESULT_EXPIRED ? "the token is dead" : "the text is no access token of this partition");
	enum refusal refusal = judge(call, &token);
	if (refusal == REFUSAL_NONE)
		refusal = answer(call, &token);
	/* kept beyond the claims, for the audit event */
	call->client_id = arena_copy(call->arena, call->client_id);
	call->subject = arena_copy(call->arena, call->subject);
	claims_free(&token.claims);
	return refusal;
}

void oauth_userinfo(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	struct slice token = { NULL, 0 };
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE) {
		refusal = bearer_read(&call, &token);
		if (refusal == REFUSAL_NONE)
			refusal = read_and_answer(&call, token);
		if (refusal != REFUSAL_NONE)
			bearer_challenge(&call, refusal, refusal == REFUSAL_BEARER_SCOPE ? "openid" : NULL);
	}
	oauth_call_end(&call, refusal, "userinfo.refused");
}
