/* What clients read about a realm: key set, OpenID Connect Discovery and RFC 8414 metadata, and the partition's addresses as the
 * console shows them. */
#include "oauth/metadata.h"

#include "base/text.h"
#include "oauth/client_assertion.h"
#include "oauth/client_authentication.h"
#include "oauth/grants.h"
#include "oauth/id_token.h"
#include "oauth/person_claims.h"
#include "signin/language.h"

#include <stdio.h>

#define TEXT_(value) #value
#define TEXT(value) TEXT_(value)

void metadata_reply(struct oauth_call *call, const struct writer *body)
{
	oauth_reply_json(call, 200, body);
	if (call->reply->status != 200)
		return;
	call->reply->header_count = 0;
	http_reply_header(call->reply, "Cache-Control", SLICE_OF("public, max-age=" TEXT(LIMIT_JWKS_CACHE_S)));
}

void oauth_jwks(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE) {
		struct slice keys = key_ring_jwks(call.tenant->keys);
		struct writer body = writer_new(call.arena, keys.len + 1);
		writer_put(&body, keys);
		metadata_reply(&call, &body);
	}
	oauth_call_end(&call, refusal, NULL);
}

static void member_url(struct writer *body, const char *name, struct slice base, const char *path)
{
	writer_json_key(body, name);
	writer_byte(body, '"');
	writer_put(body, base);
	writer_text(body, path);
	writer_byte(body, '"');
}

static void member_words(struct writer *body, const char *name, const char *words)
{
	writer_json_key(body, name);
	writer_json_words(body, slice_from(words));
}

static void write_grants(struct writer *body)
{
	bool any_public = false;
	const struct grant *grant;
	writer_json_key(body, "grant_types_supported");
	writer_byte(body, '[');
	for (size_t i = 0; (grant = grant_at(i)) != NULL; i++) {
		if (i > 0)
			writer_byte(body, ',');
		writer_json_string(body, grant->name);
		any_public |= (grant->flags & GRANT_PUBLIC) != 0;
	}
	writer_byte(body, ']');
	member_words(body, "token_endpoint_auth_methods_supported",
	             any_public ? CLIENT_AUTHENTICATION_METHODS " none" : CLIENT_AUTHENTICATION_METHODS);
	member_words(body, "token_endpoint_auth_signing_alg_values_supported", CLIENT_ASSERTION_ALGORITHMS);
}

/* What ID tokens say, then the standard claims of a person. */
static void write_claims_supported(struct writer *body)
{
	struct slice name;
	struct writer names = writer_new(body->arena, 512);
	writer_text(&names, "sub iss aud iat exp auth_time nonce acr amr at_hash sid");
	for (size_t i = 0; (name = person_claim_at(i)).ptr != NULL; i++) {
		writer_byte(&names, ' ');
		writer_put(&names, name);
	}
	writer_json_key(body, "claims_supported");
	writer_json_words(body, writer_slice(&names));
}

static void write_languages(struct writer *body)
{
	const struct language *language;
	writer_json_key(body, "ui_locales_supported");
	writer_byte(body, '[');
	for (size_t i = 0; (language = language_at(i)) != NULL; i++) {
		if (i > 0)
			writer_byte(body, ',');
		writer_json_string(body, slice_from(language_tag(language)));
	}
	writer_byte(body, ']');
}

static void write_authorization(struct writer *body, struct slice issuer)
{
	member_url(body, "authorization_endpoint", issuer, "/oauth2/authorize");
	member_words(body, "response_types_supported", "code");
	member_words(body, "response_modes_supported", "query fragment form_post");
	member_words(body, "code_challenge_methods_supported", "S256");
	writer_json_member_bool(body, "authorization_response_iss_parameter_supported", true);
	writer_json_member_bool(body, "claims_parameter_supported", true);
	writer_json_member_bool(body, "request_parameter_supported", false);
	writer_json_member_bool(body, "request_uri_parameter_supported", false); /* absent would mean true */
	write_languages(body);
}

static void write_openid(struct writer *body, struct slice issuer)
{
	member_url(body, "userinfo_endpoint", issuer, "/oauth2/userinfo");
	member_url(body, "end_session_endpoint", issuer, "/oauth2/logout");
	writer_json_member_bool(body, "backchannel_logout_supported", true);
	writer_json_member_bool(body, "backchannel_logout_session_supported", true);
	member_words(body, "scopes_supported", "openid profile email offline_access");
	member_words(body, "subject_types_supported", "public");
	member_words(body, "id_token_signing_alg_values_supported", ID_TOKEN_ALGORITHMS);
	member_words(body, "acr_values_supported", ACR_PASSWORD);
	write_claims_supported(body);
}

