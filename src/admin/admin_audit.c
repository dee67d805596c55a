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
