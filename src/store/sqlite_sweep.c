/* What is over is deleted, in batches so small that no request waits for one; the use of secrets is folded in. */
#include "store/sqlite_store.h"

#include "base/clock.h"

#define SWEEP_EVERY_MS 60000
#define CHANGES_KEPT_S 3600 /* a watcher that slept longer forgets everything it knew */
#define SWEEP_PAUSE_MS 5    /* between batches, for the others' sake */

#define TEXT_OF(number) #number
#define TEXT_OF_VALUE(number) TEXT_OF(number)
#define ROWS " LIMIT " TEXT_OF_VALUE(LIMIT_SWEEP_ROWS)

struct broom {
	const char *sql; /* ?1 and ?2 from below; looks at no more than LIMIT_SWEEP_ROWS rows */
	int64_t first, second;
	int64_t deleted;
};

static enum result broom_run(struct connection *connection, void *argument)
{
	struct broom *broom = argument;
	sqlite3_stmt *statement = connection_statement(connection, broom->sql);
	bind_int(statement, 1, broom->first);
	if (statement != NULL && sqlite3_bind_parameter_count(statement) > 1)
		bind_int(statement, 2, broom->second);
	enum result result = statement_run(statement, NULL);
	broom->deleted = result == RESULT_OK ? sqlite3_changes64(connection->db) : 0;
	return result;
}

static bool sweeper_stopping(struct store *store)
{
	pthread_mutex_lock(&store->sweeper.lock);
	bool stop = store->sweeper.stop;
	pthread_mutex_unlock(&store->sweeper.lock);
	return stop;
}

static void pause_shortly(void)
{
	nanosleep(&(struct timespec) { .tv_nsec = SWEEP_PAUSE_MS * 1000000 }, NULL);
}

static enum result broom_sweep(struct store *store, struct broom broom)
{
	for (;;) {
		enum result result = write_durably(store, broom_run, &broom);
		if (result != RESULT_OK)
			return result;
		atomic_fetch_add(&store->sweeper.swept, broom.deleted);
		if (broom.deleted < LIMIT_SWEEP_ROWS || (store->sweeper.running && sweeper_stopping(store)))
			return RESULT_OK;
		pause_shortly();
	}
}

/* A retired key that is past its time: readers' key sets are told. */
static enum result keys_run(struct connection *connection, void *argument)
{
	const int64_t *now = argument;
	static const char *const steps[] = {
		"INSERT INTO change (partition, kind, id, at) SELECT DISTINCT partition, 5, '', ?1 FROM signing_key "
		"WHERE state = 3 AND published_until > 0 AND published_until <= ?1",
		"DELETE FROM signing_key WHERE state = 3 AND published_until > 0 AND published_until <= ?1",
	};
	enum result result = RESULT_OK;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && result == RESULT_OK; i++) {
		sqlite3_stmt *statement = connection_statement(connection, steps[i]);
		bind_int(statement, 1, *now);
		result = statement_run(statement, NULL);
	}
	return result;
}

