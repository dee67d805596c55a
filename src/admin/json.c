/* What the objects' JSON is made of. */
#include "admin/json.h"

#include "directory/apply_time.h"

const char *platform_name(enum platform platform)
{
	return platform == PLATFORM_SPA ? "spa" : "web";
}

const char *permission_kind_name(enum permission_kind kind)
{
	switch (kind) {
	case PERMISSION_DELEGATED: return "delegated";
	case PERMISSION_ON_BEHALF_OF: return "on_behalf_of";
	case PERMISSION_APPLICATION: break;
	}
	return "application";
}

const char *person_kind_name(enum person_kind kind)
{
	return kind == PERSON_CUSTOMER ? "customer" : "user";
}

const char *provider_match_name(enum provider_match match)
{
	switch (match) {
	case MATCH_USERNAME: return "username";
	case MATCH_EMAIL: return "email";
	case MATCH_ID: break;
	}
	return "id";
}

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
