/* Pages of the audit log, and that it is only added to. */
#include "grants_test.h"

#include "store/listing.h"

static void run_sql(const struct place *place, int wanted, const char *sql)
{
	sqlite3 *db;
	char *said = NULL;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_busy_timeout(db, 5000));
	assert_int_equal(wanted, sqlite3_exec(db, sql, NULL, NULL, &said));
	if (wanted != SQLITE_OK)
		assert_non_null(strstr(said, "append-only"));
	sqlite3_free(said);
	sqlite3_close(db);
}

/* Events 1 to count: event n at n * 1000 ms, in turn of ONE, TWO and none. */
static struct store *open_with_events(const struct place *place, int count)
{
	char sql[1024];
	struct store *store = open_store(place);
	snprintf(sql, sizeof sql, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
	         "INSERT INTO audit (seq, at_ms, partition, request_id, action, result, actor, object, address, detail) "
	         "SELECT i, i * 1000, CASE i %% 3 WHEN 0 THEN '' WHEN 1 THEN 'ONE' ELSE 'TWO' END, 'r' || i, "
	         "CASE WHEN i %% 10 = 0 THEN 'user.changed' WHEN i %% 10 = 1 THEN 'user.added' ELSE 'token.refused' END, "
	         "CASE WHEN i %% 10 < 2 THEN 'ok' ELSE 'invalid-scope' END, 'a' || (i %% 7), 'o' || (i %% 5), '', 'd' FROM n", count);
	run_sql(place, SQLITE_OK, sql);
	return store;
}

struct seen {
	char text[65536];
	size_t count;
};

static enum result see(void *context, const struct stored_event *stored)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof seen->text - len, " %lld", (long long)stored->number);
	assert_int_equal(stored->number * 1000, stored->event.at_ms);
	assert_slice(stored->event.detail, "d");
	seen->count++;
	return RESULT_OK;
}

/* What event n of open_with_events is, as the wish would have it. */
static bool wanted_event(const struct events_wish *wish, int n)
{
	char actor[16], object[16], request_id[16];
	snprintf(actor, sizeof actor, "a%d", n % 7);
	snprintf(object, sizeof object, "o%d", n % 5);
	snprintf(request_id, sizeof request_id, "r%d", n);
	const struct slice action = slice_from(n % 10 == 0 ? "user.changed" : n % 10 == 1 ? "user.added" : "token.refused");
	const struct slice result = slice_from(n % 10 < 2 ? "ok" : "invalid-scope");
	bool family = slice_ends_with(wish->action, S("."));
	return (wish->partition == NULL || slice_is(partition_id_slice(wish->partition), n % 3 == 0 ? "" : n % 3 == 1 ? "ONE" : "TWO")) &&
	       (wish->from_ms == 0 || n * 1000 >= wish->from_ms) && (wish->to_ms == 0 || n * 1000 < wish->to_ms) &&
	       (wish->action.len == 0 || (family ? slice_starts_with(action, wish->action) : slice_equal(action, wish->action))) &&
	       (wish->result.len == 0 || slice_equal(result, wish->result)) && (wish->actor.len == 0 || slice_is(wish->actor, actor)) &&
	       (wish->object.len == 0 || slice_is(wish->object, object)) && (wish->request_id.len == 0 || slice_is(wish->request_id, request_id));
}

static void assert_events(struct store *store, struct events_wish wish, int count)
{
	static struct seen seen, wanted;
	for (wish.limit = 7; wish.limit < LIMIT_PAGE; wish.limit *= 5) {
		seen.text[0] = wanted.text[0] = '\0';
		seen.count = wanted.count = 0;
		wish.before = 0;
		do {
			size_t before = seen.count;
			assert_int_equal(RESULT_OK, store_events_page(store, &wish, see, &seen, &wish.before));
			assert_true(seen.count - before <= wish.limit);
		} while (wish.before != 0);
		for (int n = count; n > 0; n--) {
			if (!wanted_event(&wish, n))
				continue;
			size_t len = strlen(wanted.text);
			snprintf(wanted.text + len, sizeof wanted.text - len, " %d", n);
		}
		assert_string_equal(wanted.text, seen.text);
	}
}

