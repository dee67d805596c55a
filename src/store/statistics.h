/* What was counted, kept as rows of minutes, hours and days (store.h says how verbs behave).
 *
 * Rows of minutes are kept for LIMIT_STATISTICS_MINUTES_S, of hours for _HOURS_S, of days for _DAYS_S: folded into the coarser ones when they
 * are stored, so that each is complete by itself, and swept in small batches. A step has at most LIMIT_STATISTICS_KEYS rows of a partition:
 * what is beyond goes to the row with empty client_id and reason. Several processes add to the same rows. */
#ifndef WRIT_STORE_STATISTICS_H
#define WRIT_STORE_STATISTICS_H

#include "store/store.h"

enum statistic_measure {
	STATISTIC_TOKENS_ISSUED = 1,
	STATISTIC_TOKENS_REFUSED,
	STATISTIC_SIGN_INS,
	STATISTIC_SIGN_INS_FAILED,
};
enum statistic_step { STEP_MINUTE = 60, STEP_HOUR = 3600, STEP_DAY = 86400 };

struct statistic {
	int64_t at; /* s: the beginning of its minute (store_statistics_add) or step (read), UTC */
	enum statistic_measure measure;
	struct slice flow;      /* "client_credentials", "authorization_code", …; empty: none */
	struct slice client_id; /* empty: none that is registered, or too many */
	struct slice reason;    /* slug of the refusal; empty: none */
	int64_t count;
};

/* Adds the counts of one partition to its minutes, and to the hours and days that they are in, all in one transaction. At most
 * LIMIT_STATISTICS_FOLD: RESULT_TOO_LARGE beyond it. Durable.
 * Returns  RESULT_NOT_FOUND: there is no such partition (any more); RESULT_INVALID: a measure that is none, a count below 1, a text longer than
 *          LIMIT_ID. */
MUST_CHECK enum result store_statistics_add(struct store *, const struct partition_id *, const struct statistic *, size_t count);

/* Sums by step and by one of the members (the others come empty), in order of time, then of the member; from <= at < to. At most
 * LIMIT_STATISTICS_ROWS of them: RESULT_TOO_LARGE beyond. They are kept beside the rows: what is read costs what it shows. */
enum statistic_by { BY_NOTHING, BY_FLOW, BY_CLIENT, BY_REASON };
struct statistics_wish {
	enum statistic_measure measure;
	enum statistic_step step;
	enum statistic_by by;
	int64_t from, to; /* s */
};
typedef enum result store_visit_statistic(void *context, const struct statistic *);
MUST_CHECK enum result store_statistics_each(struct store *, const struct partition_id *, const struct statistics_wish *, store_visit_statistic *,
                                             void *context);

#endif
