#include "base/limits.h"
#include "base/text.h"
#include "http/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	AT_TOKEN = 1,
	AT_AUTHORIZE = 2
};

struct typed {
	struct slice scope;
	struct slice code;
	struct slice state;
};

static const struct parameter_rule rules[] = {
	{ SLICE("scope"), AT_TOKEN | AT_AUTHORIZE, 16, offsetof(struct typed, scope) },
	{ SLICE("code"), AT_TOKEN, 8, offsetof(struct typed, code) },
	{ SLICE("state"), AT_AUTHORIZE, 8, offsetof(struct typed, state) },
	{ SLICE("resource"), AT_TOKEN, 8, PARAMETER_MAY_REPEAT },
};

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

static struct form parsed(struct arena *arena, const char *text)
{
	struct form form;
	struct problem problem;
	assert_int_equal(form_parse(arena, slice_from(text), &form, &problem), RESULT_OK);
	return form;
}

static void assert_field(const struct form *form, size_t index, const char *name, const char *value)
{
	assert_true(index < form->count);
	assert_true(slice_is(form->fields[index].name, name));
	assert_true(slice_is(form->fields[index].value, value));
}

static void assert_refused(struct arena *arena, const char *text, size_t len, enum result expected)
{
	struct form form = { .count = 4711 };
	struct problem problem = { "" };
	assert_int_equal(form_parse(arena, (struct slice) { text, len }, &form, &problem), expected);
	assert_int_equal(form.count, 4711);
	assert_true(problem.text[0] != '\0');
	assert_true(text_is_printable_ascii(slice_from(problem.text)));
	assert_null(strpbrk(problem.text, "\"\\"));
}

static void fields_are_decoded_in_order(void **state)
{
	struct form form = parsed(*state, "grant_type=client_credentials&scope=a+b%20c&name=J%C3%BCrgen");
	assert_int_equal(form.count, 3);
	assert_field(&form, 0, "grant_type", "client_credentials");
	assert_field(&form, 1, "scope", "a b c");
	assert_field(&form, 2, "name", "J\xc3\xbcrgen");
}

static void names_are_decoded_too(void **state)
{
	struct form form = parsed(*state, "sc%6Fpe=x");
	assert_field(&form, 0, "scope", "x");
}

static void empty_pieces_are_skipped(void **state)
{
	struct form form = parsed(*state, "&&a=1&&b=2&");
	assert_int_equal(form.count, 2);
	assert_int_equal(parsed(*state, "").count, 0);
	assert_int_equal(parsed(*state, "&&&").count, 0);
}

static void a_value_may_be_missing_empty_or_hold_equals_signs(void **state)
{
	struct form form = parsed(*state, "a&b=&c=d=e=&=f");
	assert_int_equal(form.count, 4);
	assert_field(&form, 0, "a", "");
	assert_field(&form, 1, "b", "");
	assert_field(&form, 2, "c", "d=e=");
	assert_field(&form, 3, "", "f");
}

static void stray_percent_signs_are_refused(void **state)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%zz", "a=100%", "%=a", "a%g0=1", "a=%%41", "a=%-1" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_refused(*state, bad[i], strlen(bad[i]), RESULT_INVALID);
}

