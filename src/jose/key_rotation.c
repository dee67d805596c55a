/* The life of a partition's keys: made, published, signing, retired. */
#include "jose/key_ring.h"

#include "base/clock.h"
#include "store/listing.h"

#define KEYS_ARENA_FIRST (16 * 1024)
#define KEYS_ARENA_MAX (256 * 1024)

/* A new key, wrapped for the store. */
static enum result key_make(enum signing_algorithm algorithm, enum key_state state, const struct partition_id *partition,
                            const struct master_key *master, struct arena *arena, struct signing_key *ret)
{
	struct key *key;
	enum result result = key_generate(algorithm, &key);
	if (result != RESULT_OK)
		return result;
	struct signing_key stored;
	result = key_to_store(key, partition, master, arena, &stored);
	key_free(key);
	if (result != RESULT_OK)
		return result;
	stored.state = state;
	stored.created_at = clock_s();
	*ret = stored;
	return RESULT_OK;
}

enum result key_ring_make_first(const struct partition_id *partition, const struct master_key *master, struct arena *arena,
                                struct signing_key ret[KEY_RING_FIRST])
{
	static const struct {
		enum signing_algorithm algorithm;
		enum key_state state;
	} wanted[KEY_RING_FIRST] = {
		{ ALGORITHM_ES256, KEY_ACTIVE },
		{ ALGORITHM_ES256, KEY_NEXT },
		{ ALGORITHM_RS256, KEY_ACTIVE },
		{ ALGORITHM_RS256, KEY_NEXT },
	};
	struct signing_key made[KEY_RING_FIRST];
	for (size_t i = 0; i < KEY_RING_FIRST; i++) {
		enum result result = key_make(wanted[i].algorithm, wanted[i].state, partition, master, arena, &made[i]);
		if (result != RESULT_OK)
			return result;
	}
	memcpy(ret, made, sizeof made);
	return RESULT_OK;
}

/* What the keys of a partition say before a rotation. */
struct survey {
	struct arena *arena;
	enum signing_algorithm algorithm;
	size_t count;
	struct slice next_kid;
	int64_t next_created_at;
};

static enum result survey_visit(void *context, const struct signing_key *stored)
{
	struct survey *survey = context;
	survey->count++;
	if (stored->state != KEY_NEXT || stored->algorithm != survey->algorithm)
		return RESULT_OK;
	survey->next_kid = arena_copy(survey->arena, stored->kid);
	survey->next_created_at = stored->created_at;
	return survey->next_kid.ptr == NULL ? RESULT_NO_MEMORY : RESULT_OK;
}

static enum result ensure(struct store *store, const struct master_key *master, const struct partition_id *partition, struct arena *arena)
{
	struct survey survey = { .arena = arena };
	enum result result = store_keys_each(store, partition, survey_visit, &survey);
	if (result != RESULT_OK || survey.count > 0)
		return result;
	struct signing_key first[KEY_RING_FIRST];
	result = key_ring_make_first(partition, master, arena, first);
	if (result == RESULT_OK)
		result = store_keys_add_first(store, partition, first, KEY_RING_FIRST);
	return result == RESULT_CONFLICT ? RESULT_OK : result; /* another process made them: as good as ours */
}

enum result key_ring_ensure(struct store *store, const struct master_key *master, const struct partition_id *partition)
{
	struct arena *arena = arena_new(KEYS_ARENA_FIRST, KEYS_ARENA_MAX);
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	enum result result = ensure(store, master, partition, arena);
	arena_free(arena);
	return result;
}

static enum result rotate(struct store *store, const struct master_key *master, const struct partition_id *partition,
                          struct survey *survey, int64_t longest_token_s, int64_t least_age_s, const struct audit_event *audit,
                          int64_t *ret_next_age_s)
{
	enum result result = store_keys_each(store, partition, survey_visit, survey);
	if (result != RESULT_OK)
		return result;
	if (survey->next_kid.ptr == NULL)
		return RESULT_NOT_FOUND;
	if (survey->count >= LIMIT_PUBLISHED_KEYS)
		return RESULT_TOO_LARGE;
	if (clock_s() - survey->next_created_at < least_age_s)
		return RESULT_STALE;
	struct signing_key fresh;
	result = key_make(survey->algorithm, KEY_NEXT, partition, master, survey->arena, &fresh);
	if (result != RESULT_OK)
		return result;
	int64_t now = clock_s();
	const int64_t retired_until = now + longest_token_s + LIMIT_REQUEST_S;
	result = audit == NULL ? store_keys_rotate(store, partition, &fresh, survey->next_kid, retired_until)
	                       : store_keys_rotate_audited(store, partition, &fresh, survey->next_kid, retired_until, audit);
	if (result == RESULT_OK)
		*ret_next_age_s = now - survey->next_created_at;
	return result;
}

enum result key_ring_rotate(struct store *store, const struct master_key *master, const struct partition_id *partition,
                            enum signing_algorithm algorithm, int64_t longest_token_s, int64_t least_age_s, const struct audit_event *audit,
                            int64_t *ret_next_age_s)
{
	struct arena *arena = arena_new(KEYS_ARENA_FIRST, KEYS_ARENA_MAX);
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	struct survey survey = { .arena = arena, .algorithm = algorithm };
	enum result result = rotate(store, master, partition, &survey, longest_token_s, least_age_s, audit, ret_next_age_s);
	arena_free(arena);
	return result;
}