/* Deletes are looked for by readers first: a round that finds nothing writes nothing. */
static enum result anything(struct store *store, const char *sql, int64_t first, int64_t second, bool *ret)
{
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_int(reading.statement, 1, first);
	if (sqlite3_bind_parameter_count(reading.statement) > 1)
		bind_int(reading.statement, 2, second);
	result = reading_step(&reading);
	*ret = result == RESULT_OK;
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

struct chore {
	const char *look; /* is there anything? */
	const char *sql;
	int64_t first, second;
};

#define STATISTICS(table, key, step, until) \
	{ "SELECT 1 FROM " table " WHERE step = " #step " AND at < ?1 LIMIT 1", \
	  "DELETE FROM " table " WHERE (" key ") IN (SELECT " key " FROM " table " INDEXED BY " table "_by_time WHERE step = " #step \
	  " AND at < ?1" ROWS ")", until, 0 }
#define COUNTS(step, until) STATISTICS("statistic", "partition, step, measure, at, flow, client_id, reason", step, until)
#define SUMS(step, until) STATISTICS("statistic_sum", "partition, step, measure, member, at, key", step, until)

static enum result chore_do(struct store *store, const struct chore *chore)
{
	bool found;
	enum result result = anything(store, chore->look, chore->first, chore->second, &found);
	if (result != RESULT_OK || !found)
		return result;
	return broom_sweep(store, (struct broom) { chore->sql, chore->first, chore->second, 0 });
}

static enum result keys_sweep(struct store *store, int64_t now)
{
	bool found;
	enum result result =
		anything(store, "SELECT 1 FROM signing_key WHERE state = 3 AND published_until > 0 AND published_until <= ?1 LIMIT 1",
	                 now, 0, &found);
	return result != RESULT_OK || !found ? result : write_durably(store, keys_run, &now);
}

/* The newest refusal that is one too many; 0: none is. */
static int64_t refusals_until(struct store *store, int64_t rows)
{
	struct reading reading;
	int64_t seq = 0;
	if (reading_begin(store, "SELECT seq FROM audit WHERE result <> 'ok' ORDER BY seq DESC LIMIT 1 OFFSET ?1", &reading) != RESULT_OK)
		return 0;
	bind_int(reading.statement, 1, rows);
	if (reading_step(&reading) == RESULT_OK)
		seq = sqlite3_column_int64(reading.statement, 0);
	reading_end(&reading);
	return seq;
}

enum result sweep(struct store *store)
{
	int64_t now = clock_s();
	int64_t rows = atomic_load(&store->sweeper.audit_rows), seconds = atomic_load(&store->sweeper.audit_seconds);
	const struct chore chores[] = {
		{ "SELECT 1 FROM revocation WHERE expires_at <= ?1 LIMIT 1",
		  "DELETE FROM revocation WHERE (partition, id, kind) IN "
		  "(SELECT partition, id, kind FROM revocation WHERE expires_at <= ?1" ROWS ")", now, 0 },
		/* The newest row always stays: it shows a late watcher where the feed is. */
		{ "SELECT 1 FROM (SELECT seq, at FROM change ORDER BY seq LIMIT 1) WHERE at < ?1 AND seq < (SELECT max(seq) FROM change)",
		  "DELETE FROM change WHERE seq IN (SELECT seq FROM change ORDER BY seq" ROWS ") "
		  "AND at < ?1 AND seq < (SELECT max(seq) FROM change)", now - CHANGES_KEPT_S, 0 },
		{ "SELECT 1 FROM session WHERE expires_at <= ?1 LIMIT 1",
		  "DELETE FROM session WHERE number IN (SELECT number FROM session WHERE expires_at <= ?1" ROWS ")", now, 0 },
		{ "SELECT 1 FROM grant_record WHERE forget_at <= ?1 LIMIT 1",
		  "DELETE FROM grant_record WHERE number IN (SELECT number FROM grant_record WHERE forget_at <= ?1" ROWS ")", now, 0 },
		/* Without its row a refresh token is what it is with it from then on: used before. */
		{ "SELECT 1 FROM refresh_token WHERE used_ms < ?1 LIMIT 1",
		  "DELETE FROM refresh_token WHERE number IN (SELECT number FROM refresh_token WHERE used_ms < ?1" ROWS ")",
		  clock_ms() - LIMIT_REFRESH_GRACE_MS, 0 },
		{ "SELECT 1 FROM (SELECT made_at FROM logout_delivery ORDER BY number LIMIT 1) WHERE made_at < ?1",
		  "DELETE FROM logout_delivery WHERE number IN (SELECT number FROM logout_delivery ORDER BY number" ROWS ") AND made_at < ?1",
		  now - LIMIT_LOGOUT_KEPT_S, 0 },
		{ "SELECT 1 FROM assertion_jti WHERE expires_at <= ?1 LIMIT 1",
		  "DELETE FROM assertion_jti WHERE hash IN (SELECT hash FROM assertion_jti WHERE expires_at <= ?1" ROWS ")", now, 0 },
		{ "SELECT 1 FROM (SELECT at_ms FROM audit ORDER BY seq LIMIT 1) WHERE at_ms < ?1",
		  "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit ORDER BY seq" ROWS ") AND at_ms < ?1", (now - seconds) * 1000, 0 },
		{ "SELECT 1 FROM audit WHERE result <> 'ok' AND seq <= ?1 LIMIT 1",
		  "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE result <> 'ok' AND seq <= ?1 ORDER BY seq" ROWS ")",
		  refusals_until(store, rows), 0 },
		COUNTS(60, now - LIMIT_STATISTICS_MINUTES_S),
		SUMS(60, now - LIMIT_STATISTICS_MINUTES_S),
		COUNTS(3600, now - LIMIT_STATISTICS_HOURS_S),
		SUMS(3600, now - LIMIT_STATISTICS_HOURS_S),
		COUNTS(86400, now - LIMIT_STATISTICS_DAYS_S),
		SUMS(86400, now - LIMIT_STATISTICS_DAYS_S),
	};
	enum result result = use_notes_fold(store);
	for (size_t i = 0; i < sizeof(chores) / sizeof(chores[0]); i++) {
		enum result one = chore_do(store, &chores[i]);
		result = result == RESULT_OK ? one : result;
	}
	enum result keys = keys_sweep(store, now);
	revocations_forget_expired(&store->revocations, now);
	return result == RESULT_OK ? keys : result;
}

static void *sweeper_thread(void *argument)
{
	struct store *store = argument;
	struct sweeper *sweeper = &store->sweeper;
	pthread_mutex_lock(&sweeper->lock);
	int64_t next = clock_monotonic_ms() + SWEEP_EVERY_MS;
	while (!sweeper->stop) {
		bool in_time = store_condition_wait(&sweeper->wake, &sweeper->lock, next);
		if (sweeper->stop || (in_time && clock_monotonic_ms() < next))
			continue;
		pthread_mutex_unlock(&sweeper->lock);
		(void)!sweep(store); /* what failed is tried again in a minute; the writer says why in the log */
		next = clock_monotonic_ms() + SWEEP_EVERY_MS;
		pthread_mutex_lock(&sweeper->lock);
	}
	pthread_mutex_unlock(&sweeper->lock);
	return NULL;
}

enum result sweeper_start(struct store *store)
{
	struct sweeper *sweeper = &store->sweeper;
	pthread_mutex_init(&sweeper->lock, NULL);
	store_condition_init(&sweeper->wake);
	sweeper->stop = false;
	sweeper->running = true; /* before the thread looks at it */
	enum result result = store_thread_start(&sweeper->thread, "store-sweeper", sweeper_thread, store);
	if (result != RESULT_OK)
		sweeper->running = false;
	return result;
}

void sweeper_stop(struct store *store)
{
	struct sweeper *sweeper = &store->sweeper;
	if (!sweeper->running)
		return;
	pthread_mutex_lock(&sweeper->lock);
	sweeper->stop = true;
	pthread_cond_signal(&sweeper->wake);
	pthread_mutex_unlock(&sweeper->lock);
	pthread_join(sweeper->thread, NULL);
	pthread_mutex_destroy(&sweeper->lock);
	pthread_cond_destroy(&sweeper->wake);
	sweeper->running = false;
}
