/* What the objects' JSON is made of. */
#include "admin/json.h"

#include "directory/apply_time.h"

void json_member_time(struct writer *writer, const char *name, int64_t seconds)
{
	char time[APPLY_TIME_SIZE];
	apply_time_print(seconds, time);
	writer_json_member(writer, name, slice_from(time));
}

void json_member_null(struct writer *writer, const char *name)
{
	writer_json_key(writer, name);
	writer_text(writer, "null");
}

void json_member_time_or_null(struct writer *writer, const char *name, int64_t seconds)
{
	if (seconds > 0)
		json_member_time(writer, name, seconds);
	else
		json_member_null(writer, name);
}

void json_member_or_null(struct writer *writer, const char *name, struct slice value)
{
	if (value.len > 0)
		writer_json_member(writer, name, value);
	else
		json_member_null(writer, name);
}

void json_member_words(struct writer *writer, const char *name, struct slice words)
{
	writer_json_key(writer, name);
	writer_json_words(writer, words);
}

void json_pointer_add(struct writer *pointer, struct slice name)
{
	writer_byte(pointer, '/');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '~' || name.ptr[i] == '/')
			writer_text(pointer, name.ptr[i] == '~' ? "~0" : "~1");
		else
			writer_byte(pointer, name.ptr[i]);
	}
}
