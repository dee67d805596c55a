/* The public keys of a client application (RFC 7517), for private_key_jwt; kept as compact JSON with sorted keys. */
#include "directory/apply_read.h"

#include <stdlib.h>

static bool has_text(const json_t *key, const char *member, size_t least)
{
	const json_t *value = json_object_get(key, member);
	return json_is_string(value) && json_string_length(value) >= least;
}

/* RFC 7518 §6.2.2, §6.3.2, §6.4.1: what makes a key private, or a shared secret. */
static bool is_private(const json_t *key)
{
	static const char *const members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (json_object_get(key, members[i]) != NULL)
			return true;
	return false;
}

/* 2048 bits are 342 base64url characters. */
static bool is_usable(const json_t *key)
{
	const char *type = json_string_value(json_object_get(key, "kty"));
	if (type == NULL)
		return false;
	if (strcmp(type, "RSA") == 0)
		return has_text(key, "n", 342) && has_text(key, "e", 1);
	return strcmp(type, "EC") == 0 && has_text(key, "crv", 1) && has_text(key, "x", 1) && has_text(key, "y", 1);
}

static enum result keys_judge(struct document *document, unsigned line, const json_t *set)
{
	const json_t *keys = json_object_get(set, "keys");
	if (!json_is_array(keys) || json_array_size(keys) == 0)
		return document_fail(document, line, RESULT_INVALID, "jwks is a key set: write {keys: [...]} (RFC 7517 section 5)");
	for (size_t i = 0; i < json_array_size(keys); i++) {
		const json_t *key = json_array_get(keys, i);
		if (is_private(key))
			return document_fail(document, line, RESULT_INVALID,
			                     "key %zu of jwks is private or a shared secret: write its public part only, and make a new key", i + 1);
		if (!is_usable(key))
			return document_fail(document, line, RESULT_INVALID, "key %zu of jwks is no RSA key of 2048 bits or more and no EC key", i + 1);
	}
	return RESULT_OK;
}

enum result jwks_read(struct document *document, const struct field *field, struct arena *arena, void *slice)
{
	unsigned line = document_line(document);
	json_t *set;
	enum result result = document_json(document, field->key.ptr, (size_t)field->limit / 2, &set);
	if (result != RESULT_OK)
		return result;
	struct slice text = SLICE("");
	if (!json_is_null(set)) {
		result = keys_judge(document, line, set);
		char *dumped = result == RESULT_OK ? json_dumps(set, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
		if (dumped != NULL)
			text = arena_copy(arena, slice_from(dumped));
		free(dumped);
		if (result == RESULT_OK && (text.len == 0 || text.len > (size_t)field->limit))
			result = document_fail(document, line, RESULT_INVALID, "jwks is longer than %lld bytes", (long long)field->limit);
	}
	json_decref(set);
	if (result == RESULT_OK)
		*(struct slice *)slice = text;
	return result;
}
