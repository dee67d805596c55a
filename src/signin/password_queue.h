/* Passwords are hashed by threads of their own, at nice 10: a bounded number at once (each takes 19 MiB), a bounded number
 * waiting, and never in the way of the threads that answer (design §4). */
#ifndef WRIT_SIGNIN_PASSWORD_QUEUE_H
#define WRIT_SIGNIN_PASSWORD_QUEUE_H

#include "signin/password.h"

#include <stddef.h>

struct password_queue;

/* threads   0: one per processor of sched_getaffinity. waiting_max: callers that may wait for a thread. */
MUST_CHECK enum result password_queue_start(size_t threads, size_t waiting_max, struct password_queue **ret);
/* Nobody may be waiting any more. NULL is fine. */
void password_queue_stop(struct password_queue *);

/* As password_verify and password_hash, run on one of the threads; the caller waits. RESULT_BUSY at once when waiting_max
 * callers wait already. */
MUST_CHECK enum result password_queue_verify(struct password_queue *, struct slice password, struct slice hash);
MUST_CHECK enum result password_queue_hash(struct password_queue *, struct slice password, struct arena *, struct slice *ret);

/* Callers waiting or being served now; for /metrics. */
size_t password_queue_waiting(struct password_queue *);

#endif
