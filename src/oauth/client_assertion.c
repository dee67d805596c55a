#include "oauth/client_assertion.h"

#include "base/clock.h"
#include "oauth/key_sets.h"

static enum result disproved(struct oauth_call *call, const char *why)
{
	call->audit_detail = slice_from(why);
	return RESULT_INVALID;
}

/* A sentence that was made: kept with the request. */
static enum result disproved_because(struct oauth_call *call, const char *what, const struct problem *why)
{
	call->audit_detail = arena_print(call->arena, "client assertion: %s%s", what, why->text);
	return RESULT_INVALID;
}

/* ---- for the administrator ---------------------------------------------------------------------------------------------- */

static void explain_form(struct oauth_call *call, const struct token_request *form)
{
	detail_arrived(call, "client_assertion", form->client_assertion.ptr == NULL ? SLICE_OF("none") : SLICE_OF("one"));
	detail_arrived(call, "client_assertion_type", form->client_assertion_type.ptr == NULL ? SLICE_OF("none") : form->client_assertion_type);
	detail_change(call, "Let the application send client_assertion_type=" CLIENT_ASSERTION_TYPE " and a signed JWT whose sub is its client id.");
}

static void explain_keys(struct oauth_call *call, const struct client_application *registered)
{
	detail_registered(call, "client_id", registered->client_id);
	detail_registered(call, "keys", registered->jwks.len > 0 ? SLICE_OF("jwks")
	                                : registered->jwks_url.len > 0 ? SLICE_OF("jwks_url") : SLICE_OF("none"));
	if (registered->jwks_url.len > 0)
		detail_registered(call, "jwks_url", registered->jwks_url);
	detail_change(call, "Register the public key that %.*s signs with, as jwks or at its jwks_url, or let it sign with a registered one: "
	                    "RS256, PS256 or ES256.",
	              SLICE_ARGS(registered->name));
}

static void explain_platform(struct oauth_call *call, const struct client_application *registered)
{
	detail_registered_flag(call, "enabled", registered->enabled);
	detail_registered(call, "platform", slice_from(platform_name(registered->platform)));
	if (registered->platform == PLATFORM_SPA)
		detail_change(call, "Register a client application for the platform web, which can keep a key; %.*s sends none.", SLICE_ARGS(registered->name));
	else
		detail_change(call, "Enable %.*s, if it shall be used again.", SLICE_ARGS(registered->name));
}

static void explain_claims(struct oauth_call *call, const struct client_application *registered, const struct claims *claims)
{
	bool in_array = false;
	const struct slice issuer = oauth_issuer(call, call->realm.kind);
	detail_arrived(call, "iss", claims_text(claims, "iss"));
	detail_arrived(call, "sub", claims_text(claims, "sub"));
	detail_arrived(call, "aud", claims_sole_audience(claims, &in_array));
	detail_registered(call, "client_id", registered->client_id);
	detail_registered(call, "issuer", issuer);
	detail_change(call, "Let the application make a new assertion for each request: iss and sub are %.*s, aud is %.*s alone, exp is at most "
	                    "an hour ahead, jti is new. See that its clock is right.", SLICE_ARGS(registered->client_id), SLICE_ARGS(issuer));
}

/* ---- the form ----------------------------------------------------------------------------------------------------------- */

bool client_assertion_tried(const struct token_request *form)
{
	return form->client_assertion.ptr != NULL || form->client_assertion_type.ptr != NULL;
}

bool client_assertion_names(struct oauth_call *call, const struct token_request *form, struct slice *ret)
{
	struct slice subject = { NULL, 0 };
	const char *why = NULL;
	if (form->client_assertion.ptr == NULL)
		why = "client assertion: client_assertion_type came without it";
	else if (!slice_is(form->client_assertion_type, CLIENT_ASSERTION_TYPE))
		why = "client assertion: client_assertion_type is not " CLIENT_ASSERTION_TYPE;
	else if (foreign_jws_claimed_subject(form->client_assertion, call->arena, &subject) != RESULT_OK)
		why = "client assertion: it is no signed token with a sub";
	else if (form->client_id.ptr != NULL && !slice_equal(form->client_id, subject))
		why = "client assertion: its sub is not the client_id of the form";
	if (why == NULL) {
		*ret = subject;
		return true;
	}
	call->audit_detail = slice_from(why);
	explain_form(call, form);
	return false;
}

/* ---- signature -------------------------------------------------------------------------------------------------------- */

