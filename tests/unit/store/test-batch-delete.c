/* One object that is named to be deleted. */
#include "store_test.h"

#include "store/listing.h"
#include "store/sqlite_store.h"

static int64_t count_of(const struct place *place, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	int64_t count = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return count;
}

static struct store *open_two(const struct place *place)
{
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	return store;
}

static enum result delete_in(struct store *store, const char *partition, enum object_kind kind, const char *key, int64_t version,
                             struct problem *problem)
{
	struct partition_id id = partition_of(partition);
	struct store_batch *batch = begin(store);
	enum result result = store_batch_delete(batch, &id, kind, slice_from(key), version);
	if (result != RESULT_OK) {
		store_batch_abandon(batch);
		return result;
	}
	return store_batch_commit(batch, NULL, problem);
}

static void an_object_of_each_kind_goes_and_nothing_else(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	static const struct {
		enum object_kind kind;
		const char *key, *left;
	} objects[] = {
		{ OBJECT_DEPARTMENT, "Service", "SELECT count(*) FROM department" },
		{ OBJECT_PERMISSION, "articles.read", "SELECT count(*) FROM permission" },
		{ OBJECT_USER, "1001", "SELECT count(*) FROM person WHERE kind = 85" },
		{ OBJECT_CUSTOMER, "c1", "SELECT count(*) FROM person WHERE kind = 67" },
		{ OBJECT_APPLICATION, "client-1", "SELECT count(*) FROM application" },
	};
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
		struct problem problem = { "" };
		assert_int_equal(2, count_of(place, objects[i].left));
		expect(RESULT_OK, delete_in(store, "ONE", objects[i].kind, objects[i].key, 0, &problem), problem.text);
		assert_int_equal(1, count_of(place, objects[i].left));
		assert_int_equal(RESULT_NOT_FOUND, delete_in(store, "ONE", objects[i].kind, objects[i].key, 0, &problem));
	}
	struct client_application application;
	assert_int_equal(RESULT_OK, find_application(place, store, "TWO", "client-1", &application));
	store_close(store);
}

static void a_partition_goes_with_all_that_is_in_it(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct problem problem = { "" };
	assert_int_equal(RESULT_INVALID, delete_in(store, PARTITION_SYSTEM, OBJECT_PARTITION, PARTITION_SYSTEM, 0, &problem));
	expect(RESULT_OK, delete_in(store, "ONE", OBJECT_PARTITION, "", 1, &problem), problem.text);
	assert_int_equal(2, count_of(place, "SELECT count(*) FROM partition"));
	assert_int_equal(0, count_of(place, "SELECT count(*) FROM person WHERE partition = 'ONE'"));
	assert_int_equal(0, count_of(place, "SELECT count(*) FROM application WHERE partition = 'ONE'"));
	assert_int_equal(2, count_of(place, "SELECT count(*) FROM person WHERE partition = 'TWO'"));
	store_close(store);
}

static void another_version_than_was_read_is_a_conflict(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct problem problem = { "" };
	assert_int_equal(RESULT_CONFLICT, delete_in(store, "ONE", OBJECT_USER, "1001", 2, &problem));
	assert_non_null(strstr(problem.text, "changed by somebody else"));
	assert_int_equal(2, count_of(place, "SELECT count(*) FROM person WHERE kind = 85"));
	expect(RESULT_OK, delete_in(store, "ONE", OBJECT_USER, "1001", 1, &problem), problem.text);
	store_close(store);
}

/* Changed between the naming and the commit: only who asked for a version minds. */
static void a_change_in_between_is_a_conflict_for_who_asked_for_a_version(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct partition_id id = partition_of("ONE");
	for (int64_t version = 1; version >= 0; version--) {
		struct store_batch *batch = begin(store);
		assert_int_equal(RESULT_OK, store_batch_delete(batch, &id, OBJECT_USER, S("1001"), version));
		struct person user;
		assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &user));
		struct store_batch *other = begin(store);
		assert_int_equal(RESULT_OK, store_batch_person(other, &id, &user));
		commit(other);
		commit_as(version == 1 ? RESULT_CONFLICT : RESULT_OK, batch);
	}
	assert_int_equal(1, count_of(place, "SELECT count(*) FROM person WHERE kind = 85"));
	store_close(store);
}

