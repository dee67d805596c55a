/* The claims parameter (OpenID Connect Core §5.5): which standard claims are asked for where. Essential or voluntary, value
 * and values make no difference, those of sub and acr apart: what the person has is given. */
#ifndef WRIT_OAUTH_CLAIMS_PARAMETER_H
#define WRIT_OAUTH_CLAIMS_PARAMETER_H

#include "base/arena.h"
#include "base/result.h"

struct claims_wanted {
	struct slice id_token, userinfo; /* lists (space-separated); ptr NULL: nothing asked for */
	bool acr_unmet;                  /* an acr was asked for as essential that no sign-in here has (§5.5.1.1) */
	struct slice subject;            /* the one person for whom the answer may be (§5.5.1: a value for sub); ptr NULL: anybody */
};

/* Names that no claim of ours has are left out. In the arena.
 * RESULT_INVALID: not one JSON object; userinfo or id_token is there and neither an object nor null; the value for sub is no
 * text; two different subjects. */
MUST_CHECK enum result claims_parameter_read(struct arena *, struct slice json, struct claims_wanted *ret);

#endif
