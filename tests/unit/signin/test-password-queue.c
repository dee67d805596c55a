#include "signin/password_queue.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#define CALLERS 16
#define PATIENCE 30000 /* tries of a millisecond each, at least */
#define ENOUGH 10      /* answers for each caller */

static char cheap[crypto_pwhash_STRBYTES]; /* of "right", at the lowest cost */

static int make_hash(void **state)
{
	(void)state;
	return sodium_init() < 0 || crypto_pwhash_str(cheap, "right", 5, 1, 8192) != 0 ? -1 : 0;
}

static struct password_queue *started(size_t threads, size_t waiting_max)
{
	struct password_queue *queue = NULL;
	assert_int_equal(password_queue_start(threads, waiting_max, &queue), RESULT_OK);
	return queue;
}

static void right_and_wrong_are_told_apart_as_without_a_queue(void **state)
{
	(void)state;
	struct password_queue *queue = started(1, 1);
	assert_int_equal(password_queue_verify(queue, SLICE_OF("right"), slice_from(cheap)), RESULT_OK);
	assert_int_equal(password_queue_verify(queue, SLICE_OF("wrong"), slice_from(cheap)), RESULT_NOT_FOUND);
	assert_int_equal(password_queue_verify(queue, SLICE_OF("right"), SLICE_OF("")), RESULT_NOT_FOUND);
	assert_int_equal(password_queue_waiting(queue), 0);
	password_queue_stop(queue);
}

static void a_hash_made_in_the_queue_verifies(void **state)
{
	(void)state;
	struct password_queue *queue = started(1, 0);
	struct arena *arena = arena_new(1024, 4096);
	struct slice hash = { NULL, 0 };
	assert_int_equal(password_queue_hash(queue, SLICE_OF("secret"), arena, &hash), RESULT_OK);
	assert_int_equal(password_verify(SLICE_OF("secret"), hash), RESULT_OK);
	struct slice untouched = SLICE("untouched");
	assert_int_equal(password_queue_hash(queue, SLICE_OF(""), arena, &untouched), RESULT_INVALID);
	assert_true(slice_is(untouched, "untouched"));
	arena_free(arena);
	password_queue_stop(queue);
}

struct caller {
	struct password_queue *queue;
	pthread_t thread;
	_Atomic int64_t right, busy, other;
	_Atomic bool *ends;
};

static void *call_until_told(void *argument)
{
	struct caller *caller = argument;
	while (!*caller->ends) {
		switch (password_queue_verify(caller->queue, SLICE_OF("right"), slice_from(cheap))) {
		case RESULT_OK:
			caller->right++;
			break;
		case RESULT_BUSY:
			caller->busy++;
			sched_yield();
			break;
		default:
			caller->other++;
			break;
		}
	}
	return NULL;
}

static void callers_start(struct caller *callers, size_t count, struct password_queue *queue, _Atomic bool *ends)
{
	for (size_t i = 0; i < count; i++) {
		callers[i].queue = queue;
		callers[i].ends = ends;
		callers[i].right = callers[i].busy = callers[i].other = 0;
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call_until_told, &callers[i]), 0);
	}
}

static bool all_have_enough(const struct caller *callers)
{
	bool enough = true;
	for (size_t i = 0; i < CALLERS; i++)
		enough = enough && callers[i].right >= ENOUGH;
	return enough;
}

static void many_callers_are_all_answered_rightly(void **state)
{
	(void)state;
	struct password_queue *queue = started(2, CALLERS);
	_Atomic bool ends = false;
	struct caller callers[CALLERS];
	callers_start(callers, CALLERS, queue, &ends);
	for (int i = 0; i < PATIENCE && !all_have_enough(callers); i++)
		usleep(1000);
	ends = true;
	for (size_t i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		assert_true(callers[i].right >= ENOUGH);
		assert_int_equal(callers[i].busy, 0);
		assert_int_equal(callers[i].other, 0);
	}
	assert_int_equal(password_queue_waiting(queue), 0);
	password_queue_stop(queue);
}

