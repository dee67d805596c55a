#include "jose/key_ring.h"

#include "base/writer.h"

#include <stdlib.h>

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

static struct key_ring *ring_new(void)
{
	struct key_ring *ring = calloc(1, sizeof *ring);
	if (ring == NULL)
		return NULL;
	ring->arena = arena_new(RING_ARENA_FIRST, RING_ARENA_MAX);
	if (ring->arena == NULL) {
		free(ring);
		return NULL;
	}
	return ring;
}

void key_ring_free(struct key_ring *ring)
{
	if (ring == NULL)
		return;
	for (size_t i = 0; i < ring->count; i++)
		key_free(ring->keys[i].key);
	arena_free(ring->arena);
	free(ring);
}

static enum result ring_add(struct key_ring *ring, const struct signing_key *stored, const struct partition_id *partition,
                            const struct master_key *master)
{
	if (ring->count == LIMIT_PUBLISHED_KEYS)
		return RESULT_TOO_LARGE;
	struct ring_key *added = &ring->keys[ring->count];
	enum result result = key_open(stored, partition, master, &added->key);
	if (result != RESULT_OK)
		return result;
	added->state = stored->state;
	ring->count++;
	return RESULT_OK;
}

static enum result jwks_write(struct key_ring *ring)
{
	static const enum key_state order[] = { KEY_ACTIVE, KEY_NEXT, KEY_RETIRED };
	struct writer json = writer_new(ring->arena, RING_ARENA_FIRST / 4);
	writer_put(&json, SLICE_OF("{\"keys\":["));
	bool first = true;
	for (size_t turn = 0; turn < sizeof order / sizeof order[0]; turn++) {
		for (size_t i = 0; i < ring->count; i++) {
			if (ring->keys[i].state != order[turn])
				continue;
			if (!first)
				writer_byte(&json, ',');
			first = false;
			writer_put(&json, key_public_jwk(ring->keys[i].key));
		}
	}
	writer_put(&json, SLICE_OF("]}"));
	ring->jwks = writer_slice(&json);
	return writer_ok(&json) ? RESULT_OK : RESULT_NO_MEMORY;
}

/* Gives the ring to the caller, or frees it when anything failed on the way. */
static enum result ring_finish(struct key_ring *ring, enum result result, struct key_ring **ret)
{
	if (result == RESULT_OK && ring->count == 0)
		result = RESULT_NOT_FOUND;
	if (result == RESULT_OK)
		result = jwks_write(ring);
	if (result == RESULT_OK)
		*ret = ring;
	else
		key_ring_free(ring);
	return result;
}

enum result key_ring_open(const struct signing_key *stored, size_t count, const struct partition_id *partition,
                          const struct master_key *master, struct key_ring **ret)
{
	struct key_ring *ring = ring_new();
	if (ring == NULL)
		return RESULT_NO_MEMORY;
	enum result result = RESULT_OK;
	for (size_t i = 0; i < count && result == RESULT_OK; i++)
		result = ring_add(ring, &stored[i], partition, master);
	return ring_finish(ring, result, ret);
}

struct loading {
	struct key_ring *ring;
	const struct partition_id *partition;
	const struct master_key *master;
};

static enum result loading_visit(void *context, const struct signing_key *stored)
{
	const struct loading *loading = context;
	return ring_add(loading->ring, stored, loading->partition, loading->master);
}

enum result key_ring_load(struct store *store, const struct master_key *master, const struct partition_id *partition,
                          struct key_ring **ret)
{
	struct key_ring *ring = ring_new();
	if (ring == NULL)
		return RESULT_NO_MEMORY;
	struct loading loading = { ring, partition, master };
	return ring_finish(ring, store_keys_each(store, partition, loading_visit, &loading), ret);
}

const struct key *key_ring_signer(const struct key_ring *ring, enum signing_algorithm algorithm)
{
	for (size_t i = 0; i < ring->count; i++)
		if (ring->keys[i].state == KEY_ACTIVE && key_algorithm(ring->keys[i].key) == algorithm)
			return ring->keys[i].key;
	return NULL;
}

const struct key *key_ring_find(const struct key_ring *ring, struct slice kid)
{
	for (size_t i = 0; i < ring->count; i++)
		if (slice_equal(key_kid(ring->keys[i].key), kid))
			return ring->keys[i].key;
	return NULL;
}

struct slice key_ring_jwks(const struct key_ring *ring)
{
	return ring->jwks;
}
