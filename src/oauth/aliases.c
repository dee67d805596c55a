#include "oauth/aliases.h"

#include "base/text.h"
#include "oauth/deployment.h"
#include "oauth/parameters.h"
#include "oauth/token_request.h"

/* ---- by the path ---------------------------------------------------------------------------------------------------- */

/* First segments of addresses that are not a partition's. One of that name has no older addresses: its token address would be
 * another's (global), or look as if it were. */
static const struct slice first_segments[] = {
	SLICE("account"), SLICE("admin"), SLICE("assets"), SLICE("console"), SLICE("core"), SLICE("errors"), SLICE("global"), SLICE("internal"),
	SLICE("system"),
};

static bool is_first_segment(struct slice name)
{
	for (size_t i = 0; i < sizeof first_segments / sizeof first_segments[0]; i++)
		if (slice_equal(name, first_segments[i]))
			return true;
	return false;
}

static enum refusal no_partition(struct oauth_call *call, struct slice name)
{
	return refuse(call, REFUSAL_NO_SUCH_REALM,
	              "There is no partition %.*s here: check the address.", SLICE_ARGS(slice_first(name, LIMIT_SHORT_PARAMETER)));
}

static enum refusal partition_of_path(struct oauth_call *call)
{
	struct slice name = call->request->segments[0];
	if (is_first_segment(name))
		return no_partition(call, name);
	return oauth_partition_call_begin(call->oauth, call->request, call->reply, call);
}

static enum refusal by_policy(struct oauth_call *call)
{
	struct slice policy = call->request->segments[1];
	enum refusal refusal = partition_of_path(call);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct partition *partition = &call->tenant->partition;
	bool users = text_equal_folded(policy, partition->policy_user);
	if (!users && !text_equal_folded(policy, partition->policy_customer))
		return refuse(call, REFUSAL_NO_SUCH_REALM,
		              "The partition %s has no policy %.*s: check the address, or set the names of its policies.",
		              call->realm.partition.text, SLICE_ARGS(slice_first(policy, LIMIT_SHORT_PARAMETER)));
	call->realm.kind = users ? PERSON_USER : PERSON_CUSTOMER;
	return REFUSAL_NONE;
}

/* ---- by parameters, which may stand in the address or in the form ----------------------------------------------------- */

struct hints {
	struct slice user_type, domain_hint, tenant_id;
};

static const struct parameter_rule rules[] = {
	{ SLICE("user_type"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct hints, user_type) },
	{ SLICE("domain_hint"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct hints, domain_hint) },
	{ SLICE("tenantId"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct hints, tenant_id) },
	{ SLICE("resource"), 1, LIMIT_LONG_PARAMETER, PARAMETER_MAY_REPEAT },
	{ SLICE("audience"), 1, LIMIT_LONG_PARAMETER, PARAMETER_MAY_REPEAT },
};

static enum refusal hints_of(struct oauth_call *call, const struct form *form, struct hints *ret)
{
	return oauth_parameters_read(call, rules, sizeof rules / sizeof rules[0], 1, form, ret);
}

static enum refusal join(struct oauth_call *call, const char *names, struct slice a, struct slice b, struct slice *ret)
{
	if (a.ptr != NULL && b.ptr != NULL && !slice_equal(a, b))
		return refuse(call, REFUSAL_PARAMETER_REPEATED, "%s with two different values: send it once.", names);
	*ret = a.ptr != NULL ? a : b;
	return REFUSAL_NONE;
}

static enum refusal hints_read(struct oauth_call *call, struct slice *ret_user_type, struct slice *ret_partition)
{
	struct form query, body;
	struct hints sent = { .user_type = { NULL, 0 } }, posted = { .user_type = { NULL, 0 } };
	struct slice domain_hint = { NULL, 0 }, tenant_id = { NULL, 0 };
	enum refusal refusal = token_request_form(call, &body);
	if (refusal == REFUSAL_NONE)
		refusal = oauth_form_parse(call, call->request->query, &query);
	if (refusal == REFUSAL_NONE)
		refusal = hints_of(call, &query, &sent);
	if (refusal == REFUSAL_NONE)
		refusal = hints_of(call, &body, &posted);
	if (refusal == REFUSAL_NONE)
		refusal = join(call, "The parameter user_type came in the address and in the form", sent.user_type, posted.user_type, ret_user_type);
	if (refusal == REFUSAL_NONE)
		refusal = join(call, "The parameter domain_hint came in the address and in the form",
		               sent.domain_hint, posted.domain_hint, &domain_hint);
	if (refusal == REFUSAL_NONE)
		refusal = join(call, "The parameter tenantId came in the address and in the form", sent.tenant_id, posted.tenant_id, &tenant_id);
	if (refusal == REFUSAL_NONE)
		refusal = join(call, "The partition was named by tenantId and by domain_hint", tenant_id, domain_hint, ret_partition);
	return refusal;
}

