#include "jose/access_claims.h"

#include "base/text.h"

/* False: absent, no text, or empty. */
static bool text_read(const struct claims *claims, const char *name, struct slice *ret)
{
	*ret = claims_text(claims, name);
	return ret->len > 0;
}

/* A token may have no scope at all, but says so. */
static bool scope_read(const struct claims *claims, struct slice *ret)
{
	*ret = claims_text(claims, "scope");
	return ret->ptr != NULL;
}

/* RFC 8693 §4.1: who acts for the subject, if anybody does. */
static bool actor_read(const struct claims *claims, struct access_token *token)
{
	const bool acting = claims_has(claims, "act");
	token->acting_client = claims_member_text(claims, "act", "sub");
	return acting == (token->acting_client.len > 0) && text_read(claims, "actor", &token->actor) &&
	       token_actor(token->actor, acting, &token->speaks_for);
}

static bool all_read(const struct claims *claims, struct access_token *token)
{
	token->claims = *claims;
	if (!claims_int(claims, "auth_time", &token->auth_time))
		token->auth_time = 0;
	return text_read(claims, "iss", &token->issuer) && text_read(claims, "aud", &token->audience) &&
	       text_read(claims, "partition", &token->partition) &&
	       text_read(claims, "sub", &token->subject) && text_read(claims, "client_id", &token->client_id) && text_read(claims, "jti", &token->jti) &&
	       text_read(claims, "gid", &token->gid) && scope_read(claims, &token->scope) && actor_read(claims, token) &&
	       claims_int(claims, "iat", &token->issued_at) && claims_int(claims, "exp", &token->expires_at);
}

/* Each realm signs for its own people; a client application asks for itself at either. */
static bool of_its_realm(const struct access_token *token, const struct access_expected *expected)
{
	const bool of_users = slice_equal(token->issuer, expected->users_issuer);
	const bool of_customers = slice_equal(token->issuer, expected->customers_issuer);
	switch (token->speaks_for) {
	case API_ACTOR_USER:
	case API_ACTOR_USER_ON_BEHALF_OF: return of_users;
	case API_ACTOR_CUSTOMER:
	case API_ACTOR_CUSTOMER_ON_BEHALF_OF:
	case API_ACTOR_ANONYMOUS_CUSTOMER: return of_customers;
	case API_ACTOR_CLIENT: return of_users || of_customers;
	}
	return false;
}

/* No client application asks for an anonymous customer, and one does for everybody else. */
static bool of_its_client(const struct access_token *token)
{
	return slice_is(token->client_id, ANONYMOUS_CLIENT_ID) == (token->speaks_for == API_ACTOR_ANONYMOUS_CUSTOMER);
}

static bool for_here(const struct access_token *token, const struct access_expected *expected)
{
	return slice_equal(token->audience, expected->audience) ||
	       (expected->admin_audience.ptr != NULL && slice_equal(token->audience, expected->admin_audience));
}

bool access_claims_read(const struct claims *claims, const struct access_expected *expected, struct access_token *ret)
{
	if (!all_read(claims, ret))
		return false;
	if (!slice_equal(ret->partition, expected->partition))
		return false;
	if (!for_here(ret, expected))
		return false;
	if (!of_its_realm(ret, expected) || !of_its_client(ret))
		return false;
	return text_uuid7_ms(ret->jti, &ret->made_ms) == RESULT_OK;
}
