/* Protected APIs: an OpenAPI document in, and what was made of it back. */
#include "admin/change.h"

#include "admin/json.h"
#include "directory/openapi/openapi.h"
#include "jose/json_strict.h"

#include <stdio.h>

enum { WARNINGS_MAX = 100, UNKNOWN_MAX = 1000 };

/* What is told while the document is read: lists of JSON texts. */
struct api_work {
	struct change change;
	struct writer warnings, unknown, added;
	size_t warning_count, unknown_count;
	size_t operation_count;
};

static void list_add(struct writer *list, struct slice text)
{
	if (list->len > 0)
		writer_byte(list, ',');
	writer_json_string(list, text);
}

/* Each attempt tells anew. */
static void lists_begin(void *context)
{
	struct api_work *work = context;
	struct arena *arena = work->change.call->scratch;
	work->warnings = writer_new(arena, 256);
	work->unknown = writer_new(arena, 256);
	work->added = writer_new(arena, 256);
	work->warning_count = 0;
	work->unknown_count = 0;
}

static void warned(void *context, const char *sentence)
{
	struct api_work *work = context;
	if (work->warning_count++ < WARNINGS_MAX)
		list_add(&work->warnings, slice_from(sentence));
}

static void unknown_scope(void *context, const struct apply_unknown_scope *scope)
{
	struct api_work *work = context;
	if (work->unknown_count++ < UNKNOWN_MAX)
		list_add(scope->added ? &work->added : &work->unknown, scope->scope);
}

static void api_told(void *context, const struct apply_api *told)
{
	struct api_work *work = context;
	char sentence[256];
	const struct openapi_report *report = told->report;
	work->operation_count = told->api->operation_count;
	if (report->closed > 0) {
		snprintf(sentence, sizeof sentence, "%zu operation%s closed: nobody may call what has no security", report->closed,
		         report->closed == 1 ? " is" : "s are");
		warned(work, sentence);
	}
	for (size_t i = 0; i < report->scheme_count; i++) {
		snprintf(sentence, sizeof sentence, "the security scheme '%.*s' has no actor: say in actors whom it stands for",
		         (int)(report->schemes_without_actor[i].len < 100 ? report->schemes_without_actor[i].len : 100), report->schemes_without_actor[i].ptr);
		warned(work, sentence);
	}
}

/* ---- the reply ---- */

static void list_put(struct writer *out, const char *name, const struct writer *list)
{
	writer_json_key(out, name);
	writer_byte(out, '[');
	writer_put(out, writer_slice(list));
	writer_byte(out, ']');
}

static enum refusal reply_report(struct api_work *work, bool created)
{
	struct admin_call *call = work->change.call;
	struct api api = { .name = call->keys[0], .operation_count = work->operation_count };
	if (!work->change.dry_run) {
		union directory_object model;
		enum result result = change_model_read(call, OBJECT_API, call->keys[0], &model);
		if (result != RESULT_OK)
			return admin_refuse_result(call, result);
		api.version = model.api.version;
	}
	struct writer out = writer_new(call->scratch, 1024);
	writer_text(&out, "{\"api\":");
	api_json(&out, &api);
	list_put(&out, "warnings", &work->warnings);
	list_put(&out, "unknown_scopes", &work->unknown);
	list_put(&out, "permissions_added", &work->added);
	writer_byte(&out, '}');
	if (!writer_ok(&work->warnings) || !writer_ok(&work->unknown) || !writer_ok(&work->added))
		return admin_refuse_result(call, RESULT_NO_MEMORY);
	return admin_reply_json(call, created && !work->change.dry_run ? 201 : 200, &out, api.version);
}

/* ---- putting ---- */

