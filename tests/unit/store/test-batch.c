#include "store_test.h"

#include "base/clock.h"

static void a_partition_and_its_people_are_read_back_whole(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct store_batch *batch = begin(store);
	struct partition partition = a_partition("ONE");
	partition.permission_prefix = S("https://api.example/");
	partition.access_token_algorithm = ALGORITHM_RS256;
	partition.branding_color = S("#0b5fff");
	partition.policy_customer = S("customer_signin");
	partition.anonymous_enabled = true;
	partition.anonymous_permissions = S("a b");
	struct person person = a_user("1001", "Pa");
	person.email = S("Pa@Example.com");
	person.department = S("Service");
	person.roles = S("agent partition_administrator");
	person.password_hash = S("$argon2id$x");
	person.claims = S("{\"name\":\"Ann\"}");
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	assert_int_equal(RESULT_OK, store_batch_department(batch, &partition.id, &(struct department) { .name = person.department }));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &partition.id, &person));
	int64_t before = clock_ms();
	commit(batch);

	struct partition partition_read;
	assert_int_equal(RESULT_OK, store_partition_read(store, &partition.id, place->arena, &partition_read));
	assert_slice(partition_read.permission_prefix, "https://api.example/");
	assert_int_equal(ALGORITHM_RS256, partition_read.access_token_algorithm);
	assert_slice(partition_read.branding_color, "#0b5fff");
	assert_slice(partition_read.policy_customer, "customer_signin");
	assert_true(partition_read.anonymous_enabled);
	assert_slice(partition_read.anonymous_permissions, "a b");
	assert_int_equal(1, partition_read.version);

	struct person person_read;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_USERNAME, "pA", &person_read));
	assert_slice(person_read.id, "1001");
	assert_slice(person_read.username, "Pa");
	assert_slice(person_read.email, "Pa@Example.com");
	assert_slice(person_read.department, "Service");
	assert_slice(person_read.roles, "agent partition_administrator");
	assert_slice(person_read.password_hash, "$argon2id$x");
	assert_slice(person_read.claims, "{\"name\":\"Ann\"}");
	assert_true(person_read.enabled);
	assert_true(person_read.valid_from_ms >= before && person_read.valid_from_ms <= clock_ms());
	assert_int_equal(1, person_read.version);
	store_close(store);
}

static void a_client_application_is_read_back_whole(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct client_secret secrets[2] = {
		{ .label = S("first"), .hash = hash32_of(S("one")), .created_at = 5 },
		{ .label = S("second"), .hash = hash32_of(S("two")), .created_at = 6, .expires_at = 1234567890123 },
	};
	struct client_application application = an_application("app-1", "Whole");
	application.redirect_urls = S("https://a.example/cb https://b.example/cb");
	application.jwks = S("{\"keys\":[]}");
	application.permissions = S("articles.read app.articles.read");
	application.grants = OPTIONAL_GRANT_TOKEN_EXCHANGE;
	application.refresh_tokens = true;
	application.refresh_idle_seconds = 7;
	application.refresh_max_seconds = 8;
	application.id_token_algorithm = ALGORITHM_ES256;
	application.secrets = secrets;
	application.secret_count = 2;
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
	int64_t before = clock_ms();
	commit(batch);

	struct client_application read;
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "app-1", &read));
	assert_slice(read.name, "Whole");
	assert_int_equal(PLATFORM_WEB, read.platform);
	assert_slice(read.redirect_urls, "https://a.example/cb https://b.example/cb");
	assert_slice(read.jwks, "{\"keys\":[]}");
	assert_slice(read.permissions, "articles.read app.articles.read");
	assert_int_equal(OPTIONAL_GRANT_TOKEN_EXCHANGE, read.grants);
	assert_int_equal(3600, read.access_token_seconds);
	assert_true(read.refresh_tokens);
	assert_int_equal(7, read.refresh_idle_seconds);
	assert_int_equal(8, read.refresh_max_seconds);
	assert_int_equal(CONSENT_ASK, read.consent);
	assert_int_equal(ALGORITHM_ES256, read.id_token_algorithm);
	assert_int_equal(2, read.secret_count);
	assert_slice(read.secrets[0].label, "first");
	assert_true(hash32_equal(&read.secrets[1].hash, &secrets[1].hash));
	assert_int_equal(1234567890123, read.secrets[1].expires_at);
	assert_true(read.valid_from_ms >= before);
	store_close(store);
}

static void an_abandoned_batch_changes_nothing(void **state)
{
	struct store *store = open_store(*state);
	struct store_batch *batch = begin(store);
	struct partition partition = a_partition("ONE");
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	store_batch_abandon(batch);
	bool empty = false;
	assert_int_equal(RESULT_OK, store_is_empty(store, &empty));
	assert_true(empty);
	store_close(store);
}

