#include "store/sqlite_store.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum result sqlite_copy(struct connection *from, struct connection *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
	if (backup == NULL)
		return sqlite_result(sqlite3_errcode(to->db));
	/* All in one step: one read transaction here, one write transaction there. */
	int64_t until = clock_monotonic_ms() + LIMIT_STORE_WAIT_MS;
	int code;
	while ((code = sqlite3_backup_step(backup, -1)) == SQLITE_BUSY || code == SQLITE_LOCKED) {
		if (clock_monotonic_ms() >= until)
			break;
		usleep(2000);
	}
	int finished = sqlite3_backup_finish(backup);
	if (code != SQLITE_DONE)
		return code == SQLITE_OK ? RESULT_STORE_DOWN : sqlite_result(code);
	return sqlite_result(finished);
}

/* To the disk, the name in its folder included. */
static enum result file_sync(const char *path)
{
	char *folder = strdup(path);
	if (folder == NULL)
		return RESULT_NO_MEMORY;
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		memcpy(folder, ".", 2); /* a path is never empty: there is room */
	else
		slash[slash == folder ? 1 : 0] = '\0';
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int above = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	bool good = file >= 0 && above >= 0 && fsync(file) == 0 && fsync(above) == 0;
	if (file >= 0)
		close(file);
	if (above >= 0)
		close(above);
	return good ? RESULT_OK : RESULT_FAILED;
}

static enum result backup_into(struct store *store, const char *path, struct problem *problem)
{
	struct connection from, to;
	int code = connection_open(&from, store->path, CONNECTION_READER, store->readers.flags);
	if (code != SQLITE_OK)
		return schema_problem(code, store->path, problem);
	code = connection_open(&to, path, CONNECTION_BATCH, SQLITE_OPEN_READWRITE);
	if (code != SQLITE_OK) {
		connection_close(&from);
		return schema_problem(code, path, problem);
	}
	enum result result = connection_run(&to, "PRAGMA journal_mode=OFF");
	if (result == RESULT_OK)
		result = sqlite_copy(&from, &to);
	if (result != RESULT_OK)
		result = problem_set(problem, result, "the backup to %s failed: %s", path, sqlite3_errmsg(to.db));
	connection_close(&to);
	connection_close(&from);
	if (result == RESULT_OK && file_sync(path) != RESULT_OK)
		result = problem_set(problem, RESULT_FAILED, "the backup %s could not be brought to the disk: %s", path, strerror(errno));
	return result;
}

enum result store_backup(struct store *store, const char *path, struct problem *problem)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return problem_set(problem, RESULT_CONFLICT, "%s exists: give the name of a new file", path);
	if (fd < 0)
		return problem_set(problem, RESULT_FAILED, "%s cannot be made: %s", path, strerror(errno));
	close(fd);
	enum result result = backup_into(store, path, problem);
	if (result != RESULT_OK)
		(void)unlink(path);
	return result;
}

/* Is it a whole store that this program knows? Nothing is touched before that is sure. */
static enum result backup_judge(struct connection *backup, const char *path, struct problem *problem)
{
	enum result result = schema_judge(backup, path, problem);
	if (result == RESULT_NOT_FOUND)
		return problem_set(problem, RESULT_INVALID, "%s is empty, not a backup", path);
	if (result != RESULT_OK && result != RESULT_EXPIRED)
		return result;
	sqlite3_stmt *statement = connection_statement(backup, "PRAGMA quick_check(1)");
	bool whole = statement != NULL && sqlite3_step(statement) == SQLITE_ROW && slice_is(column_text(statement, 0), "ok");
	(void)sqlite3_reset(statement);
	return whole ? RESULT_OK : problem_set(problem, RESULT_INVALID, "%s is damaged: use another backup", path);
}

/* Copies into a store that is open and empty, in one transaction; then brings its schema up to date. */
static enum result restore_into(const char *store_path, struct connection *backup, const char *path, struct problem *problem)
{
	struct connection to;
	int code = connection_open(&to, store_path, CONNECTION_BATCH, SQLITE_OPEN_READWRITE);
	if (code != SQLITE_OK)
		return schema_problem(code, store_path, problem);
	enum result result = sqlite_copy(backup, &to);
	if (result != RESULT_OK)
		result = problem_set(problem, result, "%s could not be copied into %s: %s", path, store_path, sqlite3_errmsg(to.db));
	connection_close(&to);
	return result;
}

static void store_files_remove(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *name = NULL;
		if (asprintf(&name, "%s%s", path, endings[i]) >= 0) {
			(void)unlink(name);
			free(name);
		}
	}
}

