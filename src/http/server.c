#include "http/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/callbacks.h"
#include "http/tls.h"
#include "http/work.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS_MAX 256
#define REAPER_TICK_MS 1000
#define DRAIN_TICK_US 2000
#define QUIET_TICKS 5
#define BACKLOG_MS 250

void server_hold(struct http_server *server)
{
	atomic_fetch_add(&server->holders, 1);
}

void server_release(struct http_server *server)
{
	if (atomic_fetch_sub(&server->holders, 1) != 1)
		return;
	router_free(server->router);
	exchange_pool_close(&server->exchanges);
	body_places_close(&server->large_bodies);
	body_places_close(&server->long_bodies);
	connection_table_close(&server->connections);
	pthread_rwlock_destroy(&server->trust_lock);
	pthread_mutex_destroy(&server->tls_lock);
	pthread_mutex_destroy(&server->work_lock);
	pthread_mutex_destroy(&server->reaper_lock);
	pthread_cond_destroy(&server->reaper_wakes);
	if (server->socket >= 0)
		close(server->socket);
	tls_identity_release(server->tls);
	free(server);
}

static unsigned processors(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	return count < 1 ? 1 : (unsigned)count;
}

static void log_library(void *context, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
static void log_library(void *context, const char *format, va_list arguments)
{
	(void)context;
	char text[256];
	int len = vsnprintf(text, sizeof text, format, arguments);
	size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len
	                                                      : sizeof text - 1;
	log_line(LOG_DEBUG, "libmicrohttpd says", (const struct log_member[]) { { "text", { text, kept } } }, 1);
}

static void *reap(void *argument)
{
	struct http_server *server = argument;
	int64_t tick_ms = server->connections.request_ms < REAPER_TICK_MS ? server->connections.request_ms : REAPER_TICK_MS;
	pthread_mutex_lock(&server->reaper_lock);
	while (!server->reaper_stops) {
		int64_t wake_ms = clock_monotonic_ms() + tick_ms;
		struct timespec wake = { .tv_sec = wake_ms / 1000, .tv_nsec = wake_ms % 1000 * 1000000 };
		pthread_cond_timedwait(&server->reaper_wakes, &server->reaper_lock, &wake);
		pthread_mutex_unlock(&server->reaper_lock);
		connection_table_reap(&server->connections, clock_monotonic_ms());
		pthread_mutex_lock(&server->reaper_lock);
	}
	pthread_mutex_unlock(&server->reaper_lock);
	return NULL;
}

static void reaper_stop(struct http_server *server)
{
	pthread_mutex_lock(&server->reaper_lock);
	server->reaper_stops = true;
	pthread_cond_signal(&server->reaper_wakes);
	pthread_mutex_unlock(&server->reaper_lock);
	pthread_join(server->reaper, NULL);
}

static struct http_server *server_new(const struct http_options *options)
{
	struct http_server *server = calloc(1, sizeof *server);
	if (server == NULL)
		return NULL;
	server->options = *options;
	server->socket = -1;
	server->threads = options->threads > 0 ? options->threads : processors();
	if (server->threads > THREADS_MAX)
		server->threads = THREADS_MAX;
	server->trusted = options->trusted_proxies;
	atomic_init(&server->holders, 1);
	atomic_init(&server->trusts, options->trusted_proxies != NULL);
	int64_t silence_ms = options->silence_ms > 0 ? options->silence_ms : LIMIT_SILENCE_S * 1000;
	int64_t request_ms = options->request_ms > 0 ? options->request_ms : LIMIT_REQUEST_S * 1000;
	connection_table_open(&server->connections, listen_connections_max(options->connections_max), silence_ms, request_ms);
	exchange_pool_open(&server->exchanges);
	body_places_open(&server->large_bodies, LIMIT_LARGE_BODIES, LIMIT_LARGE_BODIES_EACH);
	body_places_open(&server->long_bodies, LIMIT_LONG_BODIES, LIMIT_LONG_BODIES_EACH);
	pthread_rwlock_init(&server->trust_lock, NULL);
	server->speaks_tls = options->tls != NULL;
	server->tls = server->speaks_tls ? tls_identity_hold(options->tls) : NULL;
	pthread_mutex_init(&server->tls_lock, NULL);
	pthread_mutex_init(&server->work_lock, NULL);
	pthread_mutex_init(&server->reaper_lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&server->reaper_wakes, &attributes);
	pthread_condattr_destroy(&attributes);
	return server;
}

/* The library's own limit is spread over its threads evenly, connections are not; so it is set where it never acts, and
 * the connection table keeps the real one. */
static unsigned library_limit(const struct http_server *server)
{
	return ((unsigned)server->connections.max + 64) * server->threads;
}

static bool library_speaks_tls(void)
{
	return MHD_is_feature_supported(MHD_FEATURE_TLS) == MHD_YES && MHD_is_feature_supported(MHD_FEATURE_HTTPS_CERT_CALLBACK2) == MHD_YES;
}

static enum result daemon_start(struct http_server *server, struct problem *problem)
{
	if (server->speaks_tls && !library_speaks_tls())
		return problem_set(problem, RESULT_FAILED,
		                   "the libmicrohttpd of this system cannot speak TLS: install one that can, or put a proxy in front");
	/* not MHD_USE_TURBO: the same system calls per request were counted with and without it, and it leaves out shutdowns */
	const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG |
	                       (server->speaks_tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls_items[] = {
		{ server->speaks_tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, (void *)tls_priorities },
		{ MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(intptr_t)tls_identity_present },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem items[] = {
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)callback_connection, server },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)callback_completed, server },
		{ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)callback_target, server },
		{ MHD_OPTION_LISTEN_SOCKET, server->socket, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, LIMIT_CONNECTION_POOL, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)((server->connections.silence_ms + 999) / 1000), NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)library_limit(server), NULL },
		/* at 1 it only refuses, in its own words or in none, what request.c refuses in ours */
		{ MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL },
		{ server->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)server->threads, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, callback_request, server, MHD_OPTION_EXTERNAL_LOGGER, log_library,
	                                  NULL, MHD_OPTION_ARRAY, items, MHD_OPTION_ARRAY, tls_items, MHD_OPTION_END);
	if (server->daemon == NULL)
		return problem_set(problem, RESULT_FAILED,
		                   "cannot serve on %s: no event threads (raise the limits of threads and open files)", server->address);
	return RESULT_OK;
}

