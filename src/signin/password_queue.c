#include "signin/password_queue.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10

/* On the stack of the caller, who waits until it is done. */
struct job {
	struct job *next;
	pthread_cond_t ended;
	bool done;
	enum result result;
	struct slice password;
	struct slice hash;   /* to verify against */
	struct arena *arena; /* to make a hash in; NULL: verify */
	struct slice made;
};

struct password_queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	struct job *first, **end; /* jobs no thread has taken yet */
	size_t under_way;         /* those, and the ones being served */
	size_t under_way_max;
	size_t thread_count;
	pthread_t threads[];
};

static void job_run(struct job *job)
{
	if (job->arena == NULL)
		job->result = password_verify(job->password, job->hash);
	else
		job->result = password_hash(job->password, job->arena, &job->made);
}

static struct job *job_take(struct password_queue *queue)
{
	struct job *job = queue->first;
	queue->first = job->next;
	if (queue->first == NULL)
		queue->end = &queue->first;
	return job;
}

static void *work(void *context)
{
	struct password_queue *queue = context;
	/* On Linux a thread has a nice value of its own. Where it may not be set, hashing is only less polite. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	pthread_mutex_lock(&queue->lock);
	for (;;) {
		while (queue->first == NULL && !queue->stopping)
			pthread_cond_wait(&queue->changed, &queue->lock);
		if (queue->first == NULL)
			break;
		struct job *job = job_take(queue);
		pthread_mutex_unlock(&queue->lock);
		job_run(job);
		pthread_mutex_lock(&queue->lock);
		job->done = true;
		/* under the lock: once it is released the job may be gone */
		pthread_cond_signal(&job->ended);
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

static size_t processors(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	return count < 1 ? 1 : (size_t)count;
}

/* Signals are for the other threads. */
static enum result threads_start(struct password_queue *queue, size_t count)
{
	sigset_t all, before;
	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return RESULT_FAILED;
	while (queue->thread_count < count && pthread_create(&queue->threads[queue->thread_count], NULL, work, queue) == 0)
		queue->thread_count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return queue->thread_count == count ? RESULT_OK : RESULT_FAILED;
}

enum result password_queue_start(size_t threads, size_t waiting_max, struct password_queue **ret)
{
	const size_t count = threads == 0 ? processors() : threads;
	struct password_queue *queue = calloc(1, sizeof *queue + count * sizeof queue->threads[0]);
	if (queue == NULL)
		return RESULT_NO_MEMORY;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
	queue->end = &queue->first;
	queue->under_way_max = count + waiting_max;
	enum result result = threads_start(queue, count);
	if (result != RESULT_OK) {
		password_queue_stop(queue);
		return result;
	}
	*ret = queue;
	return RESULT_OK;
}

void password_queue_stop(struct password_queue *queue)
{
	if (queue == NULL)
		return;
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
	for (size_t i = 0; i < queue->thread_count; i++)
		pthread_join(queue->threads[i], NULL);
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

/* Hands the job in and waits for its end. */
static enum result job_await(struct password_queue *queue, struct job *job)
{
	pthread_mutex_lock(&queue->lock);
	if (queue->stopping || queue->under_way >= queue->under_way_max) {
		pthread_mutex_unlock(&queue->lock);
		return RESULT_BUSY;
	}
	pthread_cond_init(&job->ended, NULL);
	queue->under_way++;
	*queue->end = job;
	queue->end = &job->next;
	pthread_cond_signal(&queue->changed);
	while (!job->done)
		pthread_cond_wait(&job->ended, &queue->lock);
	queue->under_way--;
	pthread_mutex_unlock(&queue->lock);
	pthread_cond_destroy(&job->ended);
	return job->result;
}

enum result password_queue_verify(struct password_queue *queue, struct slice password, struct slice hash)
{
	struct job job = { .password = password, .hash = hash };
	return job_await(queue, &job);
}

enum result password_queue_hash(struct password_queue *queue, struct slice password, struct arena *arena, struct slice *ret)
{
	struct job job = { .password = password, .arena = arena };
	enum result result = job_await(queue, &job);
	if (result == RESULT_OK)
		*ret = job.made;
	return result;
}

size_t password_queue_waiting(struct password_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	size_t under_way = queue->under_way;
	pthread_mutex_unlock(&queue->lock);
	return under_way;
}
