#include "server/metrics.h"

#include "base/clock.h"
#include "server/server.h"
#include "store/logouts.h"

/* Upper bounds of the duration histogram, in microseconds; the last bucket is without bound. */
static const int64_t bucket_us[METRICS_BUCKETS - 1] = { 100, 250, 500, 1000, 2500, 5000, 10000, 50000, 250000, 1000000, 5000000 };

static const char *const flow_labels[FLOW_COUNT] = {
	[FLOW_PERSON] = "person",
	[FLOW_TOKEN_EXCHANGE] = "token_exchange",
	[FLOW_CLIENT_CREDENTIALS] = "client_credentials",
	[FLOW_ON_BEHALF_OF] = "on_behalf_of",
	[FLOW_ANONYMOUS] = "anonymous",
};

static void add(_Atomic int64_t *counter, int64_t amount)
{
	atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static int64_t get(const _Atomic int64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, size_t route, unsigned status, int64_t duration_us)
{
	size_t class = status / 100 < 6 ? status / 100 : 5;
	add(&metrics->replies[route < METRICS_ROUTES_MAX ? route : METRICS_ROUTES_MAX - 1][class], 1);
	size_t bucket = 0;
	while (bucket < METRICS_BUCKETS - 1 && duration_us > bucket_us[bucket])
		bucket++;
	add(&metrics->buckets[bucket], 1);
	add(&metrics->duration_us, duration_us);
}

static void head(struct writer *out, const char *name, const char *type, const char *help)
{
	writer_print(out, "# HELP writ_%s %s\n# TYPE writ_%s %s\n", name, help, name, type);
}

static void number(struct writer *out, const char *name, const char *type, const char *help, int64_t value)
{
	head(out, name, type, help);
	writer_print(out, "writ_%s %lld\n", name, (long long)value);
}

static void write_replies(const struct server *server, struct writer *out)
{
	head(out, "http_replies_total", "counter", "Replies of the public listener by route and status class.");
	for (size_t route = 0; route < METRICS_ROUTES_MAX; route++) {
		const char *pattern = route < public_route_count ? public_routes[route].pattern : "none";
		for (size_t class = 1; class < 6; class++) {
			int64_t count = get(&server->metrics.replies[route][class]);
			if (count > 0)
				writer_print(out, "writ_http_replies_total{route=\"%s\",status=\"%zuxx\"} %lld\n", pattern, class, (long long)count);
		}
	}
	head(out, "http_duration_seconds", "histogram", "From the first byte of a request to its reply.");
	int64_t sum = 0;
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		sum += get(&server->metrics.buckets[i]);
		if (i < METRICS_BUCKETS - 1)
			writer_print(out, "writ_http_duration_seconds_bucket{le=\"%g\"} %lld\n", (double)bucket_us[i] / 1e6, (long long)sum);
	}
	writer_print(out, "writ_http_duration_seconds_bucket{le=\"+Inf\"} %lld\n", (long long)sum);
	writer_print(out, "writ_http_duration_seconds_sum %.6f\n", (double)get(&server->metrics.duration_us) / 1e6);
	writer_print(out, "writ_http_duration_seconds_count %lld\n", (long long)sum);
}

static void write_tokens(const struct server *server, struct writer *out)
{
	head(out, "tokens_issued_total", "counter", "Access tokens issued by flow.");
	for (size_t i = 0; i < FLOW_COUNT; i++)
		writer_print(out, "writ_tokens_issued_total{flow=\"%s\"} %lld\n", flow_labels[i], (long long)get(&server->oauth.tokens_issued[i]));
	head(out, "requests_refused_total", "counter", "Refused requests by the slug of the error.");
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		writer_print(out, "writ_requests_refused_total{slug=\"%s\"} %lld\n", refusal_entry((enum refusal)i)->slug,
		             (long long)get(&server->oauth.refused[i]));
}

