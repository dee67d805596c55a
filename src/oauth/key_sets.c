#include "oauth/key_sets.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uthash.h>

#define FETCH_ARENA_FIRST (16 * 1024)
#define FETCH_ARENA_MAX (4 * LIMIT_JWKS_SIZE)
#define KEY_MAX (LIMIT_PARTITION_ID + 1 + LIMIT_URL)
#define STATUS_GOOD 200

struct key_set {
	atomic_int references;
	int64_t got_ms;
	size_t len;
	char text[];
};

/* What is known of one address. */
struct entry {
	UT_hash_handle hh;
	const struct key_set *set; /* NULL: none was got yet */
	int64_t failed_ms;         /* when it was last asked for in vain; 0: it was not, since a set came */
	int64_t lacked_ms;         /* when it was last asked for because a key was not in it; 0: never */
	bool asking;               /* somebody asks right now */
	unsigned users;            /* who have it in their hands: it stays */
	struct problem why;        /* of the last failure */
	size_t key_len;
	char key[]; /* partition, NUL, address */
};

struct key_sets {
	struct key_sets_source source;
	pthread_mutex_t lock; /* what follows */
	pthread_cond_t asked;
	struct entry *entries; /* the one longest unused first */
	unsigned holding;      /* workers that ask or wait */
};

struct slice key_set_text(const struct key_set *set)
{
	return (struct slice) { set->text, set->len };
}

void key_set_release(const struct key_set *set)
{
	struct key_set *ours = (struct key_set *)set;
	if (ours != NULL && atomic_fetch_sub(&ours->references, 1) == 1)
		free(ours);
}

struct key_sets *key_sets_new(const struct key_sets_source *source)
{
	struct key_sets *sets = calloc(1, sizeof *sets);
	if (sets == NULL)
		return NULL;
	sets->source = *source;
	pthread_mutex_init(&sets->lock, NULL);
	pthread_cond_init(&sets->asked, NULL);
	return sets;
}

static void entry_free(struct key_sets *sets, struct entry *entry)
{
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the analyzer does not follow uthash */
	HASH_DEL(sets->entries, entry);
	key_set_release(entry->set);
	free(entry);
}

void key_sets_free(struct key_sets *sets)
{
	struct entry *entry, *next;
	if (sets == NULL)
		return;
	HASH_ITER(hh, sets->entries, entry, next)
		entry_free(sets, entry);
	pthread_cond_destroy(&sets->asked);
	pthread_mutex_destroy(&sets->lock);
	free(sets);
}

/* ---- from the address itself ---------------------------------------------------------------------------------------- */

static enum result fetch_outbound(void *context, struct slice url, struct arena *arena, struct slice *ret, struct problem *problem)
{
	const struct outbound_limits limits = { LIMIT_KEY_SET_CONNECT_MS, LIMIT_KEY_SET_TOTAL_MS, LIMIT_JWKS_SIZE };
	struct outbound_reply reply = { .status = 0 };
	enum result result = outbound_get(context, url, &limits, arena, &reply, problem);
	if (result != RESULT_OK)
		return result;
	if (reply.status != STATUS_GOOD)
		return problem_set(problem, RESULT_FAILED, "the answer is %ld, not %d", reply.status, STATUS_GOOD);
	*ret = reply.body;
	return RESULT_OK;
}

struct key_sets *key_sets_new_outbound(const struct outbound *outbound)
{
	const struct key_sets_source source = { fetch_outbound, clock_monotonic_ms, (void *)outbound };
	return key_sets_new(&source);
}

/* ---- under the lock --------------------------------------------------------------------------------------------------- */

static size_t key_make(char key[KEY_MAX], const struct partition_id *partition, struct slice url)
{
	if (url.len == 0 || url.len > LIMIT_URL)
		return 0;
	memcpy(key, partition->text, partition->len);
	key[partition->len] = '\0';
	memcpy(key + partition->len + 1, url.ptr, url.len);
	return partition->len + 1 + url.len;
}

static void make_room(struct key_sets *sets)
{
	struct entry *entry, *next;
	HASH_ITER(hh, sets->entries, entry, next) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the analyzer does not follow uthash */
		if (HASH_COUNT(sets->entries) < LIMIT_KEY_SETS)
			return;
		if (entry->users == 0)
			entry_free(sets, entry);
	}
}

/* The entry, as the one last used; NULL: no memory. */
static struct entry *entry_take(struct key_sets *sets, const char *key, size_t key_len)
{
	struct entry *entry;
	HASH_FIND(hh, sets->entries, key, key_len, entry);
	if (entry != NULL) {
		HASH_DEL(sets->entries, entry);
	} else {
		make_room(sets);
		entry = calloc(1, sizeof *entry + key_len);
		if (entry == NULL)
			return NULL;
		memcpy(entry->key, key, key_len);
		entry->key_len = key_len;
	}
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): as above */
	HASH_ADD_KEYPTR(hh, sets->entries, entry->key, entry->key_len, entry);
	entry->users++;
	return entry;
}

static bool passed(int64_t since_ms, int64_t now_ms, int64_t seconds)
{
	return since_ms == 0 || now_ms - since_ms >= seconds * 1000;
}

/* Can what is here be given, if it must? */
static bool usable(const struct entry *entry, int64_t now_ms)
{
	return entry->set != NULL && now_ms - entry->set->got_ms < LIMIT_KEY_SET_STALE_S * INT64_C(1000);
}

