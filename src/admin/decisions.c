/* What a given access token is, and what it may call: the same code and words as the gateway's. The token is judged and forgotten: it is in
 * no event, no log line and no reply. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/operation_key.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "gateway/check_token.h"
#include "gateway/token_facts.h"
#include "jose/json_strict.h"

struct decision_wish {
	json_t *body; /* what the slices point into */
	struct slice token, method, path;
	char buffer[LIMIT_API_PATH * 3];
};

/* Who was judged, and how. */
struct judging {
	struct admin_call *call;
	struct oauth_call partition;
	struct admin_page page;
	struct access_token token;
	struct token_facts facts;
	const char *why; /* it may call nothing; NULL: it is good for the APIs */
	bool live;
};

/* ---- the question -------------------------------------------------------------------------------------------------------------- */

static enum refusal member_read(struct admin_call *call, const char *name, const json_t *member, struct decision_wish *wish)
{
	const struct {
		const char *name;
		struct slice *target;
		size_t size_max;
	} members[] = {
		{ "access_token", &wish->token, LIMIT_JWT_SIZE }, { "method", &wish->method, LIMIT_METHOD }, { "path", &wish->path, LIMIT_API_PATH }
	};
	const struct slice pointer = admin_pointer(call, name);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (strcmp(name, members[i].name) != 0)
			continue;
		const size_t len = json_is_string(member) ? json_string_length(member) : 0;
		if (len == 0 || len > members[i].size_max)
			return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, pointer, "The member %s is a text of 1 to %zu bytes.", name, members[i].size_max);
		*members[i].target = (struct slice) { json_string_value(member), len };
		return REFUSAL_NONE;
	}
	return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, pointer, "There is no such member here: a question has access_token, method and path.");
}

static enum refusal wish_judge(struct admin_call *call, struct decision_wish *wish)
{
	if (wish->token.len == 0)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/access_token"), "The member access_token is missing.");
	if ((wish->method.len == 0) != (wish->path.len == 0))
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, wish->method.len == 0 ? SLICE_OF("/method") : SLICE_OF("/path"),
		                       "The members method and path belong together: send both, or none for all operations.");
	if (wish->path.len == 0)
		return REFUSAL_NONE;
	const char *mark = memchr(wish->path.ptr, '?', wish->path.len);
	const struct slice path = mark == NULL ? wish->path : slice_first(wish->path, (size_t)(mark - wish->path.ptr));
	if (path_normalise(path, wish->buffer, sizeof wish->buffer, &wish->path) != RESULT_OK)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/path"),
		                       "The path is malformed, or servers could read it in different ways: it begins with /, and no gateway lets escaped "
		                       "slashes through.");
	return REFUSAL_NONE;
}

/* Its body is freed by the caller. */
static enum refusal wish_read(struct admin_call *call, struct decision_wish *wish)
{
	const char *name;
	json_t *member;
	enum refusal refusal = admin_body_read(call, false, &wish->body);
	if (refusal != REFUSAL_NONE)
		return refusal;
	json_object_foreach(wish->body, name, member) {
		refusal = member_read(call, name, member, wish);
		if (refusal != REFUSAL_NONE)
			return refusal;
	}
	return wish_judge(call, wish);
}

/* ---- the token -------------------------------------------------------------------------------------------------------------------- */

static const char *why_dead(struct judging *judging, const struct claims *claims)
{
	int64_t expires_at;
	const struct partition_id *partition = &judging->call->partition;
	struct store *store = admin_store(judging->call);
	if (claims_time(claims, "exp", &expires_at) && expires_at <= clock_s())
		return "It has expired: get a new one.";
	if (store_is_revoked(store, partition, REVOKED_TOKEN, claims_text(claims, "jti")) ||
	    store_is_revoked(store, partition, REVOKED_GRANT, claims_text(claims, "gid")))
		return "It was revoked.";
	return "Its person or client application was deleted or disabled since it was made.";
}

