/* What a key ring is made of; for the files of jose/ only. */
#ifndef WRIT_JOSE_KEY_RING_PARTS_H
#define WRIT_JOSE_KEY_RING_PARTS_H

#include "jose/key_parts.h"
#include "jose/key_ring.h"

#define RING_ARENA_FIRST (16 * 1024)
#define RING_ARENA_MAX (1024 * 1024)

struct ring_key {
	struct key *key;
	enum key_state state;
};

struct key_ring {
	struct ring_key keys[LIMIT_PUBLISHED_KEYS];
	size_t count;
	struct arena *arena; /* of jwks */
	struct slice jwks;
};

struct key_ring *ring_new(void);
/* Gives the ring to the caller, or frees it when anything failed on the way. */
MUST_CHECK enum result ring_finish(struct key_ring *, enum result, struct key_ring **ret);

#endif
