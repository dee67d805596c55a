/* Many new rows at once. Put one by one into indices larger than the cache, each would bring pages in and out for every key; made anew from
 * all rows, an index is sorted and written once. In the transaction of the commit, so that others see indices as they were, or whole. */
#include "store/sqlite_batch.h"

#define BULK_ROWS 20000 /* fewer are put in one by one */
#define BULK_INDICES 16

struct indices {
	size_t count;
	char *drop[BULK_INDICES], *make[BULK_INDICES];
};

static void indices_free(struct indices *indices)
{
	for (size_t i = 0; i < indices->count; i++) {
		sqlite3_free(indices->drop[i]);
		sqlite3_free(indices->make[i]);
	}
}

static enum result count_fresh(struct connection *connection, const char *table, int64_t *ret)
{
	char *sql = sqlite3_mprintf("SELECT count(*) FROM staged_%s WHERE version = 0", table);
	sqlite3_stmt *statement = NULL;
	int code = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	enum result result = code == SQLITE_OK ? statement_int(statement, ret) : sqlite_result(code);
	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return result;
}

/* Are there many, and more than the table has? */
static enum result bulk_judge(struct connection *connection, const char *table, bool *ret)
{
	int64_t fresh = 0;
	enum result result = count_fresh(connection, table, &fresh);
	*ret = false;
	if (result != RESULT_OK || fresh < BULK_ROWS)
		return result;
	char *sql = sqlite3_mprintf("SELECT 1 FROM main.%s LIMIT 1 OFFSET %lld", table, (long long)fresh - 1);
	result = batch_find(connection, sql, NULL);
	sqlite3_free(sql);
	*ret = result == RESULT_NOT_FOUND;
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* Those that are not part of the table's own definition, as the schema has them. */
static enum result indices_read(struct connection *connection, const char *table, struct indices *ret)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL ORDER BY rowid");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_text(statement, 1, slice_from(table));
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW && ret->count < BULK_INDICES) {
		size_t i = ret->count++;
		ret->drop[i] = sqlite3_mprintf("DROP INDEX main.\"%w\"", sqlite3_column_text(statement, 0));
		ret->make[i] = sqlite3_mprintf("%s", sqlite3_column_text(statement, 1));
	}
	(void)sqlite3_reset(statement);
	return code == SQLITE_DONE ? RESULT_OK : code == SQLITE_ROW ? RESULT_STORE_DOWN : sqlite_result(code);
}

/* Runs each and frees it. */
static enum result indices_run(struct connection *connection, char **statements, size_t count)
{
	enum result result = RESULT_OK;
	for (size_t i = 0; i < count && result == RESULT_OK; i++) {
		char *sql = statements[i];
		statements[i] = NULL;
		result = batch_run(connection, sql, 0);
	}
	return result;
}

enum result batch_insert(struct connection *connection, const char *table, const char *sql, int64_t now_ms)
{
	struct indices indices = { 0 };
	bool bulk;
	enum result result = bulk_judge(connection, table, &bulk);
	if (result == RESULT_OK && bulk)
		result = indices_read(connection, table, &indices);
	if (result == RESULT_OK)
		result = indices_run(connection, indices.drop, indices.count);
	if (result == RESULT_OK)
		result = batch_run(connection, sqlite3_mprintf("%s", sql), now_ms);
	if (result == RESULT_OK)
		result = indices_run(connection, indices.make, indices.count);
	indices_free(&indices);
	return result;
}
