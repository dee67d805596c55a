#include "libwrit/guard.h"

#include "base/clock.h"

#include <sodium.h>
#include <stdlib.h>

_Static_assert(sizeof(struct writ_problem) == sizeof(struct problem), "a problem is one");

/* ---- locks -------------------------------------------------------------------------------------------------------- */

pthread_rwlock_t *guard_lock_of_thread(struct writ *guard)
{
	/* threads' own addresses differ somewhere in the middle */
	const uint64_t mixed = (uint64_t)pthread_self() * UINT64_C(0x9e3779b97f4a7c15);
	return &guard->locks[mixed >> 60 & (GUARD_LOCKS - 1)].lock;
}

static void change_begin(struct writ *guard)
{
	for (size_t i = 0; i < GUARD_LOCKS; i++)
		pthread_rwlock_wrlock(&guard->locks[i].lock);
}

static void change_end(struct writ *guard)
{
	for (size_t i = GUARD_LOCKS; i > 0; i--)
		pthread_rwlock_unlock(&guard->locks[i - 1].lock);
}

/* Decisions come all the time: without this a change could wait for ever. */
static bool locks_begin(struct writ *guard)
{
	pthread_rwlockattr_t attributes;
	if (pthread_rwlockattr_init(&attributes) != 0)
		return false;
	size_t made = 0;
	if (pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0)
		while (made < GUARD_LOCKS && pthread_rwlock_init(&guard->locks[made].lock, &attributes) == 0)
			made++;
	pthread_rwlockattr_destroy(&attributes);
	for (size_t i = made; i > 0 && made < GUARD_LOCKS; i--)
		pthread_rwlock_destroy(&guard->locks[i - 1].lock);
	return made == GUARD_LOCKS;
}

/* ---- loading ------------------------------------------------------------------------------------------------------ */

static enum writ_result answer(enum result result)
{
	switch (result) {
	case RESULT_OK: return WRIT_OK;
	case RESULT_TOO_LARGE: return WRIT_TOO_LARGE;
	case RESULT_NO_MEMORY: return WRIT_NO_MEMORY;
	default: return WRIT_INVALID;
	}
}

static enum result keys_read(struct slice text, struct key_ring **ret, struct problem *problem)
{
	enum result result = key_ring_from_jwks(text, ret);
	switch (result) {
	case RESULT_OK: return result;
	case RESULT_NOT_FOUND:
		return problem_set(problem, result,
		                   "the key set has no key that counts: ES256 on P-256 or RS256 of 2048 to 4096 bits, with a kid and for signatures");
	case RESULT_TOO_LARGE: return problem_set(problem, result, "the key set is too large: %d keys are the most", LIMIT_PUBLISHED_KEYS);
	case RESULT_NO_MEMORY: return problem_set(problem, result, "there is no memory for the key set");
	default: return problem_set(problem, result, "the key set is none: not one JSON object with an array keys (RFC 7517)");
	}
}

/* One of the two takes the place of what was there. Frees that. */
static void take(struct writ *guard, struct rules *rules, struct key_ring *keys)
{
	struct rules *old_rules = NULL;
	struct key_ring *old_keys = NULL;
	change_begin(guard);
	if (rules != NULL) {
		old_rules = guard->rules;
		guard->rules = rules;
	}
	if (keys != NULL) {
		old_keys = guard->keys;
		guard->keys = keys;
	}
	guard->generation++;
	change_end(guard);
	rules_free(old_rules);
	key_ring_free(old_keys);
}

enum writ_result writ_load_catalogue(struct writ *guard, const char *catalogue, size_t len, struct writ_problem *problem)
{
	struct rules *rules;
	enum result result = rules_read((struct slice) { catalogue, len }, &rules, (struct problem *)problem);
	if (result == RESULT_OK)
		take(guard, rules, NULL);
	return answer(result);
}

enum writ_result writ_load_keys(struct writ *guard, const char *jwks, size_t len, struct writ_problem *problem)
{
	struct key_ring *keys;
	enum result result = keys_read((struct slice) { jwks, len }, &keys, (struct problem *)problem);
	if (result == RESULT_OK)
		take(guard, NULL, keys);
	return answer(result);
}

/* ---- guards ------------------------------------------------------------------------------------------------------- */

static struct writ *guard_new(void)
{
	struct writ *guard = sodium_init() < 0 ? NULL : aligned_alloc(alignof(struct writ), sizeof *guard);
	if (guard == NULL)
		return NULL;
	memset(guard, 0, sizeof *guard);
	guard->memory = token_memory_new(LIMIT_REMEMBERED_TOKENS_SIZE);
	if (guard->memory == NULL || !locks_begin(guard)) {
		token_memory_free(guard->memory);
		free(guard);
		return NULL;
	}
	revocations_begin(&guard->revocations);
	return guard;
}

enum writ_result writ_open(const char *catalogue, size_t catalogue_len, const char *jwks, size_t jwks_len, struct writ **ret,
                           struct writ_problem *problem)
{
	struct writ *guard = guard_new();
	if (guard == NULL)
		return answer(problem_set((struct problem *)problem, RESULT_NO_MEMORY, "there is no memory for a guard, or no source of random numbers"));
	enum writ_result result = writ_load_catalogue(guard, catalogue, catalogue_len, problem);
	if (result == WRIT_OK)
		result = writ_load_keys(guard, jwks, jwks_len, problem);
	if (result == WRIT_OK)
		*ret = guard;
	else
		writ_close(guard);
	return result;
}

void writ_close(struct writ *guard)
{
	if (guard == NULL)
		return;
	rules_free(guard->rules);
	key_ring_free(guard->keys);
	token_memory_free(guard->memory);
	revocations_end(&guard->revocations);
	for (size_t i = 0; i < GUARD_LOCKS; i++)
		pthread_rwlock_destroy(&guard->locks[i].lock);
	free(guard);
}

/* ---- revocations -------------------------------------------------------------------------------------------------- */

static enum writ_result revoked(struct writ *guard, enum revocation kind, const char *id, int64_t until)
{
	const int64_t now_s = clock_s();
	change_begin(guard);
	enum result result = revocations_add(&guard->revocations, kind, slice_from(id), until, now_s);
	change_end(guard);
	return answer(result);
}

enum writ_result writ_token_revoked(struct writ *guard, const char *jti, int64_t until)
{
	return revoked(guard, REVOCATION_TOKEN, jti, until);
}

enum writ_result writ_grant_revoked(struct writ *guard, const char *gid, int64_t until)
{
	return revoked(guard, REVOCATION_GRANT, gid, until);
}
