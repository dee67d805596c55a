#include "admin/access.h"

#include "base/clock.h"
#include "directory/console_application.h"
#include "directory/rules.h"
#include "gateway/token_facts.h"
#include "oauth/bearer.h"

static enum refusal unavailable(struct admin_call *call)
{
	return admin_refuse(call, REFUSAL_UNAVAILABLE, "The store or the signing keys cannot be used now: try again later.");
}

static enum refusal foreign_token(struct admin_call *call)
{
	return admin_refuse(call, REFUSAL_ADMIN_TOKEN,
	                    "The access token is not good here: it is malformed, or not signed by this server, or made for something else than the Admin "
	                    "API.");
}

static enum refusal bad_token(struct admin_call *call, enum result result)
{
	switch (result) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_STORE_DOWN: return unavailable(call);
	case RESULT_EXPIRED:
		return admin_refuse(call, REFUSAL_ADMIN_TOKEN,
		                    "The access token has expired or was revoked, or its person or client application lost access: get a new one.");
	default: return foreign_token(call);
	}
}

static bool is_system(const struct partition_id *partition)
{
	return slice_is(partition_id_slice(partition), PARTITION_SYSTEM);
}

enum refusal access_token_take(struct admin_call *call, struct access_token *ret)
{
	struct oauth_call *oauth = &call->oauth;
	struct access_token token;
	const struct slice text = bearer_header(call->request);
	if (text.ptr == NULL)
		return admin_refuse(call, REFUSAL_ADMIN_TOKEN_MISSING, "No access token came: send Authorization: Bearer with one for the Admin API.");
	if (!clock_plausible() || store_watch_catch_up(admin_store(call)) != RESULT_OK)
		return unavailable(call);
	if (jws_claimed_partition(text, &oauth->realm.partition) != RESULT_OK)
		return foreign_token(call);
	oauth->realm.kind = PERSON_USER;
	enum result result = directory_tenant(oauth->oauth->directory, &oauth->realm.partition, &oauth->tenant);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? foreign_token(call) : unavailable(call);
	result = access_token_read(oauth, text, &token);
	if (result != RESULT_OK)
		return bad_token(call, result);
	if (!slice_equal(token.audience, oauth_admin_audience(oauth))) {
		claims_free(&token.claims);
		return foreign_token(call);
	}
	call->caller = (struct admin_caller) {
		.actor = token.speaks_for,
		.id = arena_copy(call->arena, token.subject),
		.client_id = arena_copy(call->arena, token.client_id),
		.partition = oauth->realm.partition,
		.system = is_system(&oauth->realm.partition),
	};
	*ret = token;
	return REFUSAL_NONE;
}

/* ---- the decision ------------------------------------------------------------------------------------------------------ */

static enum refusal explain(struct admin_call *call, const struct token_facts *facts, const struct decision *decision)
{
	switch (decision->verdict) {
	case VERDICT_ALLOWED: return REFUSAL_NONE;
	case VERDICT_SCOPE_MISSING:
		return admin_refuse(call, REFUSAL_ADMIN_SCOPE, "The access token lacks scope: %.*s needs %.*s.",
		                    SLICE_ARGS(call->operation->operation.operation_id), SLICE_ARGS(decision->alternative->scopes));
	default:
		return admin_refuse(call, REFUSAL_ADMIN_ACTOR,
		                    "A token of the kind %s administers nothing: sign in as a user who is a partition administrator, or use client credentials "
		                    "with app.writ.admin.manage.", api_actor_name(facts->actor));
	}
}

/* ---- whether it still holds ----------------------------------------------------------------------------------------------- */

static enum refusal right_gone(struct admin_call *call, const char *what)
{
	return admin_refuse(call, REFUSAL_ADMIN_RIGHT_GONE, "%s, so it may not administer: another administrator can change that.", what);
}

/* What is in SYSTEM is for system administrators alone: a mere partition administrator there could make himself one. */
static bool may_administer(const struct partition_id *partition, struct slice roles)
{
	return slice_has_word(roles, is_system(partition) ? SLICE_OF("system_administrator") : SLICE_OF("partition_administrator"));
}

