#include "store_test.h"

#include "base/clock.h"

#include <pthread.h>

struct seen {
	char text[2048];
	struct store *store;
};

static void see(struct seen *seen, struct slice text)
{
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof(seen->text) - len, "%.*s ", SLICE_ARGS(text));
}

static enum result see_partition(void *context, const struct partition *partition)
{
	see(context, partition_id_slice(&partition->id));
	return RESULT_OK;
}
static enum result see_department(void *context, const struct department *department)
{
	see(context, department->name);
	return RESULT_OK;
}
static enum result see_permission(void *context, const struct permission *permission)
{
	see(context, permission->name);
	return RESULT_OK;
}
static enum result see_person(void *context, const struct person *person)
{
	see(context, person->id);
	return RESULT_OK;
}
static enum result see_application(void *context, const struct client_application *application)
{
	see(context, application->client_id);
	return RESULT_OK;
}
static enum result see_key(void *context, const struct signing_key *key)
{
	see(context, key->kid);
	return RESULT_OK;
}

/* What differs from ONE in TWO: ids and names that exist only there. */
static void fill_two(struct store *store)
{
	struct store_batch *batch = begin(store);
	struct partition two = a_partition("TWO");
	struct person user = a_user("2002", "only-two"), customer = a_customer("c2", "two@example.com");
	struct client_application application = an_application("client-2", "Second");
	application.platform = PLATFORM_SPA;
	application.redirect_urls = S("https://two.example/cb");
	struct signing_key key = { .kid = S("key-2"), .algorithm = ALGORITHM_ES256, .state = KEY_ACTIVE, .wrapped = S("w"), .created_at = 1 };
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &two));
	assert_int_equal(RESULT_OK, store_batch_department(batch, &two.id, &(struct department) { .name = S("Two") }));
	assert_int_equal(RESULT_OK, store_batch_permission(batch, &two.id,
		&(struct permission) { .name = S("two.read"), .kind = PERMISSION_DELEGATED }));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &two.id, &user));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &two.id, &customer));
	assert_int_equal(RESULT_OK, store_batch_application(batch, &two.id, &application));
	assert_int_equal(RESULT_OK, store_batch_key(batch, &two.id, &key));
	commit(batch);
	assert_int_equal(RESULT_OK, store_revoke(store, &two.id, REVOKED_TOKEN, S("jti-2"), clock_s() + 100));
}

static void no_read_of_one_partition_shows_anything_of_another(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_two(store);
	struct partition_id one = partition_of("ONE");
	struct person person;
	struct person_state person_state;
	struct client_application application;
	char id[LIMIT_ID];
	static const struct {
		enum person_kind kind;
		enum person_key key;
		const char *value;
	} strangers[] = {
		{ PERSON_USER, PERSON_BY_ID, "2002" },
		{ PERSON_USER, PERSON_BY_USERNAME, "only-two" },
		{ PERSON_CUSTOMER, PERSON_BY_ID, "c2" },
		{ PERSON_CUSTOMER, PERSON_BY_EMAIL, "two@example.com" },
		{ PERSON_USER, PERSON_BY_ID, "c1" }, /* nor one realm the other's */
		{ PERSON_CUSTOMER, PERSON_BY_ID, "1001" },
		{ PERSON_CUSTOMER, PERSON_BY_USERNAME, "pa" },
	};
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		assert_int_equal(RESULT_NOT_FOUND, find_person(place, store, "ONE", strangers[i].kind, strangers[i].key,
		                                               strangers[i].value, &person));
		assert_int_equal(RESULT_NOT_FOUND, store_person_state(store, &one, strangers[i].kind, strangers[i].key,
		                                                      slice_from(strangers[i].value), id, &person_state));
	}
	assert_int_equal(RESULT_NOT_FOUND, find_application(place, store, "ONE", "client-2", &application));
	assert_false(store_is_revoked(store, &one, REVOKED_TOKEN, S("jti-2")));
	bool known = true;
	assert_int_equal(RESULT_OK, store_origin_known(store, &one, S("https://two.example"), &known));
	assert_false(known);
	struct seen seen = { "", NULL };
	assert_int_equal(RESULT_OK, store_departments_each(store, &one, see_department, &seen));
	assert_int_equal(RESULT_OK, store_permissions_each(store, &one, see_permission, &seen));
	assert_int_equal(RESULT_OK, store_people_each(store, &one, PERSON_USER, see_person, &seen));
	assert_int_equal(RESULT_OK, store_people_each(store, &one, PERSON_CUSTOMER, see_person, &seen));
	assert_int_equal(RESULT_OK, store_applications_each(store, &one, see_application, &seen));
	assert_int_equal(RESULT_OK, store_keys_each(store, &one, see_key, &seen));
	assert_string_equal("Service articles.read 1001 c1 client-1 ", seen.text);
	seen.text[0] = '\0';
	assert_int_equal(RESULT_OK, store_partitions_each(store, see_partition, &seen));
	assert_string_equal("ONE SYSTEM TWO ", seen.text);
	store_close(store);
}

