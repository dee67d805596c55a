#include "server/config.h"

#include "base/limits.h"
#include "base/text.h"
#include "directory/rules.h"
#include "http/address.h"

#include <arpa/inet.h>
#include <stdio.h>

#define KEY(member) offsetof(struct config, member)

const struct config_key config_keys[] = {
	{ "config", "FILE", "WRIT_CONFIG", "YAML file with the keys below (with _ for -), but for the flags without a value", CONFIG_TEXT, KEY(config_file), 0 },
	{ "listen", "ADDR:PORT", "WRIT_LISTEN", "where clients reach it (127.0.0.1:8080; port 0 picks one)", CONFIG_TEXT, KEY(listen), 0 },
	{ "management-listen", "ADDR:PORT", "WRIT_MANAGEMENT_LISTEN", "health, metrics, the access decision; never public (127.0.0.1:9080)", CONFIG_TEXT, KEY(management_listen), 0 },
	{ "auth-url", "URL", "WRIT_AUTH_URL", "the public address that tokens come from (http://LISTEN, with TLS https://LISTEN)", CONFIG_TEXT, KEY(auth_url), 0 },
	{ "api-url", "URL", "WRIT_API_URL", "the public address of the APIs: the tokens' audience (AUTH-URL)", CONFIG_TEXT, KEY(api_url), 0 },
	{ "store", "URL", "WRIT_STORE", "sqlite:PATH (sqlite:data/writ.db)", CONFIG_TEXT, KEY(store), 0 },
	{ "master-key", "FILE", "WRIT_MASTER_KEY_FILE", "the key that encrypts signing keys (PATH.key)", CONFIG_TEXT, KEY(master_key), 0 },
	{ "tls-certificate", "FILE", "WRIT_TLS_CERTIFICATE", "PEM chain, the server's own first: the public listener then speaks https only (plain HTTP)", CONFIG_TEXT, KEY(tls_certificate), 0 },
	{ "tls-key", "FILE", "WRIT_TLS_KEY", "the certificate's private key, PEM without a password", CONFIG_TEXT, KEY(tls_key), 0 },
	{ "trusted-proxies", "LIST", "WRIT_TRUSTED_PROXIES", "addresses and CIDR blocks whose X-Forwarded-For is believed (none)", CONFIG_TEXT, KEY(trusted_proxies), 0 },
	{ "outbound-ca-file", "FILE", "WRIT_OUTBOUND_CA_FILE", "authorities (PEM) to trust in requests to others (the system's)", CONFIG_TEXT, KEY(outbound_ca_file), 0 },
	{ "deployment-partition", "ID", "WRIT_DEPLOYMENT_PARTITION", "what /system/deploymentInfo is about (the only partition)", CONFIG_TEXT, KEY(deployment_partition), 0 },
	{ "deployment-client", "ID", "WRIT_DEPLOYMENT_CLIENT", "the clientId that it tells (the only single page application)", CONFIG_TEXT, KEY(deployment_client), 0 },
	{ "deployment-domain", "HOST", "WRIT_DEPLOYMENT_DOMAIN", "the domainHint that it tells: where the web pages are (the host of AUTH-URL)", CONFIG_TEXT, KEY(deployment_domain), 0 },
	{ "log-level", "LEVEL", "WRIT_LOG_LEVEL", "error, warning, info or debug (info)", CONFIG_TEXT, KEY(log_level), 0 },
	{ "event-threads", "N", "WRIT_EVENT_THREADS", "threads that read and answer (one per processor)", CONFIG_NUMBER, KEY(event_threads), 256 },
	{ "workers", "N", "WRIT_WORKERS", "threads for what waits for the store (32): as many sign-ins can share one write to disk", CONFIG_NUMBER, KEY(workers), 256 },
	{ "password-threads", "N", "WRIT_PASSWORD_THREADS", "passwords hashed at once, 19 MiB each (one per processor)", CONFIG_NUMBER, KEY(password_threads), 256 },
	{ "session-idle", "S", "WRIT_SESSION_IDLE", "a sign-in unused for so many seconds is over (7200)", CONFIG_NUMBER, KEY(session_idle), LIMIT_SESSION_MAX_S },
	{ "session-max", "S", "WRIT_SESSION_MAX", "a sign-in is over after so many seconds in all (43200)", CONFIG_NUMBER, KEY(session_max), LIMIT_SESSION_MAX_S },
	{ "connections-max", "N", "WRIT_CONNECTIONS_MAX", "open connections (as the system allows, at most 20000)", CONFIG_NUMBER, KEY(connections_max), 1000000 },
	{ "account-failures", "N", "WRIT_ACCOUNT_FAILURES", "wrong secrets or passwords in a row that are answered without delay (5)", CONFIG_NUMBER, KEY(account_failures), 1000000 },
	{ "account-delay-max", "S", "WRIT_ACCOUNT_DELAY_MAX", "longest delay after wrong secrets or passwords, seconds (60)", CONFIG_NUMBER, KEY(account_delay_max), 3600 },
	{ "address-failures", "N", "WRIT_ADDRESS_FAILURES", "wrong secrets and passwords a minute from one address (100)", CONFIG_NUMBER, KEY(address_failures), 1000000000 },
	{ "anonymous-tokens", "N", "WRIT_ANONYMOUS_TOKENS", "tokens of anonymous customers a minute for one address (60)", CONFIG_NUMBER, KEY(anonymous_tokens), 1000000000 },
	{ "audit-rows", "N", "WRIT_AUDIT_ROWS", "audit events kept (1000000)", CONFIG_NUMBER, KEY(audit_rows), INT64_C(1000000000) },
	{ "audit-days", "N", "WRIT_AUDIT_DAYS", "days for which audit events are kept (90)", CONFIG_NUMBER, KEY(audit_days), 36500 },
	{ "statistics-interval", "S", "WRIT_STATISTICS_INTERVAL", "what was counted is written to the store every so many seconds (60)", CONFIG_NUMBER, KEY(statistics_interval), 3600 },
	{ "demo", NULL, "WRIT_DEMO", "fill an empty store with the demo and print what to try", CONFIG_FLAG, KEY(demo), 0 },
	{ "allow-demo-secrets", NULL, "WRIT_ALLOW_DEMO_SECRETS", "let the demo's published secrets work on a listener that is not loopback", CONFIG_FLAG, KEY(allow_demo_secrets), 0 },
};
const size_t config_key_count = sizeof config_keys / sizeof config_keys[0];
_Static_assert(sizeof config_keys / sizeof config_keys[0] <= 64, "config_file.c keeps a bit for each key");

