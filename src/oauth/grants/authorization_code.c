/* The code of a signed-in person for tokens (RFC 6749 §4.1.3, RFC 7636 §4.6), once. */
#include "base/clock.h"
#include "base/writer.h"
#include "oauth/access_token.h"
#include "oauth/grant_record.h"
#include "oauth/grants.h"
#include "oauth/refresh_token.h"

/* RFC 7636 §4.1 */
#define VERIFIER_MIN 43
#define VERIFIER_MAX 128

/* No challenge is equal to this one: what fits no challenge uses the code up like any wrong verifier. */
#define IMPOSSIBLE_CHALLENGE "none"

static enum refusal unknown(struct oauth_call *call, const char *why)
{
	call->audit_detail = slice_from(why);
	return refuse(call, REFUSAL_CODE_UNKNOWN,
	              "This authorization code is not good: it is unknown, expired, or was given to another client application or realm. Let "
	              "the person sign in again.");
}

static bool is_verifier(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (!letter && c != '-' && c != '.' && c != '_' && c != '~')
			return false;
	}
	return text.len >= VERIFIER_MIN && text.len <= VERIFIER_MAX;
}

/* The challenge that the verifier answers (RFC 7636 §4.2, S256); ptr NULL: no verifier, which is right where there was no
 * challenge. A single page application always had one, so its silence answers none. */
static struct slice challenge_of(struct oauth_call *call, struct slice verifier)
{
	if (verifier.ptr == NULL && call->application->registered.platform != PLATFORM_SPA)
		return (struct slice) { NULL, 0 };
	if (verifier.ptr == NULL || !is_verifier(verifier))
		return SLICE_OF(IMPOSSIBLE_CHALLENGE);
	struct hash32 hash = hash32_of(verifier);
	struct writer text = writer_new(call->arena, 64);
	writer_base64url(&text, hash.bytes, sizeof hash.bytes);
	return writer_ok(&text) ? writer_slice(&text) : SLICE_OF(IMPOSSIBLE_CHALLENGE);
}

static enum refusal redeem(struct oauth_call *call, const struct token_request *request, const struct refresh_name *refresh)
{
	const struct client_application *registered = &call->application->registered;
	const int64_t now_s = clock_s();
	const struct code_redemption redemption = {
		.code = hash32_of_kind("code", request->code),
		.client_id = registered->client_id,
		.redirect_uri = request->redirect_uri,
		.code_challenge = challenge_of(call, request->code_verifier),
		.now_s = now_s,
		.tokens_until = now_s + registered->access_token_seconds,
		.revoked_until = now_s + LIMIT_REVOKED_SECONDS,
		.refresh = refresh,
		.refresh_idle_s = registered->refresh_idle_seconds,
		.refresh_max_s = registered->refresh_max_seconds,
	};
	switch (store_code_redeem(oauth_store(call), &call->realm, &redemption)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_INVALID:
		return refuse(call, REFUSAL_CODE_MISMATCH,
		              "The redirect_uri or the code_verifier does not belong to this authorization code, which is used up now: send both as "
		              "the authorization request had them.");
	case RESULT_REPLAYED:
		return refuse(call, REFUSAL_CODE_REPLAYED, "This authorization code was used before: let the person sign in again.");
	case RESULT_EXPIRED: return unknown(call, "the code has expired");
	case RESULT_NOT_FOUND: return unknown(call, "no such code of this client application in this realm");
	default: return refuse_store(call);
	}
}

/* A live code: everything that may refuse without using it up comes first. */
static enum refusal exchange(struct oauth_call *call, const struct token_request *request, const struct grant_record *record)
{
	struct person person;
	struct token_grant grant = {
		.flow = FLOW_PERSON,
		.actor = call->realm.kind == PERSON_USER ? API_ACTOR_USER : API_ACTOR_CUSTOMER,
		.subject = record->person_id,
		.record = record,
		.person = &person,
	};
	enum result result = grant_record_judge(call, record, &person);
	if (result != RESULT_OK)
		return result == RESULT_EXPIRED ? unknown(call, "its person or client application lost access") : refuse_store(call);
	enum refusal refusal = scope_rules_cut(call, &person, record, (struct slice) { NULL, 0 }, &grant.scope);
	if (refusal == REFUSAL_NONE)
		refusal = access_token_ready(call);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct refresh_name refresh;
	bool offline = record->offline && call->application->registered.refresh_tokens;
	if (offline && refresh_token_make(call->arena, (struct slice) { NULL, 0 }, &grant.refresh_token, &refresh) != RESULT_OK)
		return refuse_store(call);
	refusal = redeem(call, request, offline ? &refresh : NULL);
	return refusal == REFUSAL_NONE ? access_token_reply(call, &grant) : refusal;
}

/* A used one goes to the store as well, which ends what came of the first use. */
static enum refusal replayed(struct oauth_call *call, const struct token_request *request)
{
	enum refusal refusal = redeem(call, request, NULL);
	return refusal == REFUSAL_NONE ? refuse_store(call) : refusal;
}

enum refusal grant_authorization_code(struct oauth_call *call, const struct token_request *request)
{
	if (request->code.ptr == NULL)
		return refuse(call, REFUSAL_PARAMETER_MISSING, "The parameter code is missing: send the code that came back to the redirect address.");
	if (request->redirect_uri.ptr == NULL)
		return refuse(call, REFUSAL_PARAMETER_MISSING, "The parameter redirect_uri is missing: send it as in the authorization request.");
	const struct hash32 code = hash32_of_kind("code", request->code);
	struct code_read read = { .state = CODE_EXPIRED };
	enum result result = store_code_read(oauth_store(call), &call->realm, &code, call->application->registered.client_id,
	                                     clock_s(), call->arena, &read);
	if (result == RESULT_NOT_FOUND)
		return unknown(call, "no such code of this client application in this realm");
	if (result != RESULT_OK)
		return refuse_store(call);
	call->subject = read.grant.person_id;
	if (read.state == CODE_EXPIRED)
		return unknown(call, "the code has expired");
	return read.state == CODE_USED ? replayed(call, request) : exchange(call, request, &read.grant);
}
