/* The alternatives of operations, each list of them kept once: a hundred thousand operations have a handful, which stay in the
 * processor's cache. For the files catalogue*.c only. */
#ifndef WRIT_GATEWAY_CATALOGUE_RULES_H
#define WRIT_GATEWAY_CATALOGUE_RULES_H

#include "base/arena.h"
#include "store/model.h"

struct rule {
	const struct api_alternative *alternatives; /* NULL: a free place */
	size_t count;
	uint64_t hash;
};

struct rule_pool {
	struct rule *places; /* freed by the owner, when all are known */
	size_t capacity, count;
};

/* The same alternatives, in the arena. RESULT_NO_MEMORY, RESULT_TOO_LARGE (the arena). */
MUST_CHECK enum result rule_pool_keep(struct rule_pool *, struct arena *, const struct api_alternative *, size_t count,
                                  const struct api_alternative **ret);

#endif
