#include "store_test.h"

#include "base/clock.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/wait.h>

/* What a watcher heard, as text. */
struct heard {
	pthread_mutex_t lock;
	char text[8192];
	int count;
};

static void hear(void *context, const struct store_change *change)
{
	struct heard *heard = context;
	pthread_mutex_lock(&heard->lock);
	size_t len = strlen(heard->text);
	snprintf(heard->text + len, sizeof(heard->text) - len, "[%.*s %d %.*s]", SLICE_ARGS(change->partition), change->kind,
	         SLICE_ARGS(change->id));
	heard->count++;
	pthread_mutex_unlock(&heard->lock);
}

static bool has_heard(struct heard *heard, const char *what)
{
	pthread_mutex_lock(&heard->lock);
	bool found = strstr(heard->text, what) != NULL;
	pthread_mutex_unlock(&heard->lock);
	return found;
}

/* True when it was heard within the 20 ms that the contract promises (with room for a machine under sanitizers). */
static bool hears_soon(struct heard *heard, const char *what)
{
	for (int i = 0; i < 2000; i++) {
		if (has_heard(heard, what))
			return true;
		usleep(1000);
	}
	return false;
}

static void a_watcher_hears_what_its_own_store_changes(void **state)
{
	struct store *store = open_store(*state);
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	fill_partition(store, "ONE");
	assert_true(hears_soon(&heard, "[ONE 4 client-1]"));
	assert_true(has_heard(&heard, "[ONE 1 ONE]"));
	assert_true(has_heard(&heard, "[ONE 2 articles.read]"));
	assert_true(has_heard(&heard, "[ONE 3 1001]"));
	assert_true(has_heard(&heard, "[ONE 3 c1]"));
	store_close(store);
}

static void a_watcher_hears_another_store_on_the_same_file(void **state)
{
	struct store *store = open_store(*state), *other = open_store(*state);
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	int64_t before = clock_monotonic_ms();
	fill_partition(other, "ONE");
	assert_true(hears_soon(&heard, "[ONE 4 client-1]"));
	assert_in_range(clock_monotonic_ms() - before, 0, 5000);
	store_close(other);
	store_close(store);
}

static void child_fills(struct place *place)
{
	struct store *store = NULL;
	struct problem problem;
	if (store_open(slice_from(place->url), STORE_EXISTING, &store, &problem) != RESULT_OK)
		_exit(1);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	if (store_revoke(store, &one, REVOKED_GRANT, S("grant-1"), clock_s() + 100) != RESULT_OK)
		_exit(2);
	store_close(store);
}

static void a_watcher_hears_another_process(void **state)
{
	struct place *place = *state;
	/* A lock of SQLite belongs to the process: the child must not inherit an open store. It waits for a byte. */
	int go[2];
	assert_int_equal(0, pipe(go));
	store_close(open_store(place));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char byte;
		if (read(go[0], &byte, 1) != 1)
			_exit(3);
		child_fills(place);
		_exit(0);
	}
	struct store *store = open_store(place);
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	assert_int_equal(1, write(go[1], "x", 1));
	int status = -1;
	assert_int_equal(child, waitpid(child, &status, 0));
	assert_int_equal(0, status);
	assert_true(hears_soon(&heard, "[ONE 6 grant-1]"));
	assert_true(has_heard(&heard, "[ONE 4 client-1]"));
	struct partition_id one = partition_of("ONE");
	assert_true(store_is_revoked(store, &one, REVOKED_GRANT, S("grant-1")));
	close(go[0]);
	close(go[1]);
	store_close(store);
}

static void a_request_that_catches_up_knows_what_was_committed_15_ms_ago(void **state)
{
	struct store *store = open_store(*state), *other = open_store(*state);
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	fill_partition(other, "ONE");
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	struct partition_id one = partition_of("ONE");
	for (int i = 0; i < 50; i++) {
		char id[32];
		snprintf(id, sizeof(id), "jti-%d", i);
		assert_int_equal(RESULT_OK, store_revoke(other, &one, REVOKED_TOKEN, slice_from(id), clock_s() + 100));
		usleep(16000);
		assert_int_equal(RESULT_OK, store_watch_catch_up(store));
		assert_true(store_is_revoked(store, &one, REVOKED_TOKEN, slice_from(id)));
	}
	store_close(other);
	store_close(store);
}

