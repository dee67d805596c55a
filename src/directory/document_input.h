/* The bytes of an apply document on their way to the YAML parser.
 *
 * The parser holds a line in memory at forty times its size, so JSON on one line is broken after structural commas as
 * it passes; lines are counted as the writer of the document sees them. A line of anything else is bounded. */
#ifndef WRIT_DIRECTORY_DOCUMENT_INPUT_H
#define WRIT_DIRECTORY_DOCUMENT_INPUT_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum json_last { JSON_OPEN, JSON_QUOTE, JSON_COLON, JSON_VALUE };

struct document_input {
	int fd;
	int64_t at;    /* offset of the next read; -1: fd cannot be seeked and is read in order */
	int64_t bytes; /* read so far */
	bool ended;    /* all of it was */

	const char *memory; /* instead of fd, when not NULL */
	size_t memory_len;

	enum { INPUT_UNDECIDED, INPUT_JSON, INPUT_YAML } format;
	bool in_string, escaped;
	enum json_last last;
	size_t line_len; /* bytes on the line so far */

	uint32_t line;    /* lines given to the parser so far */
	uint32_t *breaks; /* the numbers of the lines that end in a break which is not in the document */
	size_t break_count, break_capacity;

	unsigned char utf8_left, utf8_low, utf8_high; /* bytes that the character needs yet, and what the next may be */

	/* What goes to the parser next: a character, once it is whole, and a break. */
	char next[8];
	unsigned char next_len, next_at;

	enum result failed; /* what went wrong: RESULT_FAILED (reading), RESULT_TOO_LARGE (a line),
	                       RESULT_INVALID (no text: a control character, or no UTF-8), RESULT_NO_MEMORY */
	int error; /* errno of RESULT_FAILED */

	size_t held_len, held_at;
	char held[16 * 1024];
};

/* fd is read from start on with pread; start -1: with read, in order. */
void document_input_open(struct document_input *, int fd, int64_t start);
void document_input_open_memory(struct document_input *, const char *bytes, size_t len);
void document_input_close(struct document_input *);

/* The parser's callback: at most size bytes; 0 at the end and when it failed: look at failed first. (libfyaml 0.7.12 asks
 * for ever after a negative result, and loops on a character that is cut off at the end; neither ever reaches it.) */
ssize_t document_input_read(void *input, void *bytes, size_t size);

/* The line of the document (from 1) that the parser calls line (from 0). */
unsigned document_input_line(const struct document_input *, int line);

#endif