/* A part of the token as JSON: base64url of an object; ptr NULL: it is none. */
static struct slice part_of(struct arena *arena, struct slice token, size_t index)
{
	json_t *object;
	size_t len;
	struct slice part = { NULL, 0 };
	for (size_t i = 0; i <= index; i++)
		if (!slice_cut(&token, '.', &part))
			return (struct slice) { NULL, 0 };
	char *bytes = arena_alloc(arena, part.len + 1);
	if (bytes == NULL || text_base64url_decode(part, bytes, part.len, &len) != RESULT_OK ||
	    json_object_parse((struct slice) { bytes, len }, &object) != RESULT_OK)
		return (struct slice) { NULL, 0 };
	json_decref(object);
	return (struct slice) { bytes, len };
}

static void write_token(struct judging *judging, struct slice token, bool verified, struct writer *body)
{
	struct arena *arena = judging->call->scratch;
	const struct slice header = part_of(arena, token, 0), claims = verified ? part_of(arena, token, 1) : (struct slice) { NULL, 0 };
	writer_text(body, ",\"token\":{");
	writer_json_member_bool(body, "live", judging->live);
	writer_json_member(body, "why", slice_from(judging->live ? "" : judging->why));
	writer_json_key(body, "header");
	writer_put(body, header.ptr == NULL ? SLICE_OF("{}") : header);
	writer_json_key(body, "claims");
	writer_put(body, claims.ptr == NULL ? SLICE_OF("null") : claims);
	writer_byte(body, '}');
}

/* ret_verified: our keys of the partition signed it, whatever became of it. */
static enum refusal judge_token(struct judging *judging, struct slice text, bool *ret_verified)
{
	struct claims claims;
	struct oauth_call *partition = &judging->partition;
	*ret_verified = jws_verify(text, TOKEN_ACCESS, partition->tenant->keys, &claims) == RESULT_OK;
	judging->why = "It is no access token of this partition: it is malformed, signed by another key, or of another kind.";
	if (!*ret_verified)
		return REFUSAL_NONE;
	const enum result result = access_token_read(partition, text, &judging->token);
	if (result == RESULT_EXPIRED)
		judging->why = why_dead(judging, &claims);
	claims_free(&claims);
	if (result != RESULT_OK)
		return result == RESULT_STORE_DOWN ? admin_refuse_result(judging->call, result) : REFUSAL_NONE;
	judging->live = true;
	judging->facts = token_facts_of(&judging->token, check_token_application_permission(partition->tenant, judging->token.scope));
	judging->why = slice_equal(judging->token.audience, partition->oauth->api_url) ? NULL : "It is for the Admin API, and the APIs refuse it.";
	return REFUSAL_NONE;
}

/* ---- the operations ---------------------------------------------------------------------------------------------------------------- */

static const char *const verdict_names[] = {
	[VERDICT_ALLOWED] = "allowed",         [VERDICT_NO_OPERATION] = "no_operation",   [VERDICT_CLOSED] = "closed",
	[VERDICT_WRONG_ACTOR] = "wrong_actor", [VERDICT_SCOPE_MISSING] = "scope_missing",
};

static struct slice sentence_of(struct judging *judging, struct slice method, struct slice path, const struct decision *decision)
{
	struct oauth_call *partition = &judging->partition;
	if (judging->why != NULL)
		return slice_from(judging->why);
	if (decision->verdict != VERDICT_ALLOWED) {
		const enum refusal refusal = check_explain(partition, method, path, &judging->facts, decision);
		return refusal == REFUSAL_NONE ? SLICE_OF("") : partition->sentence;
	}
	const struct slice scopes = decision->alternative->scopes;
	return arena_print(partition->arena, "It speaks for %s%s%.*s.", api_actor_name(judging->facts.actor), scopes.len > 0 ? " and has " : "",
	                   SLICE_ARGS(scopes));
}

