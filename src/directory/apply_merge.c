#include "directory/apply_merge.h"

#include "base/text.h"

enum { SHOWN_MAX = 80, SHOWN_WORDS = 20 };

struct difference difference_new(struct arena *arena)
{
	return (struct difference) { .words = writer_new(arena, 256) };
}

void difference_field(struct difference *difference, struct slice field)
{
	if (difference->any)
		writer_text(&difference->words, ", ");
	difference->any = true;
	writer_put(&difference->words, field);
	writer_text(&difference->words, ": ");
}

void difference_text(struct difference *difference, struct slice field, const char *words)
{
	difference_field(difference, field);
	writer_text(&difference->words, words);
}

struct slice difference_words(const struct difference *difference)
{
	return difference->any ? writer_slice(&difference->words) : SLICE_OF("");
}

static void show_text(struct writer *writer, struct slice text)
{
	if (text.len <= SHOWN_MAX) {
		writer_json_string(writer, text);
		return;
	}
	size_t len = 0;
	while (len < SHOWN_MAX)
		len += text_utf8_length(slice_skip(text, len)) > 0 ? text_utf8_length(slice_skip(text, len)) : 1;
	writer_json_string(writer, slice_first(text, len));
	writer_text(writer, "...");
}

static bool words_have(struct slice words, struct slice word)
{
	struct slice known;
	while (slice_word(&words, &known))
		if (slice_equal(known, word))
			return true;
	return false;
}

/* Writes sign and name of each word of a that b has not; counts them. */
static size_t words_missing(struct writer *writer, char sign, struct slice a, struct slice b)
{
	size_t missing = 0;
	struct slice word;
	while (slice_word(&a, &word)) {
		if (words_have(b, word))
			continue;
		if (writer != NULL && missing < SHOWN_WORDS) {
			writer_byte(writer, ' ');
			writer_byte(writer, sign);
			writer_put(writer, word);
		}
		missing++;
	}
	if (writer != NULL && missing > SHOWN_WORDS)
		writer_print(writer, " and %zu more", missing - SHOWN_WORDS);
	return missing;
}

static void overlay_words(const struct field *field, struct slice given, struct slice *present, struct difference *difference)
{
	if (words_missing(NULL, '+', given, *present) == 0 && words_missing(NULL, '-', *present, given) == 0)
		return;
	difference_field(difference, field->key);
	/* the space behind the colon is the one in front of the first word */
	difference->words.len--;
	words_missing(&difference->words, '+', given, *present);
	words_missing(&difference->words, '-', *present, given);
	*present = given;
}

static void overlay_text(const struct field *field, struct slice given, struct slice *present, struct difference *difference)
{
	if (slice_equal(given, *present))
		return;
	difference_field(difference, field->key);
	if (field->kind == FIELD_JSON) {
		writer_text(&difference->words, given.len == 0 ? "removed" : present->len == 0 ? "set" : "changed");
	} else {
		show_text(&difference->words, *present);
		writer_text(&difference->words, " -> ");
		show_text(&difference->words, given);
	}
	*present = given;
}

static void overlay_bool(const struct field *field, bool given, bool *present, struct difference *difference)
{
	if (given == *present)
		return;
	difference_text(difference, field->key, given ? "false -> true" : "true -> false");
	*present = given;
}

static void overlay_integer(const struct field *field, int64_t given, int64_t *present, struct difference *difference)
{
	if (given == *present)
		return;
	difference_field(difference, field->key);
	writer_int(&difference->words, *present);
	writer_text(&difference->words, " -> ");
	writer_int(&difference->words, given);
	*present = given;
}

/* Enums and flags alike are one int wide. */
static void overlay_named(const struct field *field, int given, void *present, struct difference *difference)
{
	int before;
	_Static_assert(sizeof(enum platform) == sizeof(int) && sizeof(unsigned) == sizeof(int), "fields of names are one int wide");
	memcpy(&before, present, sizeof before);
	if (given == before)
		return;
	difference_field(difference, field->key);
	const struct slice *old_name = field_name_of(field, before);
	const struct slice *new_name = field_name_of(field, given);
	writer_put(&difference->words, old_name == NULL ? SLICE_OF("none") : *old_name);
	writer_text(&difference->words, " -> ");
	writer_put(&difference->words, new_name == NULL ? SLICE_OF("none") : *new_name);
	memcpy(present, &given, sizeof given);
}

static void overlay_field(const struct field *field, const struct reading *reading, size_t model_offset, char *model,
                          struct difference *difference)
{
	if (field->kind == FIELD_MAPPING) {
		fields_overlay(field->fields, field->field_count, reading, model_offset, model, difference);
		return;
	}
	const char *given = (const char *)reading + field->offset;
	void *present = model + (field->offset - model_offset);
	int number;
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_JSON: overlay_text(field, *(const struct slice *)(const void *)given, present, difference); break;
	case FIELD_WORDS: overlay_words(field, *(const struct slice *)(const void *)given, present, difference); break;
	case FIELD_BOOL: overlay_bool(field, *(const bool *)given, present, difference); break;
	case FIELD_INTEGER:
	case FIELD_TIME: overlay_integer(field, *(const int64_t *)(const void *)given, present, difference); break;
	case FIELD_NAMED:
	case FIELD_FLAGS:
		memcpy(&number, given, sizeof number);
		overlay_named(field, number, present, difference);
		break;
	case FIELD_MAPPING:
	case FIELD_READ: break;
	}
}

void fields_overlay(const struct field *fields, size_t count, const struct reading *reading, size_t model_offset, void *model,
                    struct difference *difference)
{
	for (size_t i = 0; i < count; i++)
		if (!fields[i].apart && reading_has(reading, fields[i].bit))
			overlay_field(&fields[i], reading, model_offset, model, difference);
}
