/* Ids of tokens and grants that are no longer good, as keyed hashes of 128 bits. Not thread-safe: the guard's locks are around it. */
#ifndef WRIT_LIBWRIT_REVOCATIONS_H
#define WRIT_LIBWRIT_REVOCATIONS_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

enum revocation { REVOCATION_TOKEN = 1, REVOCATION_GRANT = 2 };

struct revocation_slot {
	uint64_t hash[2]; /* 0, 0: free */
	int64_t until;
};

struct revocations {
	struct revocation_slot *slots; /* NULL: there are none */
	size_t capacity, count;
	unsigned char key[16];
};

void revocations_begin(struct revocations *);
void revocations_end(struct revocations *);

/* RESULT_INVALID: no id of 1 to LIMIT_ID bytes; RESULT_TOO_LARGE: LIMIT_REVOCATIONS_FED live ones; RESULT_NO_MEMORY. */
MUST_CHECK enum result revocations_add(struct revocations *, enum revocation, struct slice id, int64_t until, int64_t now_s);
bool revocations_have(const struct revocations *, enum revocation, struct slice id);

#endif
