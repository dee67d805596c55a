#include "store/sqlite.h"

#include "base/clock.h"

#include <unistd.h>

/* Embedded by the build from schema/. */
extern const char schema_0001[];
extern const char schema_0002[];
extern const char schema_0003[];
extern const char schema_0004[];
extern const char schema_0005[];
extern const char schema_0006[];

static const char *const migrations[SCHEMA_VERSION] = {
	schema_0001,
	schema_0002,
	schema_0003,
	schema_0004,
	schema_0005,
	schema_0006,
};

enum result schema_problem(int code, const char *path, struct problem *problem)
{
	switch (code & 0xff) {
	case SQLITE_NOTADB:
		return problem_set(problem, RESULT_INVALID, "%s is not a database: give another path with --store", path);
	case SQLITE_CORRUPT:
		return problem_set(problem, RESULT_INVALID, "%s is damaged: restore a backup with `writ restore`", path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return problem_set(problem, RESULT_BUSY, "%s is in use by another program: try again when it is done", path);
	case SQLITE_FULL:
		return problem_set(problem, RESULT_FAILED, "no space left for %s: make room on its disk", path);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return problem_set(problem, RESULT_FAILED,
		                   "%s or its folder cannot be written: give this user write permission on both", path);
	case SQLITE_NOMEM:
		return problem_set(problem, RESULT_NO_MEMORY, "no memory left to open %s", path);
	default:
		return problem_set(problem, RESULT_FAILED, "%s cannot be used: %s", path, sqlite3_errstr(code));
	}
}

static enum result problem_of(struct connection *connection, const char *path, struct problem *problem)
{
	return schema_problem(sqlite3_extended_errcode(connection->db), path, problem);
}

enum result schema_judge(struct connection *connection, const char *path, struct problem *problem)
{
	int64_t application_id, version, tables;
	if (connection_int(connection, "PRAGMA application_id", &application_id) != RESULT_OK ||
	    connection_int(connection, "PRAGMA user_version", &version) != RESULT_OK ||
	    connection_int(connection, "SELECT count(*) FROM sqlite_schema", &tables) != RESULT_OK)
		return problem_of(connection, path, problem);
	if (application_id == 0 && version == 0 && tables == 0)
		return RESULT_NOT_FOUND;
	if (application_id != SCHEMA_APPLICATION_ID)
		return problem_set(problem, RESULT_INVALID, "%s is a database of another program: give another path with --store",
		                   path);
	if (version > SCHEMA_VERSION)
		return problem_set(problem, RESULT_INVALID,
		                   "%s was made by a newer writ (schema %lld, this program knows %d): use that version, "
		                   "or restore a backup", path, (long long)version, SCHEMA_VERSION);
	return version == SCHEMA_VERSION ? RESULT_OK : RESULT_EXPIRED;
}

/* Two programs may try at once: the switch wants the file for itself and does not wait by itself. */
static enum result wal_enter(struct connection *connection)
{
	int64_t until = clock_monotonic_ms() + LIMIT_STORE_WAIT_MS;
	for (;;) {
		sqlite3_stmt *statement = connection_statement(connection, "PRAGMA journal_mode=WAL");
		int code = statement == NULL ? sqlite3_errcode(connection->db) : sqlite3_step(statement);
		bool entered = code == SQLITE_ROW && slice_is(column_text(statement, 0), "wal");
		(void)sqlite3_reset(statement);
		if (entered)
			return RESULT_OK;
		if (sqlite_result(code) != RESULT_BUSY || clock_monotonic_ms() >= until)
			return code == SQLITE_ROW ? RESULT_FAILED : sqlite_result(code);
		usleep(2000);
	}
}

/* Inside the write transaction, so that of two programs one finds the work done. */
static enum result migrate_locked(struct connection *connection, const char *path, struct problem *problem)
{
	enum result result = schema_judge(connection, path, problem);
	if (result != RESULT_NOT_FOUND && result != RESULT_EXPIRED)
		return result;
	int64_t version;
	if (connection_int(connection, "PRAGMA user_version", &version) != RESULT_OK)
		return problem_of(connection, path, problem);
	for (int64_t i = version; i < SCHEMA_VERSION; i++)
		if (sqlite3_exec(connection->db, migrations[i], NULL, NULL, NULL) != SQLITE_OK)
			return problem_of(connection, path, problem);
	char *finish = sqlite3_mprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	if (finish == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory left to open %s", path);
	int code = sqlite3_exec(connection->db, finish, NULL, NULL, NULL);
	sqlite3_free(finish);
	return code == SQLITE_OK ? RESULT_OK : problem_of(connection, path, problem);
}

enum result schema_migrate(struct connection *connection, const char *path, struct problem *problem)
{
	enum result result = schema_judge(connection, path, problem);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND && result != RESULT_EXPIRED)
		return result;
	if (wal_enter(connection) != RESULT_OK)
		return problem_of(connection, path, problem);
	if (result == RESULT_OK)
		return RESULT_OK;
	if (connection_run(connection, "BEGIN IMMEDIATE") != RESULT_OK)
		return problem_of(connection, path, problem);
	result = migrate_locked(connection, path, problem);
	if (result == RESULT_OK && connection_run(connection, "COMMIT") != RESULT_OK)
		result = problem_of(connection, path, problem);
	if (sqlite3_get_autocommit(connection->db) == 0)
		(void)!connection_run(connection, "ROLLBACK");
	return result;
}
