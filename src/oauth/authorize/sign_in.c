/* The sign-in page and its answer. A session is always new after a password was given (attacks A18). */
#include "base/clock.h"
#include "directory/audit.h"
#include "oauth/authorize/authorization_response.h"
#include "oauth/authorize/session_begin.h"
#include "oauth/authorize/steps.h"

/* ---- the page ------------------------------------------------------------------------------------------------------------ */

static const struct {
	unsigned status;
	const char *user_text, *customer_text;
} notices[] = {
	[NOTICE_NONE] = { 200, NULL, NULL },
	[NOTICE_WRONG] = { 400, "sign_in.problem_wrong", "sign_in.problem_wrong_email" },
	[NOTICE_WAIT] = { 429, "sign_in.problem_wait", "sign_in.problem_wait" },
	[NOTICE_BUSY] = { 503, "sign_in.problem_busy", "sign_in.problem_busy" },
	[NOTICE_OTHER_PERSON] = { 200, "sign_in.notice_other_person", "sign_in.notice_other_person" },
	[NOTICE_AGAIN] = { 200, "sign_in.notice_again", "sign_in.notice_again" },
	[NOTICE_FOREIGN] = { 403, "sign_in.notice_foreign", "sign_in.notice_foreign" },
};

void sign_in_page(struct interaction *interaction, const struct attempt_state *attempt, struct slice application, struct slice username,
                  enum sign_in_notice notice, int64_t wait_s)
{
	struct oauth_call *call = &interaction->call;
	bool users = call->realm.kind == PERSON_USER;
	struct slice sealed;
	enum refusal refusal = attempt_write(interaction, attempt, &sealed);
	if (refusal != REFUSAL_NONE) {
		oauth_refuse_page(call, refusal, "sign_in.refused");
		return;
	}
	struct slice wait = arena_print(call->arena, "%lld", (long long)(wait_s > 0 ? wait_s : 1));
	const struct page_value wait_value[] = { { "seconds", wait, false } };
	const char *text = users ? notices[notice].user_text : notices[notice].customer_text;
	const struct page_value values[] = {
		{ "action", interaction_url(interaction, "/sign-in"), false },
		{ "attempt", sealed, false },
		{ "application", application, false },
		{ "username", slice_first(username, LIMIT_EMAIL), false },
		{ "problem", text == NULL ? (struct slice) { NULL, 0 } : page_text(call->arena, &interaction->look, text, wait_value, 1), true },
		{ "name_label", page_text(call->arena, &interaction->look, users ? "sign_in.username" : "sign_in.email", NULL, 0), true },
		{ "name_type", users ? SLICE_OF("text") : SLICE_OF("email"), false },
		{ "name_autocomplete", SLICE_OF("username"), false },
	};
	struct page_look look = interaction->look;
	look.posts_lead_away = true;
	page_reply(call->request, call->reply, notices[notice].status, "sign_in", &look, values, sizeof values / sizeof values[0]);
	if (notice == NOTICE_WAIT || notice == NOTICE_BUSY)
		http_reply_header(call->reply, "Retry-After", wait);
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------ */

static void audit_sign_in(const struct interaction *interaction)
{
	const struct oauth_call *call = &interaction->call;
	const struct audit_event event = {
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = SLICE("person.signed_in"),
		.result = SLICE("ok"),
		.actor = interaction->person.id,
		.object = call->application == NULL ? SLICE_OF("account") : call->application->registered.client_id,
		.address = call->request->address,
	};
	audit_write(oauth_store(call), &event);
}

static enum refusal begin_session(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	enum refusal refusal = session_begin(interaction);
	if (refusal != REFUSAL_NONE)
		return refusal;
	atomic_fetch_add_explicit(&call->oauth->sign_ins, 1, memory_order_relaxed);
	oauth_count(call, STATISTIC_SIGN_INS);
	audit_sign_in(interaction);
	return REFUSAL_NONE;
}

static enum refusal go_on(struct interaction *interaction, struct progress *progress)
{
	enum refusal refusal = begin_session(interaction);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!progress->request.answerable) {
		interaction_redirect(interaction, interaction_url(interaction, "/account"));
		return REFUSAL_NONE;
	}
	progress->attempt.signed_in = true;
	progress->attempt.sid = interaction->session.sid;
	return steps_proceed(interaction, progress);
}

