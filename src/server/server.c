#include "server/server.h"

#include "base/clock.h"
#include "jose/master_key_open.h"
#include "oauth/aliases.h"
#include "oauth/key_sets.h"
#include "server/certificate.h"
#include "server/demo.h"
#include "signin/attempt.h"

#include <sched.h>
#include <unistd.h>

#define DAY_S (24 * 3600)
/* Sign-ins have workers of their own, more than there are threads that hash: while some wait for the disk, the others keep those busy. */
#define PATIENT_WORKERS_EACH 4
#define SERVER_ARENA_MAX (4 * 1024 * 1024)

/* ---- what http/ asks of us -------------------------------------------------------------------------------------- */

static void on_refuse(void *context, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                      struct http_reply *reply)
{
	struct oauth *oauth = &((struct server *)context)->oauth;
	if (admin_is_asked(request)) {
		admin_refuse_http(&((struct server *)context)->admin, request, status, slug, sentence, reply);
		return;
	}
	(route_is_for_people(request->route) ? oauth_refuse_http_page : oauth_refuse_http)(oauth, request, status, slug, sentence, reply);
}

/* The management listener answers in plain words and counts nothing, but where the reply may become an API's. */
static void on_management_refuse(void *context, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                                 struct http_reply *reply)
{
	if (slice_starts_with(request->target, SLICE_OF("/gateway/"))) {
		oauth_refuse_http(&((struct server *)context)->oauth, request, status, slug, sentence, reply);
		return;
	}
	reply->status = status;
	reply->content_type = SLICE_OF("text/plain; charset=utf-8");
	reply->body = arena_print(request->arena, "%s\n", sentence);
}

static bool on_worker(void *context, enum http_place place, void (*job)(void *argument), void *argument)
{
	struct server *server = context;
	return worker_pool_run(place == HTTP_ON_PATIENT_WORKER ? server->patient_workers : server->workers, job, argument);
}

static bool on_catalogue_worker(void *context, enum http_place place, void (*job)(void *argument), void *argument)
{
	(void)place;
	return worker_pool_run(((struct server *)context)->catalogue_workers, job, argument);
}

static bool on_origin(void *context, const struct http_request *request, struct slice origin)
{
	struct server *server = context;
	struct partition_id partition;
	bool known = false;
	return address_partition(request, &partition) && store_origin_known(server->store, &partition, origin, &known) == RESULT_OK && known;
}

static void on_done(void *context, const struct http_request *request, const struct http_reply *reply, int64_t duration_us)
{
	struct server *server = context;
	size_t route = request->route == NULL ? METRICS_ROUTES_MAX : (size_t)(request->route - public_routes);
	metrics_count(&server->metrics, route, reply->status, duration_us);
	if (!log_wanted(LOG_DEBUG))
		return;
	LOG_LINE(LOG_DEBUG, "request", { "request_id", request->id }, { "method", request->method_name }, { "path", request->path },
	         { "status", arena_print(request->arena, "%u", reply->status) }, { "us", arena_print(request->arena, "%lld", (long long)duration_us) },
	         { "address", request->address }, { "error", reply->error });
}

/* ---- starting --------------------------------------------------------------------------------------------------- */

/* Both addresses are bound before anything is made or changed; with port 0 the real port is known from here on. */
static enum result bind_listeners(struct server *server, struct problem *problem)
{
	const char *const wanted[] = { server->config.listen, server->config.management_listen };
	const char *const options[] = { "--listen", "--management-listen" };
	for (int i = 0; i < 2; i++) {
		int bound;
		enum result result = listen_open(options[i], wanted[i], &bound, server->addresses[i], problem);
		if (result != RESULT_OK)
			return result;
		server->sockets[i] = bound;
	}
	server->auth_url_given = server->config.auth_url != NULL;
	enum result result = config_default_urls(&server->config, server->addresses[0], server->arena, problem);
	server->oauth.auth_url = slice_from(server->config.auth_url);
	server->oauth.api_url = slice_from(server->config.api_url);
	return result;
}

static enum result start_listener(struct server *server, int which, struct http_options *options, struct http_server **ret, struct problem *problem)
{
	options->bound_socket = server->sockets[which];
	options->bound_address = server->addresses[which];
	server->sockets[which] = 0;
	return http_server_start(options, ret, problem);
}

/* A demo secret is printed in every copy of the program: it must not guard anything that others can reach. */
static bool demo_secrets_are_safe(const struct config *config)
{
	const char *host = config->auth_url == NULL ? NULL : strstr(config->auth_url, "://") + 3;
	bool reachable = !address_is_loopback(config->listen) || (host != NULL && !address_is_loopback(host));
	return config->allow_demo_secrets || !reachable;
}

