/* decide OPTIONS: asks for decisions on API calls over kept-alive connections, one at a time on each, with the tokens of a file, one a line.
 * Prints one JSON line. Fails (exit 1) on the first reply that is not a 204: a rate of refusals is no rate. Exit 3: not one
 * reply came in the measured time. With --once each token is sent once, in their order, and the time ends with them.
 *
 * decide --get N …: asks for N tokens with the form given instead, and prints them, one a line. */
#include "latency.h"
#include "population.h"
#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, REQUEST_SIZE = 4096, REPLY_SIZE = 8192 };

struct options {
	const char *address;
	const char *path; /* of the check, or of the token endpoint */
	const char *tokens;
	const char *form;
	bool once;
	unsigned long get;
	unsigned connections;
	double warm_s, measured_s;
	pid_t server;
};

struct connection {
	int fd;
	size_t received;
	double began_at;
	char reply[REPLY_SIZE];
};

struct run {
	const struct options *options;
	int epoll;
	struct connection *connections;
	struct latencies latencies;
	char *text;          /* of the file */
	const char **tokens; /* terminated */
	size_t token_count, next;
	unsigned long asked, replies;
	double server_busy_from, server_busy_until;
};

/* Splits the file's lines in place. */
static int read_tokens(struct run *run)
{
	size_t size = 0, room = 0, got;
	FILE *file = fopen(run->options->tokens, "rb");
	if (file == NULL) {
		fprintf(stderr, "decide: %s cannot be read: %s\n", run->options->tokens, strerror(errno));
		return -1;
	}
	do {
		room = room * 2 + 65536;
		char *grown = realloc(run->text, room + 1);
		if (grown == NULL)
			break;
		run->text = grown;
		got = fread(run->text + size, 1, room - size, file);
		size += got;
	} while (size == room);
	fclose(file);
	run->text[size] = '\0';
	run->tokens = calloc(size / 2 + 1, sizeof *run->tokens);
	char *rest = run->text;
	for (char *line; run->tokens != NULL && (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] != '\0')
			run->tokens[run->token_count++] = line;
	return run->token_count > 0 ? 0 : -1;
}

static size_t compose_check(struct run *run, char out[REQUEST_SIZE])
{
	const struct options *options = run->options;
	const uint64_t random = population_mix(run->asked);
	const char *token = run->tokens[options->once ? run->next++ : (size_t)(random % run->token_count)];
	return (size_t)snprintf(out, REQUEST_SIZE,
	                        "GET %s HTTP/1.1\r\nHost: %s\r\nX-Original-Method: GET\r\nX-Original-URI: /bench/v1/folders/%u/items/%u?lang=en\r\n"
	                        "Authorization: Bearer %s\r\n\r\n",
	                        options->path, options->address, (unsigned)(random >> 32) % 1000, (unsigned)(random >> 48), token);
}

static size_t compose_form(const struct run *run, char out[REQUEST_SIZE])
{
	const struct options *options = run->options;
	return (size_t)snprintf(out, REQUEST_SIZE,
	                        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
	                        options->path, options->address, strlen(options->form), options->form);
}

/* Nothing is left to ask: the measured time ends here. */
static bool is_over(struct run *run, double now)
{
	const struct options *options = run->options;
	if (options->get > 0)
		return run->asked >= options->get;
	if (options->once && run->next == run->token_count && now < run->latencies.until)
		run->latencies.until = now;
	return now >= run->latencies.until;
}

static int send_request(struct run *run, struct connection *connection, double now)
{
	char request[REQUEST_SIZE];
	if (is_over(run, now))
		return 0;
	const size_t size = run->options->get > 0 ? compose_form(run, request) : compose_check(run, request);
	run->asked++;
	connection->received = 0;
	connection->began_at = now;
	if (size < REQUEST_SIZE && send(connection->fd, request, size, MSG_NOSIGNAL) == (ssize_t)size)
		return 0;
	fprintf(stderr, "decide: a request could not be sent: %s\n", strerror(errno));
	return -1;
}

static bool take_token(const struct wire_reply *reply)
{
	static const char member[] = "\"access_token\":\"";
	const char *token = reply->status == 200 ? memmem(reply->body, reply->body_size, member, sizeof member - 1) : NULL;
	const char *end = token == NULL ? NULL : strchr(token + sizeof member - 1, '"');
	if (end == NULL)
		return false;
	token += sizeof member - 1;
	return printf("%.*s\n", (int)(end - token), token) > 0;
}

static int take_reply(struct run *run, struct connection *connection)
{
	struct wire_reply reply;
	const ssize_t got = recv(connection->fd, connection->reply + connection->received, REPLY_SIZE - 1 - connection->received, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		fprintf(stderr, "decide: the connection ended after %lu replies: %s\n", run->replies, got == 0 ? "closed" : strerror(errno));
		return -1;
	}
	connection->received += (size_t)got;
	connection->reply[connection->received] = '\0';
	const enum wire_state state = wire_read(connection->reply, connection->received, &reply);
	if (state == WIRE_INCOMPLETE && connection->received < REPLY_SIZE - 1)
		return 0;
	if (state != WIRE_WHOLE || reply.closes || !(run->options->get > 0 ? take_token(&reply) : reply.status == 204)) {
		fprintf(stderr, "decide: reply %lu is not what was asked for:\n%.*s\n", run->replies + 1, (int)connection->received, connection->reply);
		return -1;
	}
	const double now = seconds_now();
	run->replies++;
	latencies_note(&run->latencies, connection->began_at, now);
	return send_request(run, connection, now);
}

