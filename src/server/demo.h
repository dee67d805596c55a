/* The demo: examples/demo.yaml, embedded, with the ids and secrets of the guide's examples. */
#ifndef WRIT_SERVER_DEMO_H
#define WRIT_SERVER_DEMO_H

#include "jose/master_key.h"
#include "store/store.h"

#include <stdio.h>

/* Fills an empty store with the demo; a store that holds something is left alone. */
MUST_CHECK enum result demo_fill(struct store *, const struct master_key *, struct problem *);

/* Prints the commands to try, ready to paste, when the store holds the demo's partition. */
void demo_print(struct store *, const char *auth_url, const char *api_url, FILE *out);

/* The hashes of all secrets and passwords that the demo publishes, in the arena. */
MUST_CHECK enum result demo_secret_hashes(struct arena *, const struct hash32 **ret, size_t *ret_count);

/* Does a client application of the store hold one of these secrets? */
MUST_CHECK enum result demo_secrets_present(struct store *, const struct hash32 *, size_t count, bool *ret);

#endif
