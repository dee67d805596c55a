/* Raw JWS signatures over OpenSSL: the only file that signs and verifies. Any number of threads may use one key. */
#ifndef WRIT_JOSE_SIGNATURE_H
#define WRIT_JOSE_SIGNATURE_H

#include "jose/key_parts.h"

/* Makes key->signer and key->verifier from key->pair. */
MUST_CHECK enum result signature_prepare(struct key *);
/* The verifier alone, of a public key: signature_make is not for such a one. */
MUST_CHECK enum result signature_prepare_verifier(struct key *);

/* Signs input into bytes (64 of them for ES256: r and s, RFC 7518 §3.4). RESULT_FAILED, RESULT_NO_MEMORY. */
MUST_CHECK enum result signature_make(const struct key *, struct slice input, uint8_t bytes[SIGNATURE_SIZE_MAX], size_t *ret_len);

/* RESULT_INVALID: it is not this key's signature of input. */
MUST_CHECK enum result signature_check(const struct key *, struct slice input, const uint8_t *bytes, size_t len);

#endif