/* Should the address be asked? */
static bool wanted(const struct entry *entry, const struct key_set *lacking, int64_t now_ms)
{
	if (!passed(entry->failed_ms, now_ms, LIMIT_KEY_SET_AGAIN_S))
		return false;
	if (entry->set == NULL || passed(entry->set->got_ms, now_ms, LIMIT_KEY_SET_FRESH_S))
		return true;
	return entry->set == lacking && passed(entry->lacked_ms, now_ms, LIMIT_KEY_SET_AGAIN_S);
}

static struct key_set *set_make(struct slice text, int64_t now_ms)
{
	struct key_set *set = malloc(sizeof *set + text.len);
	if (set == NULL)
		return NULL;
	atomic_init(&set->references, 1);
	set->got_ms = now_ms;
	set->len = text.len;
	memcpy(set->text, text.ptr, text.len);
	return set;
}

/* ---- asking ------------------------------------------------------------------------------------------------------------- */

/* Without the lock. */
static struct key_set *set_fetch(const struct key_sets *sets, struct slice url, struct problem *why)
{
	struct key_set *set = NULL;
	struct slice text = { NULL, 0 };
	struct arena *arena = arena_new(FETCH_ARENA_FIRST, FETCH_ARENA_MAX);
	*why = (struct problem) { "out of memory" };
	if (arena != NULL && sets->source.fetch(sets->source.context, url, arena, &text, why) == RESULT_OK &&
	    foreign_keys_judge(text, why) == RESULT_OK)
		set = set_make(text, sets->source.now_ms());
	arena_free(arena);
	return set;
}

/* Under the lock, which is let go meanwhile. */
static void entry_ask(struct key_sets *sets, struct entry *entry, struct slice url, const struct key_set *lacking)
{
	struct problem why;
	if (lacking != NULL && entry->set == lacking)
		entry->lacked_ms = sets->source.now_ms();
	entry->asking = true;
	pthread_mutex_unlock(&sets->lock);
	struct key_set *set = set_fetch(sets, url, &why);
	if (set == NULL)
		LOG_LINE(LOG_WARNING, "a key set could not be had from its jwks_url", { "partition", slice_from(entry->key) },
		         { "problem", slice_from(why.text) });
	pthread_mutex_lock(&sets->lock);
	entry->asking = false;
	entry->failed_ms = set == NULL ? sets->source.now_ms() : 0;
	if (set == NULL) {
		entry->why = why;
	} else {
		key_set_release(entry->set);
		entry->set = set;
	}
	pthread_cond_broadcast(&sets->asked);
}

/* Asks, or waits for who does; whoever can go on without does. RESULT_BUSY: too many hold a worker for that. */
static enum result entry_refresh(struct key_sets *sets, struct entry *entry, struct slice url, const struct key_set *lacking)
{
	int64_t now_ms = sets->source.now_ms();
	bool can_wait = sets->holding < LIMIT_KEY_SET_WORKERS;
	if (!wanted(entry, lacking, now_ms))
		return RESULT_OK;
	if (usable(entry, now_ms) && entry->set != lacking && (entry->asking || !can_wait))
		return RESULT_OK;
	if (!can_wait)
		return RESULT_BUSY;
	sets->holding++;
	while (entry->asking)
		pthread_cond_wait(&sets->asked, &sets->lock);
	if (wanted(entry, lacking, sets->source.now_ms()))
		entry_ask(sets, entry, url, lacking);
	sets->holding--;
	return RESULT_OK;
}

enum result key_sets_get(struct key_sets *sets, const struct partition_id *partition, struct slice url, const struct key_set *lacking,
                         const struct key_set **ret, struct problem *why)
{
	char key[KEY_MAX];
	size_t key_len = key_make(key, partition, url);
	if (key_len == 0)
		return problem_set(why, RESULT_FAILED, "it is no address");
	pthread_mutex_lock(&sets->lock);
	struct entry *entry = entry_take(sets, key, key_len);
	enum result result = entry == NULL ? RESULT_NO_MEMORY : entry_refresh(sets, entry, url, lacking);
	if (result == RESULT_OK && !usable(entry, sets->source.now_ms()))
		result = problem_set(why, RESULT_FAILED, "%s", entry->why.text);
	if (result == RESULT_OK) {
		*ret = entry->set;
		atomic_fetch_add(&((struct key_set *)entry->set)->references, 1);
	}
	if (entry != NULL)
		entry->users--;
	pthread_mutex_unlock(&sets->lock);
	return result;
}

enum result key_sets_verify(struct key_sets *sets, const struct partition_id *partition, struct slice url, struct slice token, struct claims *ret,
                            struct problem *why)
{
	const struct key_set *set = NULL, *newer = NULL;
	enum result result = key_sets_get(sets, partition, url, NULL, &set, why);
	if (set == NULL)
		return result;
	result = foreign_jws_verify(token, key_set_text(set), ret, why);
	if (result == RESULT_NOT_FOUND && key_sets_get(sets, partition, url, set, &newer, NULL) == RESULT_OK && newer != NULL && newer != set)
		result = foreign_jws_verify(token, key_set_text(newer), ret, why);
	key_set_release(newer);
	key_set_release(set);
	return result;
}
