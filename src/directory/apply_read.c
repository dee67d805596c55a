#include "directory/apply_read.h"

#include "base/text.h"
#include "signin/password.h"

#define PARTITION(member) offsetof(struct partition_reading, member)

static enum result rule_partition_id(struct slice text, struct problem *problem)
{
	struct partition_id id;
	if (partition_id_parse(text, &id))
		return RESULT_OK;
	return problem_set(problem, RESULT_INVALID, "a partition's id has 1 to %d letters, digits and underscores", LIMIT_PARTITION_ID);
}

/* "#rgb" or "#rrggbb": it is written into a stylesheet. */
static enum result rule_color(struct slice text, struct problem *problem)
{
	bool good = (text.len == 4 || text.len == 7) && text.ptr[0] == '#';
	for (size_t i = 1; i < text.len && good; i++) {
		char c = text_lower(text.ptr[i]);
		good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
	}
	return good ? RESULT_OK : problem_set(problem, RESULT_INVALID, "a color is written #0b5fff or #05f");
}

/* Prefixes stand in front of scope tokens (RFC 6749 §3.3). */
static enum result rule_prefix(struct slice text, struct problem *problem)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x21 || text.ptr[i] > 0x7e || text.ptr[i] == '"' || text.ptr[i] == '\\')
			return problem_set(problem, RESULT_INVALID, "a prefix is printable ASCII without spaces, quotes and backslashes");
	return RESULT_OK;
}

/* One segment of a path in older addresses. */
static enum result rule_policy(struct slice text, struct problem *problem)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text_lower(text.ptr[i]);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
			return problem_set(problem, RESULT_INVALID, "the name of a policy has only letters, digits and _ - . in it");
	}
	return RESULT_OK;
}

static enum result rule_anonymous_permission(struct slice name, struct problem *problem)
{
	if (permission_is_reserved(name))
		return problem_set(problem, RESULT_INVALID, "the permissions of the Admin API are never given to anonymous customers");
	return rule_permission_name(name, problem);
}

const struct field_name algorithm_names[ALGORITHM_NAME_COUNT] = { { SLICE("ES256"), ALGORITHM_ES256 }, { SLICE("RS256"), ALGORITHM_RS256 } };

static const struct field branding_fields[] = {
	{ SLICE("name"), FIELD_TEXT, PARTITION(partition.branding_name), .bit = 5, .limit = LIMIT_NAME, .rule = rule_name },
	{ SLICE("color"), FIELD_TEXT, PARTITION(partition.branding_color), .bit = 6, .limit = LIMIT_NAME, .rule = rule_color },
	{ SLICE("logo_url"), FIELD_TEXT, PARTITION(partition.branding_logo_url), .bit = 7, .limit = LIMIT_URL, .rule = rule_service_url },
};

static const struct field policy_fields[] = {
	{ SLICE("user"), FIELD_TEXT, PARTITION(partition.policy_user), .bit = 9, .limit = LIMIT_ID, .rule = rule_policy },
	{ SLICE("customer"), FIELD_TEXT, PARTITION(partition.policy_customer), .bit = 10, .limit = LIMIT_ID, .rule = rule_policy },
};

static const struct field anonymous_fields[] = {
	{ SLICE("enabled"), FIELD_BOOL, PARTITION(partition.anonymous_enabled), .bit = 12 },
	{ SLICE("permissions"), FIELD_WORDS, PARTITION(partition.anonymous_permissions), .bit = PARTITION_ANONYMOUS_PERMISSIONS,
	  .limit = LIMIT_APPLICATION_PERMISSIONS, .rule = rule_anonymous_permission },
};

const struct field partition_fields[] = {
	{ SLICE("id"), FIELD_TEXT, PARTITION(id), .bit = PARTITION_ID, .apart = true, .limit = LIMIT_PARTITION_ID, .rule = rule_partition_id },
	{ SLICE("name"), FIELD_TEXT, PARTITION(partition.name), .bit = 1, .limit = LIMIT_NAME, .rule = rule_name },
	{ SLICE("permission_prefix"), FIELD_TEXT, PARTITION(partition.permission_prefix), .bit = PARTITION_PREFIX,
	  .limit = LIMIT_PERMISSION_NAME, .rule = rule_prefix },
	{ SLICE("access_token_algorithm"), FIELD_NAMED, PARTITION(partition.access_token_algorithm), .bit = 3, .names = algorithm_names,
	  .name_count = ALGORITHM_NAME_COUNT },
	{ SLICE("branding"), FIELD_MAPPING, .bit = 4, .fields = branding_fields, .field_count = FIELD_COUNT(branding_fields) },
	{ SLICE("policies"), FIELD_MAPPING, .bit = 8, .fields = policy_fields, .field_count = FIELD_COUNT(policy_fields) },
	{ SLICE("anonymous_customers"), FIELD_MAPPING, .bit = 11, .fields = anonymous_fields, .field_count = FIELD_COUNT(anonymous_fields) },
};
const size_t partition_field_count = FIELD_COUNT(partition_fields);

/* A department's name is a key: as long as one. */
const struct field department_fields[] = {
	{ SLICE("name"), FIELD_TEXT, offsetof(struct department_reading, department.name), .bit = 0, .limit = LIMIT_ID, .rule = rule_name },
};
const size_t department_field_count = FIELD_COUNT(department_fields);

