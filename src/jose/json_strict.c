#include "jose/json_strict.h"

#include "base/limits.h"
#include "base/secret.h"

#include <malloc.h>
#include <stdlib.h>

static void free_wiped(void *memory)
{
	if (memory != NULL)
		wipe(memory, malloc_usable_size(memory));
	free(memory);
}

void json_memory_wipe(void)
{
	json_set_alloc_funcs(malloc, free_wiped);
}

/* Judged before parsing, so that no parser recurses over hostile input. */
static bool depth_bounded(struct slice text)
{
	size_t depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > LIMIT_JSON_DEPTH)
				return false;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return true;
}

enum result json_object_parse(struct slice text, json_t **ret)
{
	if (text.len == 0 || !depth_bounded(text))
		return RESULT_INVALID;
	json_error_t error;
	json_t *object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(object)) {
		json_decref(object);
		return RESULT_INVALID;
	}
	*ret = object;
	return RESULT_OK;
}

struct slice json_object_text(const json_t *object, const char *name)
{
	const json_t *member = json_object_get(object, name);
	if (!json_is_string(member))
		return (struct slice) { NULL, 0 };
	return (struct slice) { json_string_value(member), json_string_length(member) };
}
