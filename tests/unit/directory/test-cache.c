#include "directory/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct thing {
	struct cached cached;
	int number;
};

static atomic_int freed;

static void thing_free(struct cached *cached)
{
	atomic_fetch_add(&freed, 1);
	free(cached);
}

static struct cached *thing_new(int number)
{
	struct thing *thing = calloc(1, sizeof *thing);
	atomic_init(&thing->cached.references, 1);
	thing->cached.free = thing_free;
	thing->number = number;
	return &thing->cached;
}

static struct partition_id partition(const char *text)
{
	struct partition_id id;
	if (!partition_id_parse(slice_from(text), &id))
		abort();
	return id;
}

static void put(struct cache *cache, const char *in, const char *id, int number)
{
	struct partition_id p = partition(in);
	struct cached *thing = thing_new(number);
	cache_put(cache, &p, slice_from(id), thing, cache_generation(cache));
	cached_release(thing);
}

static int get(struct cache *cache, const char *in, const char *id)
{
	struct partition_id p = partition(in);
	struct cached *found = cache_get(cache, &p, slice_from(id));
	int number = found == NULL ? -1 : ((struct thing *)found)->number;
	cached_release(found);
	return number;
}

static void what_was_put_is_found_in_its_partition_only(void **state)
{
	(void)state;
	struct cache *cache = cache_new(8);
	put(cache, "A", "x", 1);
	put(cache, "B", "x", 2);
	assert_int_equal(get(cache, "A", "x"), 1);
	assert_int_equal(get(cache, "B", "x"), 2);
	assert_int_equal(get(cache, "AB", "x"), -1);
	assert_int_equal(get(cache, "A", ""), -1);
	cache_free(cache);
}

static void a_dropped_object_lives_as_long_as_somebody_holds_it(void **state)
{
	(void)state;
	struct cache *cache = cache_new(8);
	struct partition_id p = partition("A");
	atomic_store(&freed, 0);
	put(cache, "A", "x", 7);
	struct cached *held = cache_get(cache, &p, SLICE_OF("x"));
	cache_drop(cache, SLICE_OF("A"), SLICE_OF("x"));
	assert_int_equal(get(cache, "A", "x"), -1);
	assert_int_equal(atomic_load(&freed), 0);
	assert_int_equal(((struct thing *)held)->number, 7);
	cached_release(held);
	assert_int_equal(atomic_load(&freed), 1);
	cache_free(cache);
}

static void what_was_read_before_a_drop_is_not_kept(void **state)
{
	(void)state;
	struct cache *cache = cache_new(8);
	struct partition_id p = partition("A");
	uint64_t generation = cache_generation(cache);
	struct cached *stale = thing_new(1);
	cache_drop(cache, SLICE_OF("A"), SLICE_OF("x")); /* the change arrives while x is being read */
	cache_put(cache, &p, SLICE_OF("x"), stale, generation);
	cached_release(stale);
	assert_int_equal(get(cache, "A", "x"), -1);
	cache_free(cache);
}

static void dropping_a_partition_spares_the_others(void **state)
{
	(void)state;
	struct cache *cache = cache_new(8);
	put(cache, "A", "x", 1);
	put(cache, "A", "y", 2);
	put(cache, "AA", "x", 3);
	cache_drop_partition(cache, SLICE_OF("A"));
	assert_int_equal(get(cache, "A", "x"), -1);
	assert_int_equal(get(cache, "A", "y"), -1);
	assert_int_equal(get(cache, "AA", "x"), 3);
	cache_free(cache);
}

static void a_full_cache_keeps_what_is_asked_for(void **state)
{
	(void)state;
	struct cache *cache = cache_new(4);
	put(cache, "A", "wanted", 1);
	for (int i = 0; i < 100; i++) {
		char id[16];
		snprintf(id, sizeof id, "n%d", i);
		put(cache, "A", id, i);
		assert_int_equal(get(cache, "A", "wanted"), 1);
	}
	assert_int_equal(get(cache, "A", "n0"), -1);
	cache_free(cache);
}

static void *hammer(void *argument)
{
	struct cache *cache = argument;
	for (int i = 0; i < 20000; i++) {
		char id[16];
		snprintf(id, sizeof id, "n%d", i % 37);
		int found = get(cache, "A", id);
		if (found != -1 && found != i % 37)
			abort(); /* cmocka's asserts are for the test's own thread */
		if (found == -1)
			put(cache, "A", id, i % 37);
		if (i % 101 == 0)
			cache_drop(cache, SLICE_OF("A"), slice_from(id));
		if (i % 5003 == 0)
			cache_drop_all(cache);
	}
	return NULL;
}

static void threads_that_read_fill_and_drop_see_whole_objects(void **state)
{
	(void)state;
	struct cache *cache = cache_new(16);
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, cache), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	cache_free(cache);
}

static void put_heavy(struct cache *cache, const char *id, int number, size_t weight)
{
	struct partition_id p = partition("A");
	struct cached *thing = thing_new(number);
	thing->weight = weight;
	cache_put(cache, &p, slice_from(id), thing, cache_generation(cache));
	cached_release(thing);
}

static void a_weighed_cache_holds_no_more_than_its_weight_and_nothing_heavier_moves_the_others(void **state)
{
	(void)state;
	struct cache *cache = cache_new_weighed(100, 10);
	put_heavy(cache, "a", 1, 4);
	put_heavy(cache, "b", 2, 4);
	assert_int_equal(get(cache, "A", "a"), 1);
	put_heavy(cache, "c", 3, 5);
	assert_int_equal(get(cache, "A", "b"), -1);
	assert_int_equal(get(cache, "A", "a"), 1);
	assert_int_equal(get(cache, "A", "c"), 3);
	put_heavy(cache, "d", 4, 11);
	assert_int_equal(get(cache, "A", "d"), -1);
	assert_int_equal(get(cache, "A", "a"), 1);
	assert_int_equal(get(cache, "A", "c"), 3);
	put_heavy(cache, "e", 5, 10);
	assert_int_equal(get(cache, "A", "a"), -1);
	assert_int_equal(get(cache, "A", "c"), -1);
	assert_int_equal(get(cache, "A", "e"), 5);
	cache_drop_all(cache);
	put_heavy(cache, "a", 1, 5);
	put_heavy(cache, "b", 2, 5);
	assert_int_equal(get(cache, "A", "a"), 1);
	assert_int_equal(get(cache, "A", "b"), 2);
	cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_in_its_partition_only),
		cmocka_unit_test(a_dropped_object_lives_as_long_as_somebody_holds_it),
		cmocka_unit_test(what_was_read_before_a_drop_is_not_kept),
		cmocka_unit_test(dropping_a_partition_spares_the_others),
		cmocka_unit_test(a_full_cache_keeps_what_is_asked_for),
		cmocka_unit_test(a_weighed_cache_holds_no_more_than_its_weight_and_nothing_heavier_moves_the_others),
		cmocka_unit_test(threads_that_read_fill_and_drop_see_whole_objects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