static void one_bad_object_undoes_the_whole_batch(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct person good = a_user("2", "good"), taken = a_user("3", "PA");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &good));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &taken));
	commit_as(RESULT_CONFLICT, batch);
	struct person read;
	assert_int_equal(RESULT_NOT_FOUND, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "2", &read));
	store_close(store);
}

static void a_staged_object_with_another_version_is_a_conflict(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct person read;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &read));

	struct store_batch *first = begin(store), *second = begin(store);
	struct person a = read, b = read;
	a.claims = S("A");
	b.claims = S("B");
	assert_int_equal(RESULT_OK, store_batch_person(first, &one, &a));
	assert_int_equal(RESULT_OK, store_batch_person(second, &one, &b));
	commit(first);
	commit_as(RESULT_CONFLICT, second);
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &read));
	assert_slice(read.claims, "A");
	assert_int_equal(2, read.version);

	/* Made anew although it exists; changed although it does not. */
	struct store_batch *third = begin(store);
	struct person anew = a_user("1001", "other");
	assert_int_equal(RESULT_OK, store_batch_person(third, &one, &anew));
	commit_as(RESULT_CONFLICT, third);
	struct store_batch *fourth = begin(store);
	struct person gone = a_user("77", "gone");
	gone.version = 1;
	assert_int_equal(RESULT_OK, store_batch_person(fourth, &one, &gone));
	commit_as(RESULT_CONFLICT, fourth);
	store_close(store);
}

static void names_are_unique_in_a_partition_without_regard_to_case(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO"); /* the same names elsewhere are fine */
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct person customer = a_customer("c2", "JANE@EXAMPLE.COM");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &customer));
	commit_as(RESULT_CONFLICT, batch);
	batch = begin(store);
	struct client_application application = an_application("client-2", "Portal");
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
	commit_as(RESULT_CONFLICT, batch);
	batch = begin(store);
	struct person a = a_user("5", "same"), b = a_user("6", "SAME");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &a));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &b));
	commit_as(RESULT_CONFLICT, batch);
	batch = begin(store); /* users may share an e-mail with anybody */
	a.email = b.email = S("jane@example.com");
	b.username = S("different");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &a));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &b));
	commit(batch);
	store_close(store);
}

static void two_people_may_exchange_their_usernames(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct person a = a_user("1", "left"), b = a_user("2", "right");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &a));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &b));
	commit(batch);
	batch = begin(store);
	a.username = S("right");
	b.username = S("left");
	a.version = b.version = 1;
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &a));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &b));
	commit(batch);
	struct person read;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_USERNAME, "left", &read));
	assert_slice(read.id, "2");
	store_close(store);
}

static void objects_of_a_partition_that_does_not_exist_are_refused(void **state)
{
	struct store *store = open_store(*state);
	struct partition_id nowhere = partition_of("NOWHERE");
	struct store_batch *batch = begin(store);
	struct person person = a_user("1", "x");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &nowhere, &person));
	commit_as(RESULT_CONFLICT, batch);
	store_close(store);
}

static void valid_from_moves_when_enabled_changes_and_not_otherwise(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct person person;
	struct client_application application;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
	int64_t made = person.valid_from_ms;
	for (int step = 0; step < 3; step++) {
		bool flips = step > 0; /* change something else, disable, enable */
		usleep(3000);
		person.claims = S("{}");
		person.enabled = application.enabled = step != 1;
		struct store_batch *batch = begin(store);
		assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &person));
		assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
		commit(batch);
		int64_t person_before = person.valid_from_ms, application_before = application.valid_from_ms;
		assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
		assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
		assert_int_equal(flips, person.valid_from_ms > person_before);
		assert_int_equal(flips, application.valid_from_ms > application_before);
	}
	assert_true(person.valid_from_ms > made);
	store_close(store);
}

struct seen {
	char text[1024];
};

static enum result see_pruned(void *context, const struct partition_id *partition, enum object_kind kind, struct slice key,
                              struct slice name)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof(seen->text) - len, "%s/%d/%.*s/%.*s ", partition->text, kind, SLICE_ARGS(key), SLICE_ARGS(name));
	return RESULT_OK;
}

static void pruning_deletes_what_was_neither_staged_nor_mentioned(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct partition_id one = partition_of("ONE"), two = partition_of("TWO");
	struct store_batch *batch = begin(store);
	struct person added = a_user("9", "new");
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_CUSTOMER, S("c1")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_DEPARTMENT, S("Service")));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &added));
	struct seen seen = { "" };
	assert_int_equal(RESULT_OK, store_batch_prune(batch, see_pruned, &seen));
	assert_string_equal("ONE/3/articles.read/ ONE/4/1001/Pa ONE/6/client-1/Portal TWO/1/TWO/Example ", seen.text);
	commit(batch);
	struct person person;
	struct client_application application;
	struct partition partition;
	assert_int_equal(RESULT_NOT_FOUND, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "9", &person));
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_CUSTOMER, PERSON_BY_ID, "c1", &person));
	assert_int_equal(RESULT_NOT_FOUND, find_application(place, store, "ONE", "client-1", &application));
	assert_int_equal(RESULT_NOT_FOUND, store_partition_read(store, &two, place->arena, &partition));
	assert_int_equal(RESULT_NOT_FOUND, find_person(place, store, "TWO", PERSON_USER, PERSON_BY_ID, "1001", &person));
	struct partition_id system = partition_of("SYSTEM");
	assert_int_equal(RESULT_OK, store_partition_read(store, &system, place->arena, &partition));
	struct problem problem;
	assert_int_equal(RESULT_OK, store_check(store, &problem));
	store_close(store);
}

