#include "oauth/refresh_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct slice no_family = { NULL, 0 };

static void a_token_has_64_characters_of_base64url_and_leads_back_to_its_name(void **state)
{
	struct arena *arena = *state;
	struct slice text;
	struct refresh_name made, read;
	assert_int_equal(refresh_token_make(arena, no_family, &text, &made), RESULT_OK);
	assert_int_equal(text.len, REFRESH_TOKEN_SIZE);
	for (size_t i = 0; i < text.len; i++)
		assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", text.ptr[i]));
	assert_int_equal(refresh_token_name(text, &read), RESULT_OK);
	assert_true(hash32_equal(&made.family, &read.family));
	assert_true(hash32_equal(&made.token, &read.token));
}

static void a_successor_is_of_the_same_family_and_another_token(void **state)
{
	struct arena *arena = *state;
	struct slice first, second;
	struct refresh_name one, two;
	assert_int_equal(refresh_token_make(arena, no_family, &first, &one), RESULT_OK);
	assert_int_equal(refresh_token_make(arena, first, &second, &two), RESULT_OK);
	assert_true(hash32_equal(&one.family, &two.family));
	assert_false(hash32_equal(&one.token, &two.token));
	assert_false(slice_equal(first, second));
}

static void two_new_ones_have_nothing_in_common(void **state)
{
	struct arena *arena = *state;
	struct slice first, second;
	struct refresh_name one, two;
	assert_int_equal(refresh_token_make(arena, no_family, &first, &one), RESULT_OK);
	assert_int_equal(refresh_token_make(arena, no_family, &second, &two), RESULT_OK);
	assert_false(hash32_equal(&one.family, &two.family));
	assert_false(hash32_equal(&one.token, &two.token));
}

/* What the store keeps says nothing about the token: the family's handle alone does not give the token's hash, and neither is a
 * hash of another kind. */
static void its_hashes_are_of_their_own_kinds(void **state)
{
	struct arena *arena = *state;
	struct slice text;
	struct refresh_name name;
	assert_int_equal(refresh_token_make(arena, no_family, &text, &name), RESULT_OK);
	struct hash32 others[] = { hash32_of(text), hash32_of_kind("code", text), hash32_of_kind("session", text), hash32_of_kind("refresh-family", text) };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(hash32_equal(&name.token, &others[i]));
	struct hash32 expected = hash32_of_kind("refresh", text);
	assert_true(hash32_equal(&name.token, &expected));
}

static void what_is_not_of_that_shape_is_none(void **state)
{
	struct arena *arena = *state;
	static const char *const wrong[] = {
		"", "x",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",                          /* a code, a session: 43 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",      /* 63 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",    /* 65 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",     /* padded */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",     /* of the other alphabet */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	struct slice text;
	struct refresh_name name;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(refresh_token_name(slice_from(wrong[i]), &name), RESULT_INVALID);
		assert_int_equal(refresh_token_make(arena, slice_from(wrong[i]), &text, &name), RESULT_INVALID);
	}
}

static int open_arena(void **state)
{
	*state = arena_new(1024, 64 * 1024);
	return *state == NULL;
}

static int close_arena(void **state)
{
	arena_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_has_64_characters_of_base64url_and_leads_back_to_its_name),
		cmocka_unit_test(a_successor_is_of_the_same_family_and_another_token),
		cmocka_unit_test(two_new_ones_have_nothing_in_common),
		cmocka_unit_test(its_hashes_are_of_their_own_kinds),
		cmocka_unit_test(what_is_not_of_that_shape_is_none),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
