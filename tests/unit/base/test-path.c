#include "base/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct vector {
	const char *path, *normal; /* normal NULL: refused */
};

/* What a proxy may be asked for, and what everything behind it has to agree on. */
static const struct vector calls[] = {
	{ "", "/" },
	{ "/", "/" },
	{ "/a/b", "/a/b" },
	{ "/a/", "/a" },
	{ "/a/b//", "/a/b" },
	{ "//", "/" },
	{ "//a///b", "/a/b" },
	{ "/a//b/./c/", "/a/b/c" },
	{ "/.", "/" },
	{ "/./", "/" },
	{ "/..", "/" },
	{ "/../..", "/" },
	{ "/../a", "/a" },
	{ "/a/..", "/" },
	{ "/a/../", "/" },
	{ "/a/b/../c", "/a/c" },
	{ "/a/b/../../c", "/c" },
	{ "/a/b/../../../c", "/c" },
	{ "/a/..b", "/a/..b" },
	{ "/a/b..", "/a/b.." },
	{ "/a/...", "/a/..." },
	{ "/.a", "/.a" },
	{ "/a/%2e", "/a" },
	{ "/a/%2E%2e/b", "/b" },
	{ "/a/.%2E/b", "/b" },
	{ "/a/%2e./b", "/b" },
	{ "/a/%2e%2e%2e", "/a/..." },
	{ "/%61%7A%41%5A%30%39%2D%5F%7E", "/azAZ09-_~" },
	{ "/a%3Ab", "/a:b" },
	{ "/a%3ab%40%21%24%26%27%28%29%2A%2B%2C%3D", "/a:b@!$&'()*+,=" },
	{ "/a%20b", "/a%20b" },
	{ "/a%7cb", "/a%7Cb" },
	{ "/a|b", "/a%7Cb" },
	{ "/<\">^`{}[]", "/%3C%22%3E%5E%60%7B%7D%5B%5D" },
	{ "/a%23%3f", "/a%23%3F" },
	{ "/%c3%a4", "/%C3%A4" },
	{ "/%e2%82%ac%F0%9f%98%80", "/%E2%82%AC%F0%9F%98%80" },
	{ "/100%25", "/100%25" },
	{ "/100%25/a", "/100%25/a" },
	{ "/%2541", "/%2541" },
	{ "/%25zz", "/%25zz" },
	{ "/a;v=1", "/a;v=1" },
	{ "/a%3Bv=1/b", "/a;v=1/b" },
	{ "/..a;b", "/..a;b" },
	/* no address of this host */
	{ "a", NULL },
	{ "a/b", NULL },
	{ "*", NULL },
	{ "http://host/a", NULL },
	{ "\\a", NULL },
	/* no escapes */
	{ "/%", NULL },
	{ "/%2", NULL },
	{ "/a%", NULL },
	{ "/%zz", NULL },
	{ "/%2/a", NULL },
	{ "/% 41", NULL },
	{ "/%u002f", NULL },
	{ "/%U0041", NULL },
	/* slashes that some see and others do not */
	{ "/a%2fb", NULL },
	{ "/a%2Fb", NULL },
	{ "/%2f", NULL },
	{ "/a%2f..%2fb", NULL },
	{ "/a\\b", NULL },
	{ "/a\\..\\b", NULL },
	{ "/a%5cb", NULL },
	{ "/a%5C..", NULL },
	/* dots with something behind them */
	{ "/..;/a", NULL },
	{ "/a/..;x=y/b", NULL },
	{ "/a/.;/b", NULL },
	{ "/a/..%3b/b", NULL },
	{ "/a/%2e%2e%3B/b", NULL },
	{ "/a/%2e%2e;/b", NULL },
	{ "/a/;/b", NULL },
	{ "/;a", NULL },
	{ "/%3Ba", NULL },
	/* what may end a text, a line or the path */
	{ "/a%00", NULL },
	{ "/a%00.json", NULL },
	{ "/a%0a", NULL },
	{ "/a%0D%0Ab", NULL },
	{ "/a%09", NULL },
	{ "/a%7f", NULL },
	{ "/a\tb", NULL },
	{ "/a\nb", NULL },
	{ "/a\rb", NULL },
	{ "/a\x7f", NULL },
	{ "/a b", NULL },
	{ "/a?b", NULL },
	{ "/a#b", NULL },
	{ "/a/..#/b", NULL },
	/* bytes that are no text, over-long forms of "/", "." and NUL among them */
	{ "/\xc3\xa4", NULL },
	{ "/%c3", NULL },
	{ "/%c3/%a4", NULL },
	{ "/%a4", NULL },
	{ "/%ff", NULL },
	{ "/%c0%af", NULL },
	{ "/%c0%ae%c0%ae/a", NULL },
	{ "/%e0%80%af", NULL },
	{ "/%f0%80%80%af", NULL },
	{ "/%c0%80", NULL },
	{ "/%ed%a0%80", NULL },
	{ "/%f4%90%80%80", NULL },
	/* what is another thing when it is decoded twice */
	{ "/%252f", NULL },
	{ "/a%252Fb", NULL },
	{ "/%252e%252e/a", NULL },
	{ "/%255c", NULL },
	{ "/%2500", NULL },
	{ "/%250a", NULL },
	{ "/%257F", NULL },
	{ "/%253b", NULL },
	{ "/%25252f", NULL },
	{ "/%25%32%46", NULL },
	{ "/%25%32f", NULL },
	{ "/%252%46", NULL },
	{ "/%%32%66", NULL },
};