static void the_state_of_a_person_is_found_by_each_key(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	static const struct {
		enum person_kind kind;
		enum person_key key;
		const char *value, *id;
	} rows[] = {
		{ PERSON_USER, PERSON_BY_ID, "1001", "1001" },
		{ PERSON_USER, PERSON_BY_USERNAME, "PA", "1001" },
		{ PERSON_CUSTOMER, PERSON_BY_ID, "c1", "c1" },
		{ PERSON_CUSTOMER, PERSON_BY_EMAIL, "JANE@example.COM", "c1" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buffer[LIMIT_ID];
		struct person_state found = { 0 };
		assert_int_equal(RESULT_OK, store_person_state(store, &one, rows[i].kind, rows[i].key, slice_from(rows[i].value), buffer, &found));
		assert_slice(found.id, rows[i].id);
		assert_true(found.enabled);
		assert_true(found.valid_from_ms > 0);
	}
	char buffer[LIMIT_ID], long_value[LIMIT_EMAIL + 2];
	struct person_state found;
	memset(long_value, 'a', sizeof(long_value));
	static const enum person_key keys[] = { PERSON_BY_ID, PERSON_BY_USERNAME, PERSON_BY_EMAIL };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(RESULT_NOT_FOUND, store_person_state(store, &one, PERSON_USER, keys[i],
		                                                      (struct slice) { long_value, sizeof(long_value) }, buffer, &found));
		assert_int_equal(RESULT_NOT_FOUND, store_person_state(store, &one, PERSON_USER, keys[i], (struct slice) { NULL, 0 },
		                                                      buffer, &found));
	}
	/* ids compare exactly */
	fill_two(store);
	struct store_batch *batch = begin(store);
	struct person person = a_user("AbC", "abc");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &person));
	commit(batch);
	assert_int_equal(RESULT_NOT_FOUND, store_person_state(store, &one, PERSON_USER, PERSON_BY_ID, S("abc"), buffer, &found));
	store_close(store);
}

static enum result stop_at_first(void *context, const struct partition *partition)
{
	(void)partition;
	++*(int *)context;
	return RESULT_NOT_FOUND;
}

static enum result see_inside(void *context, const struct partition *partition)
{
	struct seen *seen = context;
	see(seen, partition_id_slice(&partition->id));
	return store_partitions_each(seen->store, see_partition, seen);
}

static void a_listing_stops_when_the_visitor_says_so_and_may_be_nested(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	int count = 0;
	assert_int_equal(RESULT_NOT_FOUND, store_partitions_each(store, stop_at_first, &count));
	assert_int_equal(1, count);
	struct seen seen = { "", store };
	assert_int_equal(RESULT_OK, store_partitions_each(store, see_inside, &seen));
	assert_string_equal("ONE ONE SYSTEM SYSTEM ONE SYSTEM ", seen.text);
	seen.text[0] = '\0';
	assert_int_equal(RESULT_OK, store_snapshot_begin(store));
	assert_int_equal(RESULT_OK, store_partitions_each(store, see_inside, &seen));
	store_snapshot_end(store);
	assert_string_equal("ONE ONE SYSTEM SYSTEM ONE SYSTEM ", seen.text);
	store_close(store);
}

