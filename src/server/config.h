/* The server's configuration: flags over WRIT_* environment over the YAML file of --config. One table of keys; a key
 * that is not in it is an error. */
#ifndef WRIT_SERVER_CONFIG_H
#define WRIT_SERVER_CONFIG_H

#include "base/arena.h"
#include "base/log.h"
#include "base/result.h"

#include <stdint.h>

/* As written by the operator; members that nobody set are NULL or -1 until config_finish gives them their defaults. */
struct config {
	const char *config_file;
	const char *listen;            /* 127.0.0.1:8080 */
	const char *management_listen; /* 127.0.0.1:9080 */
	const char *auth_url;          /* http://{listen}, or https:// with a certificate */
	const char *api_url;           /* auth_url */
	const char *store;             /* sqlite:data/writ.db */
	const char *master_key;        /* {path of the store}.key */
	const char *tls_certificate;   /* none: plain HTTP */
	const char *tls_key;
	const char *trusted_proxies;   /* none */
	const char *outbound_ca_file;  /* the system's authorities */
	const char *deployment_partition; /* the only one */
	const char *deployment_client;    /* its only single page application */
	const char *deployment_domain;    /* the host of auth_url */
	const char *log_level;         /* info */
	int64_t event_threads;         /* one per processor */
	int64_t workers;               /* 32 */
	int64_t password_threads;      /* one per processor */
	int64_t session_idle;          /* 7200 s */
	int64_t session_max;           /* 43200 s */
	int64_t connections_max;       /* as the system allows, at most 20 000 */
	int64_t account_failures;      /* 5 in a row are answered without delay */
	int64_t account_delay_max;     /* 60 s */
	int64_t address_failures;      /* 100 a minute */
	int64_t anonymous_tokens;      /* 60 a minute */
	int64_t audit_rows;            /* 1 000 000 are kept */
	int64_t audit_days;            /* for 90 days */
	int64_t statistics_interval;   /* 60 s */
	bool demo;
	bool allow_demo_secrets;
};

enum config_kind { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_FLAG };

struct config_key {
	const char *name;        /* as a flag: "management-listen"; in the file: management_listen */
	const char *value;       /* what --help calls it */
	const char *environment; /* WRIT_… */
	const char *help;
	enum config_kind kind;
	size_t offset;
	int64_t maximum; /* of a number */
};
extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* Nothing set. */
void config_init(struct config *);

/* Lays the file's values under what is set already. Texts live in the arena. RESULT_INVALID with "FILE:LINE: …" for an
 * unknown key (with the nearest known one), a value of the wrong kind, or what is no YAML mapping; RESULT_NOT_FOUND. */
MUST_CHECK enum result config_read_file(struct config *, const char *file, struct arena *, struct problem *);

/* Gives defaults to what nobody set and judges the rest: addresses, URLs, log level, proxies. auth_url and api_url get
 * their defaults only when the listener's port is known: see config_default_urls. RESULT_INVALID names the key. */
MUST_CHECK enum result config_finish(struct config *, struct arena *, struct problem *);

/* public_address: what the listener is really bound to. */
MUST_CHECK enum result config_default_urls(struct config *, const char *public_address, struct arena *, struct problem *);

/* Is the host of "host:port" (or of what stands behind http://) a loopback address? */
bool address_is_loopback(const char *listen);

#endif
