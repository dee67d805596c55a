#include "admin/change_document.h"

#include "admin/json.h"
#include "base/text.h"

#include <stdio.h>

/* Where the walk is in the object: keys and indices. */
struct step {
	const char *key; /* NULL: index */
	size_t index;
};

/* One walk writes the document, or finds the place of a line: so both count lines alike. */
struct walk {
	struct writer *out; /* NULL: only look */
	unsigned line;
	unsigned wanted; /* 0: none */
	struct step path[CHANGE_DOCUMENT_DEPTH];
	size_t depth;
	struct step found[CHANGE_DOCUMENT_DEPTH];
	size_t found_depth;
	bool too_deep;
};

enum { FIRST_LINE = 2 }; /* of the object's brace */

static void put(struct walk *walk, const char *text)
{
	if (walk->out != NULL)
		writer_text(walk->out, text);
}

/* What a reader of YAML may take for a line break, a byte order mark or nothing printable is escaped (YAML 1.2 §5.1). */
static bool is_plain(unsigned code)
{
	return code >= 0x20 && code != 0x7f && (code < 0x80 || code > 0x9f) && code != 0x2028 && code != 0x2029 && code != 0xfeff && code != 0xfffe &&
	       code != 0xffff;
}

static unsigned code_of(const unsigned char *bytes, size_t len)
{
	switch (len) {
	case 2: return (bytes[0] & 0x1fu) << 6 | (bytes[1] & 0x3fu);
	case 3: return (bytes[0] & 0x0fu) << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
	case 4: return 0x10000; /* all of them are plain */
	default: return bytes[0];
	}
}

static void put_text(struct walk *walk, struct slice text)
{
	if (walk->out == NULL)
		return;
	writer_byte(walk->out, '"');
	while (text.len > 0) {
		size_t len = text_utf8_length(text);
		unsigned code = code_of((const unsigned char *)text.ptr, len);
		if (len == 0)
			len = 1; /* cannot be: the reader of the body saw to it */
		else if (code == '"' || code == '\\')
			writer_print(walk->out, "\\%c", (char)code);
		else if (is_plain(code))
			writer_put(walk->out, slice_first(text, len));
		else
			writer_print(walk->out, "\\u%04x", code);
		text = slice_skip(text, len);
	}
	writer_byte(walk->out, '"');
}

static void line_begin(struct walk *walk)
{
	put(walk, "\n");
	walk->line++;
	if (walk->line != walk->wanted)
		return;
	memcpy(walk->found, walk->path, sizeof walk->found);
	walk->found_depth = walk->depth;
}

static void value_walk(struct walk *, const json_t *);

static void list_walk(struct walk *walk, const json_t *list)
{
	put(walk, "[");
	walk->depth++;
	for (size_t i = 0; i < json_array_size(list); i++) {
		walk->path[walk->depth - 1] = (struct step) { .index = i };
		put(walk, i == 0 ? "" : ",");
		line_begin(walk);
		value_walk(walk, json_array_get(list, i));
	}
	walk->depth--;
	line_begin(walk);
	put(walk, "]");
}

static void object_walk(struct walk *walk, const json_t *object)
{
	const char *comma = "";
	put(walk, "{");
	walk->depth++;
	for (void *at = json_object_iter((json_t *)object); at != NULL; at = json_object_iter_next((json_t *)object, at)) {
		const char *key = json_object_iter_key(at);
		walk->path[walk->depth - 1] = (struct step) { .key = key };
		put(walk, comma);
		comma = ",";
		line_begin(walk);
		put_text(walk, slice_from(key));
		put(walk, ": ");
		value_walk(walk, json_object_iter_value(at));
	}
	walk->depth--;
	line_begin(walk);
	put(walk, "}");
}

/* Recursion is bounded by CHANGE_DOCUMENT_DEPTH. */
static void value_walk(struct walk *walk, const json_t *value)
{
	char number[40];
	switch (json_typeof(value)) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (walk->depth == CHANGE_DOCUMENT_DEPTH)
			walk->too_deep = true;
		else if (json_is_array(value))
			list_walk(walk, value);
		else
			object_walk(walk, value);
		return;
	case JSON_STRING: put_text(walk, (struct slice) { json_string_value(value), json_string_length(value) }); return;
	case JSON_INTEGER: snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value)); put(walk, number); return;
	case JSON_REAL: snprintf(number, sizeof number, "%.17g", json_real_value(value)); put(walk, number); return;
	case JSON_TRUE: put(walk, "true"); return;
	case JSON_FALSE: put(walk, "false"); return;
	case JSON_NULL: put(walk, "null"); return;
	}
}

bool change_document_write(struct writer *out, struct slice partition, const char *section, const json_t *object)
{
	struct walk walk = { .out = out, .line = FIRST_LINE };
	writer_text(out, "{\"partitions\": [");
	if (section != NULL) {
		writer_text(out, "{\"id\": ");
		writer_json_string(out, partition);
		writer_print(out, ", \"%s\": [", section);
	}
	writer_byte(out, '\n');
	value_walk(&walk, object);
	writer_text(out, section != NULL ? "]}]}\n" : "]}\n");
	return !walk.too_deep;
}

struct slice change_document_pointer(const json_t *object, unsigned line, struct arena *arena)
{
	struct walk walk = { .line = FIRST_LINE, .wanted = line };
	value_walk(&walk, object);
	struct writer pointer = writer_new(arena, 64);
	for (size_t i = 0; i < walk.found_depth; i++) {
		const struct step *step = &walk.found[i];
		if (step->key == NULL)
			writer_print(&pointer, "/%zu", step->index);
		else
			json_pointer_add(&pointer, slice_from(step->key));
	}
	return writer_ok(&pointer) ? writer_slice(&pointer) : (struct slice) { NULL, 0 };
}
