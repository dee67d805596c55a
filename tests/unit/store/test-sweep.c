#include "store_test.h"

#include "base/clock.h"
#include "store/sqlite_store.h"

static int64_t count_rows(const struct place *place, const char *sql)
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

static void run_sql(const struct place *place, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, sql, NULL, NULL, NULL));
	sqlite3_close(db);
}

static void revocations_go_when_they_have_expired(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct partition_id system = partition_of("SYSTEM");
	assert_int_equal(RESULT_OK, store_revoke(store, &system, REVOKED_TOKEN, S("old"), clock_s() - 1));
	assert_int_equal(RESULT_OK, store_revoke(store, &system, REVOKED_TOKEN, S("live"), clock_s() + 100));
	run_sql(place, "UPDATE change SET at = unixepoch()");
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM revocation"));
	assert_true(store_is_revoked(store, &system, REVOKED_TOKEN, S("live")));
	assert_false(store_is_revoked(store, &system, REVOKED_TOKEN, S("old")));
	struct store_numbers numbers;
	store_numbers(store, &numbers);
	assert_int_equal(1, numbers.revocations);
	assert_int_equal(1, numbers.swept);
	store_close(store);
}

static void old_change_rows_go_but_the_newest_stays(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	run_sql(place, "UPDATE change SET at = 1");
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM change"));
	fill_partition(store, "TWO"); /* fresh rows stay */
	int64_t rows = count_rows(place, "SELECT count(*) FROM change");
	assert_true(rows > 4);
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(rows - 1, count_rows(place, "SELECT count(*) FROM change"));
	store_close(store);
}

static void audit_events_go_by_age_and_by_number(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	run_sql(place, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
	               "INSERT INTO audit (at_ms, partition, request_id, action, result, actor, object, address, detail) "
	               "SELECT CASE WHEN i > 700 THEN unixepoch() * 1000 ELSE i END, '', '', 'x', '', '', '', '', '' FROM n");
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(1300, count_rows(place, "SELECT count(*) FROM audit"));
	store_audit_retention(store, 100, 1000000);
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(100, count_rows(place, "SELECT count(*) FROM audit"));
	assert_int_equal(1901, count_rows(place, "SELECT min(seq) FROM audit"));
	store_close(store);
}

static void a_round_that_finds_nothing_writes_nothing(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(RESULT_OK, sweep(store));
	struct store_numbers numbers;
	store_numbers(store, &numbers);
	assert_int_equal(0, numbers.writes);
	store_close(store);
}

static void many_expired_rows_go_in_batches(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	run_sql(place, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1700) "
	               "INSERT INTO revocation (partition, id, kind, expires_at) SELECT 'SYSTEM', 'jti-' || i, 1, 5 FROM n");
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM revocation"));
	struct store_numbers numbers;
	store_numbers(store, &numbers);
	assert_int_equal(1700, numbers.swept);
	assert_int_equal((1700 + LIMIT_SWEEP_ROWS - 1) / LIMIT_SWEEP_ROWS, numbers.writes);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(revocations_go_when_they_have_expired),
		STORE_TEST(old_change_rows_go_but_the_newest_stays),
		STORE_TEST(audit_events_go_by_age_and_by_number),
		STORE_TEST(a_round_that_finds_nothing_writes_nothing),
		STORE_TEST(many_expired_rows_go_in_batches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
