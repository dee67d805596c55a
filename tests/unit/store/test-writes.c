#include "store_test.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

static void a_fact_is_set_once(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct slice value;
	assert_int_equal(RESULT_NOT_FOUND, store_fact_read(store, "master_key_check", place->arena, &value));
	assert_int_equal(RESULT_OK, store_fact_set_once(store, "master_key_check", ((struct slice) { "a\0b", 3 })));
	assert_int_equal(RESULT_CONFLICT, store_fact_set_once(store, "master_key_check", S("other")));
	assert_int_equal(RESULT_OK, store_fact_read(store, "master_key_check", place->arena, &value));
	assert_int_equal(3, value.len);
	assert_memory_equal("a\0b", value.ptr, 3);
	store_close(store);
}

#define WRITERS 16
#define WRITES_EACH 40

struct writer_thread {
	struct store *store;
	int number;
	int good, conflicts;
};

static void *write_facts(void *argument)
{
	struct writer_thread *writer = argument;
	for (int i = 0; i < WRITES_EACH; i++) {
		char name[32];
		snprintf(name, sizeof(name), "fact-%d-%d", writer->number, i);
		if (store_fact_set_once(writer->store, name, S("x")) == RESULT_OK)
			writer->good++;
		/* the same name of all: one wins, the others lose without harm to their neighbours in the transaction */
		snprintf(name, sizeof(name), "common-%d", i);
		if (store_fact_set_once(writer->store, name, S("x")) == RESULT_CONFLICT)
			writer->conflicts++;
	}
	return NULL;
}

static void many_writers_share_commits_and_a_failed_job_fails_alone(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	pthread_t threads[WRITERS];
	struct writer_thread writers[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer_thread) { .store = store, .number = i };
		assert_int_equal(0, pthread_create(&threads[i], NULL, write_facts, &writers[i]));
	}
	int conflicts = 0;
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(WRITES_EACH, writers[i].good);
		conflicts += writers[i].conflicts;
	}
	assert_int_equal((WRITERS - 1) * WRITES_EACH, conflicts);
	struct store_numbers numbers;
	store_numbers(store, &numbers);
	assert_int_equal((WRITERS + 1) * WRITES_EACH, numbers.writes);
	assert_true(numbers.commits < numbers.writes);
	assert_int_equal(0, numbers.write_queue);
	struct slice value;
	assert_int_equal(RESULT_OK, store_fact_read(store, "fact-15-39", place->arena, &value));
	store_close(store);
}

static void a_writer_waits_for_the_lock_and_then_says_busy(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	sqlite3 *other;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &other));
	assert_int_equal(SQLITE_OK, sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL));
	int64_t before = clock_monotonic_ms();
	assert_int_equal(RESULT_BUSY, store_fact_set_once(store, "x", S("y")));
	int64_t waited = clock_monotonic_ms() - before;
	assert_in_range(waited, LIMIT_STORE_WAIT_MS - 100, LIMIT_STORE_WAIT_MS + 5000);
	assert_int_equal(RESULT_OK, store_ping(store)); /* readers go on */
	assert_int_equal(SQLITE_OK, sqlite3_exec(other, "COMMIT", NULL, NULL, NULL));
	assert_int_equal(RESULT_OK, store_fact_set_once(store, "x", S("y")));
	sqlite3_close(other);
	store_close(store);
}

static void a_full_disk_is_store_down_and_nothing_is_half_written(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	assert_int_equal(RESULT_OK, store_fact_set_once(store, "before", S("x")));
	/* Files may grow no further for a while: what a full disk is to the program. */
	struct rlimit limit, none;
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &none));
	limit = none;
	limit.rlim_cur = 200000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &limit));
	static char big[400000];
	memset(big, 'x', sizeof(big));
	assert_int_equal(RESULT_STORE_DOWN, store_fact_set_once(store, "big", (struct slice) { big, sizeof(big) }));
	struct slice value;
	assert_int_equal(RESULT_OK, store_fact_read(store, "before", place->arena, &value));
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));
	assert_int_equal(RESULT_NOT_FOUND, store_fact_read(store, "big", place->arena, &value));
	assert_int_equal(RESULT_OK, store_fact_set_once(store, "big", (struct slice) { big, sizeof(big) }));
	struct problem problem = { "" };
	expect(RESULT_OK, store_check(store, &problem), problem.text);
	store_close(store);
}

static enum result count_event(void *context, const struct audit_event *event)
{
	(void)event;
	++*(int *)context;
	return RESULT_OK;
}

struct last_event {
	char text[256];
};

static enum result keep_event(void *context, const struct audit_event *event)
{
	struct last_event *last = context;
	snprintf(last->text, sizeof(last->text), "%lld|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", (long long)event->at_ms,
	         SLICE_ARGS(event->partition), SLICE_ARGS(event->request_id), SLICE_ARGS(event->action), SLICE_ARGS(event->result),
	         SLICE_ARGS(event->actor), SLICE_ARGS(event->object), SLICE_ARGS(event->address), SLICE_ARGS(event->detail));
	return RESULT_OK;
}

