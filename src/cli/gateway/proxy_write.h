/* Prints the configuration of a reverse proxy. */
#ifndef WRIT_CLI_GATEWAY_PROXY_WRITE_H
#define WRIT_CLI_GATEWAY_PROXY_WRITE_H

#include "cli/gateway/proxy_facts.h"

#include <stdio.h>

struct proxy_kind {
	const char *name; /* "nginx" */
	const char *template;
};
/* NULL: there is none of that name. */
const struct proxy_kind *proxy_kind_find(const char *name);

/* The Lua action that HAProxy's configuration loads. */
struct slice proxy_haproxy_lua(void);

struct proxy_addresses {
	struct proxy_address listen; /* where the proxy listens */
	struct proxy_address check;  /* writ's management listener */
	struct proxy_address tokens; /* writ's public listener */
	struct slice host;           /* the name that the proxy answers for; empty: any */
	struct slice lua_file;       /* where HAProxy finds proxy_haproxy_lua */
	struct slice partition;      /* whose tokens alone are good here; empty: any */
};

/* RESULT_NO_MEMORY, or RESULT_INVALID for a mistake in a template. */
MUST_CHECK enum result proxy_write(const struct proxy_kind *, const struct proxy_facts *, const struct proxy_addresses *, FILE *out);

#endif
