#include "oauth/subject_token.h"

#include "base/clock.h"
#include "oauth/key_sets.h"

enum refusal subject_token_refuse(struct oauth_call *call, const char *why)
{
	const struct slice detail = arena_print(call->arena, "subject token: %s", why);
	call->audit_detail = detail.ptr != NULL ? detail : SLICE_OF("subject token");
	detail_change(call, "Compare the identity provider's issuer, audience, jwks_url, claim and matches with what its tokens hold, and see "
	                    "that the person is there and enabled.");
	return refuse(call, REFUSAL_SUBJECT_TOKEN,
	              "The subject token proves nobody here: it is not one of this identity provider for this server that is good now, or it names "
	              "no enabled %s of this realm. Get a new one, and check how the provider is registered.",
	              person_kind_name(call->realm.kind));
}

static enum refusal unavailable(struct oauth_call *call, const char *what)
{
	return refuse(call, REFUSAL_UNAVAILABLE, "%s cannot answer now: try again later.", what);
}

/* ---- the token ---------------------------------------------------------------------------------------------------------- */

/* NULL: none is. Contract §4: up to 30 s ahead, no leeway on exp. */
static const char *time_that_is_wrong(const struct claims *claims, int64_t now_s)
{
	int64_t expires_at, not_before, issued_at;
	if (!claims_time(claims, "exp", &expires_at))
		return "it has no exp";
	if (expires_at <= now_s)
		return "it has expired (exp)";
	if (claims_has(claims, "nbf") && (!claims_time(claims, "nbf", &not_before) || not_before > now_s + LIMIT_CLOCK_AHEAD_S))
		return "it is not good yet (nbf)";
	if (claims_has(claims, "iat") && (!claims_time(claims, "iat", &issued_at) || issued_at > now_s + LIMIT_CLOCK_AHEAD_S))
		return "it was issued in the future (iat)";
	return NULL;
}

static const char *claim_that_is_wrong(const struct identity_provider *provider, const struct claims *claims)
{
	const bool by_email = provider->matches == MATCH_EMAIL || slice_is(provider->claim, "email");
	if (!slice_equal(claims_text(claims, "iss"), provider->issuer))
		return "its iss is not the provider's issuer";
	if (!claims_audience_has(claims, provider->audience))
		return "its aud is not the audience registered";
	/* Back-Channel Logout §2.4: of the same issuer, for the same audience, with the same sub, and no proof that anybody is there. */
	if (claims_has(claims, "events"))
		return "it is a logout token or another security event (events)";
	if (by_email && claims_denied(claims, "email_verified"))
		return "its e-mail is marked unverified (email_verified)";
	return time_that_is_wrong(claims, clock_s());
}

/* ---- the person --------------------------------------------------------------------------------------------------------- */

static struct slice named_by(const struct identity_provider *provider, const struct claims *claims)
{
	char name[LIMIT_NAME + 1];
	if (provider->claim.len >= sizeof name)
		return (struct slice) { NULL, 0 };
	memcpy(name, provider->claim.ptr, provider->claim.len);
	name[provider->claim.len] = '\0';
	return claims_text(claims, name);
}

static enum person_key key_of(const struct identity_provider *provider)
{
	switch (provider->matches) {
	case MATCH_USERNAME: return PERSON_BY_USERNAME;
	case MATCH_EMAIL: return PERSON_BY_EMAIL;
	case MATCH_ID: break;
	}
	return PERSON_BY_ID;
}

static enum refusal person_find(struct oauth_call *call, const struct identity_provider *provider, struct slice value, struct person *ret)
{
	struct store *store = oauth_store(call);
	struct person person = { .enabled = false };
	if (value.len == 0)
		return subject_token_refuse(call, "the claim that names the person is not there, empty, or no text");
	call->subject = arena_copy(call->arena, slice_first(value, LIMIT_EMAIL));
	switch (store_person_sole(store, &call->realm.partition, call->realm.kind, key_of(provider), value, call->arena, &person)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND: return subject_token_refuse(call, "nobody of this realm is named by its claim");
	case RESULT_CONFLICT: return subject_token_refuse(call, "its claim names several people");
	default: return unavailable(call, "The store");
	}
	if (!person.enabled)
		return subject_token_refuse(call, "the person whom it names is disabled");
	*ret = person;
	return REFUSAL_NONE;
}

