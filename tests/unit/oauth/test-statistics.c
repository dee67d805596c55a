#include "oauth/statistics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#define NOW (INT64_C(1700000000) / 60 * 60)

static struct statistics *statistics;
static struct partition_id acme, other;

static int begin(void **state)
{
	(void)state;
	statistics = statistics_new();
	return statistics == NULL || !partition_id_parse(SLICE_OF("ACME"), &acme) || !partition_id_parse(SLICE_OF("OTHER"), &other);
}

static int end(void **state)
{
	(void)state;
	statistics_free(statistics);
	return 0;
}

/* What was given, as sums. */
struct given {
	enum result answer;
	const char *refused_partition;
	size_t calls, rows, most;
	int64_t sum, named, acme, first_minute, refresh, with_reason;
};

static enum result take(void *context, const struct partition_id *partition, const struct statistic *rows, size_t count)
{
	struct given *given = context;
	given->calls++;
	given->most = count > given->most ? count : given->most;
	if (given->answer != RESULT_OK && (given->refused_partition == NULL || slice_is(partition_id_slice(partition), given->refused_partition)))
		return given->answer;
	for (size_t i = 0; i < count; i++) {
		given->rows++;
		given->sum += rows[i].count;
		given->named += rows[i].client_id.len > 0 ? rows[i].count : 0;
		given->acme += slice_is(partition_id_slice(partition), "ACME") ? rows[i].count : 0;
		given->first_minute += rows[i].at == NOW ? rows[i].count : 0;
		given->refresh += slice_is(rows[i].flow, "refresh_token") ? rows[i].count : 0;
		given->with_reason += slice_is(rows[i].reason, "scope-not-assigned") ? rows[i].count : 0;
		assert_int_equal(rows[i].at % 60, 0);
	}
	return RESULT_OK;
}

static struct given taken(enum result answer, const char *partition)
{
	struct given given = { .answer = answer, .refused_partition = partition };
	int64_t lost;
	enum result result = statistics_take(statistics, take, &given, &lost);
	assert_int_equal(result, answer == RESULT_NOT_FOUND || answer == RESULT_INVALID ? RESULT_OK : answer);
	assert_int_equal(lost, 0);
	return given;
}

static void count_one(const struct partition_id *partition, const char *client, enum counted_flow flow, enum refusal reason, int64_t now)
{
	const struct counted counted = {
		.partition = partition,
		.measure = reason == REFUSAL_NONE ? STATISTIC_TOKENS_ISSUED : STATISTIC_TOKENS_REFUSED,
		.flow = flow,
		.reason = reason,
		.client_id = slice_from(client),
	};
	statistics_count(statistics, now, &counted);
}

static void the_same_is_counted_in_one_row(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		count_one(&acme, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW + i % 60);
	struct given given = taken(RESULT_OK, NULL);
	assert_true(given.rows >= 1 && given.rows <= 16); /* one a processor that the thread was on */
	assert_int_equal(given.sum, 100);
	assert_int_equal(given.named, 100);
}

