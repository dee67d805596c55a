#include "store_test.h"

#include "base/clock.h"
#include "store/sqlite_store.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 16

static void a_jti_is_good_once(void **state)
{
	struct store *store = open_store(*state);
	struct partition_id system = partition_of("SYSTEM"), other = partition_of("OTHER");
	int64_t until = clock_s() + 60;
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app"), S("1"), until));
	assert_int_equal(RESULT_REPLAYED, store_assertion_use(store, &system, S("app"), S("1"), until));
	assert_int_equal(RESULT_REPLAYED, store_assertion_use(store, &system, S("app"), S("1"), until + 100));
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app"), S("2"), until));
	/* names are each application's own */
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app2"), S("1"), until));
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("ap"), S("p1"), until));
	assert_int_equal(RESULT_OK, store_assertion_use(store, &other, S("app"), S("1"), until));
	assert_int_equal(RESULT_INVALID, store_assertion_use(store, &system, S("app"), S(""), until));
	char longest[LIMIT_JTI_SIZE + 1];
	memset(longest, 'x', sizeof longest);
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app"), (struct slice) { longest, LIMIT_JTI_SIZE }, until));
	assert_int_equal(RESULT_INVALID, store_assertion_use(store, &system, S("app"), (struct slice) { longest, LIMIT_JTI_SIZE + 1 }, until));
	store_close(store);
}

static void a_used_jti_stays_used_after_a_restart_and_at_another_server(void **state)
{
	struct store *first = open_store(*state), *second = open_store(*state);
	struct partition_id system = partition_of("SYSTEM");
	assert_int_equal(RESULT_OK, store_assertion_use(first, &system, S("app"), S("1"), clock_s() + 60));
	assert_int_equal(RESULT_REPLAYED, store_assertion_use(second, &system, S("app"), S("1"), clock_s() + 60));
	store_close(first);
	store_close(second);
	first = open_store(*state);
	assert_int_equal(RESULT_REPLAYED, store_assertion_use(first, &system, S("app"), S("1"), clock_s() + 60));
	store_close(first);
}

struct race {
	struct store *store;
	pthread_barrier_t *barrier;
	atomic_int *won;
};

static void *race_run(void *argument)
{
	struct race *race = argument;
	struct partition_id system = partition_of("SYSTEM");
	pthread_barrier_wait(race->barrier);
	enum result result = store_assertion_use(race->store, &system, S("app"), S("raced"), clock_s() + 60);
	if (result == RESULT_OK)
		atomic_fetch_add(race->won, 1);
	else if (result != RESULT_REPLAYED)
		abort();
	return NULL;
}

static void one_of_many_at_once_wins(void **state)
{
	struct store *stores[] = { open_store(*state), open_store(*state) };
	pthread_t threads[THREADS];
	struct race races[THREADS];
	pthread_barrier_t barrier;
	atomic_int won = 0;
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		races[i] = (struct race) { stores[i % 2], &barrier, &won };
		assert_int_equal(0, pthread_create(&threads[i], NULL, race_run, &races[i]));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(1, won);
	pthread_barrier_destroy(&barrier);
	store_close(stores[0]);
	store_close(stores[1]);
}

static void what_has_expired_is_swept_and_nothing_else(void **state)
{
	struct store *store = open_store(*state);
	struct partition_id system = partition_of("SYSTEM");
	int64_t now = clock_s();
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app"), S("old"), now - 1));
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app"), S("live"), now + 100));
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(RESULT_OK, store_assertion_use(store, &system, S("app"), S("old"), now + 100));
	assert_int_equal(RESULT_REPLAYED, store_assertion_use(store, &system, S("app"), S("live"), now + 100));
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_jti_is_good_once),
		STORE_TEST(a_used_jti_stays_used_after_a_restart_and_at_another_server),
		STORE_TEST(one_of_many_at_once_wins),
		STORE_TEST(what_has_expired_is_swept_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
