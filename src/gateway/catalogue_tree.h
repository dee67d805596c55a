/* The tree inside a catalogue: paths, segment by segment. For the files catalogue*.c only.
 *
 * A shape is a path with the names of its variables and its first "/" left out, and SHAPE_SEPARATOR for the others: "/a/{id}" is "a", "{}". Since
 * no byte of a path is less than that, shapes in the order of their bytes are in the order of the tree. */
#ifndef WRIT_GATEWAY_CATALOGUE_TREE_H
#define WRIT_GATEWAY_CATALOGUE_TREE_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

#define SHAPE_SEPARATOR '\1'
#define SHAPE_VARIABLE "{}"

/* Operations that have one shape stand beside each other, in the order of their method's bit. */
struct tree_leaf {
	struct slice shape; /* lives as long as the tree */
	uint32_t methods;   /* a bit each */
	uint32_t first;     /* index of the first operation */
};

struct tree;

/* leaves   sorted by shape, each shape once. RESULT_NO_MEMORY. */
MUST_CHECK enum result tree_build(const struct tree_leaf *, size_t count, struct tree **ret);
void tree_free(struct tree *); /* NULL is fine */

/* What stands where a path ends: the bits of its methods and its first operation. False: nothing. without_parameters: segments
 * are read as far as their first ';'. */
bool tree_find(const struct tree *, struct slice path, bool without_parameters, uint32_t *ret_methods, uint32_t *ret_first);

#endif
