/* Where an address names no partition: which one is meant, and the two documents that tell a browser kit of the same system
 * where it is and where people sign in (endpoints.md, "Older addresses"). */
#ifndef WRIT_OAUTH_DEPLOYMENT_H
#define WRIT_OAUTH_DEPLOYMENT_H

#include "oauth/oauth.h"

/* The partition that a domain_hint or tenantId names: its id, or the deployment's domain, which means the deployment's partition. Says
 * nothing about whether a partition of that id exists. REFUSAL_NO_SUCH_REALM, REFUSAL_UNAVAILABLE. */
MUST_CHECK enum refusal deployment_hint(struct oauth_call *, struct slice hint, struct partition_id *ret);

#endif
