/* load OPTIONS: asks a server for tokens over kept-alive connections, one request at a time on each, for random client
 * applications and people of a bench store. Prints one JSON line. Fails (exit 1) on the first reply that is not a 200
 * with an access token: a rate of refusals is no rate. Exit 3: not one reply came in the measured time.
 *
 * With --ca-file it speaks TLS. With --fresh every request has a connection of its own, and is timed from before it is made.
 *
 * With --rate, requests are due at fixed times, whatever the server does, and each is timed from when it was due: one that
 * waits for a free connection has begun all the same. */
#include "latency.h"
#include "population.h"
#include "secure.h"
#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, REQUEST_SIZE = 2048, REPLY_SIZE = 16384 };

struct flow {
	const char *name;
	const char *grant_type;
	const char *scope;
	const char *subject; /* the parameter; NULL: none */
	enum population_text subject_text;
	char realm;
};

static const struct flow flows[] = {
	{ "client-credentials", "client_credentials", POPULATION_SCOPE_APPLICATION, NULL, 0, 'U' },
	{ "username", "password", POPULATION_SCOPE_ON_BEHALF_OF, "subject_username", POPULATION_USERNAME, 'U' },
	{ "userid", "password", POPULATION_SCOPE_ON_BEHALF_OF, "subject_userid", POPULATION_USER_ID, 'U' },
	{ "email", "password", POPULATION_SCOPE_ON_BEHALF_OF, "subject_email", POPULATION_EMAIL, 'C' },
};

struct options {
	const char *address;
	const char *partition;
	const char *path; /* instead of the token endpoint's */
	const char *ca_file; /* NULL: plain HTTP */
	bool fresh;
	const struct flow *flow;
	uint32_t count; /* of applications, and of people */
	unsigned connections;
	double warm_s, measured_s;
	double rate; /* requests a second; 0: as many as are answered */
	uint64_t seed;
	pid_t server; /* whose processor time is taken; 0: nobody's */
};

struct connection {
	int fd;
	struct secure *secure; /* NULL: plain HTTP */
	bool greeted;          /* its handshake is over */
	size_t received;
	double began_at; /* sent, or due */
	struct connection *next_free;
	char reply[REPLY_SIZE];
};

struct load {
	const struct options *options;
	struct secure_client *client;
	int epoll;
	char path[256];
	struct connection *connections;
	struct connection *free, **free_end; /* with a rate: those without a request, longest idle first */
	struct latencies latencies;
	double next_due;
	uint64_t random;
	unsigned long replies; /* all of them, the warm ones too */
	double server_busy_from, server_busy_until; /* processor seconds; 0: not taken yet */
};

static uint32_t random_below(struct load *load, uint32_t bound)
{
	return (uint32_t)(((population_mix(load->random++) >> 32) * bound) >> 32);
}

static size_t compose_request(struct load *load, char out[REQUEST_SIZE])
{
	const struct options *options = load->options;
	const struct flow *flow = options->flow;
	char id[POPULATION_TEXT], secret[POPULATION_TEXT], subject[POPULATION_TEXT] = "", body[REQUEST_SIZE / 2];
	uint32_t application = random_below(load, options->count);
	population_write(POPULATION_CLIENT_ID, application, id);
	population_write(POPULATION_CLIENT_SECRET, application, secret);
	if (flow->subject != NULL)
		population_write(flow->subject_text, random_below(load, options->count), subject);
	char *at = strchr(subject, '@');
	int size = snprintf(body, sizeof body, "grant_type=%s&client_id=%s&client_secret=%s&scope=%s", flow->grant_type, id, secret, flow->scope);
	if (flow->subject != NULL)
		size += snprintf(body + size, sizeof body - (size_t)size, "&%s=%.*s%s%s", flow->subject,
		                 at == NULL ? POPULATION_TEXT : (int)(at - subject), subject, at == NULL ? "" : "%40", at == NULL ? "" : at + 1);
	return (size_t)snprintf(out, REQUEST_SIZE,
	                        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
	                        load->path, options->address, size, body);
}

static int open_connection(struct load *load, struct connection *connection)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
	connection->greeted = load->client == NULL;
	connection->fd = wire_connect(load->options->address);
	if (connection->fd < 0 || epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0 ||
	    (load->client != NULL && (connection->secure = secure_open(load->client, connection->fd)) == NULL)) {
		fprintf(stderr, "load: cannot connect to %s: %s\n", load->options->address, strerror(errno));
		return -1;
	}
	return 0;
}