void metadata_write(const struct oauth_call *call, struct writer *body)
{
	struct slice issuer = oauth_issuer(call, call->realm.kind);
	writer_byte(body, '{');
	member_url(body, "issuer", issuer, "");
	write_authorization(body, issuer);
	member_url(body, "token_endpoint", issuer, "/oauth2/token");
	member_url(body, "jwks_uri", issuer, "/oauth2/jwks");
	write_grants(body);
	write_openid(body, issuer);
	member_url(body, "introspection_endpoint", issuer, "/oauth2/introspect");
	member_words(body, "introspection_endpoint_auth_methods_supported", CLIENT_AUTHENTICATION_METHODS);
	member_words(body, "introspection_endpoint_auth_signing_alg_values_supported", CLIENT_ASSERTION_ALGORITHMS);
	member_url(body, "revocation_endpoint", issuer, "/oauth2/revoke");
	member_words(body, "revocation_endpoint_auth_methods_supported", CLIENT_AUTHENTICATION_METHODS " none");
	member_words(body, "revocation_endpoint_auth_signing_alg_values_supported", CLIENT_ASSERTION_ALGORITHMS);
	writer_byte(body, '}');
}

void oauth_server_metadata(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	enum refusal refusal = oauth_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE) {
		struct writer body = writer_new(call.arena, 4096);
		metadata_write(&call, &body);
		metadata_reply(&call, &body);
	}
	oauth_call_end(&call, refusal, NULL);
}

/* The name with the letters from first on in upper case, in the arena. */
static struct slice raised(struct arena *arena, struct slice name, size_t first)
{
	char text[LIMIT_PARTITION_ID + 2];
	if (name.len > sizeof text)
		return name;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		text[i] = i >= first && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	return arena_copy(arena, (struct slice) { text, name.len });
}

static bool is_lowered(struct slice name)
{
	bool lowered = name.len >= 2 && name.ptr[name.len - 2] == '-';
	for (size_t i = 0; lowered && i < name.len; i++)
		lowered = text_lower(name.ptr[i]) == name.ptr[i];
	return lowered;
}

static enum result realm_look_up(struct oauth *oauth, struct slice name)
{
	struct realm realm;
	const struct tenant *tenant;
	if (!realm_parse(name, &realm))
		return RESULT_NOT_FOUND;
	enum result result = directory_tenant(oauth->directory, &realm.partition, &tenant);
	if (result == RESULT_OK)
		tenant_release(tenant);
	return result;
}

/* The realm that this address means. Clients that write all of their issuer's address in lower case before they look it up
 * (msal-browser) ask for acme-u, which is no realm's name: it means the realm of the partition whose id is that in lower or in
 * upper case throughout. Where there are both, nothing is guessed, and the name stays as it is. */
static struct slice realm_meant(struct oauth *oauth, const struct http_request *http)
{
	struct slice name = http->segments[0];
	if (!is_lowered(name))
		return name;
	struct slice lower = raised(http->arena, name, name.len - 1), upper = raised(http->arena, name, 0);
	enum result found = realm_look_up(oauth, lower);
	if (found != RESULT_OK || slice_equal(lower, upper))
		return found == RESULT_NOT_FOUND ? upper : lower;
	return realm_look_up(oauth, upper) == RESULT_NOT_FOUND ? lower : name;
}

/* OpenID Connect Discovery §4: the same facts. */
void oauth_openid_configuration(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	http->segments[0] = realm_meant(oauth, http);
	oauth_server_metadata(oauth, http, reply);
}

void metadata_partition_members(const struct oauth_call *call, struct writer *body)
{
	struct slice users = oauth_issuer(call, PERSON_USER);
	struct slice customers = oauth_issuer(call, PERSON_CUSTOMER);
	writer_json_member(body, "partition", partition_id_slice(&call->realm.partition));
	writer_json_key(body, "authorization_url");
	writer_byte(body, '{');
	member_url(body, "user", users, "/oauth2/authorize");
	member_url(body, "customer", customers, "/oauth2/authorize");
	writer_byte(body, '}');
	writer_json_key(body, "token_url");
	writer_byte(body, '{');
	member_url(body, "user", users, "/oauth2/token");
	member_url(body, "customer", customers, "/oauth2/token");
	member_url(body, "client", users, "/oauth2/token");
	writer_byte(body, '}');
	member_url(body, "domain_url", call->oauth->api_url, "");
	writer_json_key(body, "metadata_url");
	writer_print(body, "\"%.*s/system/auth/%s/metadata\"", SLICE_ARGS(call->oauth->auth_url), call->realm.partition.text);
	writer_json_member(body, "permission_prefix", call->tenant->partition.permission_prefix);
}

void oauth_partition_metadata(struct oauth *oauth, struct http_request *http, struct http_reply *reply)
{
	struct oauth_call call;
	enum refusal refusal = oauth_partition_call_begin(oauth, http, reply, &call);
	if (refusal == REFUSAL_NONE) {
		struct writer body = writer_new(call.arena, 2048);
		writer_byte(&body, '{');
		metadata_partition_members(&call, &body);
		writer_byte(&body, '}');
		metadata_reply(&call, &body);
	}
	oauth_call_end(&call, refusal, NULL);
}
