#include "base/url.h"

#include "base/text.h"

/* The host with its port, as written, behind "scheme://"; without userinfo. */
static struct slice url_authority(struct slice rest)
{
	size_t end = 0;
	while (end < rest.len && strchr("/?#\\", rest.ptr[end]) == NULL)
		end++;
	return slice_first(rest, end);
}

/* Where the port's colon stands in the authority: its length when there is none. A colon inside [...] is none. */
static size_t url_port_at(struct slice authority)
{
	for (size_t i = authority.len; i > 0; i--) {
		char c = authority.ptr[i - 1];
		if (c == ':')
			return i - 1;
		if (c == ']')
			break;
	}
	return authority.len;
}

static bool put(char *buffer, size_t size, size_t *len, struct slice text)
{
	if (text.len >= size - *len)
		return false;
	for (size_t i = 0; i < text.len; i++)
		buffer[(*len)++] = text_lower(text.ptr[i]);
	buffer[*len] = '\0';
	return true;
}

/* A port without its leading zeros; false when it is no number up to 65535. An empty one stands for the default. */
static bool port_read(struct slice *port)
{
	while (port->len > 1 && port->ptr[0] == '0')
		*port = slice_skip(*port, 1);
	int64_t value;
	return port->len == 0 || text_to_int(*port, 65535, &value) == RESULT_OK;
}

bool url_origin(struct slice url, char *buffer, size_t size)
{
	static const struct slice http = SLICE("http"), https = SLICE("https"), behind = SLICE("://");
	const char *colon = url.len == 0 ? NULL : memchr(url.ptr, ':', url.len);
	if (colon == NULL || size == 0)
		return false;
	struct slice scheme = slice_first(url, (size_t)(colon - url.ptr));
	bool secure = text_equal_folded(scheme, https);
	if ((!secure && !text_equal_folded(scheme, http)) || !slice_starts_with(slice_skip(url, scheme.len), behind))
		return false;
	struct slice authority = url_authority(slice_skip(url, scheme.len + behind.len));
	if (authority.len == 0 || memchr(authority.ptr, '@', authority.len) != NULL)
		return false;
	size_t host_len = url_port_at(authority);
	struct slice host = slice_first(authority, host_len);
	struct slice port = host_len == authority.len ? (struct slice) { NULL, 0 } : slice_skip(authority, host_len + 1);
	if (host.len == 0 || !text_is_printable_ascii(host) || memchr(host.ptr, ' ', host.len) != NULL || !port_read(&port))
		return false;
	size_t len = 0;
	if (!put(buffer, size, &len, secure ? https : http) || !put(buffer, size, &len, behind) || !put(buffer, size, &len, host))
		return false;
	if (port.len == 0 || slice_is(port, secure ? "443" : "80"))
		return true;
	return put(buffer, size, &len, SLICE_OF(":")) && put(buffer, size, &len, port);
}