static void a_snapshot_sees_the_store_as_it_was(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	assert_int_equal(RESULT_OK, store_snapshot_begin(store));
	fill_partition(store, "TWO");
	struct seen seen = { "", NULL };
	struct person person;
	assert_int_equal(RESULT_OK, store_partitions_each(store, see_partition, &seen));
	assert_string_equal("ONE SYSTEM ", seen.text);
	assert_int_equal(RESULT_NOT_FOUND, find_person(place, store, "TWO", PERSON_USER, PERSON_BY_ID, "1001", &person));
	store_snapshot_end(store);
	assert_int_equal(RESULT_OK, find_person(place, store, "TWO", PERSON_USER, PERSON_BY_ID, "1001", &person));
	store_close(store);
}

static void *read_many(void *argument)
{
	struct store *store = argument;
	struct partition_id one = partition_of("ONE");
	struct arena *arena = arena_new(4096, 1024 * 1024);
	for (int i = 0; i < 500; i++) {
		char buffer[LIMIT_ID];
		struct person_state found;
		struct client_application application;
		struct seen seen = { "", store };
		if (store_person_state(store, &one, PERSON_USER, PERSON_BY_USERNAME, S("PA"), buffer, &found) != RESULT_OK ||
		    store_client_application_read(store, &one, S("client-1"), arena, &application) != RESULT_OK ||
		    store_partitions_each(store, see_inside, &seen) != RESULT_OK) {
			arena_free(arena);
			return NULL;
		}
		arena_reset(arena);
	}
	arena_free(arena);
	return argument;
}

static void more_threads_than_readers_all_get_their_answers(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	pthread_t threads[LIMIT_STORE_READERS - 2]; /* each listing inside a listing takes two */
	const size_t count = sizeof(threads) / sizeof(threads[0]);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL, read_many, store));
	fill_partition(store, "TWO");
	for (size_t i = 0; i < count; i++) {
		void *good = NULL;
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
	store_close(store);
}

static bool origin_known(struct store *store, const char *origin)
{
	struct partition_id one = partition_of("ONE");
	bool known = false;
	assert_int_equal(RESULT_OK, store_origin_known(store, &one, slice_from(origin), &known));
	return known;
}

static void origins_are_those_of_the_redirect_addresses_of_enabled_spas(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct client_application spa = an_application("spa", "Spa"), web = an_application("web", "Web");
	spa.platform = PLATFORM_SPA;
	spa.redirect_urls = S("https://App.Example:443/cb http://127.0.0.1/cb http://[::1]:4711/cb http://localhost:3000/ "
	                      "com.example.app:/cb https://app.example:8443/x");
	web.redirect_urls = S("https://web.example/cb");
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &spa));
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &web));
	commit(batch);
	static const char *const good[] = { "https://app.example", "https://app.example:8443", "http://127.0.0.1",
		                            "http://127.0.0.1:51004", "http://[::1]:4711", "http://localhost:3000" };
	static const char *const bad[] = { "null", "", "https://web.example", "http://app.example", "https://app.example:1",
		                           "http://localhost:3001", "http://[::1]:1", "http://[::1]", "https://app.example/", "https://APP.example",
		                           "http://127.0.0.1:1/", "http://127.0.0.1.evil.example", "http://127.0.0.1:x",
		                           "https://127.0.0.1:1", "com.example.app:" };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(origin_known(store, good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(origin_known(store, bad[i]));
	struct client_application read;
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "spa", &read));
	read.enabled = false;
	batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &read));
	commit(batch);
	assert_false(origin_known(store, "https://app.example"));
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(no_read_of_one_partition_shows_anything_of_another),
		STORE_TEST(the_state_of_a_person_is_found_by_each_key),
		STORE_TEST(a_listing_stops_when_the_visitor_says_so_and_may_be_nested),
		STORE_TEST(a_snapshot_sees_the_store_as_it_was),
		STORE_TEST(more_threads_than_readers_all_get_their_answers),
		STORE_TEST(origins_are_those_of_the_redirect_addresses_of_enabled_spas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
