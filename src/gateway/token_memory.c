#include "gateway/token_memory.h"

#include "base/random.h"

#include <pthread.h>
#include <sodium.h>
#include <stdalign.h>
#include <stdlib.h>

#define SHARDS 32               /* a power of two */
#define HASHED 64               /* bytes of a token's end */
#define ENTRY_TYPICAL 1024      /* bytes: how many buckets there are */
#define TEXTS 7

/* In a shard: a list of those in its bucket, and a ring of all in the order in which they came. */
struct entry {
	struct entry *next_in_bucket;
	struct entry *newer, *older;
	uint64_t hash, generation;
	struct token_facts facts; /* its texts point into bytes */
	size_t token_len, size;   /* size: of bytes */
	bool asked_for;           /* since it was last passed over */
	char bytes[];             /* the token, then the texts with a NUL behind each */
};

struct shard {
	alignas(64) pthread_mutex_t lock;
	struct entry **buckets;
	size_t bucket_mask;
	struct entry *newest, *oldest;
	size_t used, count; /* bytes, entries */
};

struct token_memory {
	struct shard shards[SHARDS];
	size_t shard_max; /* bytes of each */
	unsigned char key[crypto_shorthash_KEYBYTES];
};

static void shards_free(struct token_memory *memory, size_t count);

struct token_memory *token_memory_new(size_t bytes_max)
{
	struct token_memory *memory = aligned_alloc(alignof(struct token_memory), sizeof *memory);
	if (memory == NULL)
		return NULL;
	memset(memory, 0, sizeof *memory);
	memory->shard_max = bytes_max / SHARDS;
	random_bytes(memory->key, sizeof memory->key);
	size_t buckets = 16;
	while (buckets < memory->shard_max / ENTRY_TYPICAL)
		buckets *= 2;
	for (size_t i = 0; i < SHARDS; i++) {
		memory->shards[i].bucket_mask = buckets - 1;
		memory->shards[i].buckets = calloc(buckets, sizeof(struct entry *));
		if (memory->shards[i].buckets == NULL || pthread_mutex_init(&memory->shards[i].lock, NULL) != 0) {
			free(memory->shards[i].buckets);
			shards_free(memory, i);
			free(memory);
			return NULL;
		}
	}
	return memory;
}

static uint64_t token_hash(const struct token_memory *memory, struct slice token)
{
	uint64_t hash;
	size_t len = token.len < HASHED ? token.len : HASHED;
	_Static_assert(crypto_shorthash_BYTES == sizeof hash, "a hash is 64 bits");
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)token.ptr + token.len - len, len, memory->key);
	return hash ^ token.len;
}

/* ---- entries of one shard, under its lock ------------------------------------------------------------------------- */

static struct entry **bucket_of(struct shard *shard, uint64_t hash)
{
	return &shard->buckets[(hash / SHARDS) & shard->bucket_mask];
}

static void entry_free(struct entry *entry)
{
	wipe(entry, sizeof *entry + entry->size);
	free(entry);
}

static void ring_leave(struct shard *shard, struct entry *entry)
{
	*(entry->newer == NULL ? &shard->newest : &entry->newer->older) = entry->older;
	*(entry->older == NULL ? &shard->oldest : &entry->older->newer) = entry->newer;
}

static void ring_join(struct shard *shard, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = shard->newest;
	*(shard->newest == NULL ? &shard->oldest : &shard->newest->newer) = entry;
	shard->newest = entry;
}

static void entry_forget(struct shard *shard, struct entry *entry)
{
	struct entry **link = bucket_of(shard, entry->hash);
	while (*link != entry)
		link = &(*link)->next_in_bucket;
	*link = entry->next_in_bucket;
	ring_leave(shard, entry);
	shard->used -= sizeof *entry + entry->size;
	shard->count--;
	entry_free(entry);
}

static struct entry *entry_find(struct shard *shard, uint64_t hash, struct slice token)
{
	struct entry *entry = *bucket_of(shard, hash);
	while (entry != NULL && (entry->hash != hash || !slice_equal((struct slice) { entry->bytes, entry->token_len }, token)))
		entry = entry->next_in_bucket;
	return entry;
}

/* The oldest go, but who was asked for lately gets another turn. Each entry is passed over once at most. */
static void make_room(struct shard *shard, size_t size, size_t max)
{
	while (shard->oldest != NULL && shard->used + size > max) {
		struct entry *entry = shard->oldest;
		if (entry->asked_for) {
			entry->asked_for = false;
			ring_leave(shard, entry);
			ring_join(shard, entry);
		} else {
			entry_forget(shard, entry);
		}
	}
}

static void shards_free(struct token_memory *memory, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct shard *shard = &memory->shards[i];
		while (shard->oldest != NULL)
			entry_forget(shard, shard->oldest);
		free(shard->buckets);
		pthread_mutex_destroy(&shard->lock);
	}
}

void token_memory_free(struct token_memory *memory)
{
	if (memory == NULL)
		return;
	shards_free(memory, SHARDS);
	wipe(memory->key, sizeof memory->key);
	free(memory);
}

