#include "jose/key_ring_parts.h"

#include "base/writer.h"

#include <stdlib.h>

struct key_ring *ring_new(void)
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

enum result ring_finish(struct key_ring *ring, enum result result, struct key_ring **ret)
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