static const struct field_name permission_kinds[] = {
	{ SLICE("delegated"), PERMISSION_DELEGATED },
	{ SLICE("on_behalf_of"), PERMISSION_ON_BEHALF_OF },
	{ SLICE("application"), PERMISSION_APPLICATION },
};

#define PERMISSION(member) offsetof(struct permission_reading, permission.member)
const struct field permission_fields[] = {
	{ SLICE("name"), FIELD_TEXT, PERMISSION(name), .bit = PERMISSION_NAME, .limit = LIMIT_PERMISSION_NAME, .rule = rule_permission_name },
	{ SLICE("description"), FIELD_TEXT, PERMISSION(description), .bit = 1, .lines = true, .limit = LIMIT_DESCRIPTION },
	{ SLICE("kind"), FIELD_NAMED, PERMISSION(kind), .bit = PERMISSION_KIND, .names = permission_kinds,
	  .name_count = FIELD_COUNT(permission_kinds) },
};
const size_t permission_field_count = FIELD_COUNT(permission_fields);

#define PERSON(member) offsetof(struct person_reading, member)
#define PERSON_COMMON \
	{ SLICE("id"), FIELD_TEXT, PERSON(person.id), .bit = PERSON_ID, .apart = true, .limit = LIMIT_ID, .rule = rule_person_id }, \
	{ SLICE("email"), FIELD_TEXT, PERSON(person.email), .bit = PERSON_EMAIL, .limit = LIMIT_EMAIL, .rule = rule_email }, \
	{ SLICE("password"), FIELD_TEXT, PERSON(password), .bit = PERSON_PASSWORD, .apart = true, .limit = LIMIT_PASSWORD }, \
	{ SLICE("password_hash"), FIELD_TEXT, PERSON(password_hash), .bit = PERSON_PASSWORD_HASH, .apart = true, \
	  .limit = LIMIT_PASSWORD_HASH, .rule = password_hash_check }, \
	{ SLICE("enabled"), FIELD_BOOL, PERSON(person.enabled), .bit = PERSON_ENABLED }, \
	{ SLICE("claims"), FIELD_JSON, PERSON(person.claims), .bit = PERSON_CLAIMS, .limit = LIMIT_CLAIMS_SIZE, .read = claims_read }

const struct field user_fields[] = {
	PERSON_COMMON,
	{ SLICE("username"), FIELD_TEXT, PERSON(person.username), .bit = PERSON_USERNAME, .limit = LIMIT_USERNAME, .rule = rule_username },
	{ SLICE("roles"), FIELD_WORDS, PERSON(person.roles), .bit = PERSON_ROLES, .limit = LIMIT_ROLES, .rule = rule_role },
	{ SLICE("department"), FIELD_TEXT, PERSON(person.department), .bit = PERSON_DEPARTMENT, .limit = LIMIT_ID, .rule = rule_name },
};
const size_t user_field_count = FIELD_COUNT(user_fields);

const struct field customer_fields[] = { PERSON_COMMON };
const size_t customer_field_count = FIELD_COUNT(customer_fields);

enum result department_read(struct document *document, struct arena *arena, struct department_reading *ret)
{
	*ret = (struct department_reading) { 0 };
	enum result result = fields_read(document, "department", department_fields, department_field_count, arena, &ret->reading);
	if (result == RESULT_OK && ret->department.name.len == 0)
		return document_fail(document, reading_has(&ret->reading, 0) ? ret->reading.lines[0] : ret->reading.line, RESULT_INVALID,
		                     "a department needs a name");
	return result;
}

enum result permission_read(struct document *document, struct arena *arena, struct permission_reading *ret)
{
	*ret = (struct permission_reading) { 0 };
	enum result result = fields_read(document, "permission", permission_fields, permission_field_count, arena, &ret->reading);
	if (result == RESULT_OK && ret->permission.name.len == 0)
		return document_fail(document, reading_has(&ret->reading, PERMISSION_NAME) ? ret->reading.lines[PERMISSION_NAME] : ret->reading.line,
		                     RESULT_INVALID, "a permission needs a name");
	return result;
}

enum result person_read(struct document *document, enum person_kind kind, struct arena *arena, struct person_reading *ret)
{
	*ret = (struct person_reading) { .person.kind = kind };
	bool user = kind == PERSON_USER;
	enum result result = fields_read(document, user ? "user" : "customer", user ? user_fields : customer_fields,
	                                 user ? user_field_count : customer_field_count, arena, &ret->reading);
	if (result != RESULT_OK)
		return result;
	if (ret->password.len > 0 && ret->password_hash.len > 0)
		return document_fail(document, ret->reading.line, RESULT_INVALID, "password and password_hash are given both: leave one away");
	struct slice name = user ? ret->person.username : ret->person.email;
	if (ret->person.id.len == 0 && name.len == 0)
		return document_fail(document, reading_has(&ret->reading, user ? PERSON_USERNAME : PERSON_EMAIL)
		                                   ? ret->reading.lines[user ? PERSON_USERNAME : PERSON_EMAIL]
		                                   : ret->reading.line,
		                     RESULT_INVALID, user ? "a user needs an id or a username" : "a customer needs an id or an email");
	return RESULT_OK;
}
