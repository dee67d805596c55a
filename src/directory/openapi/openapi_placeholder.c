/* ${NAME}: what a publisher leaves open in the document. */
#include "directory/openapi/openapi_raw.h"

#include "base/writer.h"

enum { NAME_MAX_SIZE = 64 };

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* The first placeholder of text: what stands in front of it, its name, what stands behind it. */
static bool next_placeholder(struct slice text, struct slice *ret_before, struct slice *ret_name, struct slice *ret_rest)
{
	for (size_t i = 0; i + 3 < text.len; i++) {
		const char *dollar = memchr(text.ptr + i, '$', text.len - i - 3);
		if (dollar == NULL)
			return false;
		i = (size_t)(dollar - text.ptr);
		size_t at = i + 2;
		if (text.ptr[i + 1] != '{')
			continue;
		while (at < text.len && at - i - 2 < NAME_MAX_SIZE && is_name_byte(text.ptr[at]))
			at++;
		if (at == text.len || at == i + 2 || text.ptr[at] != '}')
			continue;
		*ret_before = slice_first(text, i);
		*ret_name = (struct slice) { text.ptr + i + 2, at - i - 2 };
		*ret_rest = slice_skip(text, at + 1);
		return true;
	}
	return false;
}

static const struct openapi_pair *value_find(const struct openapi_options *options, struct slice name)
{
	for (size_t i = 0; i < options->value_count; i++)
		if (slice_equal(options->values[i].name, name))
			return &options->values[i];
	return NULL;
}

enum result openapi_fill(struct compiling *compiling, struct slice text, struct slice *ret, struct slice *missing)
{
	struct slice before, name, rest;
	*missing = (struct slice) { NULL, 0 };
	if (!next_placeholder(text, &before, &name, &rest)) {
		*ret = text;
		return RESULT_OK;
	}
	struct writer writer = writer_new(compiling->openapi->arena, text.len + 64);
	do {
		const struct openapi_pair *pair = value_find(compiling->options, name);
		writer_put(&writer, before);
		if (pair != NULL) {
			compiling->value_used[pair - compiling->options->values] = true;
			writer_put(&writer, pair->value);
		} else {
			writer_put(&writer, (struct slice) { name.ptr - 2, name.len + 3 });
			*missing = missing->ptr == NULL ? name : *missing;
		}
		text = rest;
	} while (next_placeholder(text, &before, &name, &rest));
	writer_put(&writer, text);
	if (!writer_ok(&writer))
		return openapi_no_memory(compiling->document);
	*ret = writer_slice(&writer);
	return RESULT_OK;
}

enum result openapi_fill_all(struct compiling *compiling, const char *what, unsigned line, struct slice text, struct slice *ret)
{
	struct slice missing, filled;
	enum result result = openapi_fill(compiling, text, &filled, &missing);
	if (result == RESULT_OK && missing.ptr != NULL)
		return document_fail(compiling->document, line, RESULT_INVALID, "${%.*s} in %s has no value: write it into the values of the API",
		                     SLICE_ARGS(missing), what);
	if (result == RESULT_OK)
		*ret = filled;
	return result;
}

static bool asks_for(struct slice text, struct slice wanted)
{
	struct slice before, name;
	while (next_placeholder(text, &before, &name, &text))
		if (slice_equal(name, wanted))
			return true;
	return false;
}

/* Each name once. */
static void path_warn(struct compiling *compiling, unsigned line, struct slice path)
{
	struct slice before, name, rest = path;
	while (next_placeholder(rest, &before, &name, &rest)) {
		const struct slice earlier = slice_first(path, (size_t)(name.ptr - 2 - path.ptr));
		if (value_find(compiling->options, name) == NULL && !asks_for(earlier, name))
			openapi_warn(compiling->openapi, compiling->document, WARN_PLACEHOLDER, line,
			             "${%.*s} in a path has no value, so its calls are closed: write it into the values of the API", SLICE_ARGS(name));
	}
}

enum result openapi_fill_path(struct compiling *compiling, unsigned line, struct slice text, struct slice *ret)
{
	struct slice missing = { NULL, 0 }, filled = { NULL, 0 }, before, name, rest;
	enum result result = openapi_fill(compiling, text, &filled, &missing);
	if (result != RESULT_OK)
		return result;
	if (missing.ptr != NULL)
		path_warn(compiling, line, text);
	struct writer writer = writer_new(compiling->openapi->arena, filled.len + 16);
	while (next_placeholder(filled, &before, &name, &rest)) {
		writer_put(&writer, before);
		writer_print(&writer, "$%%7B%.*s%%7D", SLICE_ARGS(name));
		filled = rest;
	}
	writer_put(&writer, filled);
	if (!writer_ok(&writer))
		return openapi_no_memory(compiling->document);
	*ret = writer_slice(&writer);
	return RESULT_OK;
}

void openapi_placeholders_note(struct openapi *openapi, struct slice text, unsigned line)
{
	struct slice before, name, rest;
	while (openapi->placeholder_count < PLACEHOLDERS_NOTED && next_placeholder(text, &before, &name, &rest)) {
		size_t i = 0;
		while (i < openapi->placeholder_count && !slice_equal(openapi->placeholders[i].name, name))
			i++;
		text = rest;
		if (i < openapi->placeholder_count)
			continue;
		struct slice copy = arena_copy(openapi->arena, name);
		if (copy.ptr != NULL)
			openapi->placeholders[openapi->placeholder_count++] = (struct raw_placeholder) { copy, line };
	}
}

void openapi_placeholders_judge(struct compiling *compiling)
{
	struct openapi *openapi = compiling->openapi;
	const struct openapi_options *options = compiling->options;
	for (size_t i = 0; i < openapi->placeholder_count; i++) {
		const struct raw_placeholder *placeholder = &openapi->placeholders[i];
		const struct openapi_pair *pair = value_find(options, placeholder->name);
		if (pair != NULL)
			compiling->value_used[pair - options->values] = true;
		else
			openapi_warn(openapi, compiling->document, WARN_PLACEHOLDER, placeholder->line,
			             "${%.*s} has no value, which makes no difference to who may call", SLICE_ARGS(placeholder->name));
	}
	if (openapi->placeholder_count == PLACEHOLDERS_NOTED)
		return; /* there may be others that nobody looked at */
	for (size_t i = 0; i < options->value_count; i++)
		if (!compiling->value_used[i])
			openapi_warn(openapi, compiling->document, WARN_VALUE, 1, "the value %.*s is not asked for: the document has no ${%.*s}",
			             SLICE_ARGS(options->values[i].name), SLICE_ARGS(options->values[i].name));
}
