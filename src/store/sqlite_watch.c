/* The change feed as seen from here: a look at a counter every 10 ms, and at the new rows when it moved. */
#include "store/sqlite_store.h"

#include "base/clock.h"
#include "base/log.h"

#define LOOK_EVERY_MS 10
#define LATE_AFTER_MS 15

/* What must be forgotten when rows of the feed were missed: everything, of every partition. */
static void tell_everything(struct watch *watch)
{
	for (int kind = CHANGE_PARTITION; kind <= CHANGE_API; kind++) {
		const struct store_change change = { { "", 0 }, (enum change_kind)kind, { "", 0 } };
		watch->changed(watch->context, &change);
	}
}

static enum result tell_row(struct store *store, sqlite3_stmt *rows)
{
	struct watch *watch = &store->watch;
	const struct store_change change = {
		.partition = column_text(rows, 1),
		.kind = (enum change_kind)sqlite3_column_int(rows, 2),
		.id = column_text(rows, 3),
	};
	enum result result = RESULT_OK;
	if (change.kind == CHANGE_REVOCATION)
		result = revocations_load_one(&store->revocations, &watch->connection, change.partition, change.id);
	if (result == RESULT_OK)
		watch->changed(watch->context, &change);
	return result;
}

/* Inside a read transaction. The feed has no gaps: when the row behind the last one seen is not there, rows were
 * swept (this process slept for an hour) or the store was restored from a backup. */
static enum result feed_read(struct store *store)
{
	struct watch *watch = &store->watch;
	int64_t newest;
	enum result result = connection_int(&watch->connection, "SELECT seq FROM sqlite_sequence WHERE name = 'change'", &newest);
	if (result != RESULT_OK || newest == watch->seq)
		return result;
	/* Before anybody is told: what is read because of it must not come from an older snapshot than this one. */
	atomic_fetch_add(&watch->looks, 1);
	sqlite3_stmt *rows = connection_statement(&watch->connection,
	                                          "SELECT seq, partition, kind, id FROM change WHERE seq > ?1 ORDER BY seq");
	bind_int(rows, 1, watch->seq);
	int code = rows == NULL ? SQLITE_ERROR : sqlite3_step(rows);
	bool gap = newest < watch->seq || code != SQLITE_ROW || sqlite3_column_int64(rows, 0) != watch->seq + 1;
	if (gap && (code == SQLITE_ROW || code == SQLITE_DONE)) {
		(void)sqlite3_reset(rows);
		result = revocations_load(&store->revocations, &watch->connection);
		if (result != RESULT_OK)
			return result;
		tell_everything(watch);
		watch->seq = newest;
		return RESULT_OK;
	}
	while (code == SQLITE_ROW && result == RESULT_OK) {
		result = tell_row(store, rows);
		if (result == RESULT_OK)
			watch->seq = sqlite3_column_int64(rows, 0);
		code = result == RESULT_OK ? sqlite3_step(rows) : code;
	}
	(void)sqlite3_reset(rows);
	return result == RESULT_OK ? sqlite_result(code) : result;
}

/* Under the lock. What failed is looked at again at the next look. */
static enum result look(struct store *store)
{
	struct watch *watch = &store->watch;
	int64_t started = clock_monotonic_ms();
	int64_t version;
	enum result result = connection_int(&watch->connection, "PRAGMA data_version", &version);
	atomic_fetch_add(&watch->looks, 1);
	if (result == RESULT_OK && version != watch->data_version) {
		result = connection_run(&watch->connection, "BEGIN");
		if (result == RESULT_OK)
			result = feed_read(store);
		if (sqlite3_get_autocommit(watch->connection.db) == 0)
			(void)!connection_run(&watch->connection, "COMMIT");
		if (result == RESULT_OK)
			watch->data_version = version;
	}
	if (result == RESULT_OK)
		atomic_store_explicit(&watch->polled_at, started, memory_order_release);
	if ((result != RESULT_OK) != watch->blind) {
		watch->blind = result != RESULT_OK;
		log_line(LOG_ERROR, watch->blind ? "what was changed in the store cannot be read: requests are refused until it can"
		                                 : "what was changed in the store can be read again", NULL, 0);
	}
	return result;
}

