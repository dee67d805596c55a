/* Which route a path means. Patterns are taken apart once; a path is never decoded. */
#ifndef WRIT_HTTP_ROUTER_H
#define WRIT_HTTP_ROUTER_H

#include "http/http.h"

struct router;

struct router_match {
	const struct http_route *route;   /* path and method fit; NULL when there is none */
	const struct http_route *address; /* the first whose path fits (its CORS rules hold for errors); NULL: unknown */
	unsigned allowed;                 /* methods of all routes whose path fits; HEAD with GET */
	struct slice segments[HTTP_SEGMENTS_MAX];
};

/* The routes must outlive the router. RESULT_INVALID for a pattern without '/' in front, with too many segments or
 * placeholders, or with "{name...}" anywhere but at its end. Free with router_free (NULL is fine). */
MUST_CHECK enum result router_new(const struct http_route *routes, size_t count, struct router **ret, struct problem *);
void router_free(struct router *);

/* Fills ret; route and address stay NULL for a path that no pattern fits. */
void router_find(const struct router *, struct slice path, enum http_method, struct router_match *ret);

#endif