static void put_person_in(struct store *store, const char *department)
{
	struct partition_id id = partition_of("ONE");
	struct person user = a_user("1002", "other");
	user.department = slice_from(department);
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &id, &user));
	commit(batch);
}

static size_t references(struct store *store, enum object_kind kind, const char *key, size_t most)
{
	struct partition_id id = partition_of("ONE");
	size_t count = 99;
	assert_int_equal(RESULT_OK, store_references_count(store, &id, kind, slice_from(key), most, &count));
	return count;
}

static void a_department_with_people_in_it_stays(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct partition_id id = partition_of("ONE");
	struct problem problem = { "" };
	assert_int_equal(0, references(store, OBJECT_DEPARTMENT, "Service", 10));
	put_person_in(store, "Service");
	assert_int_equal(1, references(store, OBJECT_DEPARTMENT, "Service", 10));
	assert_int_equal(0, references(store, OBJECT_USER, "1002", 10));
	assert_int_equal(RESULT_CONFLICT, delete_in(store, "ONE", OBJECT_DEPARTMENT, "Service", 0, &problem));
	assert_string_equal("people are in the department Service of partition ONE: put them into another first", problem.text);
	assert_int_equal(2, count_of(place, "SELECT count(*) FROM department"));

	struct store_batch *batch = begin(store); /* with them it may go */
	assert_int_equal(RESULT_OK, store_batch_delete(batch, &id, OBJECT_DEPARTMENT, S("Service"), 0));
	assert_int_equal(RESULT_OK, store_batch_delete(batch, &id, OBJECT_USER, S("1002"), 0));
	commit(batch);
	store_close(store);
}

static void nobody_is_put_into_a_department_that_was_deleted_meanwhile(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct partition_id id = partition_of("ONE");
	struct problem problem = { "" };
	struct person user = a_user("1002", "other");
	user.department = S("Service");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &id, &user));
	expect(RESULT_OK, delete_in(store, "ONE", OBJECT_DEPARTMENT, "Service", 0, &problem), problem.text);
	commit_as(RESULT_CONFLICT, batch);
	assert_int_equal(0, count_of(place, "SELECT count(*) FROM person WHERE department <> ''"));
	store_close(store);
}

static void nobody_is_given_a_permission_that_was_deleted_meanwhile(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct partition_id id = partition_of("ONE");
	struct problem problem = { "" };
	struct permission fresh = { .name = S("fresh.read"), .kind = PERMISSION_DELEGATED };
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_permission(batch, &id, &fresh));
	commit(batch);
	for (int deleted = 0; deleted <= 1; deleted++) {
		struct client_application application = an_application(deleted ? "client-9" : "client-8", deleted ? "Ninth" : "Eighth");
		bool there = false;
		application.permissions = S("fresh.read");
		batch = begin(store);
		assert_int_equal(RESULT_OK, store_batch_permission_exists(batch, &id, S("fresh.read"), false, &there));
		assert_true(there);
		assert_int_equal(RESULT_OK, store_batch_application(batch, &id, &application));
		if (deleted) {
			struct store_batch *other = begin(store); /* nobody has it, once this one goes with it */
			assert_int_equal(RESULT_OK, store_batch_delete(other, &id, OBJECT_APPLICATION, S("client-8"), 0));
			assert_int_equal(RESULT_OK, store_batch_delete(other, &id, OBJECT_PERMISSION, S("fresh.read"), 0));
			expect(RESULT_OK, store_batch_commit(other, NULL, &problem), problem.text);
		}
		commit_as(deleted ? RESULT_CONFLICT : RESULT_OK, batch);
	}
	assert_int_equal(0, count_of(place, "SELECT count(*) FROM application WHERE permissions = 'fresh.read'"));
	store_close(store);
}