/* People type passwords into the field for the name: only the name of somebody who is there is kept. */
static struct slice audited_name(const struct interaction *interaction, struct slice name)
{
	const struct oauth_call *call = &interaction->call;
	char id[LIMIT_ID];
	struct person_state person;
	bool users = call->realm.kind == PERSON_USER;
	enum result result = store_person_state(oauth_store(call), &call->realm.partition, call->realm.kind,
	                                        users ? PERSON_BY_USERNAME : PERSON_BY_EMAIL, name, id, &person);
	return result == RESULT_OK ? slice_first(name, LIMIT_EMAIL) : SLICE_OF("an unknown name");
}

/* The page again, with what went wrong. */
static void show_again(struct interaction *interaction, struct progress *progress, struct slice name, enum sign_in_notice notice, int64_t wait_s)
{
	struct oauth_call *call = &interaction->call;
	static const enum refusal refusals[] = {
		[NOTICE_WRONG] = REFUSAL_SIGN_IN_FAILED,
		[NOTICE_WAIT] = REFUSAL_TOO_MANY_FAILURES,
		[NOTICE_BUSY] = REFUSAL_UNAVAILABLE,
		[NOTICE_FOREIGN] = REFUSAL_ATTEMPT_FOREIGN,
	};
	static const char *const sentences[] = {
		[NOTICE_WRONG] = "The username or password is wrong.",
		[NOTICE_WAIT] = "Too many wrong passwords: the account or address has to wait.",
		[NOTICE_BUSY] = "The password could not be checked: the server is busy or the store cannot answer.",
		[NOTICE_FOREIGN] = "The form was begun in another browser, in an older tab, or the browser keeps no cookies: the page is shown again.",
	};
	sign_in_page(interaction, &progress->attempt, call->application == NULL ? (struct slice) { NULL, 0 } : call->application->registered.name, name,
	             notice, wait_s);
	call->subject = audited_name(interaction, name);
	call->reply->error = slice_from(refusal_entry(refusals[notice])->slug);
	oauth_note_refusal(call, refuse(call, refusals[notice], "%s", sentences[notice]), "sign_in.refused");
}

/* Tabs that begin together in a fresh browser are bound one after the other, and the last one counts. Showing the page again, bound
 * to what the browser has now and without a look at the password, is as safe as opening the address again. */
static enum refusal begin_again(struct interaction *interaction, struct progress *progress)
{
	if (progress->attempt.request.len > 0) {
		enum refusal refusal = authorization_request_read(&interaction->call, progress->attempt.request, &progress->request);
		interaction_speak(interaction, progress->request.ui_locales);
		if (refusal != REFUSAL_NONE && !progress->request.answerable)
			return refusal;
		if (refusal != REFUSAL_NONE) {
			authorization_respond_refusal(interaction, &progress->request, refusal);
			return REFUSAL_NONE;
		}
	}
	show_again(interaction, progress, progress->request.login_hint, NOTICE_FOREIGN, 0);
	return REFUSAL_NONE;
}

static enum refusal answer(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	struct form form;
	struct progress progress = { .consented = false };
	bool answered;
	int64_t wait_s = 0;
	if (call->request->method != HTTP_POST)
		return refuse(call, REFUSAL_ATTEMPT_FOREIGN, "This page cannot be opened by its address: go back to the application and begin again.");
	enum refusal refusal = interaction_form(interaction, &form);
	if (refusal == REFUSAL_NONE)
		refusal = steps_resume(interaction, &form, &progress, &answered);
	if (refusal == REFUSAL_ATTEMPT_FOREIGN && progress.attempt.begun_s > 0)
		return begin_again(interaction, &progress);
	if (refusal != REFUSAL_NONE || answered)
		return refusal;
	struct slice name = interaction_field(&form, "username");
	struct slice password = interaction_field(&form, "password");
	if (oauth_refuses_secret(call->oauth, password))
		password = (struct slice) { NULL, 0 };
	switch (sign_in_check(&call->oauth->sign_in, &call->realm, name, password, call->request->address, call->arena, &interaction->person, &wait_s)) {
	case SIGN_IN_RIGHT: return go_on(interaction, &progress);
	case SIGN_IN_WAIT: show_again(interaction, &progress, name, NOTICE_WAIT, wait_s); break;
	case SIGN_IN_BUSY: show_again(interaction, &progress, name, NOTICE_BUSY, 1); break;
	case SIGN_IN_WRONG: show_again(interaction, &progress, name, NOTICE_WRONG, 0); break;
	}
	return REFUSAL_NONE;
}

void oauth_sign_in(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct interaction interaction;
	enum refusal refusal = interaction_begin(oauth, request, reply, &interaction);
	if (refusal == REFUSAL_NONE)
		refusal = answer(&interaction);
	interaction_end(&interaction, refusal, "sign_in.refused");
}
