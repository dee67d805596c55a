#include "store/sqlite_store.h"

#include "base/clock.h"

int readers_open(struct reader_pool *pool, const char *path, int flags)
{
	pool->path = path;
	pool->flags = flags;
	pthread_mutex_init(&pool->lock, NULL);
	store_condition_init(&pool->freed);
	int code = connection_open(&pool->readers[0].connection, path, CONNECTION_READER, flags);
	atomic_store(&pool->open_count, code == SQLITE_OK ? 1 : 0);
	return code;
}

void readers_close(struct reader_pool *pool)
{
	unsigned count = atomic_load(&pool->open_count);
	for (unsigned i = 0; i < count; i++)
		connection_close(&pool->readers[i].connection);
	pthread_cond_destroy(&pool->freed);
	pthread_mutex_destroy(&pool->lock);
}

/* Takes the first free one: few threads stay on few connections, and what those know stays warm. */
static struct reader *reader_take(struct reader_pool *pool)
{
	unsigned count = atomic_load_explicit(&pool->open_count, memory_order_acquire);
	for (unsigned i = 0; i < count; i++) {
		struct reader *reader = &pool->readers[i];
		if (!atomic_load_explicit(&reader->busy, memory_order_relaxed) && !atomic_exchange(&reader->busy, true))
			return reader;
	}
	return NULL;
}

static enum result reader_open_another(struct reader_pool *pool, struct reader **ret)
{
	unsigned count = atomic_load(&pool->open_count);
	struct reader *reader = &pool->readers[count];
	int code = connection_open(&reader->connection, pool->path, CONNECTION_READER, pool->flags);
	if (code != SQLITE_OK)
		return sqlite_result(code);
	atomic_store(&reader->busy, true);
	atomic_store_explicit(&pool->open_count, count + 1, memory_order_release);
	*ret = reader;
	return RESULT_OK;
}

static enum result reader_wait(struct reader_pool *pool, struct reader **ret)
{
	int64_t until = clock_monotonic_ms() + LIMIT_STORE_WAIT_MS;
	enum result result = RESULT_OK;
	struct reader *reader = NULL;
	pthread_mutex_lock(&pool->lock);
	/* Told before looking: whoever releases after our look sees that somebody waits. */
	atomic_fetch_add(&pool->waiting, 1);
	while ((reader = reader_take(pool)) == NULL && result == RESULT_OK) {
		if (atomic_load(&pool->open_count) < LIMIT_STORE_READERS) {
			result = reader_open_another(pool, &reader);
			break;
		}
		if (!store_condition_wait(&pool->freed, &pool->lock, until))
			result = RESULT_BUSY;
	}
	atomic_fetch_sub(&pool->waiting, 1);
	pthread_mutex_unlock(&pool->lock);
	if (reader == NULL)
		return result;
	*ret = reader;
	return RESULT_OK;
}

/* The snapshot's reader, for the thread that made the snapshot. */
static struct reader *reader_pinned(struct reader_pool *pool)
{
	struct reader *pinned = atomic_load_explicit(&pool->pinned, memory_order_acquire);
	return pinned != NULL && pthread_equal(atomic_load(&pool->pinned_by), pthread_self()) ? pinned : NULL;
}

/* ---- held transactions ---- */

static uint_fast64_t held_since(struct reader *reader)
{
	return atomic_load_explicit(&reader->held_since, memory_order_relaxed);
}

static void hold_end(struct reader *reader)
{
	if (held_since(reader) == 0)
		return;
	atomic_store_explicit(&reader->held_since, 0, memory_order_relaxed);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): whoever acquired the reader has one */
	if (connection_run(&reader->connection, "COMMIT") != RESULT_OK && sqlite3_get_autocommit(reader->connection.db) == 0)
		(void)!connection_run(&reader->connection, "ROLLBACK");
}

/* Moves with each look of the watcher, before it tells what it saw, and with each commit of this process, before it is
 * acknowledged: who was told of a change reads what it changed. 0: nobody looks, so nothing may be held. */
static uint_fast64_t stamp_now(struct store *store)
{
	if (atomic_load_explicit(&store->watch.polled_at, memory_order_relaxed) == 0)
		return 0;
	return atomic_load(&store->watch.looks) + (uint_fast64_t)atomic_load(&store->writes.commits);
}

static void hold_renew(struct store *store, struct reader *reader)
{
	uint_fast64_t stamp = stamp_now(store);
	if (stamp != 0 && stamp == held_since(reader))
		return;
	hold_end(reader);
	/* A transaction that is still there is a snapshot's, and stays. */
	if (stamp != 0 && sqlite3_get_autocommit(reader->connection.db) != 0 && connection_run(&reader->connection, "BEGIN") == RESULT_OK)
		atomic_store_explicit(&reader->held_since, stamp, memory_order_relaxed);
}

void readers_rest(struct store *store)
{
	enum { LOOKS_UNUSED = 4 };
	struct reader_pool *pool = &store->readers;
	unsigned count = atomic_load_explicit(&pool->open_count, memory_order_acquire);
	uint_fast64_t stamp = stamp_now(store);
	for (unsigned i = 0; i < count; i++) {
		struct reader *reader = &pool->readers[i];
		uint_fast64_t since = held_since(reader);
		if (since == 0 || stamp - since < LOOKS_UNUSED || atomic_exchange(&reader->busy, true))
			continue;
		hold_end(reader);
		reader_release(pool, reader);
	}
}

