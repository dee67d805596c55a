/* What a directory object may look like: one function a rule, used by apply and (later) the Admin API alike.
 * Each fills problem with a sentence that says what was wrong and what to write; none blocks or allocates. */
#ifndef WRIT_DIRECTORY_RULES_H
#define WRIT_DIRECTORY_RULES_H

#include "base/result.h"
#include "store/model.h"

/* contract §1: the kind that a permission's name gives it. */
enum permission_kind permission_kind_of_name(struct slice name);
/* The reserved admin permissions of contract §4: they exist in every partition. */
bool permission_is_reserved(struct slice name);
/* openid profile email offline_access address phone: never names of permissions. */
bool scope_is_openid(struct slice name);

MUST_CHECK enum result rule_permission_name(struct slice, struct problem *);
MUST_CHECK enum result rule_client_id(struct slice, struct problem *);     /* [A-Za-z0-9._~-]{1,128}, and none of the server's own */
MUST_CHECK enum result rule_person_id(struct slice, struct problem *);     /* no spaces, no "anon:" in front */
MUST_CHECK enum result rule_username(struct slice, struct problem *);
MUST_CHECK enum result rule_email(struct slice, struct problem *);
MUST_CHECK enum result rule_name(struct slice, struct problem *);          /* display names */
MUST_CHECK enum result rule_application_name(struct slice, struct problem *); /* and not the Administration Console's */
MUST_CHECK enum result rule_role(struct slice, struct problem *);
MUST_CHECK enum result rule_secret_value(struct slice, struct problem *);  /* contract §4 */
/* contract §3, Redirect addresses: https, loopback http, or for an SPA a private-use scheme with a period. */
MUST_CHECK enum result rule_redirect_url(enum platform, struct slice, struct problem *);
/* Standard claims of a person (OpenID Connect Core §5.1). */
MUST_CHECK enum result rule_birthdate(struct slice, struct problem *);
MUST_CHECK enum result rule_zoneinfo(struct slice, struct problem *);
MUST_CHECK enum result rule_locale(struct slice, struct problem *);
MUST_CHECK enum result rule_web_address(struct slice, struct problem *); /* profile, picture, website */
MUST_CHECK enum result rule_registration_id(struct slice, struct problem *); /* [A-Za-z0-9._~-]{1,128} */
/* What stands in a claim, or names one: one word of printable ASCII. */
MUST_CHECK enum result rule_claim_value(struct slice, struct problem *);
/* Not a realm of the partition itself: any token of its own would be exchanged for another. */
MUST_CHECK enum result rule_provider_issuer(const struct partition_id *, struct slice, struct problem *);
/* https, or http on loopback: logos, JWKS, back-channel logout. */
MUST_CHECK enum result rule_service_url(struct slice, struct problem *);
/* Does the address name the loopback of the machine that asks for it, however it is spelled? What a DNS name leads to is not asked. */
bool rule_url_on_loopback(struct slice url);

#endif
