/* The inside of an http_server, for the files of http/ alone. */
#ifndef WRIT_HTTP_SERVER_H
#define WRIT_HTTP_SERVER_H

#include "http/connection.h"
#include "http/exchange.h"
#include "http/listen.h"

struct http_server {
	struct http_options options;
	struct router *router;
	struct MHD_Daemon *daemon;
	struct connection_table connections;
	struct exchange_pool exchanges;
	char address[LISTEN_ADDRESS_SIZE];
	int socket;
	unsigned threads;
	_Atomic bool stopping;
	_Atomic int64_t under_way;
	struct body_places large_bodies; /* above LIMIT_ADMIN_BODY_SIZE */
	struct body_places long_bodies;  /* above LIMIT_FORM_SIZE, which large ones are too */
	_Atomic unsigned holders; /* the owner, and every job on a worker */

	pthread_rwlock_t trust_lock;
	_Atomic bool trusts;
	const struct address_list *trusted;

	pthread_mutex_t tls_lock;
	struct tls_identity *tls; /* of the next connection, under its lock */
	bool speaks_tls;

	pthread_mutex_t work_lock; /* stages of exchanges at work, and their list */
	struct exchange *at_work;
	struct exchange *waiting; /* at work, though on no worker: for the end of another's handler */
	_Atomic uint64_t handlers_ended; /* on workers; moves under the lock */

	pthread_t reaper;
	pthread_mutex_t reaper_lock;
	pthread_cond_t reaper_wakes;
	bool reaper_stops;
};

void server_hold(struct http_server *);
/* Frees it when nobody holds it any more. */
void server_release(struct http_server *);

#endif
