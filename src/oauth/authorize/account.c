#include "oauth/authorize/account.h"

#include "base/clock.h"
#include "oauth/authorize/consent.h"
#include "signin/user_agent.h"

#include <time.h>

/* The page stays usable for who has connected as many applications as can be: once the request has used this much memory, what
 * further ones may do is not listed; and beyond so many bytes of rows, the rest shows up when some of these were withdrawn. */
#define PERMISSIONS_BUDGET (LIMIT_REQUEST_ARENA_MAX / 10)
#define ROWS_BUDGET (LIMIT_REQUEST_ARENA_MAX / 6)
#define ROW_SIZE 1280 /* usually, without what it lists */
#define ROW_SIZE_MAX 8192

/* "2026-11-22 14:05 UTC" */
static struct slice time_words(struct arena *arena, int64_t at_s)
{
	char text[CLOCK_TEXT_SIZE];
	const time_t at = (time_t)at_s;
	struct tm parts;
	if (at_s <= 0 || gmtime_r(&at, &parts) == NULL)
		return (struct slice) { NULL, 0 };
	const size_t len = strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
	return arena_copy(arena, (struct slice) { text, len });
}

/* What every row and the page itself name. */
struct account_view {
	struct interaction *interaction;
	struct slice base, anti_forgery;
	struct writer rows;
	struct connected_view *connected;
	size_t connected_count;
	size_t permissions_size;
};

/* Taken out of the store before it is asked for the application's name. */
struct connected_view {
	struct slice client_id, permissions; /* in words, html */
	int64_t since;
	bool offline;
};

/* ---- sessions -------------------------------------------------------------------------------------------------------------- */

static enum result session_row(void *context, const struct session *session)
{
	struct account_view *view = context;
	const struct interaction *interaction = view->interaction;
	struct arena *arena = interaction->call.arena;
	const bool present = slice_equal(session->sid, interaction->session.sid);
	const struct page_value values[] = {
		{ "base", view->base, false },
		{ "anti_forgery", view->anti_forgery, false },
		{ "sid", session->sid, false },
		{ "started", time_words(arena, session->created_at), false },
		{ "used", time_words(arena, session->last_used_at), false },
		{ "address", session->address, false },
		{ "browser", user_agent_name(arena, session->user_agent), false },
		{ "user_agent", session->user_agent, false },
		{ "present", present ? SLICE_OF("1") : SLICE_OF(""), false },
	};
	page_append(&view->rows, "account_session", &interaction->look, values, sizeof values / sizeof values[0]);
	return RESULT_OK;
}

static enum result session_rows(struct account_view *view, struct slice *ret)
{
	const struct oauth_call *call = &view->interaction->call;
	view->rows = writer_new(call->arena, 4 * ROW_SIZE);
	enum result result = store_sessions_each(oauth_store(call), &call->realm, view->interaction->person.id, clock_s(),
	                                         call->oauth->session_idle_s, session_row, view);
	if (result == RESULT_OK)
		*ret = writer_slice(&view->rows);
	return result;
}

/* ---- connected applications --------------------------------------------------------------------------------------------------- */

static struct slice permission_items(struct interaction *interaction, struct slice scope)
{
	struct arena *arena = interaction->call.arena;
	struct writer items = writer_new(arena, 64);
	struct slice name;
	while (arena_used(arena) < PERMISSIONS_BUDGET && slice_word(&scope, &name))
		consent_items(interaction, name, &items);
	return writer_slice(&items);
}

static enum result connected_note(void *context, const struct connected_application *connected)
{
	struct account_view *view = context;
	struct arena *arena = view->interaction->call.arena;
	if (view->connected_count == LIMIT_CONNECTED_APPLICATIONS)
		return RESULT_OK;
	struct connected_view *kept = &view->connected[view->connected_count++];
	*kept = (struct connected_view) {
		.client_id = arena_copy(arena, connected->client_id),
		.permissions = permission_items(view->interaction, connected->scope),
		.since = connected->since,
		.offline = connected->offline,
	};
	view->permissions_size += kept->permissions.len;
	return arena_exhausted(arena) ? RESULT_NO_MEMORY : RESULT_OK;
}

/* One that is no longer registered is named by its client id: its access can be withdrawn all the same. */
static void connected_row(struct account_view *view, const struct connected_view *connected)
{
	struct interaction *interaction = view->interaction;
	const struct oauth_call *call = &interaction->call;
	const struct application *application = NULL;
	const bool known = directory_application(call->oauth->directory, &call->realm.partition, connected->client_id, &application) == RESULT_OK;
	const struct page_value values[] = {
		{ "base", view->base, false },
		{ "anti_forgery", view->anti_forgery, false },
		{ "client_id", connected->client_id, false },
		{ "name", known ? application->registered.name : connected->client_id, false },
		{ "permissions", connected->permissions, true },
		{ "since", time_words(call->arena, connected->since), false },
		{ "offline", connected->offline ? SLICE_OF("1") : SLICE_OF(""), false },
	};
	page_append(&view->rows, "account_application", &interaction->look, values, sizeof values / sizeof values[0]);
	if (known)
		application_release(application);
}