static void a_watcher_that_missed_rows_forgets_everything(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place); /* knows the feed up to here */
	struct store *other = open_store(place);
	fill_partition(other, "ONE");
	struct partition_id one = partition_of("ONE");
	assert_int_equal(RESULT_OK, store_revoke(other, &one, REVOKED_TOKEN, S("jti-1"), clock_s() + 100));
	sqlite3 *db; /* what the sweeper does after an hour */
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "DELETE FROM change WHERE seq < (SELECT max(seq) FROM change)", NULL, NULL, NULL));
	sqlite3_close(db);
	assert_false(store_is_revoked(store, &one, REVOKED_TOKEN, S("jti-1")));
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	assert_string_equal("[ 1 ][ 2 ][ 3 ][ 4 ][ 5 ][ 6 ][ 7 ]", heard.text);
	assert_true(store_is_revoked(store, &one, REVOKED_TOKEN, S("jti-1")));
	store_close(other);
	store_close(store);
}

static void a_big_batch_is_one_row_of_the_feed(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	for (int i = 0; i <= LIMIT_CHANGES_PER_APPLY; i++) {
		char name[32];
		snprintf(name, sizeof(name), "user-%d", i);
		struct person person = a_user(name, name);
		assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &person));
	}
	commit(batch);
	assert_true(hears_soon(&heard, "[ONE 3 ]"));
	usleep(50000);
	assert_false(has_heard(&heard, "[ONE 3 user-"));
	store_close(store);
}

static void pruned_objects_are_told_too(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	assert_true(hears_soon(&heard, "[ONE 4 client-1]"));
	usleep(50000);
	assert_true(has_heard(&heard, "[ONE 3 c1]"));
	assert_true(has_heard(&heard, "[TWO 1 TWO]"));
	assert_true(has_heard(&heard, "[TWO 3 ]"));
	assert_true(has_heard(&heard, "[TWO 5 ]"));
	store_close(store);
}

static void revocations_survive_and_are_told_apart(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct partition_id one = partition_of("ONE"), two = partition_of("TWO");
	int64_t until = clock_s() + 1000;
	for (int i = 0; i < 300; i++) {
		char id[32];
		snprintf(id, sizeof(id), "gid-%d", i);
		assert_int_equal(RESULT_OK, store_revoke(store, &one, REVOKED_GRANT, slice_from(id), until));
	}
	assert_int_equal(RESULT_OK, store_revoke(store, &one, REVOKED_GRANT, S("gid-0"), until)); /* twice is fine */
	for (int round = 0; round < 2; round++) {
		struct store_numbers numbers;
		store_numbers(store, &numbers);
		assert_int_equal(300, numbers.revocations);
		assert_true(store_is_revoked(store, &one, REVOKED_GRANT, S("gid-0")));
		assert_true(store_is_revoked(store, &one, REVOKED_GRANT, S("gid-299")));
		assert_false(store_is_revoked(store, &one, REVOKED_GRANT, S("gid-300")));
		assert_false(store_is_revoked(store, &one, REVOKED_TOKEN, S("gid-0")));
		assert_false(store_is_revoked(store, &two, REVOKED_GRANT, S("gid-0")));
		assert_false(store_is_revoked(store, &one, REVOKED_GRANT, S("")));
		store_close(store);
		store = open_store(place);
	}
	store_close(store);
}

#define CHANGERS 4

struct changer {
	struct store *store;
	int number;
};

static void *revoke_many(void *argument)
{
	struct changer *changer = argument;
	struct partition_id one = partition_of("ONE");
	for (int i = 0; i < 100; i++) {
		char id[32];
		snprintf(id, sizeof(id), "jti-%d-%d", changer->number, i);
		if (store_revoke(changer->store, &one, REVOKED_TOKEN, slice_from(id), clock_s() + 100) != RESULT_OK)
			return NULL;
		(void)!store_watch_catch_up(changer->store);
		if (!store_is_revoked(changer->store, &one, REVOKED_TOKEN, slice_from(id)))
			return NULL;
		store_secret_used(changer->store, &one, S("client-1"), S("first"), i);
	}
	return changer;
}

