#include "directory/directory.h"

#include "base/clock.h"
#include "directory/console_application.h"
#include "directory/rules.h"

#include <stdlib.h>

/* Published-until dates pass without a change row: a tenant is read anew this often. */
#define TENANT_FRESH_S 300
#define TENANT_ARENA_MAX (16 * 1024 * 1024)
/* With its headers just below 1 KiB, which the C library keeps at hand for the thread: reused hot, never searched for. */
#define APPLICATION_ARENA_FIRST 960
#define APPLICATION_ARENA_MAX (4 * 1024 * 1024)
#define GENERATIONS 256 /* a power of two */

struct directory {
	struct store *store;
	struct master_key master_key;
	struct cache *tenants;
	struct cache *applications;
	struct application *console; /* NULL: there is none */
	_Atomic uint64_t generations[GENERATIONS]; /* each of the partitions that share a place */
	const struct directory_listener *_Atomic listener; /* NULL: nobody */
};

static void drop(struct directory *directory, const struct store_change *change)
{
	if (change->partition.len == 0) {
		directory_forget(directory);
		return;
	}
	switch (change->kind) {
	case CHANGE_PARTITION:
		cache_drop_partition(directory->tenants, change->partition);
		cache_drop_partition(directory->applications, change->partition);
		break;
	case CHANGE_PERMISSION:
	case CHANGE_KEY:
		cache_drop_partition(directory->tenants, change->partition);
		break;
	case CHANGE_APPLICATION:
		if (change->id.len == 0)
			cache_drop_partition(directory->applications, change->partition);
		else
			cache_drop(directory->applications, change->partition, change->id);
		break;
	case CHANGE_PERSON:
	case CHANGE_REVOCATION:
	case CHANGE_API:
		break;
	}
}

static _Atomic uint64_t *generation_of(struct directory *directory, struct slice partition)
{
	uint32_t hash = UINT32_C(0x811c9dc5);
	for (size_t i = 0; i < partition.len; i++)
		hash = (hash ^ (unsigned char)partition.ptr[i]) * UINT32_C(0x01000193);
	return &directory->generations[(hash ^ hash >> 16) % GENERATIONS];
}

/* No partition: it may have been any. */
static void generation_move(struct directory *directory, const struct store_change *change)
{
	if (change->kind == CHANGE_REVOCATION || change->kind == CHANGE_API)
		return;
	if (change->partition.len > 0)
		atomic_fetch_add(generation_of(directory, change->partition), 1);
	for (size_t i = 0; i < GENERATIONS && change->partition.len == 0; i++)
		atomic_fetch_add(&directory->generations[i], 1);
}

/* What was read before the caches were dropped belongs to the generation before. */
static void changed(void *context, const struct store_change *change)
{
	struct directory *directory = context;
	const struct directory_listener *listener = atomic_load(&directory->listener);
	drop(directory, change);
	generation_move(directory, change);
	if (listener != NULL)
		listener->changed(listener->context, change);
}

