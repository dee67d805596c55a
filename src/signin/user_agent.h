/* What a person calls the browser they sat at: "Firefox · Windows" instead of a User-Agent header. For people to recognize
 * their own sessions by; it proves nothing, for a browser says what it likes. */
#ifndef WRIT_SIGNIN_USER_AGENT_H
#define WRIT_SIGNIN_USER_AGENT_H

#include "base/arena.h"

/* Browser and system, or the one that is known; empty when neither is, or when memory is out. Names, in no language. */
struct slice user_agent_name(struct arena *, struct slice user_agent);

#endif
