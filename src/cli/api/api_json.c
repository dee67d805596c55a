#include "cli/api/api_json.h"

#include "gateway/decision.h"

void operation_members_json(struct writer *out, const struct api_operation *operation)
{
	writer_json_member(out, "method", operation->method);
	writer_json_member(out, "path", operation->path);
	writer_json_member(out, "operation_id", operation->operation_id);
	writer_json_member(out, "summary", operation->summary);
}

void alternatives_member_json(struct writer *out, const char *name, const struct api_operation *operation, bool with_flow)
{
	writer_json_key(out, name);
	writer_byte(out, '[');
	for (size_t i = 0; i < operation->alternative_count; i++) {
		const struct api_alternative *alternative = &operation->alternatives[i];
		writer_text(out, i == 0 ? "{" : ",{");
		writer_json_member(out, "actor", slice_from(api_actor_name(alternative->actor)));
		writer_json_key(out, "scopes");
		writer_json_words(out, alternative->scopes);
		if (with_flow)
			writer_json_member(out, "flow", slice_from(api_actor_flow(alternative->actor)));
		writer_byte(out, '}');
	}
	writer_byte(out, ']');
}
