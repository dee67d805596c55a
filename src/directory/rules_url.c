/* Addresses that an administrator registers (contract §3, Redirect addresses). Judged as text, never rebuilt: what
 * is registered is what requests are compared with. */
#include "directory/rules.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* An address cut where RFC 3986 §3 cuts it; authority is only there behind "//". */
struct url_parts {
	struct slice scheme;
	bool has_authority;
	struct slice host, port;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	c = text_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool is_hex(char c)
{
	c = text_lower(c);
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static enum result characters_check(struct slice url, struct problem *problem)
{
	if (url.len == 0)
		return problem_set(problem, RESULT_INVALID, "the address is empty");
	if (url.len > LIMIT_URL)
		return problem_set(problem, RESULT_INVALID, "the address is longer than %d bytes", LIMIT_URL);
	for (size_t i = 0; i < url.len; i++) {
		char c = url.ptr[i];
		if (c <= 0x20 || c > 0x7e || strchr("\\\"<>^`{|}", c) != NULL)
			return problem_set(problem, RESULT_INVALID,
			                   "an address is ASCII without spaces, backslashes, quotes and brackets: percent-encode byte %zu", i + 1);
		if (c == '%' && (url.len - i < 3 || !is_hex(url.ptr[i + 1]) || !is_hex(url.ptr[i + 2])))
			return problem_set(problem, RESULT_INVALID, "'%%' is not followed by two hexadecimal digits at byte %zu", i + 1);
		if (c == '*')
			return problem_set(problem, RESULT_INVALID, "there are no wildcards: register each address in full");
		if (c == '#')
			return problem_set(problem, RESULT_INVALID, "an address that is registered has no fragment: leave '#' and the rest away");
	}
	return RESULT_OK;
}

static bool scheme_cut(struct slice *rest, struct slice *ret)
{
	const char *colon = memchr(rest->ptr, ':', rest->len);
	if (colon == NULL || colon == rest->ptr || !is_letter(rest->ptr[0]))
		return false;
	size_t len = (size_t)(colon - rest->ptr);
	for (size_t i = 0; i < len; i++) {
		char c = rest->ptr[i];
		if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
			return false;
	}
	*ret = slice_first(*rest, len);
	*rest = slice_skip(*rest, len + 1);
	return true;
}

/* host, and the port behind its colon; brackets belong to the host. */
static bool host_cut(struct slice authority, struct url_parts *parts)
{
	size_t at = 0;
	if (authority.len > 0 && authority.ptr[0] == '[') {
		const char *end = memchr(authority.ptr, ']', authority.len);
		if (end == NULL)
			return false;
		at = (size_t)(end - authority.ptr) + 1;
		for (size_t i = 1; i < at - 1; i++)
			if (!is_hex(authority.ptr[i]) && authority.ptr[i] != ':' && authority.ptr[i] != '.')
				return false;
	} else {
		while (at < authority.len && (is_letter(authority.ptr[at]) || is_digit(authority.ptr[at]) ||
		                              authority.ptr[at] == '-' || authority.ptr[at] == '.' || authority.ptr[at] == '_'))
			at++;
	}
	if (at == 0)
		return false;
	parts->host = slice_first(authority, at);
	if (at == authority.len)
		return true;
	if (authority.ptr[at] != ':')
		return false;
	parts->port = slice_skip(authority, at + 1);
	int64_t port;
	return text_to_int(parts->port, 65535, &port) == RESULT_OK && port > 0;
}

static enum result parts_cut(struct slice url, struct url_parts *ret, struct problem *problem)
{
	struct url_parts parts = { .has_authority = false };
	struct slice rest = url;
	if (!scheme_cut(&rest, &parts.scheme))
		return problem_set(problem, RESULT_INVALID, "'%.*s' is no address: write it in full, with https:// in front", SLICE_ARGS(url));
	if (slice_starts_with(rest, SLICE_OF("//"))) {
		size_t len = 2;
		while (len < rest.len && rest.ptr[len] != '/' && rest.ptr[len] != '?')
			len++;
		struct slice authority = slice_skip(slice_first(rest, len), 2);
		if (authority.len > 0 && memchr(authority.ptr, '@', authority.len) != NULL)
			return problem_set(problem, RESULT_INVALID, "an address that is registered has no user name in it: leave the part up to '@' away");
		parts.has_authority = true;
		bool private_use = memchr(parts.scheme.ptr, '.', parts.scheme.len) != NULL;
		if (!(private_use && authority.len == 0) && !host_cut(authority, &parts))
			return problem_set(problem, RESULT_INVALID, "'%.*s' has no good host and port behind '//'", SLICE_ARGS(url));
	}
	*ret = parts;
	return RESULT_OK;
}

static bool is_https(const struct url_parts *parts)
{
	return slice_is(parts->scheme, "https") && parts->has_authority;
}

static bool is_loopback_http(const struct url_parts *parts)
{
	return slice_is(parts->scheme, "http") && parts->has_authority &&
	       (slice_is(parts->host, "127.0.0.1") || slice_is(parts->host, "[::1]") || slice_is(parts->host, "localhost"));
}

/* RFC 8252 §7.1: a reversed domain name, so with a period in it. */
static bool is_private_use(const struct url_parts *parts, struct slice url)
{
	struct slice rest = slice_skip(url, parts->scheme.len + 1);
	return memchr(parts->scheme.ptr, '.', parts->scheme.len) != NULL && slice_starts_with(rest, SLICE_OF("/"));
}

enum result rule_redirect_url(enum platform platform, struct slice url, struct problem *problem)
{
	struct url_parts parts = { .has_authority = false };
	enum result result = characters_check(url, problem);
	if (result == RESULT_OK)
		result = parts_cut(url, &parts, problem);
	if (result != RESULT_OK)
		return result;
	if (is_https(&parts) || is_loopback_http(&parts))
		return RESULT_OK;
	if (platform == PLATFORM_SPA && is_private_use(&parts, url))
		return RESULT_OK;
	return problem_set(problem, RESULT_INVALID,
	                   "'%.*s' is no redirect address: write https://, http:// on 127.0.0.1, [::1] or localhost%s", SLICE_ARGS(url),
	                   platform == PLATFORM_SPA ? ", or a private scheme with a period in it like com.example.app:/callback" : "");
}

enum result rule_service_url(struct slice url, struct problem *problem)
{
	struct url_parts parts = { .has_authority = false };
	enum result result = characters_check(url, problem);
	if (result == RESULT_OK)
		result = parts_cut(url, &parts, problem);
	if (result != RESULT_OK)
		return result;
	if (is_https(&parts) || is_loopback_http(&parts))
		return RESULT_OK;
	return problem_set(problem, RESULT_INVALID, "'%.*s' is not fetched: write https://, or http:// on 127.0.0.1, [::1] or localhost",
	                   SLICE_ARGS(url));
}

/* 0.0.0.0 leads to the machine itself too. */
static bool ipv4_on_loopback(uint32_t address)
{
	return address >> 24 == IN_LOOPBACKNET || address >> 24 == 0;
}

static bool ipv6_on_loopback(const char *text)
{
	struct in6_addr address;
	uint32_t last;
	if (inet_pton(AF_INET6, text, &address) != 1)
		return false;
	memcpy(&last, address.s6_addr + 12, sizeof last);
	return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && ipv4_on_loopback(ntohl(last)));
}

/* inet_aton takes what resolvers take: 127.1, 0x7f000001, 2130706433. */
static bool host_on_loopback(struct slice host)
{
	char text[LIMIT_URL + 1];
	struct in_addr address;
	const struct slice name = SLICE_OF("localhost");
	if (slice_ends_with(host, SLICE_OF(".")))
		host = slice_first(host, host.len - 1);
	if (host.len == 0 || host.len > LIMIT_URL)
		return false;
	if (text_equal_folded(host, name) || (host.len > name.len && host.ptr[host.len - name.len - 1] == '.' &&
	                                      text_equal_folded(slice_skip(host, host.len - name.len), name)))
		return true;
	const bool brackets = host.len > 2 && host.ptr[0] == '[';
	text_copy(text, sizeof text, brackets ? slice_skip(slice_first(host, host.len - 1), 1) : host);
	return brackets ? ipv6_on_loopback(text) : inet_aton(text, &address) != 0 && ipv4_on_loopback(ntohl(address.s_addr));
}

bool rule_url_on_loopback(struct slice url)
{
	struct problem problem;
	struct url_parts parts = { .has_authority = false };
	return parts_cut(url, &parts, &problem) == RESULT_OK && parts.has_authority && host_on_loopback(parts.host);
}
