/* What was counted. */
#include "grants_test.h"

#include "base/clock.h"
#include "store/sqlite_store.h"
#include "store/statistics.h"

#define DAY ((int64_t)86400)

struct sums {
	char text[8192];
	size_t count;
};

static enum result sum_see(void *context, const struct statistic *statistic)
{
	struct sums *sums = context;
	size_t len = strlen(sums->text);
	if (len < 4096)
		snprintf(sums->text + len, sizeof sums->text - len, "%s%lld:%.*s%.*s%.*s:%lld", len == 0 ? "" : " ", (long long)statistic->at,
		         SLICE_ARGS(statistic->flow), SLICE_ARGS(statistic->client_id), SLICE_ARGS(statistic->reason), (long long)statistic->count);
	sums->count++;
	return RESULT_OK;
}

static struct statistic counted(int64_t at, enum statistic_measure measure, const char *flow, const char *client_id, const char *reason, int64_t count)
{
	return (struct statistic) { at, measure, slice_from(flow), slice_from(client_id), slice_from(reason), count };
}

static enum result add(struct store *store, const char *partition, struct statistic statistic)
{
	struct partition_id id = partition_of(partition);
	return store_statistics_add(store, &id, &statistic, 1);
}

static const char *sums_of(struct store *store, const char *partition, struct statistics_wish wish, struct sums *sums)
{
	struct partition_id id = partition_of(partition);
	*sums = (struct sums) { .text = "" };
	assert_int_equal(RESULT_OK, store_statistics_each(store, &id, &wish, sum_see, sums));
	return sums->text;
}

static void counts_are_summed_by_step_and_member(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	const struct statistic all[] = {
		counted(0, STATISTIC_TOKENS_ISSUED, "code", "a", "", 2),
		counted(59, STATISTIC_TOKENS_ISSUED, "code", "b", "", 3),
		counted(60, STATISTIC_TOKENS_ISSUED, "refresh", "a", "", 4),
		counted(3600, STATISTIC_TOKENS_ISSUED, "code", "a", "", 5),
		counted(DAY, STATISTIC_TOKENS_ISSUED, "code", "a", "", 6),
		counted(60, STATISTIC_TOKENS_REFUSED, "code", "a", "invalid-scope", 7),
		counted(60, STATISTIC_TOKENS_REFUSED, "code", "", "invalid-client", 8),
	};
	struct partition_id id = partition_of("ONE");
	assert_int_equal(RESULT_OK, store_statistics_add(store, &id, all, sizeof all / sizeof all[0]));
	assert_int_equal(RESULT_OK, add(store, "ONE", counted(1, STATISTIC_TOKENS_ISSUED, "code", "a", "", 10)));
	assert_int_equal(RESULT_OK, add(store, "TWO", counted(1, STATISTIC_TOKENS_ISSUED, "code", "a", "", 100)));
	struct sums sums;
	struct statistics_wish wish = { STATISTIC_TOKENS_ISSUED, STEP_MINUTE, BY_NOTHING, 0, 2 * DAY };
	assert_string_equal("0::15 60::4 3600::5 86400::6", sums_of(store, "ONE", wish, &sums));
	wish.by = BY_CLIENT;
	assert_string_equal("0:a:12 0:b:3 60:a:4 3600:a:5 86400:a:6", sums_of(store, "ONE", wish, &sums));
	wish.step = STEP_HOUR;
	assert_string_equal("0:a:16 0:b:3 3600:a:5 86400:a:6", sums_of(store, "ONE", wish, &sums));
	wish.step = STEP_DAY;
	wish.by = BY_FLOW;
	assert_string_equal("0:code:20 0:refresh:4 86400:code:6", sums_of(store, "ONE", wish, &sums));
	wish.to = DAY;
	wish.by = BY_NOTHING;
	assert_string_equal("0::24", sums_of(store, "ONE", wish, &sums));
	assert_string_equal("0::100", sums_of(store, "TWO", wish, &sums));
	wish = (struct statistics_wish) { STATISTIC_TOKENS_REFUSED, STEP_MINUTE, BY_REASON, 60, 61 };
	assert_string_equal("60:invalid-client:8 60:invalid-scope:7", sums_of(store, "ONE", wish, &sums));
	store_close(store);
}

