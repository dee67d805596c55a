#include "libwrit/guard.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "libwrit/token.h"

#include <stdarg.h>
#include <stdio.h>

#define METHOD_SHOWN 32
#define PATH_SHOWN 160
#define SENTENCE_MAX 1024

#define SCOPES_SHOWN 512

/* The path; facts; the operation; its scopes, twice; the audience as a realm; sentences. */
_Static_assert(WRIT_TEXT_SIZE >= LIMIT_URL_SIZE + LIMIT_JWT_SIZE + LIMIT_URL + 2 * LIMIT_NAME + 2 * LIMIT_SCOPE_SIZE + LIMIT_URL + 3 * SENTENCE_MAX,
               "all texts fit");

/* ---- texts of a decision ------------------------------------------------------------------------------------------ */

/* Where the next one goes. */
struct texts {
	char *at, *end;
};

/* Room that the assertion above has counted: what does not fit all the same comes out as "". */
static const char *text_put(struct texts *texts, struct slice text)
{
	char *start = texts->at;
	if ((size_t)(texts->end - start) <= text.len)
		return "";
	if (text.len > 0)
		memcpy(start, text.ptr, text.len);
	start[text.len] = '\0';
	texts->at = start + text.len + 1;
	return start;
}

static const char *text_print(struct texts *texts, const char *format, ...) PRINTF_LIKE(2, 3);
static const char *text_print(struct texts *texts, const char *format, ...)
{
	char *start = texts->at;
	va_list args;
	va_start(args, format);
	int len = vsnprintf(start, (size_t)(texts->end - start), format, args);
	va_end(args);
	if (len < 0 || len >= texts->end - start)
		return "";
	texts->at = start + len + 1;
	return start;
}

/* ---- deciding ----------------------------------------------------------------------------------------------------- */

struct deciding {
	struct writ *guard;
	struct writ_decision *ret;
	struct texts texts;
	struct slice method, path; /* normalised */
	char shown_method[METHOD_SHOWN + 1];
	struct token_facts facts;
};

/* What is true of every refusal of a kind. */
static const struct {
	int status;
	const char *error;
	bool challenge; /* WWW-Authenticate is due: RFC 6750 §3 */
} kinds[] = {
	[WRIT_ALLOWED] = { 200, "", false },
	[WRIT_BAD_ADDRESS] = { 400, "invalid_request", false },
	[WRIT_NO_TOKEN] = { 401, "", true },
	[WRIT_BAD_TOKEN] = { 401, "invalid_token", true },
	[WRIT_NOT_LISTED] = { 403, "access_denied", false },
	[WRIT_CLOSED] = { 403, "access_denied", false },
	[WRIT_WRONG_ACTOR] = { 403, "insufficient_scope", true },
	[WRIT_SCOPE_MISSING] = { 403, "insufficient_scope", true },
	[WRIT_UNDECIDED] = { 503, "temporarily_unavailable", false },
};

static enum writ_verdict settle(struct deciding *deciding, enum writ_verdict verdict, const char *description)
{
	struct writ_decision *ret = deciding->ret;
	ret->verdict = verdict;
	ret->status = kinds[verdict].status;
	ret->error = kinds[verdict].error;
	ret->error_description = description;
	if (!kinds[verdict].challenge)
		return verdict;
	const struct slice realm = deciding->guard->rules->tokens.audience;
	if (ret->error[0] == '\0')
		ret->www_authenticate = text_print(&deciding->texts, "Bearer realm=\"%.*s\"", SLICE_ARGS(realm));
	else if (ret->required_scope == NULL)
		ret->www_authenticate =
			text_print(&deciding->texts, "Bearer realm=\"%.*s\", error=\"%s\", error_description=\"%s\"", SLICE_ARGS(realm), ret->error, description);
	else
		ret->www_authenticate =
			text_print(&deciding->texts, "Bearer realm=\"%.*s\", error=\"%s\", error_description=\"%s\", scope=\"%s\"", SLICE_ARGS(realm), ret->error,
		               description, ret->required_scope);
	return verdict;
}

/* The method as far as it may stand in a sentence. */
static const char *show_method(struct deciding *deciding)
{
	struct slice shown = slice_first(deciding->method, METHOD_SHOWN);
	for (size_t i = 0; i < shown.len; i++) {
		const char c = shown.ptr[i];
		deciding->shown_method[i] = (c > 0x20 && c < 0x7f && c != '"' && c != '\\') ? c : '?';
	}
	deciding->shown_method[shown.len] = '\0';
	return deciding->shown_method;
}

