#include "jose/base64url.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Whole groups of three bytes. */
static size_t groups_encode(const uint8_t *bytes, size_t len, char *text)
{
	size_t at = 0;
	for (size_t i = 0; i + 3 <= len; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
		text[at] = digits[group >> 18];
		text[at + 1] = digits[group >> 12 & 63];
		text[at + 2] = digits[group >> 6 & 63];
		text[at + 3] = digits[group & 63];
		at += 4;
	}
	return at;
}

void base64url_put(struct writer *writer, const void *bytes, size_t len)
{
	const uint8_t *rest = bytes;
	char text[512];
	const size_t chunk = sizeof text / 4 * 3;
	while (len >= 3) {
		size_t taken = len < chunk ? len - len % 3 : chunk;
		size_t made = groups_encode(rest, taken, text);
		writer_put(writer, (struct slice) { text, made });
		rest += taken;
		len -= taken;
	}
	if (len == 0)
		return;
	uint32_t group = (uint32_t)rest[0] << 16 | (len == 2 ? (uint32_t)rest[1] << 8 : 0);
	text[0] = digits[group >> 18];
	text[1] = digits[group >> 12 & 63];
	text[2] = digits[group >> 6 & 63];
	writer_put(writer, (struct slice) { text, len + 1 });
}
