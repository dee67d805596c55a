#include "directory/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	struct cached *object;
	bool asked_for; /* since eviction last passed by: second chance */
	unsigned char partition_len;
	size_t key_len;
	char key[]; /* partition, NUL, id */
};

#define KEY_MAX (LIMIT_PARTITION_ID + 1 + LIMIT_ID)

struct cache {
	pthread_mutex_t lock;
	struct entry *entries;
	size_t entries_max;
	size_t weight, weight_max;
	uint64_t generation;
};

struct cache *cache_new_weighed(size_t entries_max, size_t weight_max)
{
	struct cache *cache = calloc(1, sizeof *cache);
	if (cache == NULL)
		return NULL;
	pthread_mutex_init(&cache->lock, NULL);
	cache->entries_max = entries_max;
	cache->weight_max = weight_max;
	return cache;
}

struct cache *cache_new(size_t entries_max)
{
	return cache_new_weighed(entries_max, SIZE_MAX);
}

void cached_release(struct cached *object)
{
	if (object != NULL && atomic_fetch_sub(&object->references, 1) == 1)
		object->free(object);
}

static void remove_entry(struct cache *cache, struct entry *entry)
{
	HASH_DEL(cache->entries, entry);
	cache->weight -= entry->object->weight;
	cached_release(entry->object);
	free(entry);
}

void cache_drop_all(struct cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	cache->generation++;
	struct entry *entry;
	struct entry *next;
	HASH_ITER(hh, cache->entries, entry, next)
		remove_entry(cache, entry);
	pthread_mutex_unlock(&cache->lock);
}

void cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	cache_drop_all(cache);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

uint64_t cache_generation(struct cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	uint64_t generation = cache->generation;
	pthread_mutex_unlock(&cache->lock);
	return generation;
}

static size_t make_key(char key[KEY_MAX], struct slice partition, struct slice id)
{
	if (partition.len > LIMIT_PARTITION_ID || id.len > LIMIT_ID)
		return 0;
	memcpy(key, partition.ptr, partition.len);
	key[partition.len] = '\0';
	if (id.len > 0)
		memcpy(key + partition.len + 1, id.ptr, id.len);
	return partition.len + 1 + id.len;
}

struct cached *cache_get(struct cache *cache, const struct partition_id *partition, struct slice id)
{
	char key[KEY_MAX];
	size_t len = make_key(key, partition_id_slice(partition), id);
	if (len == 0)
		return NULL;
	struct cached *object = NULL;
	struct entry *entry;
	pthread_mutex_lock(&cache->lock);
	HASH_FIND(hh, cache->entries, key, len, entry);
	if (entry != NULL) {
		entry->asked_for = true;
		object = entry->object;
		atomic_fetch_add(&object->references, 1);
	}
	pthread_mutex_unlock(&cache->lock);
	return object;
}

/* The oldest entry that nobody asked for since the last pass goes; the others move to the end once. */
static void make_room(struct cache *cache, size_t weight)
{
	const size_t room = cache->weight_max - weight;
	while (cache->entries != NULL && (HASH_COUNT(cache->entries) >= cache->entries_max || cache->weight > room)) {
		struct entry *oldest = cache->entries;
		if (!oldest->asked_for) {
			remove_entry(cache, oldest);
			continue;
		}
		oldest->asked_for = false;
		HASH_DEL(cache->entries, oldest);
		HASH_ADD_KEYPTR(hh, cache->entries, oldest->key, oldest->key_len, oldest);
	}
}

void cache_put(struct cache *cache, const struct partition_id *partition, struct slice id, struct cached *object, uint64_t generation)
{
	char key[KEY_MAX];
	size_t len = make_key(key, partition_id_slice(partition), id);
	struct entry *entry = len == 0 || object->weight > cache->weight_max ? NULL : malloc(sizeof *entry + len);
	if (entry == NULL)
		return;
	*entry = (struct entry) { .object = object, .key_len = len, .partition_len = partition->len };
	memcpy(entry->key, key, len);
	pthread_mutex_lock(&cache->lock);
	struct entry *present;
	HASH_FIND(hh, cache->entries, key, len, present);
	if (present != NULL || generation != cache->generation) {
		free(entry);
	} else {
		make_room(cache, object->weight);
		cache->weight += object->weight;
		atomic_fetch_add(&object->references, 1);
		HASH_ADD_KEYPTR(hh, cache->entries, entry->key, len, entry);
	}
	pthread_mutex_unlock(&cache->lock);
}

void cache_drop(struct cache *cache, struct slice partition, struct slice id)
{
	char key[KEY_MAX];
	size_t len = make_key(key, partition, id);
	struct entry *entry = NULL;
	pthread_mutex_lock(&cache->lock);
	cache->generation++;
	if (len > 0)
		HASH_FIND(hh, cache->entries, key, len, entry);
	if (entry != NULL)
		remove_entry(cache, entry);
	pthread_mutex_unlock(&cache->lock);
}

void cache_drop_partition(struct cache *cache, struct slice partition)
{
	pthread_mutex_lock(&cache->lock);
	cache->generation++;
	struct entry *entry;
	struct entry *next;
	HASH_ITER(hh, cache->entries, entry, next) {
		if (slice_equal((struct slice) { entry->key, entry->partition_len }, partition))
			remove_entry(cache, entry);
	}
	pthread_mutex_unlock(&cache->lock);
}
