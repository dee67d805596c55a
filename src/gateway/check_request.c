#include "gateway/check_request.h"

#include "base/path.h"
#include "base/text.h"
#include "oauth/bearer.h"

struct source {
	const char *method_header, *uri_header;
	struct slice method, uri; /* ptr NULL: absent */
};

enum { FROM_NGINX, FROM_FORWARDED, FROM_ADDRESS, SOURCE_COUNT };

/* One pass over the headers; that each comes once was seen to in http/. */
static void read_sources(const struct http_request *request, size_t own, struct source sources[SOURCE_COUNT])
{
	static const struct {
		struct slice name;
		int source;
		bool uri;
	} names[] = {
		{ SLICE("X-Original-Method"), FROM_NGINX, false },
		{ SLICE("X-Original-URI"), FROM_NGINX, true },
		{ SLICE("X-Forwarded-Method"), FROM_FORWARDED, false },
		{ SLICE("X-Forwarded-Uri"), FROM_FORWARDED, true },
	};
	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];
		for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
			if (header->name.len != names[j].name.len || !text_equal_folded(header->name, names[j].name))
				continue;
			struct source *source = &sources[names[j].source];
			*(names[j].uri ? &source->uri : &source->method) = header->value;
		}
	}
	if (request->path.len > own) {
		sources[FROM_ADDRESS].method = request->method_name;
		sources[FROM_ADDRESS].uri = slice_skip(request->path, own);
	}
}

static enum refusal none(struct oauth_call *call)
{
	return refuse(call, REFUSAL_CALL_SOURCE,
	              "Which call shall be decided? Send X-Original-Method and X-Original-URI, or X-Forwarded-Method and X-Forwarded-Uri, or the call's "
	              "own method to this address with the call's path behind it.");
}

/* NULL: refused. */
static const struct source *choose(struct oauth_call *call, const struct source sources[SOURCE_COUNT], enum refusal *ret_refusal)
{
	const struct source *chosen = NULL;
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		const struct source *source = &sources[i];
		if (source->method.ptr == NULL && source->uri.ptr == NULL)
			continue;
		if (chosen != NULL) {
			*ret_refusal = refuse(call, REFUSAL_CALL_SOURCE,
			                      "The call came in two ways at once: the proxy must remove the headers that other proxies use.");
			return NULL;
		}
		if (source->method.len == 0 || source->uri.len == 0) {
			*ret_refusal = refuse(call, REFUSAL_CALL_SOURCE, "Half of the call came: %s and %s belong together.", source->method_header,
			                      source->uri_header);
			return NULL;
		}
		chosen = source;
	}
	if (chosen == NULL)
		*ret_refusal = none(call);
	return chosen;
}

/* RFC 9110 §9.1: a token. */
static bool is_method(struct slice method)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	bool good = method.len > 0 && method.len <= LIMIT_METHOD;
	for (size_t i = 0; i < method.len && good; i++) {
		const char c = method.ptr[i];
		good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr(others, c) != NULL);
	}
	return good;
}

/* Nothing of the query decides: it is cut off. A '#' would be no part of a request (RFC 9112 §3.2), and path_normalise refuses it. */
static struct slice path_of(struct slice uri)
{
	const char *mark = memchr(uri.ptr, '?', uri.len);
	return mark == NULL ? uri : slice_first(uri, (size_t)(mark - uri.ptr));
}

enum refusal check_request_read(struct oauth_call *call, size_t own, struct api_call *ret)
{
	struct source sources[SOURCE_COUNT] = {
		[FROM_NGINX] = { .method_header = "X-Original-Method", .uri_header = "X-Original-URI" },
		[FROM_FORWARDED] = { .method_header = "X-Forwarded-Method", .uri_header = "X-Forwarded-Uri" },
		[FROM_ADDRESS] = { .method_header = "method", .uri_header = "path" },
	};
	enum refusal refusal;
	ret->token = bearer_header(call->request);
	read_sources(call->request, own, sources);
	const struct source *source = choose(call, sources, &refusal);
	if (source == NULL)
		return refusal;
	ret->method = source->method;
	ret->path = path_of(source->uri);
	if (!is_method(source->method))
		return refuse(call, REFUSAL_CALL_ADDRESS, "The method of the call is none: %.*s.", SLICE_ARGS(slice_first(source->method, LIMIT_METHOD)));
	if (source->uri.len > LIMIT_URL_SIZE || source->uri.ptr[0] != '/' ||
	    path_normalise(path_of(source->uri), ret->buffer, sizeof ret->buffer, &ret->path) != RESULT_OK)
		return refuse(call, REFUSAL_CALL_ADDRESS,
		              "The address of the call is malformed, or servers could read it in different ways: escaped slashes, "
		              "backslashes and controls, ..; and escapes of escapes are refused.");
	return REFUSAL_NONE;
}
