/* One request and its reply on their way through the server.
 *
 * An exchange is taken from the pool when a request line was read and goes back, its arena wiped, when the reply was
 * sent or the connection died. The event thread holds it; while a worker runs its handler, the worker holds it too,
 * and whoever lets go last gives it back. */
#ifndef WRIT_HTTP_EXCHANGE_H
#define WRIT_HTTP_EXCHANGE_H

#include "base/limits.h"
#include "http/http.h"
#include "http/refusal.h"
#include "http/router.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#define REQUEST_ID_SIZE 26

enum exchange_stage {
	EXCHANGE_BEGUN,     /* the request line was read */
	EXCHANGE_READING,   /* headers were judged, the body is on its way */
	EXCHANGE_AT_WORK,   /* suspended: a worker runs the handler */
	EXCHANGE_BUSY,      /* no worker would take it */
	EXCHANGE_READY,     /* the worker filled the reply */
	EXCHANGE_ABANDONED, /* the server stops and a worker still has it: nobody will be answered */
	EXCHANGE_SENT,
};

struct exchange {
	struct exchange *next; /* in the pool; while it waits for another's handler, in that list */
	struct exchange *at_work_before, *at_work_after;
	struct http_server *server;
	struct connection *connection;
	struct MHD_Connection *library;
	_Atomic unsigned holders;
	enum exchange_stage stage;
	bool counted; /* in the server's under_way */
	bool target_too_long;
	const char *target_start, *target_end; /* in the library's memory, to compare addresses only */
	struct refusal refusal;
	struct router_match match;
	size_t body_discarded;
	size_t body_capacity;
	char *body; /* in the arena while small */
	bool body_on_heap;
	size_t large_place, long_place; /* which of the places for large bodies it has, or for long ones; 0: none */
	struct http_request request;
	struct http_reply reply;
	char id[REQUEST_ID_SIZE + 1];
	struct http_header headers[LIMIT_HEADER_COUNT];
};

/* Who has the places for bodies of some size: at most so many at once, and fewer for one client address. */
struct body_places {
	pthread_mutex_t lock;
	size_t count, each;
	struct body_place {
		bool taken;
		size_t len;
		char client[INET6_ADDRSTRLEN];
	} places[LIMIT_LONG_BODIES];
};

void body_places_open(struct body_places *, size_t count, size_t each);
void body_places_close(struct body_places *);

struct exchange_pool {
	pthread_mutex_t lock;
	struct exchange *first;
	size_t count;
};

void exchange_pool_open(struct exchange_pool *);
/* Every exchange must be back. */
void exchange_pool_close(struct exchange_pool *);

/* One holder, a fresh id, everything else empty; NULL when memory is out. */
MUST_CHECK struct exchange *exchange_take(struct exchange_pool *);
void exchange_hold(struct exchange *);
void exchange_release(struct exchange_pool *, struct exchange *);

/* Appends to request.body. Memory grows with what has arrived, never with what was announced.
 * RESULT_TOO_LARGE beyond the route's body_max, RESULT_NO_MEMORY, RESULT_BUSY: what has arrived needs one of
 * the LIMIT_LONG_BODIES or LIMIT_LARGE_BODIES places of the server, or both, and there is none for this client; they are given back
 * with the exchange. */
MUST_CHECK enum result exchange_body_add(struct exchange *, const char *bytes, size_t size);

/* Would a body of that size have its places now? Takes none: who only announces a body keeps nobody else from sending one. */
MUST_CHECK bool exchange_body_has_place(struct exchange *, uint64_t size);

/* Moves what still points into the library's memory to the arena, so that a worker may outlive the connection.
 * False when the arena is full. */
MUST_CHECK bool exchange_detach(struct exchange *);

#endif