/* The handshake first, where there is one: called again whenever the other side has said something. */
static int send_request(struct load *load, struct connection *connection)
{
	if (!connection->greeted) {
		enum secure_state state = secure_handshake(connection->secure);
		connection->greeted = state == SECURE_READY;
		if (!connection->greeted)
			return state == SECURE_WAITS ? 0 : -1;
	}
	char request[REQUEST_SIZE];
	size_t size = compose_request(load, request);
	/* A request is far smaller than a socket's buffer, and only one is under way: it is taken whole. */
	ssize_t sent = connection->secure != NULL ? secure_send(connection->secure, request, size) : send(connection->fd, request, size, MSG_NOSIGNAL);
	if (sent == (ssize_t)size)
		return 0;
	fprintf(stderr, "load: a request could not be sent: %s\n", strerror(errno));
	return -1;
}

static int begin_request(struct load *load, struct connection *connection, double began_at)
{
	connection->received = 0;
	connection->began_at = began_at;
	if (connection->fd >= 0 && load->options->fresh) {
		secure_close(connection->secure);
		connection->secure = NULL;
		close(connection->fd);
		connection->fd = -1;
	}
	if (connection->fd < 0 && open_connection(load, connection) != 0)
		return -1;
	return send_request(load, connection);
}

/* A connection that got its reply: asks on, or waits for the next request that is due. */
static int ask_on(struct load *load, struct connection *connection, double now)
{
	if (now >= load->latencies.until)
		return 0;
	if (load->options->rate == 0)
		return begin_request(load, connection, now);
	connection->next_free = NULL;
	*load->free_end = connection;
	load->free_end = &connection->next_free;
	return 0;
}

/* Sends what is due, as far as connections are free. */
static int send_due(struct load *load, double now)
{
	while (load->options->rate > 0 && load->next_due <= now && load->free != NULL) {
		struct connection *connection = load->free;
		load->free = connection->next_free;
		if (load->free == NULL)
			load->free_end = &load->free;
		if (begin_request(load, connection, load->next_due) != 0)
			return -1;
		load->next_due += 1 / load->options->rate;
	}
	return 0;
}

static int take_reply(struct load *load, struct connection *connection)
{
	struct wire_reply reply;
	char *to = connection->reply + connection->received;
	size_t room = REPLY_SIZE - connection->received;
	if (!connection->greeted)
		return send_request(load, connection);
	ssize_t got = connection->secure != NULL ? secure_receive(connection->secure, to, room) : recv(connection->fd, to, room, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		fprintf(stderr, "load: the connection ended after %lu replies: %s\n", load->replies, got == 0 ? "closed" : strerror(errno));
		return -1;
	}
	connection->received += (size_t)got;
	enum wire_state state = wire_read(connection->reply, connection->received, &reply);
	if (state == WIRE_INCOMPLETE && connection->received < REPLY_SIZE)
		return 0;
	if (state != WIRE_WHOLE || reply.status != 200 || reply.closes ||
	    memmem(reply.body, reply.body_size, "\"access_token\"", 14) == NULL) {
		fprintf(stderr, "load: reply %lu is not a token:\n%.*s\n", load->replies + 1, (int)connection->received, connection->reply);
		return -1;
	}
	double now = seconds_now();
	load->replies++;
	latencies_note(&load->latencies, connection->began_at, now);
	return ask_on(load, connection, now);
}

static int open_connections(struct load *load)
{
	for (unsigned i = 0; i < load->options->connections; i++)
		load->connections[i].fd = -1;
	for (unsigned i = 0; i < load->options->connections && !load->options->fresh; i++)
		if (open_connection(load, &load->connections[i]) != 0)
			return -1;
	return 0;
}

/* How long to wait for a reply: patiently, or until the next request is due. */
static int wait_ms(const struct load *load, double now)
{
	enum { PATIENCE_MS = 5000 };
	if (load->options->rate == 0 || load->free == NULL)
		return PATIENCE_MS;
	return load->next_due <= now ? 0 : (int)((load->next_due - now) * 1000);
}

static int begin(struct load *load)
{
	double now = load->next_due = seconds_now();
	load->free_end = &load->free;
	load->latencies.from = now + load->options->warm_s;
	load->latencies.until = load->latencies.from + load->options->measured_s;
	for (unsigned i = 0; i < load->options->connections; i++)
		if (ask_on(load, &load->connections[i], now) != 0)
			return -1;
	return 0;
}

