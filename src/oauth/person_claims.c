#include "oauth/person_claims.h"

#include "jose/json_strict.h"

#include <stdlib.h>

struct standard_claim {
	struct slice name;
	struct slice scope; /* that asks for it; empty: only the claims parameter does (address and phone are not offered) */
	struct slice words; /* whose words ask for consent, where scope is empty */
};

static const struct standard_claim standard_claims[] = {
	{ SLICE("name"), SLICE("profile"), SLICE("") },
	{ SLICE("given_name"), SLICE("profile"), SLICE("") },
	{ SLICE("family_name"), SLICE("profile"), SLICE("") },
	{ SLICE("middle_name"), SLICE("profile"), SLICE("") },
	{ SLICE("nickname"), SLICE("profile"), SLICE("") },
	{ SLICE("preferred_username"), SLICE("profile"), SLICE("") },
	{ SLICE("profile"), SLICE("profile"), SLICE("") },
	{ SLICE("picture"), SLICE("profile"), SLICE("") },
	{ SLICE("website"), SLICE("profile"), SLICE("") },
	{ SLICE("email"), SLICE("email"), SLICE("") },
	{ SLICE("email_verified"), SLICE("email"), SLICE("") },
	{ SLICE("gender"), SLICE("profile"), SLICE("") },
	{ SLICE("birthdate"), SLICE("profile"), SLICE("") },
	{ SLICE("zoneinfo"), SLICE("profile"), SLICE("") },
	{ SLICE("locale"), SLICE("profile"), SLICE("") },
	{ SLICE("phone_number"), SLICE(""), SLICE("phone") },
	{ SLICE("phone_number_verified"), SLICE(""), SLICE("phone") },
	{ SLICE("address"), SLICE(""), SLICE("address") },
	{ SLICE("updated_at"), SLICE("profile"), SLICE("") },
};
#define CLAIM_COUNT (sizeof standard_claims / sizeof standard_claims[0])

/* RFC 5646: letters, digits and hyphens. */
static bool is_language_tag(struct slice tag)
{
	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return tag.len > 0;
}

static const struct standard_claim *find_claim(struct slice name)
{
	struct slice rest = name;
	struct slice base;
	if (!slice_cut(&rest, '#', &base) || (rest.ptr != NULL && !is_language_tag(rest)))
		return NULL;
	for (size_t i = 0; i < CLAIM_COUNT; i++)
		if (slice_equal(standard_claims[i].name, base))
			return &standard_claims[i];
	return NULL;
}

bool person_claim_is_known(struct slice name)
{
	return find_claim(name) != NULL;
}

struct slice person_claim_scope(struct slice name)
{
	const struct standard_claim *claim = find_claim(name);
	if (claim == NULL)
		return SLICE_OF("profile");
	return claim->scope.len > 0 ? claim->scope : claim->words;
}

struct slice person_claim_at(size_t index)
{
	return index < CLAIM_COUNT ? standard_claims[index].name : (struct slice) { NULL, 0 };
}

/* A claim that says nothing is left out, not empty (§5.3.2). */
static bool says_nothing(const json_t *value)
{
	return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0) ||
	       (json_is_object(value) && json_object_size(value) == 0);
}

static enum result write_value(struct writer *writer, const char *name, const json_t *value)
{
	if (says_nothing(value))
		return RESULT_OK;
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	if (text == NULL)
		return RESULT_NO_MEMORY;
	writer_json_key(writer, name);
	writer_text(writer, text);
	free(text);
	return RESULT_OK;
}

/* What the directory says of a person stands above what the claims say. object NULL: the person has no claims. */
static enum result write_claim(struct writer *writer, const struct person *person, const json_t *object, const char *name)
{
	if (strcmp(name, "email") == 0) {
		if (person->email.len > 0)
			writer_json_member(writer, name, person->email);
		return RESULT_OK;
	}
	if (strcmp(name, "email_verified") == 0 && person->email.len == 0)
		return RESULT_OK;
	if (strcmp(name, "preferred_username") == 0 && person->kind == PERSON_USER) {
		writer_json_member(writer, name, person->username);
		return RESULT_OK;
	}
	const json_t *value = json_object_get(object, name);
	return value == NULL ? RESULT_OK : write_value(writer, name, value);
}

/* Names with a language tag: only by the claims parameter, and only as they stand (§5.2). */
static enum result write_tagged(struct writer *writer, const json_t *object, struct slice names)
{
	enum result result = RESULT_OK;
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)object, key, value)
		if (result == RESULT_OK && strchr(key, '#') != NULL && slice_has_word(names, slice_from(key)) && person_claim_is_known(slice_from(key)))
			result = write_value(writer, key, value);
	return result;
}

enum result person_claims_write(struct writer *writer, const struct person *person, struct slice scope, struct slice names)
{
	json_t *object = NULL;
	if (person->claims.len > 0 && json_object_parse(person->claims, &object) != RESULT_OK)
		return RESULT_INVALID;
	enum result result = RESULT_OK;
	for (size_t i = 0; i < CLAIM_COUNT && result == RESULT_OK; i++) {
		const struct standard_claim *claim = &standard_claims[i];
		if ((claim->scope.len > 0 && slice_has_word(scope, claim->scope)) || slice_has_word(names, claim->name))
			result = write_claim(writer, person, object, claim->name.ptr);
	}
	if (result == RESULT_OK)
		result = write_tagged(writer, object, names);
	json_decref(object);
	return result == RESULT_OK && !writer_ok(writer) ? RESULT_NO_MEMORY : result;
}
