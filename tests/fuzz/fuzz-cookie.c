/* Cookie headers (one a line), and what is read from them. */
#include "fuzz.h"

#include "base/limits.h"
#include "http/cookie.h"
#include "signin/browser.h"

#define HEADERS_MAX 4

static bool stands_in(const struct http_request *request, struct slice value)
{
	for (size_t i = 0; i < request->header_count; i++) {
		const struct slice header = request->headers[i].value;
		if (value.ptr >= header.ptr && value.ptr + value.len <= header.ptr + header.len)
			return true;
	}
	return false;
}

static void check(const struct http_request *request, const char *name)
{
	struct slice value = cookie_read(request, name);
	MUST_HOLD((value.ptr == NULL) == (value.len == 0));
	if (value.ptr == NULL)
		return;
	MUST_HOLD(value.len <= LIMIT_COOKIE_SIZE && stands_in(request, value));
	for (size_t i = 0; i < value.len; i++) {
		const unsigned char byte = (unsigned char)value.ptr[i];
		MUST_HOLD(byte > 0x20 && byte < 0x7f && byte != '"' && byte != ',' && byte != ';' && byte != '\\');
	}
}

/* What was read can be set, and read again as it was. */
static void check_round(struct arena *arena, struct slice value)
{
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	cookie_set(&request, &reply, &(struct cookie) { "writ", value, false });
	MUST_HOLD(reply.header_count == 1);
	struct slice line = reply.headers[0].value;
	struct slice pair;
	MUST_HOLD(slice_cut(&line, ';', &pair));
	const struct http_header header = { SLICE("Cookie"), pair };
	const struct http_request next = { .arena = arena, .headers = &header, .header_count = 1 };
	MUST_HOLD(slice_equal(cookie_read(&next, "writ"), value));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(4096, 256 * 1024);
	if (arena == NULL)
		return 0;
	struct http_header headers[HEADERS_MAX];
	struct http_request request = { .arena = arena, .headers = headers };
	struct slice rest = { (const char *)bytes, size };
	struct slice line;
	while (request.header_count < HEADERS_MAX && slice_cut(&rest, '\n', &line))
		headers[request.header_count++] = (struct http_header) { SLICE("Cookie"), line };
	check(&request, "writ");
	check(&request, "a");
	struct slice value = cookie_read(&request, "writ");
	if (value.ptr != NULL)
		check_round(arena, value);
	const struct realm realm = { .partition = { "P", 1 }, .kind = PERSON_USER };
	struct browser browser;
	browser_read(&request, &realm, (size & 1) != 0, &browser);
	MUST_HOLD(browser.session.len == 0 || browser.session.len == BROWSER_SECRET_SIZE);
	MUST_HOLD(browser.attempts.len == 0 || browser.attempts.len == BROWSER_SECRET_SIZE);
	arena_free(arena);
	return 0;
}
