#include "http/request.h"

#include "base/text.h"

struct method_name {
	struct slice name;
	enum http_method method;
};

static const struct method_name methods[] = {
	{ SLICE("GET"), HTTP_GET },
	{ SLICE("HEAD"), HTTP_HEAD },
	{ SLICE("POST"), HTTP_POST },
	{ SLICE("PUT"), HTTP_PUT },
	{ SLICE("PATCH"), HTTP_PATCH },
	{ SLICE("DELETE"), HTTP_DELETE },
	{ SLICE("OPTIONS"), HTTP_OPTIONS },
};

void request_take_target(struct exchange *exchange, char *uri)
{
	size_t len = strlen(uri);
	exchange->target_start = uri;
	exchange->target_end = uri + len;
	exchange->target_too_long = len > LIMIT_URL_SIZE;
	exchange->request.target = arena_copy(exchange->request.arena, slice_first((struct slice) { uri, len }, LIMIT_URL_SIZE));
	/* The library would now take the query apart into its small pool (some 500 parameters end a connection without a
	 * word) and decode the path in place. Nobody reads what it makes of them, so it gets nothing to parse. */
	for (size_t i = 0; i < len; i++)
		if (uri[i] == '?' || uri[i] == '&' || uri[i] == '%')
			uri[i] = '_';
}

bool request_cut_target(struct slice target, struct slice *ret_path, struct slice *ret_query)
{
	bool clean = true;
	for (size_t i = 0; i < target.len; i++)
		clean = clean && target.ptr[i] > 0x20 && target.ptr[i] < 0x7f && target.ptr[i] != '#';
	if (!clean || target.len == 0)
		return false;
	struct slice http = SLICE("http://");
	struct slice https = SLICE("https://");
	size_t scheme = text_equal_folded(slice_first(target, http.len), http)     ? http.len
	                : text_equal_folded(slice_first(target, https.len), https) ? https.len
	                                                                           : 0;
	struct slice rest = target;
	if (scheme > 0) {
		struct slice authority;
		rest = slice_skip(target, scheme);
		const char *slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);
		if (slash == NULL || slash == rest.ptr)
			return false;
		authority = slice_first(rest, (size_t)(slash - rest.ptr));
		if (memchr(authority.ptr, '?', authority.len) != NULL || memchr(authority.ptr, '@', authority.len) != NULL)
			return false;
		rest = slice_skip(rest, authority.len);
	}
	if (rest.ptr[0] != '/')
		return false;
	const char *mark = memchr(rest.ptr, '?', rest.len);
	*ret_path = mark == NULL ? rest : slice_first(rest, (size_t)(mark - rest.ptr));
	*ret_query = mark == NULL ? (struct slice) { NULL, 0 } : slice_skip(rest, ret_path->len + 1);
	return true;
}

/* The first thing wrong is the one that is told. */
static void refuse(struct exchange *exchange, enum refusal_kind kind)
{
	if (exchange->refusal.status == 0)
		exchange->refusal = refusal_of(kind);
}

static void read_method(struct http_request *request, const char *method)
{
	request->method_name = slice_from(method);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (slice_equal(methods[i].name, request->method_name)) {
			request->method = methods[i].method;
			request->method_name = methods[i].name;
			return;
		}
	}
}

static void read_target(struct exchange *exchange, const char *method, const char *version)
{
	struct http_request *request = &exchange->request;
	if (exchange->target_too_long) {
		refuse(exchange, REFUSE_ADDRESS_TOO_LONG);
		return;
	}
	if (request->target.ptr == NULL) {
		refuse(exchange, REFUSE_NO_MEMORY);
		return;
	}
	/* The library steps over further spaces in the request line, and a NUL ends its strings early: then the three parts
	 * do not follow each other at once. */
	bool whole = method + request->method_name.len + 1 == exchange->target_start && exchange->target_end + 1 == version;
	if (!whole || !request_cut_target(request->target, &request->path, &request->query)) {
		request->path = request->query = (struct slice) { NULL, 0 };
		refuse(exchange, REFUSE_ADDRESS_BAD);
	}
}

/* RFC 9110 §5.6.2: a token; one bit for each ASCII character that may stand in it. */
static bool is_header_name(struct slice name)
{
	static const uint64_t token[4] = { UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe), 0, 0 };
	bool good = name.len > 0;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.ptr[i];
		good = good && (token[byte / 64] >> (byte % 64) & 1) != 0;
	}
	return good;
}