static void audit_events_are_written_soon_and_newest_first(void **state)
{
	struct store *store = open_store(*state);
	for (int i = 1; i <= 20; i++) {
		char actor[16];
		snprintf(actor, sizeof(actor), "actor-%d", i);
		struct audit_event event = { i, S("ONE"), S("r"), S("token.refused"), S("invalid_scope"), slice_from(actor), S("o"),
			                     S("127.0.0.1"), S("why") };
		assert_int_equal(RESULT_OK, store_audit(store, &event));
		memset(actor, 'x', sizeof(actor)); /* it was copied */
	}
	int count = 0;
	for (int tries = 0; tries < 200 && count < 20; tries++) {
		usleep(10000);
		count = 0;
		assert_int_equal(RESULT_OK, store_audit_each(store, 100, count_event, &count));
	}
	assert_int_equal(20, count);
	struct last_event last;
	assert_int_equal(RESULT_OK, store_audit_each(store, 1, keep_event, &last));
	assert_string_equal("20|ONE|r|token.refused|invalid_scope|actor-20|o|127.0.0.1|why", last.text);
	struct store_numbers numbers;
	store_numbers(store, &numbers);
	assert_in_range(numbers.commits, 1, 4);
	store_close(store);
}

static void audit_events_waiting_at_close_are_written(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct audit_event event = { .at_ms = 1, .action = S("serve.stopped") };
	assert_int_equal(RESULT_OK, store_audit(store, &event));
	store_close(store);
	store = open_store(place);
	int count = 0;
	assert_int_equal(RESULT_OK, store_audit_each(store, 100, count_event, &count));
	assert_int_equal(1, count);
	store_close(store);
}

struct audit_count {
	int events, dropped;
};

static enum result count_dropped(void *context, const struct audit_event *event)
{
	struct audit_count *count = context;
	if (slice_is(event->action, "audit.dropped"))
		count->dropped += (int)strtol(event->detail.ptr, NULL, 10); /* "N events were not written" */
	else
		count->events++;
	return RESULT_OK;
}

static void a_full_audit_queue_drops_counts_and_says_so_later(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	sqlite3 *other; /* holds the lock, so that the queue fills */
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &other));
	assert_int_equal(SQLITE_OK, sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL));
	struct audit_event event = { .at_ms = 1, .action = S("x") };
	int dropped = 0;
	for (int i = 0; i < 3 * LIMIT_AUDIT_QUEUE; i++)
		if (store_audit(store, &event) == RESULT_BUSY)
			dropped++;
	assert_true(dropped >= LIMIT_AUDIT_QUEUE);
	struct store_numbers numbers;
	store_numbers(store, &numbers);
	assert_int_equal(dropped, numbers.audit_dropped);
	assert_int_equal(SQLITE_OK, sqlite3_exec(other, "COMMIT", NULL, NULL, NULL));
	sqlite3_close(other);
	store_close(store);
	store = open_store(place);
	/* One row says so, or more when the writer took a load while others were still dropped: together they say it. */
	struct audit_count count = { 0 };
	assert_int_equal(RESULT_OK, store_audit_each(store, 100000, count_dropped, &count));
	assert_int_equal(3 * LIMIT_AUDIT_QUEUE - dropped, count.events);
	assert_int_equal(dropped, count.dropped);
	store_close(store);
}

struct use {
	int64_t at[2];
};

static enum result see_use(void *context, const struct client_application *application)
{
	struct use *use = context;
	for (size_t i = 0; i < application->secret_count && i < 2; i++)
		use->at[i] = application->secrets[i].last_used_at;
	return RESULT_OK;
}

static void the_use_of_secrets_is_folded_in_at_close(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct client_application application;
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
	struct client_secret secrets[] = { { .label = S("a"), .created_at = 10 }, { .label = S("b"), .created_at = 10 } };
	application.secrets = secrets;
	application.secret_count = 2;
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
	commit(batch);
	store_secret_used(store, &one, S("client-1"), S("b"), 100);
	store_secret_used(store, &one, S("client-1"), S("b"), 300);
	store_secret_used(store, &one, S("client-1"), S("b"), 200);
	store_secret_used(store, &one, S("nobody"), S("b"), 200);
	store_close(store);
	store = open_store(place);
	struct use use = { { -1, -1 } };
	assert_int_equal(RESULT_OK, store_applications_each(store, &one, see_use, &use));
	assert_int_equal(0, use.at[0]);
	assert_int_equal(300, use.at[1]);
	/* a secret that takes over the label was never used */
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
	secrets[1].created_at = 400;
	application.secrets = secrets;
	batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
	commit(batch);
	assert_int_equal(RESULT_OK, store_applications_each(store, &one, see_use, &use));
	assert_int_equal(0, use.at[1]);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_fact_is_set_once),
		STORE_TEST(many_writers_share_commits_and_a_failed_job_fails_alone),
		STORE_TEST(a_writer_waits_for_the_lock_and_then_says_busy),
		STORE_TEST(a_full_disk_is_store_down_and_nothing_is_half_written),
		STORE_TEST(audit_events_are_written_soon_and_newest_first),
		STORE_TEST(audit_events_waiting_at_close_are_written),
		STORE_TEST(a_full_audit_queue_drops_counts_and_says_so_later),
		STORE_TEST(the_use_of_secrets_is_folded_in_at_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