static void a_permission_that_applications_have_stays(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct partition_id id = partition_of("ONE");
	struct problem problem = { "" };
	struct store_batch *batch = begin(store);
	char client_id[16], name[16];
	for (int i = 0; i < 7; i++) {
		snprintf(client_id, sizeof client_id, "of-%d", i);
		snprintf(name, sizeof name, "Of %d", i);
		struct client_application application = an_application(client_id, name);
		application.permissions = i == 0 ? S("articles.reader x.articles.read") : S("other.read articles.read");
		assert_int_equal(RESULT_OK, store_batch_application(batch, &id, &application));
	}
	commit(batch);
	assert_int_equal(6, references(store, OBJECT_PERMISSION, "articles.read", 10));
	assert_int_equal(5, references(store, OBJECT_PERMISSION, "articles.read", 5));
	assert_int_equal(1, references(store, OBJECT_PERMISSION, "articles.reader", 5));
	assert_int_equal(0, references(store, OBJECT_PERMISSION, "articles", 5));
	assert_int_equal(RESULT_CONFLICT, delete_in(store, "ONE", OBJECT_PERMISSION, "articles.read", 0, &problem));
	assert_non_null(strstr(problem.text, "have the permission articles.read of partition ONE"));
	expect(RESULT_OK, delete_in(store, "TWO", OBJECT_PERMISSION, "articles.read", 0, &problem), problem.text);
	store_close(store);
}

static void a_permission_of_anonymous_customers_stays(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct problem problem = { "" };
	struct partition partition = a_partition("ONE");
	partition.anonymous_permissions = S("articles.read");
	partition.version = 1;
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	commit(batch);
	assert_int_equal(1, references(store, OBJECT_PERMISSION, "articles.read", 5));
	assert_int_equal(RESULT_CONFLICT, delete_in(store, "ONE", OBJECT_PERMISSION, "articles.read", 0, &problem));
	store_close(store);
}

static void the_event_is_there_with_the_deletion_and_not_without(void **state)
{
	struct place *place = *state;
	struct store *store = open_two(place);
	struct partition_id id = partition_of("ONE");
	const struct audit_event event = { .at_ms = 1, .action = SLICE("user.deleted"), .result = SLICE("ok"), .object = SLICE("1001") };
	for (int64_t version = 7; version >= 0; version -= 7) {
		struct problem problem = { "" };
		struct store_batch *batch = begin(store);
		assert_int_equal(RESULT_OK, store_batch_delete(batch, &id, OBJECT_USER, S("1001"), version));
		assert_int_equal(version == 7 ? RESULT_CONFLICT : RESULT_OK, store_batch_commit(batch, &event, &problem));
		assert_int_equal(version == 7 ? 0 : 1, count_of(place, "SELECT count(*) FROM audit WHERE action = 'user.deleted'"));
		assert_int_equal(version == 7 ? 2 : 3, count_of(place, "SELECT count(*) FROM change WHERE kind = 3 AND id = '1001'"));
	}
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_object_of_each_kind_goes_and_nothing_else),
		STORE_TEST(a_partition_goes_with_all_that_is_in_it),
		STORE_TEST(another_version_than_was_read_is_a_conflict),
		STORE_TEST(a_change_in_between_is_a_conflict_for_who_asked_for_a_version),
		STORE_TEST(a_department_with_people_in_it_stays),
		STORE_TEST(nobody_is_put_into_a_department_that_was_deleted_meanwhile),
		STORE_TEST(nobody_is_given_a_permission_that_was_deleted_meanwhile),
		STORE_TEST(a_permission_that_applications_have_stays),
		STORE_TEST(a_permission_of_anonymous_customers_stays),
		STORE_TEST(the_event_is_there_with_the_deletion_and_not_without),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
