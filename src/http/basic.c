#include "http/basic.h"

#include "base/limits.h"
#include "base/text.h"

/* Both halves percent-encoded throughout, and the colon. */
#define DECODED_MAX (3 * LIMIT_SHORT_PARAMETER + 1 + 3 * LIMIT_SECRET_SIZE)

bool basic_is_scheme(struct slice authorization)
{
	struct slice encoded;
	return text_credentials(authorization, SLICE_OF("Basic"), &encoded);
}

static enum result half_decode(struct arena *arena, struct slice text, size_t max, struct slice *ret)
{
	struct slice decoded;
	if (text_percent_decode(arena, text, true, &decoded) != RESULT_OK || decoded.len > max || !text_is_clean(decoded))
		return RESULT_INVALID;
	*ret = decoded;
	return RESULT_OK;
}

enum result basic_parse(struct arena *arena, struct slice authorization, struct basic_credentials *ret)
{
	struct slice encoded;
	if (!text_credentials(authorization, SLICE_OF("Basic"), &encoded))
		return RESULT_INVALID;
	size_t size = encoded.len / 4 * 3;
	if (encoded.len == 0 || encoded.len % 4 != 0 || size > DECODED_MAX + 2)
		return RESULT_INVALID;
	char *bytes = arena_alloc(arena, size);
	size_t len;
	if (bytes == NULL || text_base64_decode(encoded, bytes, size, &len) != RESULT_OK)
		return RESULT_INVALID;
	const char *colon = memchr(bytes, ':', len);
	if (colon == NULL)
		return RESULT_INVALID;
	struct slice name = { bytes, (size_t)(colon - bytes) };
	struct slice password = { colon + 1, len - name.len - 1 };
	struct basic_credentials credentials;
	if (half_decode(arena, name, LIMIT_SHORT_PARAMETER, &credentials.name) != RESULT_OK ||
	    half_decode(arena, password, LIMIT_SECRET_SIZE, &credentials.password) != RESULT_OK)
		return RESULT_INVALID;
	*ret = credentials;
	return RESULT_OK;
}
