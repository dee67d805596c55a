/* A session in this browser for the person of the interaction, who has just given the right password. */
#ifndef WRIT_OAUTH_SESSION_BEGIN_H
#define WRIT_OAUTH_SESSION_BEGIN_H

#include "oauth/authorize/interaction.h"

/* The browser gets a new value whatever it had before (attacks A18); what it had is over, or goes on under the new one.
 * Afterwards interaction is signed in with that session. person.password_hash is the one that was right:
 * REFUSAL_SIGN_IN_FAILED when it is no longer, or the person no longer there and enabled. REFUSAL_UNAVAILABLE. */
MUST_CHECK enum refusal session_begin(struct interaction *);

#endif
