#include "http/work.h"

#include "base/log.h"
#include "http/reply.h"
#include "http/server.h"

void work_run_handler(struct exchange *exchange, bool on_worker)
{
	const struct http_options *options = &exchange->server->options;
	struct http_request *request = &exchange->request;
	exchange->reply = (struct http_reply) { .status = 200 };
	request->on_worker = on_worker;
	exchange->match.route->handler(options->context, request, &exchange->reply);
	if (!arena_exhausted(request->arena))
		return;
	/* Whatever the handler wrote may be cut short. The arena is emptied to make the refusal in, and with it goes all
	 * that the request pointed to. */
	struct arena *arena = request->arena;
	arena_reset(arena);
	log_line(LOG_ERROR, "a request ran out of memory", (const struct log_member[]) { { "request", request->id } }, 1);
	*request = (struct http_request) {
		.arena = arena,
		.method = request->method,
		.id = request->id,
		.route = request->route,
		.headers = request->headers,
		.received_us = request->received_us,
		.on_worker = on_worker,
	};
	reply_refuse(exchange, refusal_of(REFUSE_TOO_COMPLEX));
}

static void list_add(struct http_server *server, struct exchange *exchange)
{
	exchange->at_work_before = NULL;
	exchange->at_work_after = server->at_work;
	if (server->at_work != NULL)
		server->at_work->at_work_before = exchange;
	server->at_work = exchange;
}

static void list_remove(struct http_server *server, struct exchange *exchange)
{
	if (exchange->at_work_before != NULL)
		exchange->at_work_before->at_work_after = exchange->at_work_after;
	else
		server->at_work = exchange->at_work_after;
	if (exchange->at_work_after != NULL)
		exchange->at_work_after->at_work_before = exchange->at_work_before;
}

/* Gives the request back to its event thread, unless the server has given it up. */
static void hand_back(struct exchange *exchange, enum exchange_stage stage)
{
	struct http_server *server = exchange->server;
	pthread_mutex_lock(&server->work_lock);
	if (exchange->stage == EXCHANGE_AT_WORK) {
		list_remove(server, exchange);
		exchange->stage = stage;
		MHD_resume_connection(exchange->library);
	}
	pthread_mutex_unlock(&server->work_lock);
	exchange_release(&server->exchanges, exchange);
	server_release(server);
}

static void job(void *argument);

static void to_worker(struct exchange *exchange)
{
	const struct http_options *options = &exchange->server->options;
	const enum http_place place = exchange->match.route->place == HTTP_ON_PATIENT_WORKER ? HTTP_ON_PATIENT_WORKER : HTTP_ON_WORKER;
	if (options->run_on_worker == NULL || !options->run_on_worker(options->context, place, job, exchange))
		hand_back(exchange, EXCHANGE_BUSY);
}

/* ended: how many had before the handler ran. One that ended meanwhile may be the one that it would wait for. */
static void wait_for_another(struct exchange *exchange, uint64_t ended)
{
	struct http_server *server = exchange->server;
	pthread_mutex_lock(&server->work_lock);
	const bool abandoned = exchange->stage != EXCHANGE_AT_WORK;
	const bool waits = !abandoned && server->handlers_ended == ended;
	if (waits) {
		exchange->next = server->waiting;
		server->waiting = exchange;
	}
	pthread_mutex_unlock(&server->work_lock);
	if (abandoned)
		hand_back(exchange, EXCHANGE_BUSY);
	else if (!waits)
		to_worker(exchange);
}

static void job(void *argument)
{
	struct exchange *exchange = argument;
	struct http_server *server = exchange->server;
	const uint64_t ended = server->handlers_ended;
	work_run_handler(exchange, true);
	if (exchange->reply.behind) {
		wait_for_another(exchange, ended);
		return;
	}
	pthread_mutex_lock(&server->work_lock);
	struct exchange *waiting = server->waiting;
	server->waiting = NULL;
	server->handlers_ended++;
	pthread_mutex_unlock(&server->work_lock);
	hand_back(exchange, EXCHANGE_READY);
	while (waiting != NULL) {
		struct exchange *next = waiting->next;
		to_worker(waiting);
		waiting = next;
	}
}

void work_hand_out(struct exchange *exchange)
{
	struct http_server *server = exchange->server;
	exchange_hold(exchange);
	server_hold(server);
	pthread_mutex_lock(&server->work_lock);
	exchange->stage = EXCHANGE_AT_WORK;
	list_add(server, exchange);
	MHD_suspend_connection(exchange->library);
	pthread_mutex_unlock(&server->work_lock);
	to_worker(exchange);
}

void work_abandon(struct http_server *server)
{
	pthread_mutex_lock(&server->work_lock);
	while (server->at_work != NULL) {
		struct exchange *exchange = server->at_work;
		list_remove(server, exchange);
		exchange->stage = EXCHANGE_ABANDONED;
		MHD_resume_connection(exchange->library);
	}
	struct exchange *waiting = server->waiting;
	server->waiting = NULL;
	pthread_mutex_unlock(&server->work_lock);
	while (waiting != NULL) {
		struct exchange *next = waiting->next;
		exchange_release(&server->exchanges, waiting);
		server_release(server);
		waiting = next;
	}
}
