/* HTTP Basic credentials as OAuth uses them: RFC 7617, both halves form-decoded (RFC 6749 §2.3.1). */
#ifndef WRIT_HTTP_BASIC_H
#define WRIT_HTTP_BASIC_H

#include "base/arena.h"
#include "base/result.h"

struct basic_credentials {
	struct slice name;
	struct slice password;
};

/* True when the header's scheme is Basic, in any case. */
bool basic_is_scheme(struct slice authorization);

/* RESULT_INVALID: not Basic, bad base64, no colon, stray '%', control characters or invalid UTF-8, more than
 * LIMIT_SHORT_PARAMETER for the name or LIMIT_SECRET_SIZE for the password. */
MUST_CHECK enum result basic_parse(struct arena *, struct slice authorization, struct basic_credentials *ret);

#endif
