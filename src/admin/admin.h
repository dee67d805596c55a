/* The Admin API: /admin/v1/…, JSON resources over directory/ and store/ (docs/guide/admin-api.md).
 *
 * openapi.json beside this file is the one source of truth: it is served, it is compiled into the catalogue that each request is decided
 * on, as any API's is (gateway/decision.h), and the operationId that is found names the handler (operations.h). */
#ifndef WRIT_ADMIN_ADMIN_H
#define WRIT_ADMIN_ADMIN_H

#include "gateway/catalogues.h"
#include "oauth/oauth.h"

#define ADMIN_PATH "/admin/v1"

struct admin {
	struct oauth *oauth;
	struct catalogues *catalogues;         /* of the partitions' APIs: for what may be called with a token */
	const struct master_key *master_key;   /* for new signing keys */
	/* the rest is admin_start's */
	struct catalogue *operations;          /* of the Admin API itself */
	struct slice document;                 /* openapi.json with the address of this server */
	_Atomic int api_imports;               /* OpenAPI documents that are being read now */
};

/* Compiles the document; oauth, catalogues and master_key are set before.
 * arena   of what lives as long as the server. RESULT_INVALID and others, with a problem: this build is broken. */
MUST_CHECK enum result admin_start(struct admin *, struct arena *, struct problem *);
void admin_stop(struct admin *);

/* Answers any request below /admin/v1. Blocks: on a worker. */
void admin_handle(struct admin *, struct http_request *, struct http_reply *);

/* Fills the reply for what http/ refuses by itself at these addresses: the same application/problem+json. */
void admin_refuse_http(struct admin *, const struct http_request *, unsigned status, const char *slug, const char *sentence, struct http_reply *);
/* Is the request one for the Admin API? */
bool admin_is_asked(const struct http_request *);

#endif