static void write_decision(struct judging *judging, struct slice method, struct slice path, const struct catalogue_operation *found)
{
	struct writer *out = &judging->page.out;
	struct decision decision = { .verdict = VERDICT_NO_OPERATION, .operation = found };
	if (judging->why == NULL)
		decision = decide_operation(found, &judging->facts);
	admin_page_item(&judging->page);
	writer_byte(out, '{');
	json_member_or_null(out, "api", found == NULL ? SLICE_OF("") : found->api);
	writer_json_member(out, "method", method);
	writer_json_member(out, "path", path);
	json_member_or_null(out, "operation_id", found == NULL ? SLICE_OF("") : found->operation.operation_id);
	writer_json_member_bool(out, "allowed", decision.verdict == VERDICT_ALLOWED);
	writer_json_member(out, "verdict", slice_from(judging->why != NULL ? "bad_token" : verdict_names[decision.verdict]));
	writer_json_member(out, "sentence", sentence_of(judging, method, path, &decision));
	writer_json_key(out, "needs");
	if (found != NULL)
		alternatives_json(out, found->operation.alternatives, found->operation.alternative_count);
	else
		writer_text(out, "[]");
	writer_byte(out, '}');
}

static enum result show_operation(void *context, struct slice api, const struct api_operation *operation)
{
	struct judging *judging = context;
	const struct catalogue_operation found = { api, *operation };
	write_decision(judging, operation->method, operation->path, &found);
	return admin_page_key(&judging->page, admin_operation_key(judging->call, operation));
}

static enum refusal judge_all(struct judging *judging, struct slice *ret_last, bool *ret_more)
{
	struct admin_call *call = judging->call;
	const struct page_wish wish = admin_page_wish(call);
	const enum result result = store_operations_page(admin_store(call), &call->partition, (struct slice) { NULL, 0 }, (struct slice) { NULL, 0 }, &wish,
	                                                 show_operation, judging, call->scratch, ret_last, ret_more);
	return result == RESULT_OK || judging->page.full ? REFUSAL_NONE : admin_refuse_result(call, result);
}

static enum refusal judge_one(struct judging *judging, const struct decision_wish *wish)
{
	struct admin_call *call = judging->call;
	const struct held_catalogue *held = catalogues_find(call->admin->catalogues, &call->partition);
	if (held == NULL) {
		const enum result result = catalogues_load(call->admin->catalogues, &call->partition, &held);
		if (result != RESULT_OK)
			return admin_refuse(call, REFUSAL_UNAVAILABLE, "The operations of the partition are being read, or cannot be: try again.");
	}
	write_decision(judging, wish->method, wish->path, catalogue_find(held->operations, wish->method, wish->path));
	catalogue_release(held);
	return REFUSAL_NONE;
}

static enum refusal judge(struct judging *judging, const struct decision_wish *wish)
{
	struct slice last = { NULL, 0 };
	bool more = false, verified;
	enum refusal refusal = judge_token(judging, wish->token, &verified);
	if (refusal != REFUSAL_NONE)
		return refusal;
	admin_page_begin(judging->call, &judging->page);
	refusal = wish->method.len > 0 ? judge_one(judging, wish) : judge_all(judging, &last, &more);
	if (refusal == REFUSAL_NONE) {
		admin_page_close(&judging->page, last, more);
		write_token(judging, wish->token, verified, &judging->page.out);
		writer_byte(&judging->page.out, '}');
		refusal = admin_reply_json(judging->call, 200, &judging->page.out, 0);
	}
	if (judging->live)
		claims_free(&judging->token.claims);
	return refusal;
}

enum refusal admin_decide(struct admin_call *call)
{
	struct decision_wish wish;
	struct judging judging = { .call = call };
	memset(&wish, 0, sizeof wish);
	enum refusal refusal = wish_read(call, &wish);
	if (refusal == REFUSAL_NONE) {
		refusal = admin_partition_call(call, &judging.partition);
		if (refusal == REFUSAL_NONE)
			refusal = judge(&judging, &wish);
		oauth_call_end(&judging.partition, REFUSAL_NONE, NULL);
	}
	json_decref(wish.body);
	return refusal;
}
