/* What a person's browser holds for a realm: the session, and the value that binds attempts to this browser.
 *
 * Under https cookies are __Host-, Secure and SameSite=None (silent renewal in a frame, form_post, contract §3); on
 * loopback http they are Lax. All are HttpOnly. */
#ifndef WRIT_SIGNIN_BROWSER_H
#define WRIT_SIGNIN_BROWSER_H

#include "base/secret.h"
#include "http/http.h"
#include "store/grants.h"

#define BROWSER_SECRET_SIZE 43 /* base64url of 256 random bits */

struct browser {
	struct realm realm;
	bool https;              /* how people reach us: auth_url's scheme */
	struct slice session;    /* the session cookie as it came: well-formed, otherwise ptr NULL */
	struct hash32 session_hash; /* of it, for the store; meaningless without it */
	struct slice attempts;   /* the value that attempts are bound to; ptr NULL: the browser has none */
};

/* Reads the cookies of the realm. Anything malformed is as if it were not there. */
void browser_read(const struct http_request *, const struct realm *, bool https, struct browser *ret);

/* The value that attempts are bound to; makes one and sets its cookie when the browser has none. One browser has one value
 * for all its tabs, so that attempts do not disturb each other. ptr NULL: memory is out. */
struct slice browser_bind(struct browser *, struct http_request *, struct http_reply *);

/* A fresh session value: writes its hash, and sets the cookie. The value itself goes nowhere else. ptr of
 * browser->session is the new value afterwards. RESULT_NO_MEMORY. */
MUST_CHECK enum result browser_new_session(struct browser *, struct http_request *, struct http_reply *, struct hash32 *ret_hash);

/* The browser forgets its session. */
void browser_forget_session(struct browser *, struct http_request *, struct http_reply *);

/* The anti-forgery value of forms on a signed-in person's page: 43 characters derived from the session value, which a foreign
 * page cannot know. ptr NULL without a session. */
struct slice browser_anti_forgery(const struct browser *, struct arena *);
/* Constant time. False without a session. */
bool browser_anti_forgery_holds(const struct browser *, struct arena *, struct slice presented);

#endif
