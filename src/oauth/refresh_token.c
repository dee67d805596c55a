#include "oauth/refresh_token.h"

#include "base/random.h"
#include "base/text.h"
#include "base/writer.h"

#define FAMILY_BYTES 16
#define TOKEN_BYTES 48

static bool decode(struct slice token, uint8_t bytes[TOKEN_BYTES])
{
	size_t len;
	return token.len == REFRESH_TOKEN_SIZE && text_base64url_decode(token, bytes, TOKEN_BYTES, &len) == RESULT_OK && len == TOKEN_BYTES;
}

static struct refresh_name name_of(const uint8_t bytes[TOKEN_BYTES], struct slice token)
{
	return (struct refresh_name) {
		.family = hash32_of_kind("refresh-family", (struct slice) { (const char *)bytes, FAMILY_BYTES }),
		.token = hash32_of_kind("refresh", token),
	};
}

enum result refresh_token_make(struct arena *arena, struct slice family, struct slice *ret, struct refresh_name *ret_name)
{
	uint8_t bytes[TOKEN_BYTES];
	if (family.ptr == NULL)
		random_bytes(bytes, FAMILY_BYTES);
	else if (!decode(family, bytes))
		return RESULT_INVALID;
	random_bytes(bytes + FAMILY_BYTES, TOKEN_BYTES - FAMILY_BYTES);
	struct writer text = writer_new(arena, REFRESH_TOKEN_SIZE + 1);
	writer_base64url(&text, bytes, TOKEN_BYTES);
	if (writer_ok(&text)) {
		*ret = writer_slice(&text);
		*ret_name = name_of(bytes, *ret);
	}
	wipe(bytes, sizeof bytes);
	return writer_ok(&text) ? RESULT_OK : RESULT_NO_MEMORY;
}

enum result refresh_token_name(struct slice token, struct refresh_name *ret)
{
	uint8_t bytes[TOKEN_BYTES];
	if (!decode(token, bytes))
		return RESULT_INVALID;
	*ret = name_of(bytes, token);
	wipe(bytes, sizeof bytes);
	return RESULT_OK;
}
