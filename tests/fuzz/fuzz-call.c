/* The path of a call against a catalogue. The first line is the call, each other a template of the catalogue. */
#include "fuzz.h"

#include "base/path.h"
#include "gateway/catalogue.h"

#define BUFFER_SIZE (64 * 1024)

static char buffers[3][BUFFER_SIZE];

static bool may_stand(char c, bool template)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || memchr("-._~!$&'()*+,;=:@/%", c, 19) != NULL ||
	       (template && (c == '{' || c == '}'));
}

/* One spelling: nothing in it that anybody could read in another way. */
static void normal_judge(struct slice normal, bool template)
{
	struct slice rest = slice_skip(normal, 1), segment;
	MUST_HOLD(normal.len > 0 && normal.ptr[0] == '/');
	MUST_HOLD(normal.len == 1 || normal.ptr[normal.len - 1] != '/');
	while (normal.len > 1 && slice_cut(&rest, '/', &segment)) {
		MUST_HOLD(segment.len > 0 && segment.ptr[0] != ';');
		MUST_HOLD(!slice_is(segment, ".") && !slice_is(segment, "..") && !slice_starts_with(segment, SLICE_OF(".;")) &&
		          !slice_starts_with(segment, SLICE_OF("..;")));
	}
	bool inside = false; /* of braces */
	for (size_t i = 0; i < normal.len; i++) {
		inside = template && (inside ? normal.ptr[i] != '}' : normal.ptr[i] == '{');
		MUST_HOLD(inside || may_stand(normal.ptr[i], template));
		if (normal.ptr[i] == '%' && !inside)
			MUST_HOLD(normal.len - i > 2 && memcmp(normal.ptr + i, "%2F", 3) != 0 && memcmp(normal.ptr + i, "%5C", 3) != 0 &&
			          memcmp(normal.ptr + i, "%2E", 3) != 0 && memcmp(normal.ptr + i, "%00", 3) != 0);
	}
}

static bool normalised(struct slice path, bool template, char *buffer, struct slice *ret)
{
	enum result (*normalise)(struct slice, char *, size_t, struct slice *) = template ? path_normalise_template : path_normalise;
	struct slice again;
	if (normalise(path, buffer, BUFFER_SIZE, ret) != RESULT_OK)
		return false;
	normal_judge(*ret, template);
	MUST_HOLD(normalise(*ret, buffers[2], BUFFER_SIZE, &again) == RESULT_OK && slice_equal(again, *ret));
	return true;
}

/* Does the template take the call? As slow and as plain as can be. */
static bool takes(struct slice template, struct slice call)
{
	if (template.len == 0)
		return call.len == 0;
	if (template.ptr[0] != '{')
		return call.len > 0 && call.ptr[0] == template.ptr[0] && takes(slice_skip(template, 1), slice_skip(call, 1));
	const char *end = memchr(template.ptr, '}', template.len);
	struct slice behind = slice_skip(template, (size_t)(end - template.ptr) + 1);
	for (size_t len = 1; len <= call.len && call.ptr[len - 1] != '/'; len++)
		if (takes(behind, slice_skip(call, len)))
			return true;
	return false;
}

static size_t variables_in(struct slice template)
{
	size_t count = 0;
	for (size_t i = 0; i < template.len; i++)
		count += template.ptr[i] == '{';
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice rest = { (const char *)bytes, size }, call = { NULL, 0 }, line;
	bool takers = false, simple = true;
	if (size > 2000 || size == 0)
		return 0;
	struct catalogue *catalogue = catalogue_new();
	if (catalogue == NULL || !slice_cut(&rest, '\n', &line) || !normalised(line, false, buffers[0], &call)) {
		catalogue_free(catalogue);
		return 0;
	}
	while (slice_cut(&rest, '\n', &line)) {
		struct api_operation operation = { .method = SLICE("GET") };
		if (!normalised(line, true, buffers[1], &operation.path) || variables_in(operation.path) > 6)
			continue;
		if (catalogue_add(catalogue, SLICE_OF("api"), &operation) != RESULT_OK)
			continue;
		simple = simple && memchr(call.ptr, ';', call.len) == NULL;
		takers = takers || takes(operation.path, call);
	}
	if (catalogue_compile(catalogue) == RESULT_OK) {
		const struct catalogue_operation *found = catalogue_find(catalogue, SLICE_OF("HEAD"), call);
		MUST_HOLD(found == NULL || takes(found->operation.path, call));
		MUST_HOLD(found != NULL || !takers || !simple);
		MUST_HOLD(catalogue_find(catalogue, SLICE_OF("POST"), call) == NULL);
	}
	catalogue_free(catalogue);
	return 0;
}
