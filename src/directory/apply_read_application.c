#include "directory/apply_read.h"

#include "base/text.h"

#define SECRET(member) offsetof(struct secret_reading, member)
#define APPLICATION(member) offsetof(struct application_reading, application.member)

/* A label names a secret in messages and in the store. */
static enum result rule_label(struct slice label, struct problem *problem)
{
	return rule_name(label, problem);
}

const struct field secret_fields[] = {
	{ SLICE("label"), FIELD_TEXT, SECRET(label), .bit = SECRET_LABEL, .limit = LIMIT_ID, .rule = rule_label },
	{ SLICE("value"), FIELD_TEXT, SECRET(value), .bit = SECRET_VALUE, .limit = LIMIT_APPLY_SCALAR, .rule = rule_secret_value },
	{ SLICE("hash"), FIELD_READ, SECRET(hash), .bit = SECRET_HASH, .read = hash_read },
	{ SLICE("created_at"), FIELD_TIME, SECRET(created_at), .bit = SECRET_CREATED },
	{ SLICE("expires_at"), FIELD_TIME, SECRET(expires_at), .bit = SECRET_EXPIRES },
	{ SLICE("generate"), FIELD_BOOL, SECRET(generate), .bit = SECRET_GENERATE },
};
const size_t secret_field_count = FIELD_COUNT(secret_fields);

/* The platform may stand behind the addresses: they are judged when it is known. */
static enum result rule_address_clean(struct slice url, struct problem *problem)
{
	if (url.len > LIMIT_URL)
		return problem_set(problem, RESULT_INVALID, "an address is longer than %d bytes", LIMIT_URL);
	return RESULT_OK;
}

static const struct field_name platform_names[] = { { SLICE("web"), PLATFORM_WEB }, { SLICE("spa"), PLATFORM_SPA } };
static const struct field_name consent_names[] = { { SLICE("ask"), CONSENT_ASK }, { SLICE("implied"), CONSENT_IMPLIED } };
static const struct field_name grant_names[] = { { SLICE("token_exchange"), OPTIONAL_GRANT_TOKEN_EXCHANGE } };
static const struct field_name resource_types[] = { { SLICE("global"), 1 } };

const struct field application_fields[] = {
	{ SLICE("client_id"), FIELD_TEXT, APPLICATION(client_id), .bit = APPLICATION_ID, .apart = true, .limit = LIMIT_ID, .rule = rule_client_id },
	{ SLICE("name"), FIELD_TEXT, APPLICATION(name), .bit = APPLICATION_NAME, .limit = LIMIT_ID, .rule = rule_application_name },
	{ SLICE("platform"), FIELD_NAMED, APPLICATION(platform), .bit = APPLICATION_PLATFORM, .names = platform_names,
	  .name_count = FIELD_COUNT(platform_names) },
	{ SLICE("enabled"), FIELD_BOOL, APPLICATION(enabled), .bit = 3 },
	{ SLICE("redirect_urls"), FIELD_WORDS, APPLICATION(redirect_urls), .bit = APPLICATION_REDIRECTS, .limit = LIMIT_REDIRECT_URLS,
	  .rule = rule_address_clean },
	{ SLICE("post_logout_redirect_urls"), FIELD_WORDS, APPLICATION(post_logout_redirect_urls), .bit = APPLICATION_LOGOUT_REDIRECTS,
	  .limit = LIMIT_REDIRECT_URLS, .rule = rule_address_clean },
	{ SLICE("backchannel_logout_url"), FIELD_TEXT, APPLICATION(backchannel_logout_url), .bit = APPLICATION_BACKCHANNEL, .limit = LIMIT_URL,
	  .rule = rule_service_url },
	{ SLICE("secrets"), FIELD_READ, 0, .bit = APPLICATION_SECRETS, .apart = true, .limit = LIMIT_SECRETS, .read = secrets_read },
	{ SLICE("jwks_url"), FIELD_TEXT, APPLICATION(jwks_url), .bit = APPLICATION_JWKS_URL, .limit = LIMIT_URL, .rule = rule_service_url },
	{ SLICE("jwks"), FIELD_JSON, APPLICATION(jwks), .bit = APPLICATION_JWKS, .limit = LIMIT_JWKS_SIZE, .read = jwks_read },
	{ SLICE("permissions"), FIELD_WORDS, APPLICATION(permissions), .bit = APPLICATION_PERMISSIONS, .limit = LIMIT_APPLICATION_PERMISSIONS,
	  .rule = rule_permission_name },
	{ SLICE("grants"), FIELD_FLAGS, APPLICATION(grants), .bit = 11, .names = grant_names, .name_count = FIELD_COUNT(grant_names) },
	{ SLICE("access_token_seconds"), FIELD_INTEGER, APPLICATION(access_token_seconds), .bit = 12, .least = LIMIT_ACCESS_TOKEN_SECONDS_MIN,
	  .limit = LIMIT_ACCESS_TOKEN_SECONDS },
	{ SLICE("refresh_tokens"), FIELD_BOOL, APPLICATION(refresh_tokens), .bit = 13 },
	{ SLICE("refresh_idle_seconds"), FIELD_INTEGER, APPLICATION(refresh_idle_seconds), .bit = 14, .least = 60, .limit = LIMIT_REFRESH_SECONDS },
	{ SLICE("refresh_max_seconds"), FIELD_INTEGER, APPLICATION(refresh_max_seconds), .bit = 15, .least = 60, .limit = LIMIT_REFRESH_SECONDS },
	{ SLICE("consent"), FIELD_NAMED, APPLICATION(consent), .bit = 16, .names = consent_names, .name_count = FIELD_COUNT(consent_names) },
	{ SLICE("id_token_algorithm"), FIELD_NAMED, APPLICATION(id_token_algorithm), .bit = 18, .names = algorithm_names,
	  .name_count = ALGORITHM_NAME_COUNT },
	{ SLICE("resource_type"), FIELD_NAMED, offsetof(struct application_reading, resource_type), .bit = 17, .apart = true,
	  .names = resource_types, .name_count = FIELD_COUNT(resource_types) },
};
const size_t application_field_count = FIELD_COUNT(application_fields);

