#include "oauth/grants.h"

static const struct grant grants[] = {
	{ SLICE("authorization_code"), GRANT_PUBLIC | GRANT_BLOCKS, COUNTED_AUTHORIZATION_CODE, grant_authorization_code },
	{ SLICE("refresh_token"), GRANT_PUBLIC | GRANT_BLOCKS, COUNTED_REFRESH_TOKEN, grant_refresh_token },
	{ SLICE("client_credentials"), 0, COUNTED_CLIENT_CREDENTIALS, grant_client_credentials },
	{ SLICE("password"), 0, COUNTED_ON_BEHALF_OF, grant_on_behalf_of },
	{ SLICE("urn:ietf:params:oauth:grant-type:token-exchange"), GRANT_BLOCKS, COUNTED_TOKEN_EXCHANGE, grant_token_exchange },
};

const struct grant *grant_at(size_t index)
{
	return index < sizeof grants / sizeof grants[0] ? &grants[index] : NULL;
}

const struct grant *grant_find(struct slice grant_type)
{
	const struct grant *grant;
	for (size_t i = 0; (grant = grant_at(i)) != NULL; i++)
		if (slice_equal(grant->name, grant_type))
			return grant;
	return NULL;
}
