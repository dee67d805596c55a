/* What a client application sends to the token, introspection and revocation endpoints: one legality table, one typed
 * struct. No code after it sees raw parameters. */
#ifndef WRIT_OAUTH_TOKEN_REQUEST_H
#define WRIT_OAUTH_TOKEN_REQUEST_H

#include "oauth/oauth.h"

/* Where a parameter is read; bits. */
enum request_place { AT_TOKEN = 1, AT_INTROSPECT = 2, AT_REVOKE = 4, AT_ANONYMOUS = 8 };

/* A member with ptr NULL was absent or had no value (RFC 6749 §3.1). */
struct token_request {
	struct slice client_id, client_secret;
	struct slice client_assertion, client_assertion_type;
	struct slice grant_type;
	struct slice scope;
	struct slice subject_username, subject_userid, subject_email;
	struct slice token, token_type_hint;
	struct slice code, redirect_uri, code_verifier; /* authorization_code */
	struct slice refresh_token;
	struct slice subject_token, subject_token_type, registration_id; /* token exchange */
	struct slice actor_token, actor_token_type, requested_token_type;
};

struct form;
/* The fields of the body. REFUSAL_CONTENT_TYPE, _FORM_MALFORMED. */
MUST_CHECK enum refusal token_request_form(struct oauth_call *, struct form *ret);

/* Reads the form of the call's request. REFUSAL_CONTENT_TYPE, _FORM_MALFORMED, _PARAMETER_REPEATED, _PARAMETER_TOO_LONG. */
MUST_CHECK enum refusal token_request_read(struct oauth_call *, enum request_place, struct token_request *ret);

/* Does it name a person, by any of the names of the on-behalf-of flow? */
static inline bool token_request_names_person(const struct token_request *request)
{
	return request->subject_username.ptr != NULL || request->subject_userid.ptr != NULL || request->subject_email.ptr != NULL;
}

#endif
