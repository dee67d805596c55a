#include "base/limits.h"
#include "base/text.h"
#include "cli/gateway/proxy_facts.h"

#include <arpa/inet.h>

#define PORT_MAX 65535
#define HOST_NAME_MAX_SIZE 253

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A host name, an IPv4 address, or an IPv6 address in brackets. */
static bool host_is_good(struct slice host)
{
	char bare[INET6_ADDRSTRLEN];
	struct in6_addr address;
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
		struct slice inside = slice_skip(slice_first(host, host.len - 1), 1);
		if (inside.len >= sizeof bare)
			return false;
		text_copy(bare, sizeof bare, inside);
		return inet_pton(AF_INET6, bare, &address) == 1;
	}
	if (host.len == 0 || host.len > HOST_NAME_MAX_SIZE || !is_letter_or_digit(host.ptr[0]))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!is_letter_or_digit(host.ptr[i]) && host.ptr[i] != '.' && host.ptr[i] != '-')
			return false;
	return true;
}

/* Cuts "host" or "host:port"; port is {NULL, 0} where none stands. */
static bool authority_cut(struct slice text, struct slice *ret_host, struct slice *ret_port)
{
	size_t end = 0;
	const char *bracket = text.len > 0 && text.ptr[0] == '[' ? memchr(text.ptr, ']', text.len) : NULL;
	if (bracket != NULL)
		end = (size_t)(bracket - text.ptr) + 1;
	while (end < text.len && text.ptr[end] != ':')
		end++;
	*ret_host = slice_first(text, end);
	*ret_port = end < text.len ? slice_skip(text, end + 1) : (struct slice) { NULL, 0 };
	return host_is_good(*ret_host);
}

static bool port_is_good(struct slice port)
{
	int64_t number;
	return text_to_int(port, PORT_MAX, &number) == RESULT_OK && number > 0;
}

static enum result address_make(struct arena *arena, struct slice host, struct slice port, struct proxy_address *ret)
{
	if (!port_is_good(port))
		return RESULT_INVALID;
	struct slice bare = host.ptr[0] == '[' ? slice_skip(slice_first(host, host.len - 1), 1) : host;
	struct proxy_address address = {
		.text = arena_print(arena, "%.*s:%.*s", SLICE_ARGS(host), SLICE_ARGS(port)),
		.host = arena_copy(arena, host),
		.bare = arena_copy(arena, bare),
		.port = arena_copy(arena, port),
	};
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	*ret = address;
	return RESULT_OK;
}

enum result proxy_address_parse(struct arena *arena, struct slice text, struct proxy_address *ret)
{
	struct slice host, port;
	return authority_cut(text, &host, &port) && port.ptr != NULL ? address_make(arena, host, port, ret) : RESULT_INVALID;
}

enum result proxy_url_parse(struct arena *arena, struct slice url, struct proxy_address *ret)
{
	struct slice host, port;
	if (!slice_starts_with(url, SLICE_OF("http://")))
		return RESULT_INVALID;
	url = slice_skip(url, strlen("http://"));
	if (slice_ends_with(url, SLICE_OF("/")))
		url.len--;
	if (!authority_cut(url, &host, &port))
		return RESULT_INVALID;
	return address_make(arena, host, port.ptr == NULL ? SLICE_OF("80") : port, ret);
}

enum result proxy_url_host(struct slice url, struct slice *ret)
{
	struct slice host, port;
	bool https = slice_starts_with(url, SLICE_OF("https://"));
	if (!https && !slice_starts_with(url, SLICE_OF("http://")))
		return RESULT_INVALID;
	struct slice rest = slice_skip(url, strlen(https ? "https://" : "http://")), authority;
	if (!slice_cut(&rest, '/', &authority) || !authority_cut(authority, &host, &port) || (port.ptr != NULL && !port_is_good(port)))
		return RESULT_INVALID;
	*ret = host;
	return RESULT_OK;
}
