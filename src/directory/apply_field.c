#include "directory/apply_field.h"

#include "base/text.h"
#include "directory/apply_nearest.h"
#include "directory/apply_time.h"

static enum result no_memory(struct document *document)
{
	return document_fail(document, document_line(document), RESULT_INVALID, "the object is larger than %d bytes in all",
	                     LIMIT_APPLY_OBJECT_SIZE);
}

static enum result scalar_of(struct document *document, const struct field *field, struct document_scalar *ret)
{
	return document_scalar(document, field->key.ptr, ret);
}

static bool is_clean(const struct field *field, struct slice text)
{
	struct slice line;
	if (!field->lines)
		return text_is_clean(text);
	while (slice_cut(&text, '\n', &line))
		if (!text_is_clean(line))
			return false;
	return true;
}

static enum result text_judge(struct document *document, const struct field *field, struct slice text)
{
	struct problem problem;
	if (!is_clean(field, text))
		return document_fail(document, document_line(document), RESULT_INVALID, "%s has control characters in it", field->key.ptr);
	if (field->rule != NULL && field->rule(text, &problem) != RESULT_OK)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s: %s", field->key.ptr, problem.text);
	return RESULT_OK;
}

static enum result text_read(struct document *document, const struct field *field, struct arena *arena, struct slice *ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = scalar_of(document, field, &scalar);
	if (result != RESULT_OK)
		return result;
	if (document_scalar_is_null(&scalar) || scalar.text.len == 0) {
		*ret = SLICE_OF("");
		return RESULT_OK;
	}
	if (scalar.text.len > (size_t)field->limit)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is longer than %lld bytes", field->key.ptr,
		                     (long long)field->limit);
	result = text_judge(document, field, scalar.text);
	if (result != RESULT_OK)
		return result;
	*ret = arena_copy(arena, scalar.text);
	return ret->ptr == NULL ? no_memory(document) : RESULT_OK;
}

/* YAML core schema (YAML 1.2 §10.3.2): quoted is text. */
static enum result bool_read(struct document *document, const struct field *field, bool *ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = scalar_of(document, field, &scalar);
	if (result != RESULT_OK)
		return result;
	bool yes = slice_is(scalar.text, "true") || slice_is(scalar.text, "True") || slice_is(scalar.text, "TRUE");
	bool no = slice_is(scalar.text, "false") || slice_is(scalar.text, "False") || slice_is(scalar.text, "FALSE");
	if (!scalar.plain || (!yes && !no))
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is true or false, without quotes", field->key.ptr);
	*ret = yes;
	return RESULT_OK;
}

static enum result integer_read(struct document *document, const struct field *field, int64_t *ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = scalar_of(document, field, &scalar);
	if (result != RESULT_OK)
		return result;
	int64_t value;
	if (!scalar.plain || text_to_int(scalar.text, field->limit, &value) != RESULT_OK || value < field->least)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is a number from %lld to %lld", field->key.ptr,
		                     (long long)field->least, (long long)field->limit);
	*ret = value;
	return RESULT_OK;
}

static enum result time_read(struct document *document, const struct field *field, int64_t *ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = scalar_of(document, field, &scalar);
	if (result != RESULT_OK)
		return result;
	if (document_scalar_is_null(&scalar)) {
		*ret = 0;
		return RESULT_OK;
	}
	if (apply_time_parse(scalar.text, ret) != RESULT_OK)
		return document_fail(document, document_line(document), RESULT_INVALID,
		                     "%s is a time like 2027-01-31T12:00:00Z, or seconds since 1970", field->key.ptr);
	/* 0 stands for no time, and what ended then would never end */
	if (*ret == 0)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s is the beginning of 1970: write a later time, or null for none",
		                     field->key.ptr);
	return RESULT_OK;
}

/* "web or spa", for messages. */
static void names_print(const struct field *field, char *buffer, size_t size)
{
	size_t len = 0;
	buffer[0] = '\0';
	for (size_t i = 0; i < field->name_count && len + field->names[i].text.len + 5 < size; i++) {
		text_copy(buffer + len, size - len, i == 0 ? SLICE_OF("") : SLICE_OF(" or "));
		len += i == 0 ? 0 : 4;
		text_copy(buffer + len, size - len, field->names[i].text);
		len += field->names[i].text.len;
	}
}