static void control_characters_nul_and_invalid_utf8_are_refused(void **state)
{
	static const char *const bad[] = { "a=%00", "a=b%0d%0aSet-Cookie", "a%00b=1", "a=%7f", "a=%80", "a=%c0%af", "a=%ed%a0%80",
		                           "a=%f4%90%80%80", "a=\x01", "a=\xff", "a=%c3", "a=\t" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_refused(*state, bad[i], strlen(bad[i]), RESULT_INVALID);
	assert_refused(*state, "a=b\0c", 5, RESULT_INVALID);
}

static void more_parameters_than_the_limit_are_refused(void **state)
{
	char text[(LIMIT_PARAMETERS + 1) * 8];
	size_t len = 0;
	for (int i = 0; i < LIMIT_PARAMETERS; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "p%d=&", i);
	struct form form = parsed(*state, text);
	assert_int_equal(form.count, LIMIT_PARAMETERS);
	snprintf(text + len, sizeof text - len, "x=");
	assert_refused(*state, text, strlen(text), RESULT_TOO_LARGE);
}

static void a_full_arena_is_too_large_and_no_crash(void **state)
{
	(void)state;
	struct arena *small = arena_new(64, 64);
	assert_non_null(small);
	assert_refused(small, "a=1&b=2&c=%33", 13, RESULT_TOO_LARGE);
	arena_free(small);
}

static void sentences_name_a_parameter_only_if_it_is_printable(void **state)
{
	struct form form;
	struct problem problem;
	assert_int_equal(form_parse(*state, SLICE_OF("scope=%"), &form, &problem), RESULT_INVALID);
	assert_non_null(strstr(problem.text, "The parameter scope has"));
	assert_int_equal(form_parse(*state, SLICE_OF("a%22b=%"), &form, &problem), RESULT_INVALID);
	assert_non_null(strstr(problem.text, "A parameter has"));
	assert_int_equal(form_parse(*state, SLICE_OF("a%5Cb=%"), &form, &problem), RESULT_INVALID);
	assert_non_null(strstr(problem.text, "A parameter has"));
	assert_int_equal(form_parse(*state, SLICE_OF("%C3%BC=%"), &form, &problem), RESULT_INVALID);
	assert_non_null(strstr(problem.text, "A parameter has"));
}

static void the_content_type_is_read_in_any_case_and_with_parameters(void **state)
{
	(void)state;
	assert_true(form_content_type(SLICE_OF("application/x-www-form-urlencoded")));
	assert_true(form_content_type(SLICE_OF("Application/X-WWW-Form-URLencoded;charset=UTF-8")));
	assert_true(form_content_type(SLICE_OF("application/x-www-form-urlencoded ; charset=x")));
	assert_false(form_content_type(SLICE_OF("application/json")));
	assert_false(form_content_type(SLICE_OF("application/x-www-form-urlencodedx")));
	assert_false(form_content_type(SLICE_OF("")));
	assert_false(form_content_type((struct slice) { NULL, 0 }));
}

static enum result read_at(struct arena *arena, const char *text, unsigned place, struct typed *typed, struct problem *problem)
{
	struct form form = parsed(arena, text);
	*typed = (struct typed) { .scope = { NULL, 0 } };
	return parameters_read(rules, sizeof rules / sizeof rules[0], place, &form, typed, problem);
}

static void parameters_fill_the_typed_struct(void **state)
{
	struct typed typed;
	struct problem problem;
	assert_int_equal(read_at(*state, "code=abc&scope=a+b&unknown=1", AT_TOKEN, &typed, &problem), RESULT_OK);
	assert_true(slice_is(typed.code, "abc"));
	assert_true(slice_is(typed.scope, "a b"));
	assert_null(typed.state.ptr);
}

static void a_parameter_without_a_value_counts_as_absent(void **state)
{
	struct typed typed;
	struct problem problem;
	assert_int_equal(read_at(*state, "code=&scope", AT_TOKEN, &typed, &problem), RESULT_OK);
	assert_null(typed.code.ptr);
	assert_null(typed.scope.ptr);
}

static void parameters_of_other_places_are_ignored(void **state)
{
	struct typed typed;
	struct problem problem;
	assert_int_equal(read_at(*state, "state=much_too_long_for_its_rule", AT_TOKEN, &typed, &problem), RESULT_OK);
	assert_null(typed.state.ptr);
}

static void a_parameter_given_twice_is_refused_known_or_not(void **state)
{
	static const char *const bad[] = { "code=a&code=a", "code=a&code=b", "code=&code=", "unknown=1&unknown=2", "state=1&state=2", "c%6fde=1&code=2" };
	struct typed typed;
	struct problem problem;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(read_at(*state, bad[i], AT_TOKEN, &typed, &problem), RESULT_INVALID);
	assert_string_equal(problem.text, "The parameter code is given twice: send it once.");
	assert_int_equal(read_at(*state, "%22=1&%22=1", AT_TOKEN, &typed, &problem), RESULT_INVALID);
	assert_string_equal(problem.text, "A parameter is given twice: send it once.");
}

static void what_may_repeat_may_repeat_at_its_place_only(void **state)
{
	struct typed typed;
	struct problem problem;
	assert_int_equal(read_at(*state, "resource=a&resource=b&resource=c", AT_TOKEN, &typed, &problem), RESULT_OK);
	assert_int_equal(read_at(*state, "resource=a&resource=b", AT_AUTHORIZE, &typed, &problem), RESULT_INVALID);
}

static void a_value_over_its_size_is_refused_one_at_it_passes(void **state)
{
	struct typed typed;
	struct problem problem;
	assert_int_equal(read_at(*state, "code=12345678", AT_TOKEN, &typed, &problem), RESULT_OK);
	assert_int_equal(read_at(*state, "code=123456789", AT_TOKEN, &typed, &problem), RESULT_TOO_LARGE);
	assert_string_equal(problem.text, "The parameter code is longer than 8 bytes: shorten it.");
	assert_int_equal(read_at(*state, "code=%31%32%33%34%35%36%37%38", AT_TOKEN, &typed, &problem), RESULT_OK);
}

static struct form parsed_leniently(struct arena *arena, const char *text)
{
	struct form form;
	struct problem problem;
	assert_int_equal(form_parse_lenient(arena, slice_from(text), &form, &problem), RESULT_OK);
	return form;
}

static void lenient_parsing_keeps_a_malformed_field_and_marks_it(void **state)
{
	struct form form = parsed_leniently(*state, "a=1&b=%zz&c%00=x&d=x%0ay&e=%C3%BC");
	assert_int_equal(form.count, 5);
	static const bool malformed[] = { false, true, true, true, false };
	for (size_t i = 0; i < form.count; i++)
		assert_int_equal(form.fields[i].malformed, malformed[i]);
	assert_field(&form, 0, "a", "1");
	assert_field(&form, 1, "b", "");
	assert_field(&form, 2, "", "");
	assert_field(&form, 3, "d", "");
	assert_field(&form, 4, "e", "\xc3\xbc");
	assert_false(parsed(*state, "a=1").fields[0].malformed);
}

static void lenient_parsing_holds_the_same_limits(void **state)
{
	char text[(LIMIT_PARAMETERS + 1) * 4 + 1] = "";
	for (size_t i = 0; i < LIMIT_PARAMETERS; i++)
		memcpy(text + i * 3, "%=&", 4);
	assert_int_equal(parsed_leniently(*state, text).count, LIMIT_PARAMETERS);
	memcpy(text + (size_t)LIMIT_PARAMETERS * 3, "x", 2);
	struct form form = { .count = 4711 };
	struct problem problem = { "" };
	assert_int_equal(form_parse_lenient(*state, slice_from(text), &form, &problem), RESULT_TOO_LARGE);
	assert_int_equal(form.count, 4711);
	struct arena *small = arena_new(64, 64);
	assert_non_null(small);
	assert_int_equal(form_parse_lenient(small, SLICE_OF("a=1&b=2&c=%33"), &form, &problem), RESULT_TOO_LARGE);
	arena_free(small);
}

static void a_field_is_found_by_its_name_with_how_often_it_came(void **state)
{
	struct form form = parsed_leniently(*state, "a=1&b=2&a=3&A=4&b=%");
	size_t count = 4711;
	const struct form_field *field = form_find(&form, "a", &count);
	assert_true(slice_is(field->value, "1"));
	assert_int_equal(count, 2);
	assert_true(slice_is(form_find(&form, "b", &count)->value, "2"));
	assert_int_equal(count, 2);
	assert_true(slice_is(form_find(&form, "A", &count)->value, "4"));
	assert_int_equal(count, 1);
	assert_null(form_find(&form, "c", &count));
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded_in_order),
		cmocka_unit_test(names_are_decoded_too),
		cmocka_unit_test(empty_pieces_are_skipped),
		cmocka_unit_test(a_value_may_be_missing_empty_or_hold_equals_signs),
		cmocka_unit_test(stray_percent_signs_are_refused),
		cmocka_unit_test(control_characters_nul_and_invalid_utf8_are_refused),
		cmocka_unit_test(more_parameters_than_the_limit_are_refused),
		cmocka_unit_test(a_full_arena_is_too_large_and_no_crash),
		cmocka_unit_test(sentences_name_a_parameter_only_if_it_is_printable),
		cmocka_unit_test(lenient_parsing_keeps_a_malformed_field_and_marks_it),
		cmocka_unit_test(lenient_parsing_holds_the_same_limits),
		cmocka_unit_test(a_field_is_found_by_its_name_with_how_often_it_came),
		cmocka_unit_test(the_content_type_is_read_in_any_case_and_with_parameters),
		cmocka_unit_test(parameters_fill_the_typed_struct),
		cmocka_unit_test(a_parameter_without_a_value_counts_as_absent),
		cmocka_unit_test(parameters_of_other_places_are_ignored),
		cmocka_unit_test(a_parameter_given_twice_is_refused_known_or_not),
		cmocka_unit_test(what_may_repeat_may_repeat_at_its_place_only),
		cmocka_unit_test(a_value_over_its_size_is_refused_one_at_it_passes),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
