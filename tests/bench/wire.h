/* The little HTTP that the load needs: a kept-alive connection to a loopback address, and a reply's end. */
#ifndef WRIT_BENCH_WIRE_H
#define WRIT_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>

/* address   "127.0.0.1:8080". A connected (blocking) socket without delay, or -1 with errno. */
int wire_connect(const char *address);

enum wire_state { WIRE_INCOMPLETE, WIRE_WHOLE, WIRE_BROKEN };
struct wire_reply {
	int status;
	bool closes;        /* the server ends the connection after it */
	const char *head;   /* status line and headers, with the empty line */
	size_t head_size;
	const char *body;
	size_t body_size;
};
/* Is data[0..size) a whole reply with a declared length? WIRE_BROKEN: it is no such reply, or has bytes behind it. */
enum wire_state wire_read(const char *data, size_t size, struct wire_reply *ret);

/* The value of the next header line of that name ("Location:") behind after (NULL: the first), up to its CR; NULL: no more. */
const char *wire_header(const struct wire_reply *, const char *name, const char *after);

/* Processor seconds that the process pid has used since it started, all its threads together; 0 when it cannot be told. */
double wire_server_busy(int pid);

#endif
