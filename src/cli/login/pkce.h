/* Proof Key for Code Exchange (RFC 7636), S256, and the other unguessable texts of an authorization request. */
#ifndef WRIT_CLI_LOGIN_PKCE_H
#define WRIT_CLI_LOGIN_PKCE_H

#include "base/slice.h"

/* base64url of 256 bits, with a NUL: a code_verifier (RFC 7636 §4.1), a state, a nonce. */
#define UNGUESSABLE_SIZE 44
void unguessable_make(char text[UNGUESSABLE_SIZE]);

/* base64url(SHA-256(verifier)), RFC 7636 §4.2. */
void code_challenge_make(struct slice verifier, char challenge[UNGUESSABLE_SIZE]);

#endif
