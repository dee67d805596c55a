#include "directory/export.h"

#include "directory/apply_read.h"
#include "directory/apply_time.h"
#include "directory/export_apis.h"
#include "directory/export_write.h"

#include <errno.h>

enum { ARENA_FIRST = 64 * 1024, ARENA_MAX = 8 * LIMIT_APPLY_OBJECT_SIZE };

struct export {
	struct store *store;
	const struct export_options *options;
	struct export_writer writer;
	bool found; /* the partition that was asked for */
	struct slice prefix; /* of the permissions of the partition that is written */
};

/* The names of lists are compared by address (export_item). */
static const char departments_list[] = "departments", permissions_list[] = "permissions", users_list[] = "users", customers_list[] = "customers",
                  applications_list[] = "client_applications", providers_list[] = "identity_providers";

static enum result item(struct export *export, const char *list, bool block)
{
	return export_item(&export->writer, list, block) ? RESULT_OK : RESULT_FAILED;
}

static struct slice name_in(const struct field *fields, size_t count, const char *key, int value)
{
	for (size_t i = 0; i < count; i++) {
		const struct slice *name = slice_is(fields[i].key, key) ? field_name_of(&fields[i], value) : NULL;
		if (name != NULL)
			return *name;
	}
	return SLICE_OF("");
}

static enum result department_export(void *context, const struct department *department)
{
	struct export *export = context;
	arena_reset(export->writer.arena);
	export_text(&export->writer, "name", department->name);
	return item(export, departments_list, false);
}

static enum result permission_export(void *context, const struct permission *permission)
{
	struct export *export = context;
	struct export_writer *writer = &export->writer;
	if (permission_is_reserved(permission->name))
		return RESULT_OK;
	arena_reset(writer->arena);
	export_text(writer, "name", permission->name);
	if (permission->description.len > 0)
		export_text(writer, "description", permission->description);
	if (permission->kind != permission_kind_of_name(permission->name))
		export_text(writer, "kind", name_in(permission_fields, permission_field_count, "kind", (int)permission->kind));
	return item(export, permissions_list, false);
}

static enum result person_export(void *context, const struct person *person)
{
	struct export *export = context;
	struct export_writer *writer = &export->writer;
	bool user = person->kind == PERSON_USER;
	arena_reset(writer->arena);
	export_text(writer, "id", person->id);
	if (user)
		export_text(writer, "username", person->username);
	if (person->email.len > 0)
		export_text(writer, "email", person->email);
	if (export->options->hashes && person->password_hash.len > 0)
		export_text(writer, "password_hash", person->password_hash);
	if (person->department.len > 0)
		export_text(writer, "department", person->department);
	if (person->roles.len > 0)
		export_words(writer, "roles", person->roles);
	export_bool(writer, "enabled", person->enabled);
	if (person->claims.len > 0)
		export_json(writer, "claims", person->claims);
	return item(export, user ? users_list : customers_list, false);
}

static void secret_hash_write(struct writer *writer, const struct client_secret *secret)
{
	char time[APPLY_TIME_SIZE];
	writer_json_key(writer, "hash");
	writer_text(writer, "\"sha256:");
	writer_base64url(writer, secret->hash.bytes, sizeof secret->hash.bytes);
	writer_byte(writer, '"');
	apply_time_print(secret->created_at, time);
	writer_json_member(writer, "created_at", slice_from(time));
}

/* Without its hash a secret is its label: "kept" where the document is applied to the same store. */
static void secret_write(struct writer *writer, const struct client_secret *secret, bool hashes)
{
	char time[APPLY_TIME_SIZE];
	writer_byte(writer, '{');
	writer_json_member(writer, "label", secret->label);
	if (hashes)
		secret_hash_write(writer, secret);
	apply_time_print(secret->expires_at, time);
	if (secret->expires_at > 0)
		writer_json_member(writer, "expires_at", slice_from(time));
	writer_byte(writer, '}');
}

