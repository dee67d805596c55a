/* The open connections: how long each may take, and which one makes room for a new one.
 *
 * The library's own timeout sees silence only, so that one byte a second is never cut, and it stops accepting at its
 * limit. Here every connection has a deadline while it reads or sends, and the one idle for longest is shed when the
 * table is nearly full. Both end a connection by shutdown(2) on its socket, under the table's lock; a connection
 * leaves the table before the library closes its socket, so a reused number is never hit. */
#ifndef WRIT_HTTP_CONNECTION_H
#define WRIT_HTTP_CONNECTION_H

#include "http/http.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

struct exchange;
struct tls_identity;

enum connection_stage {
	CONNECTION_IDLE,    /* nothing of a request was seen */
	CONNECTION_READING, /* a request is on its way in */
	CONNECTION_HANDLED, /* a handler has it: no deadline, never shed */
	CONNECTION_SENDING,
};

struct connection {
	struct connection *before, *after; /* in the table, under its lock */
	bool cut;                          /* shut down already, under the lock */
	int socket;
	_Atomic int stage;
	_Atomic bool used; /* had a request since it was last looked at for shedding */
	_Atomic int64_t deadline_ms;
	bool greeting; /* TLS: no request line was read yet; the event thread's */
	struct exchange *exchange; /* of the request being read or answered; the event thread's */
	struct tls_identity *tls;  /* what its handshake presents; NULL: plain HTTP */
	struct sockaddr_storage peer;
	char address[INET6_ADDRSTRLEN];
	size_t address_len;
};

struct connection_table {
	pthread_mutex_t lock;
	struct connection *first, *last; /* those behind were busy more recently */
	int64_t count;
	int64_t cut_count; /* shut down, not yet gone */
	int64_t max;
	int64_t margin; /* places kept free by shedding */
	int64_t request_ms;
	int64_t silence_ms;
	_Atomic int64_t shed;
	_Atomic int64_t deadlines;
};

void connection_table_open(struct connection_table *, int64_t max, int64_t silence_ms, int64_t request_ms);
/* Every connection must have left. */
void connection_table_close(struct connection_table *);

/* Takes in an accepted connection and makes room if there is little. With tls it has silence_ms from here to its first
 * request line, handshake included: the library's timeout sees silence only. NULL when memory is out (the socket is then shut
 * down). When nothing can make room the new one itself is shut down. */
struct connection *connection_add(struct connection_table *, int socket, const struct sockaddr *peer, bool tls);
/* Takes it out and frees it. The socket is still open. */
void connection_remove(struct connection_table *, struct connection *);

/* A request line was read. */
void connection_reads(struct connection_table *, struct connection *);
/* The request is whole and its handler runs. */
void connection_handles(struct connection *);
/* The reply goes out. */
void connection_sends(struct connection_table *, struct connection *);
/* The reply was sent; another request may follow. */
void connection_rests(struct connection_table *, struct connection *);

/* Shuts down every connection past its deadline. */
void connection_table_reap(struct connection_table *, int64_t now_ms);
void connection_table_shut(struct connection_table *);
/* Has an idle connection bytes that no event thread has read yet? A request that was sent before the drain began. */
bool connection_table_has_unread(struct connection_table *);
int64_t connection_table_count(struct connection_table *);

#endif