static int run(struct load *load)
{
	enum { EVENTS = 64 };
	struct epoll_event events[EVENTS];
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load->epoll < 0 || open_connections(load) != 0 || begin(load) != 0)
		return -1;
	double now;
	while ((now = seconds_now()) < load->latencies.until) {
		if (load->server_busy_from == 0 && now >= load->latencies.from)
			load->server_busy_from = wire_server_busy(load->options->server);
		if (send_due(load, now) != 0)
			return -1;
		int patience = wait_ms(load, now), count = epoll_wait(load->epoll, events, EVENTS, patience);
		if (count == 0 && patience > 1000) {
			fprintf(stderr, "load: no reply for %d ms\n", patience);
			return -1;
		}
		for (int i = 0; i < count; i++)
			if (take_reply(load, events[i].data.ptr) != 0)
				return -1;
	}
	load->server_busy_until = wire_server_busy(load->options->server);
	return 0;
}

static int measure(struct load *load)
{
	double start = seconds_now(), busy = seconds_busy();
	if (run(load) != 0)
		return 1;
	busy = (seconds_busy() - busy) / (seconds_now() - start);
	printf("{\"flow\": \"%s\", ", load->options->flow->name);
	if (latencies_print(&load->latencies, "tokens") != 0)
		return EXIT_STALLED;
	printf("\"load_busy\": %.3f, \"server_busy\": %.3f}\n", busy,
	       (load->server_busy_until - load->server_busy_from) / load->options->measured_s);
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
		{ "address", 1, NULL, 'a' }, { "partition", 1, NULL, 'p' }, { "path", 1, NULL, 'P' }, { "flow", 1, NULL, 'f' },
		{ "count", 1, NULL, 'n' }, { "connections", 1, NULL, 'c' }, { "warm", 1, NULL, 'w' }, { "seconds", 1, NULL, 's' },
		{ "seed", 1, NULL, 'r' }, { "pid", 1, NULL, 'i' }, { "rate", 1, NULL, 'R' },
		{ "ca-file", 1, NULL, 'C' }, { "fresh", 0, NULL, 'F' }, { NULL, 0, NULL, 0 },
	};
	int letter;
	while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (letter) {
		case 'a': ret->address = optarg; break;
		case 'p': ret->partition = optarg; break;
		case 'P': ret->path = optarg; break;
		case 'f': ret->flow = flow_find(optarg); break;
		case 'n': ret->count = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'c': ret->connections = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': ret->warm_s = strtod(optarg, NULL); break;
		case 's': ret->measured_s = strtod(optarg, NULL); break;
		case 'C': ret->ca_file = optarg; break;
		case 'F': ret->fresh = true; break;
		case 'R': ret->rate = strtod(optarg, NULL); break;
		case 'r': ret->seed = strtoul(optarg, NULL, 10); break;
		case 'i': ret->server = (pid_t)strtol(optarg, NULL, 10); break;
		default: return -1;
		}
	}
	bool good = ret->address != NULL && ret->flow != NULL && ret->count > 0 && ret->count <= POPULATION_MAX && ret->connections > 0 &&
	            ret->connections <= CONNECTIONS_MAX && ret->warm_s >= 0 && ret->measured_s > 0 && ret->measured_s <= 600 && ret->rate >= 0;
	return good && optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options options = { .partition = POPULATION_PARTITION, .count = 10, .connections = 64, .warm_s = 0.5, .measured_s = 3, .seed = 1 };
	if (options_read(argc, argv, &options) != 0) {
		fprintf(stderr, "usage: load --address HOST:PORT --flow client-credentials|username|userid|email [--partition ID] [--path PATH]\n"
		                "            [--count N] [--connections N] [--warm SECONDS] [--seconds SECONDS] [--seed N] [--pid PID]\n"
		                "            [--rate N] [--ca-file FILE] [--fresh]\n");
		return 2;
	}
	struct load load = { .options = &options, .random = population_mix(options.seed) };
	if (options.path != NULL)
		snprintf(load.path, sizeof load.path, "%s", options.path);
	else
		snprintf(load.path, sizeof load.path, "/system/auth/%s-%c/oauth2/token", options.partition, options.flow->realm);
	if (options.ca_file != NULL && (load.client = secure_client_new(options.ca_file)) == NULL)
		return 1;
	load.connections = calloc(options.connections, sizeof *load.connections);
	int code = load.connections == NULL || !latencies_open(&load.latencies) ? 1 : measure(&load);
	latencies_close(&load.latencies);
	for (unsigned i = 0; load.connections != NULL && i < options.connections; i++)
		secure_close(load.connections[i].secure);
	secure_client_free(load.client);
	free(load.connections);
	return code;
}
