/* What an access token of ours says, and whether it may say so (contract §4, RFC 9068): the one list of rules, for the server that signed it
 * (oauth/access_token.c) and for APIs that verify it themselves (libwrit/token.c). Whether it has expired and whoever it names is alive
 * is theirs to ask. */
#ifndef WRIT_JOSE_ACCESS_CLAIMS_H
#define WRIT_JOSE_ACCESS_CLAIMS_H

#include "jose/jws.h"

/* Whose tokens count. */
struct access_expected {
	struct slice partition;
	struct slice users_issuer, customers_issuer; /* the partition's two realms */
	struct slice audience;                       /* of the APIs */
	struct slice admin_audience;                 /* of the Admin API; ptr NULL: its tokens are none here */
};

/* The texts live as long as the claims. */
struct access_token {
	struct claims claims;
	struct slice client_id, subject, scope, jti, gid, issuer, audience, actor, partition;
	struct slice acting_client; /* ptr NULL: not on behalf of */
	enum api_actor speaks_for;  /* actor and acting_client in one */
	int64_t issued_at, expires_at;
	int64_t made_ms;   /* the moment inside the jti */
	int64_t auth_time; /* 0: nobody signed in for it */
};

/* False: no such token is signed by the partition for that audience. Else ret is filled, and the claims stay the caller's. */
bool access_claims_read(const struct claims *, const struct access_expected *, struct access_token *ret);

#endif
