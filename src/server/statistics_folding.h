/* What was counted in memory (oauth/statistics.h), folded into the store by a thread of its own: every interval_s seconds, sooner when much
 * is waiting, and at the end. */
#ifndef WRIT_SERVER_STATISTICS_FOLDING_H
#define WRIT_SERVER_STATISTICS_FOLDING_H

#include "oauth/statistics.h"

struct statistics_folding;

/* RESULT_NO_MEMORY, RESULT_FAILED. Both must outlive it. */
MUST_CHECK enum result statistics_folding_start(struct statistics *, struct store *, int64_t interval_s, struct statistics_folding **ret);
/* Folds what is still there: after the last request, before the store is closed. NULL is fine. */
void statistics_folding_stop(struct statistics_folding *);

#endif
