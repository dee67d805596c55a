#include "http/cors.h"

#include "base/text.h"
#include "http/server.h"

bool cors_is_preflight(const struct exchange *exchange)
{
	const struct http_request *request = &exchange->request;
	const struct http_route *address = exchange->match.address;
	return request->method == HTTP_OPTIONS && address != NULL && address->cors != HTTP_CORS_NONE &&
	       http_request_header(request, "Origin").ptr != NULL &&
	       http_request_header(request, "Access-Control-Request-Method").ptr != NULL;
}

struct slice cors_method_list(struct arena *arena, unsigned methods)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
	char list[64];
	size_t len = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((methods & (1u << i)) == 0)
			continue;
		struct slice comma = len == 0 ? SLICE_OF("") : SLICE_OF(", ");
		struct slice name = slice_from(names[i]);
		memcpy(list + len, comma.ptr, comma.len);
		memcpy(list + len + comma.len, name.ptr, name.len);
		len += comma.len + name.len;
	}
	return arena_copy(arena, (struct slice) { list, len });
}

/* An origin that could be one: short, printable, without anything that ends a header. */
static bool is_origin(struct slice origin)
{
	return origin.len > 0 && origin.len <= LIMIT_ORIGIN_SIZE && text_is_printable_ascii(origin) &&
	       memchr(origin.ptr, ' ', origin.len) == NULL && !slice_is(origin, "null");
}

void cors_mark(struct exchange *exchange)
{
	const struct http_route *address = exchange->match.address;
	if (address == NULL || address->cors == HTTP_CORS_NONE)
		return;
	if (address->cors == HTTP_CORS_ANY) {
		http_reply_header(&exchange->reply, "Access-Control-Allow-Origin", SLICE_OF("*"));
		return;
	}
	http_reply_header(&exchange->reply, "Vary", SLICE_OF("Origin"));
	const struct http_options *options = &exchange->server->options;
	struct slice origin = http_request_header(&exchange->request, "Origin");
	if (is_origin(origin) && options->origin_allowed != NULL &&
	    options->origin_allowed(options->context, &exchange->request, origin))
		http_reply_header(&exchange->reply, "Access-Control-Allow-Origin", origin);
}

void cors_answer_preflight(struct exchange *exchange)
{
	exchange->reply.status = 204;
	http_reply_header(&exchange->reply, "Access-Control-Allow-Methods",
	                  cors_method_list(exchange->request.arena, exchange->match.allowed));
	http_reply_header(&exchange->reply, "Access-Control-Allow-Headers", SLICE_OF("authorization, content-type"));
	http_reply_header(&exchange->reply, "Access-Control-Max-Age", SLICE_OF("600"));
}
