/* The signing keys of one partition, opened: what signs now, what verifies, what is published.
 *
 * Life of a key: next (published, not used) -> active (signs) -> retired (published until the last token signed with
 * it has expired) -> swept. Each partition has one next and one active key of each algorithm. */
#ifndef WRIT_JOSE_KEY_RING_H
#define WRIT_JOSE_KEY_RING_H

#include "jose/key.h"

struct key_ring;

/* Opens all keys of the partition that are still published. An empty ring is RESULT_NOT_FOUND.
 * RESULT_INVALID: a key does not open under this master key. Immutable; free with key_ring_free. */
MUST_CHECK enum result key_ring_load(struct store *, const struct master_key *, const struct partition_id *, struct key_ring **ret);
/* The same from keys that are at hand, in the order of the store (newest first). RESULT_TOO_LARGE: more than
 * LIMIT_PUBLISHED_KEYS. */
MUST_CHECK enum result key_ring_open(const struct signing_key *, size_t count, const struct partition_id *, const struct master_key *,
                                     struct key_ring **ret);
/* Public keys alone, from an RFC 7517 key set as JSON text: good for jws_verify, and for nothing else (no signer, no jwks). Taken are
 * keys with a kid, of ES256 (P-256) or RS256 (2048 to RSA_BITS_MAX bits), whose use and alg, where they have them, say nothing else; others are
 * skipped. Of two with one kid the first counts. RESULT_INVALID: no key set, or members repeated; RESULT_NOT_FOUND: no key in it can be taken;
 * RESULT_TOO_LARGE: more than LIMIT_PUBLISHED_KEYS keys. Does without a store and a master key. */
MUST_CHECK enum result key_ring_from_jwks(struct slice key_set, struct key_ring **ret);
void key_ring_free(struct key_ring *);

/* The key that signs with this algorithm; NULL when there is none. */
const struct key *key_ring_signer(const struct key_ring *, enum signing_algorithm);
const struct key *key_ring_find(const struct key_ring *, struct slice kid);
/* The RFC 7517 key set as JSON text: active keys first, then next, then retired. Made once at load. */
struct slice key_ring_jwks(const struct key_ring *);

/* Makes the first keys of a partition (active and next of each algorithm), wrapped, into ret[4] in the arena; for
 * store_batch_key or store_keys_add_first. Takes about half a second (RSA). */
#define KEY_RING_FIRST 4
MUST_CHECK enum result key_ring_make_first(const struct partition_id *, const struct master_key *, struct arena *,
                                           struct signing_key ret[KEY_RING_FIRST]);

/* Gives a partition that has no keys its first ones. Doing it twice, or in two processes at once, is fine. Blocks. */
MUST_CHECK enum result key_ring_ensure(struct store *, const struct master_key *, const struct partition_id *);

/* Rotates one algorithm: next signs from now on, a fresh next is published, the old one retires and stays published
 * for longest_token_s (and LIMIT_REQUEST_S more, for requests that are under way). *ret_next_age_s says how long the
 * new signer had been published (so that a caller can warn below LIMIT_JWKS_CACHE_S). Blocks until durable.
 * least_age_s: RESULT_STALE, and nothing is changed, where the next key was published for less; INT64_MIN: as it is.
 * audit: written with it; NULL: none.
 * RESULT_NOT_FOUND: the partition has no next key of this algorithm; RESULT_CONFLICT: somebody else rotated at the same time, so that it is done; RESULT_TOO_LARGE: LIMIT_PUBLISHED_KEYS are still published, wait until retired ones expire. */
MUST_CHECK enum result key_ring_rotate(struct store *, const struct master_key *, const struct partition_id *, enum signing_algorithm,
                                       int64_t longest_token_s, int64_t least_age_s, const struct audit_event *audit, int64_t *ret_next_age_s);

#endif
