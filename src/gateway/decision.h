/* The access decision (contract.md §5): may this token's bearer make this call? Pure: no store, no clock, no keys.
 *
 * The token was verified before, whatever it says is true; here is only asked whether the operation takes such a caller. */
#ifndef WRIT_GATEWAY_DECISION_H
#define WRIT_GATEWAY_DECISION_H

#include "gateway/catalogue.h"

/* What a verified, living access token says. */
struct token_facts {
	enum api_actor actor;
	struct slice partition, subject, client_id, scope; /* scope: list of names without the prefix */
	struct slice acting_client;                         /* ptr NULL: not on behalf of */
	struct slice jti, gid;
	int64_t expires_at;           /* s */
	bool application_permission;  /* one of the scopes is an application permission: meets ".default" */
};

enum verdict {
	VERDICT_ALLOWED,
	VERDICT_NO_OPERATION,   /* what is not listed is closed */
	VERDICT_CLOSED,         /* listed, with no alternative at all */
	VERDICT_WRONG_ACTOR,    /* no alternative takes this actor */
	VERDICT_SCOPE_MISSING,  /* the actor is right, all alternatives for it need more */
};

struct decision {
	enum verdict verdict;
	const struct catalogue_operation *operation;     /* NULL: VERDICT_NO_OPERATION */
	const struct api_alternative *alternative;       /* ALLOWED: the one that was met; SCOPE_MISSING: the first that would do;
	                                                    WRONG_ACTOR: the first, of another actor; else NULL */
};

/* Never fails: what cannot be decided is not allowed. About 200 ns. path is normalised. */
struct decision decide(const struct catalogue *, struct slice method, struct slice path, const struct token_facts *);

/* The part of it behind the operation, for those that found it themselves. NULL: VERDICT_NO_OPERATION. */
struct decision decide_operation(const struct catalogue_operation *, const struct token_facts *);

/* The flow that gives such an actor, as a clause for people ("sign the user in (authorization code flow)"). Printable ASCII without
 * '"' and '\'. */
const char *api_actor_flow(enum api_actor);

#endif