static enum result named_read(struct document *document, const struct field *field, int *ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = scalar_of(document, field, &scalar);
	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < field->name_count; i++) {
		if (slice_equal(scalar.text, field->names[i].text)) {
			*ret = field->names[i].value;
			return RESULT_OK;
		}
	}
	char names[128];
	names_print(field, names, sizeof names);
	return document_fail(document, document_line(document), RESULT_INVALID, "%s is %s", field->key.ptr, names);
}

const struct slice *field_name_of(const struct field *field, int value)
{
	for (size_t i = 0; i < field->name_count; i++)
		if (field->names[i].value == value)
			return &field->names[i].text;
	return NULL;
}

static enum result flags_read(struct document *document, const struct field *field, unsigned *ret)
{
	unsigned flags = 0;
	bool more = true;
	enum result result = document_list(document, field->key.ptr);
	while (result == RESULT_OK) {
		result = document_item(document, &more);
		if (result == RESULT_OK && !more)
			*ret = flags;
		if (result != RESULT_OK || !more)
			return result;
		int flag = 0;
		result = named_read(document, field, &flag);
		flags |= (unsigned)flag;
	}
	return result;
}

struct words {
	char *bytes;
	size_t len, capacity, count;
	unsigned *lines;
	size_t line_capacity;
};

static bool line_add(struct words *words, struct arena *arena, unsigned line)
{
	if (words->count == words->line_capacity) {
		size_t capacity = words->line_capacity == 0 ? 8 : words->line_capacity * 2;
		unsigned *lines = arena_array(arena, capacity, sizeof *lines);
		if (lines == NULL)
			return false;
		if (words->count > 0)
			memcpy(lines, words->lines, words->count * sizeof *lines);
		words->lines = lines;
		words->line_capacity = capacity;
	}
	words->lines[words->count] = line;
	return true;
}

/* Doubling leaves at most as much behind in the arena as it holds. */
static bool words_add(struct words *words, struct arena *arena, struct slice word)
{
	size_t len = words->len + (words->count > 0) + word.len;
	if (len > words->capacity) {
		size_t capacity = len * 2 < 128 ? 128 : len * 2;
		char *bytes = arena_alloc(arena, capacity);
		if (bytes == NULL)
			return false;
		if (words->len > 0)
			memcpy(bytes, words->bytes, words->len);
		words->bytes = bytes;
		words->capacity = capacity;
	}
	if (words->count > 0)
		words->bytes[words->len++] = ' ';
	memcpy(words->bytes + words->len, word.ptr, word.len);
	words->len += word.len;
	words->count++;
	return true;
}

static bool words_have(const struct words *words, struct slice word)
{
	struct slice rest = { words->bytes, words->len }, known;
	while (slice_word(&rest, &known))
		if (slice_equal(known, word))
			return true;
	return false;
}

static enum result word_read(struct document *document, const struct field *field, struct arena *arena, struct words *words)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = scalar_of(document, field, &scalar);
	if (result != RESULT_OK)
		return result;
	if (scalar.text.len == 0 || memchr(scalar.text.ptr, ' ', scalar.text.len) != NULL)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s: an entry is empty or has a space in it: write one name an entry",
		                     field->key.ptr);
	result = text_judge(document, field, scalar.text);
	if (result != RESULT_OK || words_have(words, scalar.text))
		return result;
	if (words->count == (size_t)field->limit)
		return document_fail(document, document_line(document), RESULT_INVALID, "%s has more than %lld entries", field->key.ptr,
		                     (long long)field->limit);
	return line_add(words, arena, document_line(document)) && words_add(words, arena, scalar.text) ? RESULT_OK : no_memory(document);
}

