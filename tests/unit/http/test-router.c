#include "http/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define TOKEN "/system/auth/{realm}/oauth2/token"

static const struct http_route routes[] = {
	{ .methods = HTTP_POST, .pattern = TOKEN },
	{ .methods = HTTP_GET, .pattern = "/keys" },
	{ .methods = HTTP_GET, .pattern = "/console/" },
	{ .methods = HTTP_GET, .pattern = "/a/{one}/b/{two}" },
	{ .methods = HTTP_GET, .pattern = "/things/{thing}" },
	{ .methods = HTTP_DELETE, .pattern = "/things/{thing}" },
	{ .methods = HTTP_PUT, .pattern = "/things/special" },
	{ .methods = HTTP_GET, .pattern = "/gateway/check/{call...}" },
	{ .methods = HTTP_GET, .pattern = "/" },
};

static struct router *made;

static int make(void **state)
{
	(void)state;
	return router_new(routes, sizeof routes / sizeof routes[0], &made, NULL) == RESULT_OK ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	router_free(made);
	return 0;
}

static struct router_match find(const char *path, enum http_method method)
{
	struct router_match match;
	router_find(made, slice_from(path), method, &match);
	return match;
}

static bool is_known(const char *path)
{
	return find(path, HTTP_GET).address != NULL;
}

static void a_placeholder_stands_for_one_segment(void **state)
{
	(void)state;
	struct router_match match = find("/system/auth/TMPRODB1-U/oauth2/token", HTTP_POST);
	assert_ptr_equal(match.route, &routes[0]);
	assert_true(slice_is(match.segments[0], "TMPRODB1-U"));
	match = find("/a/x/b/y", HTTP_GET);
	assert_true(slice_is(match.segments[0], "x"));
	assert_true(slice_is(match.segments[1], "y"));
}

static void an_empty_segment_fits_no_placeholder(void **state)
{
	(void)state;
	assert_false(is_known("/system/auth//oauth2/token"));
	assert_false(is_known("/things/"));
}

static void a_trailing_slash_makes_another_address(void **state)
{
	(void)state;
	assert_true(is_known("/keys"));
	assert_false(is_known("/keys/"));
	assert_true(is_known("/console/"));
	assert_false(is_known("/console"));
	assert_false(is_known("/system/auth/x/oauth2/token/"));
}

static void the_path_is_compared_byte_for_byte_and_never_decoded(void **state)
{
	(void)state;
	assert_false(is_known("/%6beys"));
	assert_false(is_known("/Keys"));
	assert_false(is_known("//keys"));
	assert_false(is_known("/./keys"));
	assert_false(is_known("/x/../keys"));
	assert_false(is_known("/system/auth/a%2Foauth2/token"));
	assert_true(slice_is(find("/things/a%2Fb", HTTP_GET).segments[0], "a%2Fb"));
	assert_true(slice_is(find("/things/..", HTTP_GET).segments[0], ".."));
}

static void the_first_match_of_path_and_method_wins_and_allowed_names_all(void **state)
{
	(void)state;
	assert_ptr_equal(find("/things/x", HTTP_DELETE).route, &routes[5]);
	struct router_match match = find("/things/special", HTTP_PUT);
	assert_ptr_equal(match.route, &routes[6]);
	assert_null(match.segments[0].ptr);
	match = find("/things/x", HTTP_POST);
	assert_null(match.route);
	assert_ptr_equal(match.address, &routes[4]);
	assert_int_equal(match.allowed, HTTP_GET | HTTP_HEAD | HTTP_DELETE);
}

static void head_is_allowed_wherever_get_is(void **state)
{
	(void)state;
	assert_ptr_equal(find("/keys", HTTP_HEAD).route, &routes[1]);
	assert_null(find("/system/auth/x/oauth2/token", HTTP_HEAD).route);
}

static void a_rest_takes_all_that_is_left(void **state)
{
	(void)state;
	assert_true(slice_is(find("/gateway/check/a/b//c", HTTP_GET).segments[0], "a/b//c"));
	assert_true(slice_is(find("/gateway/check/", HTTP_GET).segments[0], ""));
	assert_false(is_known("/gateway/check"));
	assert_true(slice_is(find("/gateway/check/1/2/3/4/5/6/7/8/9/10/11/12/13/14", HTTP_GET).segments[0], "1/2/3/4/5/6/7/8/9/10/11/12/13/14"));
}

static void strange_paths_fit_nothing(void **state)
{
	(void)state;
	assert_true(is_known("/"));
	assert_false(is_known(""));
	assert_false(is_known("keys"));
	assert_false(is_known("//"));
	assert_false(is_known("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"));
	assert_false(is_known("/{realm}"));
}

static void patterns_that_cannot_be_meant_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "keys", "/{", "/{}", "/a{b}", "/{a}b", "/{rest...}/more", "/1/2/3/4/5/6/7/8/9/10/11/12/13",
		                           "/{1}/{2}/{3}/{4}/{5}/{6}/{7}" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct http_route route = { .methods = HTTP_GET, .pattern = bad[i] };
		struct router *router = NULL;
		struct problem problem = { "" };
		assert_int_equal(router_new(&route, 1, &router, &problem), RESULT_INVALID);
		assert_null(router);
		assert_true(problem.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_placeholder_stands_for_one_segment),
		cmocka_unit_test(an_empty_segment_fits_no_placeholder),
		cmocka_unit_test(a_trailing_slash_makes_another_address),
		cmocka_unit_test(the_path_is_compared_byte_for_byte_and_never_decoded),
		cmocka_unit_test(the_first_match_of_path_and_method_wins_and_allowed_names_all),
		cmocka_unit_test(head_is_allowed_wherever_get_is),
		cmocka_unit_test(a_rest_takes_all_that_is_left),
		cmocka_unit_test(strange_paths_fit_nothing),
		cmocka_unit_test(patterns_that_cannot_be_meant_are_refused),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
