/* A redirect_uri against what is registered (attacks A1): what is taken is equal but for the port of a loopback address. */
#include "fuzz.h"

#include "oauth/authorize/redirect_uri.h"

static const char *const registered[] = { "https://app.example/cb?x=1", "http://127.0.0.1/cb", "http://[::1]:80/", "http://localhost:8080/cb", "com.example.app:/cb" };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* By another way than the program's: the text without ":digits" right behind the host. */
static size_t without_port(struct slice uri, const char *host, char *out)
{
	size_t at = strlen(host);
	size_t len = 0;
	memcpy(out, uri.ptr, at);
	len = at;
	if (uri.len > at + 1 && uri.ptr[at] == ':' && is_digit(uri.ptr[at + 1]))
		for (at++; at < uri.len && is_digit(uri.ptr[at]); at++)
			;
	memcpy(out + len, uri.ptr + at, uri.len - at);
	return len + uri.len - at;
}

static bool same_but_port(struct slice sent, const char *address, const char *host)
{
	char a[4096], b[4096];
	struct slice other = slice_from(address);
	if (sent.len >= sizeof a || !slice_starts_with(sent, slice_from(host)) || !slice_starts_with(other, slice_from(host)))
		return false;
	size_t a_len = without_port(sent, host, a);
	size_t b_len = without_port(other, host, b);
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct slice sent = { (const char *)bytes, size };
	const struct client_application application = {
		.redirect_urls = SLICE("https://app.example/cb?x=1 http://127.0.0.1/cb http://[::1]:80/ http://localhost:8080/cb com.example.app:/cb"),
	};
	bool allowed = false;
	if (size > 4000)
		return 0;
	for (size_t i = 0; i < sizeof registered / sizeof registered[0]; i++)
		allowed |= slice_is(sent, registered[i]) || same_but_port(sent, registered[i], "http://127.0.0.1") || same_but_port(sent, registered[i], "http://[::1]");
	MUST_HOLD(!redirect_uri_registered(&application, sent) || allowed);
	struct arena *arena = arena_new(1024, 64 * 1024);
	MUST_HOLD(arena != NULL);
	(void)redirect_uri_difference(arena, &application, sent);
	MUST_HOLD(redirect_uri_destination(sent).len <= sent.len);
	arena_free(arena);
	return 0;
}