static void write_decisions(const struct server *server, struct writer *out)
{
	const struct gateway *gateway = &server->gateway;
	head(out, "decisions_total", "counter", "Decisions on API calls by what they were; refused ones are counted by slug above, too.");
	writer_print(out, "writ_decisions_total{outcome=\"allowed\"} %lld\n", (long long)get(&gateway->allowed));
	writer_print(out, "writ_decisions_total{outcome=\"refused\"} %lld\n", (long long)get(&gateway->refused));
	head(out, "decision_tokens_total", "counter", "Good tokens of decisions, by whether their signature was verified for it.");
	writer_print(out, "writ_decision_tokens_total{token=\"remembered\"} %lld\n", (long long)get(&gateway->tokens_remembered));
	writer_print(out, "writ_decision_tokens_total{token=\"verified\"} %lld\n", (long long)get(&gateway->tokens_verified));
}

static void write_logouts(const struct server *server, struct writer *out)
{
	struct logout_numbers numbers;
	int64_t waiting = 0;
	logout_deliveries_numbers(server->logouts, &numbers);
	head(out, "logout_tokens_total", "counter", "Logout tokens by what came of them; again: a try that was not the last.");
	writer_print(out, "writ_logout_tokens_total{outcome=\"delivered\"} %lld\n", (long long)numbers.delivered);
	writer_print(out, "writ_logout_tokens_total{outcome=\"failed\"} %lld\n", (long long)numbers.failed);
	writer_print(out, "writ_logout_tokens_total{outcome=\"again\"} %lld\n", (long long)numbers.tried_again);
	writer_print(out, "writ_logout_tokens_total{outcome=\"dropped\"} %lld\n", (long long)numbers.dropped);
	if (store_logouts_waiting(server->store, &waiting) == RESULT_OK)
		number(out, "logout_tokens_waiting", "gauge", "Logout tokens that are still to be delivered, by any process.", waiting);
}

void metrics_write(const struct server *server, struct writer *out)
{
	struct store_numbers store;
	struct http_numbers http = { .connections = 0 };
	store_numbers(server->store, &store);
	if (server->public_listener != NULL)
		http_server_numbers(server->public_listener, &http);
	write_replies(server, out);
	write_tokens(server, out);
	number(out, "sign_ins_total", "counter", "People who gave the right password.", get(&server->oauth.sign_ins));
	number(out, "sign_ins_waiting", "gauge", "Sign-ins waiting for a worker of theirs.", (int64_t)worker_pool_waiting(server->patient_workers));
	number(out, "passwords_waiting", "gauge", "Passwords being hashed or waiting for it.", (int64_t)password_queue_waiting(server->passwords));
	write_decisions(server, out);
	write_logouts(server, out);
	number(out, "connections", "gauge", "Open connections of the public listener.", http.connections);
	number(out, "connections_shed_total", "counter", "Idle connections closed to make room.", http.connections_shed);
	number(out, "deadlines_total", "counter", "Connections cut because the sender was too slow.", http.deadlines);
	number(out, "requests_under_way", "gauge", "Requests being handled.", http.under_way);
	number(out, "tls_certificate_expires_seconds", "gauge", "When the TLS certificate expires, since the epoch; 0 without one.", http.tls_expires_s);
	number(out, "workers_waiting", "gauge", "Requests waiting for a worker.", (int64_t)worker_pool_waiting(server->workers));
	number(out, "store_commits_total", "counter", "Transactions committed, one fsync each.", store.commits);
	number(out, "store_writes_total", "counter", "Writes inside them.", store.writes);
	number(out, "store_write_queue", "gauge", "Writes waiting.", store.write_queue);
	number(out, "store_swept_total", "counter", "Expired rows deleted.", store.swept);
	number(out, "audit_dropped_total", "counter", "Audit events that found the queue full.", store.audit_dropped);
	number(out, "revocations", "gauge", "Revocations that are still needed.", store.revocations);
	head(out, "build_info", "gauge", "Version of the program.");
	writer_print(out, "writ_build_info{version=\"%s\"} 1\n", WRIT_VERSION);
	head(out, "start_time_seconds", "gauge", "When the server started.");
	writer_print(out, "writ_start_time_seconds %.3f\n", (double)server->started_ms / 1000.0);
}
