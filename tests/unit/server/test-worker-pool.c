#include "server/worker_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool open;
	atomic_int ran;
};

static void pass(void *argument)
{
	struct gate *gate = argument;
	pthread_mutex_lock(&gate->lock);
	while (!gate->open)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
	atomic_fetch_add(&gate->ran, 1);
}

static void open_gate(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->lock);
}

static void every_job_taken_runs_once_even_when_the_pool_stops(void **state)
{
	(void)state;
	struct gate gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };
	struct worker_pool *pool;
	assert_int_equal(worker_pool_start(3, 100, &pool), RESULT_OK);
	for (int i = 0; i < 50; i++)
		assert_true(worker_pool_run(pool, pass, &gate));
	open_gate(&gate);
	worker_pool_stop(pool);
	assert_int_equal(atomic_load(&gate.ran), 50);
}

static void a_full_queue_takes_no_more(void **state)
{
	(void)state;
	struct gate gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };
	struct worker_pool *pool;
	int taken = 0;
	assert_int_equal(worker_pool_start(1, 4, &pool), RESULT_OK);
	while (worker_pool_run(pool, pass, &gate))
		taken++;
	/* four wait; a fifth may already be with the worker */
	assert_true(taken >= 4 && taken <= 5);
	assert_true(worker_pool_waiting(pool) <= 4);
	open_gate(&gate);
	worker_pool_stop(pool);
	assert_int_equal(atomic_load(&gate.ran), taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_taken_runs_once_even_when_the_pool_stops),
		cmocka_unit_test(a_full_queue_takes_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