/* The object of the document; the OpenAPI document itself goes beside it, as it is. */
static json_t *object_make(const struct admin_call *call, const json_t *body)
{
	json_t *object = change_object(&change_api, body, NULL, call->keys[0]);
	if (object == NULL || json_object_set_new(object, "name", json_stringn(call->keys[0].ptr, call->keys[0].len)) != 0 ||
	    json_object_set_new(object, "openapi", json_string("openapi")) != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* Reading one takes memory and time. */
static bool import_begin(struct admin *admin)
{
	if (atomic_fetch_add(&admin->api_imports, 1) < LIMIT_API_IMPORTS)
		return true;
	atomic_fetch_sub(&admin->api_imports, 1);
	return false;
}

static enum refusal import(struct api_work *work, const json_t *body, int64_t version)
{
	struct admin_call *call = work->change.call;
	enum refusal refusal = REFUSAL_NONE;
	lists_begin(work);
	work->change.object = object_make(call, body);
	if (work->change.object == NULL)
		return admin_refuse_result(call, RESULT_NO_MEMORY);
	enum result result = change_apply(&work->change, version, &refusal);
	json_decref(work->change.object);
	if (result == RESULT_STALE)
		return admin_refuse(call, REFUSAL_ADMIN_STALE, "Somebody changed it meanwhile: read it again.");
	return result == RESULT_OK ? reply_report(work, version == 0) : refusal;
}

static enum refusal put(struct admin_call *call, const json_t *body, int64_t version)
{
	struct api_work work = {
		.change = { .call = call, .shape = &change_api, .what = version == 0 ? CHANGE_ADDED : CHANGE_CHANGED, .warned = warned, .restarted = lists_begin,
		            .unknown_scope = unknown_scope, .api = api_told, .dry_run = call->query.dry_run, .add_permissions = call->query.add_permissions },
	};
	const struct slice none = SLICE_OF("");
	enum refusal refusal = change_body_judge(call, &change_api, body, NULL, none);
	if (refusal != REFUSAL_NONE)
		return refusal;
	work.change.context = &work;
	work.change.permissions_added = &work.added;
	work.change.openapi = json_object_text(body, "openapi");
	if (work.change.openapi.len == 0)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/openapi"), "an API needs openapi: the OpenAPI document, YAML or JSON, as text");
	if (work.change.openapi.len > LIMIT_OPENAPI_SIZE)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/openapi"), "the OpenAPI document has more than %d MiB: split it into several APIs",
		                       LIMIT_OPENAPI_SIZE / (1024 * 1024));
	return import(&work, body, version);
}

/* The body takes much more memory as JSON than it has bytes, so it has its place before it is read. */
static enum refusal read_and_put(struct admin_call *call, int64_t version)
{
	json_t *body = NULL;
	if (!import_begin(call->admin))
		return admin_refuse(call, REFUSAL_UNAVAILABLE, "Other OpenAPI documents are being read: try again in some seconds.");
	enum refusal refusal = admin_body_read(call, false, &body);
	if (refusal == REFUSAL_NONE)
		refusal = put(call, body, version);
	json_decref(body);
	atomic_fetch_sub(&call->admin->api_imports, 1);
	return refusal;
}

/* If-None-Match: * makes one, If-Match replaces one (RFC 9110 §13.1); only to be told what would be, neither is needed. */
static enum refusal precondition_judge(struct admin_call *call, int64_t present, int64_t *ret_version)
{
	int64_t wanted;
	*ret_version = present;
	if (admin_if_none_match_any(call)) {
		if (present == 0)
			return REFUSAL_NONE;
		return admin_refuse(call, REFUSAL_ADMIN_STALE, "There is an API of this name, and If-None-Match says that there must be none.");
	}
	if (call->query.dry_run && !admin_has_if_match(call))
		return REFUSAL_NONE;
	if (!admin_has_if_match(call))
		return admin_refuse(call, REFUSAL_ADMIN_UNCONDITIONAL,
		                    "Send If-None-Match: * to make a new API, or its ETag as If-Match to replace the one that there is.");
	enum refusal refusal = admin_if_match(call, &wanted);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (present == 0)
		return admin_refuse(call, REFUSAL_ADMIN_STALE,
		                    "There is no API of this name, and If-Match says that there is one: send If-None-Match: * to make it.");
	return admin_version_judge(call, wanted, present);
}

enum refusal admin_api_put(struct admin_call *call)
{
	union directory_object model;
	int64_t version;
	enum result result = change_model_read(call, OBJECT_API, call->keys[0], &model);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return admin_refuse_result(call, result);
	enum refusal refusal = precondition_judge(call, result == RESULT_OK ? model.api.version : 0, &version);
	return refusal == REFUSAL_NONE ? read_and_put(call, version) : refusal;
}
