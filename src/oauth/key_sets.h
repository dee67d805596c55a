/* Key sets that others publish, by their address (jwks_url): asked for when they are needed, kept in memory.
 *
 * A set is asked for anew when it is older than LIMIT_KEY_SET_FRESH_S, and when it lacks a key that somebody names: that at
 * most once in LIMIT_KEY_SET_AGAIN_S. What cannot be had anew is used until it is LIMIT_KEY_SET_STALE_S old. After a failure
 * nobody is asked for LIMIT_KEY_SET_AGAIN_S. However many need one set, it is asked for once; at most LIMIT_KEY_SET_WORKERS
 * workers ask or wait. LIMIT_KEY_SETS are kept: the one longest unused goes. Nothing is shared between partitions.
 *
 * An address may be private, for an administrator chose it; http/outbound.h says what else holds. Any worker thread. */
#ifndef WRIT_OAUTH_KEY_SETS_H
#define WRIT_OAUTH_KEY_SETS_H

#include "http/outbound.h"
#include "jose/foreign_jws.h"
#include "store/model.h"

struct key_sets;

/* Where sets come from, and the time: others in tests. */
struct key_sets_source {
	/* Gives the body of a good reply, in the arena; a problem otherwise. Blocks. */
	enum result (*fetch)(void *context, struct slice url, struct arena *, struct slice *ret, struct problem *);
	int64_t (*now_ms)(void); /* never goes back */
	void *context;
};

/* NULL: no memory. The source's context must outlive it. */
MUST_CHECK struct key_sets *key_sets_new(const struct key_sets_source *);
/* From the addresses themselves. */
MUST_CHECK struct key_sets *key_sets_new_outbound(const struct outbound *);
/* After the workers ended; NULL is fine. */
void key_sets_free(struct key_sets *);

/* A set as it was at one time; immutable. */
struct key_set;
struct slice key_set_text(const struct key_set *); /* passed foreign_keys_judge */
void key_set_release(const struct key_set *);      /* NULL is fine */

/* The set of that address, held until key_set_release.
 * lacking   a set that this gave before and that has not the key which is needed; NULL: any.
 * RESULT_FAILED: there is none, why says the reason; RESULT_BUSY: too many wait; RESULT_NO_MEMORY. Blocks. */
MUST_CHECK enum result key_sets_get(struct key_sets *, const struct partition_id *, struct slice url, const struct key_set *lacking,
                                    const struct key_set **ret, struct problem *why);

/* foreign_jws_verify with the set of that address; one that lacks the key is asked for once more.
 * RESULT_FAILED: there is no set, why says the reason; RESULT_BUSY: too many wait; else as foreign_jws_verify. Blocks. */
MUST_CHECK enum result key_sets_verify(struct key_sets *, const struct partition_id *, struct slice url, struct slice token, struct claims *ret,
                                       struct problem *why);

#endif
