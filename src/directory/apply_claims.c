/* The standard claims of a person (OpenID Connect Core §5.1), typed by a table; kept as compact JSON with sorted keys,
 * so that the same claims are the same bytes. */
#include "directory/apply_read.h"

#include "base/clock.h"
#include "base/text.h"
#include "directory/apply_nearest.h"

#include <stdlib.h>

enum { CLAIM_TEXT_MAX = 2048, CLOCKS_DIFFER_S = 86400 };

enum claim_type { CLAIM_TEXT, CLAIM_BOOL, CLAIM_NUMBER, CLAIM_ADDRESS, CLAIM_ELSEWHERE };

struct claim {
	struct slice name;
	enum claim_type type;
	enum result (*rule)(struct slice, struct problem *); /* NULL: any text */
};

static const struct claim claims[] = {
	{ SLICE("name"), CLAIM_TEXT, NULL },
	{ SLICE("given_name"), CLAIM_TEXT, NULL },
	{ SLICE("family_name"), CLAIM_TEXT, NULL },
	{ SLICE("middle_name"), CLAIM_TEXT, NULL },
	{ SLICE("nickname"), CLAIM_TEXT, NULL },
	{ SLICE("preferred_username"), CLAIM_TEXT, NULL },
	{ SLICE("profile"), CLAIM_TEXT, rule_web_address },
	{ SLICE("picture"), CLAIM_TEXT, rule_web_address },
	{ SLICE("website"), CLAIM_TEXT, rule_web_address },
	{ SLICE("email_verified"), CLAIM_BOOL, NULL },
	{ SLICE("gender"), CLAIM_TEXT, NULL },
	{ SLICE("birthdate"), CLAIM_TEXT, rule_birthdate },
	{ SLICE("zoneinfo"), CLAIM_TEXT, rule_zoneinfo },
	{ SLICE("locale"), CLAIM_TEXT, rule_locale },
	{ SLICE("phone_number"), CLAIM_TEXT, NULL },
	{ SLICE("phone_number_verified"), CLAIM_BOOL, NULL },
	{ SLICE("address"), CLAIM_ADDRESS, NULL },
	{ SLICE("updated_at"), CLAIM_NUMBER, NULL },
	{ SLICE("sub"), CLAIM_ELSEWHERE, NULL },
	{ SLICE("email"), CLAIM_ELSEWHERE, NULL },
};

/* Core §5.1.1 */
static const struct claim address_members[] = {
	{ SLICE("formatted"), CLAIM_TEXT, NULL },   { SLICE("street_address"), CLAIM_TEXT, NULL }, { SLICE("locality"), CLAIM_TEXT, NULL },
	{ SLICE("region"), CLAIM_TEXT, NULL },      { SLICE("postal_code"), CLAIM_TEXT, NULL },    { SLICE("country"), CLAIM_TEXT, NULL },
};

static enum result mapping_read(struct document *, const char *what, const struct claim *, size_t count, json_t *into);

static enum result no_memory(struct document *document)
{
	return document_fail(document, 0, RESULT_NO_MEMORY, "memory is out");
}

/* Line breaks are part of addresses (Core §5.1.1). */
static bool text_fits(struct slice text)
{
	if (text.len > CLAIM_TEXT_MAX)
		return false;
	struct slice rest = text, line;
	while (slice_cut(&rest, '\n', &line))
		if (!text_is_clean(line))
			return false;
	return true;
}

/* *ret stays NULL for a text without anything in it: a claim that says nothing is left out (Core §5.3.2). */
static enum result text_read(struct document *document, const struct claim *claim, struct slice text, json_t **ret)
{
	struct problem problem;
	unsigned line = document_line(document);
	if (!text_fits(text))
		return document_fail(document, line, RESULT_INVALID, "the claim %s is longer than %d bytes or has control characters in it", claim->name.ptr,
		                     CLAIM_TEXT_MAX);
	if (slice_trim(text).len == 0)
		return RESULT_OK;
	if (claim->rule != NULL && claim->rule(text, &problem) != RESULT_OK)
		return document_fail(document, line, RESULT_INVALID, "the claim %s: %s", claim->name.ptr, problem.text);
	*ret = json_stringn(text.ptr, text.len);
	return *ret == NULL ? no_memory(document) : RESULT_OK;
}

