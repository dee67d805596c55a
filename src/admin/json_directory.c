/* The JSON of directory objects: what is written can be sent back as a change. */
#include "admin/json.h"
#include "directory/rules.h"

/* JSON that the store keeps as text; empty: null. */
static void member_raw(struct writer *writer, const char *name, struct slice json)
{
	writer_json_key(writer, name);
	if (json.len > 0)
		writer_put(writer, json);
	else
		writer_text(writer, "null");
}

static void member_object(struct writer *writer, const char *name)
{
	writer_json_key(writer, name);
	writer_byte(writer, '{');
}

void partition_json(struct writer *writer, const struct partition *partition)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "id", partition_id_slice(&partition->id));
	writer_json_member(writer, "name", partition->name);
	writer_json_member(writer, "permission_prefix", partition->permission_prefix);
	writer_json_member(writer, "access_token_algorithm", slice_from(algorithm_name(partition->access_token_algorithm)));
	member_object(writer, "branding");
	json_member_or_null(writer, "name", partition->branding_name);
	json_member_or_null(writer, "color", partition->branding_color);
	json_member_or_null(writer, "logo_url", partition->branding_logo_url);
	writer_byte(writer, '}');
	member_object(writer, "policies");
	json_member_or_null(writer, "user", partition->policy_user);
	json_member_or_null(writer, "customer", partition->policy_customer);
	writer_byte(writer, '}');
	member_object(writer, "anonymous_customers");
	writer_json_member_bool(writer, "enabled", partition->anonymous_enabled);
	json_member_words(writer, "permissions", partition->anonymous_permissions);
	writer_byte(writer, '}');
	writer_json_member_int(writer, "version", partition->version);
	writer_byte(writer, '}');
}

void department_json(struct writer *writer, const struct department *department)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "name", department->name);
	writer_json_member_int(writer, "version", department->version);
	writer_byte(writer, '}');
}

void permission_json(struct writer *writer, const struct permission *permission)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "name", permission->name);
	writer_json_member(writer, "description", permission->description);
	writer_json_member(writer, "kind", slice_from(permission_kind_name(permission->kind)));
	writer_json_member_bool(writer, "reserved", permission_is_reserved(permission->name));
	writer_json_member_int(writer, "version", permission->version);
	writer_byte(writer, '}');
}

void person_json(struct writer *writer, const struct person *person)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "id", person->id);
	if (person->kind == PERSON_USER) {
		writer_json_member(writer, "username", person->username);
		json_member_or_null(writer, "email", person->email);
		json_member_or_null(writer, "department", person->department);
		json_member_words(writer, "roles", person->roles);
	} else {
		writer_json_member(writer, "email", person->email);
	}
	writer_json_member_bool(writer, "enabled", person->enabled);
	member_raw(writer, "claims", person->claims);
	writer_json_member_bool(writer, "password_set", person->password_hash.len > 0);
	writer_json_member_int(writer, "version", person->version);
	writer_byte(writer, '}');
}

void secret_json(struct writer *writer, const struct client_secret *secret)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "label", secret->label);
	json_member_time(writer, "created_at", secret->created_at);
	json_member_time_or_null(writer, "expires_at", secret->expires_at);
	json_member_time_or_null(writer, "last_used_at", secret->last_used_at);
	writer_byte(writer, '}');
}

static void secrets_write(struct writer *writer, const struct client_application *application)
{
	writer_json_key(writer, "secrets");
	writer_byte(writer, '[');
	for (size_t i = 0; i < application->secret_count; i++) {
		if (i > 0)
			writer_byte(writer, ',');
		secret_json(writer, &application->secrets[i]);
	}
	writer_byte(writer, ']');
}

void application_json(struct writer *writer, const struct client_application *application)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "name", application->name);
	writer_json_member(writer, "client_id", application->client_id);
	writer_json_member(writer, "platform", slice_from(platform_name(application->platform)));
	writer_json_member(writer, "resource_type", SLICE_OF("global"));
	writer_json_member_bool(writer, "enabled", application->enabled);
	json_member_words(writer, "redirect_urls", application->redirect_urls);
	json_member_words(writer, "post_logout_redirect_urls", application->post_logout_redirect_urls);
	json_member_or_null(writer, "backchannel_logout_url", application->backchannel_logout_url);
	json_member_or_null(writer, "jwks_url", application->jwks_url);
	member_raw(writer, "jwks", application->jwks);
	json_member_words(writer, "permissions", application->permissions);
	json_member_words(writer, "grants", (application->grants & OPTIONAL_GRANT_TOKEN_EXCHANGE) != 0 ? SLICE_OF("token_exchange") : SLICE_OF(""));
	writer_json_member_int(writer, "access_token_seconds", application->access_token_seconds);
	writer_json_member_bool(writer, "refresh_tokens", application->refresh_tokens);
	writer_json_member_int(writer, "refresh_idle_seconds", application->refresh_idle_seconds);
	writer_json_member_int(writer, "refresh_max_seconds", application->refresh_max_seconds);
	writer_json_member(writer, "consent", application->consent == CONSENT_IMPLIED ? SLICE_OF("implied") : SLICE_OF("ask"));
	writer_json_member(writer, "id_token_algorithm", slice_from(algorithm_name(application->id_token_algorithm)));
	secrets_write(writer, application);
	writer_json_member_int(writer, "version", application->version);
	writer_byte(writer, '}');
}

void provider_json(struct writer *writer, const struct identity_provider *provider)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "registration_id", provider->registration_id);
	writer_json_member(writer, "issuer", provider->issuer);
	writer_json_member(writer, "audience", provider->audience);
	writer_json_member(writer, "jwks_url", provider->jwks_url);
	writer_json_member(writer, "claim", provider->claim);
	writer_json_member(writer, "matches", slice_from(provider_match_name(provider->matches)));
	writer_json_member_int(writer, "version", provider->version);
	writer_byte(writer, '}');
}

void api_json(struct writer *writer, const struct api *api)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "name", api->name);
	writer_json_member_int(writer, "operation_count", (int64_t)api->operation_count);
	writer_json_member_int(writer, "version", api->version);
	writer_byte(writer, '}');
}

void alternatives_json(struct writer *writer, const struct api_alternative *alternatives, size_t count)
{
	writer_byte(writer, '[');
	for (size_t i = 0; i < count; i++) {
		writer_text(writer, i > 0 ? ",{" : "{");
		writer_json_member(writer, "actor", slice_from(api_actor_name(alternatives[i].actor)));
		json_member_words(writer, "scopes", alternatives[i].scopes);
		writer_byte(writer, '}');
	}
	writer_byte(writer, ']');
}

void operation_json(struct writer *writer, struct slice api, const struct api_operation *operation)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "api", api);
	writer_json_member(writer, "method", operation->method);
	writer_json_member(writer, "path", operation->path);
	json_member_or_null(writer, "operation_id", operation->operation_id);
	json_member_or_null(writer, "summary", operation->summary);
	writer_json_key(writer, "alternatives");
	alternatives_json(writer, operation->alternatives, operation->alternative_count);
	writer_byte(writer, '}');
}
