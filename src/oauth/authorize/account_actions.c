/* What a person does on the own page. Nothing is done without the anti-forgery value of the page (attacks A13). */
#include "base/clock.h"
#include "base/text.h"
#include "directory/audit.h"
#include "oauth/authorize/account.h"
#include "oauth/authorize/session_begin.h"
#include "oauth/authorize/session_end.h"
#include "oauth/grant_record.h"

static struct audit_event event_of(const struct interaction *interaction, const char *action, struct slice object)
{
	const struct oauth_call *call = &interaction->call;
	return (struct audit_event) {
		.at_ms = clock_ms(),
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = slice_from(action),
		.result = SLICE("ok"),
		.actor = interaction->person.id,
		.object = object,
		.address = call->request->address,
	};
}

static void audit(const struct interaction *interaction, const char *action, struct slice object)
{
	const struct audit_event event = event_of(interaction, action, object);
	audit_write(oauth_store(&interaction->call), &event);
}

/* Back to the page. done: what it shall say was done; NULL: nothing. */
static enum refusal back(struct interaction *interaction, const char *done)
{
	const struct slice page = interaction_url(interaction, "/account");
	interaction_redirect(interaction, done == NULL ? page : arena_print(interaction->call.arena, "%.*s?done=%s", SLICE_ARGS(page), done));
	return REFUSAL_NONE;
}

static enum refusal not_stored(struct interaction *interaction)
{
	return refuse(&interaction->call, REFUSAL_UNAVAILABLE, "The change could not be stored, so nothing was changed: try again.");
}

/* ---- sessions -------------------------------------------------------------------------------------------------------------- */

static enum refusal session_finish(struct interaction *interaction, struct slice sid)
{
	const bool present = slice_equal(sid, interaction->session.sid);
	bool found;
	enum refusal refusal = session_end(interaction, sid, &found);
	if (refusal != REFUSAL_NONE)
		return refusal;
	return back(interaction, present ? ACCOUNT_DONE_SIGNED_OUT : found ? ACCOUNT_DONE_SESSION : NULL);
}

static enum refusal sign_out(struct interaction *interaction, const struct form *form)
{
	(void)form;
	return session_finish(interaction, interaction->session.sid);
}

static enum refusal end_session(struct interaction *interaction, const struct form *form)
{
	return session_finish(interaction, slice_first(interaction_field(form, "sid"), LIMIT_ID));
}

/* ---- connected applications --------------------------------------------------------------------------------------------------- */

static enum refusal withdraw(struct interaction *interaction, const struct form *form)
{
	const struct slice client_id = slice_first(interaction_field(form, "client_id"), LIMIT_ID);
	const struct oauth_call *call = &interaction->call;
	const int64_t until = grant_record_revoked_until();
	switch (store_consent_withdraw(oauth_store(&interaction->call), &call->realm, interaction->person.id, client_id, until)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND: return back(interaction, NULL);
	default: return not_stored(interaction);
	}
	audit(interaction, "consent.withdrawn", client_id);
	return back(interaction, ACCOUNT_DONE_WITHDRAWN);
}

/* ---- the password ----------------------------------------------------------------------------------------------------------- */

/* Characters, as a person counts them: UTF-8 without its continuation bytes. */
static size_t characters(struct slice text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return count;
}

/* The key of what is wrong with the new password; NULL: nothing. */
static const char *password_judge(const struct person *person, struct slice fresh, struct slice again)
{
	if (characters(fresh) < LIMIT_PASSWORD_MIN)
		return "account.problem_short";
	if (!slice_equal(fresh, again))
		return "account.problem_differ";
	if (text_equal_folded(fresh, person->username) || text_equal_folded(fresh, person->email))
		return "account.problem_same_as_name";
	return NULL;
}

/* The page again, with what went wrong; counted and audited like every refusal. */
static enum refusal password_refused(struct interaction *interaction, enum refusal refusal, const char *text, int64_t wait_s)
{
	struct oauth_call *call = &interaction->call;
	const struct slice wait = arena_print(call->arena, "%lld", (long long)(wait_s > 0 ? wait_s : 1));
	const struct page_value seconds[] = { { "seconds", wait, false } };
	const struct refusal_entry *entry = refusal_entry(refusal);
	enum refusal failed = account_page(interaction, entry->status, page_text(call->arena, &interaction->look, text, seconds, 1));
	if (failed != REFUSAL_NONE)
		return failed;
	if (entry->status == 429 || entry->status == 503)
		http_reply_header(call->reply, "Retry-After", wait);
	call->reply->error = slice_from(entry->slug);
	call->subject = interaction->person.id;
	oauth_note_refusal(call, refuse(call, refusal, "The password was not changed: %s.", entry->title), "password.refused");
	return REFUSAL_NONE;
}