/* customers   only they can be meant, so user_type may be left out. */
static enum refusal by_hints(struct oauth_call *call, bool customers)
{
	struct slice user_type = { NULL, 0 }, partition = { NULL, 0 };
	enum refusal refusal = hints_read(call, &user_type, &partition);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (user_type.ptr == NULL && !customers)
		return refuse(call, REFUSAL_PARAMETER_MISSING,
		              "The parameter user_type is missing: send user or customer, in the address or in the form.");
	bool users = slice_is(user_type, "user");
	if (user_type.ptr != NULL && (users ? customers : !slice_is(user_type, "customer")))
		return refuse(call, REFUSAL_USER_TYPE, customers ? "Only customers can be anonymous: send user_type=customer."
		                                 : "The user_type %.*s is not known: send user or customer.",
		              SLICE_ARGS(user_type));
	if (partition.ptr == NULL)
		return refuse(call, REFUSAL_PARAMETER_MISSING,
		              "The parameter domain_hint is missing: name the partition with it, or with tenantId, in the address or in the form.");
	call->realm.kind = users ? PERSON_USER : PERSON_CUSTOMER;
	return deployment_hint(call, partition, &call->realm.partition);
}

static enum refusal by_any_hints(struct oauth_call *call)
{
	return by_hints(call, false);
}

static enum refusal by_customer_hints(struct oauth_call *call)
{
	return by_hints(call, true);
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

static void token_of_clients(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	oauth_token_only(oauth, request, reply, SLICE_OF("client_credentials"));
}

static void token_on_behalf_of(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	oauth_token_only(oauth, request, reply, SLICE_OF("password"));
}

static const struct {
	enum refusal (*find)(struct oauth_call *); /* sets the call's realm */
	void (*endpoint)(struct oauth *, struct http_request *, struct http_reply *);
	const char *action; /* of the audit event, when no realm is found */
	bool page;          /* and then a page says so */
} aliases[ALIAS_COUNT] = {
	[ALIAS_AUTHORIZE] = { by_policy, oauth_authorize, "authorization.refused", true },
	[ALIAS_TOKEN] = { by_policy, oauth_token, "token.refused", false },
	[ALIAS_GLOBAL_TOKEN] = { partition_of_path, token_of_clients, "token.refused", false },
	[ALIAS_ON_BEHALF_OF_TOKEN] = { by_any_hints, token_on_behalf_of, "token.refused", false },
	[ALIAS_ANONYMOUS_TOKEN] = { by_customer_hints, oauth_anonymous_token, "token.refused", false },
};

void oauth_alias(struct oauth *oauth, enum alias alias, struct http_request *request, struct http_reply *reply)
{
	/* a copy: where the endpoint asks for a worker, the request comes here once more */
	struct http_request meant = *request;
	struct oauth_call call = { .oauth = oauth, .request = &meant, .reply = reply, .arena = request->arena };
	enum refusal refusal = aliases[alias].find(&call);
	if (refusal == REFUSAL_NONE || call.tenant != NULL)
		meant.segments[0] = arena_print(call.arena, "%s-%c", call.realm.partition.text, (char)call.realm.kind);
	if (refusal == REFUSAL_NONE && meant.segments[0].ptr == NULL)
		refusal = refuse(&call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	bool page = refusal != REFUSAL_NONE && aliases[alias].page;
	if (page)
		oauth_refuse_page(&call, refusal, aliases[alias].action);
	oauth_call_end(&call, page ? REFUSAL_NONE : refusal, aliases[alias].action);
	if (refusal == REFUSAL_NONE)
		aliases[alias].endpoint(oauth, &meant, reply);
}

bool address_partition(const struct http_request *request, struct partition_id *ret)
{
	struct realm realm;
	if (!realm_parse(request->segments[0], &realm))
		return partition_id_parse(request->segments[0], ret);
	*ret = realm.partition;
	return true;
}
