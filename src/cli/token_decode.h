/* A token explained: its header, each claim in words, and whether its issuer signed it. */
#ifndef WRIT_CLI_TOKEN_DECODE_H
#define WRIT_CLI_TOKEN_DECODE_H

#include "cli/token_verify.h"

#include <stdio.h>

struct token_decode_options {
	const char *jwks_url;
	const char *ca_file;
	bool offline; /* asks nobody: the signature stays unjudged */
	bool json;
};

enum token_form {
	TOKEN_FORM_JWT,
	TOKEN_FORM_ENCRYPTED, /* five parts: JWE */
	TOKEN_FORM_OPAQUE,    /* no JWT */
};

struct decoded_token {
	enum token_form form;
	json_t *header, *claims; /* of a JWT */
};

/* Takes a token apart; says nothing about its signature. Free with decoded_token_free. */
void token_take_apart(struct slice token, struct arena *, struct decoded_token *ret);
void decoded_token_free(struct decoded_token *);

/* The explanation; now_s is what "in 59 min" counts from. */
void token_explain(const struct decoded_token *, const struct token_verification *, int64_t now_s, struct arena *, FILE *out);

/* Takes apart, verifies, explains on stdout. SIGNATURE_UNKNOWN for what is no JWT too. */
enum signature_state token_decode(struct slice token, const struct token_decode_options *, struct arena *, enum token_form *ret_form);

#endif