/* ---- acquiring ---- */

static enum result reader_get(struct reader_pool *pool, struct reader **ret)
{
	struct reader *reader = reader_pinned(pool);
	if (reader == NULL)
		reader = reader_take(pool);
	if (reader == NULL)
		return reader_wait(pool, ret);
	*ret = reader;
	return RESULT_OK;
}

enum result reader_acquire(struct reader_pool *pool, struct reader **ret)
{
	enum result result = reader_get(pool, ret);
	if (result == RESULT_OK)
		hold_end(*ret);
	return result;
}

void reader_release(struct reader_pool *pool, struct reader *reader)
{
	if (reader_pinned(pool) == reader)
		return;
	atomic_store(&reader->busy, false);
	if (atomic_load(&pool->waiting) > 0) {
		pthread_mutex_lock(&pool->lock);
		pthread_cond_signal(&pool->freed);
		pthread_mutex_unlock(&pool->lock);
	}
}

/* The reader is given back when there is no statement. */
static enum result reading_prepare(struct reading reading, const char *sql, struct reading *ret)
{
	reading.statement = connection_statement(&reading.reader->connection, sql);
	if (reading.statement == NULL) {
		enum result result = sqlite_result(sqlite3_errcode(reading.reader->connection.db));
		reader_release(reading.pool, reading.reader);
		return result == RESULT_OK ? RESULT_STORE_DOWN : result;
	}
	*ret = reading;
	return RESULT_OK;
}

enum result reading_begin(struct store *store, const char *sql, struct reading *ret)
{
	struct reading reading = { .pool = &store->readers };
	enum result result = reader_get(reading.pool, &reading.reader);
	if (result != RESULT_OK)
		return result;
	hold_renew(store, reading.reader);
	return reading_prepare(reading, sql, ret);
}

enum result reading_begin_now(struct store *store, const char *sql, struct reading *ret)
{
	struct reading reading = { .pool = &store->readers };
	enum result result = reader_acquire(reading.pool, &reading.reader);
	return result == RESULT_OK ? reading_prepare(reading, sql, ret) : result;
}

enum result reading_begin_fresh(struct store *store, const char *sql, struct reading *ret)
{
	struct reading reading = { .pool = &store->readers };
	enum result result = reader_acquire(reading.pool, &reading.reader);
	if (result != RESULT_OK)
		return result;
	int code = sqlite3_prepare_v2(reading.reader->connection.db, sql, -1, &reading.statement, NULL);
	if (code != SQLITE_OK) {
		reader_release(reading.pool, reading.reader);
		return sqlite_result(code);
	}
	*ret = reading;
	return RESULT_OK;
}

enum result reading_step(struct reading *reading)
{
	int code = sqlite3_step(reading->statement);
	if (code == SQLITE_ROW)
		return RESULT_OK;
	return code == SQLITE_DONE ? RESULT_NOT_FOUND : sqlite_result(code);
}

void reading_end(struct reading *reading)
{
	(void)sqlite3_reset(reading->statement);
	reader_release(reading->pool, reading->reader);
}

enum result reading_end_taken(struct reading *reading, enum result result, const struct arena *arena)
{
	reading_end(reading);
	return result == RESULT_OK && arena_exhausted(arena) ? RESULT_NO_MEMORY : result;
}

void reading_end_fresh(struct reading *reading)
{
	sqlite3_finalize(reading->statement);
	reader_release(reading->pool, reading->reader);
}

static bool reader_pin(struct reader_pool *pool, struct reader *reader)
{
	pthread_mutex_lock(&pool->lock);
	bool free = atomic_load(&pool->pinned) == NULL;
	if (free) {
		atomic_store(&pool->pinned_by, pthread_self());
		atomic_store_explicit(&pool->pinned, reader, memory_order_release);
	}
	pthread_mutex_unlock(&pool->lock);
	return free;
}

enum result store_snapshot_begin(struct store *store)
{
	struct reader_pool *pool = &store->readers;
	struct reader *reader = NULL;
	if (reader_pinned(pool) != NULL)
		return RESULT_BUSY;
	enum result result = reader_acquire(pool, &reader);
	if (result != RESULT_OK)
		return result;
	int64_t ignored;
	result = connection_run(&reader->connection, "BEGIN");
	/* The snapshot is taken by the first read, not by BEGIN. */
	if (result == RESULT_OK)
		result = connection_int(&reader->connection, "SELECT count(*) FROM fact", &ignored);
	if (result == RESULT_OK && !reader_pin(pool, reader))
		result = RESULT_BUSY;
	if (result != RESULT_OK) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): reader_acquire gave one */
		if (sqlite3_get_autocommit(reader->connection.db) == 0)
			(void)!connection_run(&reader->connection, "COMMIT");
		reader_release(pool, reader);
	}
	return result;
}

void store_snapshot_end(struct store *store)
{
	struct reader_pool *pool = &store->readers;
	struct reader *reader = reader_pinned(pool);
	if (reader == NULL)
		return;
	(void)!connection_run(&reader->connection, "COMMIT");
	atomic_store(&pool->pinned, NULL);
	reader_release(pool, reader);
}
