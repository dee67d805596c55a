/* Which client assertions were used: what signs in once must never sign in again. */
#include "store/sqlite_store.h"

#define HASHED_MAX (LIMIT_PARTITION_ID + 1 + LIMIT_ID + 1 + LIMIT_JTI_SIZE)

struct assertion_use {
	struct hash32 hash;
	int64_t expires_at;
};

static enum result use_run(struct connection *connection, void *argument)
{
	const struct assertion_use *use = argument;
	int rows = 0;
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO assertion_jti (hash, expires_at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING RETURNING 1");
	bind_hash(statement, 1, &use->hash);
	bind_int(statement, 2, use->expires_at);
	enum result result = statement_run(statement, &rows);
	return result == RESULT_OK && rows == 0 ? RESULT_REPLAYED : result;
}

/* The name is the client's own, so it says nothing of those of others. */
static bool name_hash(const struct partition_id *partition, struct slice client_id, struct slice jti, struct hash32 *ret)
{
	char text[HASHED_MAX];
	size_t len = partition->len;
	if (client_id.len == 0 || client_id.len > LIMIT_ID || jti.len == 0 || jti.len > LIMIT_JTI_SIZE)
		return false;
	memcpy(text, partition->text, len);
	text[len++] = '\0';
	memcpy(text + len, client_id.ptr, client_id.len);
	len += client_id.len;
	text[len++] = '\0';
	memcpy(text + len, jti.ptr, jti.len);
	*ret = hash32_of_kind("assertion", (struct slice) { text, len + jti.len });
	return true;
}

enum result store_assertion_use(struct store *store, const struct partition_id *partition, struct slice client_id, struct slice jti,
                                int64_t expires_at)
{
	struct assertion_use use = { .expires_at = expires_at };
	if (!name_hash(partition, client_id, jti, &use.hash))
		return RESULT_INVALID;
	return write_durably(store, use_run, &use);
}
