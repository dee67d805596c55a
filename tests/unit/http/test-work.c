#include "toy.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define HOST "Host: localhost\r\n"
#define WORK "POST /work HTTP/1.1\r\n" HOST "User-Agent: me\r\nContent-Length: 3\r\n\r\nabc"
#define LATER "POST /later HTTP/1.1\r\n" HOST "User-Agent: me\r\nContent-Length: 3\r\n\r\nabc"

static struct toy toy;

static int prepare(void **state)
{
	(void)state;
	toy_prepare(&toy);
	return 0;
}

static int64_t under_way(void)
{
	struct http_numbers numbers;
	http_server_numbers(toy.server, &numbers);
	return numbers.under_way;
}

static void await_under_way(int64_t count)
{
	for (int i = 0; i < 10000 && under_way() != count; i++)
		usleep(1000);
	assert_int_equal(under_way(), count);
}

static void a_handler_on_a_worker_sees_the_whole_request(void **state)
{
	(void)state;
	toy_start(&toy);
	for (int i = 0; i < 20; i++) {
		struct wire_reply reply = wire_ask(&toy, WORK);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.body, "worked abc me");
		assert_string_equal(wire_header(&reply, "Access-Control-Allow-Origin"), "*");
	}
	toy_stop(&toy, 1);
}

static void the_event_thread_serves_others_while_a_worker_is_busy(void **state)
{
	(void)state;
	toy.options.threads = 1;
	atomic_store(&toy.slow_ms, 2000);
	toy_start(&toy);
	int slow = wire_connect(&toy);
	wire_send(slow, WORK);
	await_under_way(1);
	int64_t before = clock_monotonic_ms();
	assert_int_equal(wire_ask(&toy, "GET /echo HTTP/1.1\r\n" HOST "\r\n").status, 200);
	assert_true(clock_monotonic_ms() - before < 1500);
	assert_string_equal(wire_read(slow, false).body, "worked abc me");
	close(slow);
	toy_stop(&toy, 1);
}

static void a_full_queue_is_503_with_retry_after_and_the_connection_lives(void **state)
{
	(void)state;
	toy.job_room = 2;
	toy_start(&toy);
	toy_hold(&toy, true);
	int waiting[2];
	for (int i = 0; i < 2; i++) {
		waiting[i] = wire_connect(&toy);
		wire_send(waiting[i], WORK);
	}
	await_under_way(2);
	int refused = wire_connect(&toy);
	for (int i = 0; i < 3; i++) {
		wire_send(refused, WORK);
		struct wire_reply reply = wire_read(refused, false);
		assert_int_equal(reply.status, 503);
		assert_string_equal(wire_header(&reply, "Retry-After"), "1");
		assert_string_equal(wire_header(&reply, "Access-Control-Allow-Origin"), "*");
		assert_string_equal(reply.body, "503 busy");
	}
	toy_hold(&toy, false);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(wire_read(waiting[i], false).status, 200);
		close(waiting[i]);
	}
	wire_send(refused, WORK);
	assert_int_equal(wire_read(refused, false).status, 200);
	close(refused);
	toy_stop(&toy, 1);
}

static void *stop_in_thread(void *drain)
{
	toy_stop(&toy, *(unsigned *)drain);
	return NULL;
}

static void stop_lets_a_request_on_a_worker_finish(void **state)
{
	(void)state;
	atomic_store(&toy.slow_ms, 400);
	toy_start(&toy);
	int idle = wire_connect(&toy);
	int opened = wire_connect(&toy);
	wire_send(opened, WORK);
	await_under_way(1);
	unsigned drain_s = 20;
	pthread_t stopper;
	assert_int_equal(pthread_create(&stopper, NULL, stop_in_thread, &drain_s), 0);
	struct wire_reply reply = wire_read(opened, false);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "worked abc me");
	assert_true(wire_is_closed(opened));
	assert_true(wire_is_closed(idle));
	pthread_join(stopper, NULL);
	close(opened);
	close(idle);
}

