#include "store/sqlite_store.h"

enum result store_fact_read(struct store *store, const char *name, struct arena *arena, struct slice *ret)
{
	struct reading reading;
	enum result result = reading_begin(store, "SELECT value FROM fact WHERE name = ?1", &reading);
	if (result != RESULT_OK)
		return result;
	bind_text(reading.statement, 1, slice_from(name));
	result = reading_step(&reading);
	struct slice value = { NULL, 0 };
	if (result == RESULT_OK)
		value = row_text(&(struct row) { reading.statement, arena, 0 });
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = value;
	return result;
}

struct fact {
	struct slice name, value;
};

static enum result fact_run(struct connection *connection, void *argument)
{
	const struct fact *fact = argument;
	sqlite3_stmt *statement = connection_statement(connection, "INSERT INTO fact (name, value) VALUES (?1, ?2)");
	bind_text(statement, 1, fact->name);
	bind_blob(statement, 2, fact->value);
	return statement_run(statement, NULL);
}

enum result store_fact_set_once(struct store *store, const char *name, struct slice value)
{
	struct fact fact = { slice_from(name), value };
	return write_durably(store, fact_run, &fact);
}