void config_init(struct config *config)
{
	*config = (struct config) { .listen = NULL };
	for (size_t i = 0; i < config_key_count; i++)
		if (config_keys[i].kind == CONFIG_NUMBER)
			*(int64_t *)((char *)config + config_keys[i].offset) = -1;
}

/* By number, not by prefix: 127.evil.example is a name. */
bool address_is_loopback(const char *listen)
{
	const char *colon = strrchr(listen, ':');
	const char *slash = strchr(listen, '/');
	if (colon == NULL || (slash != NULL && colon > slash))
		colon = slash == NULL ? listen + strlen(listen) : slash;
	char host[64];
	struct in_addr address;
	text_copy(host, sizeof host, (struct slice) { listen, (size_t)(colon - listen) });
	if (inet_pton(AF_INET, host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == 127;
	return strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0;
}

static enum result check_listen(const char *name, const char *value, struct problem *problem)
{
	const char *colon = strrchr(value, ':');
	int64_t port;
	if (colon == NULL || colon == value || text_to_int(slice_from(colon + 1), 65535, &port) != RESULT_OK)
		return problem_set(problem, RESULT_INVALID, "%s must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080, not %.200s", name, value);
	return RESULT_OK;
}

static bool url_character(char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '?' && c != '#' && c != '@';
}

/* A base URL: scheme, host, perhaps port, and a path where one may stand; the slash at its end goes. Our own pages link
 * to each other from the root, and RFC 8414 puts its address there too: so auth-url has no path. */
static enum result check_url(const char *name, const char **value, bool path, struct arena *arena, struct problem *problem)
{
	struct slice url = slice_from(*value);
	size_t scheme = slice_starts_with(url, SLICE_OF("https://")) ? 8 : slice_starts_with(url, SLICE_OF("http://")) ? 7 : 0;
	bool good = scheme > 0 && url.len > scheme && url.ptr[scheme] != '/' && url.ptr[scheme] != ':' && url.len <= LIMIT_SHORT_PARAMETER;
	for (size_t i = 0; i < url.len && good; i++)
		good = url_character(url.ptr[i]);
	if (!good)
		return problem_set(problem, RESULT_INVALID, "%s must be an address like https://auth.example.com, without query or fragment, not %.200s",
		                   name, *value);
	while (url.len > scheme && url.ptr[url.len - 1] == '/')
		url.len--;
	if (!path && memchr(url.ptr + scheme, '/', url.len - scheme) != NULL)
		return problem_set(problem, RESULT_INVALID, "%s must be a host without a path, such as https://auth.example.com, not %.200s", name, *value);
	*value = arena_copy(arena, url).ptr;
	return *value == NULL ? problem_set(problem, RESULT_NO_MEMORY, "no memory for the configuration") : RESULT_OK;
}

static void default_text(const char **value, const char *text)
{
	if (*value == NULL || **value == '\0')
		*value = text;
}

static void empty_is_none(const char **value)
{
	if (*value != NULL && **value == '\0')
		*value = NULL;
}

static void default_number(int64_t *value, int64_t number)
{
	if (*value < 0)
		*value = number;
}

static bool host_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr(".-_:[]", c) != NULL;
}

static enum result check_deployment(struct config *config, struct problem *problem)
{
	struct partition_id partition;
	empty_is_none(&config->deployment_partition);
	empty_is_none(&config->deployment_client);
	empty_is_none(&config->deployment_domain);
	if (config->deployment_partition != NULL && !partition_id_parse(slice_from(config->deployment_partition), &partition))
		return problem_set(problem, RESULT_INVALID, "deployment-partition must be the id of a partition, not %.200s", config->deployment_partition);
	if (config->deployment_client != NULL && config->deployment_partition == NULL)
		return problem_set(problem, RESULT_INVALID, "deployment-client is one of deployment-partition's: set that too");
	if (config->deployment_client != NULL && rule_client_id(slice_from(config->deployment_client), problem) != RESULT_OK)
		return problem_set(problem, RESULT_INVALID, "deployment-client must be a client id, not %.200s", config->deployment_client);
	for (const char *c = config->deployment_domain; c != NULL && *c != '\0'; c++)
		if (!host_character(*c) || c - config->deployment_domain > LIMIT_SHORT_PARAMETER)
			return problem_set(problem, RESULT_INVALID, "deployment-domain must be a host such as www.example.com, not %.200s",
			                   config->deployment_domain);
	return RESULT_OK;
}

enum result config_finish(struct config *config, struct arena *arena, struct problem *problem)
{
	default_text(&config->listen, "127.0.0.1:8080");
	default_text(&config->management_listen, "127.0.0.1:9080");
	default_text(&config->store, "sqlite:data/writ.db");
	default_text(&config->log_level, "info");
	default_text(&config->trusted_proxies, "");
	default_number(&config->event_threads, 0);
	default_number(&config->workers, 32);
	default_number(&config->password_threads, 0);
	default_number(&config->session_idle, LIMIT_SESSION_IDLE_S);
	default_number(&config->session_max, LIMIT_SESSION_MAX_S);
	default_number(&config->connections_max, 0);
	default_number(&config->account_failures, 5);
	default_number(&config->account_delay_max, 60);
	default_number(&config->address_failures, 100);
	default_number(&config->anonymous_tokens, 60);
	default_number(&config->audit_rows, 1000000);
	default_number(&config->audit_days, 90);
	default_number(&config->statistics_interval, 60);
	if (config->workers == 0)
		return problem_set(problem, RESULT_INVALID, "workers must be at least 1");
	if (config->session_idle == 0 || config->session_max == 0)
		return problem_set(problem, RESULT_INVALID, "session-idle and session-max must be at least 1 second");
	if (config->statistics_interval == 0)
		return problem_set(problem, RESULT_INVALID, "statistics-interval must be at least 1 second");
	enum log_level level;
	if (!log_level_parse(slice_from(config->log_level), &level))
		return problem_set(problem, RESULT_INVALID, "log-level must be error, warning, info or debug, not %.100s", config->log_level);
	enum result result = check_deployment(config, problem);
	if (result != RESULT_OK)
		return result;
	empty_is_none(&config->tls_certificate);
	empty_is_none(&config->tls_key);
	if ((config->tls_certificate == NULL) != (config->tls_key == NULL))
		return problem_set(problem, RESULT_INVALID, "tls-certificate and tls-key belong together: set both, or neither");
	struct address_list *proxies;
	result = address_list_parse(slice_from(config->trusted_proxies), &proxies, problem);
	if (result != RESULT_OK)
		return result;
	address_list_free(proxies);
	result = check_listen("listen", config->listen, problem);
	if (result == RESULT_OK)
		result = check_listen("management-listen", config->management_listen, problem);
	if (result == RESULT_OK && config->auth_url != NULL)
		result = check_url("auth-url", &config->auth_url, false, arena, problem);
	if (result == RESULT_OK && config->api_url != NULL)
		result = check_url("api-url", &config->api_url, true, arena, problem);
	return result;
}

enum result config_default_urls(struct config *config, const char *public_address, struct arena *arena, struct problem *problem)
{
	if (config->auth_url == NULL) {
		const char *port = strrchr(public_address, ':');
		bool anywhere = slice_starts_with(slice_from(public_address), SLICE_OF("0.0.0.0:")) ||
		                slice_starts_with(slice_from(public_address), SLICE_OF("[::]:"));
		const char *scheme = config->tls_certificate != NULL ? "https" : "http";
		config->auth_url = anywhere ? arena_print(arena, "%s://127.0.0.1%s", scheme, port).ptr
		                            : arena_print(arena, "%s://%s", scheme, public_address).ptr;
	}
	if (config->auth_url == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the configuration");
	if (config->api_url == NULL)
		config->api_url = config->auth_url;
	if (config->deployment_domain == NULL)
		config->deployment_domain = strstr(config->auth_url, "://") + strlen("://");
	return RESULT_OK;
}
