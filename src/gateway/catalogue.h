/* The operations of all APIs of one partition as a compiled tree: which one is a call?
 *
 * Immutable once compiled, so any thread may ask at once; no allocation, no lock. The cost of a call grows with the
 * segments of its path, not with the number of operations. Uses base/ and store/model.h only: libwrit carries it. */
#ifndef WRIT_GATEWAY_CATALOGUE_H
#define WRIT_GATEWAY_CATALOGUE_H

#include "base/arena.h"
#include "store/model.h"

struct catalogue;

/* The order of segments below one node: a literal one, then those with literal parts around {…} ("{id}.json"; the longer literal
 * first), then {…} alone. A concrete path wins over a templated one whatever the method: a path that is listed concretely is
 * closed for the methods that it does not list. Where a branch leads nowhere, the next is tried, at most
 * LIMIT_CATALOGUE_TRIES nodes in all (then: not found, which is closed). {…} stands for one character or more of one segment. */

/* Operations are added one by one, then compiled. All text is copied. */
MUST_CHECK struct catalogue *catalogue_new(void);
/* operation   its path as path_normalise_template gives it.
 * RESULT_INVALID: no method, a path without "/" in front or with braces that do not match, or more than LIMIT_CATALOGUE_SEGMENTS segments or
 * LIMIT_CATALOGUE_METHODS different methods. RESULT_TOO_LARGE: LIMIT_CATALOGUE_SIZE. Nothing is added then. */
MUST_CHECK enum result catalogue_add(struct catalogue *, struct slice api, const struct api_operation *);
/* Once, behind the last operation. RESULT_CONFLICT: two have the same method and shape of the path ({…} whatever its name), of whichever API;
 * RESULT_NO_MEMORY. Whatever is not RESULT_OK leaves a catalogue that is good for nothing but being freed. */
MUST_CHECK enum result catalogue_compile(struct catalogue *);
void catalogue_free(struct catalogue *); /* NULL is fine */

/* An operation as it is called; lives as long as the catalogue. */
struct catalogue_operation {
	struct slice api;
	struct api_operation operation;
};

/* method   as it came, upper case as HTTP has it; HEAD is GET unless it is listed itself.
 * path     normalised by path_normalise. A path with a ';' in a segment is only found where it is the same operation with and without what
 *          stands behind it, for servers differ in whether they see it (RFC 3986 §3.3).
 * NULL: no such operation. */
const struct catalogue_operation *catalogue_find(const struct catalogue *, struct slice method, struct slice path);

size_t catalogue_count(const struct catalogue *);
/* In the order of the paths' segments, then of methods; index < catalogue_count. */
const struct catalogue_operation *catalogue_at(const struct catalogue *, size_t index);

#endif
