#include "directory/export_write.h"

#include "base/text.h"

/* What some reader of YAML takes for a line break, a byte order mark or no character at all (YAML 1.1 and 1.2 §5.1):
 * U+0080 to U+009F, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF. 0: none of these. */
static unsigned odd_character(const unsigned char *bytes, size_t length)
{
	if (length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0)
		return bytes[1];
	if (length != 3)
		return 0;
	unsigned code = (bytes[0] & 0x0fu) << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
	return code == 0x2028 || code == 0x2029 || code == 0xfeff || code == 0xfffe || code == 0xffff ? code : 0;
}

/* Text beyond ASCII stands only inside the strings of JSON, where such a character can be escaped (RFC 8259 §7). */
static struct slice escape_odd(struct arena *arena, struct slice json)
{
	struct writer writer = writer_new(arena, json.len + 16);
	size_t at = 0, plain = 0;
	while (at < json.len) {
		size_t length = text_utf8_length(slice_skip(json, at));
		unsigned code = odd_character((const unsigned char *)json.ptr + at, length);
		if (code != 0) {
			writer_put(&writer, (struct slice) { json.ptr + plain, at - plain });
			writer_print(&writer, "\\u%04x", code);
			plain = at + length;
		}
		at += length == 0 ? 1 : length;
	}
	writer_put(&writer, (struct slice) { json.ptr + plain, json.len - plain });
	return writer_ok(&writer) ? writer_slice(&writer) : (struct slice) { NULL, 0 };
}

static bool is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	return true;
}

struct slice export_escaped(struct export_writer *export, const struct writer *value)
{
	struct slice json = { NULL, 0 };
	if (writer_ok(value))
		json = is_ascii(writer_slice(value)) ? writer_slice(value) : escape_odd(export->arena, writer_slice(value));
	export->failed = export->failed || json.ptr == NULL;
	return json.ptr == NULL ? SLICE_OF("") : json;
}

static void member(struct export_writer *export, const char *key, const struct writer *value)
{
	struct slice json = export_escaped(export, value);
	if (json.len == 0 || export->count == EXPORT_MEMBERS) {
		export->failed = true;
		return;
	}
	export->members[export->count++] = (struct export_member) { key, json };
}

void export_text(struct export_writer *export, const char *key, struct slice text)
{
	struct writer value = writer_new(export->arena, text.len + 16);
	writer_json_string(&value, text);
	member(export, key, &value);
}

void export_text_or_null(struct export_writer *export, const char *key, struct slice text)
{
	if (text.len == 0)
		export_json(export, key, SLICE_OF("null"));
	else
		export_text(export, key, text);
}

void export_bool(struct export_writer *export, const char *key, bool flag)
{
	export_json(export, key, flag ? SLICE_OF("true") : SLICE_OF("false"));
}

void export_int(struct export_writer *export, const char *key, int64_t number)
{
	struct writer value = writer_new(export->arena, 24);
	writer_int(&value, number);
	member(export, key, &value);
}

void export_words(struct export_writer *export, const char *key, struct slice words)
{
	struct writer value = writer_new(export->arena, words.len + 64);
	writer_json_words(&value, words);
	member(export, key, &value);
}

void export_json(struct export_writer *export, const char *key, struct slice json)
{
	struct writer value = writer_new(export->arena, json.len + 1);
	writer_put(&value, json);
	member(export, key, &value);
}

static void put(struct export_writer *export, struct slice text)
{
	fwrite(text.ptr, 1, text.len, export->out);
}

/* {"key":value,…}; in YAML {key: value, …}. The last brace is the caller's when the object stays open. */
static void put_flow(struct export_writer *export)
{
	fputc('{', export->out);
	for (size_t i = 0; i < export->count; i++) {
		const char *quote = export->json ? "\"" : "";
		fprintf(export->out, "%s%s%s%s:%s", i == 0 ? "" : export->json ? "," : ", ", quote, export->members[i].key, quote,
		        export->json ? "" : " ");
		put(export, export->members[i].value);
	}
}

static void put_block(struct export_writer *export, const char *indent)
{
	for (size_t i = 0; i < export->count; i++) {
		fprintf(export->out, "%s%s%s: ", indent, i == 0 ? "- " : "  ", export->members[i].key);
		put(export, export->members[i].value);
		fputc('\n', export->out);
	}
}

void export_begin(struct export_writer *export)
{
	fputs(export->json ? "{\"partitions\":[" : "partitions:\n", export->out);
}

void export_end(struct export_writer *export)
{
	if (export->json)
		fputs("\n]}\n", export->out);
}

void export_partition_begin(struct export_writer *export)
{
	if (export->json) {
		fputs(export->any_partition ? ",\n" : "\n", export->out);
		put_flow(export);
	} else {
		put_block(export, "  ");
	}
	export->any_partition = true;
	export->list = NULL;
	export->count = 0;
}

static void list_end(struct export_writer *export)
{
	if (export->list != NULL && export->json)
		fputs("\n]", export->out);
	export->list = NULL;
}

void export_partition_end(struct export_writer *export)
{
	list_end(export);
	if (export->json)
		fputc('}', export->out);
}

static void list_begin(struct export_writer *export, const char *list)
{
	list_end(export);
	export->list = list;
	export->any_item = false;
	fprintf(export->out, export->json ? ",\n\"%s\":[" : "    %s:\n", list);
}

bool export_item(struct export_writer *export, const char *list, bool block)
{
	if (export->list != list)
		list_begin(export, list);
	if (export->json) {
		fputs(export->any_item ? ",\n" : "\n", export->out);
		put_flow(export);
		fputc('}', export->out);
	} else if (block) {
		put_block(export, "      ");
	} else {
		fputs("      - ", export->out);
		put_flow(export);
		fputs("}\n", export->out);
	}
	export->any_item = true;
	export->count = 0;
	return !export->failed && ferror(export->out) == 0;
}

void export_item_begin(struct export_writer *export, const char *list, const char *last_key)
{
	if (export->list != list)
		list_begin(export, list);
	if (export->json) {
		fputs(export->any_item ? ",\n" : "\n", export->out);
		put_flow(export);
		fprintf(export->out, ",\"%s\":", last_key);
	} else {
		put_block(export, "      ");
		fprintf(export->out, "        %s: ", last_key);
	}
}

bool export_item_end(struct export_writer *export)
{
	fputs(export->json ? "}" : "\n", export->out);
	export->any_item = true;
	export->count = 0;
	return !export->failed && ferror(export->out) == 0;
}
