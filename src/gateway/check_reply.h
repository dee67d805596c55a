/* What a decision looks like on the wire (contract.md §5): 204 with six headers for the API behind, or a refusal, whose body and
 * WWW-Authenticate say what was missing. */
#ifndef WRIT_GATEWAY_CHECK_REPLY_H
#define WRIT_GATEWAY_CHECK_REPLY_H

#include "gateway/check_request.h"
#include "gateway/decision.h"

/* Always all six, empty where there is nothing to say. False: a value could not stand in a header; nothing was written. */
MUST_CHECK bool check_reply_allow(struct oauth_call *, const struct token_facts *);

/* Writes the refusal whose sentence is in the call, counts it and leaves its audit event, unless no token came, so that it could be
 * anybody's, or the call was judged before.
 * facts, decision   NULL as far as it did not come to them. */
void check_reply_refuse(struct oauth_call *, enum refusal, const struct api_call *, const struct token_facts *, const struct decision *);

#endif