static void every_filter_shows_what_it_says_newest_first(void **state)
{
	struct place *place = *state;
	enum { EVENTS = 300 };
	struct store *store = open_with_events(place, EVENTS);
	const struct partition_id one = partition_of("ONE"), three = partition_of("THREE");
	const struct partition_id *const partitions[] = { NULL, &one, &three };
	const struct events_wish wishes[] = {
		{ .limit = 0 },
		{ .from_ms = 100000, .to_ms = 200000 },
		{ .action = S("user.added") },
		{ .action = S("user.") },
		{ .action = S("use.") },
		{ .action = S("user") },
		{ .action = S("token."), .to_ms = 50000 },
		{ .result = S("ok") },
		{ .result = S("invalid-scope"), .actor = S("a3") },
		{ .actor = S("a3"), .from_ms = 30000 },
		{ .object = S("o2"), .actor = S("a3") },
		{ .object = S("o2"), .action = S("user.") },
		{ .request_id = S("r17") },
		{ .request_id = S("r17"), .object = S("o9") },
		{ .object = S("nothing") },
	};
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		for (size_t p = 0; p < 3; p++) {
			struct events_wish wish = wishes[i];
			wish.partition = partitions[p];
			assert_events(store, wish, EVENTS);
		}
	}
	store_close(store);
}

static void a_page_goes_on_where_the_sweeper_took_the_event_before(void **state)
{
	struct place *place = *state;
	struct store *store = open_with_events(place, 30);
	static struct seen seen;
	seen = (struct seen) { .count = 0 };
	struct events_wish wish = { .limit = 3 };
	assert_int_equal(RESULT_OK, store_events_page(store, &wish, see, &seen, &wish.before));
	assert_int_equal(28, wish.before);
	run_sql(place, SQLITE_OK, "DELETE FROM audit WHERE seq = 28");
	assert_int_equal(RESULT_OK, store_events_page(store, &wish, see, &seen, &wish.before));
	assert_string_equal(" 30 29 28 27 26 25", seen.text);
	run_sql(place, SQLITE_OK, "DELETE FROM audit WHERE seq <= 25");
	assert_int_equal(RESULT_OK, store_events_page(store, &wish, see, &seen, &wish.before));
	assert_int_equal(6, seen.count);
	assert_int_equal(0, wish.before);
	store_close(store);
}

/* Actions of other partitions, and a filter that nothing fits: entries and rows are looked at, but not all at once. */
static void a_page_looks_at_a_bounded_number_of_events_and_the_next_goes_on(void **state)
{
	struct place *place = *state;
	enum { EVENTS = 3 * LIMIT_PAGE_ROWS_LOOKED_AT };
	struct store *store = open_with_events(place, EVENTS);
	const struct partition_id one = partition_of("ONE");
	static struct seen seen;
	seen = (struct seen) { .count = 0 };
	struct events_wish wish = { .partition = &one, .result = S("nothing"), .action = S("token.refused"), .limit = 10 };
	size_t pages = 0;
	int64_t before;
	do {
		before = wish.before;
		assert_int_equal(RESULT_OK, store_events_page(store, &wish, see, &seen, &wish.before));
		assert_true(wish.before == 0 || before == 0 || wish.before < before);
		pages++;
	} while (wish.before != 0);
	assert_int_equal(0, seen.count);
	assert_true(pages > 0 && pages <= 4);
	struct events_wish rows = { .object = S("o1"), .actor = S("nobody"), .limit = 10 };
	assert_int_equal(RESULT_OK, store_events_page(store, &rows, see, &seen, &rows.before));
	assert_int_equal(0, rows.before); /* 6000 rows */
	rows = (struct events_wish) { .result = S("ok"), .limit = 10, .action = S("token.") }; /* many of the one, none of both */
	pages = 0;
	do {
		assert_int_equal(RESULT_OK, store_events_page(store, &rows, see, &seen, &rows.before));
		pages++;
	} while (rows.before != 0);
	assert_true(pages >= 3 && pages <= 4);
	assert_int_equal(0, seen.count);
	store_close(store);
}

