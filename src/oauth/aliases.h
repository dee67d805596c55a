/* Older addresses of the endpoints, which programs of the same system still use, and those that say by parameters whom they
 * are about: one table from address to realm and endpoint. No alias does anything by itself: it finds the realm that is meant,
 * and the endpoint then reads the request as if it had come to that realm's own address. Issuer, pages, codes and errors
 * are the realm's. */
#ifndef WRIT_OAUTH_ALIASES_H
#define WRIT_OAUTH_ALIASES_H

#include "oauth/oauth.h"

enum alias {
	ALIAS_AUTHORIZE,          /* {partition}/{policy}: the realm whose policy has that name, in whatever case */
	ALIAS_TOKEN,              /* the same */
	ALIAS_GLOBAL_TOKEN,       /* {partition}: the realm of its users; client credentials alone */
	ALIAS_ON_BEHALF_OF_TOKEN, /* user_type, and tenantId or domain_hint; on behalf of alone */
	ALIAS_ANONYMOUS_TOKEN,    /* the same; customers alone */
	ALIAS_COUNT
};

/* Answers a request at that kind of address. ALIAS_AUTHORIZE blocks. Refusals of its own: REFUSAL_NO_SUCH_REALM for a partition or policy that is not
 * there, REFUSAL_USER_TYPE, and those of oauth/parameters.h. The endpoint reads a copy of the request, which it must not keep. */
void oauth_alias(struct oauth *, enum alias, struct http_request *, struct http_reply *);

/* Whose address is this: the partition of its first segment, be that a realm or the partition itself. */
bool address_partition(const struct http_request *, struct partition_id *ret);

#endif
