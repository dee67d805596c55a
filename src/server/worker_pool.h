/* Threads for what waits (a durable commit, a password hash): a bounded queue before a fixed number of threads. */
#ifndef WRIT_SERVER_WORKER_POOL_H
#define WRIT_SERVER_WORKER_POOL_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

struct worker_pool;

MUST_CHECK enum result worker_pool_start(size_t threads, size_t queue_max, struct worker_pool **ret);

/* False when the queue is full. job(argument) runs soon on some worker, exactly once. */
bool worker_pool_run(struct worker_pool *, void (*job)(void *argument), void *argument);

size_t worker_pool_waiting(struct worker_pool *);

/* Runs what is queued, then joins and frees. NULL is fine. */
void worker_pool_stop(struct worker_pool *);

#endif
