#include "toy.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static void handle_echo(void *context, struct http_request *request, struct http_reply *reply)
{
	struct toy *toy = context;
	atomic_fetch_add(&toy->handler_runs, 1);
	reply->content_type = SLICE_OF("text/plain");
	reply->body = arena_print(request->arena, "%.*s|%.*s|%.*s|%.*s|%.*s", SLICE_ARGS(request->method_name), SLICE_ARGS(request->path),
	                          SLICE_ARGS(request->query), SLICE_ARGS(request->segments[0]), SLICE_ARGS(request->body));
}

static void handle_length(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	size_t sum = 0;
	for (size_t i = 0; i < request->body.len; i++)
		sum += (unsigned char)request->body.ptr[i];
	reply->body = arena_print(request->arena, "%zu %zu", request->body.len, sum);
}

static void handle_address(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	reply->body = request->address;
}

static void handle_work(void *context, struct http_request *request, struct http_reply *reply)
{
	struct toy *toy = context;
	atomic_fetch_add(&toy->work_runs, 1);
	usleep(atomic_load(&toy->slow_ms) * 1000);
	struct slice agent = http_request_header(request, "user-agent");
	reply->body = arena_print(request->arena, "worked %.*s %.*s", SLICE_ARGS(request->body), SLICE_ARGS(agent));
}

/* Leaves what must not be seen, and asks for a worker; there it asks again, to no effect. */
static void handle_later(void *context, struct http_request *request, struct http_reply *reply)
{
	struct toy *toy = context;
	atomic_fetch_add(&toy->later_runs[request->on_worker], 1);
	reply->later = true;
	if (!request->on_worker) {
		reply->status = 418;
		reply->body = SLICE_OF("dropped");
		http_reply_header(reply, "X-Dropped", SLICE_OF("yes"));
		return;
	}
	handle_work(context, request, reply);
}

/* Needs that /work ran; until then leaves what must not be seen. */
static void handle_behind(void *context, struct http_request *request, struct http_reply *reply)
{
	struct toy *toy = context;
	atomic_fetch_add(&toy->behind_runs, 1);
	reply->behind = atomic_load(&toy->work_runs) == 0;
	reply->body = request->on_worker && !reply->behind ? SLICE_OF("behind") : SLICE_OF("dropped");
	if (reply->behind)
		http_reply_header(reply, "X-Dropped", SLICE_OF("yes"));
}

static void handle_place(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	reply->body = request->on_worker ? SLICE_OF("worker") : SLICE_OF("event thread");
}

static void handle_hungry_later(void *context, struct http_request *request, struct http_reply *reply)
{
	reply->later = true;
	void *much = arena_alloc(request->arena, 64 * 1024 * 1024);
	(void)context;
	(void)much;
}

static void handle_injection(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	(void)request;
	http_reply_header(reply, "X-First", SLICE_OF("a\r\nSet-Cookie: evil=1"));
	http_reply_header(reply, "X-Second", SLICE_OF("a\nb"));
	http_reply_header(reply, "X-Third", ((struct slice) { "a\0b", 3 }));
	http_reply_header(reply, "X-Fourth", SLICE_OF("fine"));
	reply->body = SLICE_OF("ok");
}

static void handle_hunger(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	void *much = arena_alloc(request->arena, 64 * 1024 * 1024);
	reply->body = much == NULL ? SLICE_OF("half") : SLICE_OF("whole");
}

static void handle_large(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	size_t size = 1024 * 1024;
	char *bytes = arena_alloc(request->arena, size);
	assert_non_null(bytes);
	memset(bytes, 'L', size);
	reply->body = (struct slice) { bytes, size };
}

