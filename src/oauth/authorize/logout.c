/* RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): an application sends the person here to be signed out. Only an ID
 * token of the person, which nobody else has, makes it happen without a question; and only with one is there an address to go
 * back to (attacks A13: anybody can send somebody here). */
#include "jose/jws.h"
#include "oauth/authorize/account.h"
#include "oauth/authorize/session_end.h"
#include "oauth/parameters.h"

#define AT_LOGOUT 1
#define KEEP(member) offsetof(struct logout_request, member)

struct logout_request {
	/* as they were sent; ptr NULL: absent or without a value */
	struct slice id_token_hint, logout_hint, client_id, post_logout_redirect_uri, state, ui_locales;
	struct slice anti_forgery;         /* of the page that asks: the person has said yes */
	/* of a hint that is good: */
	struct slice subject, audience;
	struct slice way_back;             /* the registered address to go back to; ptr NULL: none */
};

static const struct parameter_rule rules[] = {
	{ SLICE("id_token_hint"), AT_LOGOUT, LIMIT_TOKEN_PARAMETER, KEEP(id_token_hint) },
	{ SLICE("logout_hint"), AT_LOGOUT, LIMIT_LONG_PARAMETER, KEEP(logout_hint) },
	{ SLICE("client_id"), AT_LOGOUT, LIMIT_SHORT_PARAMETER, KEEP(client_id) },
	{ SLICE("post_logout_redirect_uri"), AT_LOGOUT, LIMIT_URL, KEEP(post_logout_redirect_uri) },
	{ SLICE("state"), AT_LOGOUT, LIMIT_STATE, KEEP(state) },
	{ SLICE("ui_locales"), AT_LOGOUT, LIMIT_LONG_PARAMETER, KEEP(ui_locales) },
	{ SLICE("anti_forgery"), AT_LOGOUT, LIMIT_SHORT_PARAMETER, KEEP(anti_forgery) },
};

/* ---- the request ------------------------------------------------------------------------------------------------------------ */

static enum refusal read_parameters(struct oauth_call *call, struct logout_request *request)
{
	const struct http_request *http = call->request;
	const bool posted = http->method == HTTP_POST;
	const struct slice text = posted ? http->body : http->query;
	struct form form;
	if (posted && text.len > 0 && !form_content_type(http_request_header(http, "Content-Type")))
		return refuse(call, REFUSAL_CONTENT_TYPE, "Send the form as application/x-www-form-urlencoded.");
	enum refusal refusal = oauth_form_parse(call, text, &form);
	if (refusal == REFUSAL_NONE)
		refusal = oauth_parameters_read(call, rules, sizeof rules / sizeof rules[0], AT_LOGOUT, &form, request);
	if (!posted)
		request->anti_forgery = (struct slice) { NULL, 0 }; /* an address does nothing by itself */
	return refusal;
}

/* One of our own ID tokens of this realm, expired or not. */
static enum refusal read_hint(struct oauth_call *call, struct logout_request *request)
{
	struct claims claims;
	if (request->id_token_hint.ptr == NULL)
		return REFUSAL_NONE;
	if (jws_verify(request->id_token_hint, TOKEN_ID, call->tenant->keys, &claims) == RESULT_OK) {
		struct slice subject = claims_text(&claims, "sub"), audience = claims_text(&claims, "aud");
		if (subject.ptr != NULL && audience.ptr != NULL && slice_equal(claims_text(&claims, "iss"), oauth_issuer(call, call->realm.kind))) {
			request->subject = arena_copy(call->arena, subject);
			request->audience = arena_copy(call->arena, audience);
		}
		claims_free(&claims);
	}
	if (request->subject.ptr == NULL || request->audience.ptr == NULL)
		return refuse(call, REFUSAL_LOGOUT_HINT,
		              "The id_token_hint is not an ID token of this realm: send the one that the person's last sign-in gave.");
	call->client_id = request->audience;
	if (request->client_id.ptr != NULL && !slice_equal(request->client_id, request->audience))
		return refuse(call, REFUSAL_LOGOUT_HINT, "The id_token_hint was given to another client application than client_id says.");
	return REFUSAL_NONE;
}

