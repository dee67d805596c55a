#include "oauth/person_claims.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct person ann(void)
{
	return (struct person) {
		.kind = PERSON_USER,
		.id = SLICE("1002"),
		.username = SLICE("agent"),
		.email = SLICE("ann@example.com"),
		.claims = SLICE("{\"address\":{\"country\":\"FR\"},\"email_verified\":true,\"name\":\"Ann \\\"A\\\" Agent\",\"name#fr\":\"Anne\","
		                "\"phone_number\":\"+33 1\",\"preferred_username\":\"boss\",\"updated_at\":1700000000}"),
	};
}

static void gives(const struct person *person, const char *scope, const char *names, const char *expected)
{
	struct arena *arena = arena_new(1024, 64 * 1024);
	struct writer writer = writer_new(arena, 64);
	writer_byte(&writer, '{');
	assert_int_equal(person_claims_write(&writer, person, slice_from(scope), slice_from(names)), RESULT_OK);
	writer_byte(&writer, '}');
	struct slice written = writer_slice(&writer);
	assert_int_equal(written.len, strlen(expected));
	assert_memory_equal(written.ptr, expected, written.len);
	arena_free(arena);
}

static void each_scope_asks_for_its_claims_and_openid_alone_for_none(void **state)
{
	(void)state;
	struct person person = ann();
	gives(&person, "openid k.read", NULL, "{}");
	gives(&person, "openid email", NULL, "{\"email\":\"ann@example.com\",\"email_verified\":true}");
	gives(&person, "openid profile", NULL, "{\"name\":\"Ann \\\"A\\\" Agent\",\"preferred_username\":\"agent\",\"updated_at\":1700000000}");
}

static void the_claims_parameter_asks_by_name_and_nothing_comes_twice(void **state)
{
	(void)state;
	struct person person = ann();
	gives(&person, "openid", "email phone_number address", "{\"email\":\"ann@example.com\",\"phone_number\":\"+33 1\",\"address\":{\"country\":\"FR\"}}");
	gives(&person, "email", "email", "{\"email\":\"ann@example.com\",\"email_verified\":true}");
	gives(&person, NULL, "name#fr", "{\"name#fr\":\"Anne\"}");
	gives(&person, NULL, "nickname", "{}");
}

static void a_users_preferred_username_is_the_username_whatever_the_claims_say(void **state)
{
	(void)state;
	struct person person = ann();
	gives(&person, NULL, "preferred_username", "{\"preferred_username\":\"agent\"}");
	person.kind = PERSON_CUSTOMER;
	gives(&person, NULL, "preferred_username", "{\"preferred_username\":\"boss\"}");
}

static void what_a_person_does_not_have_is_left_out(void **state)
{
	(void)state;
	struct person person = { .kind = PERSON_CUSTOMER, .id = SLICE("c-1"), .email = SLICE("jane@example.com") };
	gives(&person, "profile email", NULL, "{\"email\":\"jane@example.com\"}");
	person = ann();
	person.email = (struct slice) { NULL, 0 };
	gives(&person, "email", NULL, "{}");
}

static void what_says_nothing_is_left_out_too(void **state)
{
	(void)state;
	struct person person = ann();
	person.claims = SLICE_OF("{\"address\":{},\"family_name\":\"\",\"gender\":null,\"given_name\":\"Ann\",\"name#fr\":\"\"}");
	gives(&person, "profile", "address name#fr", "{\"given_name\":\"Ann\",\"preferred_username\":\"agent\"}");
}

static void claims_that_cannot_be_read_are_an_error_and_not_an_empty_person(void **state)
{
	(void)state;
	struct person person = ann();
	struct arena *arena = arena_new(1024, 64 * 1024);
	static const char *const broken[] = { "{\"name\":", "[]", "{\"name\":1,\"name\":2}", "{\"name\":\"\\u0000\"}" };
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct writer writer = writer_new(arena, 64);
		person.claims = slice_from(broken[i]);
		assert_int_equal(person_claims_write(&writer, &person, SLICE_OF("profile"), SLICE_OF("")), RESULT_INVALID);
	}
	arena_free(arena);
}

static void standard_names_are_known_with_a_language_tag_too_and_no_others(void **state)
{
	(void)state;
	static const char *const known[] = { "name", "email_verified", "address", "name#ja-Kana-JP" };
	static const char *const unknown[] = { "sub", "role", "", "Name", "name ", "name#", "name#a b", "name#\"", "name#a#b", "#ja" };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		assert_true(person_claim_is_known(slice_from(known[i])));
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
		assert_false(person_claim_is_known(slice_from(unknown[i])));
	for (size_t i = 0; person_claim_at(i).ptr != NULL; i++)
		assert_true(person_claim_is_known(person_claim_at(i)));
	assert_true(slice_is(person_claim_at(0), "name"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scope_asks_for_its_claims_and_openid_alone_for_none),
		cmocka_unit_test(the_claims_parameter_asks_by_name_and_nothing_comes_twice),
		cmocka_unit_test(a_users_preferred_username_is_the_username_whatever_the_claims_say),
		cmocka_unit_test(what_a_person_does_not_have_is_left_out),
		cmocka_unit_test(what_says_nothing_is_left_out_too),
		cmocka_unit_test(claims_that_cannot_be_read_are_an_error_and_not_an_empty_person),
		cmocka_unit_test(standard_names_are_known_with_a_language_tag_too_and_no_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
