/* The ring of a partition as the store has it: private keys, opened with the master key. */
#include "jose/key_ring_parts.h"

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
