/* Operations as JSON, as `writ api list`, `explain` and `catalogue` print them. */
#ifndef WRIT_CLI_API_API_JSON_H
#define WRIT_CLI_API_API_JSON_H

#include "base/writer.h"
#include "store/model.h"

/* Members: method, path, operation_id, summary. */
void operation_members_json(struct writer *, const struct api_operation *);

/* A member of that name: who may call it, [{"actor": …, "scopes": […]}, …]; with_flow: and the flow that gives such a token. */
void alternatives_member_json(struct writer *, const char *name, const struct api_operation *, bool with_flow);

#endif
