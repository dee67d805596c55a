#include "cli/login/loopback.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY_ARENA_MAX (64 * 1024)
#define CLOSED (-1)

struct connection {
	int fd;
	bool answered; /* what still comes is thrown away until the peer closes */
	int64_t deadline_ms;
	size_t len;
	char bytes[LIMIT_CALLBACK_SIZE];
};

struct loopback {
	int fd;
	uint16_t port;
	struct connection connections[LIMIT_CALLBACK_CONNECTIONS];
};

/* ---- one request ------------------------------------------------------------------------------------------- */

static bool line_cut(struct slice *rest, struct slice *ret)
{
	if (!slice_cut(rest, '\n', ret) || ret->len == 0 || ret->ptr[ret->len - 1] != '\r')
		return false;
	ret->len--;
	for (size_t i = 0; i < ret->len; i++)
		if ((unsigned char)ret->ptr[i] < 0x20 && ret->ptr[i] != '\t')
			return false;
	return true;
}

static bool host_is_ours(struct slice value, uint16_t port)
{
	char ours[sizeof "127.0.0.1:65535"];
	snprintf(ours, sizeof ours, "127.0.0.1:%u", (unsigned)port);
	while (value.len > 0 && (value.ptr[0] == ' ' || value.ptr[0] == '\t'))
		value = slice_skip(value, 1);
	while (value.len > 0 && (value.ptr[value.len - 1] == ' ' || value.ptr[value.len - 1] == '\t'))
		value.len--;
	return slice_is(value, ours);
}

/* "GET /path?query HTTP/1.1" */
static enum result request_line_read(struct slice line, struct loopback_request *ret)
{
	struct slice method, target, version, surplus;
	if (!slice_cut(&line, ' ', &method) || !slice_cut(&line, ' ', &target) || !slice_cut(&line, ' ', &version) ||
	    slice_cut(&line, ' ', &surplus))
		return RESULT_INVALID;
	if (!slice_is(version, "HTTP/1.1") && !slice_is(version, "HTTP/1.0"))
		return RESULT_INVALID;
	if (target.len == 0 || target.ptr[0] != '/' || !text_is_printable_ascii(target))
		return RESULT_INVALID;
	if (!slice_is(method, "GET"))
		return RESULT_NOT_FOUND;
	struct slice path;
	if (!slice_cut(&target, '?', &path))
		return RESULT_INVALID;
	*ret = (struct loopback_request) { path, target };
	return RESULT_OK;
}

enum result loopback_request_read(struct slice bytes, uint16_t port, struct loopback_request *ret)
{
	static const char end[] = "\r\n\r\n";
	const char *found = bytes.len == 0 ? NULL : memmem(bytes.ptr, bytes.len, end, strlen(end));
	if (found == NULL)
		return bytes.len >= LIMIT_CALLBACK_SIZE ? RESULT_TOO_LARGE : RESULT_BUSY;
	struct slice rest = slice_first(bytes, (size_t)(found - bytes.ptr) + 2);
	struct slice line, name;
	struct loopback_request request;
	int hosts = 0, ours = 0;
	if (!line_cut(&rest, &line))
		return RESULT_INVALID;
	enum result result = request_line_read(line, &request);
	while (rest.len > 0) {
		if (!line_cut(&rest, &line))
			return RESULT_INVALID;
		struct slice value = line;
		if (!slice_cut(&value, ':', &name) || value.ptr == NULL)
			return RESULT_INVALID;
		if (!text_equal_folded(name, SLICE_OF("Host")))
			continue;
		hosts++;
		ours += host_is_ours(value, port);
	}
	if (result == RESULT_OK && (hosts != 1 || ours != 1))
		result = RESULT_NOT_FOUND;
	if (result == RESULT_OK)
		*ret = request;
	return result;
}

static const char *status_words(int status)
{
	switch (status) {
	case 200: return "200 OK";
	case 303: return "303 See Other";
	case 404: return "404 Not Found";
	default: return "400 Bad Request";
	}
}

