/* On-behalf-of tokens, whichever door they are asked for at: grant_type=password, or a token exchange. */
#ifndef WRIT_OAUTH_GRANTS_ON_BEHALF_OF_H
#define WRIT_OAUTH_GRANTS_ON_BEHALF_OF_H

#include "oauth/oauth.h"

/* Exactly one person of the call's realm, as the request names him. */
struct named_subject {
	enum person_key key;
	struct slice value;
	enum refusal unknown;          /* what it is when there is nobody enabled of that name */
	const char *issued_token_type; /* as in struct token_grant */
};

/* Judges scope and subject, in this order, and writes the reply. */
MUST_CHECK enum refusal on_behalf_of_reply(struct oauth_call *, const struct named_subject *, struct slice scope);

#endif
