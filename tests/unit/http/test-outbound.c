/* Against servers of the test's own, one connection each. */
#include "http/outbound.h"

#include "base/clock.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define REPLY_MAX 1000

/* Answers one request with a head and a body, or with endless pieces. */
struct toy {
	int listener;
	int port;
	pthread_t thread;
	const char *head;
	const char *body;
	bool endless;        /* body again and again, until the peer is gone */
	useconds_t pause_us; /* between the pieces */
	char request[4096];  /* as it came */
	char url[64];
};

static void send_text(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void *toy_run(void *argument)
{
	struct toy *toy = argument;
	int fd = accept(toy->listener, NULL, NULL);
	if (fd < 0)
		return NULL;
	size_t len = 0;
	ssize_t got;
	while (len < sizeof toy->request - 1 && strstr(toy->request, "\r\n\r\n") == NULL &&
	       (got = recv(fd, toy->request + len, sizeof toy->request - 1 - len, 0)) > 0)
		len += (size_t)got;
	send_text(fd, toy->head);
	if (!toy->endless)
		send_text(fd, toy->body);
	while (toy->endless && send(fd, toy->body, strlen(toy->body), MSG_NOSIGNAL) > 0)
		usleep(toy->pause_us);
	shutdown(fd, SHUT_WR);
	while (recv(fd, toy->request + len, sizeof toy->request - 1 - len, 0) > 0)
		;
	close(fd);
	return NULL;
}

static void toy_start(struct toy *toy)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	toy->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(toy->listener >= 0);
	assert_int_equal(bind(toy->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(toy->listener, 4), 0);
	assert_int_equal(getsockname(toy->listener, (struct sockaddr *)&address, &size), 0);
	toy->port = ntohs(address.sin_port);
	snprintf(toy->url, sizeof toy->url, "http://127.0.0.1:%d/keys?a=b", toy->port);
	assert_int_equal(pthread_create(&toy->thread, NULL, toy_run, toy), 0);
}

static void toy_stop(struct toy *toy)
{
	shutdown(toy->listener, SHUT_RDWR);
	pthread_join(toy->thread, NULL);
	close(toy->listener);
}

static struct outbound outbound;
static const struct outbound_limits limits = { .connect_ms = 2000, .total_ms = 1000, .reply_max = REPLY_MAX };

static struct arena *new_arena(void)
{
	struct arena *arena = arena_new(1024, 256 * 1024);
	assert_non_null(arena);
	return arena;
}

/* One GET of what the toy gives. */
static enum result get(struct toy *toy, struct arena *arena, struct outbound_reply *ret, struct problem *problem)
{
	toy_start(toy);
	enum result result = outbound_get(&outbound, slice_from(toy->url), &limits, arena, ret, problem);
	toy_stop(toy);
	return result;
}

static void a_reply_comes_with_its_status_and_whole_body(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct toy toy = { .head = "HTTP/1.1 404 Gone\r\nContent-Length: 5\r\n\r\n", .body = "there" };
	assert_int_equal(get(&toy, arena, &reply, NULL), RESULT_OK);
	assert_int_equal(reply.status, 404);
	assert_true(slice_is(reply.body, "there"));
	assert_non_null(strstr(toy.request, "GET /keys?a=b HTTP/1.1\r\n"));
	assert_non_null(strstr(toy.request, "User-Agent: writ/"));
	arena_free(arena);
}

static void a_form_is_posted_as_it_is(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct toy toy = { .head = "HTTP/1.1 204 No Content\r\n\r\n", .body = "" };
	toy_start(&toy);
	assert_int_equal(outbound_post_form(&outbound, slice_from(toy.url), SLICE_OF("logout_token=a.b.c"), &limits, arena, &reply, NULL), RESULT_OK);
	toy_stop(&toy);
	assert_int_equal(reply.status, 204);
	assert_int_equal(reply.body.len, 0);
	assert_non_null(strstr(toy.request, "POST /keys?a=b HTTP/1.1\r\n"));
	assert_non_null(strstr(toy.request, "Content-Type: application/x-www-form-urlencoded\r\n"));
	assert_non_null(strstr(toy.request, "Content-Length: 18\r\n"));
	assert_null(strstr(toy.request, "Expect:"));
	arena_free(arena);
}

/* A17 */
static void a_redirect_is_only_a_status(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct toy inside = { .head = "HTTP/1.1 200 OK\r\n\r\n", .body = "secret" };
	toy_start(&inside);
	char head[256];
	snprintf(head, sizeof head, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", inside.url);
	struct toy toy = { .head = head, .body = "" };
	assert_int_equal(get(&toy, arena, &reply, NULL), RESULT_OK);
	toy_stop(&inside);
	assert_int_equal(reply.status, 302);
	assert_int_equal(reply.body.len, 0);
	assert_string_equal(inside.request, "");
	arena_free(arena);
}

static void a_body_of_the_most_is_taken_and_one_byte_more_is_not(void **state)
{
	(void)state;
	char body[REPLY_MAX + 2];
	memset(body, 'x', sizeof body);
	for (size_t more = 0; more < 2; more++) {
		struct arena *arena = new_arena();
		struct outbound_reply reply = { .status = 0 };
		body[REPLY_MAX + more] = '\0';
		struct toy toy = { .head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", .body = body };
		assert_int_equal(get(&toy, arena, &reply, NULL), more == 0 ? RESULT_OK : RESULT_TOO_LARGE);
		assert_int_equal(reply.status, more == 0 ? 200 : 0);
		body[REPLY_MAX + more] = 'x';
		arena_free(arena);
	}
}

/* A17 */
static void an_endless_body_ends_at_the_bound(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct problem problem;
	struct toy toy = { .head = "HTTP/1.1 200 OK\r\n\r\n", .body = "xxxxxxxxxxxxxxxxxxxx", .endless = true };
	assert_int_equal(get(&toy, arena, &reply, &problem), RESULT_TOO_LARGE);
	assert_non_null(strstr(problem.text, "1000 bytes"));
	arena_free(arena);
}

static void a_length_beyond_the_bound_is_not_waited_for(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	int64_t began = clock_monotonic_ms();
	struct toy toy = { .head = "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n", .body = "x", .endless = true, .pause_us = 50000 };
	assert_int_equal(get(&toy, arena, &reply, NULL), RESULT_TOO_LARGE);
	assert_true(clock_monotonic_ms() - began < limits.total_ms);
	arena_free(arena);
}

static void endless_headers_end_at_the_bound(void **state)
{
	(void)state;
	static char line[1026];
	memset(line, 'x', sizeof line - 1);
	line[0] = 'A', line[1] = ':', line[sizeof line - 3] = '\r', line[sizeof line - 2] = '\n';
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct toy toy = { .head = "HTTP/1.1 200 OK\r\n", .body = line, .endless = true };
	assert_int_equal(get(&toy, arena, &reply, NULL), RESULT_TOO_LARGE);
	arena_free(arena);
}

/* A17 */
static void a_slow_body_ends_at_the_bound(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct problem problem;
	int64_t began = clock_monotonic_ms();
	struct toy toy = { .head = "HTTP/1.1 200 OK\r\n\r\n", .body = "x", .endless = true, .pause_us = 20000 };
	assert_int_equal(get(&toy, arena, &reply, &problem), RESULT_FAILED);
	assert_non_null(strstr(problem.text, "within 1000 ms"));
	assert_true(clock_monotonic_ms() - began < 5 * limits.total_ms);
	arena_free(arena);
}

static void only_https_and_http_on_this_machine_may_be_asked(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",
		"keys",
		"http://example.com/keys",
		"http://10.0.0.1/keys",
		"http://127.0.0.1.example.com/keys",
		"http://127.0.0.1@example.com/keys",
		"https://user:password@example.com/keys",
		"http://localhost.example.com/keys",
		"file:///etc/passwd",
		"ftp://127.0.0.1/keys",
		"gopher://127.0.0.1/keys",
		"http://127.0.0.1/a\nb",
		"http://[::2]/keys",
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct arena *arena = new_arena();
		struct outbound_reply reply;
		assert_int_equal(outbound_get(&outbound, slice_from(refused[i]), &limits, arena, &reply, NULL), RESULT_INVALID);
		arena_free(arena);
	}
}

static void nobody_there_and_no_http_there_are_failures(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct problem problem;
	struct toy toy = { .head = "SSH-2.0-toy\r\n", .body = "" };
	assert_int_equal(get(&toy, arena, &reply, &problem), RESULT_FAILED);
	assert_int_equal(outbound_get(&outbound, slice_from(toy.url), &limits, arena, &reply, &problem), RESULT_FAILED);
	assert_string_equal(problem.text, "nothing answers there");
	arena_free(arena);
}

static void the_environments_proxy_is_not_asked(void **state)
{
	(void)state;
	struct arena *arena = new_arena();
	struct outbound_reply reply;
	struct toy proxy = { .head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .body = "" };
	struct toy toy = { .head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", .body = "ok" };
	toy_start(&proxy);
	assert_int_equal(setenv("http_proxy", proxy.url, 1), 0);
	assert_int_equal(setenv("all_proxy", proxy.url, 1), 0);
	assert_int_equal(get(&toy, arena, &reply, NULL), RESULT_OK);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	toy_stop(&proxy);
	assert_true(slice_is(reply.body, "ok"));
	assert_string_equal(proxy.request, "");
	arena_free(arena);
}

static void a_file_of_authorities_that_cannot_be_read_is_said_at_the_start(void **state)
{
	(void)state;
	struct outbound unused;
	struct problem problem;
	assert_int_equal(outbound_start("/nowhere/ca.pem", &unused, &problem), RESULT_INVALID);
	assert_string_equal(problem.text, "outbound-ca-file /nowhere/ca.pem cannot be read");
}

static int start(void **state)
{
	(void)state;
	return outbound_start(NULL, &outbound, NULL) == RESULT_OK ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	outbound_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_comes_with_its_status_and_whole_body),
		cmocka_unit_test(a_form_is_posted_as_it_is),
		cmocka_unit_test(a_redirect_is_only_a_status),
		cmocka_unit_test(a_body_of_the_most_is_taken_and_one_byte_more_is_not),
		cmocka_unit_test(an_endless_body_ends_at_the_bound),
		cmocka_unit_test(a_length_beyond_the_bound_is_not_waited_for),
		cmocka_unit_test(endless_headers_end_at_the_bound),
		cmocka_unit_test(a_slow_body_ends_at_the_bound),
		cmocka_unit_test(only_https_and_http_on_this_machine_may_be_asked),
		cmocka_unit_test(nobody_there_and_no_http_there_are_failures),
		cmocka_unit_test(the_environments_proxy_is_not_asked),
		cmocka_unit_test(a_file_of_authorities_that_cannot_be_read_is_said_at_the_start),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
