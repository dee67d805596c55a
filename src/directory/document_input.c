#include "directory/document_input.h"

#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lines shorter than this are never broken, so that indented JSON keeps its line numbers without a note. */
enum { LINE_BREAK_AFTER = 1024 };

void document_input_open(struct document_input *input, int fd, int64_t start)
{
	memset(input, 0, offsetof(struct document_input, held));
	input->fd = fd;
	input->at = start;
}

void document_input_open_memory(struct document_input *input, const char *bytes, size_t len)
{
	document_input_open(input, -1, 0);
	input->memory = len == 0 ? "" : bytes;
	input->memory_len = len;
}

void document_input_close(struct document_input *input)
{
	free(input->breaks);
	input->breaks = NULL;
}

static bool fill_from_memory(struct document_input *input)
{
	size_t rest = input->memory_len - (size_t)input->at;
	size_t size = rest < sizeof input->held ? rest : sizeof input->held;
	memcpy(input->held, input->memory + input->at, size);
	input->ended = size == 0;
	input->held_len = size;
	input->at += (int64_t)size;
	input->bytes += (int64_t)size;
	return true;
}

static bool fill(struct document_input *input)
{
	input->held_at = 0;
	input->held_len = 0;
	if (input->memory != NULL)
		return fill_from_memory(input);
	ssize_t got;
	do
		got = input->at < 0 ? read(input->fd, input->held, sizeof input->held)
		                    : pread(input->fd, input->held, sizeof input->held, input->at);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		input->failed = RESULT_FAILED;
		input->error = errno;
		return false;
	}
	input->held_len = (size_t)got;
	input->ended = got == 0;
	input->bytes += got;
	if (input->at >= 0)
		input->at += got;
	return true;
}

/* The line that is being given ends here without ending in the document. */
static bool note_break(struct document_input *input)
{
	if (input->break_count == input->break_capacity) {
		size_t capacity = input->break_capacity == 0 ? 256 : input->break_capacity * 2;
		uint32_t *breaks = reallocarray(input->breaks, capacity, sizeof *breaks);
		if (breaks == NULL) {
			input->failed = RESULT_NO_MEMORY;
			return false;
		}
		input->breaks = breaks;
		input->break_capacity = capacity;
	}
	input->breaks[input->break_count++] = input->line;
	return true;
}

static bool is_json_literal(char c)
{
	return (c >= '0' && c <= '9') || (c != '\0' && strchr("+-.eEtrufalsn", c) != NULL);
}

/* Follows JSON byte by byte, just closely enough to be sure where strings begin and end (RFC 8259). At the first byte
 * that JSON would not have there, it is YAML in flow style and stays untouched from then on. True behind a comma that
 * stands between values. */
static bool follow_json(struct document_input *input, char c)
{
	if (input->in_string) {
		if (input->escaped)
			input->escaped = false;
		else if (c == '\\')
			input->escaped = true;
		else if (c == '"')
			input->in_string = false;
		return false;
	}
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return false;
	if (c == '"' && (input->last == JSON_OPEN || input->last == JSON_COLON)) {
		input->in_string = true;
		input->last = JSON_QUOTE;
	} else if (c == ':' && input->last == JSON_QUOTE) {
		input->last = JSON_COLON;
	} else if (c == '{' || c == '[' || c == ',') {
		input->last = JSON_OPEN;
	} else if (c == '}' || c == ']' || is_json_literal(c)) {
		input->last = JSON_VALUE;
	} else {
		input->format = INPUT_YAML;
	}
	return c == ',';
}

/* The first byte that is no space, and no byte order mark, tells JSON from YAML. */
static void decide_format(struct document_input *input, char c)
{
	if (c == '{' || c == '[')
		input->format = INPUT_JSON;
	else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\xef' && c != '\xbb' && c != '\xbf')
		input->format = INPUT_YAML;
}

/* RFC 3629 §4, byte by byte; and no control characters (YAML 1.2 §5.1). The parser would take a NUL, or what is no
 * UTF-8, for the end of the document and leave the rest out silently. */
static bool is_text(struct document_input *input, unsigned char c)
{
	if (input->utf8_left > 0) {
		bool good = c >= input->utf8_low && c <= input->utf8_high;
		input->utf8_left--;
		input->utf8_low = 0x80;
		input->utf8_high = 0xbf;
		return good;
	}
	if (c < 0x80)
		return c >= 0x20 ? c != 0x7f : c == '\n' || c == '\r' || c == '\t';
	input->utf8_left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	input->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	input->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	return c >= 0xc2 && c <= 0xf4;
}

static bool line_grows(struct document_input *input, char c)
{
	if (c == '\n') {
		input->line++;
		input->line_len = 0;
	} else if (++input->line_len > LIMIT_APPLY_OBJECT_SIZE) {
		input->failed = RESULT_TOO_LARGE;
		return false;
	}
	return true;
}

/* Takes one byte of the document into next, and a break where one is due behind it. */
static bool take(struct document_input *input, char c)
{
	if (!is_text(input, (unsigned char)c)) {
		input->failed = RESULT_INVALID;
		return false;
	}
	if (!line_grows(input, c))
		return false;
	input->next[input->next_len++] = c;
	if (input->format == INPUT_UNDECIDED)
		decide_format(input, c);
	if (input->format == INPUT_JSON && follow_json(input, c) && input->line_len > LINE_BREAK_AFTER) {
		input->next[input->next_len++] = '\n';
		return note_break(input) && line_grows(input, '\n');
	}
	return true;
}

/* As much of what is held as fits; nothing of a character that is not whole yet. */
static size_t give(struct document_input *input, char *out, size_t size)
{
	size_t len = 0;
	for (;;) {
		while (len < size && input->utf8_left == 0 && input->next_at < input->next_len)
			out[len++] = input->next[input->next_at++];
		if (input->next_at == input->next_len)
			input->next_at = input->next_len = 0;
		if (len == size || input->held_at == input->held_len)
			return len;
		if (!take(input, input->held[input->held_at++]))
			return 0;
	}
}

ssize_t document_input_read(void *context, void *bytes, size_t size)
{
	struct document_input *input = context;
	size_t len = 0;
	while (len == 0 && input->failed == RESULT_OK) {
		bool waiting = input->utf8_left == 0 && input->next_at < input->next_len;
		if (!waiting && input->held_at == input->held_len && !fill(input))
			return 0;
		if (!waiting && input->ended) {
			if (input->utf8_left > 0)
				input->failed = RESULT_INVALID;
			return 0;
		}
		len = give(input, bytes, size);
	}
	return input->failed == RESULT_OK ? (ssize_t)len : 0;
}

unsigned document_input_line(const struct document_input *input, int line)
{
	/* how many breaks stand before that line: binary search in ascending numbers */
	size_t low = 0, high = input->break_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if ((int64_t)input->breaks[middle] < line)
			low = middle + 1;
		else
			high = middle;
	}
	return (unsigned)(line < 0 ? 0 : line) + 1 - (unsigned)low;
}