static const struct http_route routes[] = {
	{ HTTP_GET, "/echo", handle_echo, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_POST, "/echo", handle_echo, 1000, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_POST, "/length", handle_length, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET | HTTP_POST, "/realms/{realm}/token", handle_echo, 1000, HTTP_ON_EVENT_THREAD, HTTP_CORS_ORIGIN },
	{ HTTP_GET, "/keys", handle_echo, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_POST, "/work", handle_work, 1000, HTTP_ON_WORKER, HTTP_CORS_ANY },
	{ HTTP_POST, "/later", handle_later, 1000, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, "/behind", handle_behind, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, "/hungry-later", handle_hungry_later, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/place", handle_place, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/worker-place", handle_place, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, "/address", handle_address, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/injection", handle_injection, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/hunger", handle_hunger, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/large", handle_large, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
};

static void refuse(void *context, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                   struct http_reply *reply)
{
	(void)context;
	assert_int_equal(request->id.len, 26);
	assert_null(strpbrk(sentence, "\"\\"));
	assert_true(text_is_printable_ascii(slice_from(sentence)));
	reply->content_type = SLICE_OF("application/json");
	reply->body = arena_print(request->arena, "%u %s", status, slug);
}

static bool origin_allowed(void *context, const struct http_request *request, struct slice origin)
{
	(void)context;
	(void)request;
	return slice_is(origin, "https://app.example");
}

static bool run_on_worker(void *context, enum http_place place, void (*run)(void *argument), void *argument)
{
	struct toy *toy = context;
	(void)place;
	pthread_mutex_lock(&toy->lock);
	bool room = toy->job_count < toy->job_room;
	if (room)
		toy->jobs[toy->job_count++] = (struct toy_job) { run, argument };
	pthread_cond_broadcast(&toy->changed);
	pthread_mutex_unlock(&toy->lock);
	return room;
}

static void done(void *context, const struct http_request *request, const struct http_reply *reply, int64_t duration_us)
{
	struct toy *toy = context;
	assert_true(reply->status >= 200);
	assert_true(duration_us >= 0);
	assert_int_equal(request->id.len, 26);
	atomic_fetch_add(&toy->done_count, 1);
}

static void *work(void *argument)
{
	struct toy *toy = argument;
	pthread_mutex_lock(&toy->lock);
	while (!toy->ends) {
		if (toy->held || toy->job_count == 0) {
			pthread_cond_wait(&toy->changed, &toy->lock);
			continue;
		}
		struct toy_job job = toy->jobs[0];
		toy->job_count--;
		memmove(&toy->jobs[0], &toy->jobs[1], toy->job_count * sizeof job);
		pthread_mutex_unlock(&toy->lock);
		job.run(job.argument);
		pthread_mutex_lock(&toy->lock);
	}
	pthread_mutex_unlock(&toy->lock);
	return NULL;
}

void toy_prepare(struct toy *toy)
{
	*toy = (struct toy) { .job_room = TOY_JOBS };
	pthread_mutex_init(&toy->lock, NULL);
	pthread_cond_init(&toy->changed, NULL);
	toy->options = (struct http_options) {
		.listen = "127.0.0.1:0",
		.threads = 2,
		.connections_max = 500,
		.routes = routes,
		.route_count = sizeof routes / sizeof routes[0],
		.context = toy,
		.refuse = refuse,
		.run_on_worker = run_on_worker,
		.origin_allowed = origin_allowed,
		.done = done,
	};
	/* headers that are left out are said in the log: not here */
	log_level_set(LOG_ERROR);
}

void toy_start(struct toy *toy)
{
	struct problem problem = { "" };
	if (http_server_start(&toy->options, &toy->server, &problem) != RESULT_OK)
		fail_msg("%s", problem.text);
	toy->port = (int)strtol(strrchr(http_server_address(toy->server), ':') + 1, NULL, 10);
	assert_int_equal(pthread_create(&toy->worker, NULL, work, toy), 0);
}

void toy_hold(struct toy *toy, bool held)
{
	pthread_mutex_lock(&toy->lock);
	toy->held = held;
	pthread_cond_broadcast(&toy->changed);
	pthread_mutex_unlock(&toy->lock);
}

void toy_stop(struct toy *toy, unsigned drain_s)
{
	http_server_stop(toy->server, drain_s);
	pthread_mutex_lock(&toy->lock);
	toy->ends = true;
	pthread_cond_broadcast(&toy->changed);
	pthread_mutex_unlock(&toy->lock);
	pthread_join(toy->worker, NULL);
	pthread_cond_destroy(&toy->changed);
	pthread_mutex_destroy(&toy->lock);
}

int wire_connect(const struct toy *toy)
{
	int opened = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(opened >= 0);
	struct sockaddr_in where = { .sin_family = AF_INET, .sin_port = htons((uint16_t)toy->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(connect(opened, (struct sockaddr *)&where, sizeof where), 0);
	return opened;
}

void wire_send_bytes(int opened, const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size > 0) {
		ssize_t sent = send(opened, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return; /* the server had enough: what it answered is for the test to judge */
		at += sent;
		size -= (size_t)sent;
	}
}

void wire_send(int opened, const char *text)
{
	wire_send_bytes(opened, text, strlen(text));
}

/* One byte, or false at the end. */
static bool read_byte(int opened, char *ret)
{
	struct pollfd wait = { .fd = opened, .events = POLLIN };
	return poll(&wait, 1, PATIENCE_MS) == 1 && recv(opened, ret, 1, 0) == 1;
}

struct wire_reply wire_read(int opened, bool to_head)
{
	struct wire_reply reply = { 0 };
	size_t len = 0;
	while (len + 1 < sizeof reply.head && read_byte(opened, &reply.head[len])) {
		len++;
		if (len >= 4 && memcmp(reply.head + len - 4, "\r\n\r\n", 4) == 0) {
			reply.status = (int)strtol(reply.head + strlen("HTTP/1.1 "), NULL, 10);
			break;
		}
	}
	size_t wanted = to_head || reply.status == 0 ? 0 : strtoul(wire_header(&reply, "Content-Length"), NULL, 10);
	size_t got = 0;
	char byte;
	while (got < wanted && read_byte(opened, &byte)) {
		if (reply.body_len + 1 < sizeof reply.body)
			reply.body[reply.body_len++] = byte;
		got++;
	}
	reply.complete = reply.status != 0 && got == wanted;
	return reply;
}

bool wire_is_closed(int opened)
{
	struct pollfd wait = { .fd = opened, .events = POLLIN };
	char byte;
	return poll(&wait, 1, PATIENCE_MS) == 1 && recv(opened, &byte, 1, 0) <= 0;
}

static const char *find_header(const char *from, const char *name)
{
	size_t size = strlen(name);
	for (const char *line = strstr(from, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, size) == 0 && line[2 + size] == ':')
			return line + 2;
	return NULL;
}

const char *wire_header(const struct wire_reply *reply, const char *name)
{
	static _Thread_local char value[1024];
	const char *line = find_header(reply->head, name);
	if (line == NULL)
		return "";
	const char *from = line + strlen(name) + 1;
	from += strspn(from, " ");
	text_copy(value, sizeof value, (struct slice) { from, strcspn(from, "\r") });
	return value;
}

int wire_header_count(const struct wire_reply *reply, const char *name)
{
	int count = 0;
	/* each search starts at the end of the line before the one found */
	for (const char *line = find_header(reply->head, name); line != NULL; line = find_header(line, name))
		count++;
	return count;
}

struct wire_reply wire_ask(const struct toy *toy, const char *text)
{
	int opened = wire_connect(toy);
	wire_send(opened, text);
	struct wire_reply reply = wire_read(opened, strncmp(text, "HEAD ", 5) == 0);
	close(opened);
	return reply;
}
