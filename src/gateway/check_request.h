/* Which call of an API a proxy asks about (contract.md §5): method and address from exactly one of the three sources.
 *
 * X-Original-Method and X-Original-URI (nginx), X-Forwarded-Method and X-Forwarded-Uri (Caddy, Traefik), or the request's own
 * method and the path behind the address of the check (Envoy). */
#ifndef WRIT_GATEWAY_CHECK_REQUEST_H
#define WRIT_GATEWAY_CHECK_REQUEST_H

#include "oauth/oauth.h"

struct api_call {
	struct slice method;
	struct slice path;  /* normalised (base/path.h) */
	struct slice token; /* of Authorization: Bearer; ptr NULL: none came */
	bool repeated;      /* /gateway/check was asked before */
	char buffer[LIMIT_URL_SIZE];
};

/* own     length of the check's own address in the request's path; what is behind it, if anything, is a source.
 * ret     method, path and token are as far as they could be read, for the audit event; points into the request and into itself.
 * REFUSAL_CALL_SOURCE: none complete, half of one, or two; REFUSAL_CALL_ADDRESS: ambiguous or malformed. */
MUST_CHECK enum refusal check_request_read(struct oauth_call *, size_t own, struct api_call *ret);

#endif
