/* A store of schema 4 is brought up to date with its data. */
#include "grants_test.h"

#include "store/listing.h"
#include "store/statistics.h"

extern const char schema_0001[], schema_0002[], schema_0003[], schema_0004[], schema_0005[];

static void make_version_4(const char *path)
{
	static const char fill[] =
		"INSERT INTO partition (id, name, permission_prefix, access_token_algorithm, branding_name, branding_color, branding_logo_url, "
		"policy_user, policy_customer, anonymous_enabled, anonymous_permissions, version) "
		"VALUES ('ONE', 'One', '', 1, '', '', '', '', '', 0, '', 3);"
		"INSERT INTO department (partition, name, version) VALUES ('ONE', 'Service', 1);"
		"INSERT INTO person (partition, kind, id, username, username_key, email, email_key, department, roles, enabled, password_hash, "
		"claims, valid_from_ms, version) VALUES ('ONE', 85, '1001', 'Pa', 'pa', 'Pa@example.com', NULL, 'Service', 'r', 0, 'hash', '', 7, 2),"
		"('ONE', 67, 'c1', '', NULL, 'Jane@example.com', 'jane@example.com', '', '', 1, '', '', 7, 2);"
		"INSERT INTO application (partition, client_id, name, platform, enabled, redirect_urls, post_logout_redirect_urls, "
		"backchannel_logout_url, jwks_url, permissions, grants, access_token_seconds, refresh_tokens, refresh_idle_seconds, "
		"refresh_max_seconds, consent, valid_from_ms, version, secrets, jwks) "
		"VALUES ('ONE', 'client-1', 'Portal', 2, 1, '', '', '', '', 'a.read b.read', 0, 3600, 1, 9, 9, 1, 7, 4, x'', '');"
		"INSERT INTO audit (at_ms, partition, request_id, action, result, actor, object, address, detail) "
		"VALUES (5, 'ONE', 'r', 'user.added', 'ok', 'a', 'o', '', 'd');"
		"INSERT INTO change (partition, kind, id, at) VALUES ('ONE', 1, 'ONE', 7);"
		"PRAGMA application_id=2003986804; PRAGMA user_version=4; COMMIT;";
	const char *const steps[] = { "PRAGMA journal_mode=WAL; BEGIN;", schema_0001, schema_0002, schema_0003, schema_0004, fill };
	sqlite3 *db;
	assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		assert_int_equal(SQLITE_OK, sqlite3_exec(db, steps[i], NULL, NULL, NULL));
	sqlite3_close(db);
}

static enum result count_person(void *context, const struct person *person)
{
	(void)person;
	++*(int *)context;
	return RESULT_OK;
}

static enum result count_event(void *context, const struct stored_event *stored)
{
	assert_slice(stored->event.detail, "d");
	++*(int *)context;
	return RESULT_OK;
}

static int people(struct place *place, struct store *store, enum person_kind kind, struct people_wish wish)
{
	struct partition_id id = partition_of("ONE");
	int count = 0;
	bool more;
	struct slice last;
	wish.page.limit = 10;
	assert_int_equal(RESULT_OK, store_people_page(store, &id, kind, &wish, count_person, &count, place->arena, &last, &more));
	return count;
}

static void a_store_of_version_4_is_brought_up_to_date_with_its_data(void **state)
{
	struct place *place = *state;
	make_version_4(place->path);
	struct store *store = open_again(place);
	assert_int_equal(SCHEMA_VERSION, count_rows(place, "SELECT user_version FROM pragma_user_version"));
	assert_int_equal(1, people(place, store, PERSON_USER, (struct people_wish) { .enabled = -1, .page.search = S("pa") }));
	assert_int_equal(1, people(place, store, PERSON_USER, (struct people_wish) { .enabled = 0, .department = S("Service"), .role = S("r") }));
	assert_int_equal(1, people(place, store, PERSON_CUSTOMER, (struct people_wish) { .enabled = 1, .page.search = S("JANE") }));
	struct person person;
	assert_int_equal(RESULT_OK, store_person_sole(store, &(struct partition_id) { "ONE", 3 }, PERSON_USER, PERSON_BY_EMAIL, S("pa@EXAMPLE.com"), place->arena, &person));
	assert_slice(person.password_hash, "hash");
	struct partition_id id = partition_of("ONE");
	size_t count = 0;
	assert_int_equal(RESULT_OK, store_references_count(store, &id, OBJECT_PERMISSION, S("b.read"), 5, &count));
	assert_int_equal(1, count);
	int seen = 0;
	int64_t last;
	assert_int_equal(RESULT_OK, store_events_page(store, &(struct events_wish) { .object = S("o"), .limit = 5 }, count_event, &seen, &last));
	assert_int_equal(1, seen);
	check_store(store);
	store_close(store);
}