static int begin(struct run *run)
{
	run->epoll = epoll_create1(EPOLL_CLOEXEC);
	const double now = seconds_now();
	run->latencies.from = now + run->options->warm_s;
	run->latencies.until = run->latencies.from + run->options->measured_s;
	for (unsigned i = 0; i < run->options->connections; i++) {
		struct connection *connection = &run->connections[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
		connection->fd = wire_connect(run->options->address);
		if (connection->fd < 0 || epoll_ctl(run->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) {
			fprintf(stderr, "decide: cannot connect to %s: %s\n", run->options->address, strerror(errno));
			return -1;
		}
		if (send_request(run, connection, now) != 0)
			return -1;
	}
	return 0;
}

static bool goes_on(const struct run *run)
{
	return run->options->get > 0 ? run->replies < run->options->get : seconds_now() < run->latencies.until;
}

static int loop(struct run *run)
{
	enum { EVENTS = 64, PATIENCE_MS = 5000 };
	struct epoll_event events[EVENTS];
	if (begin(run) != 0)
		return -1;
	while (goes_on(run)) {
		if (run->server_busy_from == 0 && seconds_now() >= run->latencies.from)
			run->server_busy_from = wire_server_busy(run->options->server);
		const int count = epoll_wait(run->epoll, events, EVENTS, PATIENCE_MS);
		if (count == 0) {
			fprintf(stderr, "decide: no reply for %d ms\n", PATIENCE_MS);
			return -1;
		}
		for (int i = 0; i < count; i++)
			if (take_reply(run, events[i].data.ptr) != 0)
				return -1;
	}
	run->server_busy_until = wire_server_busy(run->options->server);
	return 0;
}

static int measure(struct run *run)
{
	double start = seconds_now(), busy = seconds_busy();
	if (loop(run) != 0)
		return 1;
	if (run->options->get > 0)
		return 0;
	busy = (seconds_busy() - busy) / (seconds_now() - start);
	printf("{");
	if (latencies_print(&run->latencies, "decisions") != 0)
		return EXIT_STALLED;
	printf("\"load_busy\": %.3f, \"server_busy\": %.3f}\n", busy,
	       (run->server_busy_until - run->server_busy_from) / (run->latencies.until - run->latencies.from));
	return 0;
}

static int options_read(int argc, char **argv, struct options *ret)
{
	static const struct option names[] = {
		{ "address", 1, NULL, 'a' }, { "path", 1, NULL, 'P' }, { "tokens", 1, NULL, 't' }, { "once", 0, NULL, 'o' }, { "get", 1, NULL, 'g' },
		{ "form", 1, NULL, 'f' }, { "connections", 1, NULL, 'c' }, { "warm", 1, NULL, 'w' }, { "seconds", 1, NULL, 's' },
		{ "pid", 1, NULL, 'i' }, { NULL, 0, NULL, 0 },
	};
	int letter;
	while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (letter) {
		case 'a': ret->address = optarg; break;
		case 'P': ret->path = optarg; break;
		case 't': ret->tokens = optarg; break;
		case 'o': ret->once = true; break;
		case 'g': ret->get = strtoul(optarg, NULL, 10); break;
		case 'f': ret->form = optarg; break;
		case 'c': ret->connections = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': ret->warm_s = strtod(optarg, NULL); break;
		case 's': ret->measured_s = strtod(optarg, NULL); break;
		case 'i': ret->server = (pid_t)strtol(optarg, NULL, 10); break;
		default: return -1;
		}
	}
	const bool good = ret->address != NULL && ret->connections > 0 && ret->connections <= CONNECTIONS_MAX && ret->warm_s >= 0 && ret->measured_s > 0 &&
	                  ret->measured_s <= 600 && (ret->get > 0 ? ret->form != NULL : ret->tokens != NULL);
	return good && optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options options = { .path = "/gateway/check", .connections = 64, .warm_s = 0.3, .measured_s = 2 };
	if (options_read(argc, argv, &options) != 0) {
		fprintf(stderr, "usage: decide --address HOST:PORT --tokens FILE [--once] [--path PATH] [--connections N] [--warm SECONDS] [--seconds SECONDS] [--pid PID]\n"
		                "       decide --address HOST:PORT --path PATH --form FORM --get N\n");
		return 2;
	}
	struct run run = { .options = &options };
	run.connections = calloc(options.connections, sizeof *run.connections);
	const bool ready = run.connections != NULL && latencies_open(&run.latencies) && (options.get > 0 || read_tokens(&run) == 0);
	const int code = ready ? measure(&run) : 1;
	latencies_close(&run.latencies);
	free(run.connections);
	free(run.tokens);
	free(run.text);
	return code;
}
