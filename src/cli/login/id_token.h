/* The ID token of a code flow, judged as OpenID Connect Core 1.0 §3.1.3.7 says. */
#ifndef WRIT_CLI_LOGIN_ID_TOKEN_H
#define WRIT_CLI_LOGIN_ID_TOKEN_H

#include "base/arena.h"

#include <jansson.h>

struct id_token_expected {
	const char *issuer;
	const char *client_id;
	const char *nonce;         /* what the authorization request carried */
	struct slice access_token; /* that came beside it */
	int64_t now_s;
};

/* Judges header and claims, the signature left out. NULL: they are right; else what is wrong, safe to print. */
const char *id_token_judge(const json_t *header, const json_t *claims, const struct id_token_expected *, struct arena *);

/* Judges all of it, the signature by the key set at jwks_uri. ret: its claims, given back with json_decref.
 * RESULT_INVALID: the problem says what is wrong. */
MUST_CHECK enum result id_token_verify(struct slice token, const struct id_token_expected *, const char *jwks_uri, const char *ca_file,
                                       struct arena *, json_t **ret, struct problem *);

#endif
