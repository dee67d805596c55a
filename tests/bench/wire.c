#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static bool parse_address(const char *address, struct sockaddr_in *ret)
{
	char host[64];
	const char *colon = strrchr(address, ':');
	if (colon == NULL || (size_t)(colon - address) >= sizeof host)
		return false;
	memcpy(host, address, (size_t)(colon - address));
	host[colon - address] = '\0';
	unsigned long port = strtoul(colon + 1, NULL, 10);
	*ret = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	return port > 0 && port < 65536 && inet_pton(AF_INET, host, &ret->sin_addr) == 1;
}

int wire_connect(const char *address)
{
	struct sockaddr_in to;
	if (!parse_address(address, &to)) {
		errno = EINVAL;
		return -1;
	}
	const int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* The value of a header line, or NULL. name with its colon; only inside head[0..size). */
static const char *header_find(const char *head, size_t size, const char *name)
{
	size_t name_len = strlen(name);
	const char *end = head + size;
	for (const char *line = head; line != NULL && line + name_len < end; line = memchr(line, '\n', (size_t)(end - line))) {
		if (*line == '\n')
			line++;
		if (line + name_len < end && strncasecmp(line, name, name_len) == 0)
			return line + name_len;
	}
	return NULL;
}

enum wire_state wire_read(const char *data, size_t size, struct wire_reply *ret)
{
	static const char version[] = "HTTP/1.1 ";
	const char *head_end = memmem(data, size, "\r\n\r\n", 4);
	if (head_end == NULL)
		return WIRE_INCOMPLETE;
	size_t head_size = (size_t)(head_end - data) + 4;
	const char *length = header_find(data, head_size, "Content-Length:");
	const char *connection = header_find(data, head_size, "Connection:");
	bool empty = strncmp(data + sizeof version - 1, "204", 3) == 0; /* which has no length (RFC 9110 §8.6) */
	if (strncmp(data, version, sizeof version - 1) != 0 || (length == NULL && !empty))
		return WIRE_BROKEN;
	size_t body_size = length == NULL ? 0 : strtoul(length, NULL, 10);
	if (size - head_size < body_size)
		return WIRE_INCOMPLETE;
	*ret = (struct wire_reply) {
		.status = (int)strtol(data + sizeof version - 1, NULL, 10),
		.closes = connection != NULL && strncasecmp(connection, " close", 6) == 0,
		.head = data,
		.head_size = head_size,
		.body = data + head_size,
		.body_size = body_size,
	};
	return size - head_size == body_size ? WIRE_WHOLE : WIRE_BROKEN;
}

const char *wire_header(const struct wire_reply *reply, const char *name, const char *after)
{
	const char *end = reply->head + reply->head_size, *from = reply->head;
	if (after != NULL)
		from = memchr(after, '\n', (size_t)(end - after));
	const char *value = from == NULL ? NULL : header_find(from, (size_t)(end - from), name);
	while (value != NULL && *value == ' ')
		value++;
	return value;
}

double wire_server_busy(int pid)
{
	clockid_t clock;
	struct timespec busy;
	if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &busy) != 0)
		return 0;
	return (double)busy.tv_sec + (double)busy.tv_nsec / 1e9;
}
