/* Consent: what the client application may do, in words, and the person's yes or no (OpenID Connect Core §3.1.2.4). */
#ifndef WRIT_OAUTH_CONSENT_H
#define WRIT_OAUTH_CONSENT_H

#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/interaction.h"

/* Replies with the page. The attempt names the session that it is shown to. */
MUST_CHECK enum refusal consent_page(struct interaction *, const struct attempt_state *, const struct authorization_request *);

/* Appends the words for each scope: as items of the consent page and of the person's own page. */
void consent_items(struct interaction *, struct slice scope, struct writer *);

#endif
