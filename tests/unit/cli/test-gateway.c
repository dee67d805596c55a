#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/gateway/proxy_write.h"
#include "cli/gateway/template.h"

#include <stdlib.h>

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	return arena == NULL;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct template_field first_row[] = { { .name = "name", .text = SLICE("one") }, { .name = "last", .rows = NULL } };
static const struct template_scope once = { NULL, 0 };
static const struct template_field second_row[] = { { .name = "name", .text = SLICE("two") }, { .name = "last", .rows = &once, .row_count = 1 } };
static const struct template_scope rows[] = { { first_row, 2 }, { second_row, 2 } };
static const struct template_field fields[] = {
	{ .name = "name", .text = SLICE("outer") },
	{ .name = "empty", .text = SLICE("") },
	{ .name = "rows", .rows = rows, .row_count = 2 },
	{ .name = "none" },
};
static const struct template_scope scope = { fields, 4 };

static enum result filled(const char *text, char **ret)
{
	size_t size;
	FILE *out = open_memstream(ret, &size);
	assert_non_null(out);
	enum result result = template_write(slice_from(text), &scope, out);
	assert_int_equal(fclose(out), 0);
	return result;
}

static void assert_filled(const char *text, const char *expected)
{
	char *written;
	assert_int_equal(filled(text, &written), RESULT_OK);
	assert_string_equal(written, expected);
	free(written);
}

static void values_and_sections_are_filled(void **state)
{
	(void)state;
	assert_filled("", "");
	assert_filled("a { b } }} {", "a { b } }} {");
	assert_filled("<{{name}}|{{empty}}>", "<outer|>");
	assert_filled("{{#rows}}\n- {{name}}\n{{/rows}}\n.", "- one\n- two\n.");
	assert_filled("{{#rows}}\n- {{name}}\n{{#last}}\n  last {{name}}\n{{/last}}\n{{/rows}}\n{{name}}", "- one\n- two\n  last two\nouter");
	assert_filled("a\n{{#none}}\n{{name}}\n{{/none}}\nb", "a\nb");
}

static void a_mistake_in_a_template_is_noticed(void **state)
{
	static const char *const wrong[] = {
		"{{nobody}}", "{{rows}}", "{{#nobody}}\n{{/nobody}}\n", "{{#rows}}\n", "{{#rows}} {{/rows}}\n", "{{#rows}}\n{{/none}}\n", "{{}}",
		"{{#rows}}\n{{/rows}}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char *written;
		if (filled(wrong[i], &written) == RESULT_OK)
			fail_msg("%s gave %s", wrong[i], written);
		free(written);
	}
}

static void only_hosts_with_a_port_are_addresses(void **state)
{
	static const char *const wrong[] = {
		"", ":", ":80", "a", "a:", "a:0", "a:65536", "a:8o", "a:-1", "a b:80", "a;b:80", "a:80:80", "[::1]", "[::1:80", "::1:80", "[a]:80",
		"-a:80", "a\n:80", "[::1]x:80", "[]:80", "a_b:80", "{a}:80", "$a:80",
	};
	struct proxy_address address;
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (proxy_address_parse(arena, slice_from(wrong[i]), &address) == RESULT_OK)
			fail_msg("%s is taken for an address", wrong[i]);
	assert_int_equal(proxy_address_parse(arena, SLICE_OF("api-1.example:8080"), &address), RESULT_OK);
	assert_true(slice_is(address.text, "api-1.example:8080") && slice_is(address.host, "api-1.example") && slice_is(address.port, "8080"));
	assert_int_equal(proxy_address_parse(arena, SLICE_OF("[2001:db8::1]:65535"), &address), RESULT_OK);
	assert_true(slice_is(address.host, "[2001:db8::1]") && slice_is(address.bare, "2001:db8::1") && slice_is(address.text, "[2001:db8::1]:65535"));
}

static void a_url_of_an_upstream_has_no_path(void **state)
{
	static const char *const wrong[] = {
		"https://a", "http://", "http:///", "http://a/b", "http://a//", "http://a?b", "http://u@a", "a:80", "HTTP://a", "http://a:",
	};
	struct proxy_address address;
	struct slice host;
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (proxy_url_parse(arena, slice_from(wrong[i]), &address) == RESULT_OK)
			fail_msg("%s is taken for an upstream", wrong[i]);
	assert_int_equal(proxy_url_parse(arena, SLICE_OF("http://a/"), &address), RESULT_OK);
	assert_true(slice_is(address.text, "a:80"));
	assert_int_equal(proxy_url_host(SLICE_OF("https://api.example.com:8443/x"), &host), RESULT_OK);
	assert_true(slice_is(host, "api.example.com"));
	assert_int_equal(proxy_url_host(SLICE_OF("ftp://a"), &host), RESULT_INVALID);
	assert_int_equal(proxy_url_host(SLICE_OF("http://a:x"), &host), RESULT_INVALID);
}

static void a_literal_prefix_ends_before_what_varies(void **state)
{
	static const char *const cases[][2] = {
		{ "/a/b/{id}/c", "/a/b" }, { "/a/b", "/a/b" }, { "/{id}", "" }, { "/a/x{id}", "/a" }, { "/a/b%20c/d", "/a" }, { "/", "" }, { "/a;b/c", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(slice_is(proxy_literal_prefix(slice_from(cases[i][0])), cases[i][1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_sections_are_filled),
		cmocka_unit_test(a_mistake_in_a_template_is_noticed),
		cmocka_unit_test(only_hosts_with_a_port_are_addresses),
		cmocka_unit_test(a_url_of_an_upstream_has_no_path),
		cmocka_unit_test(a_literal_prefix_ends_before_what_varies),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
