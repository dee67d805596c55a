/* A client application that asks at a token endpoint, or another one that takes its form, of any server. */
#ifndef WRIT_CLI_TOKEN_ENDPOINT_H
#define WRIT_CLI_TOKEN_ENDPOINT_H

#include "base/writer.h"

#include <jansson.h>

struct client_credentials {
	const char *id;
	struct slice secret; /* ptr NULL: it has none */
	bool basic;          /* as HTTP Basic instead of in the form */
};

struct token_reply {
	struct slice body;         /* as it came */
	json_t *object;            /* parsed; NULL when it is no JSON object; given back with json_decref */
	struct slice access_token; /* empty: refused */
	const char *why;           /* unless RESULT_OK: a sentence, safe to print */
};

/* Adds the credentials to the form or, with basic, makes the Authorization header (else NULL). RESULT_NO_MEMORY. */
MUST_CHECK enum result client_credentials_put(const struct client_credentials *, struct writer *form, struct arena *,
                                           const char **ret_authorization);

/* A form, ready to be sent. */
struct client_form {
	const char *url;
	struct slice body;
	const char *authorization; /* NULL: none */
	const char *ca_file;       /* NULL: the system's authorities */
};

/* Asks for a token. The reply is filled as far as the server answered: call json_decref on its object in any case.
 * RESULT_OK: there is a token; RESULT_INVALID: the server refused in the words of OAuth (error); RESULT_FAILED: not
 * reached, or no token endpoint. */
MUST_CHECK enum result token_endpoint_ask(const struct client_form *, struct arena *, struct token_reply *ret);

/* The same for an endpoint that answers 200 with anything or nothing (revocation, RFC 7009). */
MUST_CHECK enum result revocation_endpoint_ask(const struct client_form *, struct arena *, const char **ret_why);

#endif
