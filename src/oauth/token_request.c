#include "oauth/token_request.h"
#include "oauth/parameters.h"


#define AT_ALL (AT_TOKEN | AT_INTROSPECT | AT_REVOKE)
#define KEEP(member) offsetof(struct token_request, member)

static const struct parameter_rule rules[] = {
	{ SLICE("client_id"), AT_ALL, LIMIT_SHORT_PARAMETER, KEEP(client_id) },
	{ SLICE("client_secret"), AT_ALL, LIMIT_SECRET_SIZE, KEEP(client_secret) },
	{ SLICE("client_assertion"), AT_ALL, LIMIT_TOKEN_PARAMETER, KEEP(client_assertion) },
	{ SLICE("client_assertion_type"), AT_ALL, LIMIT_SHORT_PARAMETER, KEEP(client_assertion_type) },
	{ SLICE("grant_type"), AT_TOKEN | AT_ANONYMOUS, LIMIT_SHORT_PARAMETER, KEEP(grant_type) },
	{ SLICE("scope"), AT_TOKEN | AT_ANONYMOUS, LIMIT_SCOPE_SIZE, KEEP(scope) },
	{ SLICE("subject_username"), AT_TOKEN | AT_ANONYMOUS, LIMIT_USERNAME, KEEP(subject_username) },
	{ SLICE("subject_userid"), AT_TOKEN | AT_ANONYMOUS, LIMIT_ID, KEEP(subject_userid) },
	{ SLICE("subject_email"), AT_TOKEN | AT_ANONYMOUS, LIMIT_EMAIL, KEEP(subject_email) },
	/* an artefact of another kind is as unknown as a wrong one of the right kind, however long it is */
	{ SLICE("code"), AT_TOKEN, LIMIT_TOKEN_PARAMETER, KEEP(code) },
	{ SLICE("redirect_uri"), AT_TOKEN, LIMIT_URL, KEEP(redirect_uri) },
	{ SLICE("code_verifier"), AT_TOKEN, LIMIT_LONG_PARAMETER, KEEP(code_verifier) },
	{ SLICE("refresh_token"), AT_TOKEN, LIMIT_TOKEN_PARAMETER, KEEP(refresh_token) },
	{ SLICE("subject_token"), AT_TOKEN | AT_ANONYMOUS, LIMIT_TOKEN_PARAMETER, KEEP(subject_token) },
	{ SLICE("subject_token_type"), AT_TOKEN, LIMIT_SHORT_PARAMETER, KEEP(subject_token_type) },
	{ SLICE("registration_id"), AT_TOKEN, LIMIT_SHORT_PARAMETER, KEEP(registration_id) },
	{ SLICE("actor_token"), AT_TOKEN, LIMIT_TOKEN_PARAMETER, KEEP(actor_token) },
	{ SLICE("actor_token_type"), AT_TOKEN, LIMIT_SHORT_PARAMETER, KEEP(actor_token_type) },
	{ SLICE("requested_token_type"), AT_TOKEN, LIMIT_SHORT_PARAMETER, KEEP(requested_token_type) },
	{ SLICE("resource"), AT_TOKEN | AT_ANONYMOUS, LIMIT_LONG_PARAMETER, PARAMETER_MAY_REPEAT },
	{ SLICE("audience"), AT_TOKEN | AT_ANONYMOUS, LIMIT_LONG_PARAMETER, PARAMETER_MAY_REPEAT },
	/* as long as a form may be: what is too long for a token is not active, and revoked already */
	{ SLICE("token"), AT_INTROSPECT | AT_REVOKE, LIMIT_FORM_SIZE, KEEP(token) },
	{ SLICE("token_type_hint"), AT_INTROSPECT | AT_REVOKE, LIMIT_SHORT_PARAMETER, KEEP(token_type_hint) },
};

enum refusal token_request_form(struct oauth_call *call, struct form *ret)
{
	struct slice type = http_request_header(call->request, "Content-Type");
	if (!form_content_type(type))
		return refuse(call, REFUSAL_CONTENT_TYPE,
		              "Send the parameters in the body as application/x-www-form-urlencoded; the Content-Type was %s%.*s.",
		              type.len == 0 ? "missing" : "", SLICE_ARGS(slice_first(type, LIMIT_SHORT_PARAMETER)));
	return oauth_form_parse(call, call->request->body, ret);
}

enum refusal token_request_read(struct oauth_call *call, enum request_place place, struct token_request *ret)
{
	struct form form;
	struct token_request request = { .client_id = { NULL, 0 } };
	enum refusal refusal = token_request_form(call, &form);
	if (refusal == REFUSAL_NONE)
		refusal = oauth_parameters_read(call, rules, sizeof rules / sizeof rules[0], place, &form, &request);
	if (refusal == REFUSAL_NONE)
		*ret = request;
	return refusal;
}
