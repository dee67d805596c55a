/* What arrives at the loopback address of `writ login`: a request's head, and the authorization response in its query. */
#include "fuzz.h"

#include "base/limits.h"
#include "base/text.h"
#include "cli/login/callback.h"
#include "cli/login/loopback.h"

#define STATE "0123456789012345678901234567890123456789012"

static void read_response(struct slice query)
{
	struct callback callback = { .code = { NULL, 0 } };
	struct arena *arena = arena_new(4096, 256 * 1024);
	if (arena == NULL)
		return;
	if (callback_read(query, SLICE_OF(STATE), arena, &callback) == RESULT_OK) {
		const struct slice *texts[] = { &callback.code, &callback.error, &callback.error_description, &callback.iss };
		MUST_HOLD((callback.code.len > 0) != (callback.error.len > 0));
		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
			MUST_HOLD(texts[i]->len <= LIMIT_CALLBACK_PARAMETER && text_is_clean(*texts[i]));
		/* no response is taken without the state, in whatever spelling: it has at least so many bytes */
		MUST_HOLD(query.len > strlen("state=" STATE));
	} else {
		MUST_HOLD(callback.code.ptr == NULL && callback.error.ptr == NULL);
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct slice head = { (const char *)bytes, size };
	struct loopback_request request = { .path = { NULL, 0 } };
	enum result result = loopback_request_read(head, 8400, &request);
	MUST_HOLD(result == RESULT_OK || request.path.ptr == NULL);
	MUST_HOLD(result != RESULT_BUSY || size < LIMIT_CALLBACK_SIZE);
	if (result != RESULT_OK)
		return 0;
	MUST_HOLD(request.path.len > 0 && request.path.ptr[0] == '/' && text_is_printable_ascii(request.path));
	MUST_HOLD(memchr(request.path.ptr, '?', request.path.len) == NULL);
	read_response(request.query);
	return 0;
}
