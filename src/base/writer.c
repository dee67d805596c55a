#include "base/writer.h"

#include "base/text.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

struct writer writer_new(struct arena *arena, size_t capacity)
{
	struct writer writer = { .arena = arena, .capacity = capacity };
	writer.bytes = arena_alloc(arena, capacity);
	writer.failed = writer.bytes == NULL;
	return writer;
}

static bool reserve(struct writer *writer, size_t more)
{
	if (writer->failed)
		return false;
	if (writer->capacity - writer->len >= more)
		return true;
	size_t capacity;
	if (__builtin_add_overflow(writer->len, more, &capacity) || __builtin_mul_overflow(capacity, 2, &capacity)) {
		writer->failed = true;
		return false;
	}
	char *bytes = arena_alloc(writer->arena, capacity);
	if (bytes == NULL) {
		writer->failed = true;
		return false;
	}
	memcpy(bytes, writer->bytes, writer->len);
	writer->bytes = bytes;
	writer->capacity = capacity;
	return true;
}

void writer_put(struct writer *writer, struct slice slice)
{
	if (slice.len == 0 || !reserve(writer, slice.len))
		return;
	memcpy(writer->bytes + writer->len, slice.ptr, slice.len);
	writer->len += slice.len;
}

void writer_text(struct writer *writer, const char *text)
{
	writer_put(writer, slice_from(text));
}

void writer_byte(struct writer *writer, char byte)
{
	if (reserve(writer, 1))
		writer->bytes[writer->len++] = byte;
}

void writer_int(struct writer *writer, int64_t value)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		digits[--at] = '-';
	writer_put(writer, (struct slice) { digits + at, sizeof digits - at });
}

void writer_print(struct writer *writer, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !reserve(writer, (size_t)length + 1))
		return;
	va_start(args, format);
	vsnprintf(writer->bytes + writer->len, (size_t)length + 1, format, args);
	va_end(args);
	writer->len += (size_t)length;
}

static bool json_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void json_escape(struct writer *writer, unsigned char byte)
{
	switch (byte) {
	case '"': writer_put(writer, SLICE_OF("\\\"")); break;
	case '\\': writer_put(writer, SLICE_OF("\\\\")); break;
	case '\n': writer_put(writer, SLICE_OF("\\n")); break;
	case '\r': writer_put(writer, SLICE_OF("\\r")); break;
	case '\t': writer_put(writer, SLICE_OF("\\t")); break;
	default: writer_print(writer, "\\u%04x", byte); break;
	}
}

void writer_json_string(struct writer *writer, struct slice value)
{
	writer_byte(writer, '"');
	size_t at = 0;
	while (at < value.len) {
		size_t plain = at;
		while (plain < value.len && json_plain((unsigned char)value.ptr[plain]))
			plain++;
		writer_put(writer, (struct slice) { value.ptr + at, plain - at });
		at = plain;
		if (at == value.len)
			break;
		unsigned char byte = (unsigned char)value.ptr[at];
		if (byte < 0x80) {
			json_escape(writer, byte);
			at++;
			continue;
		}
		size_t length = text_utf8_length(slice_skip(value, at));
		writer_put(writer, length == 0 ? SLICE_OF("\\ufffd") : slice_first(slice_skip(value, at), length));
		at += length == 0 ? 1 : length;
	}
	writer_byte(writer, '"');
}

void writer_json_key(struct writer *writer, const char *name)
{
	char last = writer->len > 0 ? writer->bytes[writer->len - 1] : '{';
	if (last != '{' && last != '[')
		writer_byte(writer, ',');
	writer_byte(writer, '"');
	writer_text(writer, name);
	writer_put(writer, SLICE_OF("\":"));
}

void writer_json_member(struct writer *writer, const char *name, struct slice value)
{
	writer_json_key(writer, name);
	writer_json_string(writer, value);
}

void writer_json_member_int(struct writer *writer, const char *name, int64_t value)
{
	writer_json_key(writer, name);
	writer_int(writer, value);
}

void writer_json_member_bool(struct writer *writer, const char *name, bool value)
{
	writer_json_key(writer, name);
	writer_text(writer, value ? "true" : "false");
}

void writer_json_words(struct writer *writer, struct slice words)
{
	writer_byte(writer, '[');
	struct slice word;
	bool first = true;
	while (slice_word(&words, &word)) {
		if (!first)
			writer_byte(writer, ',');
		first = false;
		writer_json_string(writer, word);
	}
	writer_byte(writer, ']');
}

void writer_html(struct writer *writer, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		switch (value.ptr[i]) {
		case '&': writer_put(writer, SLICE_OF("&amp;")); break;
		case '<': writer_put(writer, SLICE_OF("&lt;")); break;
		case '>': writer_put(writer, SLICE_OF("&gt;")); break;
		case '"': writer_put(writer, SLICE_OF("&quot;")); break;
		case '\'': writer_put(writer, SLICE_OF("&#39;")); break;
		default: writer_byte(writer, value.ptr[i]); break;
		}
	}
}

void writer_percent(struct writer *writer, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
			writer_byte(writer, (char)c);
			continue;
		}
		writer_byte(writer, '%');
		writer_byte(writer, digits[c >> 4]);
		writer_byte(writer, digits[c & 15]);
	}
}

void writer_base64url(struct writer *writer, const void *bytes, size_t len)
{
	size_t size = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	if (!reserve(writer, size))
		return;
	sodium_bin2base64(writer->bytes + writer->len, size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	writer->len += size - 1;
}

bool writer_ok(const struct writer *writer)
{
	return !writer->failed;
}

struct slice writer_slice(const struct writer *writer)
{
	return (struct slice) { writer->bytes, writer->len };
}
