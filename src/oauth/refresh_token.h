/* Refresh tokens as text: 48 random bytes as base64url. The first 16 name the family and are the same in each of its
 * tokens, the other 32 are the token's own; so a spent token leads to its family although it is not kept. */
#ifndef WRIT_OAUTH_REFRESH_TOKEN_H
#define WRIT_OAUTH_REFRESH_TOKEN_H

#include "base/arena.h"
#include "store/grants.h"

#define REFRESH_TOKEN_SIZE 64

/* A fresh token in the arena (which wipes), and its name for the store.
 * family   a token whose family it shall belong to; ptr NULL: a new one.
 * RESULT_INVALID: that is no refresh token; RESULT_NO_MEMORY. */
MUST_CHECK enum result refresh_token_make(struct arena *, struct slice family, struct slice *ret, struct refresh_name *ret_name);

/* RESULT_INVALID: it does not look like one of ours. */
MUST_CHECK enum result refresh_token_name(struct slice token, struct refresh_name *ret);

#endif
