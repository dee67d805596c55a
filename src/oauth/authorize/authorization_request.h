/* An authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1): parsed once, by one legality table,
 * into one typed struct. The same text is read again at each step of an attempt, so that what was registered or taken away
 * meanwhile counts. */
#ifndef WRIT_OAUTH_AUTHORIZATION_REQUEST_H
#define WRIT_OAUTH_AUTHORIZATION_REQUEST_H

#include "oauth/authorize/claims_parameter.h"
#include "oauth/scope_rules.h"

enum response_mode { RESPONSE_QUERY, RESPONSE_FRAGMENT, RESPONSE_FORM_POST };

enum prompt { PROMPT_NONE = 1, PROMPT_LOGIN = 2, PROMPT_CONSENT = 4, PROMPT_SELECT_ACCOUNT = 8 };

struct authorization_request {
	/* as they were sent; ptr NULL: absent or without a value */
	struct slice client_id, redirect_uri, response_type, response_mode, scope, state, nonce, code_challenge, code_challenge_method;
	struct slice prompt, max_age, login_hint, id_token_hint, claims, ui_locales, request, request_uri, registration;
	/* read */
	bool answerable;                /* client and redirect_uri are good: refusals go back there */
	enum response_mode mode;
	unsigned prompts;               /* enum prompt, or-ed */
	int64_t max_age_s;              /* -1: none */
	struct slice hinted_subject;    /* of id_token_hint; ptr NULL: none */
	bool hint_unknown;              /* an id_token_hint came that is none of ours, or older than our keys: whom it means cannot be known */
	struct claims_wanted wanted;    /* by the claims parameter */
	struct granted_scope granted;
	struct slice asked;             /* what consent is about: granted's names, and the scopes of the claims that are wanted beside */
};

/* text   form-encoded: the query of a GET, the body of a POST.
 * On REFUSAL_NONE call->application is held and the request is wholly good. On a refusal ret is filled as far as it was
 * read: with answerable, the refusal goes back to redirect_uri with mode and state; without, it is a page. */
MUST_CHECK enum refusal authorization_request_read(struct oauth_call *, struct slice text, struct authorization_request *ret);

#endif