/* batch: is told what this depends on; NULL: none. */
static enum refusal judge_person(struct admin_call *call, struct store_batch *batch)
{
	struct admin_caller *caller = &call->caller;
	struct person person;
	switch (store_person_read(admin_store(call), &caller->partition, PERSON_USER, PERSON_BY_ID, caller->id, call->scratch, &person)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND: return right_gone(call, "The user of the access token is gone");
	default: return unavailable(call);
	}
	caller->name = person.username;
	if (!person.enabled)
		return right_gone(call, "The user of the access token is disabled");
	if (!may_administer(&caller->partition, person.roles))
		return right_gone(call, is_system(&caller->partition)
		                                ? "The user of the access token has not the role system_administrator, which the partition SYSTEM needs"
		                                : "The user of the access token has not the role partition_administrator");
	if (batch != NULL && store_batch_rely(batch, &caller->partition, OBJECT_USER, person.id, person.version) != RESULT_OK)
		return unavailable(call);
	return REFUSAL_NONE;
}

/* The permissions of the Admin API in the token that the client application still has. */
static struct slice scope_left(struct admin_call *call, const struct client_application *application, struct slice scope)
{
	struct writer left = writer_new(call->scratch, scope.len + 1);
	struct slice name;
	while (slice_word(&scope, &name)) {
		if (!permission_is_reserved(name) || !slice_has_word(application->permissions, name))
			continue;
		if (left.len > 0)
			writer_byte(&left, ' ');
		writer_put(&left, name);
	}
	return writer_slice(&left);
}

static enum refusal judge_application(struct admin_call *call, const struct client_application *application, struct slice scope)
{
	struct admin_caller *caller = &call->caller;
	caller->scope = scope_left(call, application, scope);
	if (caller->actor == API_ACTOR_CLIENT)
		caller->name = arena_copy(call->scratch, application->name);
	if (!application->enabled)
		return right_gone(call, "The client application of the access token is disabled");
	const struct token_facts left = { .actor = caller->actor, .scope = caller->scope };
	if (decide_operation(call->operation, &left).verdict != VERDICT_ALLOWED)
		return right_gone(call, "The client application of the access token has not the permission any more");
	return REFUSAL_NONE;
}

static enum refusal no_application(struct admin_call *call, enum result result)
{
	return result == RESULT_NOT_FOUND ? right_gone(call, "The client application of the access token is gone") : unavailable(call);
}

enum refusal access_judge(struct admin_call *call, const struct access_token *token)
{
	const struct application *application;
	struct token_facts facts = token_facts_of(token, false);
	struct decision decision = decide_operation(call->operation, &facts);
	enum refusal refusal = explain(call, &facts, &decision);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const enum result result = directory_application(call->oauth.oauth->directory, &call->caller.partition, token->client_id, &application);
	if (result != RESULT_OK)
		return no_application(call, result);
	refusal = judge_application(call, &application->registered, token->scope);
	application_release(application);
	return refusal == REFUSAL_NONE && call->caller.actor == API_ACTOR_USER ? judge_person(call, NULL) : refusal;
}

/* As the store has it, not the cache. */
static enum refusal judge_application_again(struct admin_call *call, struct store_batch *batch)
{
	struct client_application application;
	const struct admin_caller *caller = &call->caller;
	const enum result result = store_client_application_read(admin_store(call), &caller->partition, caller->client_id, call->scratch, &application);
	if (result != RESULT_OK)
		return no_application(call, result);
	enum refusal refusal = judge_application(call, &application, caller->scope);
	if (refusal == REFUSAL_NONE &&
	    store_batch_rely(batch, &caller->partition, OBJECT_APPLICATION, application.client_id, application.version) != RESULT_OK)
		return unavailable(call);
	return refusal;
}

enum refusal access_judge_again(struct admin_call *call, struct store_batch *batch)
{
	/* the console is nothing that could be changed */
	enum refusal refusal = console_application_is(call->caller.client_id) ? REFUSAL_NONE : judge_application_again(call, batch);
	return refusal == REFUSAL_NONE && call->caller.actor == API_ACTOR_USER ? judge_person(call, batch) : refusal;
}

void access_challenge(struct admin_call *call, enum refusal refusal)
{
	const struct refusal_entry *entry = refusal_entry(refusal);
	if (entry->status != 401 && !slice_is(SLICE_OF("insufficient_scope"), entry->error))
		return;
	struct writer value = writer_new(call->arena, 512);
	writer_text(&value, "Bearer realm=\"");
	writer_put(&value, oauth_admin_audience(&call->oauth));
	writer_byte(&value, '"');
	if (refusal != REFUSAL_ADMIN_TOKEN_MISSING)
		writer_print(&value, ", error=\"%s\", error_description=\"%.*s\"", entry->error, SLICE_ARGS(call->oauth.sentence));
	if (refusal == REFUSAL_ADMIN_SCOPE)
		writer_text(&value, ", scope=\"writ.admin.manage\"");
	if (writer_ok(&value))
		http_reply_header(call->reply, "WWW-Authenticate", writer_slice(&value));
}
