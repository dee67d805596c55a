/* On behalf of (contract §3; grant_type=password): a web application gets a token that names a person, without that
 * person's sign-in and with itself as the actor (RFC 8693 §4.1). The subject is exactly one, and never left out. */
#include "oauth/access_token.h"
#include "oauth/grants.h"

struct subject {
	enum person_key key;
	struct slice value;
};

static enum refusal read_subject(struct oauth_call *call, const struct token_request *request, struct subject *ret)
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
	*ret = username ? (struct subject) { PERSON_BY_USERNAME, request->subject_username }
	     : userid   ? (struct subject) { PERSON_BY_ID, request->subject_userid }
	                : (struct subject) { PERSON_BY_EMAIL, request->subject_email };
	call->subject = ret->value;
	return REFUSAL_NONE;
}

enum refusal grant_on_behalf_of(struct oauth_call *call, const struct token_request *request)
{
	struct subject subject = { .key = PERSON_BY_ID };
	struct token_grant grant = {
		.flow = FLOW_ON_BEHALF_OF,
		.actor = call->realm.kind == PERSON_USER ? ACTOR_USER : ACTOR_CUSTOMER,
		.on_behalf_of = true,
	};
	enum refusal refusal = read_subject(call, request, &subject);
	if (refusal == REFUSAL_NONE)
		refusal = scope_rules_check(call, FLOW_ON_BEHALF_OF, request->scope, &grant.scope);
	if (refusal != REFUSAL_NONE)
		return refusal;

	char id[LIMIT_ID];
	struct person_state person = { .enabled = false };
	enum result result = store_person_state(directory_store(call->oauth->directory), &call->realm.partition, call->realm.kind, subject.key,
	                                        subject.value, id, &person);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return refuse(call, REFUSAL_UNAVAILABLE, "The store cannot answer now: try again later.");
	if (result == RESULT_NOT_FOUND || !person.enabled)
		return refuse(call, REFUSAL_SUBJECT_UNKNOWN, "There is no enabled %s of that name in this realm: check the subject.",
		              call->realm.kind == PERSON_USER ? "user" : "customer");
	grant.subject = person.id;
	return access_token_reply(call, &grant);
}
