/* Token exchange (RFC 8693, contract §7): the token of an identity provider for one as if the person whom it names had signed in here;
 * or, with a token type of our own, a person's name for an on-behalf-of token. */
#include "base/clock.h"
#include "base/text.h"
#include "directory/audit.h"
#include "oauth/access_token.h"
#include "oauth/grants.h"
#include "oauth/grants/on_behalf_of.h"
#include "oauth/refresh_token.h"
#include "oauth/subject_token.h"

#define TYPE_PREFIX "urn:ietf:params:oauth:token-type:"
#define ACCESS_TOKEN_TYPE TYPE_PREFIX "access_token"

/* What a subject_token may be. */
struct subject_type {
	struct slice name;
	bool signed_by_provider;
	/* a name instead: */
	enum person_key key;
	enum person_kind kind;
	size_t limit;
};

static const struct subject_type subject_types[] = {
	{ SLICE(ACCESS_TOKEN_TYPE), .signed_by_provider = true },
	{ SLICE(TYPE_PREFIX "id_token"), .signed_by_provider = true },
	{ SLICE(TYPE_PREFIX "jwt"), .signed_by_provider = true },
	{ SLICE("urn:writ:token-type:username"), .key = PERSON_BY_USERNAME, .kind = PERSON_USER, .limit = LIMIT_USERNAME },
	{ SLICE("urn:writ:token-type:userid"), .key = PERSON_BY_ID, .kind = PERSON_USER, .limit = LIMIT_ID },
	{ SLICE("urn:writ:token-type:email"), .key = PERSON_BY_EMAIL, .kind = PERSON_CUSTOMER, .limit = LIMIT_EMAIL },
};

static const struct subject_type *subject_type_find(struct slice name)
{
	for (size_t i = 0; i < sizeof subject_types / sizeof subject_types[0]; i++)
		if (slice_equal(name, subject_types[i].name))
			return &subject_types[i];
	return NULL;
}

/* ---- parameters --------------------------------------------------------------------------------------------------------- */

static enum refusal parameter_missing(struct oauth_call *call, const char *name, const char *what)
{
	return refuse(call, REFUSAL_PARAMETER_MISSING, "The parameter %s is missing: send %s.", name, what);
}

static enum refusal parameters_judge(struct oauth_call *call, const struct token_request *request, const struct subject_type **ret)
{
	if (request->subject_token.ptr == NULL)
		return parameter_missing(call, "subject_token", "the token that shall be exchanged");
	if (request->subject_token_type.ptr == NULL)
		return parameter_missing(call, "subject_token_type", "what the subject_token is, such as " TYPE_PREFIX "id_token");
	if (token_request_names_person(request))
		return refuse(call, REFUSAL_SUBJECT_DOUBLED, "In a token exchange the subject_token alone names the person: leave the other subject out.");
	if (request->actor_token.ptr != NULL || request->actor_token_type.ptr != NULL)
		return refuse(call, REFUSAL_EXCHANGE_PARAMETER, "There is no actor_token here: leave it and its type out.");
	if (request->requested_token_type.ptr != NULL && !slice_is(request->requested_token_type, ACCESS_TOKEN_TYPE))
		return refuse(call, REFUSAL_EXCHANGE_PARAMETER, "The requested_token_type can only be " ACCESS_TOKEN_TYPE ": leave it out.");
	const struct subject_type *type = subject_type_find(request->subject_token_type);
	if (type == NULL)
		return refuse(call, REFUSAL_EXCHANGE_PARAMETER,
		              "The subject_token_type %.*s is not known: send " TYPE_PREFIX "id_token, access_token or jwt, or urn:writ:token-type:username, "
		              "userid or email.", SLICE_ARGS(request->subject_token_type));
	if (type->signed_by_provider && request->registration_id.ptr == NULL)
		return parameter_missing(call, "registration_id", "the one under which the token's identity provider is registered");
	*ret = type;
	return REFUSAL_NONE;
}

/* ---- a person's name ---------------------------------------------------------------------------------------------------- */

static enum refusal exchange_name(struct oauth_call *call, const struct token_request *request, const struct subject_type *type)
{
	const bool users = call->realm.kind == PERSON_USER;
	if (type->kind != call->realm.kind)
		return refuse(call, REFUSAL_SUBJECT_OTHER_REALM, "This realm is of %s: send subject_token_type %s, or use the other realm's token URL.",
		              users ? "users" : "customers",
		              users ? "urn:writ:token-type:username or urn:writ:token-type:userid" : "urn:writ:token-type:email");
	if (request->subject_token.len > type->limit)
		return refuse(call, REFUSAL_PARAMETER_TOO_LONG, "The parameter subject_token is longer than %zu bytes.", type->limit);
	const struct named_subject subject = {
		.key = type->key,
		.value = request->subject_token,
		.unknown = REFUSAL_SUBJECT_TOKEN, /* RFC 8693 §2.2.2 */
		.issued_token_type = ACCESS_TOKEN_TYPE,
	};
	return on_behalf_of_reply(call, &subject, request->scope);
}