/* "sign the user in (...), or ...": each flow once. */
static const char *flows_print(struct deciding *deciding, const struct api_operation *operation)
{
	char flows[SENTENCE_MAX] = "";
	size_t len = 0;
	unsigned told = 0;
	for (size_t i = 0; i < operation->alternative_count && len < sizeof flows; i++) {
		const enum api_actor actor = operation->alternatives[i].actor;
		if ((told & 1U << actor) != 0)
			continue;
		int written = snprintf(flows + len, sizeof flows - len, "%s%s", told == 0 ? "" : ", or ", api_actor_flow(actor));
		len += written < 0 ? 0 : (size_t)written;
		told |= 1U << actor;
	}
	return text_print(&deciding->texts, "%s", flows);
}

static enum writ_verdict undecided(struct deciding *deciding)
{
	return settle(deciding, WRIT_UNDECIDED, "Whether the call is allowed cannot be decided now, so it is not: try again later.");
}

static enum writ_verdict refuse_operation(struct deciding *deciding, const struct catalogue_operation *found, const struct decision *decision)
{
	struct texts *texts = &deciding->texts;
	const char *method = show_method(deciding), *sentence, *actor = api_actor_name(deciding->facts.actor);
	const struct slice path = slice_first(deciding->path, PATH_SHOWN);
	switch (decision->verdict) {
	case VERDICT_CLOSED:
		sentence = text_print(texts, "The API lists %s %.*s, but opens it to nobody.", method, SLICE_ARGS(path));
		return settle(deciding, WRIT_CLOSED, sentence);
	case VERDICT_WRONG_ACTOR:
		sentence = text_print(texts, "%s %.*s does not take a token of the kind %s. To get one that it takes: %s.", method, SLICE_ARGS(path), actor,
		                      flows_print(deciding, &found->operation));
		return settle(deciding, WRIT_WRONG_ACTOR, sentence);
	case VERDICT_SCOPE_MISSING:
		deciding->ret->required_scope = text_put(texts, decision->alternative->scopes);
		sentence = text_print(texts, "The access token lacks scope: %s %.*s needs %.*s of a token of the kind %s.", method, SLICE_ARGS(path),
		                      SLICE_ARGS(slice_first(decision->alternative->scopes, SCOPES_SHOWN)), actor);
		return settle(deciding, WRIT_SCOPE_MISSING, sentence);
	case VERDICT_ALLOWED:
	case VERDICT_NO_OPERATION: break;
	}
	return undecided(deciding);
}

static enum writ_verdict decision_tell(struct deciding *deciding, const struct decision *decision)
{
	if (decision->verdict == VERDICT_ALLOWED)
		return settle(deciding, WRIT_ALLOWED, "");
	if (decision->operation != NULL)
		return refuse_operation(deciding, decision->operation, decision);
	const char *sentence = text_print(&deciding->texts, "No API of partition %s lists %s %.*s, and what is not listed is closed.",
	                                  deciding->guard->rules->partition.text, show_method(deciding),
	                                  SLICE_ARGS(slice_first(deciding->path, PATH_SHOWN)));
	return settle(deciding, WRIT_NOT_LISTED, sentence);
}

/* ---- the token ---------------------------------------------------------------------------------------------------- */

/* The facts as the decision tells them, from texts that have a NUL behind them. */
static void facts_tell(struct writ_decision *ret, const struct token_facts *facts)
{
	ret->partition = facts->partition.ptr;
	ret->actor = api_actor_claim(facts->actor);
	ret->subject = facts->subject.ptr;
	ret->client_id = facts->client_id.ptr;
	ret->scope = facts->scope.ptr;
	ret->acting_client = facts->acting_client.ptr;
	ret->token_id = facts->jti.ptr;
	ret->grant_id = facts->gid.ptr;
	ret->expires_at = facts->expires_at;
}

/* The texts of the facts into the decision's own. */
static void facts_copy(struct deciding *deciding)
{
	struct token_facts *facts = &deciding->facts;
	struct slice *all[] = { &facts->partition, &facts->subject, &facts->client_id, &facts->scope, &facts->acting_client, &facts->jti, &facts->gid };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i]->ptr != NULL)
			all[i]->ptr = text_put(&deciding->texts, *all[i]);
}

/* Behind the last text that was remembered. */
static void texts_skip(struct deciding *deciding)
{
	const struct token_facts *facts = &deciding->facts;
	const struct slice all[] = { facts->partition, facts->subject, facts->client_id, facts->scope, facts->acting_client, facts->jti, facts->gid };
	const char *behind = deciding->texts.at;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].ptr != NULL && all[i].ptr + all[i].len + 1 > behind)
			behind = all[i].ptr + all[i].len + 1;
	deciding->texts.at += behind - deciding->texts.at;
}

