/* The way back to the client application: a code or an error, with state and iss, by the response mode that was asked for
 * (RFC 6749 §4.1.2, RFC 9207, OAuth 2.0 Multiple Response Types, OAuth 2.0 Form Post Response Mode). Redirects are 303. */
#ifndef WRIT_OAUTH_AUTHORIZATION_RESPONSE_H
#define WRIT_OAUTH_AUTHORIZATION_RESPONSE_H

#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/interaction.h"

/* request->answerable in both. */
void authorization_respond_code(struct interaction *, const struct authorization_request *, struct slice code);

/* Counted and audited as "authorization.refused". */
void authorization_respond_refusal(struct interaction *, const struct authorization_request *, enum refusal);

#endif
