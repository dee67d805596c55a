/* What client applications find out by themselves. */
#ifndef WRIT_OAUTH_METADATA_H
#define WRIT_OAUTH_METADATA_H

#include "oauth/oauth.h"

/* Appends the realm's document: OpenID Connect Discovery §3 and RFC 8414 §2 in one, with registered members only. Printed from
 * the registries, so that what is advertised is what works. */
void metadata_write(const struct oauth_call *, struct writer *);

/* Appends the members of a partition's metadata (contract §2), without the braces around. Needs call->tenant. */
void metadata_partition_members(const struct oauth_call *, struct writer *);

/* Replies with a document that anybody may read, and keep for a while. */
void metadata_reply(struct oauth_call *, const struct writer *);

#endif
