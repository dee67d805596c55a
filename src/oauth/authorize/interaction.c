#include "oauth/authorize/interaction.h"

#include "base/clock.h"

/* The person of the session: there, enabled, and so since before it began. */
static enum refusal read_person(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	struct person *person = &interaction->person;
	switch (store_person_read(oauth_store(&interaction->call), &call->realm.partition, call->realm.kind, PERSON_BY_ID, interaction->session.person_id,
	                          call->arena, person)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND: return REFUSAL_NONE;
	default: return refuse_store(call);
	}
	interaction->signed_in = person->enabled && interaction->session.auth_time * 1000 + 999 >= person->valid_from_ms;
	return REFUSAL_NONE;
}

static enum refusal read_session(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	if (interaction->browser.session.ptr == NULL)
		return REFUSAL_NONE;
	switch (store_session_read(oauth_store(&interaction->call), &call->realm, &interaction->browser.session_hash, clock_s(),
	                           call->oauth->session_idle_s, call->arena, &interaction->session)) {
	case RESULT_OK: return read_person(interaction);
	case RESULT_NOT_FOUND: return REFUSAL_NONE;
	default: return refuse_store(call);
	}
}

enum refusal interaction_begin(struct oauth *oauth, struct http_request *request, struct http_reply *reply, struct interaction *ret)
{
	*ret = (struct interaction) { .signed_in = false };
	struct oauth_call *call = &ret->call;
	enum refusal refusal = oauth_call_begin(oauth, request, reply, call);
	interaction_speak(ret, (struct slice) { NULL, 0 });
	if (refusal != REFUSAL_NONE)
		return refusal;
	ret->look.partition = &call->tenant->partition;
	ret->look.realm = request->segments[0];
	browser_read(request, &call->realm, oauth->https, &ret->browser);
	return read_session(ret);
}

void interaction_end(struct interaction *interaction, enum refusal refusal, const char *action)
{
	if (refusal != REFUSAL_NONE)
		oauth_refuse_page(&interaction->call, refusal, action);
	oauth_call_end(&interaction->call, REFUSAL_NONE, NULL);
}

void interaction_speak(struct interaction *interaction, struct slice ui_locales)
{
	interaction->look.language = language_choose(ui_locales, http_request_header(interaction->call.request, "Accept-Language"));
}

struct slice interaction_url(const struct interaction *interaction, const char *path)
{
	return arena_print(interaction->call.arena, "%.*s%s", SLICE_ARGS(oauth_issuer(&interaction->call, interaction->call.realm.kind)), path);
}

enum refusal interaction_form(struct interaction *interaction, struct form *ret)
{
	struct oauth_call *call = &interaction->call;
	struct problem problem;
	if (!form_content_type(http_request_header(call->request, "Content-Type")))
		return refuse(call, REFUSAL_CONTENT_TYPE, "Send the form as application/x-www-form-urlencoded.");
	if (call->request->body.len == 0) {
		*ret = (struct form) { NULL, 0 };
		return REFUSAL_NONE;
	}
	if (form_parse_lenient(call->arena, call->request->body, ret, &problem) != RESULT_OK)
		return refuse(call, REFUSAL_FORM_MALFORMED, "%s", problem.text);
	return REFUSAL_NONE;
}

struct slice interaction_field(const struct form *form, const char *name)
{
	size_t count;
	const struct form_field *field = form_find(form, name, &count);
	return count == 1 && !field->malformed && field->value.len > 0 ? field->value : (struct slice) { NULL, 0 };
}

void interaction_redirect(struct interaction *interaction, struct slice location)
{
	struct http_reply *reply = interaction->call.reply;
	reply->status = location.ptr != NULL ? 303 : 503;
	reply->content_type = reply->body = (struct slice) { NULL, 0 };
	if (location.ptr != NULL)
		http_reply_header(reply, "Location", location);
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}