/* The same for null. */
static enum result scalar_read(struct document *document, const struct claim *claim, json_t **ret)
{
	struct document_scalar scalar;
	enum result result = document_scalar(document, claim->name.ptr, &scalar);
	if (result != RESULT_OK || document_scalar_is_null(&scalar))
		return result;
	unsigned line = document_line(document);
	int64_t number;
	switch (claim->type) {
	case CLAIM_TEXT: return text_read(document, claim, scalar.text, ret);
	case CLAIM_BOOL:
		if (!scalar.plain || (!slice_is(scalar.text, "true") && !slice_is(scalar.text, "false")))
			return document_fail(document, line, RESULT_INVALID, "the claim %s is true or false, without quotes", claim->name.ptr);
		*ret = json_boolean(slice_is(scalar.text, "true"));
		break;
	default:
		if (!scalar.plain || text_to_int(scalar.text, INT64_C(1) << 53, &number) != RESULT_OK)
			return document_fail(document, line, RESULT_INVALID, "the claim %s is a whole number of seconds", claim->name.ptr);
		if (number > clock_s() + CLOCKS_DIFFER_S)
			return document_fail(document, line, RESULT_INVALID, "the claim %s is still to come: write seconds since 1970, not milliseconds",
			                     claim->name.ptr);
		*ret = json_integer(number);
		break;
	}
	return *ret == NULL ? no_memory(document) : RESULT_OK;
}

static enum result value_read(struct document *document, const struct claim *claim, json_t **ret)
{
	if (claim->type == CLAIM_ELSEWHERE)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is a field of the person, not of the claims: move it up",
		                     claim->name.ptr);
	if (claim->type != CLAIM_ADDRESS)
		return scalar_read(document, claim, ret);
	json_t *address = json_object();
	if (address == NULL)
		return no_memory(document);
	enum result result = mapping_read(document, "address", address_members, FIELD_COUNT(address_members), address);
	if (result != RESULT_OK || json_object_size(address) == 0)
		json_decref(address);
	else
		*ret = address;
	return result;
}

/* Core §5.2: "name#ja" is the name in Japanese. */
static const struct claim *claim_find(struct slice key, const struct claim *table, size_t count)
{
	const char *tag = memchr(key.ptr, '#', key.len);
	struct slice name = tag == NULL ? key : slice_first(key, (size_t)(tag - key.ptr));
	for (size_t i = 0; i < count; i++)
		if (slice_equal(name, table[i].name) && (tag == NULL || table[i].type == CLAIM_TEXT))
			return &table[i];
	return NULL;
}

static enum result unknown(struct document *document, const char *what, struct slice key, const struct claim *table, size_t count)
{
	struct nearest nearest = nearest_to(key);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, table[i].name);
	if (nearest.name.len > 0)
		return document_fail(document, document_line(document), RESULT_INVALID, "'%.64s' is no standard member of %s: did you mean '%s'?", key.ptr,
		                     what, nearest.name.ptr);
	return document_fail(document, document_line(document), RESULT_INVALID, "'%.64s' is no standard member of %s (OpenID Connect Core section 5.1)",
	                     key.ptr, what);
}

static enum result member_read(struct document *document, const char *what, struct slice key, const struct claim *table, size_t count,
                               json_t *into)
{
	char name[LIMIT_ID + 1];
	if (key.len == 0 || key.len > LIMIT_ID || !text_is_printable_ascii(key))
		return document_fail(document, document_line(document), RESULT_INVALID, "a key of %s is not printable ASCII of at most %d bytes", what, LIMIT_ID);
	const struct claim *claim = claim_find(key, table, count);
	if (claim == NULL)
		return unknown(document, what, key, table, count);
	text_copy(name, sizeof name, key);
	if (json_object_get(into, name) != NULL)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s stands twice in %s", name, what);
	json_t *value = NULL;
	enum result result = value_read(document, claim, &value);
	if (result == RESULT_OK && value != NULL && json_object_set_new(into, name, value) != 0)
		return no_memory(document);
	return result;
}

/* Bounded: a tagged claim may come often, so the whole is measured as it grows. */
static enum result mapping_read(struct document *document, const char *what, const struct claim *table, size_t count, json_t *into)
{
	enum result result = document_mapping(document, what);
	bool more = true;
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		if (json_object_size(into) == LIMIT_CLAIMS_SIZE / 64)
			return document_fail(document, document_line(document), RESULT_INVALID, "%s has more than %d members", what, LIMIT_CLAIMS_SIZE / 64);
		result = member_read(document, what, key, table, count, into);
	}
	return result;
}

enum result claims_read(struct document *document, const struct field *field, struct arena *arena, void *slice)
{
	json_t *object = json_object();
	if (object == NULL)
		return no_memory(document);
	unsigned line = document_line(document);
	enum result result = mapping_read(document, field->key.ptr, claims, FIELD_COUNT(claims), object);
	struct slice text = SLICE("");
	if (result == RESULT_OK && json_object_size(object) > 0) {
		char *dumped = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
		if (dumped != NULL)
			text = arena_copy(arena, slice_from(dumped));
		free(dumped);
		if (text.len == 0)
			result = no_memory(document);
		else if (text.len > (size_t)field->limit)
			result = document_fail(document, line, RESULT_INVALID, "the claims are longer than %lld bytes", (long long)field->limit);
	}
	json_decref(object);
	if (result == RESULT_OK)
		*(struct slice *)slice = text;
	return result;
}