static enum result words_read(struct document *document, const struct field *field, struct arena *arena, struct reading *object)
{
	struct slice *ret = (struct slice *)(void *)((char *)object + field->offset);
	struct words words = { .bytes = NULL };
	bool more = true;
	enum result result = document_list(document, field->key.ptr);
	for (size_t items = 0; result == RESULT_OK; items++) {
		result = document_item(document, &more);
		if (result != RESULT_OK)
			return result;
		if (!more) {
			*ret = words.count == 0 ? SLICE_OF("") : (struct slice) { words.bytes, words.len };
			object->word_lines[field->bit] = words.lines;
			return RESULT_OK;
		}
		if (items == LIMIT_APPLY_LIST)
			return document_fail(document, document_line(document), RESULT_INVALID, "%s has more than %d entries", field->key.ptr, LIMIT_APPLY_LIST);
		result = word_read(document, field, arena, &words);
	}
	return result;
}

static void mapping_empty(const struct field *field, unsigned line, struct reading *object)
{
	for (size_t i = 0; i < field->field_count; i++) {
		const struct field *inner = &field->fields[i];
		object->given |= 1u << inner->bit;
		object->lines[inner->bit] = line;
	}
}

static enum result mapping_read(struct document *document, const struct field *field, struct arena *arena, struct reading *object)
{
	unsigned line = object->line;
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result == RESULT_OK)
		result = fields_read(document, field->key.ptr, field->fields, field->field_count, arena, object);
	object->line = line;
	if (result == RESULT_OK && kind == DOCUMENT_SCALAR)
		mapping_empty(field, document_line(document), object);
	return result;
}

static enum result value_read(struct document *document, const struct field *field, struct arena *arena, struct reading *object)
{
	void *at = (char *)object + field->offset;
	switch (field->kind) {
	case FIELD_TEXT: return text_read(document, field, arena, at);
	case FIELD_BOOL: return bool_read(document, field, at);
	case FIELD_INTEGER: return integer_read(document, field, at);
	case FIELD_TIME: return time_read(document, field, at);
	case FIELD_NAMED: return named_read(document, field, at);
	case FIELD_WORDS: return words_read(document, field, arena, object);
	case FIELD_FLAGS: return flags_read(document, field, at);
	case FIELD_MAPPING: return mapping_read(document, field, arena, object);
	case FIELD_JSON:
	case FIELD_READ: return field->read(document, field, arena, at);
	}
	return RESULT_INVALID;
}

static enum result unknown_key(struct document *document, const char *what, struct slice key, const struct field *fields, size_t count,
                               const struct slice *more, size_t more_count)
{
	struct nearest nearest = nearest_to(key);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, fields[i].key);
	for (size_t i = 0; i < more_count; i++)
		nearest_offer(&nearest, more[i]);
	char shown[65];
	text_copy(shown, sizeof shown, text_is_clean(key) ? key : SLICE_OF("?"));
	if (nearest.name.len > 0)
		return document_fail(document, document_line(document), RESULT_INVALID, "a %s has no '%s': did you mean '%s'?", what, shown, nearest.name.ptr);
	return document_fail(document, document_line(document), RESULT_INVALID, "a %s has no '%s': leave it away", what, shown);
}

enum result field_read_key(struct document *document, const char *what, struct slice key, const struct field *fields, size_t count,
                           const struct slice *more, size_t more_count, struct arena *arena, struct reading *object)
{
	unsigned line = document_line(document);
	for (size_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];
		if (!slice_equal(key, field->key))
			continue;
		if (reading_has(object, field->bit))
			return document_fail(document, line, RESULT_INVALID, "%s stands twice in this %s", field->key.ptr, what);
		enum result result = value_read(document, field, arena, object);
		object->given |= 1u << field->bit;
		object->lines[field->bit] = line;
		return result;
	}
	return unknown_key(document, what, key, fields, count, more, more_count);
}

unsigned reading_word_line(const struct reading *reading, unsigned bit, struct slice given, struct slice word)
{
	struct slice each;
	if (!reading_has(reading, bit))
		return reading->line;
	for (size_t i = 0; reading->word_lines[bit] != NULL && slice_word(&given, &each); i++)
		if (slice_equal(each, word))
			return reading->word_lines[bit][i];
	return reading->lines[bit];
}

enum result fields_read(struct document *document, const char *what, const struct field *fields, size_t count, struct arena *arena,
                        struct reading *object)
{
	enum result result = document_mapping(document, what);
	object->line = document_line(document);
	bool more = true;
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = field_read_key(document, what, key, fields, count, NULL, 0, arena, object);
	}
	return result;
}