static void secrets_export(struct export_writer *export, const struct client_application *application, bool hashes)
{
	struct writer writer = writer_new(export->arena, 256);
	writer_byte(&writer, '[');
	for (size_t i = 0; i < application->secret_count; i++) {
		if (i > 0)
			writer_byte(&writer, ',');
		secret_write(&writer, &application->secrets[i], hashes);
	}
	writer_byte(&writer, ']');
	export->failed = export->failed || !writer_ok(&writer);
	if (!export->failed)
		export_json(export, "secrets", writer_slice(&writer));
}

static struct slice application_name(const char *key, int value)
{
	return name_in(application_fields, application_field_count, key, value);
}

static enum result application_export(void *context, const struct client_application *application)
{
	struct export *export = context;
	struct export_writer *writer = &export->writer;
	arena_reset(writer->arena);
	export_text(writer, "name", application->name);
	export_text(writer, "client_id", application->client_id);
	export_text(writer, "platform", application_name("platform", (int)application->platform));
	export_text(writer, "resource_type", SLICE_OF("global"));
	export_bool(writer, "enabled", application->enabled);
	export_words(writer, "redirect_urls", application->redirect_urls);
	export_words(writer, "post_logout_redirect_urls", application->post_logout_redirect_urls);
	export_text_or_null(writer, "backchannel_logout_url", application->backchannel_logout_url);
	export_text_or_null(writer, "jwks_url", application->jwks_url);
	if (application->jwks.len > 0)
		export_json(writer, "jwks", application->jwks);
	secrets_export(writer, application, export->options->hashes);
	export_words(writer, "permissions", application->permissions);
	bool exchange = (application->grants & OPTIONAL_GRANT_TOKEN_EXCHANGE) != 0;
	export_words(writer, "grants", exchange ? SLICE_OF("token_exchange") : SLICE_OF(""));
	export_int(writer, "access_token_seconds", application->access_token_seconds);
	export_bool(writer, "refresh_tokens", application->refresh_tokens);
	export_int(writer, "refresh_idle_seconds", application->refresh_idle_seconds);
	export_int(writer, "refresh_max_seconds", application->refresh_max_seconds);
	export_text(writer, "consent", application_name("consent", (int)application->consent));
	export_text(writer, "id_token_algorithm", application_name("id_token_algorithm", (int)application->id_token_algorithm));
	return item(export, applications_list, true);
}

static enum result provider_export(void *context, const struct identity_provider *provider)
{
	struct export *export = context;
	struct export_writer *writer = &export->writer;
	arena_reset(writer->arena);
	export_text(writer, "registration_id", provider->registration_id);
	export_text(writer, "issuer", provider->issuer);
	export_text(writer, "audience", provider->audience);
	export_text(writer, "jwks_url", provider->jwks_url);
	export_text(writer, "claim", provider->claim);
	export_text(writer, "matches", name_in(provider_fields, provider_field_count, "matches", (int)provider->matches));
	return item(export, providers_list, false);
}

static enum result each_api_export(void *context, const struct api *api)
{
	struct export *export = context;
	return api_export(&export->writer, export->prefix, api);
}

struct pair {
	const char *key;
	struct slice text;
};

/* {"name":…,…} of what is not empty; left out when all is. */
static void mapping_export(struct export_writer *export, const char *key, const struct pair *pairs, size_t count)
{
	struct writer writer = writer_new(export->arena, 256);
	writer_byte(&writer, '{');
	for (size_t i = 0; i < count; i++)
		if (pairs[i].text.len > 0)
			writer_json_member(&writer, pairs[i].key, pairs[i].text);
	writer_byte(&writer, '}');
	export->failed = export->failed || !writer_ok(&writer);
	if (!export->failed && writer_slice(&writer).len > 2)
		export_json(export, key, writer_slice(&writer));
}

