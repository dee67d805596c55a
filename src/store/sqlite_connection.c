#include "store/sqlite.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Readers map the file (the system shares the pages) and keep next to no pages of their own. */
#define MAPPED "PRAGMA mmap_size=2147418112; PRAGMA trusted_schema=0;"
/* Enough for a burst of writes between two checkpoints; a bigger log is cut back to this when it starts over. */
#define DURABLE "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=16777216;"

static const char *const role_settings[] = {
	[CONNECTION_READER] = MAPPED "PRAGMA query_only=1; PRAGMA cache_size=-256;",
	[CONNECTION_WATCHER] = MAPPED "PRAGMA query_only=1; PRAGMA cache_size=-64;",
	[CONNECTION_WRITER] = MAPPED DURABLE "PRAGMA cache_size=-1024;",
	[CONNECTION_BATCH] = MAPPED DURABLE "PRAGMA cache_size=-32768; PRAGMA temp_store=FILE;",
};

/* Looks again every millisecond or two: SQLite's own handler sleeps up to 100 ms while the lock is long free. */
static int connection_wait(void *context, int tries)
{
	struct connection *connection = context;
	int64_t now = clock_monotonic_ms();
	if (tries == 0)
		connection->waiting_since = now;
	if (now - connection->waiting_since >= connection->wait_ms)
		return 0;
	usleep(tries < 8 ? 500 : 2000);
	return 1;
}

int connection_open(struct connection *connection, const char *path, enum connection_role role, int flags)
{
	*connection = (struct connection) { .wait_ms = LIMIT_STORE_WAIT_MS };
	/* A plain file whatever its name: "file:x" and ":memory:" mean something else to SQLite. */
	char *name = NULL;
	if (asprintf(&name, "%s%s", path[0] == '/' ? "" : "./", path) < 0)
		return SQLITE_NOMEM;
	int code = sqlite3_open_v2(name, &connection->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	free(name);
	if (code == SQLITE_OK) {
		sqlite3_busy_handler(connection->db, connection_wait, connection);
		code = sqlite3_exec(connection->db, role_settings[role], NULL, NULL, NULL);
	}
	if (code != SQLITE_OK)
		connection_close(connection);
	return code;
}

void connection_close(struct connection *connection)
{
	for (size_t i = 0; i < CONNECTION_STATEMENTS; i++)
		sqlite3_finalize(connection->cached[i].statement);
	sqlite3_close(connection->db);
	*connection = (struct connection) { 0 };
}

sqlite3_stmt *connection_statement(struct connection *connection, const char *sql)
{
	size_t slot = ((uintptr_t)sql >> 4) % CONNECTION_STATEMENTS;
	for (size_t i = 0; i < CONNECTION_STATEMENTS; i++, slot = (slot + 1) % CONNECTION_STATEMENTS) {
		if (connection->cached[slot].sql == sql)
			return connection->cached[slot].statement;
		if (connection->cached[slot].sql != NULL)
			continue;
		sqlite3_stmt *statement = NULL;
		if (sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
			return NULL;
		connection->cached[slot].sql = sql;
		connection->cached[slot].statement = statement;
		return statement;
	}
	return NULL;
}

enum result connection_run(struct connection *connection, const char *sql)
{
	sqlite3_stmt *statement = connection_statement(connection, sql);
	return statement == NULL ? sqlite_result(sqlite3_errcode(connection->db)) : statement_run(statement, NULL);
}

enum result connection_int(struct connection *connection, const char *sql, int64_t *ret)
{
	sqlite3_stmt *statement = connection_statement(connection, sql);
	return statement == NULL ? sqlite_result(sqlite3_errcode(connection->db)) : statement_int(statement, ret);
}

enum result sqlite_result(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return RESULT_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RESULT_BUSY;
	case SQLITE_CONSTRAINT:
		return RESULT_CONFLICT;
	case SQLITE_NOMEM:
		return RESULT_NO_MEMORY;
	case SQLITE_TOOBIG:
		return RESULT_TOO_LARGE;
	default:
		return RESULT_STORE_DOWN;
	}
}

/* A failed bind (no memory, too big) leaves NULL, which no column that matters accepts: the step then fails. */
void bind_text(sqlite3_stmt *statement, int index, struct slice text)
{
	(void)sqlite3_bind_text64(statement, index, text.len == 0 ? "" : text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

void bind_text_or_null(sqlite3_stmt *statement, int index, struct slice text)
{
	if (text.len == 0)
		(void)sqlite3_bind_null(statement, index);
	else
		bind_text(statement, index, text);
}

void bind_optional(sqlite3_stmt *statement, int index, struct slice text)
{
	if (text.ptr == NULL)
		(void)sqlite3_bind_null(statement, index);
	else
		bind_text(statement, index, text);
}

void bind_blob(sqlite3_stmt *statement, int index, struct slice bytes)
{
	(void)sqlite3_bind_blob64(statement, index, bytes.len == 0 ? "" : bytes.ptr, bytes.len, SQLITE_STATIC);
}

void bind_hash(sqlite3_stmt *statement, int index, const struct hash32 *hash)
{
	bind_blob(statement, index, (struct slice) { (const char *)hash->bytes, sizeof(hash->bytes) });
}

void bind_int(sqlite3_stmt *statement, int index, int64_t value)
{
	(void)sqlite3_bind_int64(statement, index, value);
}

void bind_partition(sqlite3_stmt *statement, int index, const struct partition_id *id)
{
	bind_text(statement, index, partition_id_slice(id));
}

enum result statement_run(sqlite3_stmt *statement, int *ret_rows)
{
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	int rows = 0;
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		rows++;
	(void)sqlite3_reset(statement);
	if (code == SQLITE_DONE && ret_rows != NULL)
		*ret_rows = rows;
	return sqlite_result(code);
}

enum result statement_finish(sqlite3_stmt *statement, int code, bool found)
{
	while (code == SQLITE_ROW)
		code = sqlite3_step(statement);
	(void)sqlite3_reset(statement);
	if (code != SQLITE_DONE)
		return sqlite_result(code);
	return found ? RESULT_OK : RESULT_NOT_FOUND;
}

enum result statement_int(sqlite3_stmt *statement, int64_t *ret)
{
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	int64_t value = found ? sqlite3_column_int64(statement, 0) : 0;
	enum result result = statement_finish(statement, code, found);
	if (result == RESULT_OK)
		*ret = value;
	return result;
}

struct slice column_text(sqlite3_stmt *statement, int column)
{
	const char *text = sqlite3_column_blob(statement, column);
	int len = sqlite3_column_bytes(statement, column);
	return (struct slice) { text, text == NULL || len < 0 ? 0 : (size_t)len };
}

struct slice row_text(struct row *row)
{
	struct slice text = column_text(row->statement, row->column++);
	if (text.len == 0)
		return (struct slice) { "", 0 };
	return row->arena == NULL ? text : arena_copy(row->arena, text);
}

struct slice row_optional(struct row *row)
{
	if (sqlite3_column_type(row->statement, row->column) != SQLITE_NULL)
		return row_text(row);
	row->column++;
	return (struct slice) { NULL, 0 };
}

int64_t row_int(struct row *row)
{
	return sqlite3_column_int64(row->statement, row->column++);
}

bool row_bool(struct row *row)
{
	return row_int(row) != 0;
}

bool fold_into(char *buffer, size_t size, struct slice text, struct slice *ret)
{
	if (text.len > size)
		return false;
	for (size_t i = 0; i < text.len; i++)
		buffer[i] = text_lower(text.ptr[i]);
	*ret = (struct slice) { buffer, text.len };
	return true;
}
