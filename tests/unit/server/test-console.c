#include "server/console.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct console_file files[] = {
	{ SLICE("assets/index-AbCdEf12.js"), SLICE("text/javascript; charset=utf-8"), SLICE("\"js\""), SLICE("\"js-gzip\""), { "script", 6 }, { "packed", 6 }, true },
	{ SLICE("favicon.svg"), SLICE("image/svg+xml"), SLICE("\"svg\""), SLICE("\"svg-gzip\""), { "icon", 4 }, { NULL, 0 }, false },
	{ SLICE("index.html"), SLICE("text/html; charset=utf-8"), SLICE("\"html\""), SLICE("\"html-gzip\""), { "page", 4 }, { "zipped", 6 }, false },
};
#define COUNT (sizeof files / sizeof files[0])

static struct http_header sent[2];
static struct http_reply reply;

static bool ask(const char *path, const char *accept_encoding, const char *if_none_match)
{
	sent[0] = (struct http_header) { SLICE("Accept-Encoding"), slice_from(accept_encoding) };
	sent[1] = (struct http_header) { SLICE("If-None-Match"), slice_from(if_none_match) };
	const struct http_request request = { .headers = sent, .header_count = 2 };
	reply = (struct http_reply) { .status = 200 };
	return console_file_reply(files, COUNT, slice_from(path), &request, &reply);
}

static struct slice header(const char *name)
{
	for (size_t i = 0; i < reply.header_count; i++)
		if (slice_is(reply.headers[i].name, name))
			return reply.headers[i].value;
	return (struct slice) { NULL, 0 };
}

static bool policy_has(const char *words)
{
	const struct slice policy = header("Content-Security-Policy");
	return policy.ptr != NULL && memmem(policy.ptr, policy.len, words, strlen(words)) != NULL;
}

static void a_file_is_found_by_its_name(void **state)
{
	(void)state;
	assert_true(ask("favicon.svg", "", ""));
	assert_true(slice_is(reply.body, "icon") && slice_is(reply.content_type, "image/svg+xml") && slice_is(header("ETag"), "\"svg\""));
	assert_null(header("Vary").ptr);
}

static void an_address_inside_is_the_first_page(void **state)
{
	(void)state;
	static const char *const inside[] = { "", "callback", "ACME/users", "ACME/permissions/app.knowledge.portalmgr.read", "ACME/users/ann.smith/", "try" };
	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
		assert_true(ask(inside[i], "", ""));
		assert_true(slice_is(reply.body, "page") && slice_is(reply.content_type, "text/html; charset=utf-8"));
		assert_true(slice_is(header("Cache-Control"), "no-cache"));
	}
}

static void a_file_that_is_not_there_is_not_the_first_page(void **state)
{
	(void)state;
	static const char *const missing[] = { "assets/index-Old00000.js", "assets/", "assets/x", "robots.txt", "index.htm.", "..", "../../etc/passwd", "ACME/./users", "ACME/..", "favicon.svg.map" };
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
		assert_false(ask(missing[i], "", ""));
		assert_int_equal(reply.header_count, 0);
	}
}

static void only_a_name_that_changes_with_the_file_is_kept_for_good(void **state)
{
	(void)state;
	assert_true(ask("assets/index-AbCdEf12.js", "", ""));
	assert_true(slice_is(header("Cache-Control"), "public, max-age=31536000, immutable"));
	assert_true(ask("index.html", "", ""));
	assert_true(slice_is(header("Cache-Control"), "no-cache"));
}

static void gzip_is_sent_to_those_who_take_it(void **state)
{
	(void)state;
	static const struct {
		const char *accepted;
		bool packed;
	} rows[] = {
		{ "gzip", true }, { "GZip", true }, { "gzip, deflate, br", true }, { "br;q=1.0, gzip;q=0.8, *;q=0.1", true }, { "*", true }, { "gzip;q=0.001", true },
		{ "", false }, { "identity", false }, { "br", false }, { "gzip;q=0", false }, { "gzip; q=0.000", false }, { "gzip;q=0, *", false },
		{ "*;q=0", false }, { "gzipped", false }, { "*, gzip;Q=0", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(ask("assets/index-AbCdEf12.js", rows[i].accepted, ""));
		assert_true(slice_is(header("Vary"), "Accept-Encoding"));
		if (slice_is(reply.body, "packed") != rows[i].packed)
			fail_msg("Accept-Encoding: %s", rows[i].accepted);
		assert_true(slice_is(header("Content-Encoding"), "gzip") == rows[i].packed);
		assert_true(slice_is(header("ETag"), rows[i].packed ? "\"js-gzip\"" : "\"js\""));
		assert_true(slice_is(reply.content_type, "text/javascript; charset=utf-8"));
	}
	assert_true(ask("favicon.svg", "gzip", ""));
	assert_true(slice_is(reply.body, "icon") && header("Content-Encoding").ptr == NULL);
}

static void what_is_known_is_not_sent_again(void **state)
{
	(void)state;
	assert_true(ask("index.html", "", "\"html\""));
	assert_int_equal(reply.status, 304);
	assert_int_equal(reply.body.len, 0);
	assert_true(slice_is(header("ETag"), "\"html\"") && slice_is(header("Cache-Control"), "no-cache") && slice_is(header("Vary"), "Accept-Encoding"));
	assert_true(ask("index.html", "gzip", "\"old\", W/\"html-gzip\""));
	assert_int_equal(reply.status, 304);
	assert_true(ask("index.html", "gzip", "\"html\"")); /* the other representation */
	assert_int_equal(reply.status, 200);
	assert_true(ask("index.html", "", "*"));
	assert_int_equal(reply.status, 304);
}

static void only_the_answer_of_a_renewal_may_be_framed(void **state)
{
	(void)state;
	assert_true(ask("callback", "", ""));
	assert_true(policy_has("frame-ancestors 'self'") && slice_is(header("X-Frame-Options"), "SAMEORIGIN"));
	static const char *const others[] = { "", "index.html", "callback/", "ACME/callback", "assets/index-AbCdEf12.js" };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_true(ask(others[i], "", ""));
		assert_true(policy_has("frame-ancestors 'none'") && slice_is(header("X-Frame-Options"), "DENY"));
	}
}

static void no_script_of_others_runs(void **state)
{
	(void)state;
	assert_true(ask("", "", ""));
	assert_true(policy_has("default-src 'none'; script-src 'self'; "));
	assert_true(policy_has("base-uri 'none'") && policy_has("form-action 'self'") && policy_has("connect-src 'self'"));
	assert_false(policy_has("unsafe-eval"));
}

static void without_files_there_is_nothing(void **state)
{
	(void)state;
	const struct http_request request = { .headers = NULL };
	reply = (struct http_reply) { .status = 200 };
	assert_false(console_file_reply(files, 0, SLICE_OF(""), &request, &reply));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_found_by_its_name),
		cmocka_unit_test(an_address_inside_is_the_first_page),
		cmocka_unit_test(a_file_that_is_not_there_is_not_the_first_page),
		cmocka_unit_test(only_a_name_that_changes_with_the_file_is_kept_for_good),
		cmocka_unit_test(gzip_is_sent_to_those_who_take_it),
		cmocka_unit_test(what_is_known_is_not_sent_again),
		cmocka_unit_test(only_the_answer_of_a_renewal_may_be_framed),
		cmocka_unit_test(no_script_of_others_runs),
		cmocka_unit_test(without_files_there_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