static void many_threads_and_two_stores_agree(void **state)
{
	struct store *stores[2] = { open_store(*state), open_store(*state) };
	struct heard heard[2] = { { PTHREAD_MUTEX_INITIALIZER, "", 0 }, { PTHREAD_MUTEX_INITIALIZER, "", 0 } };
	fill_partition(stores[0], "ONE");
	for (int i = 0; i < 2; i++)
		assert_int_equal(RESULT_OK, store_watch(stores[i], hear, &heard[i]));
	pthread_t threads[CHANGERS];
	struct changer changers[CHANGERS];
	for (int i = 0; i < CHANGERS; i++) {
		changers[i] = (struct changer) { stores[i % 2], i };
		assert_int_equal(0, pthread_create(&threads[i], NULL, revoke_many, &changers[i]));
	}
	for (int i = 0; i < CHANGERS; i++) {
		void *good = NULL;
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
	usleep(20000);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(RESULT_OK, store_watch_catch_up(stores[i]));
		struct store_numbers numbers;
		for (int tries = 0; tries < 100; tries++) {
			store_numbers(stores[i], &numbers);
			if (numbers.revocations == CHANGERS * 100)
				break;
			usleep(10000);
		}
		assert_int_equal(CHANGERS * 100, numbers.revocations);
	}
	store_close(stores[1]);
	store_close(stores[0]);
}

/* Renames client-1 in a batch of its own. */
static void rename_application(struct place *place, struct store *store, const char *name)
{
	struct client_application application;
	arena_reset(place->arena);
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
	application.name = slice_from(name);
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
	commit(batch);
}

static void a_store_that_watches_reads_its_own_changes_at_once(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct heard heard = { PTHREAD_MUTEX_INITIALIZER, "", 0 };
	struct client_application application;
	fill_partition(store, "ONE");
	assert_int_equal(RESULT_OK, store_watch(store, hear, &heard));
	for (int i = 0; i < 100; i++) {
		char name[32];
		snprintf(name, sizeof(name), "Name %d", i);
		rename_application(place, store, name);
		assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
		assert_true(slice_is(application.name, name));
	}
	store_close(store);
}

/* Reads in the callback, as a cache that was dropped is filled again. */
struct reread {
	struct store *store;
	atomic_int number; /* of the name that was read last */
};

static void read_again(void *context, const struct store_change *change)
{
	struct reread *reread = context;
	struct arena *arena = arena_new(4096, 65536);
	struct partition_id one = partition_of("ONE");
	struct client_application application;
	int number = -1;
	if (change->kind == CHANGE_APPLICATION &&
	    store_client_application_read(reread->store, &one, S("client-1"), arena, &application) == RESULT_OK &&
	    sscanf(application.name.ptr, "Name %d", &number) == 1)
		atomic_store(&reread->number, number);
	arena_free(arena);
}

static void what_is_read_because_of_a_change_is_what_was_changed(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place), *other = open_store(place);
	struct reread reread = { .store = store, .number = -1 };
	struct client_application application;
	fill_partition(other, "ONE");
	assert_int_equal(RESULT_OK, store_watch(store, read_again, &reread));
	for (int i = 0; i < 50; i++) {
		char name[32];
		snprintf(name, sizeof(name), "Name %d", i);
		rename_application(place, other, name);
		/* Reads all the time, so that the reader which the callback finds has a snapshot of just before. */
		for (int64_t until = clock_monotonic_ms() + 10000; atomic_load(&reread.number) != i && clock_monotonic_ms() < until;) {
			arena_reset(place->arena);
			assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
		}
		assert_int_equal(i, atomic_load(&reread.number));
		arena_reset(place->arena);
		assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
		assert_true(slice_is(application.name, name));
	}
	store_close(other);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_watcher_hears_what_its_own_store_changes),
		STORE_TEST(a_watcher_hears_another_store_on_the_same_file),
		STORE_TEST(a_watcher_hears_another_process),
		STORE_TEST(a_request_that_catches_up_knows_what_was_committed_15_ms_ago),
		STORE_TEST(a_watcher_that_missed_rows_forgets_everything),
		STORE_TEST(a_big_batch_is_one_row_of_the_feed),
		STORE_TEST(pruned_objects_are_told_too),
		STORE_TEST(revocations_survive_and_are_told_apart),
		STORE_TEST(many_threads_and_two_stores_agree),
		STORE_TEST(a_store_that_watches_reads_its_own_changes_at_once),
		STORE_TEST(what_is_read_because_of_a_change_is_what_was_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