static enum result refuse_demo(const struct config *config, struct problem *problem)
{
	return problem_set(problem, RESULT_INVALID,
	                   "the demo's published secrets would work for anybody who reaches %s: listen on 127.0.0.1 with a loopback auth-url, use a store "
	                   "without the demo, or pass --allow-demo-secrets", config->auth_url != NULL ? config->auth_url : config->listen);
}

static enum result refuse_demo_secrets(struct server *server, struct problem *problem)
{
	const struct hash32 *hashes;
	size_t count;
	bool present;
	if (demo_secrets_are_safe(&server->config))
		return RESULT_OK;
	if (demo_secret_hashes(server->arena, &hashes, &count) != RESULT_OK || demo_secrets_present(server->store, hashes, count, &present) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the store cannot be searched for the demo's secrets");
	if (present)
		return refuse_demo(&server->config, problem);
	server->oauth.refused_secrets = hashes;
	server->oauth.refused_secret_count = count;
	return RESULT_OK;
}

static enum result ensure_system_keys(struct server *server, struct problem *problem)
{
	struct partition_id system;
	enum result result = partition_id_parse(SLICE_OF(PARTITION_SYSTEM), &system)
	                           ? key_ring_ensure(server->store, &server->master_key, &system) : RESULT_INVALID;
	return result == RESULT_OK ? result : problem_set(problem, result, "the signing keys of SYSTEM cannot be made: %s", result_text(result));
}

static enum result open_store(struct server *server, struct problem *problem)
{
	const struct config *config = &server->config;
	enum result result = store_open(slice_from(config->store), STORE_CREATE, &server->store, problem);
	if (result == RESULT_OK)
		result = master_key_open(server->store, slice_from(config->store), config->master_key, true, &server->master_key, problem);
	if (result == RESULT_OK)
		result = refuse_demo_secrets(server, problem);
	if (result == RESULT_OK)
		result = ensure_system_keys(server, problem);
	if (result == RESULT_OK && config->demo)
		result = demo_fill(server->store, &server->master_key, problem);
	return result;
}

static struct failure_limits_options failure_options(const struct config *config)
{
	return (struct failure_limits_options) {
		.account_failures = config->account_failures,
		.account_delay_max_s = config->account_delay_max,
		.address_per_minute = config->address_failures,
		.anonymous_per_minute = config->anonymous_tokens,
	};
}

/* Before there are threads that ask others. */
static enum result start_outbound(struct server *server, struct problem *problem)
{
	enum result result = outbound_start(server->config.outbound_ca_file, &server->outbound, problem);
	server->outbound_started = result == RESULT_OK;
	if (result != RESULT_OK)
		return result;
	server->key_sets = key_sets_new_outbound(&server->outbound);
	return server->key_sets != NULL ? RESULT_OK : problem_set(problem, RESULT_NO_MEMORY, "no memory for the key sets");
}

/* As password_queue_start counts them. */
static size_t password_threads(const struct config *config)
{
	cpu_set_t set;
	int processors = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	return config->password_threads > 0 ? (size_t)config->password_threads : (size_t)processors;
}

static enum result start_gateway(struct server *server, struct problem *problem)
{
	server->gateway.oauth = &server->oauth;
	server->gateway.catalogues = catalogues_new(server->directory);
	server->gateway.memory = token_memory_new(LIMIT_REMEMBERED_TOKENS_SIZE);
	if (server->gateway.catalogues == NULL || server->gateway.memory == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the access decision");
	if (worker_pool_start(LIMIT_CATALOGUE_WORKERS, LIMIT_GATEWAY_CONNECTIONS, &server->catalogue_workers) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the workers for the access decision cannot be started");
	return RESULT_OK;
}

static enum result start_parts(struct server *server, struct problem *problem)
{
	const struct config *config = &server->config;
	const struct failure_limits_options failures = failure_options(config);
	store_audit_retention(server->store, config->audit_rows, config->audit_days * DAY_S);
	enum result result = directory_new(server->store, &server->master_key, &server->directory, problem);
	if (result != RESULT_OK)
		return result;
	server->statistics = statistics_new();
	if (server->statistics == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the statistics");
	if (directory_console_at(server->directory, server->oauth.auth_url) != RESULT_OK)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the console");
	result = start_gateway(server, problem);
	if (result != RESULT_OK)
		return result;
	server->failures = failure_limits_new(&failures);
	if (server->failures == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the failure limits");
	if (worker_pool_start((size_t)config->workers, LIMIT_QUEUED_JOBS, &server->workers) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the worker threads cannot be started: lower --workers");
	if (worker_pool_start(PATIENT_WORKERS_EACH * password_threads(config), LIMIT_SIGN_INS_WAITING, &server->patient_workers) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the workers for sign-ins cannot be started: lower --password-threads");
	if (password_queue_start((size_t)config->password_threads, LIMIT_PASSWORDS_WAITING, &server->passwords) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the password threads cannot be started: lower --password-threads");
	return address_list_parse(slice_from(config->trusted_proxies), &server->trusted_proxies, problem);
}

static void compose_oauth(struct server *server)
{
	struct oauth *oauth = &server->oauth;
	oauth->directory = server->directory;
	oauth->failures = server->failures;
	oauth->key_sets = server->key_sets;
	oauth->statistics = server->statistics;
	oauth->sign_in = (struct sign_in) { server->store, server->failures, server->passwords };
	oauth->attempt_key = attempt_key(&server->master_key.secret);
	oauth->session_idle_s = server->config.session_idle;
	oauth->session_max_s = server->config.session_max;
	oauth->https = slice_starts_with(oauth->auth_url, SLICE_OF("https://"));
	oauth->deployment = (struct deployment) {
		.partition = slice_from(server->config.deployment_partition),
		.client_id = slice_from(server->config.deployment_client),
		.domain = slice_from(server->config.deployment_domain),
	};
}

static enum result start_admin(struct server *server, struct problem *problem)
{
	server->admin.oauth = &server->oauth;
	server->admin.catalogues = server->gateway.catalogues;
	server->admin.master_key = &server->master_key;
	return admin_start(&server->admin, server->arena, problem);
}

static enum result start_listeners(struct server *server, struct problem *problem)
{
	struct http_options options = {
		.threads = (unsigned)server->config.event_threads,
		.connections_max = (unsigned)server->config.connections_max,
		.routes = public_routes,
		.route_count = public_route_count,
		.context = server,
		.refuse = on_refuse,
		.run_on_worker = on_worker,
		.origin_allowed = on_origin,
		.done = on_done,
		.trusted_proxies = server->trusted_proxies,
		.tls = server->tls,
	};
	compose_oauth(server);
	if (start_admin(server, problem) != RESULT_OK)
		return RESULT_FAILED;
	if (statistics_folding_start(server->statistics, server->store, server->config.statistics_interval, &server->folding) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the thread that stores the statistics cannot be started");
	if (logout_deliveries_start(&server->oauth, &server->outbound, &server->logouts) != RESULT_OK)
		return problem_set(problem, RESULT_FAILED, "the threads that tell applications of a sign-out cannot be started");
	enum result result = start_listener(server, 0, &options, &server->public_listener, problem);
	if (result != RESULT_OK)
		return result;
	options.run_on_worker = on_catalogue_worker;
	options.tls = NULL;
	options.connections_max = LIMIT_GATEWAY_CONNECTIONS;
	options.routes = management_routes;
	options.route_count = management_route_count;
	options.done = NULL;
	options.refuse = on_management_refuse;
	return start_listener(server, 1, &options, &server->management_listener, problem);
}

static void say_started(const struct server *server)
{
	LOG_LINE(LOG_INFO, "listening", { "public", slice_from(http_server_address(server->public_listener)) },
	         { "management", slice_from(http_server_address(server->management_listener)) },
	         { "auth_url", slice_from(server->config.auth_url) }, { "api_url", slice_from(server->config.api_url) },
	         { "store", slice_from(server->config.store) }, { "version", SLICE_OF(WRIT_VERSION) });
	certificate_say(server->tls, server->config.tls_certificate);
	if (!server->auth_url_given && !address_is_loopback(server->config.listen))
		LOG_LINE(LOG_WARNING, "auth-url is not set: tokens name this address as their issuer; set --auth-url to the one that clients use",
		         { "auth_url", slice_from(server->config.auth_url) });
	bool plain = slice_starts_with(slice_from(server->config.auth_url), SLICE_OF("http://"));
	if (plain && server->tls != NULL)
		LOG_LINE(LOG_WARNING, "auth-url is http, but the listener speaks https only: set --auth-url https://…", { "auth_url", slice_from(server->config.auth_url) });
	else if (plain && !address_is_loopback(server->config.auth_url + strlen("http://")))
		LOG_LINE(LOG_WARNING, "auth-url is http: tokens and secrets travel in the clear; put TLS in front and set --auth-url https://…",
		         { "auth_url", slice_from(server->config.auth_url) });
}

enum result server_start(struct server *server, const struct config *config, struct problem *problem)
{
	memset(server, 0, sizeof *server);
	server->config = *config;
	server->started_ms = clock_ms();
	server->arena = arena_new(16 * 1024, SERVER_ARENA_MAX);
	if (server->arena == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory to start");
	enum log_level level;
	enum result result = config_finish(&server->config, server->arena, problem);
	if (result == RESULT_OK && log_level_parse(slice_from(server->config.log_level), &level))
		log_level_set(level);
	if (result == RESULT_OK && server->config.demo && !demo_secrets_are_safe(&server->config))
		result = refuse_demo(&server->config, problem);
	if (result == RESULT_OK)
		result = certificate_read(&server->config, &server->tls, problem);
	if (result == RESULT_OK)
		result = bind_listeners(server, problem);
	if (result == RESULT_OK)
		result = open_store(server, problem);
	if (result == RESULT_OK)
		result = start_outbound(server, problem);
	if (result == RESULT_OK)
		result = start_parts(server, problem);
	if (result == RESULT_OK)
		result = start_listeners(server, problem);
	if (result != RESULT_OK) {
		server_stop(server);
		return result;
	}
	say_started(server);
	return RESULT_OK;
}

/* ---- while running, and stopping -------------------------------------------------------------------------------- */

/* tls: goes to the server; the listener and the connections hold theirs. */
static void take_over(struct server *server, const struct config *fresh, struct address_list *proxies, struct tls_identity *tls)
{
	enum log_level level;
	const struct failure_limits_options failures = failure_options(fresh);
	if (log_level_parse(slice_from(fresh->log_level), &level))
		log_level_set(level);
	failure_limits_configure(server->failures, &failures);
	store_audit_retention(server->store, fresh->audit_rows, fresh->audit_days * DAY_S);
	http_server_trust(server->public_listener, proxies);
	http_server_trust(server->management_listener, proxies);
	address_list_free(server->trusted_proxies); /* nobody reads it any more: http_server_trust waits for that */
	server->trusted_proxies = proxies;
	if (tls != NULL)
		http_server_identify(server->public_listener, tls);
	tls_identity_release(server->tls);
	server->tls = tls;
	log_line(LOG_INFO, "the configuration was reloaded: log level, trusted proxies, failure limits, audit retention and TLS certificate are in force", NULL, 0);
	certificate_say(tls, fresh->tls_certificate);
}

void server_reload(struct server *server, const struct config *flags)
{
	struct config fresh = *flags;
	struct problem problem = { "no memory" };
	struct address_list *proxies = NULL;
	struct tls_identity *tls = NULL;
	struct arena *arena = arena_new(4096, SERVER_ARENA_MAX);
	enum result result = arena == NULL ? RESULT_NO_MEMORY : RESULT_OK;
	if (result == RESULT_OK && fresh.config_file != NULL)
		result = config_read_file(&fresh, fresh.config_file, arena, &problem);
	if (result == RESULT_OK)
		result = config_finish(&fresh, arena, &problem);
	if (result == RESULT_OK)
		result = certificate_read_again(&fresh, server->tls, &tls, &problem);
	if (result == RESULT_OK)
		result = address_list_parse(slice_from(fresh.trusted_proxies), &proxies, &problem);
	if (result == RESULT_OK)
		take_over(server, &fresh, proxies, tls);
	if (result != RESULT_OK) {
		tls_identity_release(tls);
		LOG_LINE(LOG_ERROR, "the configuration was not reloaded: the former one stays", { "problem", slice_from(problem.text) });
	}
	arena_free(arena);
}
void server_stop(struct server *server)
{
	/* first, for /metrics looks at the other */
	if (server->management_listener != NULL)
		http_server_stop(server->management_listener, 1);
	if (server->public_listener != NULL)
		http_server_stop(server->public_listener, LIMIT_DRAIN_S);
	for (int i = 0; i < 2; i++)
		if (server->sockets[i] > 0)
			close(server->sockets[i]);
	worker_pool_stop(server->workers);
	worker_pool_stop(server->patient_workers);
	worker_pool_stop(server->catalogue_workers);
	password_queue_stop(server->passwords);
	logout_deliveries_stop(server->logouts);
	statistics_folding_stop(server->folding);
	store_close(server->store);
	statistics_free(server->statistics);
	admin_stop(&server->admin);
	catalogues_free(server->gateway.catalogues);
	token_memory_free(server->gateway.memory);
	directory_free(server->directory);
	failure_limits_free(server->failures);
	key_sets_free(server->key_sets);
	if (server->outbound_started)
		outbound_stop();
	address_list_free(server->trusted_proxies);
	tls_identity_release(server->tls);
	master_key_wipe(&server->master_key);
	secret32_wipe(&server->oauth.attempt_key);
	arena_free(server->arena);
}
