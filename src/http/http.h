/* Sockets to typed requests to replies, over libmicrohttpd. Knows nothing of OAuth.
 *
 * One http_server is one listener: event threads (one per processor of sched_getaffinity unless set) that read
 * requests into one arena each, refuse what is malformed or too large (contract.md §6), find the route, and run its
 * handler either on the event thread (it touches only memory and local reads) or elsewhere, with the connection
 * suspended (it may block). What the library does not see or do (design.md §4) is done here: deadlines, shedding,
 * repeated headers, lengths. */
#ifndef WRIT_HTTP_HTTP_H
#define WRIT_HTTP_HTTP_H

#include "base/arena.h"
#include "base/result.h"

#include <stdint.h>

struct tls_identity;

enum http_method {
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 4,
	HTTP_PUT = 8,
	HTTP_PATCH = 16,
	HTTP_DELETE = 32,
	HTTP_OPTIONS = 64,
	HTTP_OTHER = 128
};

struct http_header {
	struct slice name;
	struct slice value;
};

#define HTTP_SEGMENTS_MAX 6
#define HTTP_REPLY_HEADERS_MAX 16

struct http_route;

/* A whole request. Everything it points to lives until the reply was sent. */
struct http_request {
	struct arena *arena;
	enum http_method method;
	struct slice method_name;
	struct slice target; /* as it came: path and query */
	struct slice path;   /* as it came, not decoded */
	struct slice query;  /* as it came, without '?'; ptr NULL when there is none */
	struct slice body;   /* as it came, chunks joined */
	const struct http_header *headers;
	size_t header_count;
	struct slice address; /* of the client: the peer's, or what trusted proxies say (http/address.h) */
	struct slice id;      /* X-Request-Id of the reply; 26 or so safe characters */
	const struct http_route *route;
	struct slice segments[HTTP_SEGMENTS_MAX]; /* what {…} of the route's pattern stood for, in order */
	int64_t received_us;                      /* monotonic */
	bool on_worker;                           /* the handler may block */
};

/* The only (or first) header of that name, compared without case; {NULL,0} when absent. */
struct slice http_request_header(const struct http_request *, const char *name);

/* What a handler fills. Zeroed before the handler runs, but for status 200. Slices must live as long as the
 * request (literals or its arena). Common headers (X-Request-Id, X-Content-Type-Options, Referrer-Policy, CORS) are
 * added here in http/; Date, Content-Length by the library. */
struct http_reply {
	unsigned status;
	struct slice content_type;
	struct slice body;
	struct http_header headers[HTTP_REPLY_HEADERS_MAX];
	size_t header_count;
	struct slice error; /* a slug for metrics and logs, not sent; empty when all is well */
	bool later;         /* on an event thread: drop this reply, and run the handler again on a worker, where it may block */
	bool behind;        /* on a worker: drop it, and run the handler again when another's that does what it needs has ended there */
};
/* Adds a header. A value with a control character is never sent: the header is left out. An empty one is sent as white space alone, which
 * is an empty value (RFC 9110 §5.5). name: a literal. */
void http_reply_header(struct http_reply *, const char *name, struct slice value);

typedef void http_handler(void *context, struct http_request *, struct http_reply *);

enum http_place {
	HTTP_ON_EVENT_THREAD,
	HTTP_ON_WORKER,        /* it may block, for milliseconds */
	HTTP_ON_PATIENT_WORKER /* it may block for long: on workers of its own, so that the others stay free */
};
enum http_cors {
	HTTP_CORS_NONE,
	HTTP_CORS_ANY,    /* Access-Control-Allow-Origin: * */
	HTTP_CORS_ORIGIN, /* the origin itself when http_options.origin_allowed says so; Vary: Origin always */
};

