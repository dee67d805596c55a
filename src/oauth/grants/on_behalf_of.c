/* On behalf of (contract §3; grant_type=password): a web application gets a token that names a person, without that
 * person's sign-in and with itself as the actor (RFC 8693 §4.1). The subject is exactly one, and never left out. */
#include "oauth/grants/on_behalf_of.h"

#include "oauth/access_token.h"
#include "oauth/grants.h"

static enum refusal read_subject(struct oauth_call *call, const struct token_request *request, struct named_subject *ret)
{
	bool username = request->subject_username.ptr != NULL;
	bool userid = request->subject_userid.ptr != NULL;
	bool email = request->subject_email.ptr != NULL;
	bool users = call->realm.kind == PERSON_USER;
	const char *wanted = users ? "subject_username or subject_userid" : "subject_email";
	if (users ? email : username || userid)
		return refuse(call, REFUSAL_SUBJECT_OTHER_REALM, "This realm is of %s: name the subject by %s, or use the other realm's token URL.",
		              users ? "users" : "customers", wanted);
	if (!username && !userid && !email)
		return refuse(call, REFUSAL_SUBJECT_MISSING, "The subject is missing: say on whose behalf with %s.", wanted);
	if (username && userid)
		return refuse(call, REFUSAL_SUBJECT_DOUBLED, "Two subjects were named: send either subject_username or subject_userid.");
	if (request->subject_token.ptr != NULL)
		return refuse(call, REFUSAL_SUBJECT_DOUBLED, "Two subjects were named: leave the subject_token out, which goes with a token exchange alone.");
	*ret = (struct named_subject) {
		.key = username ? PERSON_BY_USERNAME : userid ? PERSON_BY_ID : PERSON_BY_EMAIL,
		.value = username ? request->subject_username : userid ? request->subject_userid : request->subject_email,
		.unknown = REFUSAL_SUBJECT_UNKNOWN,
	};
	return REFUSAL_NONE;
}

enum refusal on_behalf_of_reply(struct oauth_call *call, const struct named_subject *subject, struct slice scope)
{
	struct token_grant grant = {
		.flow = FLOW_ON_BEHALF_OF,
		.actor = call->realm.kind == PERSON_USER ? API_ACTOR_USER_ON_BEHALF_OF : API_ACTOR_CUSTOMER_ON_BEHALF_OF,
		.issued_token_type = subject->issued_token_type,
	};
	call->flow = COUNTED_ON_BEHALF_OF; /* by a token exchange too */
	call->subject = subject->value;
	enum refusal refusal = scope_rules_check(call, FLOW_ON_BEHALF_OF, scope, &grant.scope);
	if (refusal != REFUSAL_NONE)
		return refusal;

	char id[LIMIT_ID];
	struct person_state person = { .enabled = false };
	enum result result = store_person_state(oauth_store(call), &call->realm.partition, call->realm.kind, subject->key,
	                                        subject->value, id, &person);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return refuse_store(call);
	if (result == RESULT_NOT_FOUND || !person.enabled)
		return refuse(call, subject->unknown, "There is no enabled %s of that name in this realm: check the subject.",
		              person_kind_name(call->realm.kind));
	grant.subject = person.id;
	return access_token_reply(call, &grant);
}

enum refusal grant_on_behalf_of(struct oauth_call *call, const struct token_request *request)
{
	struct named_subject subject = { .key = PERSON_BY_ID };
	enum refusal refusal = read_subject(call, request, &subject);
	return refusal == REFUSAL_NONE ? on_behalf_of_reply(call, &subject, request->scope) : refusal;
}
