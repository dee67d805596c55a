#include "store/sqlite_store.h"

#include "base/clock.h"

enum result audit_insert(struct connection *connection, const struct audit_event *event)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO audit (" AUDIT_COLUMNS ") "
		            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
	const struct slice texts[] = { event->partition, event->request_id, event->action,  event->result,
		                       event->actor,     event->object,     event->address, event->detail };
	bind_int(statement, 1, event->at_ms);
	for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++)
		bind_text(statement, i + 2, texts[i]);
	return statement_run(statement, NULL);
}

enum result change_insert(struct connection *connection, struct slice partition, enum change_kind kind, struct slice id)
{
	sqlite3_stmt *statement =
		connection_statement(connection, "INSERT INTO change (partition, kind, id, at) VALUES (?1, ?2, ?3, ?4)");
	bind_text(statement, 1, partition);
	bind_int(statement, 2, kind);
	bind_text(statement, 3, id);
	bind_int(statement, 4, clock_s());
	return statement_run(statement, NULL);
}

enum result store_audit(struct store *store, const struct audit_event *event)
{
	return store->writes.running ? write_audit(&store->writes, event) : RESULT_FAILED;
}

void audit_from_row(struct row *row, struct audit_event *ret)
{
	*ret = (struct audit_event) { .at_ms = row_int(row) };
	struct slice *const texts[] = { &ret->partition, &ret->request_id, &ret->action,  &ret->result,
		                        &ret->actor,     &ret->object,     &ret->address, &ret->detail };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = row_text(row);
}

enum result store_audit_each(struct store *store, size_t most, store_visit_audit *visit, void *context)
{
	static const char sql[] = "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY seq DESC LIMIT ?1";
	struct reading reading;
	enum result result = reading_begin_fresh(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_int(reading.statement, 1, most > INT64_MAX ? INT64_MAX : (int64_t)most);
	while ((result = reading_step(&reading)) == RESULT_OK) {
		struct audit_event event;
		audit_from_row(&(struct row) { reading.statement, NULL, 0 }, &event);
		result = visit(context, &event);
		if (result != RESULT_OK)
			break;
	}
	bool over = result == RESULT_NOT_FOUND && sqlite3_stmt_busy(reading.statement) == 0;
	reading_end_fresh(&reading);
	return over ? RESULT_OK : result;
}

void store_audit_retention(struct store *store, int64_t rows, int64_t seconds)
{
	atomic_store(&store->sweeper.audit_rows, rows);
	atomic_store(&store->sweeper.audit_seconds, seconds);
}
