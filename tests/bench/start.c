/* start RUNS ADDRESS PATH BODY COMMAND...: how long a server takes from its start to the first token. Starts the command,
 * asks until it answers, ends it with SIGTERM; RUNS times. Prints one JSON line with the milliseconds of each. */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 100, REPLY_SIZE = 16384, PATIENCE_S = 10, FIRST_ARGUMENT = 5 };

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_briefly(void)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	nanosleep(&pause, NULL);
}

/* 0: a token came. 1: nobody listens yet. -1: something else came. */
static int ask_once(const char *address, const char *path, const char *body)
{
	char request[4096], reply[REPLY_SIZE];
	size_t received = 0;
	struct wire_reply read;
	int fd = wire_connect(address);
	if (fd < 0)
		return errno == ECONNREFUSED ? 1 : -1;
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	int size = snprintf(request, sizeof request,
	                    "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s", path,
	                    address, strlen(body), body);
	ssize_t got = send(fd, request, (size_t)size, MSG_NOSIGNAL);
	enum wire_state state = WIRE_INCOMPLETE;
	while (got > 0 && state == WIRE_INCOMPLETE && received < sizeof reply) {
		got = recv(fd, reply + received, sizeof reply - received, 0);
		received += got > 0 ? (size_t)got : 0;
		state = wire_read(reply, received, &read);
	}
	close(fd);
	if (state == WIRE_WHOLE && read.status == 200 && memmem(read.body, read.body_size, "\"access_token\"", 14) != NULL)
		return 0;
	fprintf(stderr, "start: the reply is not a token:\n%.*s\n", (int)received, reply);
	return -1;
}

static pid_t start_server(char **command)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(127);
	execvp(command[0], command);
	fprintf(stderr, "start: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* Milliseconds, or negative. */
static double measure_once(char **argv)
{
	double start = seconds_now();
	pid_t pid = start_server(argv + FIRST_ARGUMENT);
	if (pid < 0)
		return -1;
	int asked = 1;
	while (asked == 1 && seconds_now() - start < PATIENCE_S && waitpid(pid, NULL, WNOHANG) == 0)
		if ((asked = ask_once(argv[2], argv[3], argv[4])) == 1)
			pause_briefly();
	double took_ms = (seconds_now() - start) * 1000;
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	if (asked == 1)
		fprintf(stderr, "start: no answer within %d s\n", PATIENCE_S);
	return asked == 0 ? took_ms : -1;
}

int main(int argc, char **argv)
{
	long runs = argc > FIRST_ARGUMENT ? strtol(argv[1], NULL, 10) : 0;
	if (runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: start RUNS ADDRESS:PORT PATH BODY COMMAND...\n");
		return 2;
	}
	printf("{\"ms\": [");
	for (long i = 0; i < runs; i++) {
		double ms = measure_once(argv);
		if (ms < 0)
			return 1;
		printf("%s%.2f", i == 0 ? "" : ", ", ms);
	}
	printf("]}\n");
	return 0;
}
