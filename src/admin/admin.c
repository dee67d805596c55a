#include "admin/operations.h"

#include "admin/access.h"
#include "admin/address.h"
#include "admin/problem.h"

enum { SCRATCH_FIRST = 64 * 1024 };

/* ---- openapi.json itself ---------------------------------------------------------------------------------------------------- */

/* The one address that needs no token: what the API is like is no secret. */
static void reply_document(const struct admin *admin, struct http_reply *reply)
{
	reply->content_type = SLICE_OF("application/json");
	reply->body = admin->document;
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-cache"));
}

static bool asks_for_document(const struct http_request *request)
{
	return (request->method == HTTP_GET || request->method == HTTP_HEAD) && slice_is(request->path, ADMIN_PATH "/openapi.json");
}

enum refusal admin_partition_call(struct admin_call *call, struct oauth_call *ret)
{
	*ret = (struct oauth_call) {
		.oauth = call->oauth.oauth, .request = call->request, .reply = call->reply, .arena = call->scratch,
		.realm = { call->partition, PERSON_USER },
	};
	return admin_refuse_result(call, directory_tenant(ret->oauth->directory, &call->partition, &ret->tenant));
}

/* ---- a request, step by step -------------------------------------------------------------------------------------------------- */

/* Another partition is there for nobody but system administrators: the same words as for one that is not. */
static enum refusal judge_partition(struct admin_call *call, const struct admin_address *address)
{
	struct partition_id partition;
	const struct admin_caller *caller = &call->caller;
	call->partition = caller->partition;
	if (!address->names_partition)
		return REFUSAL_NONE;
	if (!partition_id_parse(address->partition, &partition))
		return admin_refuse_missing(call);
	if (!caller->system && !slice_equal(partition_id_slice(&partition), partition_id_slice(&caller->partition)))
		return admin_refuse_missing(call);
	const enum result result = store_partition_read(admin_store(call), &partition, call->scratch, &call->present);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	call->partition = partition;
	call->oauth.realm.partition = partition;
	return REFUSAL_NONE;
}

static enum refusal find_operation(struct admin_call *call, struct admin_address *ret_address)
{
	switch (admin_address_read(call, ret_address)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND: return admin_refuse_missing(call);
	default:
		return admin_refuse(call, REFUSAL_ADMIN_ADDRESS,
		                    "The address cannot be read: percent-encode each name in it once, as UTF-8 without control characters.");
	}
	call->operation = catalogue_find(call->admin->operations, call->request->method_name, ret_address->shape);
	if (call->operation != NULL)
		return REFUSAL_NONE;
	const struct slice allowed = admin_address_methods(call->admin, call->arena, ret_address->shape);
	if (allowed.len == 0)
		return admin_refuse_missing(call);
	http_reply_header(call->reply, "Allow", allowed);
	return admin_refuse(call, REFUSAL_ADMIN_METHOD, "This address takes other methods: %.*s.", SLICE_ARGS(allowed));
}

static enum refusal run_operation(struct admin_call *call, struct admin_address *address)
{
	const struct admin_operation *operation = admin_operation_find(call->operation->operation.operation_id);
	if (operation == NULL)
		return admin_refuse_missing(call);
	call->row = operation;
	admin_address_keys(address, &call->operation->operation, call);
	enum refusal refusal = judge_partition(call, address);
	if (refusal == REFUSAL_NONE && operation->system && !call->caller.system)
		refusal = admin_refuse(call, REFUSAL_ADMIN_SYSTEM,
		                       "This is for system administrators only: users of the partition SYSTEM with the role system_administrator.");
	if (refusal == REFUSAL_NONE)
		refusal = admin_query_read(call, operation->parameters);
	if (refusal == REFUSAL_NONE)
		refusal = operation->handler(call);
	/* Whoever is told that it was done finds it so. It is done even where the watcher cannot look: then nothing cached is used. */
	if (refusal == REFUSAL_NONE && call->request->method != HTTP_GET && call->request->method != HTTP_HEAD)
		(void)!store_watch_look(admin_store(call));
	return refusal;
}

/* RFC 9110 §9.3.7; it says no more than openapi.json does, so no token is asked for. */
static enum refusal answer_options(struct admin_call *call)
{
	struct admin_address address;
	struct slice allowed = { NULL, 0 };
	if (admin_address_read(call, &address) == RESULT_OK)
		allowed = admin_address_methods(call->admin, call->arena, address.shape);
	if (allowed.len == 0)
		return admin_refuse_missing(call);
	http_reply_header(call->reply, "Allow", arena_print(call->arena, "%.*s, OPTIONS", SLICE_ARGS(allowed)));
	return admin_reply_nothing(call);
}

/* Token, operation, actor and scope, live state, partition, parameters: in this order. */
static enum refusal answer(struct admin_call *call)
{
	struct access_token token;
	struct admin_address address;
	if (call->request->method == HTTP_OPTIONS)
		return answer_options(call);
	enum refusal refusal = access_token_take(call, &token);
	if (refusal != REFUSAL_NONE)
		return refusal;
	refusal = find_operation(call, &address);
	if (refusal == REFUSAL_NONE)
		refusal = access_judge(call, &token);
	claims_free(&token.claims);
	return refusal == REFUSAL_NONE ? run_operation(call, &address) : refusal;
}

void admin_handle(struct admin *admin, struct http_request *request, struct http_reply *reply)
{
	if (asks_for_document(request)) {
		reply_document(admin, reply);
		return;
	}
	struct admin_call call = {
		.admin = admin,
		.oauth = { .oauth = admin->oauth, .request = request, .reply = reply, .arena = request->arena, .realm.kind = PERSON_USER },
		.request = request,
		.reply = reply,
		.arena = request->arena,
		.scratch = arena_new(SCRATCH_FIRST, LIMIT_ADMIN_SCRATCH),
	};
	enum refusal refusal = call.scratch == NULL ? admin_refuse_result(&call, RESULT_NO_MEMORY) : answer(&call);
	if (refusal != REFUSAL_NONE)
		problem_reply(&call, refusal);
	oauth_call_end(&call.oauth, REFUSAL_NONE, NULL);
	arena_free(call.scratch);
}
