/* A bounded map from a key to an immutable, reference-counted object. Any thread.
 *
 * What is found is held until cached_release; dropping an entry from the cache never pulls it from under a reader.
 * Filling is safe against changes that happen meanwhile: the filler takes cache_generation before it reads the store,
 * and an object read before a drop is handed to its reader but not kept. When full, entries that were not asked for
 * lately go first. */
#ifndef WRIT_DIRECTORY_CACHE_H
#define WRIT_DIRECTORY_CACHE_H

#include "base/result.h"
#include "store/model.h"

#include <stdatomic.h>
#include <stdint.h>

struct cache;

/* The first member of everything that is cached. */
struct cached {
	atomic_int references;
	void (*free)(struct cached *);
	size_t weight; /* what it counts for in a cache that is weighed; set before it is put, and left alone */
};

MUST_CHECK struct cache *cache_new(size_t entries_max);
/* The same, bounded also by the weight of all of them; one that is heavier by itself is not kept, and moves nobody. */
MUST_CHECK struct cache *cache_new_weighed(size_t entries_max, size_t weight_max);
void cache_free(struct cache *); /* NULL is fine */

uint64_t cache_generation(struct cache *);

/* The object, held for the caller; NULL when it is not here. */
MUST_CHECK struct cached *cache_get(struct cache *, const struct partition_id *, struct slice id);

/* Keeps the object (whose one reference is the caller's) unless something was dropped since generation. The caller's
 * reference stays the caller's. */
void cache_put(struct cache *, const struct partition_id *, struct slice id, struct cached *, uint64_t generation);

void cache_drop(struct cache *, struct slice partition, struct slice id);
void cache_drop_partition(struct cache *, struct slice partition);
void cache_drop_all(struct cache *);

void cached_release(struct cached *);

#endif
