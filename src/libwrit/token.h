/* From a bearer token to what it says, verified by the partition's published keys. */
#ifndef WRIT_LIBWRIT_TOKEN_H
#define WRIT_LIBWRIT_TOKEN_H

#include "gateway/decision.h"
#include "jose/jws.h"
#include "libwrit/rules.h"

enum token_state { TOKEN_GOOD, TOKEN_BAD, TOKEN_EXPIRED };

/* facts   their texts live as long as the claims.
 * claims  to be given back with claims_free for TOKEN_GOOD; untouched otherwise. About 60 us. */
enum token_state token_verify(const struct rules *, const struct key_ring *, struct slice token, int64_t now_s, struct token_facts *facts,
                              struct claims *);

#endif
