/* JSON Web Signatures of others (RFC 7515), proved by the public keys that they registered (RFC 7517): client assertions.
 *
 * The key names what it may be used for, the token only chooses among keys: RS256 and PS256 with RSA keys of 2048 bits or
 * more, ES256 with keys on P-256, and what a key says of itself (alg, use, key_ops) narrows that. Keys that are anything else
 * are as if they were not there. No other algorithm exists here: not none, nothing with a shared secret. Every call makes the
 * key objects that it needs: none is shared between threads. */
#ifndef WRIT_JOSE_FOREIGN_JWS_H
#define WRIT_JOSE_FOREIGN_JWS_H

#include "jose/jws.h"

/* As metadata lists them. */
#define FOREIGN_JWS_ALGORITHMS "RS256 PS256 ES256"

/* Is this a key set that can be kept: one JSON object without repeated members, at most LIMIT_JWKS_SIZE, with an array keys
 * of 1 to LIMIT_JWKS_KEYS entries? RESULT_INVALID with a problem. Says nothing about each key. */
MUST_CHECK enum result foreign_keys_judge(struct slice key_set, struct problem *);

/* Verifies a compact token of at most LIMIT_JWT_SIZE. A header with crit or b64, or repeated members in header or payload, is
 * refused; its typ may be anything. With a kid only keys of that name are tried, without one each that fits, LIMIT_JWKS_KEYS at
 * most. Says nothing about the claims. 30 to 100 us a key.
 * RESULT_NOT_FOUND   no key of the set fits: a newer set might have one.
 * RESULT_INVALID     anything else; why says what, without a word of the token.
 * RESULT_NO_MEMORY
 * ret is freed with claims_free. */
MUST_CHECK enum result foreign_jws_verify(struct slice token, struct slice key_set, struct claims *ret, struct problem *why);

/* Whom the token says it is about (sub), before anything is proved: good for nothing but finding the keys that would prove it.
 * Clean text of at most LIMIT_ID bytes, in the arena. RESULT_INVALID, RESULT_NO_MEMORY. */
MUST_CHECK enum result foreign_jws_claimed_subject(struct slice token, struct arena *, struct slice *ret);

#endif
