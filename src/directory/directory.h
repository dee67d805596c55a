/* The directory as requests see it: bounded caches over the store, kept current by its change feed.
 *
 * Tenants (a partition, its permission catalogue, its opened keys) and client applications are read through; both are
 * immutable and held by the caller until released. People are not cached: the store answers for them. Reads are local
 * and may run on event threads. */
#ifndef WRIT_DIRECTORY_DIRECTORY_H
#define WRIT_DIRECTORY_DIRECTORY_H

#include "directory/cache.h"
#include "jose/key_ring.h"
#include "store/store.h"

struct directory;

struct tenant {
	struct cached cached;
	struct arena *arena;
	struct partition partition;
	struct permission *permissions; /* sorted by name; the reserved ones are not listed */
	size_t permission_count;
	struct key_ring *keys;
	int64_t loaded_s;
};

struct application {
	struct cached cached;
	struct arena *arena;
	struct client_application registered;
	struct slice *permissions; /* registered.permissions, split */
	size_t permission_count;
	_Atomic int64_t *use_noted_s; /* when a use of each secret was last noted; the one thing that changes */
};

/* The store must outlive it; master key bytes are copied. Installs itself as the store's watcher. */
MUST_CHECK enum result directory_new(struct store *, const struct master_key *, struct directory **ret, struct problem *);
void directory_free(struct directory *); /* NULL is fine; after the store was closed */

/* From here on the Administration Console at auth_url is a client application of every partition (directory/console_application.h).
 * Before requests run. RESULT_NO_MEMORY. */
MUST_CHECK enum result directory_console_at(struct directory *, struct slice auth_url);

struct store *directory_store(struct directory *);

/* RESULT_NOT_FOUND: no such partition; RESULT_STORE_DOWN: the store, or the partition's keys, cannot be used. */
MUST_CHECK enum result directory_tenant(struct directory *, const struct partition_id *, const struct tenant **ret);
void tenant_release(const struct tenant *);

/* RESULT_NOT_FOUND, RESULT_STORE_DOWN. A disabled application is found. */
MUST_CHECK enum result directory_application(struct directory *, const struct partition_id *, struct slice client_id,
                                             const struct application **ret);
void application_release(const struct application *);

/* The kind of a permission in this partition: the catalogue's, or the reserved ones' own. False: there is none such. */
bool tenant_permission_kind(const struct tenant *, struct slice name, enum permission_kind *ret);
/* What the administrator says of it, for people; empty: nothing. Lives as long as the tenant. */
struct slice tenant_permission_description(const struct tenant *, struct slice name);
bool application_has_permission(const struct application *, struct slice name);

/* Moves with every change of the partition, its permissions, people, client applications or keys, after what is cached here was
 * dropped for it: what was found out after it was read, and while it stood still, holds. Revocations do not move it
 * (store_is_revoked answers for them), nor do APIs. Those of other partitions move it seldom, and need not move it. */
uint64_t directory_generation(struct directory *, const struct partition_id *);

/* Somebody else who keeps what comes of the store: told of each change after the caches here, on the store's watcher, which it
 * must not hold up. One, for as long as requests run; the listener must outlive the store. */
struct directory_listener {
	store_changed *changed;
	void *context;
};
void directory_listen(struct directory *, const struct directory_listener *);

/* Forgets everything cached: what was missed cannot be told apart from what was not. */
void directory_forget(struct directory *);

#endif
