/* How many tokens were issued and refused, and who signed in, counted in memory at the cost of a look-up; folded into the store by whoever
 * takes the counts out (server/statistics_folding.h). Any thread.
 *
 * A row is a minute, a partition, and what is named below. It is bounded: when LIMIT_STATISTICS_COUNTED rows are waiting on a processor,
 * what follows goes to the rows without client application and reason. */
#ifndef WRIT_OAUTH_STATISTICS_H
#define WRIT_OAUTH_STATISTICS_H

#include "oauth/refusal.h"
#include "store/statistics.h"

struct statistics;

/* Flows as an administrator tells them apart; enum flow (oauth.h) is what scopes go by. */
enum counted_flow {
	COUNTED_NONE,
	COUNTED_AUTHORIZATION_CODE,
	COUNTED_REFRESH_TOKEN,
	COUNTED_CLIENT_CREDENTIALS,
	COUNTED_ON_BEHALF_OF,
	COUNTED_TOKEN_EXCHANGE,
	COUNTED_ANONYMOUS,
};
/* "client_credentials"; empty for none. */
struct slice counted_flow_name(enum counted_flow);

struct counted {
	const struct partition_id *partition; /* one that exists */
	enum statistic_measure measure;
	enum counted_flow flow;
	enum refusal reason;    /* REFUSAL_NONE: none */
	struct slice client_id; /* of one that is registered, for others would fill the rows; empty: none */
};

MUST_CHECK struct statistics *statistics_new(void); /* NULL: no memory */
void statistics_free(struct statistics *);          /* NULL is fine */

/* Adds one to the row of now_s. NULL: nothing is counted. */
void statistics_count(struct statistics *, int64_t now_s, const struct counted *);

/* Is so much waiting that it should be taken out soon? */
bool statistics_are_many(const struct statistics *);

/* Takes all rows out and gives them to add, those of a partition together, at most LIMIT_STATISTICS_BATCH at once. What add did not take
 * is counted again later, unless it says RESULT_NOT_FOUND (the partition is gone) or RESULT_INVALID. One caller at a time.
 * Returns RESULT_OK, or the last failure. ret_lost: counts that found no row at all, ever. */
typedef enum result statistics_add(void *context, const struct partition_id *, const struct statistic *, size_t count);
MUST_CHECK enum result statistics_take(struct statistics *, statistics_add *, void *context, int64_t *ret_lost);

#endif
