#include "base/limits.h"
#include "http/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new(4096, 1024 * 1024);
	return arena == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct slice read_from(const struct http_header *headers, size_t count, const char *name)
{
	const struct http_request request = { .arena = arena, .headers = headers, .header_count = count };
	return cookie_read(&request, name);
}

static struct slice read_one(const char *header, const char *name)
{
	return read_from(&(struct http_header) { SLICE("Cookie"), slice_from(header) }, 1, name);
}

static void a_cookie_is_found_by_its_exact_name(void **state)
{
	(void)state;
	assert_true(slice_is(read_one("a=1; writ=two; b=3", "writ"), "two"));
	assert_true(slice_is(read_one("writ=two", "writ"), "two"));
	assert_true(slice_is(read_one("a=1;writ=two;b=3", "writ"), "two"));
	assert_true(slice_is(read_one("writ=a=b==", "writ"), "a=b=="));
	assert_null(read_one("Writ=1; writ2=2; xwrit=3; wri=4; __Host-writ=5", "writ").ptr);
	assert_null(read_one("", "writ").ptr);
	assert_null(read_one("writ", "writ").ptr);
	assert_null(read_from(NULL, 0, "writ").ptr);
}

static void the_header_is_found_in_any_case_and_may_come_more_than_once(void **state)
{
	(void)state;
	const struct http_header headers[] = {
		{ SLICE("Host"), SLICE("writ=0") },
		{ SLICE("cookie"), SLICE("a=1") },
		{ SLICE("COOKIE"), SLICE("writ=2") },
		{ SLICE("Cookie"), SLICE("writ=3") },
	};
	assert_true(slice_is(read_from(headers, 4, "writ"), "2"));
	assert_true(slice_is(read_from(headers, 4, "a"), "1"));
}

static void the_first_cookie_of_a_name_decides_even_if_it_is_malformed(void **state)
{
	(void)state;
	assert_true(slice_is(read_one("writ=1; writ=2", "writ"), "1"));
	assert_null(read_one("writ=; writ=2", "writ").ptr);
	assert_null(read_one("writ=\"1\"; writ=2", "writ").ptr);
}

static void a_value_that_is_not_of_cookie_octets_is_as_if_absent(void **state)
{
	(void)state;
	static const char *const bad[] = { "writ=", "writ=\"a\"", "writ=a b", "writ=a,b", "writ=a\\b", "writ=a\x7f", "writ=\xc3\xbc", "writ=a\tb" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_null(read_one(bad[i], "writ").ptr);
	assert_true(slice_is(read_one("writ=!#$%&'()*+-./:<=>?@[]^_`{|}~", "writ"), "!#$%&'()*+-./:<=>?@[]^_`{|}~"));
}

static void a_value_over_its_limit_is_as_if_absent(void **state)
{
	(void)state;
	char header[LIMIT_COOKIE_SIZE + 16];
	snprintf(header, sizeof header, "writ=%0*d", LIMIT_COOKIE_SIZE, 0);
	assert_int_equal(read_one(header, "writ").len, LIMIT_COOKIE_SIZE);
	snprintf(header, sizeof header, "writ=%0*d", LIMIT_COOKIE_SIZE + 1, 0);
	assert_null(read_one(header, "writ").ptr);
}

static void only_so_many_cookies_are_looked_at_empty_ones_not_counted(void **state)
{
	(void)state;
	char header[LIMIT_COOKIES * 8 + 32] = "";
	size_t len = 0;
	for (int i = 0; i < LIMIT_COOKIES - 1; i++)
		len += (size_t)snprintf(header + len, sizeof header - len, "a=1; ; ");
	snprintf(header + len, sizeof header - len, "writ=in");
	assert_true(slice_is(read_one(header, "writ"), "in"));
	snprintf(header + len, sizeof header - len, "a=1; writ=out");
	assert_null(read_one(header, "writ").ptr);
}

static const char *set(const struct cookie *cookie)
{
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	cookie_set(&request, &reply, cookie);
	assert_int_equal(reply.header_count, 1);
	assert_true(slice_is(reply.headers[0].name, "Set-Cookie"));
	return reply.headers[0].value.ptr;
}

static void a_cookie_is_set_for_our_paths_only_to_us_and_out_of_reach_of_scripts(void **state)
{
	(void)state;
	assert_string_equal(set(&(struct cookie) { "__Host-a", SLICE("v"), true }), "__Host-a=v; Path=/; HttpOnly; Secure; SameSite=None");
	assert_string_equal(set(&(struct cookie) { "a", SLICE("v"), false }), "a=v; Path=/; HttpOnly; SameSite=Lax");
}

static void an_empty_value_makes_the_browser_forget(void **state)
{
	(void)state;
	assert_string_equal(set(&(struct cookie) { "a", SLICE(""), false }), "a=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
	assert_string_equal(set(&(struct cookie) { "__Host-a", { NULL, 0 }, true }),
	                    "__Host-a=; Path=/; HttpOnly; Secure; SameSite=None; Max-Age=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_is_found_by_its_exact_name),
		cmocka_unit_test(the_header_is_found_in_any_case_and_may_come_more_than_once),
		cmocka_unit_test(the_first_cookie_of_a_name_decides_even_if_it_is_malformed),
		cmocka_unit_test(a_value_that_is_not_of_cookie_octets_is_as_if_absent),
		cmocka_unit_test(a_value_over_its_limit_is_as_if_absent),
		cmocka_unit_test(only_so_many_cookies_are_looked_at_empty_ones_not_counted),
		cmocka_unit_test(a_cookie_is_set_for_our_paths_only_to_us_and_out_of_reach_of_scripts),
		cmocka_unit_test(an_empty_value_makes_the_browser_forget),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