static enum token_state token_read(struct deciding *deciding, struct slice token, int64_t now_s)
{
	struct writ *guard = deciding->guard;
	struct claims claims;
	if (token_memory_find(guard->memory, token, guard->generation, now_s, deciding->texts.at, &deciding->facts)) {
		texts_skip(deciding);
		return TOKEN_GOOD;
	}
	enum token_state state = token_verify(guard->rules, guard->keys, token, now_s, &deciding->facts, &claims);
	if (state != TOKEN_GOOD)
		return state;
	token_memory_keep(guard->memory, token, guard->generation, &deciding->facts);
	facts_copy(deciding);
	claims_free(&claims);
	return state;
}

static bool is_revoked(const struct deciding *deciding)
{
	const struct revocations *revocations = &deciding->guard->revocations;
	return revocations_have(revocations, REVOCATION_TOKEN, deciding->facts.jti) ||
	       revocations_have(revocations, REVOCATION_GRANT, deciding->facts.gid);
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

static void operation_tell(struct deciding *deciding, const struct catalogue_operation *found)
{
	struct writ_decision *ret = deciding->ret;
	ret->api = text_put(&deciding->texts, found->api);
	ret->operation_id = text_put(&deciding->texts, found->operation.operation_id);
	ret->operation = text_put(&deciding->texts, found->operation.method);
	deciding->texts.at[-1] = ' ';
	(void)text_put(&deciding->texts, found->operation.path);
}

static enum writ_verdict decide_call(struct deciding *deciding, const char *authorization)
{
	struct slice token;
	if (!clock_plausible())
		return undecided(deciding);
	if (authorization == NULL || !text_credentials(slice_from(authorization), SLICE_OF("Bearer"), &token))
		return settle(deciding, WRIT_NO_TOKEN, "No access token came: send Authorization: Bearer with one.");
	enum token_state state = token_read(deciding, token, clock_s());
	if (state == TOKEN_BAD)
		return settle(deciding, WRIT_BAD_TOKEN,
		              "The access token is not good here: it is malformed, or not signed by the issuer, or made for something else than these APIs.");
	if (state == TOKEN_EXPIRED || is_revoked(deciding))
		return settle(deciding, WRIT_BAD_TOKEN, "The access token has expired or was revoked: get a new one.");
	facts_tell(deciding->ret, &deciding->facts);
	const struct decision decision = decide(deciding->guard->rules->catalogue, deciding->method, deciding->path, &deciding->facts);
	if (decision.operation != NULL)
		operation_tell(deciding, decision.operation);
	return decision_tell(deciding, &decision);
}

static bool path_read(struct deciding *deciding, const char *target, char buffer[LIMIT_URL_SIZE])
{
	struct slice path = slice_from(target);
	const char *query = path.len == 0 ? NULL : memchr(path.ptr, '?', path.len);
	if (query != NULL)
		path.len = (size_t)(query - path.ptr);
	return path.len > 0 && path.len <= LIMIT_URL_SIZE && path_normalise(path, buffer, LIMIT_URL_SIZE, &deciding->path) == RESULT_OK;
}

static void decision_clear(struct writ_decision *decision)
{
	/* all but the text */
	memset(decision, 0, offsetof(struct writ_decision, text));
	decision->text[0] = '\0';
}

enum writ_verdict writ_decide(struct writ *guard, const struct writ_call *call, struct writ_decision *ret)
{
	struct deciding deciding;
	char buffer[LIMIT_URL_SIZE];
	decision_clear(ret);
	deciding.guard = guard;
	deciding.ret = ret;
	deciding.texts = (struct texts) { ret->text, ret->text + WRIT_TEXT_SIZE };
	deciding.method = slice_from(call->method);
	if (!path_read(&deciding, call->target, buffer))
		return settle(&deciding, WRIT_BAD_ADDRESS,
		              "The address is malformed or ambiguous: send a path of plain segments, each percent-encoded once, without escaped slashes.");
	ret->path = text_put(&deciding.texts, deciding.path);
	pthread_rwlock_t *lock = guard_lock_of_thread(guard);
	pthread_rwlock_rdlock(lock);
	enum writ_verdict verdict = decide_call(&deciding, call->authorization);
	pthread_rwlock_unlock(lock);
	return verdict;
}
