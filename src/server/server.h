/* Composition: the parts of a running server, and the order in which they start and stop. */
#ifndef WRIT_SERVER_SERVER_H
#define WRIT_SERVER_SERVER_H

#include "admin/admin.h"
#include "gateway/check.h"
#include "http/address.h"
#include "http/listen.h"
#include "http/outbound.h"
#include "oauth/oauth.h"
#include "server/config.h"
#include "server/logout_delivery.h"
#include "server/metrics.h"
#include "server/statistics_folding.h"
#include "server/worker_pool.h"

struct server {
	struct config config;
	struct arena *arena; /* for what lives as long as the server */
	struct master_key master_key;
	struct store *store;
	struct directory *directory;
	struct failure_limits *failures;
	struct outbound outbound; /* how others are asked; began once outbound_started */
	bool outbound_started;
	struct key_sets *key_sets;
	struct worker_pool *workers;
	struct logout_deliveries *logouts;
	struct worker_pool *catalogue_workers; /* for decisions that wait for a catalogue */
	struct worker_pool *patient_workers; /* for requests that wait for a password to be hashed */
	struct password_queue *passwords;
	struct address_list *trusted_proxies;
	struct tls_identity *tls; /* NULL: plain HTTP */
	int sockets[2]; /* public, management; 0 once a listener took it over */
	char addresses[2][LISTEN_ADDRESS_SIZE];
	struct http_server *public_listener;
	struct http_server *management_listener;
	struct oauth oauth;
	struct statistics *statistics;
	struct statistics_folding *folding;
	struct gateway gateway;
	struct admin admin;
	struct metrics metrics;
	bool auth_url_given; /* by the operator, not made up from the listener */
	int64_t started_ms;
};

/* Starts everything in order: configuration, listeners' addresses, store, master key, demo, directory, workers,
 * listeners. When something fails, problem says in one line what to do and all is undone. config is copied. */
MUST_CHECK enum result server_start(struct server *, const struct config *, struct problem *);

/* Reads the configuration file again (SIGHUP) and takes over what can change while running: log level, trusted proxies,
 * failure limits, audit retention, the TLS certificate and its key. A bad file changes nothing and is logged. flags: what stands above the file. */
void server_reload(struct server *, const struct config *flags);

/* Drains and stops. Requests under way get LIMIT_DRAIN_S. */
void server_stop(struct server *);

/* routes.c: the tables of the two listeners; handlers get the struct server as context. */
extern const struct http_route public_routes[];
extern const size_t public_route_count;
/* Does a person stand before it, so that a refusal shall be a page? */
bool route_is_for_people(const struct http_route *);
extern const struct http_route management_routes[];
extern const size_t management_route_count;

/* console.c: /console and /console/{path...} */
void console_lead_in(struct server *, struct http_request *, struct http_reply *);
void console_handle(struct server *, struct http_request *, struct http_reply *);

/* management.c */
void management_healthz(void *server, struct http_request *, struct http_reply *);
void management_readyz(void *server, struct http_request *, struct http_reply *);
void management_metrics(void *server, struct http_request *, struct http_reply *);

#endif
