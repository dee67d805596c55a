/* The routes: what is reachable at all, how large its body may be, who may read the reply from a browser, where it runs. */
#include "oauth/aliases.h"
#include "server/server.h"
#include "signin/page.h"

#define REALM "/system/auth/{realm}"
#define FORM LIMIT_FORM_SIZE
#define PARTITION ADMIN_PATH "/partitions/{partition}"

/* Endpoints know their part of the server, not the server. */
#define OAUTH_ROUTE(endpoint) \
	static void route_##endpoint(void *context, struct http_request *request, struct http_reply *reply) \
	{ \
		oauth_##endpoint(&((struct server *)context)->oauth, request, reply); \
	}

OAUTH_ROUTE(token)
OAUTH_ROUTE(authorize)
OAUTH_ROUTE(sign_in)
OAUTH_ROUTE(consent)
OAUTH_ROUTE(account)
OAUTH_ROUTE(account_do)
OAUTH_ROUTE(logout)
OAUTH_ROUTE(userinfo)
OAUTH_ROUTE(openid_configuration)
OAUTH_ROUTE(brand_style)
OAUTH_ROUTE(introspect)
OAUTH_ROUTE(revoke)
OAUTH_ROUTE(jwks)
OAUTH_ROUTE(server_metadata)
OAUTH_ROUTE(partition_metadata)
OAUTH_ROUTE(error_page)
OAUTH_ROUTE(error_index)
OAUTH_ROUTE(deployment_info)
OAUTH_ROUTE(deployment_metadata)
OAUTH_ROUTE(tenant_metadata)

/* Other addresses of the endpoints: oauth/aliases.h. */
#define ALIAS_ROUTE(name, alias) \
	static void route_##name(void *context, struct http_request *request, struct http_reply *reply) \
	{ \
		oauth_alias(&((struct server *)context)->oauth, alias, request, reply); \
	}

ALIAS_ROUTE(alias_authorize, ALIAS_AUTHORIZE)
ALIAS_ROUTE(alias_token, ALIAS_TOKEN)
ALIAS_ROUTE(global_token, ALIAS_GLOBAL_TOKEN)
ALIAS_ROUTE(on_behalf_of_token, ALIAS_ON_BEHALF_OF_TOKEN)
ALIAS_ROUTE(anonymous_token, ALIAS_ANONYMOUS_TOKEN)

static void route_style(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	page_style(request, reply);
}

static void route_console_lead_in(void *context, struct http_request *request, struct http_reply *reply)
{
	console_lead_in(context, request, reply);
}

static void route_console(void *context, struct http_request *request, struct http_reply *reply)
{
	console_handle(context, request, reply);
}

static void route_admin(void *context, struct http_request *request, struct http_reply *reply)
{
	admin_handle(&((struct server *)context)->admin, request, reply);
}

static void route_front(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	const struct page_value values[] = { { "title", SLICE_OF("Authorization server"), false } };
	page_reply(request, reply, 200, "front", NULL, values, 1);
}

