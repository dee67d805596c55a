/* Text that grows in an arena: JSON, JWTs, pages, Prometheus lines.
 *
 * The only places where something typed by a person or client meets JSON or HTML are writer_json_string and
 * writer_html. Overflow is sticky, like the arena's: check writer_ok once at the end. */
#ifndef WRIT_BASE_WRITER_H
#define WRIT_BASE_WRITER_H

#include "base/arena.h"

#include <stdint.h>

struct writer {
	struct arena *arena;
	char *bytes;
	size_t len;
	size_t capacity;
	bool failed;
};

/* capacity   expected size; the writer grows by doubling when it is too small. */
struct writer writer_new(struct arena *, size_t capacity);

void writer_put(struct writer *, struct slice);
void writer_text(struct writer *, const char *);
void writer_byte(struct writer *, char);
void writer_int(struct writer *, int64_t);
void writer_print(struct writer *, const char *format, ...) PRINTF_LIKE(2, 3);

/* A JSON string with its quotes (RFC 8259 §7): control characters, quote and backslash escaped. Invalid UTF-8
 * becomes U+FFFD. */
void writer_json_string(struct writer *, struct slice);

/* ,"name":  with a comma in front unless the last byte written is { or [ . */
void writer_json_key(struct writer *, const char *name);
void writer_json_member(struct writer *, const char *name, struct slice value);
void writer_json_member_int(struct writer *, const char *name, int64_t value);
void writer_json_member_bool(struct writer *, const char *name, bool value);
/* The words of a space-separated list as a JSON array of strings. */
void writer_json_words(struct writer *, struct slice words);

/* HTML text or attribute value: & < > " ' escaped. */
void writer_html(struct writer *, struct slice);

/* Percent-encoding (RFC 3986 §2.1): all but unreserved characters, so that it can stand in a query, a fragment or a form. */
void writer_percent(struct writer *, struct slice);

/* base64url without padding (RFC 7515 §2). */
void writer_base64url(struct writer *, const void *bytes, size_t len);

bool writer_ok(const struct writer *);
struct slice writer_slice(const struct writer *);

#endif