static void pruning_what_changed_meanwhile_is_a_conflict(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct store_batch *pruning = begin(store);
	struct seen seen = { "" };
	assert_int_equal(RESULT_OK, store_batch_mention(pruning, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_prune(pruning, see_pruned, &seen));
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &person));
	commit(batch);
	commit_as(RESULT_CONFLICT, pruning);
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	store_close(store);
}

static void a_batch_knows_what_it_holds(void **state)
{
	struct store *store = open_store(*state);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct person person = a_user("2", "Second");
	bool answer = true;
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_USER, S("2"), &answer));
	assert_false(answer);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &person));
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_USER, S("2"), &answer));
	assert_true(answer);
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_CUSTOMER, S("2"), &answer));
	assert_false(answer);
	assert_int_equal(RESULT_OK, store_batch_name_taken(batch, &one, OBJECT_USER, S("SECOND"), S("3"), &answer));
	assert_true(answer);
	assert_int_equal(RESULT_OK, store_batch_name_taken(batch, &one, OBJECT_USER, S("second"), S("2"), &answer));
	assert_false(answer);
	/* in the store, counts once it is mentioned */
	assert_int_equal(RESULT_OK, store_batch_name_taken(batch, &one, OBJECT_APPLICATION, S("Portal"), S("x"), &answer));
	assert_false(answer);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_APPLICATION, S("client-1")));
	assert_int_equal(RESULT_OK, store_batch_name_taken(batch, &one, OBJECT_APPLICATION, S("Portal"), S("x"), &answer));
	assert_true(answer);
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_APPLICATION, S("client-1"), &answer));
	assert_true(answer);
	assert_int_equal(RESULT_OK, store_batch_permission_exists(batch, &one, S("articles.read"), false, &answer));
	assert_true(answer);
	assert_int_equal(RESULT_OK, store_batch_permission_exists(batch, &one, S("articles.read"), true, &answer));
	assert_false(answer);
	assert_int_equal(RESULT_OK, store_batch_department_exists(batch, &one, S("Service"), false, &answer));
	assert_true(answer);
	assert_int_equal(RESULT_OK, store_batch_department_exists(batch, &one, S("Sales"), false, &answer));
	assert_false(answer);
	store_batch_abandon(batch);
	store_close(store);
}

static enum result see_action(void *context, const struct audit_event *event)
{
	struct seen *seen = context;
	snprintf(seen->text, sizeof(seen->text), "%.*s %.*s %.*s", SLICE_ARGS(event->action), SLICE_ARGS(event->actor),
	         SLICE_ARGS(event->partition));
	return RESULT_OK;
}

static void a_commit_writes_its_audit_event_with_it(void **state)
{
	struct store *store = open_store(*state);
	struct store_batch *batch = begin(store);
	struct partition partition = a_partition("ONE");
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	struct audit_event event = { .at_ms = 5, .partition = S("ONE"), .action = S("apply"), .actor = S("command line") };
	struct problem problem = { "" };
	expect(RESULT_OK, store_batch_commit(batch, &event, &problem), problem.text);
	struct seen seen = { "" };
	assert_int_equal(RESULT_OK, store_audit_each(store, 1, see_action, &seen));
	assert_string_equal("apply command line ONE", seen.text);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_partition_and_its_people_are_read_back_whole),
		STORE_TEST(a_client_application_is_read_back_whole),
		STORE_TEST(an_abandoned_batch_changes_nothing),
		STORE_TEST(one_bad_object_undoes_the_whole_batch),
		STORE_TEST(a_staged_object_with_another_version_is_a_conflict),
		STORE_TEST(names_are_unique_in_a_partition_without_regard_to_case),
		STORE_TEST(two_people_may_exchange_their_usernames),
		STORE_TEST(objects_of_a_partition_that_does_not_exist_are_refused),
		STORE_TEST(valid_from_moves_when_enabled_changes_and_not_otherwise),
		STORE_TEST(pruning_deletes_what_was_neither_staged_nor_mentioned),
		STORE_TEST(pruning_what_changed_meanwhile_is_a_conflict),
		STORE_TEST(a_batch_knows_what_it_holds),
		STORE_TEST(a_commit_writes_its_audit_event_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
