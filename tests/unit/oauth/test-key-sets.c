/* With a clock and a source of the test's own. */
#include "oauth/key_sets.h"

#include "base/limits.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define URL SLICE_OF("https://app.example/keys")
#define FIRST "{\"keys\":[{\"kid\":\"1\"}]}"
#define SECOND "{\"keys\":[{\"kid\":\"2\"}]}"
#define WAIT_MS 20000
#define THREADS (LIMIT_KEY_SET_WORKERS + 4)

struct rig {
	struct key_sets *sets;
	struct partition_id partition, other;
	const char *answer; /* NULL: a failure */
	atomic_int asked;
	pthread_mutex_t gate; /* held: askers wait */
	struct problem why;
};

static _Atomic int64_t now_ms;

static int64_t test_now_ms(void)
{
	return now_ms;
}

static void pass_s(int64_t seconds)
{
	now_ms += seconds * 1000;
}

static enum result test_fetch(void *context, struct slice url, struct arena *arena, struct slice *ret, struct problem *problem)
{
	struct rig *rig = context;
	assert_true(url.len > 0);
	atomic_fetch_add(&rig->asked, 1);
	pthread_mutex_lock(&rig->gate);
	pthread_mutex_unlock(&rig->gate);
	if (rig->answer == NULL)
		return problem_set(problem, RESULT_FAILED, "nobody is there");
	*ret = arena_copy(arena, slice_from(rig->answer));
	return RESULT_OK;
}

static int open_rig(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	if (rig == NULL)
		return -1;
	const struct key_sets_source source = { test_fetch, test_now_ms, rig };
	now_ms = 1000000;
	pthread_mutex_init(&rig->gate, NULL);
	rig->sets = key_sets_new(&source);
	rig->answer = FIRST;
	*state = rig;
	return partition_id_parse(SLICE_OF("ONE"), &rig->partition) && partition_id_parse(SLICE_OF("TWO"), &rig->other) && rig->sets != NULL ? 0 : -1;
}

static int close_rig(void **state)
{
	struct rig *rig = *state;
	key_sets_free(rig->sets);
	pthread_mutex_destroy(&rig->gate);
	free(rig);
	return 0;
}

static enum result get(struct rig *rig, const struct key_set *lacking, const struct key_set **ret)
{
	return key_sets_get(rig->sets, &rig->partition, URL, lacking, ret, &rig->why);
}

/* A set that is expected, and how often the address was asked until now. */
static void assert_gives(struct rig *rig, const char *text, int asked)
{
	const struct key_set *set;
	assert_int_equal(get(rig, NULL, &set), RESULT_OK);
	assert_true(slice_is(key_set_text(set), text));
	assert_int_equal(rig->asked, asked);
	key_set_release(set);
}

static void a_set_is_asked_for_once_and_again_when_it_is_old(void **state)
{
	struct rig *rig = *state;
	assert_gives(rig, FIRST, 1);
	rig->answer = SECOND;
	pass_s(LIMIT_KEY_SET_FRESH_S - 1);
	assert_gives(rig, FIRST, 1);
	pass_s(1);
	assert_gives(rig, SECOND, 2);
	assert_gives(rig, SECOND, 2);
}

static void a_lacking_set_is_asked_for_anew_at_most_once_in_30_s(void **state)
{
	struct rig *rig = *state;
	const struct key_set *first, *second, *same;
	assert_int_equal(get(rig, NULL, &first), RESULT_OK);
	rig->answer = SECOND;
	assert_int_equal(get(rig, first, &second), RESULT_OK);
	assert_true(slice_is(key_set_text(second), SECOND) && slice_is(key_set_text(first), FIRST));
	assert_int_equal(rig->asked, 2);
	/* who had the first one gets the second without asking */
	assert_int_equal(get(rig, first, &same), RESULT_OK);
	assert_ptr_equal(same, second);
	key_set_release(same);
	pass_s(LIMIT_KEY_SET_AGAIN_S - 1);
	assert_int_equal(get(rig, second, &same), RESULT_OK);
	assert_ptr_equal(same, second);
	key_set_release(same);
	assert_int_equal(rig->asked, 2);
	pass_s(1);
	assert_int_equal(get(rig, second, &same), RESULT_OK);
	assert_int_equal(rig->asked, 3);
	key_set_release(same);
	key_set_release(second);
	key_set_release(first);
}

static void what_cannot_be_had_anew_is_used_for_an_hour(void **state)
{
	struct rig *rig = *state;
	const struct key_set *set;
	assert_gives(rig, FIRST, 1);
	rig->answer = NULL;
	pass_s(LIMIT_KEY_SET_FRESH_S);
	assert_gives(rig, FIRST, 2);
	assert_gives(rig, FIRST, 2); /* nobody is asked so soon after a failure */
	pass_s(LIMIT_KEY_SET_STALE_S - LIMIT_KEY_SET_FRESH_S - 1);
	assert_gives(rig, FIRST, 3);
	pass_s(1);
	assert_int_equal(get(rig, NULL, &set), RESULT_FAILED);
	assert_string_equal(rig->why.text, "nobody is there");
	rig->answer = SECOND;
	pass_s(LIMIT_KEY_SET_AGAIN_S);
	assert_gives(rig, SECOND, 4);
}

