/* Subject tokens of identity providers (contract §7): what one proves, and whom of the realm it names. */
#ifndef WRIT_OAUTH_SUBJECT_TOKEN_H
#define WRIT_OAUTH_SUBJECT_TOKEN_H

#include "oauth/token_request.h"

/* Proves request->subject_token by the provider of request->registration_id: signature, iss, aud, exp, nbf, iat. Finds the one
 * enabled person of the call's realm whom its claim names.
 * ret_auth_time   when that person signed in there, s; 0: the token does not say.
 * REFUSAL_PROVIDER_UNKNOWN; REFUSAL_SUBJECT_TOKEN in the same words whatever is wrong with the token or the person, and only the
 * audit event says what; REFUSAL_UNAVAILABLE. A token may come again for as long as it is good
 * (docs/decisions/subject-tokens-may-come-again.md). Blocks: the provider's keys may have to be asked for, and what is
 * judged is how it is registered once they are here. */
MUST_CHECK enum refusal subject_token_judge(struct oauth_call *, const struct token_request *, struct person *ret, int64_t *ret_auth_time);

/* The refusal of a token that proves nobody. why: for the audit event alone. */
MUST_CHECK enum refusal subject_token_refuse(struct oauth_call *, const char *why);

#endif