static enum result add_up(void *context, const struct statistic *statistic)
{
	*(int64_t *)context += statistic->count * (slice_is(statistic->client_id, "b") ? 100 : 1);
	return RESULT_OK;
}

static void what_a_store_of_version_5_counted_is_summed(void **state)
{
	struct place *place = *state;
	make_version_4(place->path);
	static const char more[] =
		"INSERT INTO statistic (partition, step, measure, at, flow, client_id, reason, count) VALUES ('ONE', 60, 1, 60, 'code', 'a', '', 2), "
		"('ONE', 60, 1, 60, 'code', 'b', '', 3), ('ONE', 60, 1, 60, 'refresh', 'b', '', 4), ('ONE', 60, 1, 120, 'code', 'a', '', 5); "
		"PRAGMA user_version=5; COMMIT;";
	const char *const steps[] = { "BEGIN;", schema_0005, more };
	sqlite3 *db;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		assert_int_equal(SQLITE_OK, sqlite3_exec(db, steps[i], NULL, NULL, NULL));
	sqlite3_close(db);
	struct store *store = open_again(place);
	struct partition_id id = partition_of("ONE");
	const struct statistic again = { 60, STATISTIC_TOKENS_ISSUED, S("code"), S("b"), S(""), 1 };
	assert_int_equal(RESULT_OK, store_statistics_add(store, &id, &again, 1));
	static const int64_t wanted[] = { [BY_NOTHING] = 15, [BY_FLOW] = 15, [BY_CLIENT] = 807, [BY_REASON] = 15 };
	for (enum statistic_by by = BY_NOTHING; by <= BY_REASON; by++) {
		int64_t sum = 0;
		const struct statistics_wish wish = { STATISTIC_TOKENS_ISSUED, STEP_MINUTE, by, 0, 3600 };
		assert_int_equal(RESULT_OK, store_statistics_each(store, &id, &wish, add_up, &sum));
		assert_int_equal(wanted[by], sum);
	}
	store_close(store);
}

/* What a store of version 4 became is what a fresh one is. */
static void a_store_that_was_brought_up_to_date_has_the_schema_of_a_fresh_one(void **state)
{
	struct place *place = *state;
	make_version_4(place->path);
	store_close(open_again(place));
	char other[160], sql[512];
	snprintf(other, sizeof other, "sqlite:%s/fresh.db", place->folder);
	struct store *store = NULL;
	struct problem problem = { "" };
	expect(RESULT_OK, store_open(slice_from(other), STORE_CREATE, &store, &problem), problem.text);
	store_close(store);
	sqlite3 *db;
	sqlite3_stmt *statement;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	snprintf(sql, sizeof sql, "ATTACH '%s' AS fresh", other + strlen("sqlite:"));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, sql, NULL, NULL, NULL));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, "SELECT count(*) FROM (SELECT type, name, sql FROM main.sqlite_schema EXCEPT "
	                                                   "SELECT type, name, sql FROM fresh.sqlite_schema)", -1, &statement, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	assert_int_equal(0, sqlite3_column_int(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_store_of_version_4_is_brought_up_to_date_with_its_data),
		STORE_TEST(what_a_store_of_version_5_counted_is_summed),
		STORE_TEST(a_store_that_was_brought_up_to_date_has_the_schema_of_a_fresh_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
