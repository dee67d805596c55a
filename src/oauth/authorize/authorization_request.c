#include "oauth/authorize/authorization_request.h"

#include "base/text.h"
#include "jose/jws.h"
#include "oauth/authorize/redirect_uri.h"
#include "oauth/parameters.h"
#include "oauth/person_claims.h"

#define AT_AUTHORIZE 1
#define KEEP(member) offsetof(struct authorization_request, member)

static const struct parameter_rule rules[] = {
	{ SLICE("client_id"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(client_id) },
	{ SLICE("redirect_uri"), AT_AUTHORIZE, LIMIT_URL, KEEP(redirect_uri) },
	{ SLICE("response_type"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(response_type) },
	{ SLICE("response_mode"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(response_mode) },
	{ SLICE("scope"), AT_AUTHORIZE, LIMIT_SCOPE_SIZE, KEEP(scope) },
	{ SLICE("state"), AT_AUTHORIZE, LIMIT_STATE, KEEP(state) },
	{ SLICE("nonce"), AT_AUTHORIZE, LIMIT_NONCE, KEEP(nonce) },
	{ SLICE("code_challenge"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(code_challenge) },
	{ SLICE("code_challenge_method"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(code_challenge_method) },
	{ SLICE("prompt"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(prompt) },
	{ SLICE("max_age"), AT_AUTHORIZE, LIMIT_SHORT_PARAMETER, KEEP(max_age) },
	{ SLICE("login_hint"), AT_AUTHORIZE, LIMIT_LONG_PARAMETER, KEEP(login_hint) },
	{ SLICE("id_token_hint"), AT_AUTHORIZE, LIMIT_TOKEN_PARAMETER, KEEP(id_token_hint) },
	{ SLICE("claims"), AT_AUTHORIZE, LIMIT_CLAIMS_PARAMETER, KEEP(claims) },
	{ SLICE("ui_locales"), AT_AUTHORIZE, LIMIT_LONG_PARAMETER, KEEP(ui_locales) },
	{ SLICE("request"), AT_AUTHORIZE, LIMIT_TOKEN_PARAMETER, KEEP(request) },
	{ SLICE("request_uri"), AT_AUTHORIZE, LIMIT_TOKEN_PARAMETER, KEEP(request_uri) },
	{ SLICE("registration"), AT_AUTHORIZE, LIMIT_TOKEN_PARAMETER, KEEP(registration) },
	{ SLICE("resource"), AT_AUTHORIZE, LIMIT_LONG_PARAMETER, PARAMETER_MAY_REPEAT },
	{ SLICE("audience"), AT_AUTHORIZE, LIMIT_LONG_PARAMETER, PARAMETER_MAY_REPEAT },
};

/* The only, well-formed value of a parameter; ptr NULL otherwise. */
static struct slice only(const struct form *form, const char *name, size_t size_max)
{
	size_t count;
	const struct form_field *field = form_find(form, name, &count);
	bool good = count == 1 && !field->malformed && field->value.len > 0 && field->value.len <= size_max;
	return good ? field->value : (struct slice) { NULL, 0 };
}

/* ---- what decides whether there is anybody to answer ---------------------------------------------------------------- */

static enum refusal unknown_client(struct oauth_call *call)
{
	return refuse(call, REFUSAL_AUTHORIZE_CLIENT,
	              "There is no such client application in this partition: check client_id and the realm in the address.");
}

static enum refusal read_client(struct oauth_call *call, const struct form *form, struct authorization_request *request)
{
	size_t count;
	(void)form_find(form, "client_id", &count);
	request->client_id = call->client_id = only(form, "client_id", LIMIT_SHORT_PARAMETER);
	if (request->client_id.ptr == NULL)
		return refuse(call, REFUSAL_AUTHORIZE_CLIENT, "The parameter client_id is %s: send the client id of the application once.",
		              count == 0 ? "missing" : count == 1 ? "empty, too long or malformed" : "given twice");
	switch (directory_application(call->oauth->directory, &call->realm.partition, request->client_id, &call->application)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND:
		detail_arrived(call, "client_id", request->client_id);
		detail_change(call, "Let the application use the address of its own partition (this was %s's), and its Client ID as the console "
		                    "shows it.", call->realm.partition.text);
		return unknown_client(call);
	default: return refuse_store(call);
	}
	if (call->application->registered.enabled)
		return REFUSAL_NONE;
	call->audit_detail = SLICE_OF("the client application is disabled");
	detail_registered_flag(call, "enabled", false);
	detail_change(call, "Enable %.*s, if it shall be used again.", SLICE_ARGS(call->application->registered.name));
	return unknown_client(call);
}

static void explain_redirect_uri(struct oauth_call *call, struct slice redirect_uri)
{
	const struct client_application *registered = &call->application->registered;
	const struct slice nearest = redirect_uri_nearest(registered, redirect_uri);
	const struct slice shown = detail_shown_address(call->arena, redirect_uri);
	call->audit_detail = redirect_uri_difference(call->arena, registered, redirect_uri);
	detail_arrived(call, "redirect_uri", shown);
	detail_registered_words(call, "redirect_urls", registered->redirect_urls);
	if (nearest.ptr == NULL) {
		detail_change(call, "Add %.*s to the Redirect URLs of %.*s, if the application is known to be there.", SLICE_ARGS(shown),
		              SLICE_ARGS(registered->name));
		return;
	}
	detail_registered(call, "nearest", nearest);
	detail_change(call, "Let the application send %.*s exactly as it is registered; or add %.*s to the Redirect URLs of %.*s, if the "
	                    "application is known to be there.",
	              SLICE_ARGS(slice_first(nearest, DETAIL_SHOWN)), SLICE_ARGS(shown), SLICE_ARGS(registered->name));
}

static enum refusal read_redirect_uri(struct oauth_call *call, const struct form *form, struct authorization_request *request)
{
	size_t count;
	(void)form_find(form, "redirect_uri", &count);
	request->redirect_uri = only(form, "redirect_uri", LIMIT_URL);
	if (request->redirect_uri.ptr == NULL)
		return refuse(call, REFUSAL_REDIRECT_URI_MISSING,
		              "The parameter redirect_uri is %s: send one of the addresses registered for the application, once.",
		              count == 0 ? "missing" : count == 1 ? "empty, too long or malformed" : "given twice");
	if (redirect_uri_registered(&call->application->registered, request->redirect_uri))
		return REFUSAL_NONE;
	explain_redirect_uri(call, request->redirect_uri);
	return refuse(call, REFUSAL_REDIRECT_URI_UNREGISTERED,
	              "The redirect_uri is not registered for this client application: they compare byte by byte. "
	              "An administrator finds what arrived and the nearest registered address in the audit event of this request.");
}

static const struct {
	const char *name;
	enum response_mode mode;
} modes[] = {
	{ "query", RESPONSE_QUERY },
	{ "fragment", RESPONSE_FRAGMENT },
	{ "form_post", RESPONSE_FORM_POST },
};

static bool read_mode(struct slice name, enum response_mode *ret)
{
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (!slice_is(name, modes[i].name))
			continue;
		*ret = modes[i].mode;
		return true;
	}
	return name.ptr == NULL;
}

/* ---- the rest: by now refusals can be sent back ----------------------------------------------------------------------- */

static enum refusal read_table(struct oauth_call *call, const struct form *form, struct authorization_request *request)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].malformed)
			return refuse(call, REFUSAL_FORM_MALFORMED,
			              "A parameter of the request is malformed: send percent-encoded UTF-8 without control characters.");
	return oauth_parameters_read(call, rules, sizeof rules / sizeof rules[0], AT_AUTHORIZE, form, request);
}

static enum refusal check_response(struct oauth_call *call, const struct authorization_request *request)
{
	enum response_mode ignored;
	if (!read_mode(request->response_mode, &ignored))
		return refuse(call, REFUSAL_RESPONSE_MODE, "The response_mode %.*s is not offered: use query, fragment or form_post.",
		              SLICE_ARGS(request->response_mode));
	if (request->request.ptr != NULL)
		return refuse(call, REFUSAL_REQUEST_OBJECT, "Request objects are not supported: send the parameters themselves instead of request.");
	if (request->request_uri.ptr != NULL)
		return refuse(call, REFUSAL_REQUEST_URI, "Request objects are not supported: send the parameters themselves instead of request_uri.");
	if (request->registration.ptr != NULL)
		return refuse(call, REFUSAL_REGISTRATION, "The parameter registration is not supported: register the application with the administrator.");
	if (request->response_type.ptr == NULL)
		return refuse(call, REFUSAL_RESPONSE_TYPE_MISSING, "The parameter response_type is missing: send response_type=code.");
	if (!slice_is(request->response_type, "code"))
		return refuse(call, REFUSAL_RESPONSE_TYPE_UNSUPPORTED, "The response_type %.*s is not offered: send response_type=code.",
		              SLICE_ARGS(request->response_type));
	return REFUSAL_NONE;
}

static void explain_challenge(struct oauth_call *call, const struct authorization_request *request)
{
	const struct client_application *registered = &call->application->registered;
	detail_arrived(call, "code_challenge", request->code_challenge.ptr == NULL ? SLICE_OF("none") : SLICE_OF("one"));
	detail_arrived(call, "code_challenge_method", request->code_challenge_method.ptr == NULL ? SLICE_OF("none") : request->code_challenge_method);
	detail_registered(call, "platform", slice_from(platform_name(registered->platform)));
	detail_change(call, "Nothing here: whoever develops %.*s turns PKCE with S256 on in its client library. If it runs on a server and "
	                    "keeps a secret, register it anew "
	                    "for the platform web.", SLICE_ARGS(registered->name));
}

/* RFC 7636 §4.2: base64url of a SHA-256. */
static enum refusal judge_challenge(struct oauth_call *call, const struct authorization_request *request)
{
	unsigned char hash[32];
	size_t len;
	if (request->code_challenge.ptr == NULL) {
		if (call->application->registered.platform == PLATFORM_SPA)
			return refuse(call, REFUSAL_PKCE_MISSING, "A single page application needs PKCE: send code_challenge and code_challenge_method=S256.");
		if (request->code_challenge_method.ptr != NULL)
			return refuse(call, REFUSAL_PKCE_CHALLENGE, "There is a code_challenge_method but no code_challenge: send both or neither.");
		return REFUSAL_NONE;
	}
	if (!slice_is(request->code_challenge_method, "S256"))
		return refuse(call, REFUSAL_PKCE_METHOD, "The code_challenge_method must be S256%s: send code_challenge_method=S256.",
		              request->code_challenge_method.ptr == NULL ? ", and without it plain is meant" : "");
	if (text_base64url_decode(request->code_challenge, hash, sizeof hash, &len) != RESULT_OK || len != sizeof hash)
		return refuse(call, REFUSAL_PKCE_CHALLENGE,
		              "The code_challenge is not the base64url SHA-256 of a code_verifier: it has 43 characters, without padding.");
	return REFUSAL_NONE;
}

static enum refusal check_challenge(struct oauth_call *call, const struct authorization_request *request)
{
	enum refusal refusal = judge_challenge(call, request);
	if (refusal != REFUSAL_NONE)
		explain_challenge(call, request);
	return refusal;
}

static enum refusal read_prompt(struct oauth_call *call, struct authorization_request *request)
{
	static const struct {
		const char *name;
		enum prompt prompt;
	} prompts[] = { { "none", PROMPT_NONE }, { "login", PROMPT_LOGIN }, { "consent", PROMPT_CONSENT }, { "select_account", PROMPT_SELECT_ACCOUNT } };
	struct slice rest = request->prompt;
	struct slice word;
	bool other = false;
	while (slice_word(&rest, &word)) {
		bool known = false;
		for (size_t i = 0; i < sizeof prompts / sizeof prompts[0]; i++) {
			if (!slice_is(word, prompts[i].name))
				continue;
			request->prompts |= prompts[i].prompt;
			known = true;
		}
		other |= !known || !slice_is(word, "none");
	}
	if ((request->prompts & PROMPT_NONE) != 0 && other)
		return refuse(call, REFUSAL_PROMPT, "The prompt none goes alone: leave the other values out.");
	return REFUSAL_NONE;
}

static enum refusal read_max_age(struct oauth_call *call, struct authorization_request *request)
{
	request->max_age_s = -1;
	if (request->max_age.ptr != NULL && text_to_int(request->max_age, INT32_MAX, &request->max_age_s) != RESULT_OK)
		return refuse(call, REFUSAL_MAX_AGE, "The parameter max_age must be a number of seconds, such as 3600.");
	return REFUSAL_NONE;
}

/* One of our own ID tokens of this realm, expired or not: it says whom the application means, and nothing more. One that does
 * not verify (its key may be gone: applications keep them for long) is no reason to lock people out. */
static enum refusal read_hint(struct oauth_call *call, struct authorization_request *request)
{
	struct claims claims;
	if (request->id_token_hint.ptr == NULL)
		return REFUSAL_NONE;
	if (jws_verify(request->id_token_hint, TOKEN_ID, call->tenant->keys, &claims) == RESULT_OK) {
		struct slice subject = claims_text(&claims, "sub");
		if (subject.ptr != NULL && slice_equal(claims_text(&claims, "iss"), oauth_issuer(call, call->realm.kind)))
			request->hinted_subject = arena_copy(call->arena, subject);
		claims_free(&claims);
	}
	request->hint_unknown = request->hinted_subject.ptr == NULL;
	return REFUSAL_NONE;
}

static enum refusal read_claims_parameter(struct oauth_call *call, struct authorization_request *request)
{
	if (request->claims.ptr == NULL)
		return REFUSAL_NONE;
	if (claims_parameter_read(call->arena, request->claims, &request->wanted) != RESULT_OK)
		return refuse(call, REFUSAL_CLAIMS_PARAMETER,
		              "The parameter claims is not a JSON object with the members userinfo and id_token: see OpenID Connect Core, section 5.5.");
	if (request->wanted.acr_unmet)
		return refuse(call, REFUSAL_ACR_UNMET,
		              "The claims parameter asks for an essential acr that no sign-in here has: leave it out, or ask for acr 1.");
	return REFUSAL_NONE;
}

static void append_word(struct writer *list, struct slice word)
{
	if (slice_has_word(writer_slice(list), word))
		return;
	if (list->len > 0)
		writer_byte(list, ' ');
	writer_put(list, word);
}

/* The claims parameter is no way around consent. */
static enum refusal read_asked(struct oauth_call *call, struct authorization_request *request)
{
	struct slice wanted[] = { request->wanted.id_token, request->wanted.userinfo };
	struct slice name;
	struct writer asked = writer_new(call->arena, request->granted.names.len + 64);
	writer_put(&asked, request->granted.names);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		while (slice_word(&wanted[i], &name))
			append_word(&asked, person_claim_scope(name));
	if (!writer_ok(&asked))
		return refuse(call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	request->asked = writer_slice(&asked);
	return REFUSAL_NONE;
}

enum refusal authorization_request_read(struct oauth_call *call, struct slice text, struct authorization_request *ret)
{
	struct form form;
	struct problem problem;
	struct authorization_request *request = ret;
	*request = (struct authorization_request) { .max_age_s = -1 };
	if (text.len == 0)
		form = (struct form) { NULL, 0 };
	else if (form_parse_lenient(call->arena, text, &form, &problem) != RESULT_OK)
		return refuse(call, REFUSAL_FORM_MALFORMED, "%s", problem.text);
	enum refusal refusal = read_client(call, &form, request);
	if (refusal == REFUSAL_NONE)
		refusal = read_redirect_uri(call, &form, request);
	if (refusal != REFUSAL_NONE)
		return refusal;
	request->answerable = true;
	request->state = only(&form, "state", LIMIT_STATE);
	(void)read_mode(only(&form, "response_mode", LIMIT_SHORT_PARAMETER), &request->mode);
	request->ui_locales = only(&form, "ui_locales", LIMIT_LONG_PARAMETER);

	static enum refusal (*const steps[])(struct oauth_call *, struct authorization_request *) = {
		read_prompt, read_max_age, read_claims_parameter, read_asked, read_hint,
	};
	const struct slice state = request->state;
	refusal = read_table(call, &form, request);
	if (refusal != REFUSAL_NONE)
		request->state = state; /* of two, none */
	if (refusal == REFUSAL_NONE)
		refusal = check_response(call, request);
	if (refusal == REFUSAL_NONE)
		refusal = check_challenge(call, request);
	if (refusal == REFUSAL_NONE)
		refusal = scope_rules_check(call, FLOW_PERSON, request->scope, &request->granted);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && refusal == REFUSAL_NONE; i++)
		refusal = steps[i](call, request);
	return refusal;
}