static void a_stopping_server_refuses_new_connections_and_serves_those_it_has(void **state)
{
	(void)state;
	toy_start(&toy);
	toy_hold(&toy, true);
	int kept = wire_connect(&toy);
	wire_send(kept, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(wire_read(kept, false).status, 200);
	await_under_way(0);
	int opened = wire_connect(&toy);
	wire_send(opened, WORK);
	await_under_way(1);
	unsigned drain_s = 20;
	pthread_t stopper;
	assert_int_equal(pthread_create(&stopper, NULL, stop_in_thread, &drain_s), 0);
	usleep(150000);
	int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in where = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)toy.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	assert_int_equal(connect(late, (struct sockaddr *)&where, sizeof where), -1);
	wire_send(kept, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
	struct wire_reply reply = wire_read(kept, false);
	assert_int_equal(reply.status, 200);
	assert_string_equal(wire_header(&reply, "Connection"), "close");
	toy_hold(&toy, false);
	assert_int_equal(wire_read(opened, false).status, 200);
	pthread_join(stopper, NULL);
	close(late);
	close(kept);
	close(opened);
}

static void stop_does_not_wait_for_idle_connections(void **state)
{
	(void)state;
	toy_start(&toy);
	int opened = wire_connect(&toy);
	wire_send(opened, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(wire_read(opened, false).status, 200);
	int64_t before = clock_monotonic_ms();
	toy_stop(&toy, 10);
	assert_true(clock_monotonic_ms() - before < 2000);
	close(opened);
}

static void assert_abandoned(const char *request)
{
	atomic_store(&toy.slow_ms, 1500);
	toy_start(&toy);
	int opened[3];
	for (int i = 0; i < 3; i++) {
		opened[i] = wire_connect(&toy);
		wire_send(opened[i], request);
	}
	await_under_way(3);
	int64_t before = clock_monotonic_ms();
	http_server_stop(toy.server, 0);
	assert_true(clock_monotonic_ms() - before < 1000);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(wire_read(opened[i], false).status, 0);
		close(opened[i]);
	}
	/* the worker finishes what it has and what is queued; address sanitizer sees if anything was freed too early */
	atomic_store(&toy.slow_ms, 1);
	for (int i = 0; i < 3000; i++) {
		pthread_mutex_lock(&toy.lock);
		bool empty = toy.job_count == 0;
		toy.ends = empty;
		pthread_cond_broadcast(&toy.changed);
		pthread_mutex_unlock(&toy.lock);
		if (empty)
			break;
		usleep(1000);
	}
	pthread_join(toy.worker, NULL);
}

static void stop_after_its_time_abandons_what_a_worker_still_has(void **state)
{
	(void)state;
	assert_abandoned(WORK);
}

static void stop_after_its_time_abandons_what_went_to_a_worker_later(void **state)
{
	(void)state;
	assert_abandoned(LATER);
}

static void a_handler_is_told_where_it_runs(void **state)
{
	(void)state;
	toy_start(&toy);
	assert_string_equal(wire_ask(&toy, "GET /place HTTP/1.1\r\n" HOST "\r\n").body, "event thread");
	assert_string_equal(wire_ask(&toy, "GET /worker-place HTTP/1.1\r\n" HOST "\r\n").body, "worker");
	toy_stop(&toy, 1);
}

static void a_handler_that_asks_for_later_runs_again_on_a_worker_and_its_first_reply_is_dropped(void **state)
{
	(void)state;
	toy_start(&toy);
	int opened = wire_connect(&toy);
	for (int i = 0; i < 20; i++) {
		wire_send(opened, LATER);
		struct wire_reply reply = wire_read(opened, false);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.body, "worked abc me");
		assert_int_equal(wire_header_count(&reply, "X-Dropped"), 0);
		assert_string_equal(wire_header(&reply, "Access-Control-Allow-Origin"), "*");
	}
	close(opened);
	toy_stop(&toy, 1);
	assert_int_equal(atomic_load(&toy.later_runs[false]), 20);
	assert_int_equal(atomic_load(&toy.later_runs[true]), 20);
	assert_int_equal(atomic_load(&toy.done_count), 20);
}

static void later_with_a_full_queue_is_503_with_retry_after(void **state)
{
	(void)state;
	toy.job_room = 0;
	toy_start(&toy);
	int opened = wire_connect(&toy);
	for (int i = 0; i < 3; i++) {
		wire_send(opened, LATER);
		struct wire_reply reply = wire_read(opened, false);
		assert_int_equal(reply.status, 503);
		assert_string_equal(wire_header(&reply, "Retry-After"), "1");
		assert_int_equal(wire_header_count(&reply, "X-Dropped"), 0);
	}
	close(opened);
	toy_stop(&toy, 1);
	assert_int_equal(atomic_load(&toy.later_runs[true]), 0);
}

static void later_of_a_handler_out_of_memory_is_refused_at_once(void **state)
{
	(void)state;
	toy.job_room = 0;
	toy_start(&toy);
	struct wire_reply reply = wire_ask(&toy, "GET /hungry-later HTTP/1.1\r\n" HOST "\r\n");
	assert_int_not_equal(reply.status, 200);
	assert_string_equal(reply.body, wire_ask(&toy, "GET /hunger HTTP/1.1\r\n" HOST "\r\n").body);
	toy_stop(&toy, 1);
}

static void stop_lets_a_request_that_went_to_a_worker_later_finish(void **state)
{
	(void)state;
	atomic_store(&toy.slow_ms, 300);
	toy_start(&toy);
	int opened = wire_connect(&toy);
	wire_send(opened, LATER);
	await_under_way(1);
	unsigned drain_s = 20;
	pthread_t stopper;
	assert_int_equal(pthread_create(&stopper, NULL, stop_in_thread, &drain_s), 0);
	struct wire_reply reply = wire_read(opened, false);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "worked abc me");
	pthread_join(stopper, NULL);
	close(opened);
}

