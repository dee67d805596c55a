/* What a struct writ is made of. Threads that decide hold one of its locks for reading, each as good as its own, so that they do not wait
 * for each other; whoever changes something holds all of them. */
#ifndef WRIT_LIBWRIT_GUARD_H
#define WRIT_LIBWRIT_GUARD_H

#include "gateway/token_memory.h"
#include "jose/key_ring.h"
#include "libwrit/revocations.h"
#include "libwrit/rules.h"
#include "libwrit/writ.h"

#include <pthread.h>
#include <stdalign.h>

#define GUARD_LOCKS 16 /* a power of two */

struct guard_lock {
	alignas(64) pthread_rwlock_t lock;
};

struct writ {
	struct guard_lock locks[GUARD_LOCKS];
	struct token_memory *memory; /* has locks of its own */
	/* under the locks */
	struct rules *rules;
	struct key_ring *keys;
	uint64_t generation; /* moves with each of the two above */
	struct revocations revocations;
};

/* The lock of this thread. */
pthread_rwlock_t *guard_lock_of_thread(struct writ *);

#endif
