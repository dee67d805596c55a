#include "http/listen.h"

#include "base/limits.h"
#include "base/text.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
#define HOST_SIZE 64
#define PORT_SIZE 6
/* Files that are no connections: the store, its readers, logs, outbound fetches. */
#define FILES_RESERVED 128

static bool split(struct slice text, char host[HOST_SIZE], char port[PORT_SIZE])
{
	const char *colon = text.len == 0 ? NULL : memrchr(text.ptr, ':', text.len);
	if (colon == NULL)
		return false;
	struct slice left = slice_first(text, (size_t)(colon - text.ptr));
	struct slice right = slice_skip(text, left.len + 1);
	int64_t number;
	if (right.len >= PORT_SIZE || text_to_int(right, 65535, &number) != RESULT_OK)
		return false;
	if (left.len > 2 && left.ptr[0] == '[' && left.ptr[left.len - 1] == ']')
		left = (struct slice) { left.ptr + 1, left.len - 2 };
	else if (left.len == 0 || memchr(left.ptr, ':', left.len) != NULL)
		return false;
	if (left.len >= HOST_SIZE)
		return false;
	text_copy(host, HOST_SIZE, left);
	text_copy(port, PORT_SIZE, right);
	return true;
}

static enum result explain(const char *option, const char *text, int error, struct problem *problem)
{
	switch (error) {
	case EADDRINUSE:
		return problem_set(problem, RESULT_FAILED,
		                   "%s is in use: stop the program that uses it, or choose another address with %s", text, option);
	case EACCES:
	case EPERM:
		return problem_set(problem, RESULT_FAILED,
		                   "no permission to listen on %s: choose a port from 1024 on with %s, or allow it", text, option);
	case EADDRNOTAVAIL:
		return problem_set(problem, RESULT_FAILED,
		                   "this machine does not have the address of %s: choose another with %s", text, option);
	case EAFNOSUPPORT:
		return problem_set(problem, RESULT_FAILED,
		                   "this machine does not speak the protocol of %s: choose another with %s", text, option);
	default:
		return problem_set(problem, RESULT_FAILED, "cannot listen on %s: %s", text, strerror(error));
	}
}

static void print_address(int opened, const char *host, char address[LISTEN_ADDRESS_SIZE])
{
	struct sockaddr_storage bound;
	socklen_t size = sizeof bound;
	char port[NI_MAXSERV] = "0";
	if (getsockname(opened, (struct sockaddr *)&bound, &size) == 0)
		getnameinfo((struct sockaddr *)&bound, size, NULL, 0, port, sizeof port, NI_NUMERICSERV);
	bool v6 = strchr(host, ':') != NULL;
	snprintf(address, LISTEN_ADDRESS_SIZE, "%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

static int open_socket(const struct addrinfo *where)
{
	int opened = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (opened < 0)
		return -1;
	const int on = 1;
	if (setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(opened, where->ai_addr, where->ai_addrlen) == 0 && listen(opened, BACKLOG) == 0)
		return opened;
	int error = errno;
	close(opened);
	errno = error;
	return -1;
}

enum result listen_open(const char *option, const char *text, int *ret_socket, char address[LISTEN_ADDRESS_SIZE], struct problem *problem)
{
	char host[HOST_SIZE];
	char port[PORT_SIZE];
	if (text == NULL || !split(slice_from(text), host, port))
		return problem_set(problem, RESULT_INVALID, "%s is no address to listen on: write 127.0.0.1:8080 or [::1]:8080",
		                   text == NULL ? "nothing" : text);
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int failure = getaddrinfo(host, port, &hints, &found);
	if (failure != 0)
		return problem_set(problem, RESULT_FAILED, "cannot find the address %s: %s", host, gai_strerror(failure));
	int opened = open_socket(found);
	int error = errno;
	freeaddrinfo(found);
	if (opened < 0)
		return explain(option, text, error, problem);
	print_address(opened, host, address);
	*ret_socket = opened;
	return RESULT_OK;
}

unsigned listen_connections_max(unsigned wanted)
{
	const rlim_t most = wanted == 0 ? LIMIT_CONNECTIONS : wanted;
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return (unsigned)(most < 512 ? most : 512);
	rlim_t needed = most + FILES_RESERVED;
	if (files.rlim_cur != RLIM_INFINITY && files.rlim_cur < needed) {
		rlim_t raised = files.rlim_max == RLIM_INFINITY || files.rlim_max > needed ? needed : files.rlim_max;
		if (raised > files.rlim_cur) {
			struct rlimit changed = { .rlim_cur = raised, .rlim_max = files.rlim_max };
			if (setrlimit(RLIMIT_NOFILE, &changed) == 0)
				files.rlim_cur = raised;
		}
	}
	if (files.rlim_cur == RLIM_INFINITY || files.rlim_cur >= needed)
		return (unsigned)most;
	return (unsigned)(files.rlim_cur > 2 * FILES_RESERVED ? files.rlim_cur - FILES_RESERVED : files.rlim_cur / 2);
}
