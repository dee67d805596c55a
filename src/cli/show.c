#include "cli/show.h"

#include "base/text.h"

#include <stdlib.h>

const char *show_text(struct arena *arena, struct slice text, size_t size_max)
{
	struct writer shown = writer_new(arena, (text.len < size_max ? text.len : size_max) + 8);
	size_t at = 0;
	while (at < text.len && shown.len < size_max) {
		struct slice rest = slice_skip(text, at);
		size_t length = text_utf8_length(rest);
		unsigned char byte = (unsigned char)rest.ptr[0];
		/* U+0080 to U+009F are control characters too */
		bool control = byte < 0x20 || byte == 0x7f || (byte == 0xc2 && length == 2 && (unsigned char)rest.ptr[1] < 0xa0);
		if (length == 0 || control) {
			writer_print(&shown, "\\x%02x", byte);
			length = length == 0 ? 1 : length;
			if (length == 2)
				writer_print(&shown, "\\x%02x", (unsigned char)rest.ptr[1]);
		} else {
			writer_put(&shown, slice_first(rest, length));
		}
		at += length;
	}
	if (at < text.len)
		writer_text(&shown, "…");
	writer_byte(&shown, '\0');
	return writer_ok(&shown) ? writer_slice(&shown).ptr : "";
}

const char *show_json(struct arena *arena, const json_t *value, size_t size_max)
{
	if (json_is_string(value))
		return show_text(arena, (struct slice) { json_string_value(value), json_string_length(value) }, size_max);
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text == NULL)
		return "";
	const char *shown = show_text(arena, slice_from(text), size_max);
	free(text);
	return shown;
}

const char *show_moment(struct arena *arena, int64_t moment_s, int64_t now_s)
{
	int64_t away;
	if (__builtin_sub_overflow(moment_s, now_s, &away) || away == INT64_MIN)
		return "at an impossible time";
	const char *before = away > 0 ? "in " : "", *behind = away < 0 ? " ago" : "";
	int64_t seconds = away < 0 ? -away : away;
	int64_t minutes = (seconds + 30) / 60, hours = minutes / 60, days = (hours + 12) / 24;
	struct slice text;
	if (seconds == 0)
		return "now";
	if (seconds < 100)
		text = arena_print(arena, "%s%lld s%s", before, (long long)seconds, behind);
	else if (minutes < 120)
		text = arena_print(arena, "%s%lld min%s", before, (long long)minutes, behind);
	else if (hours < 48 && minutes % 60 != 0)
		text = arena_print(arena, "%s%lld h %lld min%s", before, (long long)hours, (long long)(minutes % 60), behind);
	else if (hours < 48)
		text = arena_print(arena, "%s%lld h%s", before, (long long)hours, behind);
	else
		text = arena_print(arena, "%s%lld days%s", before, (long long)days, behind);
	return text.ptr == NULL ? "" : text.ptr;
}