enum result store_watch_catch_up(struct store *store)
{
	struct watch *watch = &store->watch;
	enum result result = RESULT_OK;
	int64_t polled_at = atomic_load_explicit(&watch->polled_at, memory_order_acquire);
	if (polled_at == 0 || clock_monotonic_ms() - polled_at <= LATE_AFTER_MS)
		return RESULT_OK;
	pthread_mutex_lock(&watch->lock);
	if (clock_monotonic_ms() - atomic_load_explicit(&watch->polled_at, memory_order_acquire) > LATE_AFTER_MS)
		result = look(store);
	pthread_mutex_unlock(&watch->lock);
	return result == RESULT_OK ? RESULT_OK : RESULT_STORE_DOWN;
}

enum result store_watch_look(struct store *store)
{
	struct watch *watch = &store->watch;
	if (!watch->running)
		return RESULT_OK;
	pthread_mutex_lock(&watch->lock);
	enum result result = look(store);
	pthread_mutex_unlock(&watch->lock);
	return result == RESULT_OK ? RESULT_OK : RESULT_STORE_DOWN;
}

static void *watch_thread(void *argument)
{
	struct store *store = argument;
	struct watch *watch = &store->watch;
	pthread_mutex_lock(&watch->sleep_lock);
	while (!watch->stop) {
		pthread_mutex_unlock(&watch->sleep_lock);
		pthread_mutex_lock(&watch->lock);
		(void)!look(store);
		pthread_mutex_unlock(&watch->lock);
		readers_rest(store);
		pthread_mutex_lock(&watch->sleep_lock);
		if (!watch->stop)
			(void)store_condition_wait(&watch->sleep, &watch->sleep_lock, clock_monotonic_ms() + LOOK_EVERY_MS);
	}
	pthread_mutex_unlock(&watch->sleep_lock);
	return NULL;
}

enum result watch_start(struct store *store, store_changed *changed, void *context)
{
	struct watch *watch = &store->watch;
	if (watch->running)
		return RESULT_CONFLICT;
	int code = connection_open(&watch->connection, store->path, CONNECTION_WATCHER, store->readers.flags);
	if (code != SQLITE_OK)
		return sqlite_result(code);
	watch->changed = changed;
	watch->context = context;
	watch->data_version = -1; /* no version is that: the first look reads the feed */
	watch->stop = false;
	pthread_mutex_init(&watch->lock, NULL);
	pthread_mutex_init(&watch->sleep_lock, NULL);
	store_condition_init(&watch->sleep);
	pthread_mutex_lock(&watch->lock);
	enum result result = look(store);
	pthread_mutex_unlock(&watch->lock);
	if (result == RESULT_OK)
		result = store_thread_start(&watch->thread, "store-watcher", watch_thread, store);
	watch->running = result == RESULT_OK;
	if (result != RESULT_OK) {
		atomic_store(&watch->polled_at, 0);
		connection_close(&watch->connection);
	}
	return result;
}

void watch_stop(struct store *store)
{
	struct watch *watch = &store->watch;
	if (!watch->running)
		return;
	pthread_mutex_lock(&watch->sleep_lock);
	watch->stop = true;
	pthread_cond_signal(&watch->sleep);
	pthread_mutex_unlock(&watch->sleep_lock);
	pthread_join(watch->thread, NULL);
	atomic_store(&watch->polled_at, 0);
	connection_close(&watch->connection);
	pthread_mutex_destroy(&watch->lock);
	pthread_mutex_destroy(&watch->sleep_lock);
	pthread_cond_destroy(&watch->sleep);
	watch->running = false;
}

enum result store_watch(struct store *store, store_changed *changed, void *context)
{
	enum result result = watch_start(store, changed, context);
	if (result == RESULT_OK && store->mode != STORE_READ_ONLY)
		result = sweeper_start(store);
	return result;
}