/* ---- a provider's token ------------------------------------------------------------------------------------------------- */

static void audit_exchange(const struct oauth_call *call, const struct token_request *request, const struct grant_record *record)
{
	const struct audit_event event = {
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = SLICE_OF("token.exchanged"),
		.result = SLICE_OF("ok"),
		.actor = record->person_id,
		.object = record->client_id,
		.address = call->request->address,
		.detail = request->registration_id,
	};
	audit_write(oauth_store(call), &event);
}

static enum refusal grant_begin(struct oauth_call *call, const struct grant_record *record, const struct refresh_name *refresh)
{
	const struct client_application *registered = &call->application->registered;
	const int64_t now_s = clock_s();
	const struct grant_beginning beginning = {
		.grant = *record,
		.now_s = now_s,
		.tokens_until = now_s + registered->access_token_seconds,
		.refresh = refresh,
		.refresh_idle_s = registered->refresh_idle_seconds,
		.refresh_max_s = registered->refresh_max_seconds,
	};
	switch (store_grant_begin(oauth_store(call), &call->realm, &beginning)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_NOT_FOUND: return subject_token_refuse(call, "the person whom it names lost access meanwhile");
	default: return refuse_store(call);
	}
}

/* The person is known: what a code and its redemption do at a sign-in. */
static enum refusal sign_in(struct oauth_call *call, const struct token_request *request, struct token_grant *grant, struct grant_record *record)
{
	struct refresh_name refresh;
	const bool offline = grant->scope.offline_access;
	enum refusal refusal = access_token_ready(call);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (offline && refresh_token_make(call->arena, (struct slice) { NULL, 0 }, &grant->refresh_token, &refresh) != RESULT_OK)
		return refuse(call, REFUSAL_UNAVAILABLE, "The server is out of memory: try again later.");
	record->scope = grant->scope.names;
	record->echoed = grant->scope.echoed;
	record->offline = offline;
	refusal = grant_begin(call, record, offline ? &refresh : NULL);
	if (refusal == REFUSAL_NONE)
		refusal = access_token_reply(call, grant);
	if (refusal == REFUSAL_NONE)
		audit_exchange(call, request, record);
	return refusal;
}

static enum refusal exchange_token(struct oauth_call *call, const struct token_request *request)
{
	char gid[UUID_TEXT_SIZE];
	struct person person;
	struct grant_record record = { .client_id = call->application->registered.client_id, .granted_ms = clock_ms() };
	struct token_grant grant = {
		.flow = FLOW_TOKEN_EXCHANGE,
		.actor = call->realm.kind == PERSON_USER ? API_ACTOR_USER : API_ACTOR_CUSTOMER,
		.record = &record,
		.person = &person,
		.issued_token_type = ACCESS_TOKEN_TYPE,
	};
	enum refusal refusal = scope_rules_check(call, FLOW_TOKEN_EXCHANGE, request->scope, &grant.scope);
	if (refusal == REFUSAL_NONE)
		refusal = subject_token_judge(call, request, &person, &record.auth_time);
	if (refusal != REFUSAL_NONE)
		return refusal;
	text_uuid7(record.granted_ms, gid);
	record.gid = slice_from(gid);
	record.person_id = person.id;
	grant.subject = person.id;
	return sign_in(call, request, &grant, &record);
}

enum refusal grant_token_exchange(struct oauth_call *call, const struct token_request *request)
{
	const struct subject_type *type = subject_types;
	if ((call->application->registered.grants & OPTIONAL_GRANT_TOKEN_EXCHANGE) == 0) {
		detail_arrived(call, "grant_type", request->grant_type);
		detail_registered_words(call, "grants", (struct slice) { NULL, 0 });
		detail_change(call, "Add token_exchange to the grants of %.*s, if it may speak for whoever an identity provider vouches for.",
		              SLICE_ARGS(call->application->registered.name));
		return refuse(call, REFUSAL_GRANT_CLOSED,
		              "Token exchange is not open to this client application: an administrator adds token_exchange to its grants.");
	}
	enum refusal refusal = parameters_judge(call, request, &type);
	if (refusal != REFUSAL_NONE)
		return refusal;
	return type->signed_by_provider ? exchange_token(call, request) : exchange_name(call, request, type);
}
