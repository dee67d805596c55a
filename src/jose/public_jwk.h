/* What a public key as JSON (RFC 7517) says of itself; for the files of jose/ only. */
#ifndef WRIT_JOSE_PUBLIC_JWK_H
#define WRIT_JOSE_PUBLIC_JWK_H

#include <jansson.h>
#include <stdbool.h>

/* May signatures be proved with it: no private member, use absent or "sig", key_ops absent or with "verify"? */
bool public_jwk_may_verify(const json_t *jwk);

#endif
