/* Times in apply documents: RFC 3339, or whole seconds since the epoch. */
#ifndef WRIT_DIRECTORY_APPLY_TIME_H
#define WRIT_DIRECTORY_APPLY_TIME_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

/* ret   s; a fraction of a second is cut off. RESULT_INVALID before 1970 and beyond 9999. */
MUST_CHECK enum result apply_time_parse(struct slice, int64_t *ret);

/* "2027-01-31T12:00:00Z" and a NUL. */
#define APPLY_TIME_SIZE 21
void apply_time_print(int64_t seconds, char text[APPLY_TIME_SIZE]);

#endif
