/* visitors OPTIONS: people who sign in and applications that redeem, over kept-alive connections, one step at a time on each.
 * Prints one JSON line. Fails (exit 1) on the first reply that is not what the step must get. Exit 3: nothing was counted.
 *
 *   sign-in   one after another, a browser without cookies: the sign-in page, then the password, as far as the code
 *   code      signed in before: authorize, the redirect with a code, the token reply
 *   refresh   one refresh token after the other, each of the one before */
#include "latency.h"
#include "visit.h"
#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, REPLY_SIZE = 64 * 1024 };

struct flow {
	const char *name;
	enum visit_step first, last; /* what is counted, again and again; what comes before is done once by each visitor */
};

static const struct flow flows[] = {
	{ "sign-in", VISIT_PAGE, VISIT_PASSWORD },
	{ "code", VISIT_AUTHORIZE, VISIT_TOKEN },
	{ "refresh", VISIT_REFRESH, VISIT_REFRESH },
};

struct options {
	struct visit_site site;
	const struct flow *flow;
	unsigned connections;
	unsigned people; /* visitor-00000 … */
	double warm_s, measured_s;
	pid_t server;
};

struct visitor {
	int fd;
	enum visit_step step;
	size_t received;
	double began_at;
	struct visit visit;
	char reply[REPLY_SIZE];
};

struct load {
	const struct options *options;
	struct visitor *visitors;
	struct latencies latencies;
	unsigned next_person;
	unsigned long done; /* flows, the warm ones too */
	double server_busy_from, server_busy_until;
};

static int send_step(struct load *load, struct visitor *visitor)
{
	char request[VISIT_REQUEST_SIZE];
	if (visitor->step == VISIT_PAGE) /* another person, who was not here before */
		visit_begin(&visitor->visit, load->next_person++ % load->options->people);
	if (visitor->step == load->options->flow->first)
		visitor->began_at = seconds_now();
	size_t size = visit_request(&load->options->site, &visitor->visit, visitor->step, request);
	visitor->received = 0;
	if (size > 0 && send(visitor->fd, request, size, MSG_NOSIGNAL) == (ssize_t)size)
		return 0;
	fprintf(stderr, "visitors: a request could not be sent: %s\n", strerror(errno));
	return -1;
}

/* 1: the reply is there and was right. 0: not yet. */
static int receive_step(struct visitor *visitor, int flags)
{
	struct wire_reply reply;
	ssize_t got = recv(visitor->fd, visitor->reply + visitor->received, REPLY_SIZE - visitor->received, flags);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		fprintf(stderr, "visitors: the connection ended: %s\n", got == 0 ? "closed" : strerror(errno));
		return -1;
	}
	visitor->received += (size_t)got;
	enum wire_state state = wire_read(visitor->reply, visitor->received, &reply);
	if (state == WIRE_INCOMPLETE && visitor->received < REPLY_SIZE)
		return 0;
	if (state == WIRE_WHOLE && !reply.closes && visit_reply(&visitor->visit, visitor->step, &reply))
		return 1;
	fprintf(stderr, "visitors: not what %s must get:\n%.*s\n", visit_step_name(visitor->step), (int)visitor->received, visitor->reply);
	return -1;
}

static void step_on(struct load *load, struct visitor *visitor)
{
	const struct flow *flow = load->options->flow;
	if (visitor->step != flow->last) {
		visitor->step++;
		return;
	}
	latencies_note(&load->latencies, visitor->began_at, seconds_now());
	load->done++;
	visitor->step = flow->first;
}

/* Connects and does once what comes before the flow. */
static int prepare(struct load *load, struct visitor *visitor)
{
	visitor->fd = wire_connect(load->options->site.address);
	if (visitor->fd < 0) {
		fprintf(stderr, "visitors: cannot connect to %s: %s\n", load->options->site.address, strerror(errno));
		return -1;
	}
	for (visitor->step = VISIT_PAGE; visitor->step != load->options->flow->first; visitor->step++) {
		int got = 0;
		if (send_step(load, visitor) != 0)
			return -1;
		while (got == 0)
			got = receive_step(visitor, 0);
		if (got < 0)
			return -1;
	}
	return 0;
}

static int prepare_all(struct load *load, int epoll)
{
	for (unsigned i = 0; i < load->options->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &load->visitors[i] };
		if (prepare(load, &load->visitors[i]) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, load->visitors[i].fd, &event) != 0)
			return -1;
	}
	return 0;
}

static int take_reply(struct load *load, struct visitor *visitor)
{
	int got = receive_step(visitor, MSG_DONTWAIT);
	if (got <= 0)
		return got;
	step_on(load, visitor);
	return seconds_now() < load->latencies.until ? send_step(load, visitor) : 0;
}