static enum result restore_checked(struct slice url, struct connection *backup, const char *path, struct problem *problem)
{
	char *store_path = strndup(store_url_path(url).ptr, store_url_path(url).len);
	if (store_path == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory left to restore");
	struct stat status;
	bool fresh = stat(store_path, &status) != 0;
	struct store *store;
	bool empty = false;
	enum result result = store_open(url, STORE_CREATE, &store, problem);
	if (result == RESULT_OK) {
		result = store_is_empty(store, &empty);
		if (result == RESULT_OK && !empty)
			result = problem_set(problem, RESULT_CONFLICT, "%s is not empty: give a --store that does not exist yet", store_path);
		else if (result == RESULT_OK)
			result = restore_into(store_path, backup, path, problem);
		store_close(store);
		if (result != RESULT_OK && fresh)
			store_files_remove(store_path);
	}
	if (result == RESULT_OK) {
		result = store_open(url, STORE_EXISTING, &store, problem); /* migrates an older backup */
		if (result == RESULT_OK)
			store_close(store);
	}
	free(store_path);
	return result;
}

enum result store_restore(struct slice url, const char *path, struct problem *problem)
{
	if (store_url_path(url).len == 0)
		return problem_set(problem, RESULT_INVALID, "%.*s is no URL of a file: write --store sqlite:PATH", SLICE_ARGS(url));
	if (access(path, R_OK) != 0)
		return problem_set(problem, RESULT_NOT_FOUND, "the backup %s cannot be read: %s", path, strerror(errno));
	struct connection backup;
	int code = connection_open(&backup, path, CONNECTION_READER, SQLITE_OPEN_READONLY);
	if (code != SQLITE_OK)
		return schema_problem(code, path, problem);
	enum result result = backup_judge(&backup, path, problem);
	if (result == RESULT_OK)
		result = restore_checked(url, &backup, path, problem);
	connection_close(&backup);
	return result;
}

/* ---- is the store whole? ---- */

static const struct {
	const char *sql;
	const char *sentence;
} consistency[] = {
	{ "SELECT 1 FROM person GROUP BY partition, kind, id HAVING count(*) > 1 LIMIT 1", "two people have the same id" },
	{ "SELECT 1 FROM person WHERE username_key IS NOT NULL GROUP BY partition, kind, username_key HAVING count(*) > 1 LIMIT 1",
	  "two people have the same username" },
	{ "SELECT 1 FROM person WHERE email_key IS NOT NULL GROUP BY partition, kind, email_key HAVING count(*) > 1 LIMIT 1",
	  "two customers have the same e-mail" },
	{ "SELECT 1 FROM application GROUP BY partition, name HAVING count(*) > 1 LIMIT 1",
	  "two client applications have the same name" },
	{ "SELECT 1 FROM (SELECT DISTINCT partition FROM person UNION SELECT DISTINCT partition FROM application "
	  "UNION SELECT DISTINCT partition FROM department UNION SELECT DISTINCT partition FROM permission "
	  "UNION SELECT DISTINCT partition FROM signing_key UNION SELECT DISTINCT partition FROM api "
	  "UNION SELECT DISTINCT partition FROM identity_provider) WHERE partition NOT IN (SELECT id FROM partition) LIMIT 1",
	  "there are objects of a partition that does not exist" },
	{ "SELECT 1 FROM (SELECT partition, kind, person_id FROM session UNION SELECT partition, kind, person_id FROM consent "
	  "UNION SELECT partition, kind, person_id FROM grant_record) AS x WHERE NOT EXISTS (SELECT 1 FROM person AS p "
	  "WHERE p.id = x.person_id AND p.partition = x.partition AND p.kind = x.kind) LIMIT 1",
	  "there are sessions, consents or grants of a person who does not exist" },
	{ "SELECT 1 FROM refresh_token WHERE grant_number NOT IN (SELECT number FROM grant_record WHERE ended = 0) LIMIT 1",
	  "there are refresh tokens of a grant that is over" },
	{ "SELECT 1 FROM api LEFT JOIN (SELECT partition, api, count(*) AS found FROM api_operation GROUP BY 1, 2) AS o "
	  "ON o.partition = api.partition AND o.api = api.name WHERE coalesce(o.found, 0) <> api.operation_count LIMIT 1",
	  "an API has not the operations that it had" },
	{ "SELECT 1 FROM api_operation AS o WHERE NOT EXISTS (SELECT 1 FROM api WHERE api.partition = o.partition AND api.name = o.api) LIMIT 1",
	  "there are operations of an API that does not exist" },
};

enum result store_check(struct store *store, struct problem *problem)
{
	struct reading reading;
	enum result result = reading_begin_fresh(store, "PRAGMA integrity_check(1)", &reading);
	if (result != RESULT_OK)
		return problem_set(problem, result, "%s cannot be read: %s", store->path, result_text(result));
	result = reading_step(&reading);
	struct slice said = result == RESULT_OK ? column_text(reading.statement, 0) : (struct slice) { "", 0 };
	if (result != RESULT_OK || !slice_is(said, "ok"))
		result = problem_set(problem, RESULT_STORE_DOWN, "%s is damaged (%.*s): restore a backup", store->path,
		                     (int)(said.len < 200 ? said.len : 200), said.ptr);
	reading_end_fresh(&reading);
	for (size_t i = 0; i < sizeof(consistency) / sizeof(consistency[0]) && result == RESULT_OK; i++) {
		result = reading_begin_fresh(store, consistency[i].sql, &reading);
		if (result != RESULT_OK)
			return problem_set(problem, result, "%s cannot be read: %s", store->path, result_text(result));
		result = reading_step(&reading);
		reading_end_fresh(&reading);
		if (result == RESULT_OK)
			return problem_set(problem, RESULT_STORE_DOWN, "%s is inconsistent: %s; restore a backup", store->path,
			                   consistency[i].sentence);
		result = result == RESULT_NOT_FOUND ? RESULT_OK : result;
	}
	return result;
}