static enum refusal busy(struct interaction *interaction)
{
	return password_refused(interaction, REFUSAL_UNAVAILABLE, "account.problem_busy", 1);
}

/* Stores the new password, which ends every session, and signs this browser in again. */
static enum refusal password_replace(struct interaction *interaction, struct slice fresh)
{
	const struct oauth_call *call = &interaction->call;
	struct person *person = &interaction->person;
	struct slice hash;
	if (password_queue_hash(call->oauth->sign_in.passwords, fresh, call->arena, &hash) != RESULT_OK)
		return busy(interaction);
	const struct audit_event event = event_of(interaction, "password.changed", person->id);
	switch (store_person_password_set(oauth_store(&interaction->call), &call->realm, person->id, person->password_hash, hash, &event)) {
	case RESULT_OK: break;
	/* somebody changed it meanwhile */
	case RESULT_CONFLICT: return password_refused(interaction, REFUSAL_SIGN_IN_FAILED, "account.problem_current", 0);
	case RESULT_NOT_FOUND: return back(interaction, NULL);
	default: return not_stored(interaction);
	}
	audit_line(&event);
	person->password_hash = hash;
	enum refusal refusal = session_begin(interaction);
	return refusal != REFUSAL_NONE ? refusal : back(interaction, ACCOUNT_DONE_PASSWORD);
}

static enum refusal change_password(struct interaction *interaction, const struct form *form)
{
	struct oauth_call *call = &interaction->call;
	const struct slice fresh = interaction_field(form, "new");
	if (fresh.len > LIMIT_PASSWORD)
		return refuse(call, REFUSAL_PASSWORD_UNFIT, "The new password is longer than %d bytes: choose a shorter one.", LIMIT_PASSWORD);
	const char *problem = password_judge(&interaction->person, fresh, interaction_field(form, "again"));
	if (problem != NULL)
		return password_refused(interaction, REFUSAL_PASSWORD_UNFIT, problem, 0);
	int64_t wait_s = 0;
	switch (sign_in_confirm(&call->oauth->sign_in, &call->realm, &interaction->person, interaction_field(form, "current"), call->request->address,
	                        &wait_s)) {
	case SIGN_IN_RIGHT: return password_replace(interaction, fresh);
	case SIGN_IN_WRONG: return password_refused(interaction, REFUSAL_SIGN_IN_FAILED, "account.problem_current", 0);
	case SIGN_IN_WAIT: return password_refused(interaction, REFUSAL_TOO_MANY_FAILURES, "account.problem_wait", wait_s);
	case SIGN_IN_BUSY: break;
	}
	return busy(interaction);
}

/* ---- which --------------------------------------------------------------------------------------------------------------------- */

typedef enum refusal account_action(struct interaction *, const struct form *);

static const struct {
	const char *name;
	account_action *run;
} actions[] = {
	{ "sign-out", sign_out },
	{ "end-session", end_session },
	{ "withdraw", withdraw },
	{ "password", change_password },
};

static account_action *find_action(struct slice name)
{
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (slice_is(name, actions[i].name))
			return actions[i].run;
	return NULL;
}

static enum refusal answer(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	account_action *action = find_action(call->request->segments[1]);
	struct form form;
	if (action == NULL)
		return refuse(call, REFUSAL_HTTP_NOT_FOUND, "There is nothing at this address.");
	enum refusal refusal = interaction_form(interaction, &form);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!browser_anti_forgery_holds(&interaction->browser, call->arena, interaction_field(&form, "anti_forgery")))
		return refuse(call, REFUSAL_ATTEMPT_FOREIGN,
		              "This form was not shown to this browser in its present session: open the account page and try again.");
	if (!interaction->signed_in)
		return back(interaction, NULL); /* the session is over: its page asks to sign in */
	return action(interaction, &form);
}

void oauth_account_do(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct interaction interaction;
	enum refusal refusal = interaction_begin(oauth, request, reply, &interaction);
	if (refusal == REFUSAL_NONE)
		refusal = answer(&interaction);
	interaction_end(&interaction, refusal, "account.refused");
}
