/* A body of the Admin API: judged, made an apply document, read back by the directory; each of its lines is a place in the body. The first
 * byte says which kind of object it is, and whether it is there already. */
#include "fuzz.h"

#include "admin/change_document.h"
#include "admin/change_members.h"
#include "base/limits.h"
#include "directory/document.h"
#include "jose/json_strict.h"

#include <stdbool.h>
#include <string.h>

static const struct change_shape *const shapes[] = {
	&change_partition, &change_department, &change_permission, &change_user, &change_customer, &change_application, &change_provider, &change_api,
	&change_secret,
};

struct places {
	const json_t *body;
	size_t count;
};

/* A wrong place is one that there is. */
static void on_wrong(void *context, struct slice pointer, const char *sentence)
{
	struct places *places = context;
	places->count++;
	MUST_HOLD(pointer.len > 0 && pointer.ptr[0] == '/' && sentence[0] != '\0');
}

/* Numbers that YAML's reader keeps as text. */
static bool has_odd_number(json_t *value)
{
	const char *key;
	size_t index;
	json_t *inside;
	bool odd = json_is_real(value) || (json_is_integer(value) && llabs(json_integer_value(value)) > 10000000000000000);
	json_object_foreach(value, key, inside)
		odd = odd || has_odd_number(inside);
	json_array_foreach(value, index, inside)
		odd = odd || has_odd_number(inside);
	return odd;
}

/* The reader of documents sees exactly the object again. */
static void read_back(json_t *object, struct slice text)
{
	struct document *document = document_open_memory(text, "f");
	struct document_allowance allowance = { .depth = CHANGE_DOCUMENT_DEPTH + 8 };
	struct slice key;
	bool more = true;
	json_t *back = NULL;
	MUST_HOLD(document != NULL && document_allow(document, &allowance, NULL) == RESULT_OK);
	enum result result = document_mapping(document, "d");
	if (result == RESULT_OK)
		result = document_key(document, &key, &more);
	if (result == RESULT_OK)
		result = document_list(document, "p");
	if (result == RESULT_OK)
		result = document_item(document, &more);
	if (result == RESULT_OK)
		result = document_json(document, "o", LIMIT_ADMIN_BODY_SIZE, &back);
	/* keys and depth may be more than it takes; what it takes is the same */
	if (result == RESULT_OK)
		MUST_HOLD(has_odd_number(object) || json_equal(back, object));
	else
		MUST_HOLD(strncmp(document_problem(document)->text, "f:", 2) == 0 || result == RESULT_NO_MEMORY);
	json_decref(back);
	document_close(document);
}

static unsigned lines_of(struct slice text)
{
	unsigned lines = 0;
	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	return lines;
}

static void document_check(json_t *object, bool partition, struct arena *arena)
{
	struct writer out = writer_new(arena, 1024);
	if (!change_document_write(&out, SLICE_OF("P"), partition ? NULL : "users", object) || !writer_ok(&out))
		return;
	const struct slice text = writer_slice(&out);
	const unsigned lines = lines_of(text);
	for (unsigned line = 1; line <= lines + 1 && lines < 200; line++) {
		struct slice pointer = change_document_pointer(object, line, arena);
		MUST_HOLD(pointer.len == 0 || pointer.ptr[0] == '/');
		MUST_HOLD(line > 2 || pointer.len == 0);
	}
	if (partition)
		read_back(object, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	json_t *body = NULL;
	if (size < 1 || json_object_parse((struct slice) { (const char *)bytes + 1, size - 1 }, &body) != RESULT_OK)
		return 0;
	const struct change_shape *shape = shapes[bytes[0] % (sizeof shapes / sizeof *shapes)];
	struct arena *arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	json_t *present = (bytes[0] & 0x40) != 0 ? json_object() : NULL;
	struct places places = { .body = body };
	const struct slice key = SLICE("key");
	if (arena != NULL) {
		const bool good = change_judge(shape, body, present, key, on_wrong, &places);
		MUST_HOLD(good == (places.count == 0));
		json_t *object = good ? change_object(shape, body, present, key) : NULL;
		MUST_HOLD(!good || object != NULL);
		document_check(good ? object : body, true, arena);
		document_check(good ? object : body, false, arena);
		/* nothing that is read-only goes further */
		MUST_HOLD(!good || json_object_get(object, "version") == NULL);
		json_decref(object);
	}
	json_decref(present);
	json_decref(body);
	arena_free(arena);
	return 0;
}
