/* Redirect addresses compare as strings (contract §3, attacks A1). The long vector file is in tests/flows/data. */
#include "oauth/authorize/redirect_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static bool registered(const char *list, const char *sent)
{
	const struct client_application application = { .redirect_urls = slice_from(list) };
	return redirect_uri_registered(&application, slice_from(sent));
}

static void an_equal_address_is_registered(void **state)
{
	(void)state;
	assert_true(registered("https://a.example/cb", "https://a.example/cb"));
	assert_true(registered("https://a.example/cb https://b.example/?x=1", "https://b.example/?x=1"));
	assert_true(registered("com.example.app:/cb", "com.example.app:/cb"));
	assert_false(registered("", "https://a.example/cb"));
}

static void anything_that_is_not_equal_is_not(void **state)
{
	(void)state;
	static const char *const sent[] = {
		"https://a.example/cb/", "https://a.example/CB", "https://A.example/cb", "https://a.example:443/cb", "https://a.example./cb",
		"https://a.example/cb?", "https://a.example/cb#", "https://a.example/c", "https://a.example/cb%00", "https://u@a.example/cb",
		"https://a.example/x/../cb", "https://a.example//cb", "http://a.example/cb", "https://a.example/cb https://b.example/?x=1", "",
	};
	for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++)
		assert_false(registered("https://a.example/cb https://b.example/?x=1", sent[i]));
}

static void only_the_port_of_a_loopback_address_may_vary(void **state)
{
	(void)state;
	assert_true(registered("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
	assert_true(registered("http://127.0.0.1:8080/cb", "http://127.0.0.1:8081/cb"));
	assert_true(registered("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"));
	assert_true(registered("http://[::1]/cb", "http://[::1]:1/cb"));
	assert_true(registered("http://127.0.0.1", "http://127.0.0.1:5"));
	static const char *const sent[] = {
		"http://127.0.0.1:49152/cb2", "http://127.0.0.1:49152/cb/", "http://127.0.0.1:/cb", "http://127.0.0.1:1x/cb", "http://127.0.0.1:80@evil.example/cb",
		"http://127.0.0.1:65536/cb", "http://127.0.0.12/cb", "http://127.0.0.1.evil.example/cb", "https://127.0.0.1:80/cb", "http://127.0.0.2:80/cb",
		"http://[::1]:80/cb", "http://localhost:80/cb", "http://127.0.0.1:80\\@evil.example/cb", "http://127.0.0.1:80#/cb", "http://127.0.0.1:-1/cb",
	};
	for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++)
		assert_false(registered("http://127.0.0.1/cb", sent[i]));
	assert_false(registered("http://localhost:8080/cb", "http://localhost:8081/cb"));
	assert_false(registered("https://127.0.0.1/cb", "https://127.0.0.1:8443/cb"));
}

static void the_person_is_told_where_the_way_back_leads(void **state)
{
	(void)state;
	assert_true(slice_is(redirect_uri_destination(SLICE_OF("https://a.example:8443/cb?x=/")), "a.example:8443"));
	assert_true(slice_is(redirect_uri_destination(SLICE_OF("http://127.0.0.1:5173/")), "127.0.0.1:5173"));
	assert_true(slice_is(redirect_uri_destination(SLICE_OF("com.example.app:/cb")), "com.example.app"));
	assert_true(slice_is(redirect_uri_destination(SLICE_OF("com.example.app://cb/x")), "com.example.app"));
}

static void loopback_and_private_use_schemes_are_native(void **state)
{
	(void)state;
	assert_true(redirect_uri_is_native(SLICE_OF("http://127.0.0.1/cb")));
	assert_true(redirect_uri_is_native(SLICE_OF("http://localhost:5173/cb")));
	assert_true(redirect_uri_is_native(SLICE_OF("com.example.app:/cb")));
	assert_false(redirect_uri_is_native(SLICE_OF("https://a.example/cb")));
}

static void the_administrator_is_told_the_nearest_address_and_the_difference(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1024, 8192);
	const struct client_application application = { .redirect_urls = SLICE("https://far.example/x https://portal.example/callback") };
	struct slice said = redirect_uri_difference(arena, &application, SLICE_OF("https://portal.example/callback/"));
	assert_non_null(memmem(said.ptr, said.len, "https://portal.example/callback;", 32));
	assert_non_null(memmem(said.ptr, said.len, "differ: / arrived, nothing is registered", 40));
	const struct client_application local = { .redirect_urls = SLICE("http://127.0.0.1/callback") };
	said = redirect_uri_difference(arena, &local, SLICE_OF("http://127.0.0.1:9999/callbackk"));
	assert_non_null(memmem(said.ptr, said.len, "from byte 31 on they differ: k arrived, nothing is registered", 60));
	const struct client_application none = { .redirect_urls = SLICE("") };
	said = redirect_uri_difference(arena, &none, SLICE_OF("https://portal.example/"));
	assert_non_null(memmem(said.ptr, said.len, "no redirect address", 19));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_equal_address_is_registered),
		cmocka_unit_test(anything_that_is_not_equal_is_not),
		cmocka_unit_test(only_the_port_of_a_loopback_address_may_vary),
		cmocka_unit_test(the_person_is_told_where_the_way_back_leads),
		cmocka_unit_test(loopback_and_private_use_schemes_are_native),
		cmocka_unit_test(the_administrator_is_told_the_nearest_address_and_the_difference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
