/* One object is named to be deleted: it is written down beside what pruning finds, and goes the same way. */
#include "store/sqlite_batch.h"

static const struct object_table *table_of(enum object_kind kind)
{
	for (size_t i = 0; i < object_table_count; i++)
		if (object_tables[i].kind == kind)
			return &object_tables[i];
	return NULL;
}

static enum result row_mark(struct connection *connection, char *sql, const struct partition_id *partition, struct slice key, int64_t version)
{
	sqlite3_stmt *statement = NULL;
	int code = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		bind_partition(statement, 1, partition);
		bind_text(statement, 2, key);
		bind_int(statement, 3, version);
	}
	enum result result = code == SQLITE_OK ? statement_run(statement, NULL) : sqlite_result(code);
	if (result == RESULT_OK && sqlite3_changes64(connection->db) == 0)
		result = RESULT_NOT_FOUND;
	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return result;
}

enum result store_batch_delete(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind, struct slice key,
                               int64_t version)
{
	const struct object_table *table = table_of(kind);
	if (table == NULL || (kind == OBJECT_PARTITION && slice_is(partition_id_slice(partition), PARTITION_SYSTEM)))
		return RESULT_INVALID;
	enum result result = batch_rest(batch);
	if (result != RESULT_OK)
		return result;
	return row_mark(&batch->connection,
		sqlite3_mprintf("INSERT OR REPLACE INTO pruned (object, number, partition, key, name, version, asked) "
	                        "SELECT %d, x.number, x.%s, x.%s, '', nullif(?3, 0), 1 FROM main.%s AS x WHERE x.%s = ?1 AND x.%s = ?2%s",
	                        kind, table->partition, table->key, table->table, table->partition, table->key, table->only),
		partition, kind == OBJECT_PARTITION ? partition_id_slice(partition) : key, version);
}