static void after_a_failure_nobody_is_asked_for_30_s(void **state)
{
	struct rig *rig = *state;
	const struct key_set *set;
	rig->answer = NULL;
	assert_int_equal(get(rig, NULL, &set), RESULT_FAILED);
	rig->answer = FIRST;
	pass_s(LIMIT_KEY_SET_AGAIN_S - 1);
	assert_int_equal(get(rig, NULL, &set), RESULT_FAILED);
	assert_int_equal(rig->asked, 1);
	pass_s(1);
	assert_gives(rig, FIRST, 2);
}

static void what_is_no_key_set_is_a_failure(void **state)
{
	struct rig *rig = *state;
	const struct key_set *set;
	static const char *const answers[] = { "", "<html>", "{}", "{\"keys\":[]}" };
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		rig->answer = answers[i];
		assert_int_equal(get(rig, NULL, &set), RESULT_FAILED);
		assert_non_null(strstr(rig->why.text, "it is no key set"));
		pass_s(LIMIT_KEY_SET_AGAIN_S);
	}
	rig->answer = FIRST;
	assert_gives(rig, FIRST, 5);
}

static void partitions_share_nothing(void **state)
{
	struct rig *rig = *state;
	const struct key_set *set;
	assert_gives(rig, FIRST, 1);
	rig->answer = NULL;
	assert_int_equal(key_sets_get(rig->sets, &rig->other, URL, NULL, &set, &rig->why), RESULT_FAILED);
	assert_gives(rig, FIRST, 2);
}

static void the_set_longest_unused_gives_way(void **state)
{
	struct rig *rig = *state;
	char url[64];
	assert_gives(rig, FIRST, 1);
	for (int i = 0; i < LIMIT_KEY_SETS; i++) {
		const struct key_set *set;
		int length = snprintf(url, sizeof url, "https://app.example/%d", i);
		assert_int_equal(key_sets_get(rig->sets, &rig->partition, (struct slice) { url, (size_t)length }, NULL, &set, &rig->why), RESULT_OK);
		key_set_release(set);
		if (i < LIMIT_KEY_SETS - 1)
			assert_gives(rig, FIRST, i + 2);
	}
	/* it was used last but one, so another one went: the first of the others */
	assert_gives(rig, FIRST, LIMIT_KEY_SETS + 1);
	const struct key_set *gone;
	assert_int_equal(key_sets_get(rig->sets, &rig->partition, SLICE_OF("https://app.example/0"), NULL, &gone, &rig->why), RESULT_OK);
	assert_int_equal(rig->asked, LIMIT_KEY_SETS + 2);
	key_set_release(gone);
}

struct asking {
	struct rig *rig;
	pthread_t thread;
	enum result result;
};

static atomic_int finished;

static void *ask(void *argument)
{
	struct asking *asking = argument;
	const struct key_set *set = NULL;
	struct problem why;
	asking->result = key_sets_get(asking->rig->sets, &asking->rig->partition, URL, NULL, &set, &why);
	key_set_release(set);
	atomic_fetch_add(&finished, 1);
	return NULL;
}

static void many_at_once_ask_once_and_beyond_the_bound_nobody_waits(void **state)
{
	struct rig *rig = *state;
	struct asking asking[THREADS];
	int good = 0, busy = 0;
	finished = 0;
	pthread_mutex_lock(&rig->gate);
	for (int i = 0; i < THREADS; i++) {
		asking[i] = (struct asking) { .rig = rig };
		assert_int_equal(pthread_create(&asking[i].thread, NULL, ask, &asking[i]), 0);
	}
	for (int ms = 0; ms < WAIT_MS && finished < THREADS - LIMIT_KEY_SET_WORKERS; ms++)
		usleep(1000);
	pthread_mutex_unlock(&rig->gate);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(asking[i].thread, NULL);
		good += asking[i].result == RESULT_OK;
		busy += asking[i].result == RESULT_BUSY;
	}
	assert_int_equal(good, LIMIT_KEY_SET_WORKERS);
	assert_int_equal(busy, THREADS - LIMIT_KEY_SET_WORKERS);
	assert_int_equal(rig->asked, 1);
}

static void who_has_a_set_does_not_wait_for_a_newer_one(void **state)
{
	struct rig *rig = *state;
	struct asking asking = { .rig = rig };
	assert_gives(rig, FIRST, 1);
	pass_s(LIMIT_KEY_SET_FRESH_S);
	pthread_mutex_lock(&rig->gate);
	assert_int_equal(pthread_create(&asking.thread, NULL, ask, &asking), 0);
	for (int ms = 0; ms < WAIT_MS && rig->asked < 2; ms++)
		usleep(1000);
	assert_gives(rig, FIRST, 2);
	pthread_mutex_unlock(&rig->gate);
	pthread_join(asking.thread, NULL);
	assert_int_equal(asking.result, RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_set_is_asked_for_once_and_again_when_it_is_old, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(a_lacking_set_is_asked_for_anew_at_most_once_in_30_s, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(what_cannot_be_had_anew_is_used_for_an_hour, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(after_a_failure_nobody_is_asked_for_30_s, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(what_is_no_key_set_is_a_failure, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(partitions_share_nothing, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(the_set_longest_unused_gives_way, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(many_at_once_ask_once_and_beyond_the_bound_nobody_waits, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(who_has_a_set_does_not_wait_for_a_newer_one, open_rig, close_rig),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