static void minutes_partitions_flows_and_reasons_are_apart(void **state)
{
	(void)state;
	count_one(&acme, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	count_one(&acme, "web", COUNTED_REFRESH_TOKEN, REFUSAL_NONE, NOW + 59);
	count_one(&acme, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW + 60);
	count_one(&other, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_SCOPE_NOT_ASSIGNED, NOW);
	count_one(&acme, NULL, COUNTED_CLIENT_CREDENTIALS, REFUSAL_SCOPE_NOT_ASSIGNED, NOW);
	struct given given = taken(RESULT_OK, NULL);
	assert_int_equal(given.rows, 5);
	assert_int_equal(given.calls, 2);
	assert_int_equal(given.sum, 5);
	assert_int_equal(given.acme, 4);
	assert_int_equal(given.first_minute, 4);
	assert_int_equal(given.refresh, 1);
	assert_int_equal(given.with_reason, 2);
	assert_int_equal(given.named, 4);
}

static void what_was_taken_is_not_there_any_more(void **state)
{
	(void)state;
	count_one(&acme, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	assert_int_equal(taken(RESULT_OK, NULL).sum, 1);
	assert_int_equal(taken(RESULT_OK, NULL).calls, 0);
}

static void what_the_store_cannot_take_is_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		count_one(&acme, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	count_one(&other, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	struct given given = taken(RESULT_STORE_DOWN, "ACME");
	assert_int_equal(given.sum, 1); /* the other's is in the store */
	given = taken(RESULT_OK, NULL);
	assert_int_equal(given.sum, 10);
	assert_int_equal(given.named, 10);
	assert_int_equal(given.first_minute, 10);
}

static void counts_of_a_partition_that_is_gone_are_dropped(void **state)
{
	(void)state;
	count_one(&acme, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	(void)taken(RESULT_NOT_FOUND, NULL);
	assert_int_equal(taken(RESULT_OK, NULL).calls, 0);
}

static void what_is_too_much_is_counted_without_application_and_reason(void **state)
{
	(void)state;
	enum { CLIENTS = 17 * LIMIT_STATISTICS_COUNTED };
	for (int i = 0; i < CLIENTS; i++) {
		char client[32];
		snprintf(client, sizeof client, "client-%d", i);
		count_one(&acme, client, COUNTED_CLIENT_CREDENTIALS, REFUSAL_SCOPE_NOT_ASSIGNED, NOW);
	}
	assert_true(statistics_are_many(statistics));
	struct given given = taken(RESULT_OK, NULL);
	assert_int_equal(given.sum, CLIENTS);
	assert_true(given.named < CLIENTS && given.named > 0);
	assert_true(given.with_reason == given.named);
	assert_true(given.rows <= 16 * LIMIT_STATISTICS_COUNTED);
	assert_true(given.most <= LIMIT_STATISTICS_BATCH);
	assert_false(statistics_are_many(statistics));
}

static void a_name_longer_than_any_is_not_counted(void **state)
{
	(void)state;
	char name[LIMIT_ID + 2];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	count_one(&acme, name, COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	assert_int_equal(taken(RESULT_OK, NULL).calls, 0);
	name[LIMIT_ID] = '\0';
	count_one(&acme, name, COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	assert_int_equal(taken(RESULT_OK, NULL).named, 1);
}

enum { THREADS = 4, EACH_COUNTS = 20000 };

static void *count_much(void *context)
{
	(void)context;
	for (int i = 0; i < EACH_COUNTS; i++)
		count_one(i % 2 == 0 ? &acme : &other, "web", COUNTED_CLIENT_CREDENTIALS, REFUSAL_NONE, NOW);
	return NULL;
}

static void nothing_is_lost_while_threads_count_and_one_takes_out(void **state)
{
	(void)state;
	pthread_t threads[THREADS];
	int64_t sum = 0;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_much, NULL), 0);
	for (int i = 0; i < 50; i++)
		sum += taken(RESULT_OK, NULL).sum;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	sum += taken(RESULT_OK, NULL).sum;
	assert_int_equal(sum, THREADS * EACH_COUNTS);
}

static void nothing_is_counted_where_nobody_keeps_counts(void **state)
{
	(void)state;
	const struct counted counted = { .partition = &acme, .measure = STATISTIC_SIGN_INS };
	statistics_count(NULL, NOW, &counted);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(the_same_is_counted_in_one_row),
		EACH(minutes_partitions_flows_and_reasons_are_apart),
		EACH(what_was_taken_is_not_there_any_more),
		EACH(what_the_store_cannot_take_is_kept),
		EACH(counts_of_a_partition_that_is_gone_are_dropped),
		EACH(what_is_too_much_is_counted_without_application_and_reason),
		EACH(a_name_longer_than_any_is_not_counted),
		EACH(nothing_is_lost_while_threads_count_and_one_takes_out),
		EACH(nothing_is_counted_where_nobody_keeps_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