static void page_write(struct writer *page, const struct loopback_reply *reply)
{
	writer_text(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	                  "<meta name=\"color-scheme\" content=\"light dark\"><title>");
	writer_html(page, slice_from(reply->title));
	writer_text(page, "</title><style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}</style>"
	                  "</head><body><main><h1>");
	writer_html(page, slice_from(reply->title));
	writer_text(page, "</h1><p>");
	writer_html(page, slice_from(reply->text));
	writer_text(page, "</p></main></body></html>\n");
}

struct slice loopback_reply_write(const struct loopback_reply *reply, struct arena *arena)
{
	struct writer page = writer_new(arena, 1024);
	struct writer bytes = writer_new(arena, 2048);
	page_write(&page, reply);
	writer_print(&bytes, "HTTP/1.1 %s\r\n", status_words(reply->status));
	if (reply->location != NULL)
		writer_print(&bytes, "Location: %s\r\n", reply->location);
	writer_text(&bytes, "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
	                    "X-Content-Type-Options: nosniff\r\n"
	                    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
	                    "frame-ancestors 'none'\r\nConnection: close\r\n");
	writer_print(&bytes, "Content-Length: %zu\r\n\r\n", page.len);
	writer_put(&bytes, writer_slice(&page));
	return writer_ok(&page) && writer_ok(&bytes) ? writer_slice(&bytes) : (struct slice) { NULL, 0 };
}

/* ---- connections ------------------------------------------------------------------------------------------- */

static void connection_close(struct connection *connection)
{
	if (connection->fd == CLOSED)
		return;
	close(connection->fd);
	connection->fd = CLOSED;
	wipe(connection->bytes, connection->len);
	connection->len = 0;
}

/* A reply of this size always fits into the buffer of a fresh socket. */
static void reply_send(struct connection *connection, const struct loopback_reply *reply)
{
	struct arena *arena = arena_new(4096, REPLY_ARENA_MAX);
	if (arena != NULL) {
		struct slice bytes = loopback_reply_write(reply, arena);
		if (bytes.len > 0 && send(connection->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL) == (ssize_t)bytes.len)
			shutdown(connection->fd, SHUT_WR);
	}
	arena_free(arena);
	connection->answered = true;
}

/* What has come is judged and, when it is whole or wrong, answered. True: answer() said that it was the one. */
static bool request_answer(struct loopback *loopback, struct connection *connection, loopback_answer *answer, void *context)
{
	const struct slice bytes = { connection->bytes, connection->len };
	struct loopback_reply reply = { 400, NULL, "Not understood", "That was not a request that this address answers." };
	struct loopback_request request;
	bool done = false;
	enum result result = loopback_request_read(bytes, loopback->port, &request);
	if (result == RESULT_BUSY)
		return false;
	if (result == RESULT_NOT_FOUND)
		reply.status = 404;
	if (result == RESULT_OK)
		done = answer(context, &request, &reply);
	reply_send(connection, &reply);
	return done;
}

static bool connection_read(struct loopback *loopback, struct connection *connection, loopback_answer *answer, void *context)
{
	char thrown_away[4096];
	bool answered = connection->answered;
	char *target = answered ? thrown_away : connection->bytes + connection->len;
	size_t room = answered ? sizeof thrown_away : sizeof connection->bytes - connection->len;
	ssize_t got = recv(connection->fd, target, room, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		connection_close(connection);
		return false;
	}
	if (answered)
		return false;
	connection->len += (size_t)got;
	return request_answer(loopback, connection, answer, context);
}

static struct connection *slot_find(struct loopback *loopback)
{
	struct connection *oldest = &loopback->connections[0];
	for (size_t i = 0; i < LIMIT_CALLBACK_CONNECTIONS; i++) {
		struct connection *connection = &loopback->connections[i];
		if (connection->fd == CLOSED)
			return connection;
		if (connection->deadline_ms < oldest->deadline_ms)
			oldest = connection;
	}
	connection_close(oldest);
	return oldest;
}

