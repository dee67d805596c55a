#include "admin/admin_call.h"

#define JSON_TYPE "application/json"

static void etag(struct admin_call *call, int64_t version)
{
	if (version > 0)
		http_reply_header(call->reply, "ETag", arena_print(call->arena, "\"v%lld\"", (long long)version));
}

enum refusal admin_reply_json(struct admin_call *call, unsigned status, const struct writer *body, int64_t version)
{
	struct slice text = { NULL, 0 };
	if (writer_ok(body))
		text = body->arena == call->arena ? writer_slice(body) : arena_copy(call->arena, writer_slice(body));
	if (text.ptr == NULL)
		return admin_refuse(call, REFUSAL_UNAVAILABLE, "The reply does not fit into memory: ask for less at once.");
	call->reply->status = status;
	call->reply->content_type = SLICE_OF(JSON_TYPE);
	call->reply->body = text;
	http_reply_header(call->reply, "Cache-Control", SLICE_OF("no-store"));
	etag(call, version);
	return REFUSAL_NONE;
}

enum refusal admin_reply_created(struct admin_call *call, struct slice key, const struct writer *body, int64_t version)
{
	enum refusal refusal = admin_reply_json(call, 201, body, version);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct writer location = writer_new(call->arena, call->request->path.len + 3 * key.len + 256);
	writer_put(&location, call->oauth.oauth->auth_url);
	writer_put(&location, call->request->path);
	writer_byte(&location, '/');
	writer_percent(&location, key);
	if (writer_ok(&location))
		http_reply_header(call->reply, "Location", writer_slice(&location));
	return REFUSAL_NONE;
}

enum refusal admin_reply_nothing(struct admin_call *call)
{
	call->reply->status = 204;
	http_reply_header(call->reply, "Cache-Control", SLICE_OF("no-store"));
	return REFUSAL_NONE;
}
