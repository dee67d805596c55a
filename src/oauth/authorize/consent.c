#include "oauth/authorize/consent.h"

#include "directory/audit.h"
#include "directory/rules.h"
#include "oauth/authorize/authorization_response.h"
#include "oauth/authorize/redirect_uri.h"
#include "oauth/authorize/steps.h"

/* ---- the page ------------------------------------------------------------------------------------------------------------ */

static struct slice permission_words(struct interaction *interaction, struct slice name)
{
	struct arena *arena = interaction->call.arena;
	struct slice description = tenant_permission_description(interaction->call.tenant, name);
	const struct page_value values[] = { { "description", description, false }, { "name", name, false } };
	if (scope_is_openid(name) || permission_is_reserved(name))
		return page_text(arena, &interaction->look, arena_print(arena, "scope.%.*s", SLICE_ARGS(name)).ptr, NULL, 0);
	return page_text(arena, &interaction->look, description.len > 0 ? "consent.permission" : "consent.permission_unnamed", values, 2);
}

void consent_items(struct interaction *interaction, struct slice scope, struct writer *out)
{
	struct slice name;
	while (slice_word(&scope, &name)) {
		const struct page_value values[] = { { "name", name, false }, { "words", permission_words(interaction, name), true } };
		page_append(out, "consent_item", &interaction->look, values, 2);
	}
}

static struct slice person_name(const struct person *person)
{
	return person->username.len > 0 ? person->username : person->email.len > 0 ? person->email : person->id;
}

enum refusal consent_page(struct interaction *interaction, const struct attempt_state *attempt, const struct authorization_request *request)
{
	struct oauth_call *call = &interaction->call;
	struct slice sealed;
	enum refusal refusal = attempt_write(interaction, attempt, &sealed);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct writer items = writer_new(call->arena, 2048);
	consent_items(interaction, request->asked, &items);
	if (!writer_ok(&items))
		return refuse(call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	const struct page_value values[] = {
		{ "action", interaction_url(interaction, "/consent"), false },
		{ "attempt", sealed, false },
		{ "application", call->application->registered.name, false },
		{ "person", person_name(&interaction->person), false },
		{ "permissions", writer_slice(&items), true },
		{ "destination", redirect_uri_destination(request->redirect_uri), false },
	};
	struct page_look look = interaction->look;
	look.posts_lead_away = true;
	page_reply(call->request, call->reply, 200, "consent", &look, values, sizeof values / sizeof values[0]);
	return REFUSAL_NONE;
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------ */

static void audit_decision(const struct interaction *interaction, const char *result)
{
	const struct oauth_call *call = &interaction->call;
	const struct audit_event event = {
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = SLICE("consent.decided"),
		.result = slice_from(result),
		.actor = interaction->person.id,
		.object = call->application->registered.client_id,
		.address = call->request->address,
	};
	audit_write(oauth_store(call), &event);
}

static enum refusal decide(struct interaction *interaction, struct progress *progress, struct slice decision)
{
	struct oauth_call *call = &interaction->call;
	bool same_person = interaction->signed_in && progress->attempt.sid.len > 0 && slice_equal(progress->attempt.sid, interaction->session.sid);
	if (slice_is(decision, "deny")) {
		if (same_person)
			audit_decision(interaction, "denied");
		authorization_respond_refusal(interaction, &progress->request, refuse(call, REFUSAL_ACCESS_DENIED, "The person did not allow it."));
		return REFUSAL_NONE;
	}
	if (slice_is(decision, "other")) {
		progress->attempt.sid = (struct slice) { NULL, 0 };
		progress->attempt.signed_in = false;
		sign_in_page(interaction, &progress->attempt, call->application->registered.name, (struct slice) { NULL, 0 }, NOTICE_NONE, 0);
		return REFUSAL_NONE;
	}
	progress->consented = same_person && slice_is(decision, "allow");
	if (progress->consented)
		audit_decision(interaction, "ok");
	return steps_proceed(interaction, progress);
}

static enum refusal answer(struct interaction *interaction)
{
	struct form form;
	struct progress progress = { .consented = false };
	bool answered = false;
	if (interaction->call.request->method != HTTP_POST)
		return refuse(&interaction->call, REFUSAL_ATTEMPT_FOREIGN,
		              "This page cannot be opened by its address: go back to the application and begin again.");
	enum refusal refusal = interaction_form(interaction, &form);
	if (refusal == REFUSAL_NONE)
		refusal = steps_resume(interaction, &form, &progress, &answered);
	if (refusal != REFUSAL_NONE || answered)
		return refusal;
	if (!progress.request.answerable)
		return refuse(&interaction->call, REFUSAL_ATTEMPT_FOREIGN, "This form does not belong here: go back to the application and begin again.");
	return decide(interaction, &progress, interaction_field(&form, "decision"));
}

void oauth_consent(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct interaction interaction;
	enum refusal refusal = interaction_begin(oauth, request, reply, &interaction);
	if (refusal == REFUSAL_NONE)
		refusal = answer(&interaction);
	interaction_end(&interaction, refusal, "consent.refused");
}
