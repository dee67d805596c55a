#include "base/path.h"

#include "base/text.h"

/* What a byte of a path is, by its value:
 *   p  may stand in a segment as it is (pchar of RFC 3986 §3.3)       . / ; %  have a meaning of their own
 *   e  printable, but has to be escaped                                x  is refused unless it is escaped, or even then */
static const char kinds[] = "xxxxxxxxxxxxxxxx"
                            "xxxxxxxxxxxxxxxx"
                            "xpexp%pppppppp./"
                            "ppppppppppp;epex"
                            "pppppppppppppppp"
                            "pppppppppppexeep"
                            "eppppppppppppppp"
                            "pppppppppppeeepx";

static char kind_of(char c)
{
	unsigned char byte = (unsigned char)c;
	return byte < 0x80 ? kinds[byte] : 'x';
}

static bool is_control(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f;
}

/* One segment on its way into the buffer. */
struct segment {
	struct slice rest; /* what of it is to be read */
	char *bytes;       /* the buffer */
	size_t size, len;
	bool template;
};

static enum result put(struct segment *segment, char c)
{
	if (segment->len == segment->size)
		return RESULT_TOO_LARGE;
	segment->bytes[segment->len++] = c;
	return RESULT_OK;
}

static enum result put_escaped(struct segment *segment, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";
	if (segment->size - segment->len < 3)
		return RESULT_TOO_LARGE;
	segment->bytes[segment->len++] = '%';
	segment->bytes[segment->len++] = digits[byte >> 4];
	segment->bytes[segment->len++] = digits[byte & 0x0f];
	return RESULT_OK;
}

/* Does a normalised segment hold the escape of an escape ("%252F") that somebody who decodes twice would read in another way? */
static bool means_more(struct slice text)
{
	static const struct slice percent = SLICE("%25");
	unsigned char byte;
	const char *at;
	while ((at = text.len == 0 ? NULL : memchr(text.ptr, '%', text.len)) != NULL) {
		text = slice_skip(text, (size_t)(at - text.ptr));
		if (slice_starts_with(text, percent) && text_hex_pair(slice_skip(text, percent.len), &byte) &&
		    (is_control(byte) || memchr("/\\.;%", byte, 5) != NULL))
			return true;
		text = slice_skip(text, 1);
	}
	return false;
}

/* A character beyond ASCII: its bytes are escapes (or stand as they are, in a template). */
static enum result read_wide(struct segment *segment)
{
	char bytes[4];
	size_t count = 0, at = 0, ends[4] = { 0 };
	while (count < sizeof bytes && at < segment->rest.len) {
		unsigned char byte = (unsigned char)segment->rest.ptr[at];
		if (byte == '%') {
			if (!text_hex_pair(slice_skip(segment->rest, at + 1), &byte))
				break;
			at += 2;
		}
		at++;
		bytes[count] = (char)byte;
		ends[count++] = at;
	}
	size_t len = text_utf8_length((struct slice) { bytes, count });
	if (len < 2)
		return RESULT_INVALID;
	enum result result = RESULT_OK;
	for (size_t i = 0; i < len && result == RESULT_OK; i++)
		result = put_escaped(segment, (unsigned char)bytes[i]);
	segment->rest = slice_skip(segment->rest, ends[len - 1]);
	return result;
}

static enum result read_escape(struct segment *segment)
{
	unsigned char byte;
	if (!text_hex_pair(slice_skip(segment->rest, 1), &byte) || is_control(byte) || byte == '/' || byte == '\\')
		return RESULT_INVALID;
	if (byte >= 0x80)
		return read_wide(segment);
	segment->rest = slice_skip(segment->rest, 3);
	char kind = kind_of((char)byte);
	return kind == 'p' || kind == '.' || kind == ';' ? put(segment, (char)byte) : put_escaped(segment, byte);
}

