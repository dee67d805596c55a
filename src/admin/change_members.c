#include "admin/change_members.h"

#include "base/limits.h"
#include "base/text.h"
#include "directory/apply.h"
#include "directory/apply_nearest.h"
#include "directory/rules.h"

#include <math.h>
#include <stdio.h>

#define AS_TEXT_(number) #number
#define AS_TEXT(number) AS_TEXT_(number)
#define VERSION { "version", MEMBER_INTEGER, MEMBER_READ_ONLY, NULL, NULL }
#define NULLABLE_TEXT(name) { name, MEMBER_TEXT, MEMBER_NULLABLE, NULL, NULL }
#define END { NULL, MEMBER_TEXT, 0, NULL, NULL }

static const struct change_member branding_members[] = { NULLABLE_TEXT("name"), NULLABLE_TEXT("color"), NULLABLE_TEXT("logo_url"), END };
static const struct change_member policy_members[] = { NULLABLE_TEXT("user"), NULLABLE_TEXT("customer"), END };
static const struct change_member anonymous_members[] = {
	{ "enabled", MEMBER_BOOL, 0, NULL, NULL }, { "permissions", MEMBER_LIST, 0, NULL, NULL }, END,
};

static const struct change_member partition_members[] = {
	{ "id", MEMBER_TEXT, MEMBER_KEY | MEMBER_NEEDED, NULL, NULL },
	NULLABLE_TEXT("name"),
	NULLABLE_TEXT("permission_prefix"),
	{ "access_token_algorithm", MEMBER_TEXT, MEMBER_NULLABLE, "\"ES256\"", NULL },
	{ "branding", MEMBER_OBJECT, MEMBER_NULLABLE, NULL, branding_members },
	{ "policies", MEMBER_OBJECT, MEMBER_NULLABLE, NULL, policy_members },
	{ "anonymous_customers", MEMBER_OBJECT, MEMBER_NULLABLE, NULL, anonymous_members },
	VERSION, END,
};

static const struct change_member department_members[] = { { "name", MEMBER_TEXT, MEMBER_KEY | MEMBER_NEEDED, NULL, NULL }, VERSION, END };

static const struct change_member permission_members[] = {
	{ "name", MEMBER_TEXT, MEMBER_KEY | MEMBER_NEEDED, NULL, NULL },
	NULLABLE_TEXT("description"),
	{ "kind", MEMBER_TEXT, MEMBER_NULLABLE | MEMBER_KIND, NULL, NULL },
	{ "reserved", MEMBER_BOOL, MEMBER_READ_ONLY, NULL, NULL },
	VERSION, END,
};

#define PERSON_ID { "id", MEMBER_TEXT, MEMBER_KEY, NULL, NULL }
#define PERSON_ENABLED { "enabled", MEMBER_BOOL, MEMBER_NULLABLE, "true", NULL }
#define PERSON_CLAIMS { "claims", MEMBER_OBJECT, MEMBER_NULLABLE | MEMBER_MERGED, NULL, claim_members }
#define PERSON_PASSWORD { "password", MEMBER_TEXT, MEMBER_NULLABLE | MEMBER_PASSWORD, NULL, NULL }
#define PERSON_PASSWORD_SET { "password_set", MEMBER_BOOL, MEMBER_READ_ONLY, NULL, NULL }

static const struct change_member address_members[] = {
	NULLABLE_TEXT("formatted"), NULLABLE_TEXT("street_address"), NULLABLE_TEXT("locality"), NULLABLE_TEXT("region"), NULLABLE_TEXT("postal_code"),
	NULLABLE_TEXT("country"), END,
};

/* OpenID Connect Core §5.1 */
static const struct change_member claim_members[] = {
	NULLABLE_TEXT("name"), NULLABLE_TEXT("given_name"), NULLABLE_TEXT("family_name"), NULLABLE_TEXT("middle_name"), NULLABLE_TEXT("nickname"),
	NULLABLE_TEXT("preferred_username"), NULLABLE_TEXT("profile"), NULLABLE_TEXT("picture"), NULLABLE_TEXT("website"), NULLABLE_TEXT("gender"),
	NULLABLE_TEXT("birthdate"), NULLABLE_TEXT("zoneinfo"), NULLABLE_TEXT("locale"), NULLABLE_TEXT("phone_number"),
	{ "email_verified", MEMBER_BOOL, MEMBER_NULLABLE, NULL, NULL },
	{ "phone_number_verified", MEMBER_BOOL, MEMBER_NULLABLE, NULL, NULL },
	{ "updated_at", MEMBER_INTEGER, MEMBER_NULLABLE, NULL, NULL },
	{ "address", MEMBER_OBJECT, MEMBER_NULLABLE, NULL, address_members },
	END,
};