/* A time that can have been. */
static int64_t signed_in_at(const struct claims *claims, int64_t now_s)
{
	int64_t auth_time;
	if (!claims_time(claims, "auth_time", &auth_time) || auth_time <= 0 || auth_time > now_s + LIMIT_CLOCK_AHEAD_S)
		return 0;
	return auth_time < now_s ? auth_time : now_s;
}

/* ---- both --------------------------------------------------------------------------------------------------------------- */

static enum refusal token_verify(struct oauth_call *call, const struct identity_provider *provider, struct slice token, struct claims *ret)
{
	struct problem why = { "" };
	switch (key_sets_verify(call->oauth->key_sets, &call->realm.partition, provider->jwks_url, token, ret, &why)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_BUSY: return unavailable(call, "The identity provider");
	case RESULT_NO_MEMORY: return unavailable(call, "The server");
	case RESULT_FAILED: {
		const struct slice text = arena_print(call->arena, "the provider's keys cannot be had from jwks_url: %s", why.text);
		return subject_token_refuse(call, text.ptr != NULL ? text.ptr : "the provider's keys cannot be had");
	}
	default: return subject_token_refuse(call, why.text);
	}
}

static enum refusal provider_find(struct oauth_call *call, struct slice registration_id, struct identity_provider *ret)
{
	switch (store_provider_read(oauth_store(call), &call->realm.partition, registration_id, call->arena, ret)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_NOT_FOUND:
		return refuse(call, REFUSAL_PROVIDER_UNKNOWN,
		              "There is no identity provider with the registration_id %.*s in this partition: send one that is registered.",
		              SLICE_ARGS(slice_first(registration_id, LIMIT_ID)));
	default: return unavailable(call, "The store");
	}
}

/* Its keys may have taken seconds: what counts is how the provider is registered now. */
static enum refusal provider_find_again(struct oauth_call *call, struct identity_provider *provider)
{
	const struct slice jwks_url = provider->jwks_url;
	enum refusal refusal = provider_find(call, provider->registration_id, provider);
	if (refusal == REFUSAL_NONE && !slice_equal(provider->jwks_url, jwks_url))
		return subject_token_refuse(call, "the provider's jwks_url was changed meanwhile");
	return refusal;
}

static enum refusal claims_judge(struct oauth_call *call, struct identity_provider *provider, const struct claims *claims, struct person *ret)
{
	enum refusal refusal = provider_find_again(call, provider);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const char *wrong = claim_that_is_wrong(provider, claims);
	return wrong != NULL ? subject_token_refuse(call, wrong) : person_find(call, provider, named_by(provider, claims), ret);
}

static void explain_claims(struct oauth_call *call, const struct identity_provider *provider, const struct claims *claims)
{
	bool in_array = false;
	detail_arrived(call, "iss", claims_text(claims, "iss"));
	detail_arrived(call, "aud", claims_sole_audience(claims, &in_array));
	detail_registered(call, "registration_id", provider->registration_id);
	detail_registered(call, "issuer", provider->issuer);
	detail_registered(call, "audience", provider->audience);
	detail_registered(call, "claim", provider->claim);
}

enum refusal subject_token_judge(struct oauth_call *call, const struct token_request *request, struct person *ret, int64_t *ret_auth_time)
{
	struct identity_provider provider = { .version = 0 };
	struct claims claims = { NULL };
	if (!clock_plausible())
		return unavailable(call, "The clock");
	enum refusal refusal = provider_find(call, request->registration_id, &provider);
	if (refusal == REFUSAL_NONE)
		refusal = token_verify(call, &provider, request->subject_token, &claims);
	if (refusal != REFUSAL_NONE)
		return refusal;
	refusal = claims_judge(call, &provider, &claims, ret);
	if (refusal == REFUSAL_SUBJECT_TOKEN)
		explain_claims(call, &provider, &claims);
	*ret_auth_time = signed_in_at(&claims, clock_s());
	claims_free(&claims);
	return refusal;
}
