#include "gateway/check_token.h"

#include "base/clock.h"
#include "directory/rules.h"
#include "gateway/token_facts.h"

bool check_token_application_permission(const struct tenant *tenant, struct slice scope)
{
	struct slice name;
	while (slice_word(&scope, &name)) {
		enum permission_kind kind;
		if (!permission_is_reserved(name) && tenant_permission_kind(tenant, name, &kind) && kind == PERMISSION_APPLICATION)
			return true;
	}
	return false;
}

static bool read_facts(const struct oauth_call *call, const struct access_token *token, struct token_facts *ret)
{
	*ret = token_facts_of(token, check_token_application_permission(call->tenant, token->scope));
	/* what is for the Admin API is for nothing else */
	return slice_equal(token->audience, call->oauth->api_url);
}

/* With the keys of the partition that it names itself; whether it is of that partition is what they prove. */
static enum result verify(struct gateway *gateway, struct oauth_call *call, struct slice text, uint64_t generation, struct checked_token *ret)
{
	struct access_token token;
	enum result result = directory_tenant(gateway->oauth->directory, &ret->partition, &call->tenant);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_INVALID : RESULT_STORE_DOWN;
	result = access_token_read(call, text, &token);
	if (result != RESULT_OK)
		return result;
	ret->claims = token.claims;
	if (!read_facts(call, &token, &ret->facts))
		return RESULT_INVALID;
	token_memory_keep(gateway->memory, text, generation, &ret->facts);
	return RESULT_OK;
}

static bool is_revoked(const struct gateway *gateway, const struct checked_token *token)
{
	struct store *store = directory_store(gateway->oauth->directory);
	return store_is_revoked(store, &token->partition, REVOKED_TOKEN, token->facts.jti) ||
	       store_is_revoked(store, &token->partition, REVOKED_GRANT, token->facts.gid);
}

/* What was remembered of it, and still holds: nothing changed in its partition since. */
static bool recall(struct gateway *gateway, struct slice text, struct checked_token *ret)
{
	uint64_t generation;
	return token_memory_recall(gateway->memory, text, clock_s(), ret->buffer, &ret->facts, &generation) &&
	       partition_id_parse(ret->facts.partition, &ret->partition) &&
	       generation == directory_generation(gateway->oauth->directory, &ret->partition);
}

enum result check_token(struct gateway *gateway, struct oauth_call *call, struct slice text, struct checked_token *ret)
{
	struct directory *directory = gateway->oauth->directory;
	ret->claims.object = NULL;
	/* before anything is asked that is kept in memory: nothing here is older than the store's watcher promises */
	if (!clock_plausible() || store_watch_catch_up(directory_store(directory)) != RESULT_OK)
		return RESULT_STORE_DOWN;
	ret->remembered = recall(gateway, text, ret);
	if (!ret->remembered && jws_claimed_partition(text, &ret->partition) != RESULT_OK)
		return RESULT_INVALID;
	call->realm.partition = ret->partition;
	if (!ret->remembered)
		return verify(gateway, call, text, directory_generation(directory, &ret->partition), ret);
	return is_revoked(gateway, ret) ? RESULT_EXPIRED : RESULT_OK;
}

void checked_token_free(struct checked_token *token)
{
	if (token->claims.object != NULL)
		claims_free(&token->claims);
}