static bool peer_is_loopback(const struct sockaddr_in *peer)
{
	return peer->sin_family == AF_INET && (ntohl(peer->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

static void connection_accept(struct loopback *loopback)
{
	struct sockaddr_in peer = { .sin_family = AF_UNSPEC };
	socklen_t size = sizeof peer;
	int fd = accept4(loopback->fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (!peer_is_loopback(&peer)) {
		close(fd);
		return;
	}
	struct connection *connection = slot_find(loopback);
	connection->fd = fd;
	connection->answered = false;
	connection->len = 0;
	connection->deadline_ms = clock_monotonic_ms() + LIMIT_CALLBACK_S * 1000;
}

/* ---- the listener ------------------------------------------------------------------------------------------ */

static enum result failed(struct loopback *loopback, uint16_t port, int error, struct problem *problem)
{
	if (loopback->fd != CLOSED)
		close(loopback->fd);
	if (error == EADDRINUSE)
		return problem_set(problem, RESULT_FAILED, "port %u of 127.0.0.1 is in use: give another with --port, or leave it out for a free one",
		                   (unsigned)port);
	return problem_set(problem, RESULT_FAILED, "127.0.0.1 port %u cannot be listened on: %s: give another with --port", (unsigned)port,
	                   strerrordesc_np(error));
}

enum result loopback_open(uint16_t port, struct arena *arena, struct loopback **ret, struct problem *problem)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	struct loopback *loopback = arena_alloc(arena, sizeof *loopback);
	if (loopback == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < LIMIT_CALLBACK_CONNECTIONS; i++)
		loopback->connections[i].fd = CLOSED;
	loopback->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (loopback->fd < 0)
		return failed(loopback, port, errno, problem);
	const int yes = 1; /* a fixed port may be used again at once; another listener on it is still an error */
	if (setsockopt(loopback->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
	    bind(loopback->fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(loopback->fd, LIMIT_CALLBACK_CONNECTIONS) != 0 ||
	    getsockname(loopback->fd, (struct sockaddr *)&address, &size) != 0)
		return failed(loopback, port, errno, problem);
	loopback->port = ntohs(address.sin_port);
	*ret = loopback;
	return RESULT_OK;
}

void loopback_close(struct loopback *loopback)
{
	if (loopback == NULL)
		return;
	for (size_t i = 0; i < LIMIT_CALLBACK_CONNECTIONS; i++)
		connection_close(&loopback->connections[i]);
	if (loopback->fd != CLOSED)
		close(loopback->fd);
	loopback->fd = CLOSED;
}

uint16_t loopback_port(const struct loopback *loopback)
{
	return loopback->port;
}

/* Closes who took too long; the time until the next one would. */
static int64_t connections_expire(struct loopback *loopback, int64_t now_ms, int64_t until_ms)
{
	for (size_t i = 0; i < LIMIT_CALLBACK_CONNECTIONS; i++) {
		struct connection *connection = &loopback->connections[i];
		if (connection->fd == CLOSED)
			continue;
		if (connection->deadline_ms <= now_ms)
			connection_close(connection);
		else if (connection->deadline_ms < until_ms)
			until_ms = connection->deadline_ms;
	}
	return until_ms - now_ms;
}

enum result loopback_serve(struct loopback *loopback, int64_t for_ms, loopback_answer *answer, void *context)
{
	const int64_t until_ms = clock_monotonic_ms() + for_ms;
	for (int64_t now_ms = until_ms - for_ms; now_ms < until_ms; now_ms = clock_monotonic_ms()) {
		struct pollfd files[1 + LIMIT_CALLBACK_CONNECTIONS] = { { .fd = loopback->fd, .events = POLLIN } };
		const int64_t wait_ms = connections_expire(loopback, now_ms, until_ms);
		for (size_t i = 0; i < LIMIT_CALLBACK_CONNECTIONS; i++)
			files[1 + i] = (struct pollfd) { .fd = loopback->connections[i].fd, .events = POLLIN };
		int ready = poll(files, 1 + LIMIT_CALLBACK_CONNECTIONS, (int)wait_ms);
		if (ready < 0 && errno != EINTR)
			return RESULT_FAILED;
		if (ready <= 0)
			continue;
		for (size_t i = 0; i < LIMIT_CALLBACK_CONNECTIONS; i++)
			if (files[1 + i].revents != 0 && connection_read(loopback, &loopback->connections[i], answer, context))
				return RESULT_OK;
		if (files[0].revents != 0)
			connection_accept(loopback);
	}
	return RESULT_EXPIRED;
}