static void no_event_is_ever_changed(void **state)
{
	struct place *place = *state;
	struct store *store = open_with_events(place, 3);
	run_sql(place, SQLITE_CONSTRAINT, "UPDATE audit SET detail = 'x' WHERE seq = 2");
	run_sql(place, SQLITE_CONSTRAINT, "UPDATE audit SET seq = 9 WHERE seq = 2");
	run_sql(place, SQLITE_CONSTRAINT,
	        "INSERT INTO audit (seq, at_ms, partition, request_id, action, result, actor, object, address, detail) "
	        "VALUES (2, 1, '', '', '', '', '', '', '', '') ON CONFLICT DO UPDATE SET detail = 'x'");
	assert_int_equal(3, count_rows(place, "SELECT count(*) FROM audit WHERE detail = 'd'"));
	store_close(store);
}

/* A7. The events of the one before stay, for system administrators. */
static void a_partition_does_not_see_the_events_of_another_that_had_its_id_before(void **state)
{
	struct place *place = *state;
	struct store *store = open_with_events(place, 30);
	const struct partition_id one = partition_of("ONE"), two = partition_of("TWO");
	static struct seen seen;
	struct partition partition = a_partition("ONE");
	const struct audit_event made = { .at_ms = 31000, .partition = S("ONE"), .action = S("partition.added"), .object = S("o1"), .detail = S("d") };
	struct store_batch *batch = begin(store);
	struct problem problem = { "" };
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	expect(RESULT_OK, store_batch_commit(batch, &made, &problem), problem.text);
	const struct {
		struct events_wish wish;
		const char *seen;
	} cases[] = {
		{ { .partition = &one }, " 31" },
		{ { .partition = &one, .object = S("o1") }, " 31" },
		{ { .partition = &one, .from_ms = 2000 }, " 31" },
		{ { .partition = &one, .action = S("token.refused") }, "" },
		{ { .partition = &two, .object = S("o1") }, " 26 11" },
		{ { .object = S("o1") }, " 31 26 21 16 11 6 1" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct events_wish wish = cases[i].wish;
		wish.limit = 10;
		seen = (struct seen) { .count = 0 };
		assert_int_equal(RESULT_OK, store_events_page(store, &wish, see, &seen, &wish.before));
		assert_string_equal(cases[i].seen, seen.text);
	}
	/* later changes of the partition move nothing */
	assert_int_equal(RESULT_OK, store_partition_read(store, &one, place->arena, &partition));
	partition.name = S("Other");
	batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	commit(batch);
	assert_int_equal(31000, count_rows(place, "SELECT since_ms FROM partition WHERE id = 'ONE'"));
	store_close(store);
}

static void every_filter_is_answered_from_an_index(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	store_close(store);
	static const char *const indices[] = { "audit_by_partition", "audit_by_time", "audit_by_actor", "audit_by_object", "audit_by_action",
		                               "audit_by_result", "audit_by_request", "audit_refused" };
	for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++) {
		char sql[160];
		snprintf(sql, sizeof sql, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'audit' AND name = '%s'", indices[i]);
		assert_int_equal(1, count_rows(place, sql));
	}
	/* and no more: each is written with every event */
	assert_int_equal(sizeof indices / sizeof indices[0], count_rows(place, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'audit'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(every_filter_shows_what_it_says_newest_first),
		STORE_TEST(a_page_goes_on_where_the_sweeper_took_the_event_before),
		STORE_TEST(a_page_looks_at_a_bounded_number_of_events_and_the_next_goes_on),
		STORE_TEST(no_event_is_ever_changed),
		STORE_TEST(a_partition_does_not_see_the_events_of_another_that_had_its_id_before),
		STORE_TEST(every_filter_is_answered_from_an_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