struct http_route {
	unsigned methods; /* enum http_method, or-ed; HEAD is allowed wherever GET is */
	/* "/system/auth/{realm}/oauth2/token": literal segments and {…}, which stands for one whole non-empty segment.
	 * Matching is on the raw path, byte for byte; the first match of path and method in the table wins. A last segment
	 * "{name...}" stands for all that is left of the path, slashes included, and may be empty. */
	const char *pattern;
	http_handler *handler;
	size_t body_max; /* 0: a body is refused (413) */
	enum http_place place;
	enum http_cors cors; /* on every reply of this address, errors too; preflights are answered here */
};

struct http_options {
	/* A socket from listen_open (http/listen.h) that the server takes over, with the address it is bound to; 0: listen is
	 * bound at the start. So a program can know its address before it serves. */
	int bound_socket;
	const char *bound_address;
	const char *listen;       /* "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:443"; port 0 picks a free one */
	unsigned threads;         /* 0: one per processor of sched_getaffinity */
	unsigned connections_max; /* 0: as RLIMIT_NOFILE allows, at most 20 000; the soft limit is raised first */
	const struct http_route *routes;
	size_t route_count;
	void *context; /* handed to every function below and to handlers */
	/* Fills the reply for what http/ itself refuses (400, 404, 405, 413, 414, 431, 500, 503); Allow and Retry-After are
	 * added here. Of the request, id and arena are always there, the rest as far as it was read. slug: a short
	 * word such as "not-found"; sentence: printable ASCII without quotes. */
	void (*refuse)(void *context, const struct http_request *, unsigned status, const char *slug, const char *sentence, struct http_reply *);
	/* Runs job(argument) on a worker of that kind soon; false when its queue is full (the request is answered 503). */
	bool (*run_on_worker)(void *context, enum http_place, void (*job)(void *argument), void *argument);
	/* May this origin read replies of this request's address? Called on an event thread: memory and local reads only. */
	bool (*origin_allowed)(void *context, const struct http_request *, struct slice origin);
	/* After each reply was handed over for sending. For metrics and the access log; may be NULL. */
	void (*done)(void *context, const struct http_request *, const struct http_reply *, int64_t duration_us);
	/* 0: LIMIT_SILENCE_S and LIMIT_REQUEST_S. In milliseconds so that tests need not wait; silence is kept in whole
	 * seconds, rounded up. */
	unsigned silence_ms;
	unsigned request_ms;
	/* Peers whose X-Forwarded-For is believed; NULL: none. May be replaced at run time by http_server_trust. */
	const struct address_list *trusted_proxies;
	/* With one, the listener speaks https and nothing else (http/tls.h); it is held here too. Replaced at run time by
	 * http_server_identify. NULL: plain HTTP. */
	struct tls_identity *tls;
};

struct http_server;

/* Binds, listens, starts the threads. RESULT_FAILED with a problem that says what to do ("127.0.0.1:8080 is in use by
 * another program: stop it, or choose another address with --listen"; likewise for no permission, no such address). */
MUST_CHECK enum result http_server_start(const struct http_options *, struct http_server **ret, struct problem *);

/* "127.0.0.1:8080" with the real port. */
const char *http_server_address(const struct http_server *);

/* Replaces the trusted proxies while requests run; the list must outlive the server or the next call. */
void http_server_trust(struct http_server *, const struct address_list *);

/* Replaces the certificate of a listener that began with one: connections accepted from here on present it, those that
 * are open stay as they are. */
void http_server_identify(struct http_server *, struct tls_identity *);

/* Stops accepting, lets requests under way finish for at most drain_s seconds (suspended ones included), closes every
 * connection, joins the threads, frees. Kept-alive idle connections do not delay it. A handler that is still on a worker
 * after drain_s runs on and its reply is dropped: stop the workers before freeing what context points to. */
void http_server_stop(struct http_server *, unsigned drain_s);

struct http_numbers {
	int64_t connections;      /* open now */
	int64_t connections_shed; /* idle ones closed to make room */
	int64_t deadlines;        /* connections cut for being too slow */
	int64_t under_way;        /* requests being handled now */
	int64_t tls_expires_s;    /* of the certificate that new connections get; 0: plain HTTP */
};
void http_server_numbers(const struct http_server *, struct http_numbers *ret);

#endif
