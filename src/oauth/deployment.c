#include "oauth/deployment.h"

#include "base/text.h"
#include "oauth/metadata.h"
#include "oauth/parameters.h"

/* ---- which partition ------------------------------------------------------------------------------------------------ */

/* The deployment's: as configured, else the only one there is. */
static enum refusal deployment_partition(struct oauth_call *call, struct partition_id *ret)
{
	if (call->oauth->deployment.partition.len > 0 && partition_id_parse(call->oauth->deployment.partition, ret))
		return REFUSAL_NONE;
	switch (store_partition_sole(oauth_store(call), ret)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_NOT_FOUND: return refuse(call, REFUSAL_NO_SUCH_REALM, "There is no partition here yet: make one with writ apply.");
	case RESULT_CONFLICT:
		return refuse(call, REFUSAL_NO_SUCH_REALM,
		              "This server has several partitions: name one with tenantId in the address, or set deployment-partition.");
	default: return refuse_store(call);
	}
}

enum refusal deployment_hint(struct oauth_call *call, struct slice hint, struct partition_id *ret)
{
	if (partition_id_parse(hint, ret))
		return REFUSAL_NONE;
	if (text_equal_folded(hint, call->oauth->deployment.domain))
		return deployment_partition(call, ret);
	return refuse(call, REFUSAL_NO_SUCH_REALM,
	              "There is no partition %.*s here: send the partition's id.", SLICE_ARGS(slice_first(hint, LIMIT_SHORT_PARAMETER)));
}

struct question {
	struct slice tenant_id, domain_hint;
};

static const struct parameter_rule rules[] = {
	{ SLICE("tenantId"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct question, tenant_id) },
	{ SLICE("domain_hint"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct question, domain_hint) },
};

/* The address may say which partition it is about; else it is the deployment's. */
static enum refusal asked_partition(struct oauth_call *call, struct partition_id *ret)
{
	struct form form;
	struct question question = { .tenant_id = { NULL, 0 } };
	enum refusal refusal = oauth_form_parse(call, call->request->query, &form);
	if (refusal == REFUSAL_NONE)
		refusal = oauth_parameters_read(call, rules, sizeof rules / sizeof rules[0], 1, &form, &question);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct slice hint = question.tenant_id.ptr != NULL ? question.tenant_id : question.domain_hint;
	return hint.ptr != NULL ? deployment_hint(call, hint, ret) : deployment_partition(call, ret);
}

/* Begins a call about that partition: the request then reads as if its address named it. */
static enum refusal begin_asked(struct oauth *oauth, struct http_request *meant, struct http_reply *reply, struct oauth_call *ret)
{
	struct partition_id partition = { .len = 0 };
	*ret = (struct oauth_call) { .oauth = oauth, .request = meant, .reply = reply, .arena = meant->arena };
	enum refusal refusal = asked_partition(ret, &partition);
	if (refusal != REFUSAL_NONE)
		return refusal;
	meant->segments[0] = arena_copy(meant->arena, partition_id_slice(&partition));
	return oauth_partition_call_begin(oauth, meant, reply, ret);
}

/* ---- GET /system/deploymentInfo ----------------------------------------------------------------------------------------- */

/* Without its scheme: the kit puts https:// in front. */
static struct slice without_scheme(struct slice url)
{
	struct slice https = SLICE("https://"), http = SLICE("http://");
	return slice_starts_with(url, https) ? slice_skip(url, https.len) : slice_starts_with(url, http) ? slice_skip(url, http.len) : url;
}

/* The application that the kit signs people in with; empty: nothing says which. */
static enum refusal kit_application(struct oauth_call *call, struct slice *ret)
{
	const struct deployment *deployment = &call->oauth->deployment;
	if (deployment->client_id.len > 0 && slice_equal(deployment->partition, partition_id_slice(&call->realm.partition))) {
		*ret = deployment->client_id;
		return REFUSAL_NONE;
	}
	switch (store_browser_application_sole(oauth_store(call), &call->realm.partition, call->arena, ret)) {
	case RESULT_OK:
	case RESULT_NOT_FOUND:
	case RESULT_CONFLICT: return REFUSAL_NONE;
	default: return refuse_store(call);
	}
}