static const struct change_member user_members[] = {
	PERSON_ID, PERSON_ENABLED, PERSON_CLAIMS, PERSON_PASSWORD, PERSON_PASSWORD_SET, VERSION,
	{ "username", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	NULLABLE_TEXT("email"),
	NULLABLE_TEXT("department"),
	{ "roles", MEMBER_LIST, 0, NULL, NULL },
	END,
};

static const struct change_member customer_members[] = {
	PERSON_ID, PERSON_ENABLED, PERSON_CLAIMS, PERSON_PASSWORD, PERSON_PASSWORD_SET, VERSION,
	{ "email", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	END,
};

static const struct change_member application_members[] = {
	{ "client_id", MEMBER_TEXT, MEMBER_KEY, NULL, NULL },
	{ "name", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "platform", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "resource_type", MEMBER_TEXT, 0, NULL, NULL },
	{ "enabled", MEMBER_BOOL, MEMBER_NULLABLE, "true", NULL },
	{ "redirect_urls", MEMBER_LIST, 0, NULL, NULL },
	{ "post_logout_redirect_urls", MEMBER_LIST, 0, NULL, NULL },
	NULLABLE_TEXT("backchannel_logout_url"),
	NULLABLE_TEXT("jwks_url"),
	{ "jwks", MEMBER_OBJECT, MEMBER_NULLABLE | MEMBER_MERGED, NULL, NULL },
	{ "permissions", MEMBER_LIST, 0, NULL, NULL },
	{ "grants", MEMBER_LIST, 0, NULL, NULL },
	{ "access_token_seconds", MEMBER_INTEGER, MEMBER_NULLABLE, AS_TEXT(DEFAULT_ACCESS_TOKEN_SECONDS), NULL },
	{ "refresh_tokens", MEMBER_BOOL, MEMBER_NULLABLE, "true", NULL },
	{ "refresh_idle_seconds", MEMBER_INTEGER, MEMBER_NULLABLE, AS_TEXT(DEFAULT_REFRESH_IDLE_SECONDS), NULL },
	{ "refresh_max_seconds", MEMBER_INTEGER, MEMBER_NULLABLE, AS_TEXT(DEFAULT_REFRESH_MAX_SECONDS), NULL },
	{ "consent", MEMBER_TEXT, MEMBER_NULLABLE, "\"ask\"", NULL },
	{ "id_token_algorithm", MEMBER_TEXT, MEMBER_NULLABLE, "\"RS256\"", NULL },
	{ "secrets", MEMBER_LIST, MEMBER_READ_ONLY, NULL, NULL },
	VERSION, END,
};

static const struct change_member provider_members[] = {
	{ "registration_id", MEMBER_TEXT, MEMBER_KEY | MEMBER_NEEDED, NULL, NULL },
	{ "issuer", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "audience", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "jwks_url", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "claim", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "matches", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	VERSION, END,
};

static const struct change_member api_members[] = {
	{ "openapi", MEMBER_TEXT, MEMBER_NEEDED, NULL, NULL },
	{ "values", MEMBER_TEXTS, 0, NULL, NULL },
	{ "actors", MEMBER_TEXTS, MEMBER_NEEDED, NULL, NULL },
	END,
};

static const struct change_member secret_members[] = {
	{ "label", MEMBER_TEXT, MEMBER_KEY | MEMBER_NEEDED, NULL, NULL },
	NULLABLE_TEXT("expires_at"),
	{ "created_at", MEMBER_TEXT, MEMBER_READ_ONLY, NULL, NULL },
	{ "last_used_at", MEMBER_TEXT, MEMBER_READ_ONLY, NULL, NULL },
	END,
};

const struct change_shape change_partition = {
	OBJECT_PARTITION, "partition", "partition", { "partition.added", "partition.changed", "partition.deleted" }, NULL, partition_members,
};
const struct change_shape change_department = {
	OBJECT_DEPARTMENT, "department", "department", { "department.added", NULL, "department.deleted" }, "departments", department_members,
};
const struct change_shape change_permission = {
	OBJECT_PERMISSION, "permission", "permission", { "permission.added", "permission.changed", "permission.deleted" }, "permissions", permission_members,
};
const struct change_shape change_user = {
	OBJECT_USER, "user", "user", { "user.added", "user.changed", "user.deleted" }, "users", user_members,
};
const struct change_shape change_customer = {
	OBJECT_CUSTOMER, "customer", "customer", { "customer.added", "customer.changed", "customer.deleted" }, "customers", customer_members,
};
const struct change_shape change_application = {
	OBJECT_APPLICATION, "client application", "client_application",
	{ "client_application.added", "client_application.changed", "client_application.deleted" },
	"client_applications", application_members,
};
const struct change_shape change_provider = {
	OBJECT_PROVIDER, "identity provider", "identity_provider", { "identity_provider.added", "identity_provider.changed", "identity_provider.deleted" },
	"identity_providers", provider_members,
};
const struct change_shape change_api = {
	OBJECT_API, "API", "api", { "api.added", "api.changed", "api.deleted" }, "apis", api_members,
};
const struct change_shape change_secret = {
	OBJECT_APPLICATION, "secret", "secret", { "secret.added", "secret.changed", "secret.deleted" }, "client_applications", secret_members,
};

/* ---- judging ---- */

enum { JUDGED_DEPTH = 4 }; /* more than the tables are deep */

struct judging {
	const struct change_shape *shape;
	const json_t *present;
	struct slice key;
	change_wrong *wrong;
	void *context;
	const char *outer[JUDGED_DEPTH]; /* the members that what is judged stands in, from outside in */
	size_t depth;
	bool good;
};

static size_t escaped(char *buffer, size_t size, size_t len, const char *text)
{
	if (len + 1 < size)
		buffer[len++] = '/';
	for (; *text != '\0' && len + 3 < size; text++) {
		if (*text == '~' || *text == '/') {
			buffer[len++] = '~';
			buffer[len++] = *text == '~' ? '0' : '1';
		} else {
			buffer[len++] = *text;
		}
	}
	return len;
}

static void say(struct judging *judging, const char *name, long index, const char *sentence)
{
	char pointer[2 * LIMIT_NAME + 64];
	size_t len = 0;
	judging->good = false;
	for (size_t i = 0; i < judging->depth; i++)
		len = escaped(pointer, sizeof pointer, len, judging->outer[i]);
	if (name != NULL)
		len = escaped(pointer, sizeof pointer, len, name);
	if (index >= 0) {
		char number[24];
		snprintf(number, sizeof number, "%ld", index);
		len = escaped(pointer, sizeof pointer, len, number);
	}
	judging->wrong(judging->context, (struct slice) { pointer, len }, sentence);
}

static const struct change_member *member_find(const struct change_member *members, const char *name)
{
	for (; members->name != NULL; members++)
		if (strcmp(members->name, name) == 0)
			return members;
	return NULL;
}

static void unknown(struct judging *judging, const struct change_member *members, const char *name)
{
	char sentence[256], shown[65];
	struct nearest nearest = nearest_to(slice_from(name));
	for (; members->name != NULL; members++)
		if ((members->flags & MEMBER_READ_ONLY) == 0)
			nearest_offer(&nearest, slice_from(members->name));
	text_copy(shown, sizeof shown, text_is_clean(slice_from(name)) ? slice_from(name) : SLICE_OF("?"));
	const char *of = judging->depth > 0 ? judging->outer[judging->depth - 1] : judging->shape->noun;
	if (nearest.name.len > 0)
		snprintf(sentence, sizeof sentence, "%s has no '%s': did you mean '%s'?", of, shown, nearest.name.ptr);
	else
		snprintf(sentence, sizeof sentence, "%s has no '%s': leave it away", of, shown);
	say(judging, name, -1, sentence);
}

/* A number without a fraction is an integer, however it is written (JSON Schema 2020-12, validation §6.1.1). */
static bool is_integer(const json_t *value)
{
	if (json_is_integer(value))
		return true;
	const double number = json_is_real(value) ? json_real_value(value) : 0.5;
	return number >= -9007199254740991.0 && number <= 9007199254740991.0 && trunc(number) == number;
}

static bool has_type(enum member_type type, const json_t *value)
{
	switch (type) {
	case MEMBER_TEXT: return json_is_string(value);
	case MEMBER_BOOL: return json_is_boolean(value);
	case MEMBER_INTEGER: return is_integer(value);
	case MEMBER_LIST: return json_is_array(value);
	case MEMBER_OBJECT:
	case MEMBER_TEXTS: return json_is_object(value);
	}
	return false;
}

static const char *type_words(enum member_type type)
{
	switch (type) {
	case MEMBER_TEXT: return "a text";
	case MEMBER_BOOL: return "true or false";
	case MEMBER_INTEGER: return "a whole number";
	case MEMBER_LIST: return "a list of texts";
	case MEMBER_OBJECT: return "an object";
	case MEMBER_TEXTS: return "an object of texts";
	}
	return "something else";
}

static size_t characters(const char *text)
{
	size_t count = 0;
	for (; *text != '\0'; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

/* When a secret was used last is no part of what an administrator sends back: it goes on meanwhile. */
static bool equal_as_read(const json_t *sent, const json_t *present)
{
	if (!json_is_array(sent) || !json_is_array(present) || json_array_size(sent) != json_array_size(present))
		return json_equal(sent, present);
	bool equal = true;
	for (size_t i = 0; i < json_array_size(sent) && equal; i++) {
		json_t *a = json_copy(json_array_get(sent, i)), *b = json_copy(json_array_get(present, i));
		(void)json_object_del(a, "last_used_at");
		(void)json_object_del(b, "last_used_at");
		equal = json_equal(a, b) != 0;
		json_decref(a);
		json_decref(b);
	}
	return equal;
}

/* Read-only members, and the key: as they are, or not at all. False: nothing is left to judge. */
static bool fixed_judge(struct judging *judging, const struct change_member *member, const json_t *value)
{
	char sentence[256];
	const json_t *present = json_object_get(judging->present, member->name);
	if ((member->flags & MEMBER_READ_ONLY) != 0) {
		if (judging->present == NULL)
			snprintf(sentence, sizeof sentence, "%s is read-only: leave it away", member->name);
		else
			snprintf(sentence, sizeof sentence, "%s is read-only: send it as it was read, or leave it away", member->name);
		if (judging->present == NULL || !equal_as_read(value, present))
			say(judging, member->name, -1, sentence);
		return false;
	}
	if ((member->flags & MEMBER_KEY) == 0 || judging->present == NULL || !json_is_string(value))
		return true;
	const struct slice sent = { json_string_value(value), json_string_length(value) };
	snprintf(sentence, sizeof sentence, "%s names the %s and cannot be changed: it is the one in the address", member->name, judging->shape->noun);
	if (!slice_equal(sent, judging->key))
		say(judging, member->name, -1, sentence);
	return false;
}

static void members_judge(struct judging *, const struct change_member *, const json_t *object);

/* What stands in a list or object is text. */
static void entries_judge(struct judging *judging, const struct change_member *member, const json_t *value)
{
	for (size_t i = 0; member->type == MEMBER_LIST && i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			say(judging, member->name, (long)i, "an entry of the list is a text");
	if (member->type != MEMBER_TEXTS)
		return;
	for (void *at = json_object_iter((json_t *)value); at != NULL; at = json_object_iter_next((json_t *)value, at)) {
		if (json_is_string(json_object_iter_value(at)))
			continue;
		judging->outer[judging->depth++] = member->name;
		say(judging, json_object_iter_key(at), -1, "the value is a text");
		judging->depth--;
	}
}

static void value_judge(struct judging *judging, const struct change_member *member, const json_t *value)
{
	char sentence[256];
	const bool nullable = (member->flags & MEMBER_NULLABLE) != 0;
	if (!fixed_judge(judging, member, value) || (json_is_null(value) && nullable))
		return;
	if (!has_type(member->type, value)) {
		snprintf(sentence, sizeof sentence, "%s is %s%s", member->name, type_words(member->type), nullable ? ", or null" : "");
		say(judging, member->name, -1, sentence);
		return;
	}
	entries_judge(judging, member, value);
	if ((member->flags & MEMBER_KEY) != 0 && json_string_length(value) == 0) {
		snprintf(sentence, sizeof sentence, "%s is empty: give a name, or leave it away where one is made", member->name);
		say(judging, member->name, -1, sentence);
	}
	if ((member->flags & MEMBER_PASSWORD) != 0 && characters(json_string_value(value)) < LIMIT_PASSWORD_MIN) {
		snprintf(sentence, sizeof sentence, "a password has at least %d characters", LIMIT_PASSWORD_MIN);
		say(judging, member->name, -1, sentence);
	}
	if (member->type == MEMBER_OBJECT && member->inside != NULL) {
		judging->outer[judging->depth++] = member->name;
		members_judge(judging, member->inside, value);
		judging->depth--;
	}
}

static void members_judge(struct judging *judging, const struct change_member *members, const json_t *object)
{
	const char *name;
	const json_t *value;
	/* jansson has no iteration over a const object */
	for (void *at = json_object_iter((json_t *)object); at != NULL; at = json_object_iter_next((json_t *)object, at)) {
		name = json_object_iter_key(at);
		value = json_object_iter_value(at);
		const struct change_member *member = member_find(members, name);
		if (member == NULL)
			unknown(judging, members, name);
		else
			value_judge(judging, member, value);
	}
}

static void needed_judge(struct judging *judging, const json_t *body)
{
	char sentence[256];
	for (const struct change_member *member = judging->shape->members; member->name != NULL; member++) {
		if ((member->flags & MEMBER_NEEDED) == 0 || json_object_get(body, member->name) != NULL)
			continue;
		snprintf(sentence, sizeof sentence, "%s is missing: a new %s needs it", member->name, judging->shape->noun);
		say(judging, member->name, -1, sentence);
	}
}

bool change_judge(const struct change_shape *shape, const json_t *body, const json_t *present, struct slice key, change_wrong *wrong, void *context)
{
	struct judging judging = { .shape = shape, .present = present, .key = key, .wrong = wrong, .context = context, .good = true };
	members_judge(&judging, shape->members, body);
	if (present == NULL)
		needed_judge(&judging, body);
	return judging.good;
}

/* ---- the object of the document ---- */

/* RFC 7396 §2 */
static bool merge(json_t *target, const json_t *patch)
{
	for (void *at = json_object_iter((json_t *)patch); at != NULL; at = json_object_iter_next((json_t *)patch, at)) {
		const char *name = json_object_iter_key(at);
		json_t *value = json_object_iter_value(at), *present = json_object_get(target, name);
		if (json_is_null(value)) {
			(void)json_object_del(target, name);
		} else if (!json_is_object(value)) {
			if (json_object_set(target, name, value) != 0)
				return false;
		} else {
			json_t *inner = json_is_object(present) ? json_deep_copy(present) : json_object();
			if (inner == NULL || !merge(inner, value) || json_object_set_new(target, name, inner) != 0)
				return false;
		}
	}
	return true;
}

static json_t *merged(const json_t *value, const json_t *present)
{
	json_t *object = json_is_object(present) ? json_deep_copy(present) : json_object();
	if (object == NULL || !merge(object, value)) {
		json_decref(object);
		return NULL;
	}
	if (json_object_size(object) > 0)
		return object;
	json_decref(object);
	return json_null();
}

static json_t *null_of(const struct change_member *member, struct slice key)
{
	if ((member->flags & MEMBER_KIND) != 0)
		return json_string(permission_kind_name(permission_kind_of_name(key)));
	return member->null_as == NULL ? json_null() : json_loads(member->null_as, JSON_DECODE_ANY, NULL);
}

static bool member_put(json_t *object, const struct change_member *member, json_t *value, const json_t *present, struct slice key)
{
	const char *name = member->name;
	json_t *put;
	if (json_is_null(value) && (member->flags & MEMBER_PASSWORD) != 0) {
		name = "password_hash";
		put = json_null();
	} else if (json_is_null(value)) {
		put = null_of(member, key);
	} else if ((member->flags & MEMBER_MERGED) != 0) {
		put = merged(value, json_object_get(present, member->name));
	} else if (member->type == MEMBER_INTEGER && json_is_real(value)) {
		put = json_integer((json_int_t)json_real_value(value));
	} else {
		put = json_incref(value);
	}
	return put != NULL && json_object_set_new(object, name, put) == 0;
}

json_t *change_object(const struct change_shape *shape, const json_t *body, const json_t *present, struct slice key)
{
	json_t *object = json_object();
	bool good = object != NULL;
	for (const struct change_member *member = shape->members; good && member->name != NULL; member++) {
		json_t *value = json_object_get(body, member->name);
		if ((member->flags & MEMBER_READ_ONLY) != 0)
			continue;
		if ((member->flags & MEMBER_KEY) != 0 && present != NULL)
			good = json_object_set_new(object, member->name, json_stringn(key.ptr, key.len)) == 0;
		else if (value != NULL)
			good = member_put(object, member, value, present, key);
	}
	if (good)
		return object;
	json_decref(object);
	return NULL;
}
