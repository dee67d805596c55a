/* A small server with routes of every kind, and a raw client that sees each byte. */
#ifndef WRIT_TESTS_HTTP_TOY_H
#define WRIT_TESTS_HTTP_TOY_H

#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>

#define TOY_JOBS 64

struct toy_job {
	void (*run)(void *argument);
	void *argument;
};

struct toy {
	struct http_server *server;
	struct http_options options;
	int port;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct toy_job jobs[TOY_JOBS];
	size_t job_count;
	size_t job_room; /* how many may wait */
	bool held;       /* workers take nothing */
	bool ends;
	pthread_t worker;
	_Atomic int done_count;
	_Atomic int handler_runs;
	_Atomic int later_runs[2];  /* of /later: on event threads, on workers */
	_Atomic int behind_runs;    /* of /behind, on workers */
	_Atomic int work_runs;      /* of /work */
	_Atomic unsigned slow_ms; /* how long /work takes */
};

/* Defaults, to be changed before toy_start. */
void toy_prepare(struct toy *);
void toy_start(struct toy *);
void toy_stop(struct toy *, unsigned drain_s);
/* The worker takes nothing until it is let go. */
void toy_hold(struct toy *, bool held);

struct wire_reply {
	int status; /* 0: the connection was closed, or silent for 10 s, before a whole head came */
	char head[8192];
	char body[8192];
	size_t body_len;
	bool complete; /* as many bytes as Content-Length says */
};

int wire_connect(const struct toy *);
void wire_send(int socket, const char *text);
void wire_send_bytes(int socket, const void *bytes, size_t size);
/* Reads one reply and not a byte more. headless: of a request by HEAD. */
struct wire_reply wire_read(int socket, bool to_head);
/* Nothing more comes and the other side has closed. */
bool wire_is_closed(int socket);
/* The first value of a header; "" when it is not there. */
const char *wire_header(const struct wire_reply *, const char *name);
int wire_header_count(const struct wire_reply *, const char *name);
/* Opens, sends, reads one reply, closes. */
struct wire_reply wire_ask(const struct toy *, const char *text);

#endif
