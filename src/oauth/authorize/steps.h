/* The steps of a sign-in as data (style, habit 9): what must be done before a code may be given, in which order, and what is
 * said instead when the client application wants no page (prompt=none). */
#ifndef WRIT_OAUTH_STEPS_H
#define WRIT_OAUTH_STEPS_H

#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/interaction.h"

/* One attempt, and where it is. */
struct progress {
	struct attempt_state attempt;
	struct authorization_request request;
	bool consented; /* the person pressed allow, just now */
	bool remembered; /* nobody was asked: the consent of an earlier time is enough */
	enum sign_in_notice notice; /* for the sign-in page, if it comes to that */
};

/* Does the first step that is still due: replies with its page, or, when none is, with a code. A refusal is answered here too
 * (sent back to redirect_uri); what is returned is due as a page. */
MUST_CHECK enum refusal steps_proceed(struct interaction *, struct progress *);

/* Reads the attempt of a posted form, and its request as it is to be judged now. REFUSAL_NONE with request.answerable false: an
 * attempt of the person's own page. When the request is refused and answerable, it was answered (*ret_answered). */
MUST_CHECK enum refusal steps_resume(struct interaction *, const struct form *, struct progress *ret, bool *ret_answered);

#endif
