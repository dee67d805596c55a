/* A path against a table of routes like the server's. */
#include "fuzz.h"

#include "http/router.h"

static const struct http_route routes[] = {
	{ .methods = HTTP_POST, .pattern = "/system/auth/{realm}/oauth2/token" },
	{ .methods = HTTP_GET | HTTP_POST, .pattern = "/system/auth/{realm}/oauth2/authorize" },
	{ .methods = HTTP_GET, .pattern = "/.well-known/oauth-authorization-server/system/auth/{realm}" },
	{ .methods = HTTP_GET, .pattern = "/a/{one}/{two}/{three}/{four}/{five}/{six}" },
	{ .methods = HTTP_GET | HTTP_DELETE, .pattern = "/admin/v1/partitions/{partition}/users/{user}" },
	{ .methods = HTTP_GET, .pattern = "/console/" },
	{ .methods = HTTP_GET | HTTP_POST, .pattern = "/gateway/check/{call...}" },
	{ .methods = HTTP_GET, .pattern = "/" },
};

static void check_match(struct slice path, const struct router_match *match)
{
	MUST_HOLD((match->address == NULL) == (match->allowed == 0));
	if (match->address == NULL) {
		MUST_HOLD(match->route == NULL);
		return;
	}
	MUST_HOLD(path.len > 0 && path.ptr[0] == '/');
	bool rest = strstr(match->address->pattern, "...") != NULL;
	for (size_t i = 0; i < HTTP_SEGMENTS_MAX; i++) {
		struct slice segment = match->segments[i];
		if (segment.ptr == NULL)
			continue;
		MUST_HOLD(segment.ptr > path.ptr && segment.ptr + segment.len <= path.ptr + path.len);
		MUST_HOLD(rest || (segment.len > 0 && memchr(segment.ptr, '/', segment.len) == NULL));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const enum http_method methods[] = { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_DELETE, HTTP_OTHER };
	struct router *router;
	if (router_new(routes, sizeof routes / sizeof routes[0], &router, NULL) != RESULT_OK)
		abort();
	struct slice path = { (const char *)bytes, size };
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		struct router_match match;
		router_find(router, path, methods[i], &match);
		check_match(path, &match);
		MUST_HOLD(match.route == NULL || methods[i] == HTTP_HEAD || (match.route->methods & (unsigned)methods[i]) != 0);
	}
	router_free(router);
	return 0;
}
