/* A person in front of us: what every page that people meet begins with. An oauth_call, the browser's cookies, and the person
 * who is signed in here, if somebody is. */
#ifndef WRIT_OAUTH_INTERACTION_H
#define WRIT_OAUTH_INTERACTION_H

#include "http/form.h"
#include "oauth/oauth.h"
#include "signin/attempt.h"
#include "signin/browser.h"
#include "signin/page.h"

struct interaction {
	struct oauth_call call;
	struct browser browser;
	struct page_look look;  /* of the partition, in the person's language */
	bool signed_in;         /* then: */
	struct session session;
	struct person person;   /* there, enabled, and so since before the session */
};

/* oauth_call_begin, and who is signed in. A refusal is due as a page (oauth_refuse_page); interaction_end is due in every case. */
MUST_CHECK enum refusal interaction_begin(struct oauth *, struct http_request *, struct http_reply *, struct interaction *ret);
/* refusal   REFUSAL_NONE, or what the page shall say, with its audit event. */
void interaction_end(struct interaction *, enum refusal, const char *action);

/* The language of the page: ui_locales of an authorization request, then Accept-Language. */
void interaction_speak(struct interaction *, struct slice ui_locales);

/* {auth_url}/system/auth/{realm}{path}, in the arena. */
struct slice interaction_url(const struct interaction *, const char *path);

/* Reads the POSTed form leniently. False: there is none that can be read (a refusal is set in *ret). */
MUST_CHECK enum refusal interaction_form(struct interaction *, struct form *ret);
/* The only field of that name, not malformed; ptr NULL otherwise. */
struct slice interaction_field(const struct form *, const char *name);

/* 303 See Other. */
void interaction_redirect(struct interaction *, struct slice location);

/* ---- the sign-in page (sign_in.c) ---- */

enum sign_in_notice { NOTICE_NONE, NOTICE_WRONG, NOTICE_WAIT, NOTICE_BUSY, NOTICE_OTHER_PERSON, NOTICE_AGAIN, NOTICE_FOREIGN };

/* Replies with the sign-in page for this attempt. application: the name of who asks, empty for the person's own page.
 * username: filled in. wait_s: for NOTICE_WAIT (429 with Retry-After). */
void sign_in_page(struct interaction *, const struct attempt_state *, struct slice application, struct slice username, enum sign_in_notice,
                  int64_t wait_s);

/* The attempt that this browser sealed into the form; REFUSAL_ATTEMPT_EXPIRED, REFUSAL_ATTEMPT_FOREIGN: with begun_s, ret is an
 * attempt to begin anew for the same request. */
MUST_CHECK enum refusal attempt_read(struct interaction *, const struct form *, struct attempt_state *ret);
/* Sealed for a form, binding the browser if it is not yet. */
MUST_CHECK enum refusal attempt_write(struct interaction *, const struct attempt_state *, struct slice *ret);

#endif