/* Equal to a registered one, byte by byte. Without a hint it is not even looked at: who asks is not known. */
static enum refusal read_way_back(struct oauth_call *call, struct logout_request *request)
{
	const struct slice wanted = request->post_logout_redirect_uri;
	if (request->subject.ptr == NULL || wanted.ptr == NULL)
		return REFUSAL_NONE;
	switch (directory_application(call->oauth->directory, &call->realm.partition, request->audience, &call->application)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND:
		return refuse(call, REFUSAL_LOGOUT_ADDRESS, "The client application that the id_token_hint was given to is no longer there.");
	default: return refuse_store(call);
	}
	const struct client_application *registered = &call->application->registered;
	if (registered->enabled && slice_has_word(registered->post_logout_redirect_urls, wanted)) {
		request->way_back = wanted;
		return REFUSAL_NONE;
	}
	call->audit_detail = arena_print(call->arena, "post_logout_redirect_uri %.*s arrived", SLICE_ARGS(slice_first(wanted, LIMIT_SHORT_PARAMETER)));
	return refuse(call, REFUSAL_LOGOUT_ADDRESS,
	              "The post_logout_redirect_uri is not registered for this client application: they compare byte by byte.");
}

/* ---- the answers ------------------------------------------------------------------------------------------------------------ */

/* Back with state, or to the page that says that it is done. */
static void leave(struct interaction *interaction, const struct logout_request *request)
{
	const struct slice way_back = request->way_back;
	struct writer location = writer_new(interaction->call.arena, way_back.len + request->state.len + 128);
	if (way_back.ptr == NULL) {
		writer_put(&location, interaction_url(interaction, "/account?done=" ACCOUNT_DONE_SIGNED_OUT));
	} else {
		writer_put(&location, way_back);
		if (request->state.ptr != NULL) {
			writer_text(&location, memchr(way_back.ptr, '?', way_back.len) == NULL ? "?state=" : "&state=");
			writer_percent(&location, request->state);
		}
	}
	interaction_redirect(interaction, writer_ok(&location) ? writer_slice(&location) : (struct slice) { NULL, 0 });
}

/* The page that asks. Its form is this request once more, with the value that only this session's pages have. */
static void ask(struct interaction *interaction, const struct logout_request *request)
{
	struct oauth_call *call = &interaction->call;
	const struct person *person = &interaction->person;
	const struct slice name = call->realm.kind == PERSON_USER ? person->username : person->email;
	const struct {
		const char *name;
		struct slice value;
	} kept[] = {
		{ "id_token_hint", request->id_token_hint },
		{ "client_id", request->client_id },
		{ "post_logout_redirect_uri", request->post_logout_redirect_uri },
		{ "state", request->state },
		{ "ui_locales", request->ui_locales },
		{ "anti_forgery", browser_anti_forgery(&interaction->browser, call->arena) },
	};
	struct page_look look = interaction->look;
	struct writer fields = writer_new(call->arena, 1024 + request->id_token_hint.len);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		const struct page_value field[] = { { "name", slice_from(kept[i].name), false }, { "value", kept[i].value, false } };
		if (kept[i].value.ptr != NULL)
			page_append(&fields, "form_field", &look, field, 2);
	}
	const struct page_value values[] = {
		{ "action", interaction_url(interaction, "/oauth2/logout"), false },
		{ "fields", writer_slice(&fields), true },
		{ "person", name.len > 0 ? name : person->id, false },
		{ "stay", interaction_url(interaction, "/account"), false },
	};
	look.posts_lead_away = request->way_back.ptr != NULL;
	page_reply(call->request, call->reply, writer_ok(&fields) ? 200 : 503, "logout", &look, values, sizeof values / sizeof values[0]);
}

static enum refusal answer(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	struct logout_request request = { .subject = { NULL, 0 } };
	enum refusal refusal = read_parameters(call, &request);
	interaction_speak(interaction, request.ui_locales);
	if (refusal == REFUSAL_NONE)
		refusal = read_hint(call, &request);
	if (refusal == REFUSAL_NONE)
		refusal = read_way_back(call, &request);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const bool named = interaction->signed_in && request.subject.ptr != NULL && slice_equal(request.subject, interaction->person.id);
	const bool answered = interaction->signed_in && request.anti_forgery.ptr != NULL;
	if (!named && answered && !browser_anti_forgery_holds(&interaction->browser, call->arena, request.anti_forgery))
		return refuse(call, REFUSAL_ATTEMPT_FOREIGN, "This form was not shown to this browser in its present session: nobody was signed out.");
	if (interaction->signed_in && !named && !answered) {
		ask(interaction, &request);
		return REFUSAL_NONE;
	}
	bool ignored;
	if (interaction->signed_in)
		refusal = session_end(interaction, interaction->session.sid, &ignored);
	if (refusal == REFUSAL_NONE)
		leave(interaction, &request);
	return refusal;
}

void oauth_logout(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct interaction interaction;
	enum refusal refusal = interaction_begin(oauth, request, reply, &interaction);
	if (refusal == REFUSAL_NONE)
		refusal = answer(&interaction);
	interaction_end(&interaction, refusal, "logout.refused");
}
