#include "cli/gateway/template.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX 4 /* sections inside each other */

struct place {
	const struct template_scope *scopes[DEPTH_MAX + 1];
	size_t depth;
	FILE *out;
};

static const struct template_field *field_find(const struct place *place, struct slice name)
{
	for (size_t i = place->depth; i > 0; i--) {
		const struct template_scope *scope = place->scopes[i - 1];
		for (size_t k = 0; k < scope->count; k++)
			if (slice_is(name, scope->fields[k].name))
				return &scope->fields[k];
	}
	return NULL;
}

/* Where word begins in text; false: nowhere. */
static bool find(struct slice text, const char *word, size_t *ret)
{
	const char *at = text.len == 0 ? NULL : memmem(text.ptr, text.len, word, strlen(word));
	if (at != NULL)
		*ret = (size_t)(at - text.ptr);
	return at != NULL;
}

/* Cuts a section's lines off rest, which stands behind its head; its foot has the same name. */
static bool section_cut(struct slice *rest, struct slice name, struct slice *ret)
{
	for (size_t from = 0, at; find(slice_skip(*rest, from), "{{/", &at); from += at + 3) {
		struct slice foot = slice_skip(*rest, from + at + 3);
		if (foot.len < name.len + 3 || !slice_equal(slice_first(foot, name.len), name) || memcmp(foot.ptr + name.len, "}}\n", 3) != 0)
			continue;
		*ret = slice_first(*rest, from + at);
		*rest = slice_skip(foot, name.len + 3);
		return true;
	}
	return false;
}

/* Writes what stands before the next name and moves rest behind that; false at the end. */
static bool advance(struct place *place, struct slice *rest, struct slice *ret_name)
{
	size_t begin, end;
	bool found = find(*rest, "{{", &begin) && find(slice_skip(*rest, begin), "}}", &end);
	struct slice before = found ? slice_first(*rest, begin) : *rest;
	fwrite(before.ptr, 1, before.len, place->out);
	if (!found)
		return false;
	*ret_name = slice_skip(slice_first(*rest, begin + end), begin + 2);
	*rest = slice_skip(*rest, begin + end + 2);
	return true;
}

static enum result write_text(struct slice text, struct place *);

static enum result write_section(struct slice *rest, struct slice name, struct place *place)
{
	struct slice body;
	const struct template_field *field = field_find(place, name);
	if (field == NULL || place->depth > DEPTH_MAX || rest->len == 0 || rest->ptr[0] != '\n')
		return RESULT_INVALID;
	*rest = slice_skip(*rest, 1);
	if (!section_cut(rest, name, &body))
		return RESULT_INVALID;
	enum result result = RESULT_OK;
	for (size_t i = 0; i < field->row_count && result == RESULT_OK; i++) {
		place->scopes[place->depth++] = &field->rows[i];
		result = write_text(body, place);
		place->depth--;
	}
	return result;
}

static enum result write_text(struct slice text, struct place *place)
{
	struct slice name;
	enum result result = RESULT_OK;
	while (result == RESULT_OK && advance(place, &text, &name)) {
		if (name.len > 0 && name.ptr[0] == '#') {
			result = write_section(&text, slice_skip(name, 1), place);
			continue;
		}
		const struct template_field *field = field_find(place, name);
		if (field == NULL || field->text.ptr == NULL)
			return RESULT_INVALID;
		fwrite(field->text.ptr, 1, field->text.len, place->out);
	}
	return result;
}

enum result template_write(struct slice text, const struct template_scope *scope, FILE *out)
{
	struct place place = { .scopes = { scope }, .depth = 1, .out = out };
	return write_text(text, &place);
}
