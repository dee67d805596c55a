/* A sealed attempt: hostile text never opens; what was sealed opens as it was, and never once it is damaged. */
#include "fuzz.h"

#include "base/limits.h"
#include "signin/attempt.h"

#include <sodium.h>

#define NOW INT64_C(1800000000)

static const struct realm realm = { .partition = { "P", 1 }, .kind = PERSON_CUSTOMER };
static const struct secret32 master = { "a master key of thirty-two bytes" };
static const struct slice browser = SLICE("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE");

/* The first bytes say how to damage what was sealed, the rest is the request. */
static void check_sealed(struct arena *arena, const struct secret32 *key, struct slice input)
{
	if (input.len < 3)
		return;
	const unsigned char *how = (const unsigned char *)input.ptr;
	struct slice rest = slice_skip(input, 3);
	const size_t sid_len = rest.len < 36 ? rest.len : 36;
	const struct attempt_state state = {
		.begun_s = NOW - how[2] % 60,
		.signed_in = (how[2] & 1) != 0,
		.sid = slice_first(rest, sid_len),
		.request = slice_skip(rest, sid_len),
	};
	struct slice text;
	enum result result = attempt_seal(key, &realm, browser, &state, arena, &text);
	if (result != RESULT_OK) {
		MUST_HOLD(result == RESULT_TOO_LARGE && state.request.len > LIMIT_AUTHORIZATION_SIZE);
		return;
	}
	struct attempt_state opened;
	MUST_HOLD(text.len <= LIMIT_ATTEMPT_SIZE);
	MUST_HOLD(attempt_open(key, &realm, browser, text, NOW, arena, &opened) == RESULT_OK);
	MUST_HOLD(opened.begun_s == state.begun_s && opened.signed_in == state.signed_in);
	MUST_HOLD(slice_equal(opened.sid, state.sid) && slice_equal(opened.request, state.request));
	char *damaged = arena_alloc(arena, text.len);
	MUST_HOLD(damaged != NULL);
	memcpy(damaged, text.ptr, text.len);
	size_t at = (how[0] | (size_t)how[1] << 8) % text.len;
	damaged[at] = (char)(how[2] == 0 ? ~damaged[at] : damaged[at] ^ how[2]);
	MUST_HOLD(attempt_open(key, &realm, browser, (struct slice) { damaged, text.len }, NOW, arena, &opened) == RESULT_INVALID);
	MUST_HOLD(attempt_open(key, &realm, browser, slice_first(text, at), NOW, arena, &opened) == RESULT_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(64 * 1024, 1024 * 1024);
	if (arena == NULL || sodium_init() < 0)
		return 0;
	const struct secret32 key = attempt_key(&master);
	const struct slice input = { (const char *)bytes, size };
	struct attempt_state opened;
	MUST_HOLD(attempt_open(&key, &realm, browser, input, NOW, arena, &opened) == RESULT_INVALID);
	check_sealed(arena, &key, input);
	arena_free(arena);
	return 0;
}