static enum result verify(struct oauth_call *call, const struct client_application *registered, struct slice assertion, struct claims *ret)
{
	struct problem why = { "" };
	enum result result;
	if (registered->jwks.len == 0 && registered->jwks_url.len == 0)
		return disproved(call, "client assertion: the client application has no keys registered");
	if (registered->jwks.len > 0)
		result = foreign_jws_verify(assertion, registered->jwks, ret, &why);
	else
		result = key_sets_verify(call->oauth->key_sets, &call->realm.partition, registered->jwks_url, assertion, ret, &why);
	switch (result) {
	case RESULT_OK:
	case RESULT_BUSY: return result;
	case RESULT_NO_MEMORY: return RESULT_BUSY;
	case RESULT_FAILED: return disproved_because(call, "its keys cannot be had from jwks_url: ", &why);
	default: return disproved_because(call, "", &why);
	}
}

/* ---- claims ------------------------------------------------------------------------------------------------------------ */

/* The token endpoint's address is taken where it stands alone, as older clients send it; in a list it could stand beside the
 * address of another server that passes the assertion on. */
static bool audience_is_this_realm(const struct oauth_call *call, const struct claims *claims)
{
	bool in_array = false;
	const struct slice issuer = oauth_issuer(call, call->realm.kind);
	const struct slice audience = claims_sole_audience(claims, &in_array);
	if (audience.ptr == NULL || issuer.ptr == NULL)
		return false;
	if (slice_equal(audience, issuer))
		return true;
	return !in_array && slice_starts_with(audience, issuer) && slice_is(slice_skip(audience, issuer.len), "/oauth2/token");
}

/* NULL: none is. Contract §4: up to 30 s ahead, no leeway on exp. */
static const char *time_that_is_wrong(const struct claims *claims, int64_t now_s, int64_t *ret_expires_at)
{
	int64_t expires_at, not_before, issued_at;
	if (!claims_time(claims, "exp", &expires_at))
		return "client assertion: it has no exp";
	if (expires_at <= now_s)
		return "client assertion: it has expired (exp)";
	if (expires_at > now_s + LIMIT_ASSERTION_S + LIMIT_CLOCK_AHEAD_S)
		return "client assertion: its exp is more than an hour ahead";
	if (claims_has(claims, "nbf") && (!claims_time(claims, "nbf", &not_before) || not_before > now_s + LIMIT_CLOCK_AHEAD_S))
		return "client assertion: it is not good yet (nbf)";
	if (claims_has(claims, "iat") && (!claims_time(claims, "iat", &issued_at) || issued_at > now_s + LIMIT_CLOCK_AHEAD_S))
		return "client assertion: it was issued in the future (iat)";
	*ret_expires_at = expires_at;
	return NULL;
}

static const char *claim_that_is_wrong(const struct oauth_call *call, const struct client_application *registered, const struct claims *claims,
                                       int64_t *ret_expires_at)
{
	const struct slice jti = claims_text(claims, "jti");
	if (!slice_equal(claims_text(claims, "iss"), registered->client_id))
		return "client assertion: its iss is not the client id";
	if (!slice_equal(claims_text(claims, "sub"), registered->client_id))
		return "client assertion: its sub is not the client id";
	if (!audience_is_this_realm(call, claims))
		return "client assertion: its aud is not this realm's issuer alone, nor its token endpoint as a text";
	if (jti.len == 0 || jti.len > LIMIT_JTI_SIZE)
		return "client assertion: it has no jti of 1 to 256 bytes";
	return time_that_is_wrong(claims, clock_s(), ret_expires_at);
}

/* Remembered for as long as a clock behind ours takes it for unexpired. */
static enum result use_up(struct oauth_call *call, const struct client_application *registered, const struct claims *claims, int64_t expires_at)
{
	switch (store_assertion_use(oauth_store(call), &call->realm.partition, registered->client_id,
	                            claims_text(claims, "jti"), expires_at + LIMIT_CLOCK_AHEAD_S)) {
	case RESULT_OK: return RESULT_OK;
	case RESULT_REPLAYED: return disproved(call, "client assertion: its jti was used before");
	default: return RESULT_STORE_DOWN;
	}
}

enum result client_assertion_prove(struct oauth_call *call, const struct application *application, struct slice assertion)
{
	const struct client_application *registered = &application->registered;
	struct claims claims;
	int64_t expires_at = 0;
	if (registered->platform != PLATFORM_WEB || !registered->enabled)
		explain_platform(call, registered);
	if (registered->platform != PLATFORM_WEB)
		return disproved(call, "client assertion: a single page application cannot keep a key");
	if (!registered->enabled)
		return disproved(call, "client assertion: the client application is disabled");
	if (!clock_plausible())
		return RESULT_STORE_DOWN;
	enum result result = verify(call, registered, assertion, &claims);
	if (result == RESULT_INVALID)
		explain_keys(call, registered);
	if (result != RESULT_OK)
		return result;
	const char *wrong = claim_that_is_wrong(call, registered, &claims, &expires_at);
	result = wrong != NULL ? disproved(call, wrong) : use_up(call, registered, &claims, expires_at);
	if (result == RESULT_INVALID)
		explain_claims(call, registered, &claims);
	claims_free(&claims);
	return result;
}