static void more_callers_than_may_wait_are_sent_away_at_once(void **state)
{
	(void)state;
	struct password_queue *queue = started(1, 2);
	_Atomic bool ends = false;
	struct caller callers[CALLERS];
	callers_start(callers, CALLERS, queue, &ends);
	size_t most = 0;
	bool refused = false;
	for (int i = 0; i < PATIENCE && !(refused && most == 3); i++) {
		size_t now = password_queue_waiting(queue);
		most = now > most ? now : most;
		refused = refused || password_queue_verify(queue, SLICE_OF("right"), slice_from(cheap)) == RESULT_BUSY;
	}
	ends = true;
	int64_t right = 0, busy = 0;
	for (size_t i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		right += callers[i].right;
		busy += callers[i].busy;
		assert_int_equal(callers[i].other, 0);
	}
	assert_true(refused);
	assert_int_equal(most, 3);
	assert_true(right > 0 && busy > 0);
	assert_int_equal(password_queue_verify(queue, SLICE_OF("right"), slice_from(cheap)), RESULT_OK);
	password_queue_stop(queue);
}

/* The signals that a thread of this process blocks, as the kernel prints them. */
static uint64_t signals_blocked(const char *thread)
{
	char path[300];
	char line[256];
	uint64_t blocked = 0;
	snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "SigBlk:", 7) == 0)
			blocked = strtoull(line + 7, NULL, 16);
	fclose(file);
	return blocked;
}

/* Threads at nice 10; each must block the signals that end or stop a program. */
static int polite_threads(void)
{
	int count = 0;
	DIR *tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
		if (task->d_name[0] == '.' || getpriority(PRIO_PROCESS, (id_t)strtoul(task->d_name, NULL, 10)) != 10)
			continue;
		count++;
		for (int signal = 1; signal <= 15; signal++)
			if (signal != 9)
				assert_true(signals_blocked(task->d_name) >> (signal - 1) & 1);
	}
	closedir(tasks);
	return count;
}

static void its_threads_are_nice_and_take_no_signals_and_others_stay_as_they_are(void **state)
{
	(void)state;
	char own[32];
	snprintf(own, sizeof own, "%d", (int)getpid());
	const int before = getpriority(PRIO_PROCESS, 0);
	if (before >= 10)
		skip();
	const uint64_t blocked = signals_blocked(own);
	struct password_queue *queue = started(3, 0);
	int polite = 0;
	for (int i = 0; i < PATIENCE && polite != 3; i++) {
		polite = polite_threads();
		usleep(1000);
	}
	assert_int_equal(polite, 3);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
	assert_int_equal(signals_blocked(own), blocked);
	password_queue_stop(queue);
}

static void without_a_number_there_is_a_thread_per_processor(void **state)
{
	(void)state;
	cpu_set_t set;
	assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
	struct password_queue *queue = started(0, 0);
	if (getpriority(PRIO_PROCESS, 0) < 10) {
		int polite = 0;
		for (int i = 0; i < PATIENCE && polite != CPU_COUNT(&set); i++) {
			polite = polite_threads();
			usleep(1000);
		}
		assert_int_equal(polite, CPU_COUNT(&set));
	}
	assert_int_equal(password_queue_verify(queue, SLICE_OF("right"), slice_from(cheap)), RESULT_OK);
	password_queue_stop(queue);
	password_queue_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong_are_told_apart_as_without_a_queue),
		cmocka_unit_test(a_hash_made_in_the_queue_verifies),
		cmocka_unit_test(many_callers_are_all_answered_rightly),
		cmocka_unit_test(more_callers_than_may_wait_are_sent_away_at_once),
		cmocka_unit_test(its_threads_are_nice_and_take_no_signals_and_others_stay_as_they_are),
		cmocka_unit_test(without_a_number_there_is_a_thread_per_processor),
	};
	return cmocka_run_group_tests(tests, make_hash, NULL);
}
