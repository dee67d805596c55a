/* Slowing down guesses (contract.md §6): wrong passwords and client secrets, by account and by address.
 *
 * Account: failures in a row; from the 6th on each is answered 429 and the account is closed for 1, 2, 4 … 60 s, never
 * longer, and never for an address from which it was opened rightly in the last day: that address has a count of its
 * own, so a stranger's guessing does not lock the owner out. Address: closed for the rest of the minute beyond 100
 * failures in it. A success forgets the account's failures.
 *
 * Kept in memory in a table of fixed size (LIMIT_FAILURE_ENTRIES) under a keyed hash: nothing outside can make it grow
 * or collide. Tokens of anonymous customers are counted by address in the same table. When it is full the least recently
 * used of a few neighbours goes, and successes before failures. Any thread; does not block. */
#ifndef WRIT_SIGNIN_FAILURE_LIMITS_H
#define WRIT_SIGNIN_FAILURE_LIMITS_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

struct failure_limits;

struct failure_limits_options {
	int64_t account_failures;     /* in a row that are answered without delay: 5 */
	int64_t account_delay_max_s;  /* 60 */
	int64_t address_per_minute;   /* 100 */
	int64_t anonymous_per_minute; /* tokens of anonymous customers for one address: 60 */
};

MUST_CHECK struct failure_limits *failure_limits_new(const struct failure_limits_options *);
void failure_limits_free(struct failure_limits *);
/* Takes effect at once; what was counted stays. */
void failure_limits_configure(struct failure_limits *, const struct failure_limits_options *);

/* Who tries what: an account (realm or partition, kind, name) from an address. */
struct attempt {
	struct slice scope; /* the partition */
	const char *kind;   /* "client", "user", "customer" */
	struct slice name;  /* as it was given; unknown names are counted alike */
	struct slice address;
};

/* Seconds until this attempt may be made; 0: now. Ask before any check of the password or secret. now_ms: clock_monotonic_ms. */
int64_t failure_limits_wait_s(struct failure_limits *, const struct attempt *, int64_t now_ms);

/* The attempt was wrong. Returns the seconds for which the account is closed from now on; 0: it stays open. */
int64_t failure_limits_failed(struct failure_limits *, const struct attempt *, int64_t now_ms);

/* An anonymous customer at this address shall get a token. Returns 0, and counts it; or the seconds until the address may have
 * another: its minute is full. */
int64_t failure_limits_take_anonymous(struct failure_limits *, struct slice address, int64_t now_ms);

/* The attempt was right. */
void failure_limits_succeeded(struct failure_limits *, const struct attempt *, int64_t now_ms);

#endif