static void partition_members(struct export_writer *writer, const struct partition *partition)
{
	const struct pair branding[] = {
		{ "name", partition->branding_name }, { "color", partition->branding_color }, { "logo_url", partition->branding_logo_url }
	};
	const struct pair policies[] = { { "user", partition->policy_user }, { "customer", partition->policy_customer } };
	export_text(writer, "id", partition_id_slice(&partition->id));
	export_text(writer, "name", partition->name);
	export_text(writer, "permission_prefix", partition->permission_prefix);
	export_text(writer, "access_token_algorithm",
	            name_in(partition_fields, partition_field_count, "access_token_algorithm", (int)partition->access_token_algorithm));
	mapping_export(writer, "branding", branding, FIELD_COUNT(branding));
	mapping_export(writer, "policies", policies, FIELD_COUNT(policies));
	struct writer anonymous = writer_new(writer->arena, partition->anonymous_permissions.len + 64);
	writer_byte(&anonymous, '{');
	writer_json_member_bool(&anonymous, "enabled", partition->anonymous_enabled);
	writer_json_key(&anonymous, "permissions");
	writer_json_words(&anonymous, partition->anonymous_permissions);
	writer_byte(&anonymous, '}');
	writer->failed = writer->failed || !writer_ok(&anonymous);
	if (!writer->failed)
		export_json(writer, "anonymous_customers", writer_slice(&anonymous));
}

static enum result partition_export(void *context, const struct partition *partition)
{
	struct export *export = context;
	const struct partition_id *wanted = export->options->partition;
	const struct partition_id id = partition->id;
	if (wanted != NULL && !slice_equal(partition_id_slice(wanted), partition_id_slice(&id)))
		return RESULT_OK;
	export->found = true;
	export->prefix = partition->permission_prefix;
	arena_reset(export->writer.arena);
	partition_members(&export->writer, partition);
	export_partition_begin(&export->writer);
	enum result result = store_departments_each(export->store, &id, department_export, export);
	if (result == RESULT_OK)
		result = store_permissions_each(export->store, &id, permission_export, export);
	if (result == RESULT_OK)
		result = store_people_each(export->store, &id, PERSON_USER, person_export, export);
	if (result == RESULT_OK)
		result = store_people_each(export->store, &id, PERSON_CUSTOMER, person_export, export);
	if (result == RESULT_OK)
		result = store_applications_each(export->store, &id, application_export, export);
	if (result == RESULT_OK)
		result = store_providers_each(export->store, &id, provider_export, export);
	if (result == RESULT_OK)
		result = store_apis_each(export->store, &id, each_api_export, export);
	export_partition_end(&export->writer);
	return result;
}

static enum result snapshot_export(struct export *export, struct problem *problem)
{
	enum result result = store_snapshot_begin(export->store);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the store does not answer: %s", result_text(result));
	export_begin(&export->writer);
	result = store_partitions_each(export->store, partition_export, export);
	export_end(&export->writer);
	store_snapshot_end(export->store);
	const struct partition_id *wanted = export->options->partition;
	if (result == RESULT_OK && (fflush(export->writer.out) != 0 || ferror(export->writer.out) != 0))
		return problem_set(problem, RESULT_FAILED, "the document cannot be written: %s", strerror(errno));
	if (result == RESULT_OK && wanted != NULL && !export->found)
		return problem_set(problem, RESULT_NOT_FOUND, "there is no partition %s", wanted->text);
	if (result == RESULT_FAILED && export->writer.failed)
		return problem_set(problem, result, "memory is out for an object");
	if (result == RESULT_FAILED)
		return problem_set(problem, result, "the document cannot be written: %s", strerror(errno));
	if (result != RESULT_OK)
		return problem_set(problem, result, "the store does not answer: %s", result_text(result));
	return RESULT_OK;
}

enum result directory_export(struct store *store, const struct export_options *options, struct problem *problem)
{
	struct export export = { .store = store, .options = options, .writer = { .out = options->out, .json = options->json } };
	export.writer.arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (export.writer.arena == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "memory is out");
	enum result result = snapshot_export(&export, problem);
	arena_free(export.writer.arena);
	return result;
}
