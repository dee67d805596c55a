/* The access decision (contract.md §5): may the call that a reverse proxy asks about be made with the token that came with it?
 *
 * Checked in this order: address, token, operation, actor, scope. The handlers of /gateway/check and /gateway/refusal; they
 * run on event threads, and once more on a worker where a partition's catalogue is not in memory. Fails closed: nothing but a
 * decision that was made now is a 2xx. */
#ifndef WRIT_GATEWAY_CHECK_H
#define WRIT_GATEWAY_CHECK_H

#include "gateway/catalogues.h"
#include "gateway/token_memory.h"
#include "oauth/oauth.h"

struct decision;
struct token_facts;

#define GATEWAY_CHECK_PATH "/gateway/check"
#define GATEWAY_REFUSAL_PATH "/gateway/refusal"

struct gateway {
	struct oauth *oauth;
	struct catalogues *catalogues;
	struct token_memory *memory;
	/* counted for /metrics; refusals by their slug are counted in oauth */
	_Atomic int64_t allowed, refused;
	_Atomic int64_t tokens_remembered, tokens_verified; /* good ones */
};

/* Decides on the call: 204 with the six X-Writ-* headers, or a refusal. */
void gateway_check(struct gateway *, struct http_request *, struct http_reply *);
/* The words of a decision that is not to allow, as the sentence of the call, whose realm names the partition; its refusal. */
MUST_CHECK enum refusal check_explain(struct oauth_call *, struct slice method, struct slice path, const struct token_facts *,
                                      const struct decision *);
/* Decides in the same way but never answers 2xx, for proxies that drop the body of a refused check: they ask here for it. */
void gateway_refusal(struct gateway *, struct http_request *, struct http_reply *);

#endif