/* {name}, of a template. */
static enum result read_variable(struct segment *segment)
{
	const char *end = memchr(segment->rest.ptr, '}', segment->rest.len);
	size_t len = end == NULL ? 0 : (size_t)(end - segment->rest.ptr) + 1;
	if (len <= 2)
		return RESULT_INVALID;
	for (size_t i = 0; i < len; i++) {
		char c = segment->rest.ptr[i];
		if (is_control((unsigned char)c) || (c == '{' && i > 0))
			return RESULT_INVALID;
		if (put(segment, c) != RESULT_OK)
			return RESULT_TOO_LARGE;
	}
	segment->rest = slice_skip(segment->rest, len);
	return RESULT_OK;
}

static enum result read_next(struct segment *segment)
{
	const char c = segment->rest.ptr[0];
	const char kind = kind_of(c);
	if (kind == '%')
		return read_escape(segment);
	if (segment->template && c == '{')
		return read_variable(segment);
	if (segment->template && (unsigned char)c >= 0x80)
		return read_wide(segment);
	if (kind == 'x' && !(segment->template && c == ' '))
		return RESULT_INVALID;
	if (segment->template && c == '}')
		return RESULT_INVALID;
	segment->rest = slice_skip(segment->rest, 1);
	return kind == 'e' || kind == 'x' ? put_escaped(segment, (unsigned char)c) : put(segment, c);
}

/* What is written of the path loses its last segment. */
static size_t parent_of(const char *bytes, size_t len)
{
	while (len > 0 && bytes[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

/* The segment, "/" in front, stands in the buffer from start on: it stays, goes, or takes its parent along. */
static enum result settle(struct segment *segment, size_t start)
{
	struct slice text = { segment->bytes + start + 1, segment->len - start - 1 };
	const char *semicolon = text.len == 0 ? NULL : memchr(text.ptr, ';', text.len);
	struct slice head = semicolon == NULL ? text : slice_first(text, (size_t)(semicolon - text.ptr));
	bool none = head.len == 0 || slice_is(head, ".");
	bool up = slice_is(head, "..");
	if (((none || up) && semicolon != NULL) || means_more(text))
		return RESULT_INVALID;
	if (none || up)
		segment->len = up ? parent_of(segment->bytes, start) : start;
	return RESULT_OK;
}

static enum result normalise(struct slice path, bool template, char *buffer, size_t size, struct slice *ret)
{
	struct segment segment = { .bytes = buffer, .size = size, .template = template };
	struct slice rest = slice_skip(path, 1);
	while (slice_cut(&rest, '/', &segment.rest)) {
		const size_t start = segment.len;
		enum result result = put(&segment, '/');
		while (result == RESULT_OK && segment.rest.len > 0)
			result = read_next(&segment);
		if (result == RESULT_OK)
			result = settle(&segment, start);
		if (result != RESULT_OK)
			return result;
	}
	*ret = segment.len == 0 ? SLICE_OF("/") : (struct slice) { buffer, segment.len };
	return RESULT_OK;
}

/* Nothing in it that could have to be changed or refused. */
static bool is_plain(struct slice path)
{
	char before = '/';
	for (size_t i = 1; i < path.len; i++) {
		const char kind = kind_of(path.ptr[i]);
		if (kind != 'p' && ((kind != '.' && kind != '/' && kind != ';') || before == '/'))
			return false;
		before = path.ptr[i];
	}
	return path.len == 1 || before != '/';
}

enum result path_normalise(struct slice path, char *buffer, size_t size, struct slice *ret)
{
	if (path.len == 0) {
		*ret = SLICE_OF("/");
		return RESULT_OK;
	}
	if (path.ptr[0] != '/')
		return RESULT_INVALID;
	if (is_plain(path)) {
		*ret = path;
		return RESULT_OK;
	}
	return normalise(path, false, buffer, size, ret);
}

enum result path_normalise_template(struct slice path, char *buffer, size_t size, struct slice *ret)
{
	if (path.len == 0) {
		*ret = SLICE_OF("/");
		return RESULT_OK;
	}
	return path.ptr[0] != '/' ? RESULT_INVALID : normalise(path, true, buffer, size, ret);
}