/* ---- texts -------------------------------------------------------------------------------------------------------- */

static void texts_of(struct token_facts *facts, struct slice *texts[TEXTS])
{
	struct slice *all[TEXTS] = { &facts->partition,     &facts->subject, &facts->client_id, &facts->scope,
		                     &facts->acting_client, &facts->jti,     &facts->gid };
	memcpy(texts, all, sizeof all);
}

/* Points the texts of facts from one copy of their bytes into another. */
static void texts_move(struct token_facts *facts, const char *from, const char *to)
{
	struct slice *texts[TEXTS];
	texts_of(facts, texts);
	for (size_t i = 0; i < TEXTS; i++)
		if (texts[i]->ptr != NULL)
			texts[i]->ptr = to + (texts[i]->ptr - from);
}

static struct entry *entry_new(struct slice token, const struct token_facts *facts)
{
	struct slice *texts[TEXTS];
	struct token_facts kept = *facts;
	size_t size = token.len;
	texts_of(&kept, texts);
	for (size_t i = 0; i < TEXTS; i++)
		size += texts[i]->ptr == NULL ? 0 : texts[i]->len + 1;
	struct entry *entry = size - token.len > LIMIT_TOKEN_FACTS_SIZE ? NULL : malloc(sizeof *entry + size);
	if (entry == NULL)
		return NULL;
	memcpy(entry->bytes, token.ptr, token.len);
	size_t at = token.len;
	for (size_t i = 0; i < TEXTS; i++) {
		if (texts[i]->ptr == NULL)
			continue;
		if (texts[i]->len > 0)
			memcpy(entry->bytes + at, texts[i]->ptr, texts[i]->len);
		entry->bytes[at + texts[i]->len] = '\0';
		texts[i]->ptr = entry->bytes + at;
		at += texts[i]->len + 1;
	}
	entry->facts = kept;
	entry->token_len = token.len;
	entry->size = size;
	entry->asked_for = false;
	return entry;
}

/* ---- the memory --------------------------------------------------------------------------------------------------- */

/* generation: the only one that is good, or it is forgotten; NULL: any. */
static bool find(struct token_memory *memory, struct slice token, const uint64_t *generation, int64_t now_s, char *buffer, struct token_facts *ret,
                 uint64_t *ret_generation)
{
	if (token.len == 0)
		return false;
	const uint64_t hash = token_hash(memory, token);
	struct shard *shard = &memory->shards[hash % SHARDS];
	pthread_mutex_lock(&shard->lock);
	struct entry *entry = entry_find(shard, hash, token);
	const bool other = entry != NULL && generation != NULL && entry->generation != *generation;
	if (entry != NULL && (other || entry->facts.expires_at <= now_s)) {
		entry_forget(shard, entry);
		entry = NULL;
	}
	if (entry != NULL) {
		entry->asked_for = true;
		memcpy(buffer, entry->bytes + entry->token_len, entry->size - entry->token_len);
		*ret = entry->facts;
		*ret_generation = entry->generation;
		texts_move(ret, entry->bytes + entry->token_len, buffer);
	}
	pthread_mutex_unlock(&shard->lock);
	return entry != NULL;
}

bool token_memory_find(struct token_memory *memory, struct slice token, uint64_t generation, int64_t now_s, char *buffer, struct token_facts *ret)
{
	uint64_t found;
	return find(memory, token, &generation, now_s, buffer, ret, &found);
}

bool token_memory_recall(struct token_memory *memory, struct slice token, int64_t now_s, char *buffer, struct token_facts *ret,
                         uint64_t *ret_generation)
{
	return find(memory, token, NULL, now_s, buffer, ret, ret_generation);
}

void token_memory_keep(struct token_memory *memory, struct slice token, uint64_t generation, const struct token_facts *facts)
{
	struct entry *entry = token.len == 0 ? NULL : entry_new(token, facts);
	if (entry == NULL)
		return;
	const size_t size = sizeof *entry + entry->size;
	entry->hash = token_hash(memory, token);
	entry->generation = generation;
	struct shard *shard = &memory->shards[entry->hash % SHARDS];
	pthread_mutex_lock(&shard->lock);
	struct entry *before = entry_find(shard, entry->hash, token);
	if (before != NULL)
		entry_forget(shard, before);
	make_room(shard, size, memory->shard_max);
	const bool fits = size <= memory->shard_max;
	if (fits) {
		struct entry **bucket = bucket_of(shard, entry->hash);
		entry->next_in_bucket = *bucket;
		*bucket = entry;
		ring_join(shard, entry);
		shard->used += size;
		shard->count++;
	}
	pthread_mutex_unlock(&shard->lock);
	if (!fits)
		entry_free(entry);
}

size_t token_memory_count(struct token_memory *memory)
{
	size_t count = 0;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&memory->shards[i].lock);
		count += memory->shards[i].count;
		pthread_mutex_unlock(&memory->shards[i].lock);
	}
	return count;
}
