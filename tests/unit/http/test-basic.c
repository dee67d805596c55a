#include "base/limits.h"
#include "http/basic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

static int open_arena(void **state)
{
	struct arena *arena = arena_new(4096, 1024 * 1024);
	*state = arena;
	return arena == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
	arena_free(*state);
	return 0;
}

/* "Basic " and the base64 of text, in the arena. */
static struct slice header(struct arena *arena, const char *text, size_t len)
{
	char encoded[4096];
	sodium_bin2base64(encoded, sizeof encoded, (const unsigned char *)text, len, sodium_base64_VARIANT_ORIGINAL);
	return arena_print(arena, "Basic %s", encoded);
}

static void assert_parses(struct arena *arena, const char *text, const char *name, const char *password)
{
	struct basic_credentials credentials;
	assert_int_equal(basic_parse(arena, header(arena, text, strlen(text)), &credentials), RESULT_OK);
	assert_true(slice_is(credentials.name, name));
	assert_true(slice_is(credentials.password, password));
}

static void assert_refused(struct arena *arena, struct slice value)
{
	struct basic_credentials credentials = { .name = SLICE("untouched") };
	assert_int_equal(basic_parse(arena, value, &credentials), RESULT_INVALID);
	assert_true(slice_is(credentials.name, "untouched"));
}

static void name_and_password_are_split_at_the_first_colon(void **state)
{
	assert_parses(*state, "app:secret", "app", "secret");
	assert_parses(*state, "app:se:cr:et", "app", "se:cr:et");
	assert_parses(*state, "app:", "app", "");
	assert_parses(*state, ":", "", "");
}

static void both_halves_are_form_decoded(void **state)
{
	assert_parses(*state, "my+app%3A1:p%25a%2Bb+c", "my app:1", "p%a+b c");
	assert_parses(*state, "J%C3%BCrgen:x", "J\xc3\xbcrgen", "x");
}

static void the_scheme_is_compared_without_case(void **state)
{
	struct basic_credentials credentials;
	assert_true(basic_is_scheme(SLICE_OF("bAsIc x")));
	assert_true(basic_is_scheme(SLICE_OF("Basic")));
	assert_false(basic_is_scheme(SLICE_OF("Basics x")));
	assert_false(basic_is_scheme(SLICE_OF("Bearer x")));
	assert_false(basic_is_scheme((struct slice) { NULL, 0 }));
	assert_int_equal(basic_parse(*state, SLICE_OF("BASIC  YTpi"), &credentials), RESULT_OK);
	assert_true(slice_is(credentials.name, "a"));
}

static void malformed_headers_are_refused(void **state)
{
	static const char *const bad[] = { "", "Basic", "Basic ", "Basic YTpi YTpi", "Basic YTpi=", "Basic YTp", "Basic Y Tpi", "Basic !!!!",
		                           "Bearer YTpi", "Basic YTpiYg", "Basic YTpiYg=", "Basic YTpiYh==", "Basic YWI=", "Basic\tYTpi" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_refused(*state, slice_from(bad[i]));
	assert_refused(*state, (struct slice) { NULL, 0 });
}

static void stray_percent_control_characters_and_invalid_utf8_are_refused(void **state)
{
	static const char *const bad[] = { "a%:b", "a:b%", "a:b%zz", "a%00:b", "a:b%0a", "a:\n", "a:%ff", "\xff:b", "a\x7f:b" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_refused(*state, header(*state, bad[i], strlen(bad[i])));
	assert_refused(*state, header(*state, "a:b\0c", 5));
}

static void credentials_at_their_limit_pass_longer_ones_are_refused(void **state)
{
	char text[LIMIT_SHORT_PARAMETER + LIMIT_SECRET_SIZE + 8];
	struct basic_credentials credentials;
	int len = snprintf(text, sizeof text, "%0*d:%0*d", LIMIT_SHORT_PARAMETER, 1, LIMIT_SECRET_SIZE, 1);
	assert_int_equal(basic_parse(*state, header(*state, text, (size_t)len), &credentials), RESULT_OK);
	assert_int_equal(credentials.password.len, LIMIT_SECRET_SIZE);
	len = snprintf(text, sizeof text, "%0*d:1", LIMIT_SHORT_PARAMETER + 1, 1);
	assert_refused(*state, header(*state, text, (size_t)len));
	len = snprintf(text, sizeof text, "a:%0*d", LIMIT_SECRET_SIZE + 1, 1);
	assert_refused(*state, header(*state, text, (size_t)len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_password_are_split_at_the_first_colon),
		cmocka_unit_test(both_halves_are_form_decoded),
		cmocka_unit_test(the_scheme_is_compared_without_case),
		cmocka_unit_test(malformed_headers_are_refused),
		cmocka_unit_test(stray_percent_control_characters_and_invalid_utf8_are_refused),
		cmocka_unit_test(credentials_at_their_limit_pass_longer_ones_are_refused),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