static void stop_accepting(struct http_server *server)
{
	/* The library leaves the listening socket to us once it is quiesced. Shut down and not closed: new connections are
	 * refused at once, and an event thread that is just accepting never meets the number of another file. */
	MHD_quiesce_daemon(server->daemon);
	shutdown(server->socket, SHUT_RDWR);
}

static void stop_daemon(struct http_server *server)
{
	connection_table_shut(&server->connections);
	work_abandon(server);
	MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
}

enum result http_server_start(const struct http_options *options, struct http_server **ret, struct problem *problem)
{
	struct http_server *server = server_new(options);
	if (server == NULL)
		return RESULT_NO_MEMORY;
	enum result result = router_new(options->routes, options->route_count, &server->router, problem);
	if (options->bound_socket > 0) {
		server->socket = options->bound_socket;
		snprintf(server->address, sizeof server->address, "%s", options->bound_address);
	} else if (result == RESULT_OK) {
		result = listen_open("--listen", options->listen, &server->socket, server->address, problem);
	}
	if (result == RESULT_OK)
		result = daemon_start(server, problem);
	if (result == RESULT_OK) {
		int failure = pthread_create(&server->reaper, NULL, reap, server);
		if (failure != 0) {
			stop_accepting(server);
			stop_daemon(server);
			result = problem_set(problem, RESULT_FAILED, "cannot start a thread: %s", strerror(failure));
		}
	}
	if (result != RESULT_OK) {
		server_release(server);
		return result;
	}
	*ret = server;
	return RESULT_OK;
}

const char *http_server_address(const struct http_server *server)
{
	return server->address;
}

void http_server_trust(struct http_server *server, const struct address_list *trusted)
{
	/* with the lock held for writing nobody reads the old list any more */
	pthread_rwlock_wrlock(&server->trust_lock);
	server->trusted = trusted;
	atomic_store(&server->trusts, trusted != NULL);
	pthread_rwlock_unlock(&server->trust_lock);
}

void http_server_identify(struct http_server *server, struct tls_identity *identity)
{
	pthread_mutex_lock(&server->tls_lock);
	struct tls_identity *former = server->tls;
	server->tls = tls_identity_hold(identity);
	pthread_mutex_unlock(&server->tls_lock);
	tls_identity_release(former);
}

/* Connections that wait to be accepted (Linux says so of a listening socket). */
static bool backlog_waits(const struct http_server *server)
{
	struct tcp_info info = { .tcpi_unacked = 0 };
	socklen_t size = sizeof info;
	return getsockopt(server->socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_unacked > 0;
}

/* What was sent before the drain began is answered: who was connecting is let in first, and the end is only there when
 * for some ticks nothing was under way and nothing waited to be read. */
static void drain(struct http_server *server, unsigned drain_s)
{
	int64_t begun_ms = clock_monotonic_ms();
	int64_t until_ms = begun_ms + (int64_t)drain_s * 1000;
	while (backlog_waits(server) && clock_monotonic_ms() < begun_ms + BACKLOG_MS)
		usleep(DRAIN_TICK_US);
	stop_accepting(server);
	for (int quiet = 0; quiet < QUIET_TICKS && clock_monotonic_ms() < until_ms;) {
		bool busy = atomic_load(&server->under_way) > 0 || connection_table_has_unread(&server->connections);
		quiet = busy ? 0 : quiet + 1;
		usleep(DRAIN_TICK_US);
	}
}

void http_server_stop(struct http_server *server, unsigned drain_s)
{
	if (server == NULL)
		return;
	atomic_store(&server->stopping, true);
	drain(server, drain_s);
	reaper_stop(server);
	stop_daemon(server);
	server_release(server);
}

void http_server_numbers(const struct http_server *server, struct http_numbers *ret)
{
	/* locks are no part of what the numbers say */
	struct connection_table *connections = (struct connection_table *)&server->connections;
	pthread_mutex_t *tls_lock = (pthread_mutex_t *)&server->tls_lock;
	pthread_mutex_lock(tls_lock);
	int64_t tls_expires_s = server->speaks_tls ? tls_identity_expires_s(server->tls) : 0;
	pthread_mutex_unlock(tls_lock);
	*ret = (struct http_numbers) {
		.connections = connection_table_count(connections),
		.connections_shed = atomic_load(&connections->shed),
		.deadlines = atomic_load(&connections->deadlines),
		.under_way = atomic_load(&server->under_way),
		.tls_expires_s = tls_expires_s,
	};
}
