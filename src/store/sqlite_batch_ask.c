/* What a batch knows before its commit: questions of the one who fills it, and what pruning would delete. */
#include "store/sqlite_batch.h"

#include "base/text.h"

static enum result ask(struct store_batch *batch, const char *sql, const struct partition_id *partition, int64_t kind,
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

static const char *const is_staged[] = {
	[OBJECT_PARTITION] = "SELECT EXISTS (SELECT 1 FROM staged_partition WHERE id = ?3)",
	[OBJECT_DEPARTMENT] = "SELECT EXISTS (SELECT 1 FROM staged_department WHERE partition = ?1 AND name = ?3)",
	[OBJECT_PERMISSION] = "SELECT EXISTS (SELECT 1 FROM staged_permission WHERE partition = ?1 AND name = ?3)",
	[OBJECT_USER] = "SELECT EXISTS (SELECT 1 FROM staged_person WHERE partition = ?1 AND kind = 85 AND id = ?3)",
	[OBJECT_CUSTOMER] = "SELECT EXISTS (SELECT 1 FROM staged_person WHERE partition = ?1 AND kind = 67 AND id = ?3)",
	[OBJECT_APPLICATION] = "SELECT EXISTS (SELECT 1 FROM staged_application WHERE partition = ?1 AND client_id = ?3)",
	[OBJECT_API] = "SELECT EXISTS (SELECT 1 FROM staged_api WHERE partition = ?1 AND name = ?3)",
	[OBJECT_PROVIDER] = "SELECT EXISTS (SELECT 1 FROM staged_identity_provider WHERE partition = ?1 AND registration_id = ?3)",
};

enum result store_batch_has(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                            struct slice key, bool *ret)
{
	static const char mentioned[] = "SELECT " MENTIONED;
	struct slice wanted = kind == OBJECT_PARTITION ? partition_id_slice(partition) : key;
	bool known;
	enum result result = ask(batch, is_staged[kind], partition, (int)kind, wanted, wanted, &known);
	if (result == RESULT_OK && !known)
		result = ask(batch, mentioned, partition, (int)kind, wanted, wanted, &known);
	if (result == RESULT_OK)
		*ret = known;
	return result;
}

/* ?1 partition, ?2 object kind, ?3 name, ?4 key; for the store: who has the name there. */
struct name_rule {
	const char *staged;
	const char *in_store;
};

#define NAME_STAGED(table, name, key, only) \
	"SELECT EXISTS (SELECT 1 FROM staged_" table " WHERE partition = ?1 AND " name " = ?3 AND " key " <> ?4" only ")"
#define NAME_IN_STORE(table, name, key, only) \
	"SELECT " key " FROM main." table " WHERE partition = ?1 AND " name " = ?2" only

static const struct name_rule name_rules[] = {
	[OBJECT_USER] = { NAME_STAGED("person", "username_key", "id", " AND kind = 85"),
	                  NAME_IN_STORE("person", "username_key", "id", " AND kind = 85") },
	[OBJECT_CUSTOMER] = { NAME_STAGED("person", "email_key", "id", " AND kind = 67"),
	                      NAME_IN_STORE("person", "email_key", "id", " AND kind = 67") },
	[OBJECT_APPLICATION] = { NAME_STAGED("application", "name", "client_id", ""),
	                         NAME_IN_STORE("application", "name", "client_id", " AND name = ?2 COLLATE NOCASE") },
};

/* The staging connection has a transaction open that must not see the store grow old: the store is asked through a
 * reader. ret has room for LIMIT_ID bytes. */
static enum result ask_store(struct store_batch *batch, const char *sql, const struct partition_id *partition,
                             struct slice name, char holder[LIMIT_ID], struct slice *ret)
{
	struct reading reading;
	enum result result = reading_begin(batch->store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, name);
	result = reading_step(&reading);
	if (result == RESULT_OK) {
		struct slice found = slice_first(column_text(reading.statement, 0), LIMIT_ID);
		if (found.len > 0)
			memcpy(holder, found.ptr, found.len);
		*ret = (struct slice) { holder, found.len };
	}
	reading_end(&reading);
	return result;
}

/* Somebody of the store has the name and stays as he is: mentioned, and not staged with another name. */
static enum result name_kept(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                             struct slice name, struct slice key, bool *ret)
{
	static const char mentioned[] = "SELECT " MENTIONED;
	char holder_text[LIMIT_ID];
	struct slice holder;
	bool staged = false, kept = false;
	enum result result = ask_store(batch, name_rules[kind].in_store, partition, name, holder_text, &holder);
	if (result == RESULT_NOT_FOUND || (result == RESULT_OK && slice_equal(holder, key))) {
		*ret = false;
		return RESULT_OK;
	}
	if (result == RESULT_OK)
		result = ask(batch, mentioned, partition, (int)kind, holder, holder, &kept);
	if (result == RESULT_OK)
		result = ask(batch, is_staged[kind], partition, (int)kind, holder, holder, &staged);
	if (result == RESULT_OK)
		*ret = kept && !staged;
	return result;
}

enum result store_batch_name_taken(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                                   struct slice name, struct slice key, bool *ret)
{
	char folded[LIMIT_EMAIL];
	if (kind != OBJECT_USER && kind != OBJECT_CUSTOMER && kind != OBJECT_APPLICATION) {
		*ret = false; /* the others have no name beside their key */
		return RESULT_OK;
	}
	if (kind != OBJECT_APPLICATION && !fold_into(folded, sizeof(folded), name, &name))
		return RESULT_TOO_LARGE;
	bool taken;
	enum result result = ask(batch, name_rules[kind].staged, partition, (int)kind, name, key, &taken);
	if (result == RESULT_OK && !taken)
		result = name_kept(batch, partition, kind, name, key, &taken);
	if (result == RESULT_OK)
		*ret = taken;
	return result;
}

static enum result exists(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                          const char *in_store, struct slice name, bool prune, bool *ret)
{
	char ignored[LIMIT_ID];
	struct slice holder;
	bool known;
	enum result result = store_batch_has(batch, partition, kind, name, &known);
	if (result == RESULT_OK && !known && !prune) {
		result = ask_store(batch, in_store, partition, name, ignored, &holder);
		known = result == RESULT_OK;
		result = result == RESULT_NOT_FOUND ? RESULT_OK : result;
	}
	if (result == RESULT_OK)
		*ret = known;
	return result;
}

enum result store_batch_rely(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind, struct slice key,
                             int64_t version)
{
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO relied (object, partition, key, version) VALUES (?1, ?2, ?3, nullif(?4, 0))");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_int(statement, 1, kind);
	bind_partition(statement, 2, partition);
	bind_text(statement, 3, key);
	bind_int(statement, 4, version);
	return statement_run(statement, NULL);
}

enum result store_batch_permission_exists(struct store_batch *batch, const struct partition_id *partition, struct slice name,
                                          bool prune, bool *ret)
{
	static const char in_store[] = "SELECT name FROM permission WHERE partition = ?1 AND name = ?2";
	enum result result = exists(batch, partition, OBJECT_PERMISSION, in_store, name, prune, ret);
	/* who asks means to use it */
	return result == RESULT_OK && *ret ? store_batch_rely(batch, partition, OBJECT_PERMISSION, name, 0) : result;
}

enum result store_batch_department_exists(struct store_batch *batch, const struct partition_id *partition, struct slice name,
                                          bool prune, bool *ret)
{
	static const char in_store[] = "SELECT name FROM department WHERE partition = ?1 AND name = ?2";
	return exists(batch, partition, OBJECT_DEPARTMENT, in_store, name, prune, ret);
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
		return sqlite3_mprintf("INSERT INTO pruned (object, number, partition, key, name, version) "
		                       "SELECT 1, number, id, id, name, version FROM main.partition "
		                       "WHERE id <> 'SYSTEM' AND id NOT IN " SPARED_PARTITIONS);
	const char *same_kind = strcmp(table->table, "person") == 0 ? "s.kind = x.kind AND " : "";
	return sqlite3_mprintf("INSERT INTO pruned (object, number, partition, key, name, version) "
	                       "SELECT %d, x.number, x.partition, x.%s, %s, x.version FROM main.%s AS x "
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
	enum result result = batch_rest(batch);
	if (result == RESULT_OK)
		result = connection_run(&batch->connection, "DELETE FROM pruned");
	for (size_t i = 0; i < object_table_count && result == RESULT_OK; i++)
		result = batch_run(&batch->connection, prune_sql(&object_tables[i]), 0);
	return result == RESULT_OK && visit != NULL ? pruned_show(batch, visit, context) : result;
}
