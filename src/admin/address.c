#include "admin/address.h"

#include "base/text.h"

/* What no literal segment of openapi.json contains, so that nothing becomes one by it. */
#define STAND_IN '_'

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '~' || c == STAND_IN;
}

static bool is_dots(struct slice text)
{
	return slice_is(text, ".") || slice_is(text, "..");
}

static void put_shape(struct writer *shape, struct slice segment)
{
	writer_byte(shape, '/');
	for (size_t i = 0; i < segment.len; i++)
		writer_byte(shape, is_plain(segment.ptr[i]) && !is_dots(segment) ? segment.ptr[i] : STAND_IN);
}

enum result admin_address_read(struct admin_call *call, struct admin_address *ret)
{
	*ret = (struct admin_address) { .count = 0 };
	struct slice path = call->request->path, raw;
	const size_t front = sizeof ADMIN_PATH - 1;
	if (path.len <= front + 1)
		return RESULT_NOT_FOUND;
	struct writer shape = writer_new(call->arena, path.len + 1);
	writer_text(&shape, ADMIN_PATH);
	path = slice_skip(path, front + 1);
	while (slice_cut(&path, '/', &raw)) {
		if (raw.len == 0 || ret->count == LIMIT_PATH_SEGMENTS)
			return RESULT_NOT_FOUND;
		struct slice *segment = &ret->segments[ret->count++];
		if (text_percent_decode(call->arena, raw, false, segment) != RESULT_OK || !text_is_clean(*segment))
			return RESULT_INVALID;
		put_shape(&shape, *segment);
	}
	ret->shape = writer_slice(&shape);
	return writer_ok(&shape) ? RESULT_OK : RESULT_NOT_FOUND;
}

void admin_address_keys(struct admin_address *address, const struct api_operation *operation, struct admin_call *call)
{
	struct slice path = slice_skip(operation->path, sizeof ADMIN_PATH), part;
	for (size_t i = 0; i < address->count && slice_cut(&path, '/', &part); i++) {
		if (part.len == 0 || part.ptr[0] != '{')
			continue;
		if (slice_is(part, "{partition}")) {
			address->names_partition = true;
			address->partition = address->segments[i];
		} else if (call->key_count < ADMIN_KEYS) {
			call->keys[call->key_count++] = address->segments[i];
		}
	}
}

struct slice admin_address_methods(const struct admin *admin, struct arena *arena, struct slice shape)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };
	struct writer list = writer_new(arena, 64);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (catalogue_find(admin->operations, slice_from(methods[i]), shape) == NULL)
			continue;
		writer_text(&list, list.len > 0 ? ", " : "");
		writer_text(&list, methods[i]);
	}
	return writer_slice(&list);
}
