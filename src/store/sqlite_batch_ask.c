/* What a batch knows before its commit: questions of the one who fills it, and what pruning would delete. */
#include "store/sqlite_batch.h"

#include "base/text.h"

static enum result ask(struct store_batch *batch, const char *sql, const struct partition_id *partition, int kind,
                       struct slice name, struct slice key, bool *ret)
{
	sqlite3_stmt *statement = connection_statement(&batch->connection, sql);
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	int parameters = sqlite3_bind_parameter_count(statement);
	bind_partition(statement, 1, partition);
	bind_int(statement, 2, kind);
	bind_text(statement, 3, name);
	if (parameters > 3)
		bind_text(statement, 4, key);
	int64_t answer;
	enum result result = statement_int(statement, &answer);
	if (result == RESULT_OK)
		*ret = answer != 0;
	return result == RESULT_NOT_FOUND ? RESULT_STORE_DOWN : result;
}

#define MENTIONED "EXISTS (SELECT 1 FROM mentioned WHERE partition = ?1 AND object = ?2 AND key = ?3)"

enum result store_batch_has(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                            struct slice key, bool *ret)
{
	static const char *const sql[] = {
		[OBJECT_PARTITION] = "SELECT EXISTS (SELECT 1 FROM staged_partition WHERE id = ?1) OR " MENTIONED,
		[OBJECT_DEPARTMENT] = "SELECT EXISTS (SELECT 1 FROM staged_department WHERE partition = ?1 AND name = ?3) OR " MENTIONED,
		[OBJECT_PERMISSION] = "SELECT EXISTS (SELECT 1 FROM staged_permission WHERE partition = ?1 AND name = ?3) OR " MENTIONED,
		[OBJECT_USER] = "SELECT EXISTS (SELECT 1 FROM staged_person WHERE partition = ?1 AND kind = 85 AND id = ?3) OR " MENTIONED,
		[OBJECT_CUSTOMER] =
			"SELECT EXISTS (SELECT 1 FROM staged_person WHERE partition = ?1 AND kind = 67 AND id = ?3) OR " MENTIONED,
		[OBJECT_APPLICATION] =
			"SELECT EXISTS (SELECT 1 FROM staged_application WHERE partition = ?1 AND client_id = ?3) OR " MENTIONED,
	};
	struct slice wanted = kind == OBJECT_PARTITION ? partition_id_slice(partition) : key;
	return ask(batch, sql[kind], partition, kind, wanted, wanted, ret);
}

/* Taken by a staged object, or by one of the store that is mentioned, hence stays as it is. */
#define NAME_TAKEN(table, name, key, only) \
	"SELECT EXISTS (SELECT 1 FROM staged_" table " WHERE partition = ?1 AND " name " = ?3 AND " key " <> ?4" only ") " \
	"OR EXISTS (SELECT 1 FROM main." table " AS m JOIN mentioned AS n " \
	"ON n.partition = m.partition AND n.object = ?2 AND n.key = m." key " " \
	"WHERE m.partition = ?1 AND m." name " = ?3 AND m." key " <> ?4" only " " \
	"AND NOT EXISTS (SELECT 1 FROM staged_" table " AS s WHERE s.partition = ?1 AND s." key " = m." key only "))"

enum result store_batch_name_taken(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                                   struct slice name, struct slice key, bool *ret)
{
	static const char *const sql[] = {
		[OBJECT_USER] = NAME_TAKEN("person", "username_key", "id", " AND kind = 85"),
		[OBJECT_CUSTOMER] = NAME_TAKEN("person", "email_key", "id", " AND kind = 67"),
		[OBJECT_APPLICATION] = NAME_TAKEN("application", "name", "client_id", ""),
	};
	char folded[LIMIT_EMAIL];
	if (kind != OBJECT_USER && kind != OBJECT_CUSTOMER && kind != OBJECT_APPLICATION) {
		*ret = false; /* the others have no name beside their key */
		return RESULT_OK;
	}
	if (kind != OBJECT_APPLICATION && !fold_into(folded, sizeof(folded), name, &name))
		return RESULT_TOO_LARGE;
	return ask(batch, sql[kind], partition, kind, name, key, ret);
}