/* The stored form of a secret, as an export writes it: "sha256:" and base64url of 32 bytes. */
enum result hash_read(struct document *document, const struct field *field, struct arena *arena, void *hash)
{
	(void)arena;
	struct document_scalar scalar;
	enum result result = document_scalar(document, field->key.ptr, &scalar);
	if (result != RESULT_OK)
		return result;
	const struct slice prefix = SLICE("sha256:");
	struct hash32 bytes = { { 0 } };
	size_t len = 0;
	bool good = slice_starts_with(scalar.text, prefix) && scalar.text.len == prefix.len + 43 &&
	            text_base64url_decode(slice_skip(scalar.text, prefix.len), bytes.bytes, sizeof bytes.bytes, &len) == RESULT_OK;
	if (!good || len != sizeof bytes.bytes)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is written sha256: and 43 base64url characters, as an export has it",
		                     field->key.ptr);
	memcpy(hash, &bytes, sizeof bytes);
	return RESULT_OK;
}

static enum result secret_judge(struct document *document, struct secret_reading *secret)
{
	const struct reading *reading = &secret->reading;
	int ways = (secret->value.len > 0) + reading_has(reading, SECRET_HASH) + secret->generate;
	if (ways > 1)
		return document_fail(document, reading->line, RESULT_INVALID, "a secret has one of value, hash and generate: leave the others away");
	if (reading_has(reading, SECRET_CREATED) && !reading_has(reading, SECRET_HASH))
		return document_fail(document, reading->line, RESULT_INVALID, "created_at belongs to a secret that is given by its hash");
	if (secret->label.len == 0)
		secret->label = SLICE_OF("default");
	return RESULT_OK;
}

static enum result secret_read(struct document *document, struct arena *arena, struct application_reading *application)
{
	if (application->secret_count == LIMIT_SECRETS)
		return document_fail(document, document_line(document), RESULT_INVALID, "an application has at most %d secrets", LIMIT_SECRETS);
	struct secret_reading *secret = &application->secrets[application->secret_count];
	enum result result = fields_read(document, "secret", secret_fields, secret_field_count, arena, &secret->reading);
	if (result == RESULT_OK)
		result = secret_judge(document, secret);
	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < application->secret_count; i++)
		if (slice_equal(application->secrets[i].label, secret->label))
			return document_fail(document, secret->reading.line, RESULT_INVALID, "two secrets have the label '%.*s' (the other at line %u): rename one",
			                     SLICE_ARGS(secret->label), application->secrets[i].reading.line);
	application->secret_count++;
	return RESULT_OK;
}

enum result secrets_read(struct document *document, const struct field *field, struct arena *arena, void *at)
{
	struct application_reading *application = at;
	application->secrets = arena_array(arena, LIMIT_SECRETS, sizeof *application->secrets);
	if (application->secrets == NULL)
		return document_fail(document, 0, RESULT_NO_MEMORY, "memory is out");
	bool more = true;
	enum result result = document_list(document, field->key.ptr);
	while (result == RESULT_OK) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = secret_read(document, arena, application);
	}
	return result;
}

enum result application_read(struct document *document, struct arena *arena, struct application_reading *ret)
{
	*ret = (struct application_reading) { 0 };
	enum result result = fields_read(document, "client application", application_fields, application_field_count, arena, &ret->reading);
	if (result != RESULT_OK)
		return result;
	if (ret->application.client_id.len == 0 && ret->application.name.len == 0)
		return document_fail(document, reading_has(&ret->reading, APPLICATION_NAME) ? ret->reading.lines[APPLICATION_NAME] : ret->reading.line,
		                     RESULT_INVALID, "a client application needs a name");
	return RESULT_OK;
}
