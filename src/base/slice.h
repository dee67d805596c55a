/* A borrowed run of bytes. Never NUL-terminated, never owned; it lives as long as what it points into. */
#ifndef WRIT_BASE_SLICE_H
#define WRIT_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *ptr;
	size_t len;
};

/* For printf: "%.*s", SLICE_ARGS(slice). */
#define SLICE_ARGS(s) (int)(s).len, (s).ptr
/* A slice of a string literal, usable in static tables. */
#define SLICE(literal) { "" literal, sizeof(literal) - 1 }
#define SLICE_OF(literal) ((struct slice) { "" literal, sizeof(literal) - 1 })

static inline struct slice slice_from(const char *string)
{
	return (struct slice) { string, string == NULL ? 0 : strlen(string) };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *string)
{
	return slice_equal(a, slice_from(string));
}

/* By bytes, a beginning before what it begins: < 0, 0, > 0. */
static inline int slice_compare(struct slice a, struct slice b)
{
	const size_t common = a.len < b.len ? a.len : b.len;
	const int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool slice_starts_with(struct slice a, struct slice prefix)
{
	return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool slice_ends_with(struct slice a, struct slice suffix)
{
	return a.len >= suffix.len && (suffix.len == 0 || memcmp(a.ptr + a.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* What is left of a behind its first n bytes (n at most a.len). */
static inline struct slice slice_skip(struct slice a, size_t n)
{
	return (struct slice) { a.ptr + n, a.len - n };
}

static inline struct slice slice_first(struct slice a, size_t n)
{
	return (struct slice) { a.ptr, n < a.len ? n : a.len };
}

/* Cuts the next token of rest at separator: false when nothing is left. Empty tokens are given too. */
static inline bool slice_cut(struct slice *rest, char separator, struct slice *ret)
{
	if (rest->ptr == NULL)
		return false;
	const char *at = rest->len == 0 ? NULL : memchr(rest->ptr, separator, rest->len);
	if (at == NULL) {
		*ret = *rest;
		*rest = (struct slice) { NULL, 0 };
		return true;
	}
	size_t before = (size_t)(at - rest->ptr);
	*ret = slice_first(*rest, before);
	*rest = slice_skip(*rest, before + 1);
	return true;
}

/* The next non-empty word of a list separated by single or repeated spaces. */
static inline bool slice_word(struct slice *rest, struct slice *ret)
{
	struct slice word;
	while (slice_cut(rest, ' ', &word)) {
		if (word.len > 0) {
			*ret = word;
			return true;
		}
	}
	return false;
}

/* Is this word in the list? */
static inline bool slice_has_word(struct slice list, struct slice word)
{
	struct slice each;
	while (slice_word(&list, &each))
		if (slice_equal(each, word))
			return true;
	return false;
}

/* Without the spaces and tabs around it: the optional whitespace of HTTP (RFC 9110 §5.6.3). */
static inline struct slice slice_trim(struct slice text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = slice_skip(text, 1);
	while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

#endif
