/* What a reverse proxy's configuration is made of: addresses, and which paths go to which API.
 *
 * Everything here has been judged: addresses are host names or IP addresses with a port, paths are made of unreserved characters
 * (RFC 3986 §2.3), names for comments are printable ASCII. So none of it can mean anything in a configuration's language. */
#ifndef WRIT_CLI_GATEWAY_PROXY_FACTS_H
#define WRIT_CLI_GATEWAY_PROXY_FACTS_H

#include "base/arena.h"
#include "store/store.h"

#define PROXY_ROUTES_MAX 256
#define PROXY_UPSTREAMS_MAX 65 /* one for each --upstream NAME=URL, and the default */

struct proxy_address {
	struct slice text; /* "127.0.0.1:9080", "[::1]:9080" */
	struct slice host; /* "127.0.0.1", "[::1]" */
	struct slice bare; /* the same without brackets */
	struct slice port;
};
/* ADDR:PORT. RESULT_INVALID for anything else. */
MUST_CHECK enum result proxy_address_parse(struct arena *, struct slice text, struct proxy_address *ret);
/* http://HOST[:PORT], a slash behind it allowed. RESULT_INVALID for anything else: a path would change what was decided. */
MUST_CHECK enum result proxy_url_parse(struct arena *, struct slice url, struct proxy_address *ret);
/* The host of an http or https URL, for names of virtual servers. */
MUST_CHECK enum result proxy_url_host(struct slice url, struct slice *ret);

struct proxy_upstream {
	struct slice api; /* as --upstream names it; empty: of every API that none is named for */
	struct proxy_address address;
	struct slice names; /* of the APIs behind it, for a comment; empty: none, so it is not needed */
};

struct proxy_route {
	struct slice path;  /* "/knowledge/portalmgr/v4", or "/" */
	struct slice names; /* of the APIs */
	size_t upstream;
};

struct proxy_facts {
	struct arena *arena;
	struct proxy_upstream upstreams[PROXY_UPSTREAMS_MAX];
	size_t upstream_count;
	struct proxy_route routes[PROXY_ROUTES_MAX]; /* the longest path first */
	size_t route_count;
	size_t api_count;
	struct slice partitions; /* for a comment */
	struct problem problem;
};

/* The routes of all APIs of one partition, or of all partitions (NULL). The upstreams are there already.
 * RESULT_NOT_FOUND: the partition, an API, or one that --upstream names does not exist. RESULT_CONFLICT: two upstreams for one path,
 * or for calls that are decided as one API's and would go to another's. Each with a problem. */
MUST_CHECK enum result proxy_facts_read(struct proxy_facts *, struct store *, const struct partition_id *);

/* How far the paths of an operation go before anything varies or has to be escaped: "/a/b" of "/a/b/{id}/c". */
struct slice proxy_literal_prefix(struct slice path);

/* A name for a comment: one line of printable ASCII, whoever chose it. Memory may be out (arena_exhausted). */
struct slice proxy_comment_name(struct arena *, struct slice name);

/* The upstream of an API, by its index. */
size_t proxy_upstream_of(const struct proxy_facts *, struct slice api);

/* For proxy_facts_read, once the routes are there and in their order: RESULT_CONFLICT, with a problem, when a call can be decided as an
 * operation of one API and go to the upstream of another. Without a problem: the APIs cannot be read. */
MUST_CHECK enum result proxy_overlaps_judge(struct proxy_facts *, struct store *, const struct partition_id *);

#endif
