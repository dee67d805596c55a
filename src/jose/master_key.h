/* The master key: encrypts the private signing keys at rest. It lives in a file of its own and never in the store. */
#ifndef WRIT_JOSE_MASTER_KEY_H
#define WRIT_JOSE_MASTER_KEY_H

#include "base/arena.h"
#include "base/secret.h"
#include "store/store.h"

struct master_key {
	struct secret32 secret;
};

/* Reads the file: one line, base64url of 32 bytes. With create, a missing file is made with mode 0600 (atomically:
 * two processes at once end with the same key) unless the store already has keys under another key.
 * RESULT_NOT_FOUND, RESULT_INVALID (not a key; readable by others), RESULT_FAILED; problem says what to do. */
MUST_CHECK enum result master_key_load(const char *path, bool create, struct master_key *ret, struct problem *);

/* Is this the key of this store? The first key used with a store becomes its key (when may_set; a fact of the store
 * holds a check value); without may_set any key is good for a store that has none yet. RESULT_INVALID with a problem:
 * another key; nothing is changed. */
MUST_CHECK enum result master_key_check(const struct master_key *, struct store *, bool may_set, struct problem *);

/* True when the store already belongs to a master key (so that a missing file must not be made anew). */
MUST_CHECK enum result master_key_is_set(struct store *, bool *ret);

void master_key_wipe(struct master_key *);

/* XChaCha20-Poly1305 with a random nonce in front; label is authenticated (partition, kid, algorithm). */
MUST_CHECK enum result master_key_wrap(const struct master_key *, struct slice label, struct slice plain, struct arena *, struct slice *ret);
/* RESULT_INVALID when it was not wrapped by this key with this label. The plain text is in the arena, which wipes. */
MUST_CHECK enum result master_key_unwrap(const struct master_key *, struct slice label, struct slice wrapped, struct arena *, struct slice *ret);

#endif
