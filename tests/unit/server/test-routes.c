/* The routes as a whole: whatever partitions, policies and realms are called, an address means the one endpoint that it is written for. */
#include "http/router.h"
#include "server/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

/* The first segments of our own addresses, then other segments of them, then a name like any other. */
static const char *const names[] = { "account", "admin", "assets", "console", "core", "errors", "global", "internal", "system",
	                             "auth", "oauth2", "metadata", "tenant", "deployment", "v2.0", "ACME" };
#define FIRST_SEGMENTS 9
#define NAME_COUNT (sizeof names / sizeof names[0])

static bool is_first_segment(const char *name)
{
	for (size_t i = 0; i < FIRST_SEGMENTS; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The pattern with its first placeholder called one, its second called two; a realm gets its kind. */
static void fill(const char *pattern, const char *one, const char *two, char *path, size_t size)
{
	size_t len = 0;
	const char *value = one;
	while (*pattern != '\0' && len + 1 < size) {
		if (*pattern != '{') {
			path[len++] = *pattern++;
			continue;
		}
		bool realm = strncmp(pattern, "{realm}", 7) == 0;
		int written = snprintf(path + len, size - len, "%s%s", value, realm ? "-C" : "");
		assert_true(written > 0 && (size_t)written < size - len);
		len += (size_t)written;
		pattern = strchr(pattern, '}') + 1;
		value = two;
	}
	path[len] = '\0';
}

static void judge(const struct router *router, const struct http_route *route, const char *one, const char *two)
{
	static const enum http_method methods[] = { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };
	char path[512];
	fill(route->pattern, one, two, path, sizeof path);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		struct router_match match;
		if ((route->methods & (unsigned)methods[i]) == 0)
			continue;
		router_find(router, slice_from(path), methods[i], &match);
		assert_non_null(match.route);
		if (match.route->handler != route->handler)
			fail_msg("%s, written for %s, is taken by %s", path, route->pattern, match.route->pattern);
	}
}

static void no_name_makes_one_address_another(void **state)
{
	(void)state;
	struct router *router;
	assert_int_equal(router_new(public_routes, public_route_count, &router, NULL), RESULT_OK);
	for (size_t i = 0; i < public_route_count; i++) {
		const struct http_route *route = &public_routes[i];
		bool first = route->pattern[1] == '{';
		for (size_t one = 0; one < NAME_COUNT; one++)
			for (size_t two = 0; two < NAME_COUNT; two++)
				if (!first || !is_first_segment(names[one])) /* the older addresses of those are not given: oauth/aliases.c */
					judge(router, route, names[one], names[two]);
	}
	router_free(router);
}

static void addresses_that_begin_with_a_name_come_last(void **state)
{
	(void)state;
	bool begun = false;
	size_t count = 0;
	for (size_t i = 0; i < public_route_count; i++) {
		bool open = public_routes[i].pattern[1] == '{';
		begun = begun || open;
		count += open;
		const char *pattern = public_routes[i].pattern;
		/* what follows them is fixed in its first segment, and shorter than they are */
		size_t segments = 0;
		for (const char *c = pattern; *c != '\0'; c++)
			segments += *c == '/';
		assert_true(!begun || open || segments < 5);
	}
	assert_true(count >= 3);
}

static void there_is_a_number_for_each_route(void **state)
{
	(void)state;
	assert_true(public_route_count < METRICS_ROUTES_MAX);
}

static void what_people_open_answers_with_pages(void **state)
{
	(void)state;
	size_t pages = 0;
	for (size_t i = 0; i < public_route_count; i++) {
		const char *pattern = public_routes[i].pattern;
		size_t len = strlen(pattern);
		bool authorize = len > 10 && strcmp(pattern + len - 10, "/authorize") == 0;
		assert_true(!authorize || route_is_for_people(&public_routes[i]));
		pages += authorize;
	}
	assert_int_equal(pages, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_makes_one_address_another),
		cmocka_unit_test(addresses_that_begin_with_a_name_come_last),
		cmocka_unit_test(there_is_a_number_for_each_route),
		cmocka_unit_test(what_people_open_answers_with_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
