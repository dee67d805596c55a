/* The address of a request: which operation, of which partition, on what. */
#ifndef WRIT_ADMIN_ADDRESS_H
#define WRIT_ADMIN_ADDRESS_H

#include "admin/admin_call.h"

struct admin_address {
	size_t count;
	struct slice segments[LIMIT_PATH_SEGMENTS]; /* behind /admin/v1, decoded */
	struct slice shape;   /* for catalogue_find: what cannot stand in a normalised path is another character there */
	bool names_partition; /* after admin_address_keys */
	struct slice partition;
};

/* Cuts the path at its slashes and decodes each segment, once: a name may contain any character, a slash (%2F) too.
 * RESULT_NOT_FOUND: no address of the Admin API, or an empty segment; RESULT_INVALID: a segment that cannot be decoded, or is not clean UTF-8. */
MUST_CHECK enum result admin_address_read(struct admin_call *, struct admin_address *ret);

/* Takes what stands for {…} in the operation's path: the partition, and call->keys. */
void admin_address_keys(struct admin_address *, const struct api_operation *, struct admin_call *);

/* "GET, HEAD, POST": the methods that operations of this shape have; empty: none. */
struct slice admin_address_methods(const struct admin *, struct arena *, struct slice shape);

#endif