#define STAGED_OR_MENTIONED(table) \
	"SELECT EXISTS (SELECT 1 FROM staged_" table " WHERE partition = ?1 AND name = ?3) OR " MENTIONED

enum result store_batch_permission_exists(struct store_batch *batch, const struct partition_id *partition, struct slice name,
                                          bool prune, bool *ret)
{
	static const char alone[] = STAGED_OR_MENTIONED("permission");
	static const char with_store[] = STAGED_OR_MENTIONED("permission")
		" OR EXISTS (SELECT 1 FROM main.permission WHERE partition = ?1 AND name = ?3)";
	return ask(batch, prune ? alone : with_store, partition, OBJECT_PERMISSION, name, name, ret);
}

enum result store_batch_department_exists(struct store_batch *batch, const struct partition_id *partition, struct slice name,
                                          bool prune, bool *ret)
{
	static const char alone[] = STAGED_OR_MENTIONED("department");
	static const char with_store[] = STAGED_OR_MENTIONED("department")
		" OR EXISTS (SELECT 1 FROM main.department WHERE partition = ?1 AND name = ?3)";
	return ask(batch, prune ? alone : with_store, partition, OBJECT_DEPARTMENT, name, name, ret);
}

/* ---- pruning ---- */

#define SPARED_PARTITIONS "(SELECT id FROM staged_partition UNION SELECT partition FROM mentioned WHERE object = 1)"

static char *prune_sql(const struct object_table *table)
{
	const char *name = table->kind == OBJECT_USER       ? "x.username"
	                 : table->kind == OBJECT_CUSTOMER    ? "x.email"
	                 : table->kind == OBJECT_APPLICATION ? "x.name"
	                                                     : "";
	if (table->kind == OBJECT_PARTITION)
		return sqlite3_mprintf("INSERT INTO pruned SELECT 1, number, id, id, name, version FROM main.partition "
		                       "WHERE id <> 'SYSTEM' AND id NOT IN " SPARED_PARTITIONS);
	const char *same_kind = strcmp(table->table, "person") == 0 ? "s.kind = x.kind AND " : "";
	return sqlite3_mprintf("INSERT INTO pruned SELECT %d, x.number, x.partition, x.%s, %s, x.version FROM main.%s AS x "
	                       "WHERE x.partition IN " SPARED_PARTITIONS "%s "
	                       "AND NOT EXISTS (SELECT 1 FROM staged_%s AS s WHERE s.partition = x.partition AND %s s.%s = x.%s) "
	                       "AND NOT EXISTS (SELECT 1 FROM mentioned AS n WHERE n.partition = x.partition AND n.object = %d "
	                       "AND n.key = x.%s)",
	                       table->kind, table->key, name[0] == '\0' ? "''" : name, table->table, table->only, table->table,
	                       same_kind, table->key, table->key, table->kind, table->key);
}

static enum result pruned_show(struct store_batch *batch, store_visit_pruned *visit, void *context)
{
	sqlite3_stmt *statement = connection_statement(&batch->connection,
		"SELECT object, partition, key, name FROM pruned ORDER BY partition, object, key");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	enum result result = RESULT_OK;
	int code = SQLITE_DONE;
	while (result == RESULT_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct partition_id partition;
		if (!partition_id_parse(column_text(statement, 1), &partition))
			result = RESULT_STORE_DOWN;
		else
			result = visit(context, &partition, (enum object_kind)sqlite3_column_int(statement, 0), column_text(statement, 2),
			               column_text(statement, 3));
	}
	(void)sqlite3_reset(statement);
	return result == RESULT_OK ? sqlite_result(code) : result;
}

enum result store_batch_prune(struct store_batch *batch, store_visit_pruned *visit, void *context)
{
	enum result result = connection_run(&batch->connection, "DELETE FROM pruned");
	for (size_t i = 0; i < object_table_count && result == RESULT_OK; i++)
		result = batch_run(&batch->connection, prune_sql(&object_tables[i]), 0);
	return result == RESULT_OK && visit != NULL ? pruned_show(batch, visit, context) : result;
}
