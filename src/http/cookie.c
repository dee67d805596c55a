#include "http/cookie.h"

#include "base/limits.h"
#include "base/text.h"

/* RFC 6265 §4.1.1: US-ASCII without controls, whitespace, quote, comma, semicolon and backslash. */
static bool is_cookie_value(struct slice value)
{
	if (value.len == 0 || value.len > LIMIT_COOKIE_SIZE)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char byte = (unsigned char)value.ptr[i];
		if (byte <= 0x20 || byte >= 0x7f || byte == '"' || byte == ',' || byte == ';' || byte == '\\')
			return false;
	}
	return true;
}

/* Looks through one header; true when the name was in it. seen: the cookies looked at so far. */
static bool header_read(struct slice header, struct slice wanted, size_t *seen, struct slice *ret)
{
	struct slice rest = header;
	struct slice pair;
	while (*seen < LIMIT_COOKIES && slice_cut(&rest, ';', &pair)) {
		struct slice value = slice_trim(pair);
		struct slice name;
		if (value.len == 0)
			continue;
		++*seen;
		if (!slice_cut(&value, '=', &name) || !slice_equal(slice_trim(name), wanted))
			continue;
		*ret = slice_trim(value);
		return true;
	}
	return false;
}

struct slice cookie_read(const struct http_request *request, const char *name)
{
	const struct slice none = { NULL, 0 };
	struct slice value = none;
	size_t seen = 0;
	for (size_t i = 0; i < request->header_count; i++) {
		if (!text_equal_folded(request->headers[i].name, SLICE_OF("cookie")))
			continue;
		if (header_read(request->headers[i].value, slice_from(name), &seen, &value))
			return is_cookie_value(value) ? value : none;
	}
	return none;
}

void cookie_set(struct http_request *request, struct http_reply *reply, const struct cookie *cookie)
{
	const char *forgets = cookie->value.len == 0 ? "; Max-Age=0" : "";
	const char *reach = cookie->secure ? "; Secure; SameSite=None" : "; SameSite=Lax";
	struct slice line = arena_print(request->arena, "%s=%.*s; Path=/; HttpOnly%s%s", cookie->name, SLICE_ARGS(cookie->value), reach, forgets);
	http_reply_header(reply, "Set-Cookie", line);
}
