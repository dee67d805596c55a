/* The apply document back out of a store (contract.md §9): streamed, one object in memory at a time. */
#ifndef WRIT_DIRECTORY_EXPORT_H
#define WRIT_DIRECTORY_EXPORT_H

#include "store/store.h"

#include <stdio.h>

struct export_options {
	const struct partition_id *partition; /* NULL: all */
	bool hashes;                          /* carry the hashes of passwords and secrets */
	bool json;                            /* JSON instead of YAML */
	FILE *out;
};

/* One consistent snapshot. RESULT_NOT_FOUND: no such partition; RESULT_FAILED: out cannot be written. Applying the
 * result to an empty store (hashes set) and exporting again gives the same bytes. */
MUST_CHECK enum result directory_export(struct store *, const struct export_options *, struct problem *);

#endif
