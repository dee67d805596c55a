#include "toy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HOST "Host: localhost\r\n"
#define GOOD "https://app.example"
#define TOKEN "/realms/T-U/token"

static struct toy toy;

static int start(void **state)
{
	(void)state;
	toy_prepare(&toy);
	toy_start(&toy);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	toy_stop(&toy, 1);
	return 0;
}

struct expected {
	const char *request_line;
	const char *origin; /* NULL: none sent */
	const char *more;   /* further headers, and the body */
	int status;
	const char *allow_origin; /* "": none */
	const char *vary;
};

static void assert_row(const struct expected *row)
{
	char text[1024];
	snprintf(text, sizeof text, "%s HTTP/1.1\r\n" HOST "%s%s%s%s\r\n", row->request_line, row->origin == NULL ? "" : "Origin: ",
	         row->origin == NULL ? "" : row->origin, row->origin == NULL ? "" : "\r\n", row->more);
	struct wire_reply reply = wire_ask(&toy, text);
	if (reply.status != row->status)
		fail_msg("%s: %d", text, reply.status);
	assert_string_equal(wire_header(&reply, "Access-Control-Allow-Origin"), row->allow_origin);
	assert_string_equal(wire_header(&reply, "Vary"), row->vary);
	assert_int_equal(wire_header_count(&reply, "Access-Control-Allow-Credentials"), 0);
}

static void every_reply_of_an_address_carries_its_cors_headers_errors_too(void **state)
{
	(void)state;
	static const struct expected rows[] = {
		/* any origin */
		{ "GET /keys", NULL, "", 200, "*", "" },
		{ "GET /keys", GOOD, "", 200, "*", "" },
		{ "GET /keys", "null", "", 200, "*", "" },
		{ "HEAD /keys", GOOD, "", 200, "*", "" },
		{ "PUT /keys", GOOD, "", 405, "*", "" },
		{ "GET /keys", GOOD, "Content-Length: 1\r\n\r\nx", 413, "*", "" },
		{ "GET /keys", GOOD, "Authorization: a\r\nAuthorization: b\r\n", 400, "*", "" },
		{ "OPTIONS /keys", GOOD, "", 204, "*", "" },
		/* an allowed origin */
		{ "POST " TOKEN, GOOD, "Content-Length: 0\r\n", 200, GOOD, "Origin" },
		{ "PUT " TOKEN, GOOD, "", 405, GOOD, "Origin" },
		{ "POST " TOKEN, GOOD, "Content-Length: 2000000\r\n", 413, GOOD, "Origin" },
		{ "POST " TOKEN, GOOD, "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400, GOOD, "Origin" },
		/* one that is not */
		{ "POST " TOKEN, "https://evil.example", "Content-Length: 0\r\n", 200, "", "Origin" },
		{ "POST " TOKEN, "https://app.example.evil.example", "Content-Length: 0\r\n", 200, "", "Origin" },
		{ "POST " TOKEN, "HTTPS://app.example", "Content-Length: 0\r\n", 200, "", "Origin" },
		{ "POST " TOKEN, "null", "Content-Length: 0\r\n", 200, "", "Origin" },
		{ "POST " TOKEN, "", "Content-Length: 0\r\n", 200, "", "Origin" },
		{ "POST " TOKEN, NULL, "Content-Length: 0\r\n", 200, "", "Origin" },
		{ "PUT " TOKEN, "null", "", 405, "", "Origin" },
		/* no rules, and no address */
		{ "GET /echo", GOOD, "", 200, "", "" },
		{ "GET /nowhere", GOOD, "", 404, "", "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_row(&rows[i]);
}

static struct wire_reply preflight(const char *path, const char *origin)
{
	char text[512];
	snprintf(text, sizeof text, "OPTIONS %s HTTP/1.1\r\n" HOST "Origin: %s\r\nAccess-Control-Request-Method: POST\r\n"
	                            "Access-Control-Request-Headers: authorization\r\n\r\n",
	         path, origin);
	return wire_ask(&toy, text);
}

static void a_preflight_is_answered_without_the_handler(void **state)
{
	(void)state;
	int runs = atomic_load(&toy.handler_runs);
	struct wire_reply reply = preflight(TOKEN, GOOD);
	assert_int_equal(reply.status, 204);
	assert_string_equal(wire_header(&reply, "Access-Control-Allow-Origin"), GOOD);
	assert_string_equal(wire_header(&reply, "Access-Control-Allow-Methods"), "GET, HEAD, POST");
	assert_string_equal(wire_header(&reply, "Access-Control-Allow-Headers"), "authorization, content-type");
	assert_string_equal(wire_header(&reply, "Access-Control-Max-Age"), "600");
	assert_string_equal(wire_header(&reply, "Vary"), "Origin");
	assert_int_equal(wire_header_count(&reply, "Content-Length"), 0);
	reply = preflight("/work", "https://anybody.example");
	assert_int_equal(reply.status, 204);
	assert_string_equal(wire_header(&reply, "Access-Control-Allow-Origin"), "*");
	assert_string_equal(wire_header(&reply, "Access-Control-Allow-Methods"), "POST");
	assert_int_equal(atomic_load(&toy.handler_runs), runs);
}

static void a_preflight_of_a_foreign_or_null_origin_allows_nothing(void **state)
{
	(void)state;
	static const char *const origins[] = { "https://evil.example", "null", "https://app.example:444" };
	for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
		struct wire_reply reply = preflight(TOKEN, origins[i]);
		assert_int_equal(reply.status, 204);
		assert_int_equal(wire_header_count(&reply, "Access-Control-Allow-Origin"), 0);
		assert_string_equal(wire_header(&reply, "Vary"), "Origin");
	}
}

static void options_without_cors_names_the_methods(void **state)
{
	(void)state;
	struct wire_reply reply = wire_ask(&toy, "OPTIONS /echo HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(reply.status, 204);
	assert_string_equal(wire_header(&reply, "Allow"), "GET, HEAD, POST, OPTIONS");
	/* a preflight where no page may call */
	reply = preflight("/echo", GOOD);
	assert_int_equal(reply.status, 204);
	assert_int_equal(wire_header_count(&reply, "Access-Control-Allow-Origin") + wire_header_count(&reply, "Access-Control-Allow-Methods"), 0);
	assert_int_equal(preflight("/nowhere", GOOD).status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reply_of_an_address_carries_its_cors_headers_errors_too),
		cmocka_unit_test(a_preflight_is_answered_without_the_handler),
		cmocka_unit_test(a_preflight_of_a_foreign_or_null_origin_allows_nothing),
		cmocka_unit_test(options_without_cors_names_the_methods),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