static void what_is_no_count_is_refused_and_nothing_of_its_fold_is_added(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id id = partition_of("ONE");
	char longer[LIMIT_ID + 2];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	const struct statistic wrong[] = {
		counted(0, (enum statistic_measure)0, "", "", "", 1), counted(0, (enum statistic_measure)5, "", "", "", 1),
		counted(0, STATISTIC_SIGN_INS, "", "", "", 0),        counted(-1, STATISTIC_SIGN_INS, "", "", "", 1),
		counted(0, STATISTIC_SIGN_INS, "", longer, "", 1),
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct statistic fold[] = { counted(0, STATISTIC_SIGN_INS, "", "", "", 1), wrong[i] };
		assert_int_equal(RESULT_INVALID, store_statistics_add(store, &id, fold, 2));
	}
	assert_int_equal(RESULT_NOT_FOUND, add(store, "NOWHERE", counted(0, STATISTIC_SIGN_INS, "", "", "", 1)));
	assert_int_equal(RESULT_TOO_LARGE, store_statistics_add(store, &id, wrong, LIMIT_STATISTICS_FOLD + 1));
	struct sums sums;
	assert_string_equal("", sums_of(store, "ONE", (struct statistics_wish) { STATISTIC_SIGN_INS, STEP_DAY, BY_NOTHING, 0, DAY }, &sums));
	store_close(store);
}

/* Anybody may send client ids and cause refusals. */
static void rows_of_a_step_are_bounded_and_no_count_is_lost(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id id = partition_of("ONE");
	enum { KEYS = LIMIT_STATISTICS_KEYS + 300 };
	static struct statistic all[KEYS];
	static char names[KEYS][16];
	for (int i = 0; i < KEYS; i++) {
		snprintf(names[i], sizeof names[i], "c%05d", i);
		all[i] = counted(120, STATISTIC_TOKENS_ISSUED, "code", names[i], "", 1);
	}
	assert_int_equal(RESULT_OK, store_statistics_add(store, &id, all, KEYS));
	assert_int_equal(RESULT_OK, store_statistics_add(store, &id, all, KEYS));
	struct sums sums;
	static const enum statistic_step steps[] = { STEP_MINUTE, STEP_HOUR, STEP_DAY };
	for (size_t i = 0; i < 3; i++) {
		struct statistics_wish wish = { STATISTIC_TOKENS_ISSUED, steps[i], BY_CLIENT, 0, DAY };
		char wanted[32];
		snprintf(wanted, sizeof wanted, "%d::600 ", i == 0 ? 120 : 0);
		assert_memory_equal(wanted, sums_of(store, "ONE", wish, &sums), strlen(wanted)); /* the row of all others comes first */
		assert_int_equal(LIMIT_STATISTICS_KEYS + 1, sums.count);
		wish.by = BY_NOTHING;
		snprintf(wanted, sizeof wanted, "%d::%d", i == 0 ? 120 : 0, 2 * KEYS);
		assert_string_equal(wanted, sums_of(store, "ONE", wish, &sums));
	}
	/* the next minute begins anew, the hour does not */
	assert_int_equal(RESULT_OK, add(store, "ONE", counted(180, STATISTIC_TOKENS_ISSUED, "code", "late", "", 1)));
	assert_string_equal("180:late:1", sums_of(store, "ONE", (struct statistics_wish) { STATISTIC_TOKENS_ISSUED, STEP_MINUTE, BY_CLIENT, 180, 240 }, &sums));
	assert_memory_equal("0::601 ", sums_of(store, "ONE", (struct statistics_wish) { STATISTIC_TOKENS_ISSUED, STEP_HOUR, BY_CLIENT, 0, DAY }, &sums), 7);
	store_close(store);
}

