#include "store/sqlite_store.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum result store_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(thread, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != 0)
		return RESULT_FAILED;
	(void)pthread_setname_np(*thread, name);
	return RESULT_OK;
}

void store_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

bool store_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_monotonic_ms)
{
	struct timespec until = { .tv_sec = until_monotonic_ms / 1000, .tv_nsec = until_monotonic_ms % 1000 * 1000000 };
	return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}

/* Only the last folder of the path is made, as a place of our own. */
static enum result folder_make(const char *path, struct problem *problem)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL || slash == path)
		return RESULT_OK;
	char folder[2049];
	size_t len = (size_t)(slash - path);
	memcpy(folder, path, len);
	folder[len] = '\0';
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return RESULT_OK;
	if (errno == ENOENT)
		return problem_set(problem, RESULT_FAILED, "the folder above %s does not exist: make it first", folder);
	return problem_set(problem, RESULT_FAILED, "the folder %s cannot be made (%s): make it, or give another path with --store",
	                   folder, strerror(errno));
}

/* Makes the empty file where mode allows it; SQLite gives its own files beside it the same permissions. */
static enum result file_find_or_make(const char *path, enum store_mode mode, struct problem *problem, bool *ret_made)
{
	struct stat status;
	if (stat(path, &status) == 0) {
		if (!S_ISREG(status.st_mode))
			return problem_set(problem, RESULT_INVALID, "%s is not a file: give the path of a file with --store", path);
		if (access(path, mode == STORE_READ_ONLY ? R_OK : R_OK | W_OK) != 0)
			return problem_set(problem, RESULT_FAILED, "%s cannot be opened (%s): run as the user who owns it", path,
			                   strerror(errno));
		return RESULT_OK;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return problem_set(problem, RESULT_FAILED, "%s cannot be reached (%s): give this user access to its folder", path,
		                   strerror(errno));
	if (mode != STORE_CREATE)
		return problem_set(problem, RESULT_NOT_FOUND, "there is no store at %s: start writ there once, or apply a document "
		                   "to it", path);
	enum result result = folder_make(path, problem);
	if (result != RESULT_OK)
		return result;
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (fd < 0 && errno != EEXIST)
		return problem_set(problem, RESULT_FAILED, "%s cannot be made (%s): give this user write permission on its folder",
		                   path, strerror(errno));
	if (fd >= 0) {
		*ret_made = true;
		close(fd);
	}
	return RESULT_OK;
}

/* Judges and, where the mode allows, makes or migrates; leaves the writer's connection open unless read-only. */
static enum result schema_ready(struct store *store, struct problem *problem)
{
	bool writes = store->mode != STORE_READ_ONLY;
	struct connection *connection = &store->writes.connection;
	int code = connection_open(connection, store->path, writes ? CONNECTION_WRITER : CONNECTION_READER,
	                           writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	if (code != SQLITE_OK)
		return schema_problem(code, store->path, problem);
	enum result result = schema_judge(connection, store->path, problem);
	if (result == RESULT_NOT_FOUND && store->mode != STORE_CREATE)
		result = problem_set(problem, RESULT_NOT_FOUND, "%s is empty: start writ there once, or apply a document to it",
		                     store->path);
	else if (result == RESULT_EXPIRED && !writes)
		result = problem_set(problem, RESULT_INVALID, "%s is of an older writ: start writ once, it brings it up to date",
		                     store->path);
	else if ((result == RESULT_OK || result == RESULT_NOT_FOUND || result == RESULT_EXPIRED) && writes)
		result = schema_migrate(connection, store->path, problem);
	if (result != RESULT_OK || !writes)
		connection_close(connection);
	return result;
}

/* What the store knows already, and from which change on the watcher will look. */
static enum result memory_load(struct store *store)
{
	struct reader *reader;
	enum result result = reader_acquire(&store->readers, &reader);
	if (result != RESULT_OK)
		return result;
	result = connection_run(&reader->connection, "BEGIN");
	if (result == RESULT_OK)
		result = connection_int(&reader->connection, "SELECT seq FROM sqlite_sequence WHERE name = 'change'", &store->watch.seq);
	if (result == RESULT_OK)
		result = revocations_load(&store->revocations, &reader->connection);
	if (sqlite3_get_autocommit(reader->connection.db) == 0)
		(void)!connection_run(&reader->connection, "COMMIT");
	reader_release(&store->readers, reader);
	return result;
}

static enum result store_start(struct store *store, struct problem *problem)
{
	int flags = store->mode == STORE_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int code = readers_open(&store->readers, store->path, flags);
	if (code != SQLITE_OK)
		return schema_problem(code, store->path, problem);
	enum result result = revocations_init(&store->revocations);
	if (result == RESULT_OK)
		result = memory_load(store);
	if (result == RESULT_OK && store->mode != STORE_READ_ONLY)
		result = write_queue_start(&store->writes);
	return result == RESULT_OK ? RESULT_OK
	                           : problem_set(problem, result, "%s cannot be used: %s", store->path, result_text(result));
}

enum result sqlite_open(struct slice path, enum store_mode mode, struct store **ret, struct problem *problem)
{
	/* SQLite's own memory statistics take a lock at each of its allocations; too late at a second open, which is fine. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	struct store *store = calloc(1, sizeof(*store));
	if (store == NULL || (store->path = strndup(path.ptr, path.len)) == NULL) {
		free(store);
		return problem_set(problem, RESULT_NO_MEMORY, "no memory left to open the store");
	}
	store->mode = mode;
	store->sweeper.audit_rows = 1000000;
	store->sweeper.audit_seconds = (int64_t)400 * 86400;
	use_notes_init(&store->uses);
	bool made = false;
	enum result result = file_find_or_make(store->path, mode, problem, &made);
	if (result == RESULT_OK)
		result = schema_ready(store, problem);
	if (result != RESULT_OK) {
		if (made)
			(void)unlink(store->path);
		use_notes_free(&store->uses);
		free(store->path);
		free(store);
		return result;
	}
	result = store_start(store, problem);
	if (result != RESULT_OK) {
		store_close(store);
		return result;
	}
	*ret = store;
	return RESULT_OK;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	sweeper_stop(store);
	watch_stop(store);
	if (store->writes.running)
		(void)!use_notes_fold(store);
	readers_close(&store->readers);
	write_queue_stop(&store->writes); /* last, for the last connection that closes tidies the log away */
	revocations_free(&store->revocations);
	use_notes_free(&store->uses);
	free(store->path);
	free(store);
}

enum result store_ping(struct store *store)
{
	struct reading reading;
	enum result result = reading_begin(store, "SELECT number FROM partition WHERE id = 'SYSTEM'", &reading);
	if (result != RESULT_OK)
		return result;
	result = reading_step(&reading);
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_STORE_DOWN : result;
}

void store_numbers(struct store *store, struct store_numbers *ret)
{
	*ret = (struct store_numbers) {
		.commits = atomic_load(&store->writes.commits),
		.writes = atomic_load(&store->writes.writes),
		.audit_dropped = atomic_load(&store->writes.audit_dropped),
		.swept = atomic_load(&store->sweeper.swept),
	};
	pthread_rwlock_rdlock(&store->revocations.lock);
	ret->revocations = (int64_t)store->revocations.count;
	pthread_rwlock_unlock(&store->revocations.lock);
	if (!store->writes.running)
		return;
	pthread_mutex_lock(&store->writes.lock);
	ret->write_queue = (int64_t)(store->writes.waiting + store->writes.audit_waiting);
	pthread_mutex_unlock(&store->writes.lock);
}
