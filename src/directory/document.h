/* A document (YAML or JSON) as a pull-reader over the parser's events: never a tree, one value in memory at a time.
 *
 * Only the part of YAML that means something in an apply document is read: one document, no aliases, anchors or tags,
 * at most LIMIT_APPLY_DEPTH levels, scalars of at most LIMIT_APPLY_SCALAR bytes; OpenAPI documents are allowed more
 * (document_allow). The first failure is sticky; it is kept as "FILE:LINE: sentence" and handed out by document_problem. Not
 * thread-safe. */
#ifndef WRIT_DIRECTORY_DOCUMENT_H
#define WRIT_DIRECTORY_DOCUMENT_H

#include "base/arena.h"

#include <jansson.h>
#include <stdint.h>

struct document;

/* fd     read from offset start on, without moving it; start -1: read in order (a pipe).
 * Returns NULL when memory is out. Free with document_close. */
MUST_CHECK struct document *document_open(int fd, int64_t start, const char *file_name);
MUST_CHECK struct document *document_open_memory(struct slice bytes, const char *file_name);
void document_close(struct document *); /* NULL is fine */

const char *document_file_name(const struct document *);
/* The line of what was read last, from 1. */
unsigned document_line(const struct document *);
int64_t document_bytes_read(const struct document *);
/* The first failure; its text is empty while there is none. */
const struct problem *document_problem(const struct document *);
/* Its line (0: none was named), and what its text says behind file and line. */
unsigned document_problem_line(const struct document *);
const char *document_problem_sentence(const struct document *);

/* Notes a failure at a line (0: no line is named) and returns result. */
MUST_CHECK enum result document_fail(struct document *, unsigned line, enum result, const char *format, ...) PRINTF_LIKE(4, 5);
/* Takes over the failure of another reader of the same file. */
MUST_CHECK enum result document_fail_as(struct document *, const struct document *other);

/* What is read of YAML from here on. */
struct document_allowance {
	int depth; /* lists and mappings in each other, from the root of the document */
	/* Anchors, aliases and tags may stand in what is skipped, and texts of any length; an alias where a value is read is what it
	 * stands for, up to the limits of directory/document_anchors.h; a tag there is refused. False: refused wherever they stand. */
	bool aliases;
	/* Called with every text that is skipped, keys too; may be NULL. It may be no UTF-8. */
	void (*passed)(void *context, struct slice text, unsigned line);
	void *context;
};
/* ret_before   what was allowed until now; may be NULL. */
MUST_CHECK enum result document_allow(struct document *, const struct document_allowance *, struct document_allowance *ret_before);
/* Lists and mappings that were entered and not yet left. */
int document_depth(const struct document *);

enum document_kind { DOCUMENT_SCALAR, DOCUMENT_LIST, DOCUMENT_MAPPING, DOCUMENT_END };
/* What comes next; DOCUMENT_END: the innermost list or mapping is over. */
MUST_CHECK enum result document_peek(struct document *, enum document_kind *ret);

/* Enters a mapping; each key is then asked for until *more is false, and behind each its value is read or skipped.
 * null (nothing behind the colon) counts as an empty mapping. what names it in the failure. */
MUST_CHECK enum result document_mapping(struct document *, const char *what);
/* key lives until the next call. */
MUST_CHECK enum result document_key(struct document *, struct slice *key, bool *more);

/* The same for a list: behind each *more its item is read or skipped. */
MUST_CHECK enum result document_list(struct document *, const char *what);
MUST_CHECK enum result document_item(struct document *, bool *more);

struct document_scalar {
	struct slice text; /* valid UTF-8; lives until the next call */
	bool plain;        /* without quotes: null, true, 12 mean what the YAML core schema says */
};
MUST_CHECK enum result document_scalar(struct document *, const char *what, struct document_scalar *ret);
/* "", ~, null, Null, NULL without quotes. */
bool document_scalar_is_null(const struct document_scalar *);

/* Leaves out the next value, whatever it is. */
MUST_CHECK enum result document_skip(struct document *, const char *what);

/* The next value as JSON, refused beyond size_max bytes of text; doubled keys are refused. The caller decrefs. */
MUST_CHECK enum result document_json(struct document *, const char *what, size_t size_max, json_t **ret);

/* Nothing may follow the one value of the document. */
MUST_CHECK enum result document_finish(struct document *);

#endif
