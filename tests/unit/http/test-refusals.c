#include "toy.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "Host: localhost\r\n"

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

/* The refusal's slug stands in the body, its id in a header. */
static void assert_refusal(const char *request, int status, const char *slug)
{
	int runs = atomic_load(&toy.handler_runs);
	struct wire_reply reply = wire_ask(&toy, request);
	char body[64];
	snprintf(body, sizeof body, "%d %s", status, slug);
	assert_int_equal(reply.status, status);
	assert_string_equal(reply.body, body);
	assert_int_equal(strlen(wire_header(&reply, "X-Request-Id")), 26);
	assert_string_equal(wire_header(&reply, "X-Content-Type-Options"), "nosniff");
	assert_int_equal(atomic_load(&toy.handler_runs), runs);
}

static void an_unknown_address_is_404(void **state)
{
	(void)state;
	assert_refusal("GET /nowhere HTTP/1.1\r\n" HOST "\r\n", 404, "not-found");
	assert_refusal("GET /%65cho HTTP/1.1\r\n" HOST "\r\n", 404, "not-found");
	assert_refusal("GET /echo/ HTTP/1.1\r\n" HOST "\r\n", 404, "not-found");
}

static void a_wrong_method_is_405_with_allow(void **state)
{
	(void)state;
	assert_refusal("DELETE /echo HTTP/1.1\r\n" HOST "\r\n", 405, "wrong-method");
	assert_refusal("BREW /echo HTTP/1.1\r\n" HOST "\r\n", 405, "wrong-method");
	assert_refusal("get /echo HTTP/1.1\r\n" HOST "\r\n", 405, "wrong-method");
	struct wire_reply reply = wire_ask(&toy, "DELETE /echo HTTP/1.1\r\n" HOST "\r\n");
	assert_string_equal(wire_header(&reply, "Allow"), "GET, HEAD, POST");
}

static char *fill(const char *front, char filler, size_t count, const char *back)
{
	size_t size = strlen(front) + count + strlen(back) + 1;
	char *text = malloc(size);
	assert_non_null(text);
	memset(text, filler, size);
	memcpy(text, front, strlen(front));
	memcpy(text + strlen(front) + count, back, strlen(back) + 1);
	return text;
}