static void a_client_that_leaves_while_a_worker_is_busy_harms_nobody(void **state)
{
	(void)state;
	atomic_store(&toy.slow_ms, 50);
	toy_start(&toy);
	for (int i = 0; i < 10; i++) {
		int opened = wire_connect(&toy);
		wire_send(opened, i % 2 == 0 ? WORK : LATER);
		close(opened);
	}
	await_under_way(0);
	assert_int_equal(wire_ask(&toy, WORK).status, 200);
	toy_stop(&toy, 1);
}

static void await_behind_runs(int count)
{
	for (int i = 0; i < 10000 && atomic_load(&toy.behind_runs) < count; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&toy.behind_runs), count);
}

static void who_waits_for_another_handler_takes_no_worker_and_runs_again_when_that_has_ended(void **state)
{
	(void)state;
	toy_start(&toy);
	int waiting[3];
	for (int i = 0; i < 3; i++) {
		waiting[i] = wire_connect(&toy);
		wire_send(waiting[i], "GET /behind HTTP/1.1\r\n" HOST "\r\n");
	}
	await_behind_runs(3);
	assert_int_equal(wire_ask(&toy, WORK).status, 200); /* on the only worker */
	for (int i = 0; i < 3; i++) {
		struct wire_reply reply = wire_read(waiting[i], false);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.body, "behind");
		assert_string_equal(wire_header(&reply, "X-Dropped"), "");
		close(waiting[i]);
	}
	assert_int_equal(atomic_load(&toy.behind_runs), 6);
	toy_stop(&toy, 1);
}

static void stop_after_its_time_abandons_who_waits_for_another_handler(void **state)
{
	(void)state;
	toy_start(&toy);
	int waiting = wire_connect(&toy);
	wire_send(waiting, "GET /behind HTTP/1.1\r\n" HOST "\r\n");
	await_behind_runs(1);
	toy_stop(&toy, 0);
	assert_true(wire_is_closed(waiting));
	close(waiting);
}

static void *ask_often(void *failures)
{
	for (int i = 0; i < 200; i++) {
		struct wire_reply reply = wire_ask(&toy, i % 4 == 0 ? WORK : i % 4 == 2 ? LATER
		                                                                        : "GET /echo HTTP/1.1\r\n" HOST "\r\n");
		if (reply.status != 200)
			atomic_fetch_add((_Atomic int *)failures, 1);
	}
	return NULL;
}

static void many_clients_at_once_are_all_answered(void **state)
{
	(void)state;
	toy_start(&toy);
	_Atomic int failures = 0;
	pthread_t clients[8];
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&clients[i], NULL, ask_often, (void *)&failures), 0);
	for (size_t i = 0; i < 8; i++)
		pthread_join(clients[i], NULL);
	assert_int_equal(atomic_load(&failures), 0);
	toy_stop(&toy, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_handler_on_a_worker_sees_the_whole_request, prepare),
		cmocka_unit_test_setup(the_event_thread_serves_others_while_a_worker_is_busy, prepare),
		cmocka_unit_test_setup(a_full_queue_is_503_with_retry_after_and_the_connection_lives, prepare),
		cmocka_unit_test_setup(stop_lets_a_request_on_a_worker_finish, prepare),
		cmocka_unit_test_setup(a_stopping_server_refuses_new_connections_and_serves_those_it_has, prepare),
		cmocka_unit_test_setup(stop_does_not_wait_for_idle_connections, prepare),
		cmocka_unit_test_setup(stop_after_its_time_abandons_what_a_worker_still_has, prepare),
		cmocka_unit_test_setup(stop_after_its_time_abandons_what_went_to_a_worker_later, prepare),
		cmocka_unit_test_setup(a_handler_is_told_where_it_runs, prepare),
		cmocka_unit_test_setup(a_handler_that_asks_for_later_runs_again_on_a_worker_and_its_first_reply_is_dropped, prepare),
		cmocka_unit_test_setup(later_with_a_full_queue_is_503_with_retry_after, prepare),
		cmocka_unit_test_setup(later_of_a_handler_out_of_memory_is_refused_at_once, prepare),
		cmocka_unit_test_setup(stop_lets_a_request_that_went_to_a_worker_later_finish, prepare),
		cmocka_unit_test_setup(who_waits_for_another_handler_takes_no_worker_and_runs_again_when_that_has_ended, prepare),
		cmocka_unit_test_setup(stop_after_its_time_abandons_who_waits_for_another_handler, prepare),
		cmocka_unit_test_setup(a_client_that_leaves_while_a_worker_is_busy_harms_nobody, prepare),
		cmocka_unit_test_setup(many_clients_at_once_are_all_answered, prepare),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
