/* Refusals of the Admin API: application/problem+json (RFC 9457), counted and audited like any other. */
#include "admin/problem.h"

#include "admin/access.h"
#include "admin/json.h"
#include "directory/audit.h"

#include <stdarg.h>
#include <stdio.h>

#define PROBLEM_TYPE "application/problem+json"
#define RETRY_AFTER "1"
enum { SENTENCE_SIZE = 1024, OBJECT_SHOWN = 200 };

static void sentence_set(struct admin_call *, const char *format, va_list) PRINTF_LIKE(2, 0);

static void sentence_set(struct admin_call *call, const char *format, va_list args)
{
	char text[SENTENCE_SIZE];
	vsnprintf(text, sizeof text, format, args);
	call->oauth.sentence = refusal_sentence(call->arena, "%s", text);
}

enum refusal admin_refuse(struct admin_call *call, enum refusal refusal, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	sentence_set(call, format, args);
	va_end(args);
	return refusal;
}

void admin_error_add(struct admin_call *call, const char *kind, struct slice where, struct slice detail)
{
	if (call->error_count < ADMIN_ERRORS)
		call->errors[call->error_count++] = (struct admin_error) { kind, arena_copy(call->arena, where), arena_copy(call->arena, detail) };
}

enum refusal admin_refuse_at(struct admin_call *call, enum refusal refusal, struct slice pointer, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	sentence_set(call, format, args);
	va_end(args);
	admin_error_add(call, "pointer", pointer, call->oauth.sentence);
	return refusal;
}

struct slice admin_pointer(struct admin_call *call, const char *name)
{
	struct writer pointer = writer_new(call->arena, 64);
	json_pointer_add(&pointer, slice_first(slice_from(name), LIMIT_ID));
	return writer_slice(&pointer);
}

enum refusal admin_refuse_parameter(struct admin_call *call, const char *name, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	sentence_set(call, format, args);
	va_end(args);
	admin_error_add(call, "parameter", slice_from(name), call->oauth.sentence);
	return REFUSAL_ADMIN_PARAMETER;
}

enum refusal admin_refuse_missing(struct admin_call *call)
{
	return admin_refuse(call, REFUSAL_ADMIN_NOT_FOUND, "There is nothing at this address, or it is not yours to administer: check the names in it.");
}

enum refusal admin_refuse_result(struct admin_call *call, enum result result)
{
	switch (result) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_NOT_FOUND: return admin_refuse_missing(call);
	case RESULT_BUSY: return admin_refuse(call, REFUSAL_UNAVAILABLE, "Others are writing for too long, so nothing was changed: try again.");
	default: return admin_refuse(call, REFUSAL_UNAVAILABLE, "The store cannot answer now: try again later.");
	}
}

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

struct problem_text {
	unsigned status;
	const char *slug, *title;
	struct slice detail, request_id;
	const struct admin_error *errors;
	size_t error_count;
};

static void write_errors(struct writer *body, const struct problem_text *problem)
{
	writer_json_key(body, "errors");
	writer_byte(body, '[');
	for (size_t i = 0; i < problem->error_count; i++) {
		const struct admin_error *error = &problem->errors[i];
		writer_text(body, i > 0 ? ",{" : "{");
		if (error->kind != NULL)
			writer_json_member(body, error->kind, error->where);
		writer_json_member(body, "detail", error->detail);
		writer_byte(body, '}');
	}
	writer_byte(body, ']');
}

static void write_problem(const struct oauth *oauth, struct arena *arena, const struct problem_text *problem, struct http_reply *reply)
{
	struct writer body = writer_new(arena, 1024);
	writer_text(&body, "{\"type\":");
	writer_json_string(&body, arena_print(arena, "%.*s/errors/%s", SLICE_ARGS(oauth->auth_url), problem->slug));
	writer_json_member(&body, "title", slice_from(problem->title));
	writer_json_member_int(&body, "status", problem->status);
	writer_json_member(&body, "detail", problem->detail);
	writer_json_key(&body, "instance");
	writer_json_string(&body, arena_print(arena, "urn:request:%.*s", SLICE_ARGS(problem->request_id)));
	if (problem->error_count > 0)
		write_errors(&body, problem);
	writer_byte(&body, '}');
	reply->status = problem->status;
	reply->content_type = SLICE_OF(PROBLEM_TYPE);
	reply->body = writer_ok(&body) ? writer_slice(&body) : SLICE_OF("{}");
	reply->error = slice_from(problem->slug);
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}

/* Which operation was refused: what stands in the address is percent-encoded, and so printable. */
static struct slice asked(const struct admin_call *call)
{
	return arena_print(call->arena, "%.*s %.*s", SLICE_ARGS(slice_first(call->request->method_name, LIMIT_METHOD)),
	                   SLICE_ARGS(slice_first(call->request->path, OBJECT_SHOWN)));
}

static void leave_audit(const struct admin_call *call, const struct refusal_entry *entry)
{
	const struct partition_id *partition = call->partition.len > 0 ? &call->partition : call->caller.partition.len > 0 ? &call->caller.partition : NULL;
	const struct audit_event event = {
		.partition = partition == NULL ? (struct slice) { NULL, 0 } : partition_id_slice(partition),
		.request_id = call->request->id,
		.action = SLICE_OF("admin.refused"),
		.result = slice_from(entry->slug),
		.actor = slice_first(call->caller.id, LIMIT_ID),
		.object = asked(call),
		.address = call->request->address,
		.detail = call->oauth.sentence,
	};
	audit_write(admin_store(call), &event);
}

void problem_reply(struct admin_call *call, enum refusal refusal)
{
	const struct refusal_entry *entry = refusal_entry(refusal);
	const struct problem_text problem = {
		.status = entry->status,
		.slug = entry->slug,
		.title = entry->title,
		.detail = call->oauth.sentence,
		.request_id = call->request->id,
		.errors = call->errors,
		.error_count = call->error_count,
	};
	oauth_note_refusal(&call->oauth, refusal, NULL);
	leave_audit(call, entry);
	write_problem(call->oauth.oauth, call->arena, &problem, call->reply);
	access_challenge(call, refusal);
	if (entry->status == 503)
		http_reply_header(call->reply, "Retry-After", SLICE_OF(RETRY_AFTER));
}

void admin_refuse_http(struct admin *admin, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                       struct http_reply *reply)
{
	const struct refusal_entry *entry = refusal_by_slug(slice_from(slug));
	const struct problem_text problem = {
		.status = status,
		.slug = slug,
		.title = entry == NULL ? "The request is malformed" : entry->title,
		.detail = slice_from(sentence),
		.request_id = request->id,
	};
	if (entry != NULL)
		atomic_fetch_add_explicit(&admin->oauth->refused[refusal_of_entry(entry)], 1, memory_order_relaxed);
	write_problem(admin->oauth, request->arena, &problem, reply);
}

bool admin_is_asked(const struct http_request *request)
{
	const struct slice target = request->target;
	return slice_starts_with(target, SLICE_OF(ADMIN_PATH "/")) || slice_is(target, ADMIN_PATH);
}
