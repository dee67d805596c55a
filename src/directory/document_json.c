#include "directory/document.h"

#include "base/limits.h"
#include "base/text.h"

static enum result value_read(struct document *, const char *what, size_t *left, json_t **ret);

static enum result no_memory(struct document *document)
{
	return document_fail(document, 0, RESULT_NO_MEMORY, "memory is out");
}

/* A JSON number (RFC 8259 §6): so that 0123, 1_000 and .inf stay texts. */
static bool is_json_number(struct slice text, bool *ret_integer)
{
	size_t at = 0;
	bool integer = true;
	if (at < text.len && text.ptr[at] == '-')
		at++;
	size_t digits = at;
	while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
		at++;
	if (at == digits || (text.ptr[digits] == '0' && at > digits + 1))
		return false;
	if (at < text.len && text.ptr[at] == '.') {
		integer = false;
		digits = ++at;
		while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
			at++;
		if (at == digits)
			return false;
	}
	*ret_integer = integer;
	return at == text.len;
}

static json_t *plain_value(const struct document_scalar *scalar)
{
	struct slice text = scalar->text;
	if (document_scalar_is_null(scalar))
		return json_null();
	if (slice_is(text, "true") || slice_is(text, "True") || slice_is(text, "TRUE"))
		return json_true();
	if (slice_is(text, "false") || slice_is(text, "False") || slice_is(text, "FALSE"))
		return json_false();
	bool integer;
	json_t *number = NULL;
	/* beyond 18 digits a number would change by being read: it stays a text */
	if (text.len <= 18 && is_json_number(text, &integer))
		number = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);
	return number != NULL ? number : json_stringn(text.ptr, text.len);
}

static enum result scalar_read(struct document *document, const char *what, size_t *left, json_t **ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = document_scalar(document, what, &scalar);
	if (result != RESULT_OK)
		return result;
	if (scalar.text.len > *left)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is too large", what);
	*left -= scalar.text.len;
	*ret = scalar.plain ? plain_value(&scalar) : json_stringn(scalar.text.ptr, scalar.text.len);
	return *ret == NULL ? no_memory(document) : RESULT_OK;
}

static enum result list_read(struct document *document, const char *what, size_t *left, json_t *list)
{
	enum result result = document_list(document, what);
	bool more = true;
	while (result == RESULT_OK) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			return result;
		json_t *value = NULL;
		result = value_read(document, what, left, &value);
		if (result == RESULT_OK && json_array_append_new(list, value) != 0)
			result = no_memory(document);
	}
	return result;
}

static enum result member_read(struct document *document, const char *what, size_t *left, struct slice key, json_t *mapping)
{
	char name[LIMIT_NAME + 1];
	if (key.len > LIMIT_NAME || key.len > *left || !text_is_clean(key))
		return document_fail(document, document_line(document), RESULT_INVALID, "a key in %s is too long, or no clean text", what);
	text_copy(name, sizeof name, key);
	*left -= key.len;
	if (json_object_get(mapping, name) != NULL)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s stands twice in %s", name, what);
	json_t *value = NULL;
	enum result result = value_read(document, what, left, &value);
	if (result == RESULT_OK && json_object_set_new(mapping, name, value) != 0)
		result = no_memory(document);
	return result;
}

static enum result mapping_read(struct document *document, const char *what, size_t *left, json_t *mapping)
{
	enum result result = document_mapping(document, what);
	bool more = true;
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = member_read(document, what, left, key, mapping);
	}
	return result;
}

/* Recursion is bounded by LIMIT_APPLY_DEPTH, which document_list and document_mapping enforce. */
static enum result value_read(struct document *document, const char *what, size_t *left, json_t **ret)
{
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result != RESULT_OK)
		return result;
	/* empty lists and mappings count too, so that many of them are bounded as well */
	if (*left < 2)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is too large", what);
	*left -= 2;
	if (kind == DOCUMENT_SCALAR)
		return scalar_read(document, what, left, ret);
	json_t *value = kind == DOCUMENT_LIST ? json_array() : json_object();
	if (value == NULL)
		return no_memory(document);
	result = kind == DOCUMENT_LIST ? list_read(document, what, left, value) : mapping_read(document, what, left, value);
	if (result != RESULT_OK)
		json_decref(value);
	else
		*ret = value;
	return result;
}

enum result document_json(struct document *document, const char *what, size_t size_max, json_t **ret)
{
	size_t left = size_max;
	return value_read(document, what, &left, ret);
}
