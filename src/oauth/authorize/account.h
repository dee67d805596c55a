/* A person's own page: sessions, connected applications, the password. */
#ifndef WRIT_OAUTH_ACCOUNT_H
#define WRIT_OAUTH_ACCOUNT_H

#include "oauth/authorize/interaction.h"

/* Replies with the page of the person who is signed in. notice: html, or empty. */
MUST_CHECK enum refusal account_page(struct interaction *, unsigned status, struct slice notice);

/* What was done, as the page's address says it (?done=…) and as the page then words it. */
#define ACCOUNT_DONE_PASSWORD "password"
#define ACCOUNT_DONE_SESSION "session"
#define ACCOUNT_DONE_WITHDRAWN "withdrawn"
#define ACCOUNT_DONE_SIGNED_OUT "signed-out" /* a page of its own */

#endif
