/* The standard claims of a person (OpenID Connect Core §5.1): which there are, which scope asks for them (§5.4), which a
 * person has. What a person does not have is left out, email_verified too: absent means not known (§5.1). */
#ifndef WRIT_OAUTH_PERSON_CLAIMS_H
#define WRIT_OAUTH_PERSON_CLAIMS_H

#include "base/writer.h"
#include "store/model.h"

/* Is this the name of a standard claim other than sub, with or without a language tag ("name#ja", §5.2)? */
bool person_claim_is_known(struct slice name);

/* The scope in whose words consent is asked for a claim that person_claim_is_known: profile, email, phone or address. */
struct slice person_claim_scope(struct slice name);

/* The names as a list, in the order of §5.1; {NULL,0} behind the last. For metadata. */
struct slice person_claim_at(size_t);

/* Appends ,"name":value for each claim that the scope (a list: profile, email) or the names (a list; ptr NULL: none) ask for
 * and the person has, each once. The e-mail is the directory's, a user's preferred_username the username.
 * RESULT_INVALID: the person's claims cannot be read. */
MUST_CHECK enum result person_claims_write(struct writer *, const struct person *, struct slice scope, struct slice names);

#endif
