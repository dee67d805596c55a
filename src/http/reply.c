#include "http/reply.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/cors.h"
#include "http/server.h"

/* Header values up to this size get their NUL on the stack. */
#define VALUE_SHORT 512

void http_reply_header(struct http_reply *reply, const char *name, struct slice value)
{
	bool clean = value.ptr != NULL && reply->header_count < HTTP_REPLY_HEADERS_MAX;
	for (size_t i = 0; clean && i < value.len; i++)
		clean = (unsigned char)value.ptr[i] >= 0x20 && value.ptr[i] != 0x7f;
	if (!clean) {
		log_line(LOG_ERROR, "a reply header was left out", (const struct log_member[]) { { "header", slice_from(name) } }, 1);
		return;
	}
	reply->headers[reply->header_count++] = (struct http_header) { slice_from(name), value };
}

void reply_refuse(struct exchange *exchange, struct refusal refusal)
{
	const struct http_options *options = &exchange->server->options;
	exchange->reply = (struct http_reply) { .status = refusal.status };
	options->refuse(options->context, &exchange->request, refusal.status, refusal.slug, refusal.sentence, &exchange->reply);
	exchange->reply.status = refusal.status;
	if (exchange->reply.error.len == 0)
		exchange->reply.error = slice_from(refusal.slug);
	if (refusal.status == 405)
		http_reply_header(&exchange->reply, "Allow", cors_method_list(exchange->request.arena, exchange->match.allowed));
	if (refusal.status == 503)
		http_reply_header(&exchange->reply, "Retry-After", SLICE_OF("1"));
}

static bool add_header(struct MHD_Response *response, struct arena *arena, const char *name, struct slice value)
{
	char copy[VALUE_SHORT];
	/* The library refuses an empty value; white space around one is no part of it (RFC 9110 §5.5). */
	if (value.len == 0)
		value = SLICE_OF(" ");
	if (value.len < sizeof copy) {
		memcpy(copy, value.ptr, value.len);
		copy[value.len] = '\0';
		return MHD_add_response_header(response, name, copy) == MHD_YES;
	}
	struct slice longer = arena_copy(arena, value);
	return longer.ptr != NULL && MHD_add_response_header(response, name, longer.ptr) == MHD_YES;
}

static bool add_headers(struct MHD_Response *response, const struct exchange *exchange, bool close)
{
	const struct http_reply *reply = &exchange->reply;
	struct arena *arena = exchange->request.arena;
	bool good = MHD_add_response_header(response, "X-Request-Id", exchange->id) == MHD_YES &&
	            MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
	            MHD_add_response_header(response, "Referrer-Policy", "no-referrer") == MHD_YES;
	if (good && close)
		good = MHD_add_response_header(response, "Connection", "close") == MHD_YES;
	if (good && reply->content_type.len > 0)
		good = add_header(response, arena, "Content-Type", reply->content_type);
	for (size_t i = 0; good && i < reply->header_count; i++)
		good = add_header(response, arena, reply->headers[i].name.ptr, reply->headers[i].value);
	return good;
}

enum MHD_Result reply_send(struct exchange *exchange, bool close)
{
	const struct http_options *options = &exchange->server->options;
	struct http_reply *reply = &exchange->reply;
	if (reply->status < 200 || reply->status > 599)
		reply->status = 500;
	cors_mark(exchange);
	if (reply->status == 204)
		reply->body = reply->content_type = (struct slice) { NULL, 0 };
	/* the body lives in the arena until the library has completed the request; it does not write to it */
	void *body = reply->body.len == 0 ? NULL : (void *)reply->body.ptr;
	struct MHD_Response *response = MHD_create_response_from_buffer(reply->body.len, body, MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	/* half a set of headers is worse than no reply: one of them may be Cache-Control: no-store */
	enum MHD_Result result = MHD_NO;
	if (add_headers(response, exchange, close)) {
		exchange->stage = EXCHANGE_SENT;
		connection_sends(&exchange->server->connections, exchange->connection);
		result = MHD_queue_response(exchange->library, reply->status, response);
	}
	MHD_destroy_response(response);
	if (result == MHD_YES && options->done != NULL)
		options->done(options->context, &exchange->request, reply, clock_monotonic_us() - exchange->request.received_us);
	return result;
}
