#include "oauth/authorize/authorization_response.h"

#include "oauth/authorize/redirect_uri.h"

struct answer {
	const char *name;
	struct slice value; /* ptr NULL: left out */
};

static void respond_by_form(struct interaction *interaction, const struct authorization_request *request, const struct answer *answers, size_t count)
{
	struct oauth_call *call = &interaction->call;
	struct page_look look = interaction->look;
	struct writer fields = writer_new(call->arena, 1024);
	look.posts_to_client = true;
	look.may_be_framed = (request->prompts & PROMPT_NONE) != 0;
	for (size_t i = 0; i < count; i++) {
		const struct page_value field[] = { { "name", slice_from(answers[i].name), false }, { "value", answers[i].value, false } };
		if (answers[i].value.ptr != NULL)
			page_append(&fields, "form_field", &look, field, 2);
	}
	const struct page_value values[] = {
		{ "action", request->redirect_uri, false },
		{ "fields", writer_slice(&fields), true },
		{ "destination", redirect_uri_destination(request->redirect_uri), false },
	};
	page_reply(call->request, call->reply, writer_ok(&fields) ? 200 : 503, "form_post", &look, values, sizeof values / sizeof values[0]);
}

/* The parameters are appended: the address itself is as it was registered (it may have a query of its own, no fragment). */
static void respond_by_redirect(struct interaction *interaction, const struct authorization_request *request, const struct answer *answers,
                                size_t count)
{
	struct slice redirect_uri = request->redirect_uri;
	struct writer location = writer_new(interaction->call.arena, redirect_uri.len + 512);
	bool has_query = memchr(redirect_uri.ptr, '?', redirect_uri.len) != NULL;
	char separator = request->mode == RESPONSE_FRAGMENT ? '#' : has_query ? '&' : '?';
	writer_put(&location, redirect_uri);
	for (size_t i = 0; i < count; i++) {
		if (answers[i].value.ptr == NULL)
			continue;
		writer_byte(&location, separator);
		writer_text(&location, answers[i].name);
		writer_byte(&location, '=');
		writer_percent(&location, answers[i].value);
		separator = '&';
	}
	interaction_redirect(interaction, writer_ok(&location) ? writer_slice(&location) : (struct slice) { NULL, 0 });
}

static void respond(struct interaction *interaction, const struct authorization_request *request, const struct answer *answers, size_t count)
{
	if (request->mode == RESPONSE_FORM_POST)
		respond_by_form(interaction, request, answers, count);
	else
		respond_by_redirect(interaction, request, answers, count);
}

void authorization_respond_code(struct interaction *interaction, const struct authorization_request *request, struct slice code)
{
	const struct answer answers[] = {
		{ "code", code },
		{ "state", request->state },
		{ "iss", oauth_issuer(&interaction->call, interaction->call.realm.kind) },
	};
	respond(interaction, request, answers, sizeof answers / sizeof answers[0]);
}

void authorization_respond_refusal(struct interaction *interaction, const struct authorization_request *request, enum refusal refusal)
{
	struct oauth_call *call = &interaction->call;
	const struct refusal_entry *entry = refusal_entry(refusal);
	const struct answer answers[] = {
		{ "error", slice_from(entry->error) },
		{ "error_description", call->sentence },
		{ "error_uri", arena_print(call->arena, "%.*s/errors/%s", SLICE_ARGS(call->oauth->auth_url), entry->slug) },
		{ "state", request->state },
		{ "iss", oauth_issuer(call, call->realm.kind) },
	};
	respond(interaction, request, answers, sizeof answers / sizeof answers[0]);
	call->reply->error = slice_from(entry->slug);
	oauth_note_refusal(call, refusal, "authorization.refused");
}
