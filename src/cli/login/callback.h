/* The authorization response (RFC 6749 §4.1.2) as the browser brings it: judged before any of it is believed. */
#ifndef WRIT_CLI_LOGIN_CALLBACK_H
#define WRIT_CLI_LOGIN_CALLBACK_H

#include "base/arena.h"

/* Either code or error is there; what is absent has ptr NULL. Nothing here is safe to print. */
struct callback {
	struct slice code;
	struct slice iss;
	struct slice error;
	struct slice error_description;
};

/* query   as it came, still encoded.
 * state   what was sent.
 * Returns RESULT_OK; RESULT_CONFLICT: it has no state, or another: it is not the answer to our request; RESULT_INVALID: a
 * parameter twice, malformed or too long, code and error together, or neither. The texts of ret live in the arena or query. */
MUST_CHECK enum result callback_read(struct slice query, struct slice state, struct arena *, struct callback *ret);

/* Does the response come from the issuer that was asked (RFC 9207 §2.4)? promised: its metadata says that each names it. */
bool callback_issuer_is_right(const struct callback *, const char *issuer, bool promised);

#endif