static bool is_header_value(struct slice value)
{
	unsigned bad = 0;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char byte = (unsigned char)value.ptr[i];
		bad |= (unsigned)((byte < 0x20 && byte != '\t') || byte == 0x7f);
	}
	return bad == 0;
}

static bool may_come_once(struct slice name)
{
	static const struct slice whole[] = { SLICE("host"), SLICE("content-length"), SLICE("authorization"),
		                              SLICE("transfer-encoding") };
	static const struct slice fronts[] = { SLICE("x-original-"), SLICE("x-forwarded-") };
	/* most names are out at their first letter */
	if (name.len == 0 || strchr("hcatx", text_lower(name.ptr[0])) == NULL)
		return false;
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		if (text_equal_folded(name, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof fronts / sizeof fronts[0]; i++)
		if (name.len > fronts[i].len && text_equal_folded(slice_first(name, fronts[i].len), fronts[i]))
			return true;
	return false;
}

static enum MHD_Result take_header(void *argument, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                   const char *value, size_t value_size)
{
	(void)kind;
	struct exchange *exchange = argument;
	struct http_request *request = &exchange->request;
	if (request->header_count == LIMIT_HEADER_COUNT) {
		refuse(exchange, REFUSE_HEADERS_TOO_MANY);
		return MHD_NO;
	}
	struct slice empty = SLICE("");
	struct http_header *header = &exchange->headers[request->header_count++];
	header->name = (struct slice) { name, name_size };
	header->value = value == NULL ? empty : (struct slice) { value, value_size };
	return MHD_YES;
}

static void judge_headers(struct exchange *exchange)
{
	const struct http_request *request = &exchange->request;
	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];
		if (!is_header_name(header->name) || !is_header_value(header->value))
			refuse(exchange, REFUSE_HEADER_BAD);
		if (!may_come_once(header->name))
			continue;
		for (size_t j = 0; j < i; j++)
			if (text_equal_folded(header->name, request->headers[j].name))
				refuse(exchange, REFUSE_HEADER_REPEATED);
	}
}

static void judge_framing(struct exchange *exchange, const char *version)
{
	const struct http_request *request = &exchange->request;
	struct slice length = http_request_header(request, "Content-Length");
	struct slice coding = http_request_header(request, "Transfer-Encoding");
	bool current = strcmp(version, MHD_HTTP_VERSION_1_0) != 0;
	if (coding.ptr != NULL) {
		if (length.ptr != NULL)
			refuse(exchange, REFUSE_TWO_LENGTHS);
		if (!current || !text_equal_folded(coding, SLICE_OF("chunked")))
			refuse(exchange, REFUSE_TRANSFER_CODING);
	}
	int64_t bytes;
	if (length.ptr != NULL && text_to_int(length, INT64_MAX, &bytes) != RESULT_OK)
		refuse(exchange, REFUSE_HEADER_BAD);
	if (current && http_request_header(request, "Host").ptr == NULL)
		refuse(exchange, REFUSE_NO_HOST);
}

void request_read(struct exchange *exchange, const char *method, const char *version, size_t header_size)
{
	read_method(&exchange->request, method);
	read_target(exchange, method, version);
	if (header_size > LIMIT_HEADER_SIZE)
		refuse(exchange, REFUSE_HEADERS_TOO_LARGE);
	MHD_get_connection_values_n(exchange->library, MHD_HEADER_KIND, take_header, exchange);
	judge_headers(exchange);
	judge_framing(exchange, version);
}

struct body_outlook request_body_outlook(const struct http_request *request)
{
	struct body_outlook outlook = { .chunked = http_request_header(request, "Transfer-Encoding").ptr != NULL };
	int64_t length = 0;
	if (text_to_int(http_request_header(request, "Content-Length"), INT64_MAX, &length) == RESULT_OK)
		outlook.length = (uint64_t)length;
	outlook.announced = outlook.chunked || outlook.length > 0;
	outlook.expects = http_request_header(request, "Expect").ptr != NULL;
	return outlook;
}

struct slice http_request_header(const struct http_request *request, const char *name)
{
	struct slice wanted = slice_from(name);
	for (size_t i = 0; i < request->header_count; i++)
		if (text_equal_folded(request->headers[i].name, wanted))
			return request->headers[i].value;
	return (struct slice) { NULL, 0 };
}