enum result directory_new(struct store *store, const struct master_key *master_key, struct directory **ret, struct problem *problem)
{
	struct directory *directory = calloc(1, sizeof *directory);
	if (directory == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the directory");
	directory->store = store;
	directory->master_key = *master_key;
	directory->tenants = cache_new(LIMIT_CACHED_PARTITIONS);
	directory->applications = cache_new(LIMIT_CACHED_APPLICATIONS);
	if (directory->tenants == NULL || directory->applications == NULL) {
		directory_free(directory);
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the directory");
	}
	enum result result = store_watch(store, changed, directory);
	if (result != RESULT_OK) {
		directory_free(directory);
		return problem_set(problem, result, "the store's change feed cannot be followed: %s", result_text(result));
	}
	*ret = directory;
	return RESULT_OK;
}

void directory_free(struct directory *directory)
{
	if (directory == NULL)
		return;
	cache_free(directory->tenants);
	cache_free(directory->applications);
	if (directory->console != NULL)
		application_release(directory->console);
	master_key_wipe(&directory->master_key);
	free(directory);
}

enum result directory_console_at(struct directory *directory, struct slice auth_url)
{
	directory->console = console_application_new(auth_url);
	return directory->console != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

struct store *directory_store(struct directory *directory)
{
	return directory->store;
}

uint64_t directory_generation(struct directory *directory, const struct partition_id *partition)
{
	return atomic_load(generation_of(directory, partition_id_slice(partition)));
}

void directory_listen(struct directory *directory, const struct directory_listener *listener)
{
	atomic_store(&directory->listener, listener);
}

void directory_forget(struct directory *directory)
{
	cache_drop_all(directory->tenants);
	cache_drop_all(directory->applications);
}

/* ---- tenants ---------------------------------------------------------------------------------------------------- */

static void tenant_free(struct cached *cached)
{
	struct tenant *tenant = (struct tenant *)cached;
	key_ring_free(tenant->keys);
	arena_free(tenant->arena);
	free(tenant);
}

void tenant_release(const struct tenant *tenant)
{
	cached_release((struct cached *)tenant);
}

struct permission_list {
	struct tenant *tenant;
	size_t capacity;
};

static enum result keep_permission(void *context, const struct permission *permission)
{
	struct permission_list *list = context;
	struct tenant *tenant = list->tenant;
	if (tenant->permission_count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 32 : list->capacity * 2;
		struct permission *grown = arena_array(tenant->arena, capacity, sizeof *grown);
		if (grown == NULL)
			return RESULT_NO_MEMORY;
		if (tenant->permission_count > 0)
			memcpy(grown, tenant->permissions, tenant->permission_count * sizeof *grown);
		tenant->permissions = grown;
		list->capacity = capacity;
	}
	struct permission *kept = &tenant->permissions[tenant->permission_count];
	*kept = *permission;
	kept->name = arena_copy(tenant->arena, permission->name);
	kept->description = arena_copy(tenant->arena, permission->description);
	tenant->permission_count++;
	return arena_exhausted(tenant->arena) ? RESULT_NO_MEMORY : RESULT_OK;
}

static int compare_slices(struct slice a, struct slice b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_permissions(const void *a, const void *b)
{
	return compare_slices(((const struct permission *)a)->name, ((const struct permission *)b)->name);
}

static enum result tenant_load(struct directory *directory, const struct partition_id *partition, struct tenant **ret)
{
	struct tenant *tenant = calloc(1, sizeof *tenant);
	if (tenant == NULL)
		return RESULT_STORE_DOWN;
	atomic_init(&tenant->cached.references, 1);
	tenant->cached.free = tenant_free;
	tenant->loaded_s = clock_s();
	tenant->arena = arena_new(2048, TENANT_ARENA_MAX);
	struct permission_list list = { .tenant = tenant };
	enum result result = tenant->arena == NULL ? RESULT_STORE_DOWN
	                                           : store_partition_read(directory->store, partition, tenant->arena, &tenant->partition);
	if (result == RESULT_OK)
		result = store_permissions_each(directory->store, partition, keep_permission, &list);
	if (result == RESULT_OK) {
		if (tenant->permission_count > 1)
			qsort(tenant->permissions, tenant->permission_count, sizeof *tenant->permissions, compare_permissions);
		/* a partition without usable keys is closed, not missing */
		result = key_ring_load(directory->store, &directory->master_key, partition, &tenant->keys);
		if (result != RESULT_OK)
			result = RESULT_STORE_DOWN;
	}
	if (result != RESULT_OK) {
		tenant_free(&tenant->cached);
		return result == RESULT_NOT_FOUND ? RESULT_NOT_FOUND : RESULT_STORE_DOWN;
	}
	*ret = tenant;
	return RESULT_OK;
}

enum result directory_tenant(struct directory *directory, const struct partition_id *partition, const struct tenant **ret)
{
	const struct slice whole = { NULL, 0 };
	if (store_watch_catch_up(directory->store) != RESULT_OK)
		return RESULT_STORE_DOWN;
	struct tenant *tenant = (struct tenant *)cache_get(directory->tenants, partition, whole);
	if (tenant != NULL && clock_s() - tenant->loaded_s > TENANT_FRESH_S) {
		cache_drop(directory->tenants, partition_id_slice(partition), whole);
		tenant_release(tenant);
		tenant = NULL;
	}
	if (tenant == NULL) {
		uint64_t generation = cache_generation(directory->tenants);
		enum result result = tenant_load(directory, partition, &tenant);
		if (result != RESULT_OK)
			return result;
		cache_put(directory->tenants, partition, whole, &tenant->cached, generation);
	}
	*ret = tenant;
	return RESULT_OK;
}

static const struct permission *find_permission(const struct tenant *tenant, struct slice name)
{
	const struct permission wanted = { .name = name };
	return tenant->permission_count == 0 ? NULL
	        : bsearch(&wanted, tenant->permissions, tenant->permission_count, sizeof wanted, compare_permissions);
}

struct slice tenant_permission_description(const struct tenant *tenant, struct slice name)
{
	const struct permission *found = find_permission(tenant, name);
	return found == NULL ? (struct slice) { NULL, 0 } : found->description;
}

bool tenant_permission_kind(const struct tenant *tenant, struct slice name, enum permission_kind *ret)
{
	if (permission_is_reserved(name)) {
		*ret = permission_kind_of_name(name);
		return true;
	}
	const struct permission *found = find_permission(tenant, name);
	if (found == NULL)
		return false;
	*ret = found->kind;
	return true;
}

/* ---- client applications ---------------------------------------------------------------------------------------- */

static void application_free(struct cached *cached)
{
	struct application *application = (struct application *)cached;
	struct arena *arena = application->arena; /* which holds the application itself */
	arena_free(arena);
}

void application_release(const struct application *application)
{
	cached_release((struct cached *)application);
}

static enum result split_permissions(struct application *application)
{
	struct slice rest = application->registered.permissions;
	size_t spaces = 0;
	for (size_t i = 0; i < rest.len; i++)
		spaces += rest.ptr[i] == ' ';
	application->permissions = arena_array(application->arena, spaces + 1, sizeof(struct slice));
	if (application->permissions == NULL)
		return RESULT_STORE_DOWN;
	while (slice_word(&rest, &application->permissions[application->permission_count]))
		application->permission_count++;
	return RESULT_OK;
}

static enum result application_load(struct directory *directory, const struct partition_id *partition, struct slice client_id,
                                    struct application **ret)
{
	struct arena *arena = arena_new(APPLICATION_ARENA_FIRST, APPLICATION_ARENA_MAX);
	struct application *application = arena == NULL ? NULL : arena_alloc(arena, sizeof *application);
	if (application == NULL) {
		arena_free(arena);
		return RESULT_STORE_DOWN;
	}
	atomic_init(&application->cached.references, 1);
	application->cached.free = application_free;
	application->arena = arena;
	enum result result = store_client_application_read(directory->store, partition, client_id, arena, &application->registered);
	if (result == RESULT_OK)
		result = split_permissions(application);
	if (result == RESULT_OK) {
		application->use_noted_s = arena_array(arena, application->registered.secret_count + 1, sizeof *application->use_noted_s);
		result = application->use_noted_s == NULL ? RESULT_STORE_DOWN : RESULT_OK;
	}
	if (result != RESULT_OK) {
		arena_free(arena);
		return result == RESULT_NOT_FOUND ? RESULT_NOT_FOUND : RESULT_STORE_DOWN;
	}
	*ret = application;
	return RESULT_OK;
}

enum result directory_application(struct directory *directory, const struct partition_id *partition, struct slice client_id,
                                  const struct application **ret)
{
	if (client_id.len == 0 || client_id.len > LIMIT_ID)
		return RESULT_NOT_FOUND;
	if (directory->console != NULL && console_application_is(client_id)) {
		atomic_fetch_add(&directory->console->cached.references, 1);
		*ret = directory->console;
		return RESULT_OK;
	}
	struct application *application = (struct application *)cache_get(directory->applications, partition, client_id);
	if (application == NULL) {
		uint64_t generation = cache_generation(directory->applications);
		enum result result = application_load(directory, partition, client_id, &application);
		if (result != RESULT_OK)
			return result;
		cache_put(directory->applications, partition, client_id, &application->cached, generation);
	}
	*ret = application;
	return RESULT_OK;
}

bool application_has_permission(const struct application *application, struct slice name)
{
	for (size_t i = 0; i < application->permission_count; i++)
		if (slice_equal(application->permissions[i], name))
			return true;
	return false;
}