static void a_target_over_8_kib_is_414_one_at_it_passes(void **state)
{
	(void)state;
	char *text = fill("GET /echo?", 'a', LIMIT_URL_SIZE - 6, " HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(wire_ask(&toy, text).status, 200);
	free(text);
	text = fill("GET /echo?", 'a', LIMIT_URL_SIZE - 5, " HTTP/1.1\r\n" HOST "\r\n");
	assert_refusal(text, 414, "address-too-long");
	free(text);
}

static void headers_over_16_kib_are_431(void **state)
{
	(void)state;
	char *text = fill("GET /echo HTTP/1.1\r\n" HOST "X-Filler: ", 'a', LIMIT_HEADER_SIZE - 100, "\r\n\r\n");
	assert_int_equal(wire_ask(&toy, text).status, 200);
	free(text);
	text = fill("GET /echo HTTP/1.1\r\n" HOST "X-Filler: ", 'a', LIMIT_HEADER_SIZE, "\r\n\r\n");
	assert_refusal(text, 431, "headers-too-large");
	free(text);
}

/* The library keeps a record of each header beside its bytes, and later the reply's headers, in the same pool. */
static void a_hundred_headers_of_16_kib_are_read_and_answered(void **state)
{
	(void)state;
	char text[LIMIT_HEADER_SIZE + 64] = "GET /echo HTTP/1.1\r\n" HOST;
	size_t lines = LIMIT_HEADER_COUNT - 2;
	size_t room = (LIMIT_HEADER_SIZE - strlen(text) - 128) / lines;
	for (size_t i = 0; i < lines; i++) {
		size_t at = strlen(text);
		int head = snprintf(text + at, sizeof text - at, "X-%02zu: ", i);
		memset(text + at + head, 'v', room - (size_t)head - 2);
		snprintf(text + at + room - 2, sizeof text - at - room + 2, "\r\n");
	}
	snprintf(text + strlen(text), sizeof text - strlen(text), "\r\n");
	assert_int_equal(wire_ask(&toy, text).status, 200);
}

static void what_overflows_the_pool_is_answered_or_cut_at_once(void **state)
{
	(void)state;
	char *text = fill("GET /echo HTTP/1.1\r\n" HOST "X-Filler: ", 'a', 200000, "\r\n\r\n");
	int status = wire_ask(&toy, text).status;
	assert_true(status == 431 || status == 0);
	free(text);
	text = fill("GET /echo HTTP/1.1\r\n" HOST "X-Filler: ", 'a', 30000, "\r\n\r\n");
	status = wire_ask(&toy, text).status;
	assert_true(status == 431 || status == 0);
	free(text);
	text = fill("GET /echo?", 'a', 200000, " HTTP/1.1\r\n" HOST "\r\n");
	status = wire_ask(&toy, text).status;
	assert_true(status == 414 || status == 0);
	free(text);
}

static void more_than_100_header_lines_are_431(void **state)
{
	(void)state;
	char text[8192];
	for (int lines = 99; lines <= 102; lines++) {
		size_t len = (size_t)snprintf(text, sizeof text, "GET /echo HTTP/1.1\r\n" HOST);
		for (int i = 1; i < lines; i++)
			len += (size_t)snprintf(text + len, sizeof text - len, "X-Line-%d: %d\r\n", i, i);
		snprintf(text + len, sizeof text - len, "\r\n");
		if (lines <= LIMIT_HEADER_COUNT)
			assert_int_equal(wire_ask(&toy, text).status, 200);
		else
			assert_refusal(text, 431, "too-many-headers");
	}
}

static void the_largest_request_that_is_not_refused_is_answered(void **state)
{
	(void)state;
	char *text = fill("GET /echo?", 'q', 4000, " HTTP/1.1\r\n" HOST);
	char more[LIMIT_HEADER_SIZE];
	size_t len = 0;
	for (int i = 1; i < LIMIT_HEADER_COUNT; i++)
		len += (size_t)snprintf(more + len, sizeof more - len, "X-Line-%03d: %0110d\r\n", i, i);
	snprintf(more + len, sizeof more - len, "\r\n");
	int opened = wire_connect(&toy);
	for (int i = 0; i < 3; i++) {
		wire_send(opened, text);
		wire_send(opened, more);
		struct wire_reply reply = wire_read(opened, false);
		assert_int_equal(reply.status, 200);
		assert_true(reply.complete);
	}
	close(opened);
	free(text);
}

static void a_query_of_many_parameters_is_no_trap(void **state)
{
	(void)state;
	char *text = fill("GET /echo?", '&', 8000, " HTTP/1.1\r\n" HOST "\r\n");
	for (size_t i = 10; i + 30 < strlen(text); i += 2)
		text[i] = 'a';
	assert_int_equal(wire_ask(&toy, text).status, 200);
	free(text);
}

static void framing_that_two_parsers_may_read_differently_is_400(void **state)
{
	(void)state;
	assert_refusal("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "repeated-header");
	assert_refusal("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400, "repeated-header");
	assert_refusal("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "two-lengths");
	assert_refusal("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, "two-lengths");
	assert_refusal("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "repeated-header");
	assert_refusal("POST /echo HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad-transfer-coding");
}

static void a_transfer_coding_other_than_chunked_is_400(void **state)
{
	(void)state;
	static const char *const bad[] = { "identity", "gzip", "gzip, chunked", "chunked, gzip", "xchunked", "chunked;q=1", "\"chunked\"", "chunked,", "" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[256];
		snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: %s\r\n\r\n0\r\n\r\n", bad[i]);
		assert_refusal(text, 400, "bad-transfer-coding");
	}
}

static void repeated_single_headers_are_400(void **state)
{
	(void)state;
	static const char *const names[] = { "Host", "Authorization", "X-Original-URI", "X-Original-Method", "X-Forwarded-For", "X-Forwarded-Uri", "x-forwarded-METHOD" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char text[256];
		snprintf(text, sizeof text, "GET /echo HTTP/1.1\r\n%s%s: a\r\n%s: a\r\n\r\n", i == 0 ? "" : HOST, names[i], names[i]);
		assert_refusal(text, 400, "repeated-header");
	}
	assert_int_equal(wire_ask(&toy, "GET /echo HTTP/1.1\r\n" HOST "Accept: a\r\nAccept: b\r\nX-Forwarded-A: 1\r\nX-Forwarded-B: 1\r\n\r\n").status, 200);
}

static void http_1_1_without_host_is_400(void **state)
{
	(void)state;
	assert_refusal("GET /echo HTTP/1.1\r\n\r\n", 400, "no-host");
	assert_int_equal(wire_ask(&toy, "GET /echo HTTP/1.0\r\n\r\n").status, 200);
}

static void a_target_that_is_no_path_is_400(void **state)
{
	(void)state;
	static const char *const bad[] = { "*", "echo", "http://localhost", "http://localhost?a", "http:///echo", "ftp://localhost/echo", "http://user@localhost/echo",
		                           "localhost:80", "/echo#fragment", "/echo /more", "/ec\x01ho", "/ec\x7fho", "/ec\xc3\xbcho" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[256];
		snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", bad[i]);
		assert_refusal(text, 400, "bad-address");
	}
}

static void a_nul_in_the_target_is_400(void **state)
{
	(void)state;
	static const char text[] = "GET /echo\0/more HTTP/1.1\r\n" HOST "\r\n";
	int opened = wire_connect(&toy);
	wire_send_bytes(opened, text, sizeof text - 1);
	struct wire_reply reply = wire_read(opened, false);
	assert_int_equal(reply.status, 400);
	close(opened);
}

static void of_an_absolute_target_the_path_counts(void **state)
{
	(void)state;
	struct wire_reply reply = wire_ask(&toy, "GET HTTP://elsewhere:1/echo?a=b HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "GET|/echo|a=b||");
}

static void a_header_name_or_value_that_is_none_is_400(void **state)
{
	(void)state;
	assert_refusal("GET /echo HTTP/1.1\r\n" HOST "X-A : b\r\n\r\n", 400, "bad-header");
	assert_refusal("GET /echo HTTP/1.1\r\n" HOST "X(A): b\r\n\r\n", 400, "bad-header");
	assert_refusal("GET /echo HTTP/1.1\r\n" HOST "X-A: b\x01\r\n\r\n", 400, "bad-header");
	assert_int_equal(wire_ask(&toy, "GET /echo HTTP/1.1\r\n" HOST "X-A: b\tc\r\n\r\n").status, 200);
}

static void a_malformed_length_is_400(void **state)
{
	(void)state;
	static const char *const bad[] = { "-1", "+3", "3, 3", "0x3", "three", "3 3", "99999999999999999999999999" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[256];
		snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %s\r\n\r\nabc", bad[i]);
		int status = wire_ask(&toy, text).status;
		assert_true(status == 400 || status == 413);
	}
}

static void a_body_over_the_routes_limit_is_413(void **state)
{
	(void)state;
	char *text = fill("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n", 'a', 1001, "");
	assert_refusal(text, 413, "body-too-large");
	free(text);
	text = fill("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n", 'a', 1000, "");
	assert_int_equal(wire_ask(&toy, text).status, 200);
	free(text);
}

static void a_huge_body_is_413_before_it_is_sent_and_the_connection_ends(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	wire_send(opened, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1073741824\r\n\r\n");
	struct wire_reply reply = wire_read(opened, false);
	assert_int_equal(reply.status, 413);
	assert_true(wire_is_closed(opened));
	close(opened);
	/* RFC 9110 §10.1.1: who asks first is answered first */
	opened = wire_connect(&toy);
	wire_send(opened, "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
	reply = wire_read(opened, false);
	assert_int_equal(reply.status, 413);
	assert_true(wire_is_closed(opened));
	close(opened);
}

static void chunks_over_the_limit_are_413_or_cut(void **state)
{
	(void)state;
	char *text = fill("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n7d0\r\n", 'a', 2000, "\r\n0\r\n\r\n");
	assert_refusal(text, 413, "body-too-large");
	free(text);
	int opened = wire_connect(&toy);
	wire_send(opened, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
	char *chunk = fill("10000\r\n", 'a', 0x10000, "\r\n");
	for (int i = 0; i < 100; i++)
		wire_send(opened, chunk);
	free(chunk);
	assert_int_equal(wire_read(opened, false).status, 0);
	close(opened);
}

static void a_body_where_none_is_wanted_is_413(void **state)
{
	(void)state;
	assert_refusal("GET /keys HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 413, "body-not-wanted");
	assert_int_equal(wire_ask(&toy, "GET /keys HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n").status, 200);
}

static void garbage_never_reaches_a_handler(void **state)
{
	(void)state;
	static const char *const garbage[] = { "\r\n\r\n\r\n", "GET\r\n\r\n", "GET /echo\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		                               "GET /echo HTTP/9.9\r\n" HOST "\r\n", "GET  /echo HTTP/1.1\r\n" HOST "\r\n", "GET /echo  HTTP/1.1\r\n" HOST "\r\n",
		                               "GET /echo /more HTTP/1.1\r\n" HOST "\r\n",
		                               "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "GET /echo XTTP/1.1\r\n" HOST "\r\n" };
	int runs = atomic_load(&toy.handler_runs);
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		int opened = wire_connect(&toy);
		wire_send(opened, garbage[i]);
		shutdown(opened, SHUT_WR);
		int status = wire_read(opened, false).status;
		if (status == 200)
			fail_msg("%s", garbage[i]);
		close(opened);
	}
	assert_int_equal(atomic_load(&toy.handler_runs), runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_address_is_404),
		cmocka_unit_test(a_wrong_method_is_405_with_allow),
		cmocka_unit_test(a_target_over_8_kib_is_414_one_at_it_passes),
		cmocka_unit_test(headers_over_16_kib_are_431),
		cmocka_unit_test(a_hundred_headers_of_16_kib_are_read_and_answered),
		cmocka_unit_test(what_overflows_the_pool_is_answered_or_cut_at_once),
		cmocka_unit_test(more_than_100_header_lines_are_431),
		cmocka_unit_test(the_largest_request_that_is_not_refused_is_answered),
		cmocka_unit_test(a_query_of_many_parameters_is_no_trap),
		cmocka_unit_test(framing_that_two_parsers_may_read_differently_is_400),
		cmocka_unit_test(a_transfer_coding_other_than_chunked_is_400),
		cmocka_unit_test(repeated_single_headers_are_400),
		cmocka_unit_test(http_1_1_without_host_is_400),
		cmocka_unit_test(a_target_that_is_no_path_is_400),
		cmocka_unit_test(a_nul_in_the_target_is_400),
		cmocka_unit_test(of_an_absolute_target_the_path_counts),
		cmocka_unit_test(a_header_name_or_value_that_is_none_is_400),
		cmocka_unit_test(a_malformed_length_is_400),
		cmocka_unit_test(a_body_over_the_routes_limit_is_413),
		cmocka_unit_test(a_huge_body_is_413_before_it_is_sent_and_the_connection_ends),
		cmocka_unit_test(chunks_over_the_limit_are_413_or_cut),
		cmocka_unit_test(a_body_where_none_is_wanted_is_413),
		cmocka_unit_test(garbage_never_reaches_a_handler),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
