/* A session ends, because its person says so. */
#ifndef WRIT_OAUTH_SESSION_END_H
#define WRIT_OAUTH_SESSION_END_H

#include "oauth/authorize/interaction.h"

/* Ends a session of the person who is signed in, durably, with the grants that end with it, and leaves the audit event; client
 * applications are told later (store/logouts.h). When it is the session of this browser, the browser forgets it.
 * ret_found  whether it was there. REFUSAL_UNAVAILABLE: nothing was changed. */
MUST_CHECK enum refusal session_end(struct interaction *, struct slice sid, bool *ret_found);

#endif
