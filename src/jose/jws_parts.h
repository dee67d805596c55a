/* A compact token before anything is known about it (RFC 7515 §7.1); for the files of jose/ only. */
#ifndef WRIT_JOSE_JWS_PARTS_H
#define WRIT_JOSE_JWS_PARTS_H

#include "base/limits.h"
#include "base/slice.h"

#define JWS_DECODED_MAX (LIMIT_JWT_SIZE / 4 * 3 + 3) /* bytes of any part */

struct jws_parts {
	struct slice header, payload, signature; /* base64url */
	struct slice signed_text;                /* header.payload */
};

/* False unless it is three non-empty parts, at most LIMIT_JWT_SIZE in all. */
bool jws_parts_cut(struct slice token, struct jws_parts *ret);

#endif
