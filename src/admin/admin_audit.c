#include "admin/admin_call.h"
#include "base/clock.h"

struct audit_event admin_event(const struct admin_call *call, const char *action, struct slice object, struct slice detail)
{
	return (struct audit_event) {
		.at_ms = clock_ms(),
		.partition = partition_id_slice(&call->partition),
		.request_id = call->request->id,
		.action = slice_from(action),
		.result = SLICE_OF("ok"),
		.actor = call->caller.id,
		.object = object,
		.address = call->request->address,
		.detail = detail,
	};
}

struct writer admin_detail_begin(const struct admin_call *call, struct arena *arena, const char *kind, struct slice name)
{
	struct writer detail = writer_new(arena, 512);
	writer_byte(&detail, '{');
	writer_json_member(&detail, "kind", slice_from(kind));
	writer_json_member(&detail, "name", name);
	writer_json_member(&detail, "by", slice_from(api_actor_claim(call->caller.actor)));
	return detail;
}
