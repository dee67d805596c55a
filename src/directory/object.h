/* An object of the directory, of any kind (enum object_kind). */
#ifndef WRIT_DIRECTORY_OBJECT_H
#define WRIT_DIRECTORY_OBJECT_H

#include "store/store.h"

union directory_object {
	struct partition partition;
	struct department department;
	struct permission permission;
	struct person person;
	struct client_application application;
	struct identity_provider provider;
	struct api api; /* without its operations */
};

/* As it is now, in the arena. key: the id, or the name where there is none; of a partition its own id.
 * RESULT_NOT_FOUND, RESULT_STORE_DOWN, RESULT_NO_MEMORY. */
MUST_CHECK enum result directory_object_read(struct store *, const struct partition_id *, enum object_kind, struct slice key, struct arena *,
                                             union directory_object *ret);
/* object: one of the kind, in the union or not. */
int64_t directory_object_version(enum object_kind, const void *object);

#endif
