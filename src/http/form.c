#include "http/form.h"

#include "base/limits.h"
#include "base/text.h"
#include "http/parameter_label.h"

#define RULE "percent-encoded UTF-8 without control characters"

static size_t count_pieces(struct slice text)
{
	size_t count = text.len > 0;
	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '&';
	return count;
}

static enum result decode(struct arena *arena, struct slice text, struct slice *ret)
{
	enum result result = text_percent_decode(arena, text, true, ret);
	return result == RESULT_OK && !text_is_clean(*ret) ? RESULT_INVALID : result;
}

/* RESULT_INVALID: ret is marked, and has its name if that could be decoded. */
static enum result field_parse(struct arena *arena, struct slice piece, struct form_field *ret, struct problem *problem)
{
	struct slice value = piece;
	struct slice name;
	struct form_field field = { .value = SLICE("") };
	*ret = (struct form_field) { .name = SLICE(""), .value = SLICE(""), .malformed = true };
	if (!slice_cut(&value, '=', &name))
		return RESULT_INVALID;
	enum result result = decode(arena, name, &field.name);
	if (result == RESULT_INVALID)
		return problem_set(problem, result, "The name of a parameter is malformed: send %s.", RULE);
	if (result == RESULT_OK && value.len > 0)
		result = decode(arena, value, &field.value);
	if (result == RESULT_INVALID) {
		char label[PARAMETER_LABEL_SIZE];
		ret->name = field.name;
		return problem_set(problem, result, "%s has a malformed value: send %s.", parameter_label(field.name, label), RULE);
	}
	if (result != RESULT_OK)
		return problem_set(problem, RESULT_TOO_LARGE, "The parameters take too much memory: send fewer or shorter ones.");
	*ret = field;
	return RESULT_OK;
}

static enum result fields_parse(struct arena *arena, struct slice text, bool lenient, struct form *ret, struct problem *problem)
{
	size_t room = count_pieces(text);
	if (room > LIMIT_PARAMETERS)
		room = LIMIT_PARAMETERS;
	struct form_field *fields = arena_array(arena, room, sizeof *fields);
	if (fields == NULL)
		return problem_set(problem, RESULT_TOO_LARGE, "The parameters take too much memory: send fewer or shorter ones.");
	size_t count = 0;
	struct slice rest = text;
	struct slice piece;
	while (slice_cut(&rest, '&', &piece)) {
		if (piece.len == 0)
			continue;
		if (count == room)
			return problem_set(problem, RESULT_TOO_LARGE, "There are more than %d parameters: send fewer.", LIMIT_PARAMETERS);
		enum result result = field_parse(arena, piece, &fields[count], problem);
		if (result != RESULT_OK && !(lenient && result == RESULT_INVALID))
			return result;
		count++;
	}
	*ret = (struct form) { fields, count };
	return RESULT_OK;
}

enum result form_parse(struct arena *arena, struct slice text, struct form *ret, struct problem *problem)
{
	return fields_parse(arena, text, false, ret, problem);
}

enum result form_parse_lenient(struct arena *arena, struct slice text, struct form *ret, struct problem *problem)
{
	return fields_parse(arena, text, true, ret, problem);
}

const struct form_field *form_find(const struct form *form, const char *name, size_t *ret_count)
{
	const struct slice wanted = slice_from(name);
	const struct form_field *first = NULL;
	*ret_count = 0;
	for (size_t i = 0; i < form->count; i++) {
		if (!slice_equal(form->fields[i].name, wanted))
			continue;
		if (first == NULL)
			first = &form->fields[i];
		++*ret_count;
	}
	return first;
}

bool form_content_type(struct slice content_type)
{
	struct slice rest = content_type;
	struct slice type;
	if (!slice_cut(&rest, ';', &type))
		return false;
	while (type.len > 0 && (type.ptr[type.len - 1] == ' ' || type.ptr[type.len - 1] == '\t'))
		type.len--;
	return text_equal_folded(type, SLICE_OF("application/x-www-form-urlencoded"));
}
