#include "gateway/catalogue_rules.h"

#include <stdlib.h>

#define CAPACITY_FIRST 64

static uint64_t rule_hash(const struct api_alternative *alternatives, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) + count;
	for (size_t i = 0; i < count; i++) {
		hash = (hash ^ (uint64_t)alternatives[i].actor) * UINT64_C(0x100000001b3);
		for (size_t at = 0; at < alternatives[i].scopes.len; at++)
			hash = (hash ^ (uint64_t)(unsigned char)alternatives[i].scopes.ptr[at]) * UINT64_C(0x100000001b3);
	}
	return hash ^ hash >> 32;
}

static bool rule_is(const struct rule *rule, uint64_t hash, const struct api_alternative *alternatives, size_t count)
{
	if (rule->hash != hash || rule->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (rule->alternatives[i].actor != alternatives[i].actor || !slice_equal(rule->alternatives[i].scopes, alternatives[i].scopes))
			return false;
	return true;
}

static enum result rule_pool_grow(struct rule_pool *pool)
{
	const size_t capacity = pool->capacity == 0 ? CAPACITY_FIRST : pool->capacity * 2;
	struct rule *places = calloc(capacity, sizeof *places);
	if (places == NULL)
		return RESULT_NO_MEMORY;
	for (size_t i = 0; i < pool->capacity; i++) {
		if (pool->places[i].alternatives == NULL)
			continue;
		size_t at = (size_t)pool->places[i].hash & (capacity - 1);
		while (places[at].alternatives != NULL)
			at = (at + 1) & (capacity - 1);
		places[at] = pool->places[i];
	}
	free(pool->places);
	pool->places = places;
	pool->capacity = capacity;
	return RESULT_OK;
}

static const struct api_alternative *alternatives_copy(struct arena *arena, const struct api_alternative *alternatives, size_t count)
{
	struct api_alternative *copied = arena_array(arena, count, sizeof *copied);
	for (size_t i = 0; copied != NULL && i < count; i++) {
		copied[i].actor = alternatives[i].actor;
		copied[i].scopes = arena_copy(arena, alternatives[i].scopes);
	}
	return arena_exhausted(arena) ? NULL : copied;
}

enum result rule_pool_keep(struct rule_pool *pool, struct arena *arena, const struct api_alternative *alternatives, size_t count,
                       const struct api_alternative **ret)
{
	if (count == 0) {
		*ret = NULL;
		return RESULT_OK;
	}
	if (pool->count * 2 >= pool->capacity && rule_pool_grow(pool) != RESULT_OK)
		return RESULT_NO_MEMORY;
	const uint64_t hash = rule_hash(alternatives, count);
	size_t at = (size_t)hash & (pool->capacity - 1);
	while (pool->places[at].alternatives != NULL) {
		if (rule_is(&pool->places[at], hash, alternatives, count)) {
			*ret = pool->places[at].alternatives;
			return RESULT_OK;
		}
		at = (at + 1) & (pool->capacity - 1);
	}
	const struct api_alternative *copied = alternatives_copy(arena, alternatives, count);
	if (copied == NULL)
		return RESULT_TOO_LARGE;
	pool->places[at] = (struct rule) { copied, count, hash };
	pool->count++;
	*ret = copied;
	return RESULT_OK;
}
