/* The master key of a store, the same way for every command (contract.md §9). */
#ifndef WRIT_JOSE_MASTER_KEY_OPEN_H
#define WRIT_JOSE_MASTER_KEY_OPEN_H

#include "jose/master_key.h"

/* file   NULL or empty: the path of a "sqlite:" store with .key behind it; other stores need a file.
 * may_make   a missing file is made (0600) and becomes the store's key, but only where the store has none yet. Without it
 *            nothing is written. RESULT_INVALID: it is not this store's key, or no
 * file was named; problem says what to do and nothing is changed. */
MUST_CHECK enum result master_key_open(struct store *, struct slice store_url, const char *file, bool may_make, struct master_key *ret,
                                       struct problem *);

#endif
