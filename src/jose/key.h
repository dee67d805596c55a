/* One signing key pair, prepared for use. Immutable once made, so any thread may sign and verify with it.
 * ES256 (RFC 7518 §3.4) on P-256, RS256 (§3.3) with 2048 bits or more. */
#ifndef WRIT_JOSE_KEY_H
#define WRIT_JOSE_KEY_H

#include "jose/master_key.h"

struct key;

/* A fresh pair; kid is its RFC 7638 thumbprint. RSA takes about 0.2 s: not on an event thread. */
MUST_CHECK enum result key_generate(enum signing_algorithm, struct key **ret);
/* From what the store holds. RESULT_INVALID: the master key does not open it, or it is no such key. */
MUST_CHECK enum result key_open(const struct signing_key *, const struct partition_id *, const struct master_key *, struct key **ret);
void key_free(struct key *);

/* What the store keeps of it: wrapped private key, public JWK (kty, use, alg, kid, …). State and times are the caller's. */
MUST_CHECK enum result key_to_store(const struct key *, const struct partition_id *, const struct master_key *, struct arena *,
                                    struct signing_key *ret);

struct slice key_kid(const struct key *);
enum signing_algorithm key_algorithm(const struct key *);
/* Its RFC 7517 public JWK as JSON text, as it stands in a key set. */
struct slice key_public_jwk(const struct key *);
const char *algorithm_name(enum signing_algorithm);                   /* "ES256" */
bool algorithm_parse(struct slice, enum signing_algorithm *ret);

#endif
