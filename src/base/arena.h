/* One arena per request (or per cached object): memory that is given back all at once.
 *
 * An arena grows in blocks up to a bound that is set when it is made. Exhaustion is sticky: from the first
 * refused allocation on, every further one is refused too and arena_exhausted() stays true until the reset,
 * so a caller may check once at the end. Not thread-safe: one thread uses an arena at a time. */
#ifndef WRIT_BASE_ARENA_H
#define WRIT_BASE_ARENA_H

#include "base/result.h"
#include "base/slice.h"

struct arena;

/* first   bytes of the block that stays across resets.
 * max     bytes that may be handed out between two resets.
 * Returns NULL when memory is out. Free with arena_free. */
MUST_CHECK struct arena *arena_new(size_t first, size_t max);

/* Wipes all that was handed out, gives back all blocks but the first, clears exhaustion. */
void arena_reset(struct arena *);

/* Wipes and frees. NULL is fine. */
void arena_free(struct arena *);

/* size bytes aligned for any type, zeroed; NULL when exhausted. */
MUST_CHECK void *arena_alloc(struct arena *, size_t size);

/* count items of size bytes each, zeroed; NULL when exhausted or when the product overflows. */
MUST_CHECK void *arena_array(struct arena *, size_t count, size_t size);

/* A copy that lives in the arena and has a NUL behind it; {NULL, 0} when exhausted. */
MUST_CHECK struct slice arena_copy(struct arena *, struct slice);

/* printf into the arena, NUL behind it; {NULL, 0} when exhausted. */
MUST_CHECK struct slice arena_print(struct arena *, const char *format, ...) PRINTF_LIKE(2, 3);

bool arena_exhausted(const struct arena *);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *);

#endif