const struct http_route public_routes[] = {
	{ HTTP_POST, REALM "/oauth2/token", route_token, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_ORIGIN },
	{ HTTP_GET, REALM "/oauth2/authorize", route_authorize, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, REALM "/oauth2/authorize", route_authorize, FORM, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, REALM "/sign-in", route_sign_in, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, REALM "/sign-in", route_sign_in, FORM, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, REALM "/consent", route_consent, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, REALM "/consent", route_consent, FORM, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, REALM "/account", route_account, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, REALM "/account/{action}", route_account_do, FORM, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, REALM "/oauth2/logout", route_logout, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, REALM "/oauth2/logout", route_logout, FORM, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET, REALM PAGE_BRAND_PATH, route_brand_style, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, REALM "/oauth2/userinfo", route_userinfo, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ORIGIN },
	{ HTTP_POST, REALM "/oauth2/userinfo", route_userinfo, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_ORIGIN },
	{ HTTP_POST, REALM "/oauth2/introspect", route_introspect, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_POST, REALM "/oauth2/revoke", route_revoke, FORM, HTTP_ON_WORKER, HTTP_CORS_ORIGIN },
	{ HTTP_GET, REALM "/oauth2/jwks", route_jwks, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, REALM "/.well-known/openid-configuration", route_openid_configuration, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, REALM "/.well-known/oauth-authorization-server", route_server_metadata, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, "/.well-known/oauth-authorization-server" REALM, route_server_metadata, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, "/system/auth/{partition}/metadata", route_partition_metadata, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_POST, "/core/authmgr/v3/oauth2/v2.0/anonymous/token", route_anonymous_token, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_POST, "/internal/oauth2/v2.0/anonymous/token", route_anonymous_token, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_POST, "/core/authmgr/v4/oauth2/v2.0/onbehalfof/token", route_on_behalf_of_token, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/core/authmgr/v3/metadata/tenant/{partition}", route_tenant_metadata, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, "/core/authmgr/v3/metadata/deployment", route_deployment_metadata, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, "/system/deploymentInfo", route_deployment_info, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_ANY },
	{ HTTP_GET, "/console", route_console_lead_in, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/console/{path...}", route_console, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	/* people have passwords, which are hashed */
	{ HTTP_POST, PARTITION "/users", route_admin, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_PATCH, PARTITION "/users/{id}", route_admin, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, PARTITION "/customers", route_admin, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_PATCH, PARTITION "/customers/{id}", route_admin, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	/* new partitions get keys */
	{ HTTP_POST, ADMIN_PATH "/partitions", route_admin, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_PUT, PARTITION "/apis/{name}", route_admin, LIMIT_OPENAPI_SIZE, HTTP_ON_PATIENT_WORKER, HTTP_CORS_NONE },
	{ HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS | HTTP_OTHER, ADMIN_PATH "/{rest...}", route_admin, LIMIT_ADMIN_BODY_SIZE, HTTP_ON_WORKER,
	        HTTP_CORS_NONE },
	/* those that begin with a partition's id come last */
	{ HTTP_POST, "/global/{partition}/oauth2/v2.0/token", route_global_token, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/{partition}/{policy}/oauth2/v2.0/authorize", route_alias_authorize, 0, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, "/{partition}/{policy}/oauth2/v2.0/authorize", route_alias_authorize, FORM, HTTP_ON_WORKER, HTTP_CORS_NONE },
	{ HTTP_POST, "/{partition}/{policy}/oauth2/v2.0/token", route_alias_token, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_ORIGIN },
	{ HTTP_GET, "/errors", route_error_index, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/errors/{slug}", route_error_page, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, PAGE_STYLE_PATH, route_style, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/", route_front, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
};
bool route_is_for_people(const struct http_route *route)
{
	static http_handler *const pages[] = { route_authorize, route_alias_authorize, route_sign_in, route_consent, route_account, route_account_do,
		                               route_logout, route_front, route_console, route_console_lead_in };
	for (size_t i = 0; route != NULL && i < sizeof pages / sizeof pages[0]; i++)
		if (route->handler == pages[i])
			return true;
	return false;
}

const size_t public_route_count = sizeof public_routes / sizeof public_routes[0];

static void route_gateway_check(void *context, struct http_request *request, struct http_reply *reply)
{
	gateway_check(&((struct server *)context)->gateway, request, reply);
}

static void route_gateway_refusal(void *context, struct http_request *request, struct http_reply *reply)
{
	gateway_refusal(&((struct server *)context)->gateway, request, reply);
}

/* A check has the call's own method, and some proxies send its body along: read past, never looked at. */
#define ANY_METHOD (HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS | HTTP_OTHER)

const struct http_route management_routes[] = {
	{ ANY_METHOD, GATEWAY_CHECK_PATH, route_gateway_check, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ ANY_METHOD, GATEWAY_CHECK_PATH "/{call...}", route_gateway_check, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ ANY_METHOD, GATEWAY_REFUSAL_PATH, route_gateway_refusal, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ ANY_METHOD, GATEWAY_REFUSAL_PATH "/{call...}", route_gateway_refusal, FORM, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/healthz", management_healthz, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/readyz", management_readyz, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
	{ HTTP_GET, "/metrics", management_metrics, 0, HTTP_ON_EVENT_THREAD, HTTP_CORS_NONE },
};
const size_t management_route_count = sizeof management_routes / sizeof management_routes[0];
