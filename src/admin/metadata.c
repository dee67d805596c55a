/* What a developer needs to use a client application: addresses, and which flows it may use with which scopes. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "directory/rules.h"
#include "oauth/metadata.h"
#include "oauth/scope_rules.h"

enum { OBJECT_EXPECTED = 4096 };

struct flow_row {
	enum counted_flow counted; /* for its name */
	enum flow flow;
	const char *(*missing)(const struct tenant *, const struct client_application *); /* NULL: nothing */
};

static const char *missing_redirect(const struct tenant *tenant, const struct client_application *application)
{
	(void)tenant;
	return application->redirect_urls.len == 0 ? "It has no redirect address: register one." : NULL;
}

static const char *missing_refresh(const struct tenant *tenant, const struct client_application *application)
{
	if (!application->refresh_tokens)
		return "Refresh tokens are turned off for it.";
	return missing_redirect(tenant, application);
}

static const char *missing_secrecy(const struct tenant *tenant, const struct client_application *application)
{
	(void)tenant;
	return application->platform == PLATFORM_SPA ? "Its platform is spa, which can keep no secret: register a web application." : NULL;
}

static const char *missing_exchange(const struct tenant *tenant, const struct client_application *application)
{
	const char *missing = missing_secrecy(tenant, application);
	if (missing == NULL && (application->grants & OPTIONAL_GRANT_TOKEN_EXCHANGE) == 0)
		missing = "The grant is not turned on for it: add token_exchange to its grants.";
	return missing;
}

static const char *missing_anonymous(const struct tenant *tenant, const struct client_application *application)
{
	(void)application;
	return tenant->partition.anonymous_enabled ? NULL : "The partition gives no tokens to anonymous customers.";
}

static const struct flow_row flows[] = {
	{ COUNTED_AUTHORIZATION_CODE, FLOW_PERSON, missing_redirect },
	{ COUNTED_REFRESH_TOKEN, FLOW_PERSON, missing_refresh },
	{ COUNTED_CLIENT_CREDENTIALS, FLOW_CLIENT_CREDENTIALS, missing_secrecy },
	{ COUNTED_ON_BEHALF_OF, FLOW_ON_BEHALF_OF, missing_secrecy },
	{ COUNTED_TOKEN_EXCHANGE, FLOW_TOKEN_EXCHANGE, missing_exchange },
	{ COUNTED_ANONYMOUS, FLOW_ANONYMOUS, missing_anonymous },
};

/* The assigned permissions that the flow is for; those of anonymous customers are the partition's. Client credentials can carry delegated ones,
 * but the guide says to ask for application permissions alone there: no API takes the others from a token that names no person. */
static struct slice scopes_of(struct admin_call *call, const struct tenant *tenant, const struct client_application *application, enum flow flow)
{
	if (flow == FLOW_ANONYMOUS)
		return tenant->partition.anonymous_permissions;
	struct writer scopes = writer_new(call->scratch, application->permissions.len + 1);
	struct slice rest = application->permissions, name;
	while (slice_word(&rest, &name)) {
		enum permission_kind kind;
		if (!tenant_permission_kind(tenant, name, &kind) || !scope_rules_carries(flow, kind, permission_is_reserved(name)))
			continue;
		if (flow == FLOW_CLIENT_CREDENTIALS && kind != PERMISSION_APPLICATION)
			continue;
		if (scopes.len > 0)
			writer_byte(&scopes, ' ');
		writer_put(&scopes, name);
	}
	return writer_slice(&scopes);
}

static void write_flows(struct admin_call *call, const struct tenant *tenant, const struct client_application *application, struct writer *body)
{
	writer_json_key(body, "flows");
	writer_byte(body, '[');
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
		const char *missing = flows[i].missing(tenant, application);
		const struct slice scopes = scopes_of(call, tenant, application, flows[i].flow);
		if (!application->enabled && flows[i].flow != FLOW_ANONYMOUS)
			missing = "The client application is disabled.";
		if (missing == NULL && scopes.len == 0 && flows[i].flow != FLOW_PERSON)
			missing = "No permission that this flow carries is assigned to it.";
		writer_text(body, i > 0 ? ",{" : "{");
		writer_json_member(body, "flow", counted_flow_name(flows[i].counted));
		writer_json_member_bool(body, "allowed", missing == NULL);
		writer_json_member(body, "why", slice_from(missing == NULL ? "" : missing));
		json_member_words(body, "scopes", scopes);
		writer_byte(body, '}');
	}
	writer_byte(body, ']');
}

static void write_discovery(const struct oauth_call *partition, struct writer *body)
{
	static const char document[] = "/.well-known/openid-configuration";
	writer_json_key(body, "discovery_url");
	writer_byte(body, '{');
	writer_json_member(body, "user", arena_print(partition->arena, "%.*s%s", SLICE_ARGS(oauth_issuer(partition, PERSON_USER)), document));
	writer_json_member(body, "customer", arena_print(partition->arena, "%.*s%s", SLICE_ARGS(oauth_issuer(partition, PERSON_CUSTOMER)), document));
	writer_byte(body, '}');
}

static enum refusal reply(struct admin_call *call, const struct oauth_call *partition, const struct client_application *application)
{
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	writer_byte(&body, '{');
	metadata_partition_members(partition, &body);
	writer_json_member(&body, "client_id", application->client_id);
	write_discovery(partition, &body);
	write_flows(call, partition->tenant, application, &body);
	writer_byte(&body, '}');
	return admin_reply_json(call, 200, &body, 0);
}

enum refusal admin_application_metadata_read(struct admin_call *call)
{
	struct oauth_call partition;
	struct client_application application;
	enum refusal refusal = admin_refuse_result(
		call, store_client_application_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &application));
	if (refusal != REFUSAL_NONE)
		return refusal;
	refusal = admin_partition_call(call, &partition);
	if (refusal == REFUSAL_NONE)
		refusal = reply(call, &partition, &application);
	oauth_call_end(&partition, REFUSAL_NONE, NULL);
	return refusal;
}
