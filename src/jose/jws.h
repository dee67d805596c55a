/* JSON Web Signatures, compact (RFC 7515), of our own keys. The key names the algorithm; a token's header never
 * chooses it. A struct jws does not exist for callers: claims can be read only from a verified token. */
#ifndef WRIT_JOSE_JWS_H
#define WRIT_JOSE_JWS_H

#include "base/writer.h"
#include "jose/key.h"
#include "jose/key_ring.h"

#include <jansson.h>

/* What a token is for: the typ of its header, which verification insists on. */
enum token_type {
	TOKEN_ACCESS, /* at+jwt, RFC 9068 */
	TOKEN_ID,     /* JWT */
	TOKEN_LOGOUT, /* logout+jwt */
};

/* Appends header.payload.signature to the writer. payload: the claims as JSON text. About 23 us for ES256.
 * The header is prepared in the key for each token_type. RESULT_FAILED when the library fails. */
MUST_CHECK enum result jws_sign(const struct key *, enum token_type, struct slice payload, struct writer *);

/* The claims of a verified token: an opaque box over a parsed JSON object. */
struct claims {
	json_t *object; /* read it through the functions below */
};

/* Verifies a compact token against the ring: three parts, at most LIMIT_JWT_SIZE; a header object with exactly the
 * key's alg, the given typ, a kid that the ring knows, no crit, no b64, no repeated members; a payload object without
 * repeated members (RFC 8725). Says nothing about iss, aud, exp: the caller judges the claims.
 * RESULT_INVALID for anything else. ret is freed with claims_free. About 60 us for ES256. */
MUST_CHECK enum result jws_verify(struct slice token, enum token_type, const struct key_ring *, struct claims *ret);
void claims_free(struct claims *);

/* The partition that an access token of ours says it is of, before anything is proved: good for nothing but finding the ring that
 * would prove it. RESULT_INVALID: it names none. */
MUST_CHECK enum result jws_claimed_partition(struct slice token, struct partition_id *ret);

/* {NULL,0} when absent or not a string; the slice lives as long as the claims. */
struct slice claims_text(const struct claims *, const char *name);
/* False when absent or not an integer. */
bool claims_int(const struct claims *, const char *name, int64_t *ret);
/* A NumericDate (RFC 7519 §2) in whole seconds, a fraction cut off. False when absent or not a number of that kind. */
bool claims_time(const struct claims *, const char *name, int64_t *ret);
/* The audience when there is one alone: aud as a string, or the only member of an array (RFC 7519 §4.1.3); {NULL,0} for
 * anything else. */
struct slice claims_sole_audience(const struct claims *, bool *ret_in_array);
/* Is that in the audience: aud as this very string, or an array that contains it (RFC 7519 §4.1.3)? */
bool claims_audience_has(const struct claims *, struct slice audience);
/* Does the claim stand there as anything but true or "true"? */
bool claims_denied(const struct claims *, const char *name);
/* The string member of an object claim: act.sub. */
struct slice claims_member_text(const struct claims *, const char *name, const char *member);
bool claims_has(const struct claims *, const char *name);

#endif
