/* noop ADDRESS:PORT: writ's own HTTP layer with a handler that does nothing but answer as much JSON as a token reply has,
 * until SIGTERM. What the layer itself costs. */
#include "http/http.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { REPLY_SIZE = 900, DRAIN_S = 2 };

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
	const char *body = context;
	(void)request;
	reply->content_type = SLICE_OF("application/json");
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
	reply->body = (struct slice) { body, REPLY_SIZE };
}

/* What a decision on an API call is at least. */
static void decide(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	(void)request;
	reply->status = 204;
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}

static void refuse(void *context, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                   struct http_reply *reply)
{
	(void)context;
	(void)request;
	(void)status;
	(void)slug;
	reply->content_type = SLICE_OF("text/plain");
	reply->body = slice_from(sentence);
}

/* No route asks for a worker or for an origin. */
static bool run_on_worker(void *context, enum http_place place, void (*job)(void *argument), void *argument)
{
	(void)context;
	(void)place;
	(void)job;
	(void)argument;
	return false;
}

static bool origin_allowed(void *context, const struct http_request *request, struct slice origin)
{
	(void)context;
	(void)request;
	(void)origin;
	return false;
}

static void wait_for_end(const sigset_t *end)
{
	int number;
	sigwait(end, &number);
}

int main(int argc, char **argv)
{
	static const struct http_route routes[] = {
		{ .methods = HTTP_GET, .pattern = "/noop", .handler = decide, .body_max = 0, .place = HTTP_ON_EVENT_THREAD },
		{ .methods = HTTP_POST, .pattern = "/noop", .handler = answer, .body_max = 65536, .place = HTTP_ON_EVENT_THREAD },
	};
	char body[REPLY_SIZE + 1];
	snprintf(body, sizeof body, "{\"access_token\":\"%0*d\"}", REPLY_SIZE - 19, 0);
	if (argc != 2) {
		fprintf(stderr, "usage: noop ADDRESS:PORT\n");
		return 2;
	}
	sigset_t end;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	pthread_sigmask(SIG_BLOCK, &end, NULL);
	const struct http_options options = {
		.listen = argv[1],
		.routes = routes,
		.route_count = sizeof routes / sizeof routes[0],
		.context = body,
		.refuse = refuse,
		.run_on_worker = run_on_worker,
		.origin_allowed = origin_allowed,
	};
	struct http_server *server;
	struct problem problem = { "out of memory" };
	if (http_server_start(&options, &server, &problem) != RESULT_OK) {
		fprintf(stderr, "noop: %s\n", problem.text);
		return 1;
	}
	wait_for_end(&end);
	http_server_stop(server, DRAIN_S);
	return 0;
}
