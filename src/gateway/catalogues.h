/* The compiled catalogue of each partition, held in memory and dropped as soon as one of its APIs changes, or the partition
 * itself: its settings, departments, identity providers (CHANGE_PARTITION).
 *
 * A partition without APIs has a catalogue that lists nothing, so all is closed. Bounded by LIMIT_CACHED_CATALOGUES and
 * LIMIT_CACHED_OPERATIONS: those that were not asked for lately go first. Apply lets no partition have more than a fourth of it. */
#ifndef WRIT_GATEWAY_CATALOGUES_H
#define WRIT_GATEWAY_CATALOGUES_H

#include "directory/directory.h"
#include "gateway/catalogue.h"

struct catalogues;

/* Held by whoever got it until catalogue_release. */
struct held_catalogue {
	struct cached cached;
	struct catalogue *operations;
};

/* Listens to the directory (directory_listen). NULL: no memory. */
MUST_CHECK struct catalogues *catalogues_new(struct directory *);
void catalogues_free(struct catalogues *); /* NULL is fine; after the store was closed */

/* The catalogue if it is in memory; NULL: catalogues_load has to read it. Does not block. */
MUST_CHECK const struct held_catalogue *catalogues_find(struct catalogues *, const struct partition_id *);

/* Reads it from the store and compiles it, unless it is there by now. Blocks: a long one for a second. RESULT_STORE_DOWN: it cannot be
 * had. RESULT_BUSY, at once: another thread is reading it; ask again when that has ended. */
MUST_CHECK enum result catalogues_load(struct catalogues *, const struct partition_id *, const struct held_catalogue **ret);

void catalogue_release(const struct held_catalogue *);

#endif
