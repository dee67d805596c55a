/* WWW-Authenticate (RFC 9110 §11.6.1, RFC 6750 §3) in words. */
#ifndef WRIT_CLI_CHALLENGE_H
#define WRIT_CLI_CHALLENGE_H

#include "base/arena.h"

struct challenge {
	bool bearer;                                         /* is there a Bearer challenge at all? */
	struct slice realm, error, error_description, scope; /* unquoted; ptr NULL: not there */
};

/* The parameters of the Bearer challenge in a header's value; all absent when it has none. */
void challenge_read(struct slice www_authenticate, struct arena *, struct challenge *ret);

/* What a refusal means and what to do, as a sentence; token_sent: whether the call carried one. */
const char *challenge_explain(const struct challenge *, bool token_sent, struct arena *);

#endif
