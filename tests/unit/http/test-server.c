#include "toy.h"

#include "base/limits.h"
#include "http/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "Host: localhost\r\n"
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

static void a_request_reaches_its_handler_as_it_came(void **state)
{
	(void)state;
	struct wire_reply reply = wire_ask(&toy, "POST " TOKEN "?x=%41&y HTTP/1.1\r\n" HOST "Content-Length: 7\r\n\r\na=b%20c");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "POST|" TOKEN "|x=%41&y|T-U|a=b%20c");
	assert_string_equal(wire_header(&reply, "Content-Type"), "text/plain");
}

static void common_headers_are_on_every_reply_and_server_on_none(void **state)
{
	(void)state;
	static const char *const requests[] = { "GET /echo HTTP/1.1\r\n" HOST "\r\n", "GET /no HTTP/1.1\r\n" HOST "\r\n", "PUT /echo HTTP/1.1\r\n" HOST "\r\n",
		                                "OPTIONS /echo HTTP/1.1\r\n" HOST "\r\n", "POST /work HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
		                                "GET * HTTP/1.1\r\n" HOST "\r\n" };
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		struct wire_reply reply = wire_ask(&toy, requests[i]);
		assert_int_equal(strlen(wire_header(&reply, "X-Request-Id")), 26);
		assert_string_equal(wire_header(&reply, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(wire_header(&reply, "Referrer-Policy"), "no-referrer");
		assert_true(wire_header(&reply, "Date")[0] != '\0');
		assert_int_equal(wire_header_count(&reply, "Server"), 0);
		assert_int_equal(wire_header_count(&reply, "X-Request-Id"), 1);
	}
}

static void a_connection_is_kept_for_the_next_request(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	for (int i = 0; i < 50; i++) {
		wire_send(opened, i % 5 == 1 ? "GET /no HTTP/1.1\r\n" HOST "\r\n" : i % 5 == 2 ? "PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
		                                                            : i % 5 == 3       ? "POST /work HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
		                                                                               : "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc");
		struct wire_reply reply = wire_read(opened, false);
		assert_true(reply.complete);
		assert_int_equal(reply.status, i % 5 == 1 ? 404 : i % 5 == 2 ? 405
		                                                             : 200);
	}
	close(opened);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	wire_send(opened, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\none"
	                  "POST /work HTTP/1.1\r\n" HOST "User-Agent: u\r\nContent-Length: 3\r\n\r\ntwo"
	                  "GET /echo?three HTTP/1.1\r\n" HOST "\r\n"
	                  "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n");
	assert_string_equal(wire_read(opened, false).body, "POST|/echo|||one");
	assert_string_equal(wire_read(opened, false).body, "worked two u");
	assert_string_equal(wire_read(opened, false).body, "GET|/echo|three||");
	assert_string_equal(wire_read(opened, false).body, "POST|/echo|||four");
	close(opened);
}

static void after_a_refusal_of_its_framing_nothing_on_a_connection_is_read(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	int runs = atomic_load(&toy.handler_runs);
	wire_send(opened, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /echo HTTP/1.1\r\n" HOST "\r\n");
	struct wire_reply reply = wire_read(opened, false);
	assert_int_equal(reply.status, 400);
	assert_string_equal(wire_header(&reply, "Connection"), "close");
	assert_true(wire_is_closed(opened));
	assert_int_equal(atomic_load(&toy.handler_runs), runs);
	close(opened);
}

static void http_1_0_closes_unless_asked_not_to(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	wire_send(opened, "GET /echo HTTP/1.0\r\n\r\n");
	assert_int_equal(wire_read(opened, false).status, 200);
	assert_true(wire_is_closed(opened));
	close(opened);
}

static void chunks_are_joined_however_they_are_cut(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	wire_send(opened, "POST /length HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n");
	size_t total = 0;
	char chunk[700];
	for (size_t size = 1; size < 600; size += 13) {
		int head = snprintf(chunk, sizeof chunk, "%zx\r\n", size);
		memset(chunk + head, 1, size);
		memcpy(chunk + (size_t)head + size, "\r\n", 2);
		wire_send_bytes(opened, chunk, (size_t)head + size + 2);
		total += size;
	}
	wire_send(opened, "0\r\n\r\n");
	snprintf(chunk, sizeof chunk, "%zu %zu", total, total);
	assert_string_equal(wire_read(opened, false).body, chunk);
	close(opened);
}

static void a_body_of_a_mebibyte_arrives_whole_declared_or_chunked(void **state)
{
	(void)state;
	size_t size = LIMIT_ADMIN_BODY_SIZE;
	char *bytes = malloc(size);
	assert_non_null(bytes);
	memset(bytes, 1, size);
	char line[128];
	char expected[64];
	snprintf(expected, sizeof expected, "%zu %zu", size, size);
	for (int chunked = 0; chunked <= 1; chunked++) {
		int opened = wire_connect(&toy);
		snprintf(line, sizeof line, chunked ? "POST /length HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%zx\r\n" : "POST /length HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", size);
		wire_send(opened, line);
		wire_send_bytes(opened, bytes, size);
		if (chunked)
			wire_send(opened, "\r\n0\r\n\r\n");
		assert_string_equal(wire_read(opened, false).body, expected);
		close(opened);
	}
	free(bytes);
}

static void a_large_reply_is_sent_whole(void **state)
{
	(void)state;
	struct wire_reply reply = wire_ask(&toy, "GET /large HTTP/1.1\r\n" HOST "\r\n");
	assert_true(reply.complete);
	assert_string_equal(wire_header(&reply, "Content-Length"), "1048576");
}

static void head_gives_the_headers_of_get_without_the_body(void **state)
{
	(void)state;
	int opened = wire_connect(&toy);
	wire_send(opened, "HEAD /echo?a HTTP/1.1\r\n" HOST "\r\nGET /echo?b HTTP/1.1\r\n" HOST "\r\n");
	struct wire_reply reply = wire_read(opened, true);
	assert_int_equal(reply.status, 200);
	assert_string_equal(wire_header(&reply, "Content-Length"), "14");
	assert_string_equal(wire_read(opened, false).body, "GET|/echo|b||");
	close(opened);
}

static void a_header_value_with_control_characters_is_never_sent(void **state)
{
	(void)state;
	struct wire_reply reply = wire_ask(&toy, "GET /injection HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(reply.status, 200);
	assert_null(strstr(reply.head, "evil"));
	assert_int_equal(wire_header_count(&reply, "X-First") + wire_header_count(&reply, "X-Second") + wire_header_count(&reply, "X-Third"), 0);
	assert_string_equal(wire_header(&reply, "X-Fourth"), "fine");
}

static void a_handler_out_of_memory_gives_500_and_never_half_a_reply(void **state)
{
	(void)state;
	struct wire_reply reply = wire_ask(&toy, "GET /hunger HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(reply.status, 500);
	assert_string_equal(reply.body, "500 too-complex");
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, 26);
}

static void request_ids_are_unique_and_safe(void **state)
{
	(void)state;
	enum {
		COUNT = 500
	};
	static char ids[COUNT][27];
	int opened = wire_connect(&toy);
	for (int i = 0; i < COUNT; i++) {
		wire_send(opened, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
		struct wire_reply reply = wire_read(opened, false);
		memcpy(ids[i], wire_header(&reply, "X-Request-Id"), 27);
		assert_int_equal(strspn(ids[i], "0123456789abcdefghijklmnopqrstuvwxyz"), 26);
	}
	close(opened);
	qsort(ids, COUNT, sizeof ids[0], compare_ids);
	for (int i = 1; i < COUNT; i++)
		assert_memory_not_equal(ids[i - 1], ids[i], 26);
}

static void a_forwarded_address_counts_only_from_a_trusted_proxy(void **state)
{
	(void)state;
	static const char request[] = "GET /address HTTP/1.1\r\n" HOST "X-Forwarded-For: 203.0.113.9\r\n\r\n";
	assert_string_equal(wire_ask(&toy, request).body, "127.0.0.1");
	struct address_list *list;
	assert_int_equal(address_list_parse(SLICE_OF("127.0.0.0/8"), &list, NULL), RESULT_OK);
	http_server_trust(toy.server, list);
	assert_string_equal(wire_ask(&toy, request).body, "203.0.113.9");
	http_server_trust(toy.server, NULL);
	assert_string_equal(wire_ask(&toy, request).body, "127.0.0.1");
	address_list_free(list);
}

static void every_reply_is_reported_once(void **state)
{
	(void)state;
	int before = atomic_load(&toy.done_count);
	wire_ask(&toy, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
	wire_ask(&toy, "GET /no HTTP/1.1\r\n" HOST "\r\n");
	wire_ask(&toy, "POST /work HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
	/* the report follows the handing over: the reply may be here first */
	for (int i = 0; i < 10000 && atomic_load(&toy.done_count) < before + 3; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&toy.done_count), before + 3);
}

static void an_address_in_use_or_malformed_says_what_to_do(void **state)
{
	(void)state;
	struct http_options options = toy.options;
	struct http_server *server;
	struct problem problem;
	options.listen = http_server_address(toy.server);
	assert_int_equal(http_server_start(&options, &server, &problem), RESULT_FAILED);
	assert_non_null(strstr(problem.text, "is in use: stop the program that uses it, or choose another address with --listen"));
	static const char *const bad[] = { "8080", "127.0.0.1", ":8080", "127.0.0.1:x", "127.0.0.1:65536", "::1:80", "[::1]", "127.0.0.1:" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		options.listen = bad[i];
		assert_int_equal(http_server_start(&options, &server, &problem), RESULT_INVALID);
	}
	options.listen = "192.0.2.1:0";
	assert_int_equal(http_server_start(&options, &server, &problem), RESULT_FAILED);
	assert_non_null(strstr(problem.text, "does not have the address"));
}

static void ipv6_is_served(void **state)
{
	(void)state;
	struct http_options options = toy.options;
	options.listen = "[::1]:0";
	options.threads = 1;
	struct http_server *server;
	struct problem problem = { "" };
	if (http_server_start(&options, &server, &problem) != RESULT_OK) {
		print_message("no IPv6 here: %s\n", problem.text);
		skip();
	}
	assert_memory_equal(http_server_address(server), "[::1]:", 6);
	http_server_stop(server, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_reaches_its_handler_as_it_came),
		cmocka_unit_test(common_headers_are_on_every_reply_and_server_on_none),
		cmocka_unit_test(a_connection_is_kept_for_the_next_request),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(after_a_refusal_of_its_framing_nothing_on_a_connection_is_read),
		cmocka_unit_test(http_1_0_closes_unless_asked_not_to),
		cmocka_unit_test(chunks_are_joined_however_they_are_cut),
		cmocka_unit_test(a_body_of_a_mebibyte_arrives_whole_declared_or_chunked),
		cmocka_unit_test(a_large_reply_is_sent_whole),
		cmocka_unit_test(head_gives_the_headers_of_get_without_the_body),
		cmocka_unit_test(a_header_value_with_control_characters_is_never_sent),
		cmocka_unit_test(a_handler_out_of_memory_gives_500_and_never_half_a_reply),
		cmocka_unit_test(request_ids_are_unique_and_safe),
		cmocka_unit_test(a_forwarded_address_counts_only_from_a_trusted_proxy),
		cmocka_unit_test(every_reply_is_reported_once),
		cmocka_unit_test(an_address_in_use_or_malformed_says_what_to_do),
		cmocka_unit_test(ipv6_is_served),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
