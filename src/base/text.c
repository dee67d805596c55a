#include "base/text.h"

#include "base/random.h"

#include <sodium.h>
#include <stdio.h>

size_t text_utf8_length(struct slice text)
{
	if (text.len == 0)
		return 0;
	const unsigned char *byte = (const unsigned char *)text.ptr;
	if (byte[0] < 0x80)
		return 1;
	size_t length = byte[0] >= 0xc2 && byte[0] <= 0xdf ? 2 : byte[0] >= 0xe0 && byte[0] <= 0xef ? 3
	              : byte[0] >= 0xf0 && byte[0] <= 0xf4                                          ? 4
	                                                                                            : 0;
	if (length == 0 || text.len < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	/* over-long forms, surrogates, and beyond U+10FFFF */
	if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
	    (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
		return 0;
	return length;
}

bool text_is_clean(struct slice text)
{
	size_t at = 0;
	while (at < text.len) {
		unsigned char byte = (unsigned char)text.ptr[at];
		if (byte < 0x20 || byte == 0x7f)
			return false;
		size_t length = byte < 0x80 ? 1 : text_utf8_length(slice_skip(text, at));
		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

bool text_is_printable_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e)
			return false;
	return true;
}

char text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_folded(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (text_lower(a.ptr[i]) != text_lower(b.ptr[i]))
			return false;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_hex_pair(struct slice text, unsigned char *ret)
{
	int high = text.len < 2 ? -1 : hex_digit(text.ptr[0]);
	int low = text.len < 2 ? -1 : hex_digit(text.ptr[1]);
	if (high < 0 || low < 0)
		return false;
	*ret = (unsigned char)(high * 16 + low);
	return true;
}

bool text_credentials(struct slice authorization, struct slice scheme, struct slice *ret)
{
	struct slice rest = authorization, name;
	if (!slice_cut(&rest, ' ', &name) || !text_equal_folded(name, scheme))
		return false;
	if (rest.ptr == NULL)
		rest = SLICE_OF("");
	while (rest.len > 0 && rest.ptr[0] == ' ')
		rest = slice_skip(rest, 1);
	*ret = rest;
	return true;
}

enum result text_percent_decode(struct arena *arena, struct slice input, bool form, struct slice *ret)
{
	bool plain = true;
	for (size_t i = 0; i < input.len && plain; i++)
		plain = input.ptr[i] != '%' && !(form && input.ptr[i] == '+');
	if (plain) {
		*ret = input;
		return RESULT_OK;
	}
	char *bytes = arena_alloc(arena, input.len + 1);
	if (bytes == NULL)
		return RESULT_TOO_LARGE;
	size_t len = 0;
	for (size_t i = 0; i < input.len; i++) {
		char c = input.ptr[i];
		if (form && c == '+') {
			c = ' ';
		} else if (c == '%') {
			unsigned char byte;
			if (!text_hex_pair(slice_skip(input, i + 1), &byte))
				return RESULT_INVALID;
			c = (char)byte;
			i += 2;
		}
		bytes[len++] = c;
	}
	*ret = (struct slice) { bytes, len };
	return RESULT_OK;
}

static enum result base64_decode(struct slice input, void *bytes, size_t size, size_t *ret_len, int variant)
{
	size_t len;
	const char *end;
	if (input.len / 4 * 3 > size)
		return RESULT_TOO_LARGE;
	/* libsodium 1.0.18 decodes every byte beyond ASCII like the last letter of the alphabet */
	if (!text_is_printable_ascii(input))
		return RESULT_INVALID;
	if (sodium_base642bin(bytes, size, input.ptr, input.len, NULL, &len, &end, variant) != 0 || end != input.ptr + input.len)
		return RESULT_INVALID;
	*ret_len = len;
	return RESULT_OK;
}

enum result text_base64url_decode(struct slice input, void *bytes, size_t size, size_t *ret_len)
{
	return base64_decode(input, bytes, size, ret_len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum result text_base64_decode(struct slice input, void *bytes, size_t size, size_t *ret_len)
{
	return base64_decode(input, bytes, size, ret_len, sodium_base64_VARIANT_ORIGINAL);
}

enum result text_to_int(struct slice text, int64_t max, int64_t *ret)
{
	if (text.len == 0 || text.len > 19)
		return RESULT_INVALID;
	int64_t value = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return RESULT_INVALID;
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text.ptr[i] - '0', &value) || value > max)
			return RESULT_INVALID;
	}
	*ret = value;
	return RESULT_OK;
}

static void uuid_print(uint8_t bytes[16], int version, char text[UUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | (version << 4));
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	size_t at = 0;
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		text[at++] = digits[bytes[i] >> 4];
		text[at++] = digits[bytes[i] & 0x0f];
	}
	text[at] = '\0';
}

void text_uuid7(int64_t ms, char text[UUID_TEXT_SIZE])
{
	uint8_t bytes[16];
	random_bytes(bytes, sizeof bytes);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)((uint64_t)ms >> (40 - 8 * i));
	uuid_print(bytes, 7, text);
}

void text_uuid4(char text[UUID_TEXT_SIZE])
{
	uint8_t bytes[16];
	random_bytes(bytes, sizeof bytes);
	uuid_print(bytes, 4, text);
}

enum result text_uuid7_ms(struct slice text, int64_t *ret_ms)
{
	if (text.len != UUID_TEXT_SIZE - 1 || text.ptr[8] != '-' || text.ptr[13] != '-' || text.ptr[14] != '7')
		return RESULT_INVALID;
	int64_t ms = 0;
	for (size_t i = 0; i < 13; i++) {
		if (i == 8)
			continue;
		int digit = hex_digit(text.ptr[i]);
		if (digit < 0)
			return RESULT_INVALID;
		ms = ms * 16 + digit;
	}
	*ret_ms = ms;
	return RESULT_OK;
}

void text_copy(char *buffer, size_t size, struct slice text)
{
	size_t len = text.len < size ? text.len : size - 1;
	if (len > 0)
		memcpy(buffer, text.ptr, len);
	buffer[len] = '\0';
}