static int run(struct load *load, int epoll)
{
	enum { EVENTS = 64, PATIENCE_MS = 10000 };
	struct epoll_event events[EVENTS];
	for (unsigned i = 0; i < load->options->connections; i++)
		if (send_step(load, &load->visitors[i]) != 0)
			return -1;
	double now;
	while ((now = seconds_now()) < load->latencies.until) {
		if (load->server_busy_from == 0 && now >= load->latencies.from)
			load->server_busy_from = wire_server_busy(load->options->server);
		int count = epoll_wait(epoll, events, EVENTS, PATIENCE_MS);
		if (count == 0) {
			fprintf(stderr, "visitors: no reply for %d ms\n", PATIENCE_MS);
			return -1;
		}
		for (int i = 0; i < count; i++)
			if (take_reply(load, events[i].data.ptr) != 0)
				return -1;
	}
	load->server_busy_until = wire_server_busy(load->options->server);
	return 0;
}

/* Says "ready" when everybody is prepared: whoever reads counters of the server does so then and after the end. */
static int measure(struct load *load)
{
	const struct options *options = load->options;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0 || prepare_all(load, epoll) != 0)
		return 1;
	printf("ready\n");
	fflush(stdout);
	if (getchar() == EOF)
		return 1;
	double start = seconds_now(), busy = seconds_busy();
	load->latencies.from = start + options->warm_s;
	load->latencies.until = load->latencies.from + options->measured_s;
	if (run(load, epoll) != 0)
		return 1;
	double took = seconds_now() - start;
	busy = (seconds_busy() - busy) / took;
	printf("{\"flow\": \"%s\", ", options->flow->name);
	if (latencies_print(&load->latencies, "flows") != 0)
		return EXIT_STALLED;
	printf("\"done\": %lu, \"took_s\": %.3f, \"load_busy\": %.3f, \"server_busy\": %.3f}\n", load->done, took, busy,
	       (load->server_busy_until - load->server_busy_from) / options->measured_s);
	return 0;
}

static const struct flow *flow_find(const char *name)
{
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++)
		if (strcmp(flows[i].name, name) == 0)
			return &flows[i];
	return NULL;
}

static int options_read(int argc, char **argv, struct options *ret)
{
	static const struct option names[] = {
		{ "address", 1, NULL, 'a' }, { "realm", 1, NULL, 'r' }, { "client-id", 1, NULL, 'C' }, { "client-secret", 1, NULL, 'S' },
		{ "redirect-uri", 1, NULL, 'U' }, { "scope", 1, NULL, 'O' }, { "password", 1, NULL, 'P' }, { "person", 1, NULL, 'n' },
		{ "people", 1, NULL, 'N' }, { "flow", 1, NULL, 'f' }, { "connections", 1, NULL, 'c' }, { "warm", 1, NULL, 'w' },
		{ "seconds", 1, NULL, 's' }, { "pid", 1, NULL, 'i' }, { NULL, 0, NULL, 0 },
	};
	int letter;
	while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (letter) {
		case 'a': ret->site.address = optarg; break;
		case 'r': ret->site.realm = optarg; break;
		case 'C': ret->site.client_id = optarg; break;
		case 'S': ret->site.client_secret = optarg; break;
		case 'U': ret->site.redirect_uri = optarg; break;
		case 'O': ret->site.scope = optarg; break;
		case 'P': ret->site.password = optarg; break;
		case 'n': ret->site.person = optarg; break;
		case 'N': ret->people = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'f': ret->flow = flow_find(optarg); break;
		case 'c': ret->connections = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': ret->warm_s = strtod(optarg, NULL); break;
		case 's': ret->measured_s = strtod(optarg, NULL); break;
		case 'i': ret->server = (pid_t)strtol(optarg, NULL, 10); break;
		default: return -1;
		}
	}
	bool good = visit_site_is_whole(&ret->site) && ret->flow != NULL && ret->people > 0 && ret->connections > 0 &&
	            ret->connections <= CONNECTIONS_MAX && ret->warm_s >= 0 && ret->measured_s > 0 && ret->measured_s <= 600;
	return good && optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options options = { .connections = 16, .people = 1, .warm_s = 0.5, .measured_s = 3 };
	if (options_read(argc, argv, &options) != 0) {
		fprintf(stderr, "usage: visitors --address HOST:PORT --flow sign-in|code|refresh --realm NAME --client-id ID --client-secret SECRET\n"
		                "                --redirect-uri URL --scope SCOPES --person PREFIX --people N --password TEXT [--connections N]\n"
		                "                [--warm SECONDS] [--seconds SECONDS] [--pid PID]\n"
		                "redirect-uri, scope and password as they stand in a form. Waits for a byte on standard input after \"ready\".\n");
		return 2;
	}
	struct load load = { .options = &options };
	load.visitors = calloc(options.connections, sizeof *load.visitors);
	int code = load.visitors == NULL || !latencies_open(&load.latencies) ? 1 : measure(&load);
	latencies_close(&load.latencies);
	free(load.visitors);
	return code;
}