static const struct vector templates[] = {
	{ "", "/" },
	{ "/", "/" },
	{ "/a/{id}", "/a/{id}" },
	{ "/a/{id}/", "/a/{id}" },
	{ "/{a}{b}/{c}.json", "/{a}{b}/{c}.json" },
	{ "/users/{user-id}:delete", "/users/{user-id}:delete" },
	{ "/a%3ab/{id}", "/a:b/{id}" },
	{ "/a b/{my id}", "/a%20b/{my id}" },
	{ "/\xc3\xa4/{\xc3\xa4}", "/%C3%A4/{\xc3\xa4}" },
	{ "/a|b", "/a%7Cb" },
	{ "/a/./b/../{id}", "/a/{id}" },
	{ "/%7e{id}", "/~{id}" },
	{ "/a.{id}", "/a.{id}" },
	{ "/a/{id", NULL },
	{ "/a/id}", NULL },
	{ "/a/{}", NULL },
	{ "/a/{b{c}}", NULL },
	{ "/a/{b/c}", NULL },
	{ "/a/{id}?x={y}", NULL },
	{ "/a#b", NULL },
	{ "/a\\b", NULL },
	{ "/a%2Fb", NULL },
	{ "/%zz", NULL },
	{ "/\xc3", NULL },
	{ "/a/..;/b", NULL },
	{ "a/{id}", NULL },
	{ "https://host/a", NULL },
};

typedef enum result normaliser(struct slice path, char *buffer, size_t size, struct slice *ret);

static void vector_holds(normaliser *normalise, struct vector vector)
{
	char buffer[256], again[256];
	struct slice normal, twice;
	enum result result = normalise(slice_from(vector.path), buffer, sizeof buffer, &normal);
	if (vector.normal == NULL) {
		if (result != RESULT_INVALID)
			fail_msg("\"%s\" gives %d", vector.path, (int)result);
		return;
	}
	if (result != RESULT_OK || !slice_is(normal, vector.normal))
		fail_msg("\"%s\" gives %d, \"%.*s\"", vector.path, (int)result, result == RESULT_OK ? (int)normal.len : 0, normal.ptr);
	assert_int_equal(normalise(normal, again, sizeof again, &twice), RESULT_OK);
	assert_true(slice_equal(normal, twice));
}

static void a_path_has_one_spelling_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		vector_holds(path_normalise, calls[i]);
}

static void a_template_has_one_spelling_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++)
		vector_holds(path_normalise_template, templates[i]);
}

static void every_control_character_is_refused_raw_and_escaped(void **state)
{
	(void)state;
	for (int byte = 0; byte <= 0xff; byte++) {
		char raw[] = { '/', 'a', (char)byte, 'b' }, escaped[16], buffer[32];
		struct slice normal;
		snprintf(escaped, sizeof escaped, "/a%%%02xb", (unsigned)byte);
		bool control = byte < 0x20 || byte >= 0x7f;
		if (control || byte == ' ')
			assert_int_equal(path_normalise((struct slice) { raw, sizeof raw }, buffer, sizeof buffer, &normal), RESULT_INVALID);
		if (control)
			assert_int_equal(path_normalise(slice_from(escaped), buffer, sizeof buffer, &normal), RESULT_INVALID);
	}
}

static void a_buffer_of_the_paths_length_is_enough_and_a_smaller_one_is_said_to_be(void **state)
{
	(void)state;
	static const char path[] = "/a/%7e/%c3%a4/../b//c/";
	char buffer[sizeof path];
	struct slice normal;
	assert_int_equal(path_normalise(slice_from(path), buffer, sizeof path - 1, &normal), RESULT_OK);
	assert_true(slice_is(normal, "/a/~/b/c"));
	for (size_t size = 0; size < 9; size++)
		assert_int_equal(path_normalise(slice_from(path), buffer, size, &normal), RESULT_TOO_LARGE);
	assert_int_equal(path_normalise(SLICE_OF("/|"), buffer, 3, &normal), RESULT_TOO_LARGE);
	assert_int_equal(path_normalise(SLICE_OF("/|"), buffer, 4, &normal), RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_has_one_spelling_or_none),
		cmocka_unit_test(a_template_has_one_spelling_or_none),
		cmocka_unit_test(every_control_character_is_refused_raw_and_escaped),
		cmocka_unit_test(a_buffer_of_the_paths_length_is_enough_and_a_smaller_one_is_said_to_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
