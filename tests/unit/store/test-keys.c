#include "store_test.h"

#include "base/clock.h"
#include "store/sqlite_store.h"

struct keys {
	char text[1024];
};

static enum result see_key(void *context, const struct signing_key *key)
{
	struct keys *keys = context;
	size_t len = strlen(keys->text);
	static const char *const states[] = { "", "next", "active", "retired" };
	snprintf(keys->text + len, sizeof(keys->text) - len, "%.*s:%d:%s ", SLICE_ARGS(key->kid), key->algorithm, states[key->state]);
	return RESULT_OK;
}

static void assert_keys(struct store *store, const char *partition, const char *wanted)
{
	struct partition_id id = partition_of(partition);
	struct keys keys = { "" };
	assert_int_equal(RESULT_OK, store_keys_each(store, &id, see_key, &keys));
	assert_string_equal(wanted, keys.text);
}

static struct signing_key a_key(const char *kid, enum signing_algorithm algorithm, enum key_state state, int64_t created_at)
{
	return (struct signing_key) { .kid = slice_from(kid), .algorithm = algorithm, .state = state, .wrapped = S("w\1"),
		                      .public_jwk = S("{}"), .created_at = created_at };
}

static void the_first_keys_are_added_once(void **state)
{
	struct store *store = open_store(*state), *other = open_store(*state);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE"), nowhere = partition_of("NOWHERE");
	struct signing_key keys[] = { a_key("a", ALGORITHM_ES256, KEY_ACTIVE, 1), a_key("b", ALGORITHM_ES256, KEY_NEXT, 2) };
	assert_int_equal(RESULT_OK, store_keys_add_first(store, &one, keys, 2));
	assert_int_equal(RESULT_CONFLICT, store_keys_add_first(other, &one, keys, 2));
	assert_int_equal(RESULT_NOT_FOUND, store_keys_add_first(store, &nowhere, keys, 2));
	assert_keys(other, "ONE", "b:1:next a:1:active ");
	assert_keys(store, "SYSTEM", "");
	store_close(other);
	store_close(store);
}

static void rotation_moves_each_key_on_by_one_state(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct signing_key keys[] = { a_key("a", ALGORITHM_ES256, KEY_ACTIVE, 1), a_key("b", ALGORITHM_ES256, KEY_NEXT, 2),
		                      a_key("r", ALGORITHM_RS256, KEY_ACTIVE, 3), a_key("s", ALGORITHM_RS256, KEY_NEXT, 4) };
	assert_int_equal(RESULT_OK, store_keys_add_first(store, &one, keys, 4));
	struct signing_key fresh = a_key("c", ALGORITHM_ES256, KEY_NEXT, 5), late = a_key("d", ALGORITHM_ES256, KEY_NEXT, 6);
	assert_int_equal(RESULT_OK, store_keys_rotate(store, &one, &fresh, S("b"), clock_s() + 100));
	assert_keys(store, "ONE", "c:1:next s:2:next r:2:active b:1:active a:1:retired ");
	/* somebody who thinks that b is still the next one, or rotates another algorithm by it */
	assert_int_equal(RESULT_CONFLICT, store_keys_rotate(store, &one, &late, S("b"), clock_s() + 100));
	assert_int_equal(RESULT_CONFLICT, store_keys_rotate(store, &one, &late, S("s"), clock_s() + 100));
	assert_keys(store, "ONE", "c:1:next s:2:next r:2:active b:1:active a:1:retired ");
	store_close(store);
}

static void a_retired_key_disappears_and_is_swept_when_its_time_is_over(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct signing_key keys[] = { a_key("a", ALGORITHM_ES256, KEY_ACTIVE, 1), a_key("b", ALGORITHM_ES256, KEY_NEXT, 2) };
	struct signing_key fresh = a_key("c", ALGORITHM_ES256, KEY_NEXT, 3);
	assert_int_equal(RESULT_OK, store_keys_add_first(store, &one, keys, 2));
	assert_int_equal(RESULT_OK, store_keys_rotate(store, &one, &fresh, S("b"), clock_s() - 1));
	assert_keys(store, "ONE", "c:1:next b:1:active ");
	assert_int_equal(RESULT_OK, sweep(store));
	assert_keys(store, "ONE", "c:1:next b:1:active ");
	struct signing_key again = a_key("a", ALGORITHM_ES256, KEY_NEXT, 4); /* the kid is free once more: the row is gone */
	assert_int_equal(RESULT_OK, store_keys_rotate(store, &one, &again, S("c"), clock_s() + 100));
	store_close(store);
}

static void keys_of_a_batch_come_and_go_with_their_partition(void **state)
{
	struct store *store = open_store(*state);
	struct store_batch *batch = begin(store);
	struct partition partition = a_partition("ONE");
	struct signing_key key = a_key("a", ALGORITHM_ES256, KEY_ACTIVE, 1);
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	assert_int_equal(RESULT_OK, store_batch_key(batch, &partition.id, &key));
	commit(batch);
	assert_keys(store, "ONE", "a:1:active ");
	/* a second active key of the algorithm cannot be */
	batch = begin(store);
	struct signing_key second = a_key("b", ALGORITHM_ES256, KEY_ACTIVE, 1);
	assert_int_equal(RESULT_OK, store_batch_key(batch, &partition.id, &second));
	commit_as(RESULT_CONFLICT, batch);
	batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &(struct partition_id) { "SYSTEM", 6 }, OBJECT_PARTITION, S("SYSTEM")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	assert_keys(store, "ONE", "");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(the_first_keys_are_added_once),
		STORE_TEST(rotation_moves_each_key_on_by_one_state),
		STORE_TEST(a_retired_key_disappears_and_is_swept_when_its_time_is_over),
		STORE_TEST(keys_of_a_batch_come_and_go_with_their_partition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
