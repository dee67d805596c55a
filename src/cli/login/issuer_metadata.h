/* What an issuer says of itself: OpenID Connect Discovery 1.0 §4, or RFC 8414 where it has only that. */
#ifndef WRIT_CLI_LOGIN_ISSUER_METADATA_H
#define WRIT_CLI_LOGIN_ISSUER_METADATA_H

#include "base/arena.h"

#include <jansson.h>

struct issuer_metadata {
	const char *issuer;
	const char *authorization_endpoint; /* http or https, of characters that may be handed to a browser */
	const char *token_endpoint;
	const char *revocation_endpoint; /* NULL: none is named */
	const char *jwks_uri;            /* NULL: none is named */
	const char *userinfo_endpoint;   /* NULL: none is named */
	bool iss_promised;               /* each authorization response names the issuer (RFC 9207 §3) */
};

/* Judges a metadata document: its issuer must be the very text that was asked for (Discovery §4.3, RFC 8414 §3.3), and what
 * is sent to its endpoints must be private: https, or this machine. The texts of ret live in the arena.
 * RESULT_INVALID: the problem says what to do. */
MUST_CHECK enum result issuer_metadata_judge(const json_t *document, const char *issuer, struct arena *, struct issuer_metadata *ret,
                                             struct problem *);

/* Asks for the document and judges it. RESULT_INVALID, RESULT_FAILED. */
MUST_CHECK enum result issuer_metadata_find(const char *issuer, const char *ca_file, struct arena *, struct issuer_metadata *ret,
                                            struct problem *);

#endif
