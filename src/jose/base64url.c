#include "jose/base64url.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What a digit stands for; 64: none. */
static uint32_t digit_value(char digit)
{
	/* one more than the value, so that what is not named is 0 */
	static const uint8_t values[256] = {
		['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
		['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
		['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
		['-'] = 63,
		['_'] = 64,
	};
	return (uint32_t)(uint8_t)(values[(unsigned char)digit] - 1U);
}

enum result base64url_take(struct slice text, void *bytes, size_t size, size_t *ret_len)
{
	uint8_t *to = bytes;
	const size_t groups = text.len / 4, rest = text.len % 4;
	const size_t len = groups * 3 + (rest == 0 ? 0 : rest - 1);
	uint32_t bad = rest == 1 ? 64 : 0;
	if (len > size)
		return RESULT_TOO_LARGE;
	for (size_t i = 0; i < groups; i++) {
		const char *from = text.ptr + 4 * i;
		const uint32_t a = digit_value(from[0]), b = digit_value(from[1]), c = digit_value(from[2]), d = digit_value(from[3]);
		bad |= a | b | c | d;
		const uint32_t group = a << 18 | b << 12 | c << 6 | d;
		*to++ = (uint8_t)(group >> 16);
		*to++ = (uint8_t)(group >> 8);
		*to++ = (uint8_t)group;
	}
	if (rest >= 2) {
		const char *from = text.ptr + 4 * groups;
		const uint32_t a = digit_value(from[0]), b = digit_value(from[1]), c = rest == 3 ? digit_value(from[2]) : 0;
		const uint32_t group = a << 18 | b << 12 | c << 6;
		const uint32_t stray = rest == 2 ? group & 0xffff : group & 0xff;
		bad |= a | b | c | (stray != 0 ? 64 : 0);
		*to++ = (uint8_t)(group >> 16);
		if (rest == 3)
			*to++ = (uint8_t)(group >> 8);
	}
	if ((bad & ~63U) != 0)
		return RESULT_INVALID;
	*ret_len = len;
	return RESULT_OK;
}

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