static enum result connected_rows(struct account_view *view, struct slice *ret)
{
	const struct oauth_call *call = &view->interaction->call;
	view->connected = arena_array(call->arena, LIMIT_CONNECTED_APPLICATIONS, sizeof *view->connected);
	if (view->connected == NULL)
		return RESULT_NO_MEMORY;
	enum result result = store_connected_each(oauth_store(call), &call->realm, view->interaction->person.id,
	                                          connected_note, view);
	if (result != RESULT_OK)
		return result;
	/* in one piece where it is much: a writer that grows leaves its former bytes behind */
	const size_t expected = (view->connected_count + 1) * ROW_SIZE + view->permissions_size;
	view->rows = writer_new(call->arena, expected > ROWS_BUDGET / 2 ? ROWS_BUDGET + ROW_SIZE_MAX : expected);
	for (size_t i = 0; i < view->connected_count && view->rows.len < ROWS_BUDGET; i++)
		connected_row(view, &view->connected[i]);
	*ret = writer_slice(&view->rows);
	return RESULT_OK;
}

/* ---- the page -------------------------------------------------------------------------------------------------------------- */

enum refusal account_page(struct interaction *interaction, unsigned status, struct slice notice)
{
	struct oauth_call *call = &interaction->call;
	const struct person *person = &interaction->person;
	struct account_view view = {
		.interaction = interaction,
		.base = interaction_url(interaction, "/account"),
		.anti_forgery = browser_anti_forgery(&interaction->browser, call->arena),
	};
	struct slice sessions, applications;
	if (session_rows(&view, &sessions) != RESULT_OK || connected_rows(&view, &applications) != RESULT_OK)
		return refuse_store(call);
	const struct slice name = call->realm.kind == PERSON_USER ? person->username : person->email;
	const struct page_value values[] = {
		{ "base", view.base, false },
		{ "anti_forgery", view.anti_forgery, false },
		{ "person", name.len > 0 ? name : person->id, false },
		{ "username", name, false },
		{ "notice", notice, true },
		{ "sessions", sessions, true },
		{ "applications", applications, true },
	};
	page_reply(call->request, call->reply, status, "account", &interaction->look, values, sizeof values / sizeof values[0]);
	return REFUSAL_NONE;
}

/* The word of ?done=, which may be anything. */
static struct slice done_word(const struct interaction *interaction)
{
	const struct oauth_call *call = &interaction->call;
	struct form query;
	if (call->request->query.len == 0 || form_parse_lenient(call->arena, call->request->query, &query, NULL) != RESULT_OK)
		return (struct slice) { NULL, 0 };
	return interaction_field(&query, "done");
}

/* What it says; of anything else, nothing. */
static struct slice done_notice(const struct interaction *interaction)
{
	static const struct {
		const char *word, *text;
	} notices[] = {
		{ ACCOUNT_DONE_PASSWORD, "account.done_password" },
		{ ACCOUNT_DONE_SESSION, "account.done_session" },
		{ ACCOUNT_DONE_WITHDRAWN, "account.done_withdrawn" },
	};
	const struct slice done = done_word(interaction);
	for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++)
		if (slice_is(done, notices[i].word))
			return page_text(interaction->call.arena, &interaction->look, notices[i].text, NULL, 0);
	return (struct slice) { NULL, 0 };
}

static void signed_out_page(struct interaction *interaction)
{
	const struct page_value values[] = { { "again", interaction_url(interaction, "/account"), false } };
	page_reply(interaction->call.request, interaction->call.reply, 200, "signed_out", &interaction->look, values, 1);
}

void oauth_account(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct interaction interaction;
	enum refusal refusal = interaction_begin(oauth, request, reply, &interaction);
	const struct slice nothing = { NULL, 0 };
	if (refusal == REFUSAL_NONE && interaction.signed_in)
		refusal = account_page(&interaction, 200, done_notice(&interaction));
	else if (refusal == REFUSAL_NONE && slice_is(done_word(&interaction), ACCOUNT_DONE_SIGNED_OUT))
		signed_out_page(&interaction);
	else if (refusal == REFUSAL_NONE)
		sign_in_page(&interaction, &(struct attempt_state) { .begun_s = clock_s() }, nothing, nothing, NOTICE_NONE, 0);
	interaction_end(&interaction, refusal, "account.refused");
}
