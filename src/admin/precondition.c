/* Lost updates (RFC 9110 §13.1): an object's ETag is its version, "v12". */
#include "admin/admin_call.h"
#include "base/text.h"

bool admin_has_if_match(const struct admin_call *call)
{
	return http_request_header(call->request, "If-Match").ptr != NULL;
}

bool admin_if_none_match_any(const struct admin_call *call)
{
	return slice_is(slice_trim(http_request_header(call->request, "If-None-Match")), "*");
}

enum refusal admin_if_match(struct admin_call *call, int64_t *ret_version)
{
	int64_t version;
	struct slice tag = http_request_header(call->request, "If-Match");
	if (tag.ptr == NULL)
		return admin_refuse(call, REFUSAL_ADMIN_UNCONDITIONAL,
		                    "The header If-Match is missing: send the ETag of the object as it was read, or * for whatever there is.");
	tag = slice_trim(tag);
	if (slice_is(tag, "*")) {
		*ret_version = 0;
		return REFUSAL_NONE;
	}
	const struct slice front = SLICE("\"v");
	const bool ours = slice_starts_with(tag, front) && slice_ends_with(tag, SLICE_OF("\"")) && tag.len > front.len + 1;
	if (!ours || text_to_int(slice_first(slice_skip(tag, front.len), tag.len - front.len - 1), INT64_MAX, &version) != RESULT_OK || version == 0)
		return admin_refuse(call, REFUSAL_ADMIN_STALE, "If-Match names no version of this object: send the ETag of the object as it was read.");
	*ret_version = version;
	return REFUSAL_NONE;
}

enum refusal admin_version_judge(struct admin_call *call, int64_t wanted, int64_t present)
{
	if (wanted == 0 || wanted == present)
		return REFUSAL_NONE;
	return admin_refuse(call, REFUSAL_ADMIN_STALE, "Somebody changed it meanwhile: it is v%lld now, and If-Match names v%lld. Read it again.",
	                    (long long)present, (long long)wanted);
}