static void more_sums_than_may_be_read_at_once_are_refused(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id id = partition_of("ONE");
	static struct statistic all[LIMIT_STATISTICS_FOLD];
	for (int64_t at = 0; at < LIMIT_STATISTICS_ROWS + 1;) {
		size_t count = 0;
		for (; count < LIMIT_STATISTICS_FOLD && at < LIMIT_STATISTICS_ROWS + 1; at++)
			all[count++] = counted(at * 60, STATISTIC_SIGN_INS, "", "", "", 1);
		assert_int_equal(RESULT_OK, store_statistics_add(store, &id, all, count));
	}
	struct sums sums = { .text = "" };
	struct statistics_wish wish = { STATISTIC_SIGN_INS, STEP_MINUTE, BY_NOTHING, 0, LIMIT_STATISTICS_ROWS * 60 };
	sums_of(store, "ONE", wish, &sums);
	assert_int_equal(LIMIT_STATISTICS_ROWS, sums.count);
	wish.to += 60;
	assert_int_equal(RESULT_TOO_LARGE, store_statistics_each(store, &id, &wish, sum_see, &sums));
	store_close(store);
}

/* Several processes add to one store; here two stores that are open in one. */
struct adding {
	const char *url;
	enum result result;
};

static void *add_often(void *argument)
{
	struct adding *adding = argument;
	struct store *store = NULL;
	struct problem problem = { "" };
	adding->result = store_open(slice_from(adding->url), STORE_EXISTING, &store, &problem);
	for (int i = 0; i < 50 && adding->result == RESULT_OK; i++)
		adding->result = add(store, "ONE", counted(60 * (i % 3), STATISTIC_SIGN_INS, "code", "a", "", 1));
	store_close(store);
	return NULL;
}

static void several_that_add_at_once_lose_nothing(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	pthread_t threads[4];
	struct adding adding[4];
	for (size_t i = 0; i < 4; i++) {
		adding[i] = (struct adding) { place->url, RESULT_FAILED };
		assert_int_equal(0, pthread_create(&threads[i], NULL, add_often, &adding[i]));
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(RESULT_OK, adding[i].result);
	}
	struct sums sums;
	assert_string_equal("0::200", sums_of(store, "ONE", (struct statistics_wish) { STATISTIC_SIGN_INS, STEP_DAY, BY_NOTHING, 0, DAY }, &sums));
	store_close(store);
}

static void rows_are_swept_when_their_time_is_over(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	const int64_t now = clock_s();
	static const int64_t ages_s[] = { LIMIT_STATISTICS_MINUTES_S, LIMIT_STATISTICS_HOURS_S, LIMIT_STATISTICS_DAYS_S };
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(RESULT_OK, add(store, "ONE", counted(now - ages_s[i] - 2 * DAY, STATISTIC_SIGN_INS, "", "", "", 1)));
	assert_int_equal(RESULT_OK, add(store, "ONE", counted(now, STATISTIC_SIGN_INS, "", "", "", 1)));
	assert_int_equal(RESULT_OK, sweep(store));
	struct sums sums;
	static const enum statistic_step steps[] = { STEP_MINUTE, STEP_HOUR, STEP_DAY };
	for (size_t i = 0; i < 3; i++) {
		sums_of(store, "ONE", (struct statistics_wish) { STATISTIC_SIGN_INS, steps[i], BY_NOTHING, 0, now + DAY }, &sums);
		assert_int_equal(1 + i, sums.count); /* minutes: now; hours: the youngest old one too; days: both younger ones too */
	}
	assert_int_equal(1 + 2 + 3, count_rows(place, "SELECT count(*) FROM statistic"));
	store_close(store);
}

static void a_deleted_partition_takes_its_rows_with_it(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id id = partition_of("ONE");
	assert_int_equal(RESULT_OK, add(store, "ONE", counted(0, STATISTIC_SIGN_INS, "", "", "", 1)));
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_delete(batch, &id, OBJECT_PARTITION, S(""), 0));
	commit(batch);
	struct sums sums;
	assert_string_equal("", sums_of(store, "ONE", (struct statistics_wish) { STATISTIC_SIGN_INS, STEP_DAY, BY_NOTHING, 0, DAY }, &sums));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM statistic"));
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(counts_are_summed_by_step_and_member),
		STORE_TEST(what_is_no_count_is_refused_and_nothing_of_its_fold_is_added),
		STORE_TEST(rows_of_a_step_are_bounded_and_no_count_is_lost),
		STORE_TEST(more_sums_than_may_be_read_at_once_are_refused),
		STORE_TEST(several_that_add_at_once_lose_nothing),
		STORE_TEST(rows_are_swept_when_their_time_is_over),
		STORE_TEST(a_deleted_partition_takes_its_rows_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
