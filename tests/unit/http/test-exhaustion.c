#include "toy.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "Host: localhost\r\n"
#define ECHO_REQUEST "GET /echo HTTP/1.1\r\n" HOST "\r\n"

static struct toy toy;

static int prepare(void **state)
{
	(void)state;
	toy_prepare(&toy);
	return 0;
}

static struct http_numbers numbers(void)
{
	struct http_numbers now;
	http_server_numbers(toy.server, &now);
	return now;
}

/* One byte each 50 ms, the way no library timeout sees: how long it went on, in ms. */
static int64_t dribble(const char *first, char byte)
{
	int opened = wire_connect(&toy);
	int64_t before = clock_monotonic_ms();
	wire_send(opened, first);
	for (int i = 0; i < 200; i++) {
		if (send(opened, &byte, 1, MSG_NOSIGNAL) != 1)
			break;
		usleep(50000);
	}
	close(opened);
	return clock_monotonic_ms() - before;
}

static void prepare_short_times(void)
{
	toy.options.silence_ms = 1000;
	toy.options.request_ms = 600;
	toy_start(&toy);
}

static void a_sender_of_one_byte_at_a_time_is_cut(void **state)
{
	(void)state;
	prepare_short_times();
	static const char *const firsts[] = { "G", "GET /echo HTTP/1.1\r\nX-Slow: ", "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\n",
		                              "POST /no HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\n" };
	for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
		int64_t took = dribble(firsts[i], 'x');
		assert_true(took >= 500);
		assert_true(took < 4000);
	}
	assert_int_equal(numbers().deadlines, 4);
	toy_stop(&toy, 1);
}

static void the_second_request_of_a_connection_has_a_deadline_too(void **state)
{
	(void)state;
	prepare_short_times();
	int64_t took = dribble(ECHO_REQUEST "GET /ec", 'h');
	assert_true(took >= 500);
	assert_true(took < 6000);
	assert_int_equal(numbers().deadlines, 1);
	toy_stop(&toy, 1);
}

static void a_silent_sender_is_cut(void **state)
{
	(void)state;
	toy.options.silence_ms = 1000;
	toy_start(&toy);
	int opened = wire_connect(&toy);
	wire_send(opened, "GET /echo HTTP/1.1\r\n");
	int64_t before = clock_monotonic_ms();
	assert_int_equal(wire_read(opened, false).status, 0);
	assert_true(clock_monotonic_ms() - before < 5000);
	close(opened);
	toy_stop(&toy, 1);
}

static void a_busy_worker_is_no_slow_sender(void **state)
{
	(void)state;
	atomic_store(&toy.slow_ms, 2500);
	prepare_short_times();
	struct wire_reply reply = wire_ask(&toy, "POST /work HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
	assert_int_equal(reply.status, 200);
	assert_int_equal(numbers().deadlines, 0);
	toy_stop(&toy, 1);
}

static void a_reader_that_never_reads_is_cut(void **state)
{
	(void)state;
	prepare_short_times();
	int opened = wire_connect(&toy);
	for (int i = 0; i < 20; i++)
		wire_send(opened, "GET /large HTTP/1.1\r\n" HOST "\r\n");
	for (int i = 0; i < 500 && numbers().connections > 0; i++)
		usleep(10000);
	assert_int_equal(numbers().connections, 0);
	close(opened);
	toy_stop(&toy, 1);
}

static void a_connection_in_use_outlives_its_deadline_between_requests(void **state)
{
	(void)state;
	prepare_short_times();
	int opened = wire_connect(&toy);
	for (int i = 0; i < 8; i++) {
		wire_send(opened, ECHO_REQUEST);
		assert_int_equal(wire_read(opened, false).status, 200);
		usleep(300000);
	}
	assert_int_equal(numbers().deadlines, 0);
	close(opened);
	toy_stop(&toy, 1);
}

static void idle_connections_are_shed_and_those_in_use_served(void **state)
{
	(void)state;
	enum {
		COUNT = 2000
	};
	static int sockets[COUNT];
	toy.options.connections_max = 100;
	toy_start(&toy);
	int regular = wire_connect(&toy);
	for (int i = 0; i < COUNT; i++) {
		sockets[i] = wire_connect(&toy);
		if (i % 20 == 0) {
			wire_send(regular, ECHO_REQUEST);
			assert_int_equal(wire_read(regular, false).status, 200);
		}
	}
	assert_int_equal(wire_ask(&toy, ECHO_REQUEST).status, 200);
	wire_send(regular, ECHO_REQUEST);
	assert_int_equal(wire_read(regular, false).status, 200);
	for (int i = 0; i < 1000 && numbers().connections > 100; i++)
		usleep(10000);
	assert_true(numbers().connections <= 100);
	assert_true(numbers().connections_shed >= COUNT - 100);
	/* the oldest went first: the newest are still there */
	assert_true(wire_is_closed(sockets[0]));
	wire_send(sockets[COUNT - 1], ECHO_REQUEST);
	assert_int_equal(wire_read(sockets[COUNT - 1], false).status, 200);
	for (int i = 0; i < COUNT; i++)
		close(sockets[i]);
	close(regular);
	toy_stop(&toy, 1);
}

static void half_sent_requests_are_shed_when_nothing_is_idle(void **state)
{
	(void)state;
	enum {
		COUNT = 300
	};
	static int sockets[COUNT];
	toy.options.connections_max = 50;
	toy_start(&toy);
	for (int i = 0; i < COUNT; i++) {
		sockets[i] = wire_connect(&toy);
		wire_send(sockets[i], "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc");
	}
	assert_int_equal(wire_ask(&toy, ECHO_REQUEST).status, 200);
	for (int i = 0; i < COUNT; i++)
		close(sockets[i]);
	toy_stop(&toy, 1);
}

static void requests_on_workers_are_never_shed(void **state)
{
	(void)state;
	enum {
		COUNT = 30
	};
	int busy[COUNT];
	toy.options.connections_max = 40;
	toy_start(&toy);
	toy_hold(&toy, true);
	for (int i = 0; i < COUNT; i++) {
		busy[i] = wire_connect(&toy);
		wire_send(busy[i], "POST /work HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
	}
	for (int i = 0; i < 10000 && numbers().under_way < COUNT; i++)
		usleep(1000);
	for (int i = 0; i < 200; i++)
		close(wire_connect(&toy));
	toy_hold(&toy, false);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(wire_read(busy[i], false).status, 200);
		close(busy[i]);
	}
	toy_stop(&toy, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_sender_of_one_byte_at_a_time_is_cut, prepare),
		cmocka_unit_test_setup(the_second_request_of_a_connection_has_a_deadline_too, prepare),
		cmocka_unit_test_setup(a_silent_sender_is_cut, prepare),
		cmocka_unit_test_setup(a_busy_worker_is_no_slow_sender, prepare),
		cmocka_unit_test_setup(a_reader_that_never_reads_is_cut, prepare),
		cmocka_unit_test_setup(a_connection_in_use_outlives_its_deadline_between_requests, prepare),
		cmocka_unit_test_setup(idle_connections_are_shed_and_those_in_use_served, prepare),
		cmocka_unit_test_setup(half_sent_requests_are_shed_when_nothing_is_idle, prepare),
		cmocka_unit_test_setup(requests_on_workers_are_never_shed, prepare),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
