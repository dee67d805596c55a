/* Bodies of the Admin API: one JSON object each. */
#include "admin/admin_call.h"
#include "base/text.h"
#include "jose/json_strict.h"

/* "application/json; charset=utf-8" in any case. */
static bool type_is(struct slice header, const char *type)
{
	struct slice essence = header;
	const char *mark = header.len == 0 ? NULL : memchr(header.ptr, ';', header.len);
	if (mark != NULL)
		essence = slice_first(header, (size_t)(mark - header.ptr));
	return text_equal_folded(slice_trim(essence), slice_from(type));
}

enum refusal admin_body_read(struct admin_call *call, bool patch, json_t **ret)
{
	const struct slice type = http_request_header(call->request, "Content-Type");
	if (!type_is(type, "application/json") && !(patch && type_is(type, "application/merge-patch+json")))
		return admin_refuse(call, REFUSAL_ADMIN_CONTENT_TYPE, "The body is not sent as JSON: send Content-Type: application/json%s.",
		                    patch ? " or application/merge-patch+json" : "");
	if (json_object_parse(call->request->body, ret) != RESULT_OK)
		return admin_refuse(call, REFUSAL_ADMIN_JSON,
		                    "The body is not one JSON object, has a member twice, a NUL, or more than %d levels: check it.", LIMIT_JSON_DEPTH);
	return REFUSAL_NONE;
}
