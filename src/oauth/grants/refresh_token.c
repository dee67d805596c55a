/* A refresh token for fresh tokens (RFC 6749 §6), with rotation (RFC 9700 §4.14). What is refused uses nothing up. */
#include "base/clock.h"
#include "oauth/access_token.h"
#include "oauth/grant_record.h"
#include "oauth/grants.h"
#include "oauth/refresh_token.h"

static enum refusal unknown(struct oauth_call *call, const char *why)
{
	call->audit_detail = slice_from(why);
	return refuse(call, REFUSAL_REFRESH_UNKNOWN,
	              "This refresh token is not good: it is unknown, expired, revoked, or was given to another client application or realm. "
	              "Let the person sign in again.");
}

static enum refusal rotate(struct oauth_call *call, const struct refresh_name *used, const struct refresh_name *successor)
{
	const struct client_application *registered = &call->application->registered;
	const struct refresh_rotation rotation = {
		.used = *used,
		.successor = successor->token,
		.client_id = registered->client_id,
		.now_ms = clock_ms(),
		.idle_s = registered->refresh_idle_seconds,
		.revoked_until = grant_record_revoked_until(),
	};
	switch (store_refresh_rotate(oauth_store(call), &call->realm, &rotation)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_TOO_LARGE:
		return refuse(call, REFUSAL_REFRESH_CROWDED,
		              "This refresh token gave %d others already: use the one of an earlier reply.", LIMIT_REFRESH_SIBLINGS);
	case RESULT_REPLAYED:
		return refuse(call, REFUSAL_REFRESH_REPLAYED,
		              "This refresh token was used before, so it may have been stolen: all tokens of this sign-in are revoked. Let the "
		              "person sign in again.");
	case RESULT_NOT_FOUND: return unknown(call, "it ended meanwhile");
	default: return refuse_store(call);
	}
}

static enum refusal exchange(struct oauth_call *call, const struct token_request *request, const struct refresh_name *used,
                             const struct grant_record *stored)
{
	struct grant_record record = *stored;
	record.nonce = (struct slice) { NULL, 0 }; /* it was for the first ID token (OpenID Connect Core §12.2) */
	struct person person;
	struct token_grant grant = {
		.flow = FLOW_PERSON,
		.actor = call->realm.kind == PERSON_USER ? API_ACTOR_USER : API_ACTOR_CUSTOMER,
		.subject = record.person_id,
		.record = &record,
		.person = &person,
	};
	enum result result = grant_record_judge(call, &record, &person);
	if (result != RESULT_OK)
		return result == RESULT_EXPIRED ? unknown(call, "its person or client application lost access") : refuse_store(call);
	enum refusal refusal = scope_rules_cut(call, &person, &record, request->scope, &grant.scope);
	if (refusal == REFUSAL_NONE)
		refusal = access_token_ready(call);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct refresh_name successor;
	if (refresh_token_make(call->arena, request->refresh_token, &grant.refresh_token, &successor) != RESULT_OK)
		return refuse_store(call);
	refusal = rotate(call, used, &successor);
	return refusal == REFUSAL_NONE ? access_token_reply(call, &grant) : refusal;
}

/* It was used before, and its time is over: the store ends the family. */
static enum refusal replayed(struct oauth_call *call, const struct token_request *request, const struct refresh_name *used)
{
	struct slice text;
	struct refresh_name successor;
	if (refresh_token_make(call->arena, request->refresh_token, &text, &successor) != RESULT_OK)
		return refuse_store(call);
	enum refusal refusal = rotate(call, used, &successor);
	return refusal == REFUSAL_NONE ? refuse_store(call) : refusal;
}

enum refusal grant_refresh_token(struct oauth_call *call, const struct token_request *request)
{
	if (!call->application->registered.refresh_tokens) {
		detail_arrived(call, "grant_type", SLICE_OF("refresh_token"));
		detail_registered_flag(call, "refresh_tokens", false);
		detail_change(call, "Turn refresh tokens on for %.*s, or let it send the person to the sign-in again.",
		              SLICE_ARGS(call->application->registered.name));
		return refuse(call, REFUSAL_GRANT_CLOSED, "This client application has no refresh tokens: turn them on for it, or let the person sign in again.");
	}
	if (request->refresh_token.ptr == NULL)
		return refuse(call, REFUSAL_PARAMETER_MISSING, "The parameter refresh_token is missing: send the newest one.");
	struct refresh_name used;
	if (refresh_token_name(request->refresh_token, &used) != RESULT_OK)
		return unknown(call, "it is no refresh token");
	struct refresh_read read = { .state = REFRESH_SPENT };
	enum result result = store_refresh_read(oauth_store(call), &call->realm, &used, clock_ms(), call->arena, &read);
	if (result == RESULT_NOT_FOUND)
		return unknown(call, "no live family of that name in this realm");
	if (result != RESULT_OK)
		return refuse_store(call);
	if (!grant_record_is_of(call, &read.grant))
		return unknown(call, "it was given to another client application");
	call->subject = read.grant.person_id;
	return read.state == REFRESH_SPENT ? replayed(call, request, &used) : exchange(call, request, &used, &read.grant);
}
