/* Who asks. */
#include "admin/handlers.h"

#include "admin/json.h"

enum { OBJECT_EXPECTED = 512 };

enum refusal admin_me_read(struct admin_call *call)
{
	const struct admin_caller *caller = &call->caller;
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	writer_byte(&body, '{');
	writer_json_member(&body, "partition", partition_id_slice(&caller->partition));
	writer_json_member(&body, "kind", slice_from(api_actor_claim(caller->actor)));
	writer_json_member(&body, "id", caller->id);
	writer_json_member(&body, "name", caller->name);
	writer_json_member_bool(&body, "system", caller->system);
	json_member_words(&body, "permissions", caller->scope);
	writer_byte(&body, '}');
	return admin_reply_json(call, 200, &body, 0);
}