static enum refusal write_info(struct oauth_call *call)
{
	struct slice client_id = { NULL, 0 };
	enum refusal refusal = kit_application(call, &client_id);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct writer body = writer_new(call->arena, 512);
	writer_byte(&body, '{');
	writer_json_member(&body, "apiDomain", without_scheme(call->oauth->api_url));
	writer_json_member(&body, "tenantId", partition_id_slice(&call->realm.partition));
	writer_json_key(&body, "clientId");
	if (client_id.len > 0)
		writer_json_string(&body, client_id);
	else
		writer_text(&body, "null");
	writer_json_member(&body, "domainHint", call->oauth->deployment.domain);
	writer_byte(&body, '}');
	metadata_reply(call, &body);
	return REFUSAL_NONE;
}

void oauth_deployment_info(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct http_request meant = *request;
	struct oauth_call call;
	enum refusal refusal = begin_asked(oauth, &meant, reply, &call);
	if (refusal == REFUSAL_NONE)
		refusal = write_info(&call);
	oauth_call_end(&call, refusal, NULL);
}

/* ---- GET {api_url}/core/authmgr/v3/metadata/… ---------------------------------------------------------------------------- */

/* The kit takes the address apart and puts partition and policy together again: so it gets the older one, where there is a policy. */
static void write_addresses(const struct oauth_call *call, struct writer *body, const char *name, enum person_kind kind, struct slice policy)
{
	struct slice issuer = oauth_issuer(call, kind);
	struct slice base = policy.len == 0 ? arena_print(call->arena, "%.*s/oauth2", SLICE_ARGS(issuer))
	                                    : arena_print(call->arena, "%.*s/%s/%.*s/oauth2/v2.0", SLICE_ARGS(call->oauth->auth_url),
	                                                  call->realm.partition.text, SLICE_ARGS(policy));
	writer_json_key(body, name);
	writer_text(body, "[{");
	writer_json_member(body, "authURL", arena_print(call->arena, "%.*s/authorize", SLICE_ARGS(base)));
	writer_json_member(body, "accessTokenURL", arena_print(call->arena, "%.*s/token", SLICE_ARGS(base)));
	writer_text(body, "}]");
}

static void write_metadata(const struct oauth_call *call, struct writer *body)
{
	const struct partition *partition = &call->tenant->partition;
	writer_byte(body, '{');
	writer_json_member(body, "tenantId", partition_id_slice(&partition->id));
	writer_json_key(body, "idpPolicies");
	writer_byte(body, '{');
	writer_json_member(body, "userSigninPolicy", partition->policy_user);
	writer_json_member(body, "customerSigninPolicy", partition->policy_customer);
	writer_byte(body, '}');
	writer_json_key(body, "authenticationDetails");
	writer_byte(body, '{');
	write_addresses(call, body, "oAuthUser", PERSON_USER, partition->policy_user);
	write_addresses(call, body, "oAuthCustomer", PERSON_CUSTOMER, partition->policy_customer);
	writer_json_key(body, "oAuthAnonymousCustomer");
	writer_text(body, "[{");
	writer_json_member(body, "authURL", SLICE_OF("")); /* nobody signs in */
	writer_json_member(body, "accessTokenURL",
	                   arena_print(call->arena, "%.*s/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=%s",
	                               SLICE_ARGS(call->oauth->api_url), call->realm.partition.text));
	writer_text(body, "}]");
	writer_json_member(body, "apiPermissionPrefix", partition->permission_prefix);
	writer_text(body, "}}");
}

static void answer_metadata(struct oauth_call *call, enum refusal refusal)
{
	if (refusal == REFUSAL_NONE) {
		struct writer body = writer_new(call->arena, 2048);
		write_metadata(call, &body);
		metadata_reply(call, &body);
	}
	oauth_call_end(call, refusal, NULL);
}

void oauth_tenant_metadata(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct oauth_call call;
	enum refusal refusal = oauth_partition_call_begin(oauth, request, reply, &call);
	answer_metadata(&call, refusal);
}

void oauth_deployment_metadata(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct http_request meant = *request;
	struct oauth_call call;
	enum refusal refusal = begin_asked(oauth, &meant, reply, &call);
	answer_metadata(&call, refusal);
}
