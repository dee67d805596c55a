#include "gateway/catalogues.h"

#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

/* A catalogue that is being read: one at a time of a partition. */
struct loading {
	struct loading *next;
	struct slice partition;
	bool outdated; /* something changed since it began */
};

struct catalogues {
	struct directory *directory;
	struct cache *cache;
	struct directory_listener listener;
	pthread_mutex_t lock;
	struct loading *loadings;
};

static void changed(void *context, const struct store_change *change)
{
	struct catalogues *catalogues = context;
	if (change->kind != CHANGE_API && change->kind != CHANGE_PARTITION)
		return;
	/* before the cache: what is kept behind this is dropped there */
	pthread_mutex_lock(&catalogues->lock);
	for (struct loading *loading = catalogues->loadings; loading != NULL; loading = loading->next)
		loading->outdated = loading->outdated || change->partition.len == 0 || slice_equal(loading->partition, change->partition);
	pthread_mutex_unlock(&catalogues->lock);
	if (change->partition.len == 0)
		cache_drop_all(catalogues->cache);
	else
		cache_drop_partition(catalogues->cache, change->partition);
}

struct catalogues *catalogues_new(struct directory *directory)
{
	struct catalogues *catalogues = calloc(1, sizeof *catalogues);
	if (catalogues == NULL)
		return NULL;
	catalogues->directory = directory;
	catalogues->cache = cache_new_weighed(LIMIT_CACHED_CATALOGUES, LIMIT_CACHED_OPERATIONS);
	if (catalogues->cache == NULL) {
		free(catalogues);
		return NULL;
	}
	pthread_mutex_init(&catalogues->lock, NULL);
	catalogues->listener = (struct directory_listener) { changed, catalogues };
	directory_listen(directory, &catalogues->listener);
	return catalogues;
}

void catalogues_free(struct catalogues *catalogues)
{
	if (catalogues == NULL)
		return;
	cache_free(catalogues->cache);
	pthread_mutex_destroy(&catalogues->lock);
	free(catalogues);
}

void catalogue_release(const struct held_catalogue *held)
{
	cached_release((struct cached *)held);
}

static void held_free(struct cached *cached)
{
	struct held_catalogue *held = (struct held_catalogue *)cached;
	catalogue_free(held->operations);
	free(held);
}

const struct held_catalogue *catalogues_find(struct catalogues *catalogues, const struct partition_id *partition)
{
	return (const struct held_catalogue *)cache_get(catalogues->cache, partition, (struct slice) { NULL, 0 });
}

struct compiling {
	const struct partition_id *partition;
	struct catalogue *operations;
};

/* An operation that could never be found stays closed, and the others open. The store keeps two of one shape apart. */
static enum result add_api(void *context, const struct api *api)
{
	const struct compiling *compiling = context;
	enum result result = RESULT_OK;
	for (size_t i = 0; i < api->operation_count && result == RESULT_OK; i++) {
		result = catalogue_add(compiling->operations, api->name, &api->operations[i]);
		if (result != RESULT_INVALID)
			continue;
		LOG_LINE(LOG_WARNING, "an operation of an API has too long a path and stays closed",
		         { "partition", partition_id_slice(compiling->partition) },
		         { "api", api->name }, { "method", api->operations[i].method }, { "path", api->operations[i].path });
		result = RESULT_OK;
	}
	return result;
}

static enum result compile(struct catalogues *catalogues, const struct partition_id *partition, struct catalogue *operations)
{
	struct compiling compiling = { partition, operations };
	enum result result = store_apis_each(directory_store(catalogues->directory), partition, add_api, &compiling);
	if (result == RESULT_OK)
		result = catalogue_compile(operations);
	if (result == RESULT_OK)
		return RESULT_OK;
	LOG_LINE(LOG_ERROR, "the APIs of a partition cannot be read: calls to them are refused", { "partition", partition_id_slice(partition) },
	         { "problem", slice_from(result_text(result)) });
	return RESULT_STORE_DOWN;
}

/* False: somebody is at it. */
static bool loading_begin(struct catalogues *catalogues, struct loading *loading)
{
	bool first = true;
	pthread_mutex_lock(&catalogues->lock);
	for (const struct loading *other = catalogues->loadings; other != NULL && first; other = other->next)
		first = !slice_equal(other->partition, loading->partition);
	if (first) {
		loading->next = catalogues->loadings;
		catalogues->loadings = loading;
	}
	pthread_mutex_unlock(&catalogues->lock);
	return first;
}

/* held: what came of it, to be kept; NULL: nothing. */
static void loading_end(struct catalogues *catalogues, struct loading *loading, const struct partition_id *partition, struct held_catalogue *held)
{
	pthread_mutex_lock(&catalogues->lock);
	struct loading **link = &catalogues->loadings;
	while (*link != loading)
		link = &(*link)->next;
	*link = loading->next;
	if (held != NULL && !loading->outdated)
		cache_put(catalogues->cache, partition, (struct slice) { NULL, 0 }, &held->cached, cache_generation(catalogues->cache));
	pthread_mutex_unlock(&catalogues->lock);
}

/* NULL: it cannot be had. */
static struct held_catalogue *load(struct catalogues *catalogues, const struct partition_id *partition)
{
	struct held_catalogue *held = calloc(1, sizeof *held);
	if (held == NULL)
		return NULL;
	atomic_init(&held->cached.references, 1);
	held->cached.free = held_free;
	held->operations = catalogue_new();
	if (held->operations == NULL || compile(catalogues, partition, held->operations) != RESULT_OK) {
		held_free(&held->cached);
		return NULL;
	}
	held->cached.weight = catalogue_count(held->operations) + 1;
	return held;
}

enum result catalogues_load(struct catalogues *catalogues, const struct partition_id *partition, const struct held_catalogue **ret)
{
	struct loading loading = { .partition = partition_id_slice(partition) };
	if (!loading_begin(catalogues, &loading))
		return RESULT_BUSY;
	const struct held_catalogue *present = catalogues_find(catalogues, partition);
	struct held_catalogue *loaded = present == NULL ? load(catalogues, partition) : NULL;
	loading_end(catalogues, &loading, partition, loaded);
	*ret = present != NULL ? present : loaded;
	return *ret == NULL ? RESULT_STORE_DOWN : RESULT_OK;
}
