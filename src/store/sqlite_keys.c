#include "store/listing.h"
#include "store/sqlite_grants.h"

#include "base/clock.h"

enum result store_keys_each(struct store *store, const struct partition_id *partition, store_visit_key *visit, void *context)
{
	static const char sql[] = "SELECT kid, algorithm, state, wrapped, public_jwk, created_at, published_until FROM signing_key "
	                          "WHERE partition = ?1 AND (published_until = 0 OR published_until > ?2) "
	                          "ORDER BY created_at DESC, kid DESC";
	struct reading reading;
	enum result result = reading_begin_fresh(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_int(reading.statement, 2, clock_s());
	while ((result = reading_step(&reading)) == RESULT_OK) {
		struct row row = { reading.statement, NULL, 0 };
		struct signing_key key = { 0 };
		key.kid = row_text(&row);
		key.algorithm = (enum signing_algorithm)row_int(&row);
		key.state = (enum key_state)row_int(&row);
		key.wrapped = row_text(&row);
		key.public_jwk = row_text(&row);
		key.created_at = row_int(&row);
		key.published_until = row_int(&row);
		result = visit(context, &key);
		if (result != RESULT_OK)
			break;
	}
	bool over = result == RESULT_NOT_FOUND && sqlite3_stmt_busy(reading.statement) == 0;
	reading_end_fresh(&reading);
	return over ? RESULT_OK : result;
}

/* Parameters 1 to 8 of an insert into signing_key or its staging table. */
enum result key_insert(sqlite3_stmt *statement, const struct partition_id *partition, const struct signing_key *key)
{
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, key->kid);
	bind_int(statement, 3, key->algorithm);
	bind_int(statement, 4, key->state);
	bind_blob(statement, 5, key->wrapped);
	bind_text(statement, 6, key->public_jwk);
	bind_int(statement, 7, key->created_at);
	bind_int(statement, 8, key->published_until);
	return statement_run(statement, NULL);
}

static const char insert_key[] =
	"INSERT INTO signing_key (partition, kid, algorithm, state, wrapped, public_jwk, created_at, published_until) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

struct first_keys {
	const struct partition_id *partition;
	const struct signing_key *keys;
	size_t count;
};

static enum result first_keys_run(struct connection *connection, void *argument)
{
	const struct first_keys *first = argument;
	int64_t has_keys;
	sqlite3_stmt *look = connection_statement(connection, "SELECT EXISTS (SELECT 1 FROM signing_key WHERE partition = ?1) "
	                                                      "FROM partition WHERE id = ?1");
	bind_partition(look, 1, first->partition);
	enum result result = statement_int(look, &has_keys);
	if (result != RESULT_OK)
		return result;
	if (has_keys != 0)
		return RESULT_CONFLICT;
	for (size_t i = 0; i < first->count && result == RESULT_OK; i++)
		result = key_insert(connection_statement(connection, insert_key), first->partition, &first->keys[i]);
	if (result != RESULT_OK)
		return result;
	return change_insert(connection, partition_id_slice(first->partition), CHANGE_KEY, SLICE_OF(""));
}

enum result store_keys_add_first(struct store *store, const struct partition_id *partition, const struct signing_key *keys,
                                 size_t count)
{
	struct first_keys first = { partition, keys, count };
	return write_durably(store, first_keys_run, &first);
}

struct rotation {
	const struct partition_id *partition;
	const struct signing_key *fresh;
	struct slice expected_next_kid;
	int64_t retired_until;
};

static enum result rotation_run(struct connection *connection, void *argument)
{
	const struct rotation *rotation = argument;
	/* The expected next key proves that nobody rotated meanwhile; then each moves on by one state. */
	int64_t ignored;
	sqlite3_stmt *look = connection_statement(connection, "SELECT 1 FROM signing_key WHERE partition = ?1 AND kid = ?2 "
	                                                      "AND algorithm = ?3 AND state = 1");
	bind_partition(look, 1, rotation->partition);
	bind_text(look, 2, rotation->expected_next_kid);
	bind_int(look, 3, rotation->fresh->algorithm);
	enum result result = statement_int(look, &ignored);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_CONFLICT : result;
	sqlite3_stmt *retire = connection_statement(connection, "UPDATE signing_key SET state = 3, published_until = ?3 "
	                                                        "WHERE partition = ?1 AND algorithm = ?2 AND state = 2");
	bind_partition(retire, 1, rotation->partition);
	bind_int(retire, 2, rotation->fresh->algorithm);
	bind_int(retire, 3, rotation->retired_until);
	result = statement_run(retire, NULL);
	if (result != RESULT_OK)
		return result;
	sqlite3_stmt *promote = connection_statement(connection, "UPDATE signing_key SET state = 2 WHERE partition = ?1 AND kid = ?2");
	bind_partition(promote, 1, rotation->partition);
	bind_text(promote, 2, rotation->expected_next_kid);
	result = statement_run(promote, NULL);
	if (result != RESULT_OK)
		return result;
	struct signing_key fresh = *rotation->fresh;
	fresh.state = KEY_NEXT;
	fresh.published_until = 0;
	result = key_insert(connection_statement(connection, insert_key), rotation->partition, &fresh);
	if (result != RESULT_OK)
		return result;
	return change_insert(connection, partition_id_slice(rotation->partition), CHANGE_KEY, SLICE_OF(""));
}

enum result store_keys_rotate_audited(struct store *store, const struct partition_id *partition, const struct signing_key *fresh,
                                      struct slice expected_next_kid, int64_t retired_until, const struct audit_event *event)
{
	struct rotation rotation = { partition, fresh, expected_next_kid, retired_until };
	return write_audited(store, rotation_run, &rotation, event);
}

enum result store_keys_rotate(struct store *store, const struct partition_id *partition, const struct signing_key *fresh,
                              struct slice expected_next_kid, int64_t retired_until)
{
	return store_keys_rotate_audited(store, partition, fresh, expected_next_kid, retired_until, NULL);
}
