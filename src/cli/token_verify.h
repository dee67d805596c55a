/* Is a token of any issuer signed by that issuer? Asks the issuer's metadata (RFC 8414, or OpenID Connect Discovery) for
 * its key set, unless the key set's address is given, and verifies with one of its keys. */
#ifndef WRIT_CLI_TOKEN_VERIFY_H
#define WRIT_CLI_TOKEN_VERIFY_H

#include "base/arena.h"
#include "base/result.h"

#include <jansson.h>

enum signature_state {
	SIGNATURE_GOOD,
	SIGNATURE_UNKNOWN, /* it could not be judged: why says the reason */
	SIGNATURE_BAD,     /* it was judged and is wrong */
};

struct token_verification {
	enum signature_state state;
	const char *why; /* not for GOOD; safe to print */
	const char *kid; /* of the key that verified; "" when it has none */
	const char *alg;
};

/* token     compact, three parts; header and claims are its first two, parsed.
 * jwks_url  NULL: found through the issuer's metadata. */
void token_verify(struct slice token, const json_t *header, const json_t *claims, const char *jwks_url, const char *ca_file,
                  struct arena *, struct token_verification *ret);

/* The same with the key set at hand; nothing is fetched. */
void token_verify_with(struct slice token, const json_t *header, const json_t *key_set, struct arena *, struct token_verification *ret);

/* Where an issuer's metadata stands: RFC 8414 §3.1 puts the well-known name between host and path. NULL when it is no
 * http or https address without query and fragment. */
const char *issuer_metadata_url(struct arena *, struct slice issuer);

#endif
