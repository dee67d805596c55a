#include "server/worker_pool.h"

#include <pthread.h>
#include <stdlib.h>

struct job {
	void (*run)(void *argument);
	void *argument;
};

struct worker_pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	size_t head, waiting, queue_max;
	struct job *queue; /* a ring */
	size_t thread_count;
	pthread_t threads[];
};

static void *work(void *context)
{
	struct worker_pool *pool = context;
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->waiting == 0 && !pool->stopping)
			pthread_cond_wait(&pool->changed, &pool->lock);
		if (pool->waiting == 0)
			break;
		struct job job = pool->queue[pool->head];
		pool->head = (pool->head + 1) % pool->queue_max;
		pool->waiting--;
		pthread_mutex_unlock(&pool->lock);
		job.run(job.argument);
		pthread_mutex_lock(&pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

enum result worker_pool_start(size_t threads, size_t queue_max, struct worker_pool **ret)
{
	struct worker_pool *pool = calloc(1, sizeof *pool + threads * sizeof pool->threads[0]);
	struct job *queue = calloc(queue_max, sizeof *queue);
	if (pool == NULL || queue == NULL) {
		free(pool);
		free(queue);
		return RESULT_NO_MEMORY;
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	pool->queue = queue;
	pool->queue_max = queue_max;
	for (size_t i = 0; i < threads; i++) {
		if (pthread_create(&pool->threads[i], NULL, work, pool) != 0) {
			worker_pool_stop(pool);
			return RESULT_FAILED;
		}
		pool->thread_count++;
	}
	*ret = pool;
	return RESULT_OK;
}

bool worker_pool_run(struct worker_pool *pool, void (*run)(void *argument), void *argument)
{
	pthread_mutex_lock(&pool->lock);
	bool taken = pool->waiting < pool->queue_max && !pool->stopping;
	if (taken) {
		pool->queue[(pool->head + pool->waiting) % pool->queue_max] = (struct job) { run, argument };
		pool->waiting++;
		pthread_cond_signal(&pool->changed);
	}
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

size_t worker_pool_waiting(struct worker_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	size_t waiting = pool->waiting;
	pthread_mutex_unlock(&pool->lock);
	return waiting;
}

void worker_pool_stop(struct worker_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool->queue);
	free(pool);
}
