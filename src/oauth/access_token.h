/* Access tokens: JWTs by RFC 9068 with the claims of contract §4. They are signed, not stored. */
#ifndef WRIT_OAUTH_ACCESS_TOKEN_H
#define WRIT_OAUTH_ACCESS_TOKEN_H

#include "jose/access_claims.h"
#include "oauth/scope_rules.h"
#include "store/grants.h"

/* What a token will say beyond what the call says by itself (issuer, client, partition, lifetime). */
struct token_grant {
	enum flow flow;
	enum api_actor actor;   /* acted for: act is the client application */
	struct slice subject;   /* the person's id, the client id, or anon:{uuid} */
	struct granted_scope scope;
	/* Where a person signed in (code, refresh, exchange): gid, sid, auth_time, nonce and claims of the tokens. NULL: a fresh gid, no
	 * id_token. */
	const struct grant_record *record;
	const struct person *person; /* with record: whose standard claims an ID token may carry */
	struct slice refresh_token;  /* to hand out; ptr NULL: none */
	const char *issued_token_type; /* for the reply of a token exchange (RFC 8693 §2.2.1); NULL: it is none */
};

/* Can tokens be made now? To be asked before something is used up for them. REFUSAL_UNAVAILABLE. */
MUST_CHECK enum refusal access_token_ready(struct oauth_call *);

/* Signs and writes the reply of RFC 6749 §5.1: access_token, token_type, expires_in, scope; refresh_token where there is one,
 * id_token with openid (OpenID Connect Core §3.1.3.3).
 * Without a client application (call->application NULL: an anonymous customer) client_id is ANONYMOUS_CLIENT_ID.
 * REFUSAL_UNAVAILABLE when there is no key or the clock cannot be right. */
MUST_CHECK enum refusal access_token_reply(struct oauth_call *, const struct token_grant *);

/* Reads a token of the call's partition: signature, type, claims (jose/access_claims.h; audience: api_url or the Admin API),
 * lifetime, revocation, and that client application and person still exist, are enabled and were so since the token was
 * made (of an anonymous customer: that the partition still gives all of it to anybody).
 * RESULT_INVALID: not a token of this partition; RESULT_EXPIRED: dead (expired, revoked, owner gone); RESULT_STORE_DOWN: cannot be judged
 * (store or clock). ret is filled for RESULT_OK only, and its claims freed by the caller with claims_free. */
MUST_CHECK enum result access_token_read(struct oauth_call *, struct slice token, struct access_token *ret);

#endif
