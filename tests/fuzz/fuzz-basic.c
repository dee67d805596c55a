/* An Authorization header: as it came, and with the input as what was encoded in it. */
#include "fuzz.h"

#include "base/limits.h"
#include "base/text.h"
#include "http/basic.h"

#include <sodium.h>

#define PLAIN_SIZE_MAX 4096

static void check(struct arena *arena, struct slice header)
{
	struct basic_credentials credentials;
	if (basic_parse(arena, header, &credentials) != RESULT_OK)
		return;
	MUST_HOLD(basic_is_scheme(header));
	MUST_HOLD(credentials.name.len <= LIMIT_SHORT_PARAMETER && text_is_clean(credentials.name));
	MUST_HOLD(credentials.password.len <= LIMIT_SECRET_SIZE && text_is_clean(credentials.password));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(4096, 256 * 1024);
	if (arena == NULL)
		return 0;
	check(arena, (struct slice) { (const char *)bytes, size });
	if (size <= PLAIN_SIZE_MAX) {
		char encoded[PLAIN_SIZE_MAX / 3 * 4 + 8];
		sodium_bin2base64(encoded, sizeof encoded, bytes, size, sodium_base64_VARIANT_ORIGINAL);
		check(arena, arena_print(arena, "Basic %s", encoded));
	}
	arena_free(arena);
	return 0;
}
