#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/check_request.h"

#include <stdlib.h>

#define OWN (sizeof "/gateway/check" - 1)

struct rig {
	struct oauth oauth;
	struct http_request request;
	struct http_reply reply;
	struct http_header headers[8];
	struct oauth_call call;
	struct api_call asked;
};

static int begin(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	if (rig == NULL)
		return -1;
	rig->request = (struct http_request) {
		.arena = arena_new(4096, 1024 * 1024),
		.method = HTTP_GET,
		.method_name = SLICE_OF("GET"),
		.path = SLICE_OF("/gateway/check"),
		.headers = rig->headers,
	};
	rig->call = (struct oauth_call) { .oauth = &rig->oauth, .request = &rig->request, .reply = &rig->reply, .arena = rig->request.arena };
	*state = rig;
	return rig->request.arena == NULL ? -1 : 0;
}

static int end(void **state)
{
	struct rig *rig = *state;
	arena_free(rig->request.arena);
	free(rig);
	return 0;
}

static void header(struct rig *rig, const char *name, const char *value)
{
	rig->headers[rig->request.header_count++] = (struct http_header) { slice_from(name), slice_from(value) };
}

static enum refusal read(struct rig *rig)
{
	return check_request_read(&rig->call, OWN, &rig->asked);
}

static void assert_call(struct rig *rig, const char *method, const char *path)
{
	assert_int_equal(read(rig), REFUSAL_NONE);
	assert_true(slice_is(rig->asked.method, method));
	assert_true(slice_is(rig->asked.path, path));
}

static void headers_of_nginx_give_method_and_path_without_the_query(void **state)
{
	struct rig *rig = *state;
	header(rig, "x-original-method", "POST");
	header(rig, "X-ORIGINAL-URI", "/a//%62/?c=/../d");
	assert_call(rig, "POST", "/a/b");
	assert_null(rig->asked.token.ptr);
}

static void headers_of_caddy_give_them_too(void **state)
{
	struct rig *rig = *state;
	header(rig, "X-Forwarded-Uri", "/");
	header(rig, "X-Forwarded-For", "192.0.2.1");
	header(rig, "X-Forwarded-Method", "DELETE");
	header(rig, "Authorization", "Bearer  t");
	assert_call(rig, "DELETE", "/");
	assert_true(slice_is(rig->asked.token, "t"));
}

static void the_path_behind_the_address_and_the_own_method_are_a_source(void **state)
{
	struct rig *rig = *state;
	rig->request.path = SLICE_OF("/gateway/check/a/../b");
	rig->request.query = SLICE_OF("c");
	rig->request.method_name = SLICE_OF("PURGE");
	assert_call(rig, "PURGE", "/b");
	rig->request.path = SLICE_OF("/gateway/check/");
	assert_call(rig, "PURGE", "/");
}

static void no_source_is_refused(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(read(rig), REFUSAL_CALL_SOURCE);
}

static void any_header_beside_a_complete_source_is_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const names[] = { "X-Original-Method", "X-Original-URI", "X-Forwarded-Method", "X-Forwarded-Uri" };
	for (size_t i = 0; i < 4; i++) {
		rig->request.header_count = 0;
		header(rig, names[i], i % 2 == 0 ? "GET" : "/a");
		assert_int_equal(read(rig), REFUSAL_CALL_SOURCE); /* half */
		rig->request.path = SLICE_OF("/gateway/check/a");
		assert_int_equal(read(rig), REFUSAL_CALL_SOURCE); /* and beside a path */
		rig->request.path = SLICE_OF("/gateway/check");
		const size_t other = i < 2 ? 2 : 0;
		header(rig, names[other], "GET");
		header(rig, names[other + 1], "/a");
		assert_int_equal(read(rig), REFUSAL_CALL_SOURCE);
	}
}

static void an_empty_header_is_half_of_a_source(void **state)
{
	struct rig *rig = *state;
	header(rig, "X-Original-Method", "");
	header(rig, "X-Original-URI", "/a");
	assert_int_equal(read(rig), REFUSAL_CALL_SOURCE);
	rig->request.header_count = 0;
	header(rig, "X-Original-Method", "GET");
	header(rig, "X-Original-URI", "");
	assert_int_equal(read(rig), REFUSAL_CALL_SOURCE);
}

static void a_method_is_a_token_and_an_address_a_path(void **state)
{
	struct rig *rig = *state;
	static const char *const methods[] = { "G T", "GET,PUT", "{method}", "\xc3\x8b", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", "G\tT" };
	static const char *const addresses[] = { "a", "?x", "*", "http://h/a", "/%2f", "/a\\b", "/..;/a", "/%00", "/%252f", "/#a", "/%" };
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		rig->request.header_count = 0;
		header(rig, "X-Original-Method", methods[i]);
		header(rig, "X-Original-URI", "/a");
		assert_int_equal(read(rig), REFUSAL_CALL_ADDRESS);
	}
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		rig->request.header_count = 0;
		header(rig, "X-Original-Method", "GET");
		header(rig, "X-Original-URI", addresses[i]);
		assert_int_equal(read(rig), REFUSAL_CALL_ADDRESS);
	}
}

static void an_address_beyond_the_limit_is_refused_even_where_nothing_has_to_be_changed(void **state)
{
	struct rig *rig = *state;
	static char longest[LIMIT_URL_SIZE + 2];
	memset(longest, 'a', sizeof longest - 1);
	longest[0] = '/';
	header(rig, "X-Original-Method", "GET");
	header(rig, "X-Original-URI", longest);
	assert_int_equal(read(rig), REFUSAL_CALL_ADDRESS);
	rig->headers[1].value.len--;
	assert_int_equal(read(rig), REFUSAL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(headers_of_nginx_give_method_and_path_without_the_query, begin, end),
		cmocka_unit_test_setup_teardown(headers_of_caddy_give_them_too, begin, end),
		cmocka_unit_test_setup_teardown(the_path_behind_the_address_and_the_own_method_are_a_source, begin, end),
		cmocka_unit_test_setup_teardown(no_source_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(any_header_beside_a_complete_source_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(an_empty_header_is_half_of_a_source, begin, end),
		cmocka_unit_test_setup_teardown(a_method_is_a_token_and_an_address_a_path, begin, end),
		cmocka_unit_test_setup_teardown(an_address_beyond_the_limit_is_refused_even_where_nothing_has_to_be_changed, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
