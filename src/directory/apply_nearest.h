/* "did you mean": the known name that is nearest to what was typed. */
#ifndef WRIT_DIRECTORY_APPLY_NEAREST_H
#define WRIT_DIRECTORY_APPLY_NEAREST_H

#include "base/slice.h"

#define NEAREST_SIZE 48 /* longer names are not compared */

struct nearest {
	struct slice typed;
	struct slice name; /* empty while none is near */
	size_t distance;
};

/* typed must live as long as the struct is used. */
struct nearest nearest_to(struct slice typed);
void nearest_offer(struct nearest *, struct slice name);

#endif
