#include "directory/document.h"

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "directory/document_input.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct document {
	struct document_input input;
	struct fy_parser *parser;
	struct fy_diag *diag;
	struct fy_event *event; /* the next one, not yet taken */
	const char *file_name;
	unsigned line;
	enum result failed;
	struct problem problem;
	int depth;
	bool empty; /* a null stood where a list or mapping is entered: its end comes next, without an event */
	bool started;
	size_t held_size;
	char *held; /* the text of the scalar that was read last */
};

enum { HELD_FIRST = 512 };

static struct document *document_new(const char *file_name)
{
	struct document *document = calloc(1, sizeof *document);
	if (document == NULL)
		return NULL;
	document->file_name = file_name;
	document->held = malloc(HELD_FIRST);
	document->held_size = HELD_FIRST;
	struct fy_diag_cfg quiet;
	fy_diag_cfg_default(&quiet);
	quiet.fp = NULL;
	document->diag = fy_diag_create(&quiet);
	if (document->held == NULL || document->diag == NULL)
		goto failed;
	fy_diag_set_collect_errors(document->diag, true);
	struct fy_parse_cfg config = {
		.search_path = "",
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_ACCELERATORS | FYPCF_DISABLE_MMAP_OPT | FYPCF_JSON_NONE,
		.diag = document->diag,
	};
	document->parser = fy_parser_create(&config);
	if (document->parser == NULL)
		goto failed;
	if (fy_parser_set_input_callback(document->parser, &document->input, document_input_read) != 0)
		goto failed;
	return document;
failed:
	document_close(document);
	return NULL;
}

struct document *document_open(int fd, int64_t start, const char *file_name)
{
	struct document *document = document_new(file_name);
	if (document != NULL)
		document_input_open(&document->input, fd, start);
	return document;
}

struct document *document_open_memory(struct slice bytes, const char *file_name)
{
	struct document *document = document_new(file_name);
	if (document != NULL)
		document_input_open_memory(&document->input, bytes.ptr, bytes.len);
	return document;
}

void document_close(struct document *document)
{
	if (document == NULL)
		return;
	if (document->parser != NULL) {
		fy_parser_event_free(document->parser, document->event);
		fy_parser_destroy(document->parser);
	}
	if (document->diag != NULL)
		fy_diag_destroy(document->diag);
	document_input_close(&document->input);
	/* passwords and client secrets passed through here */
	if (document->held != NULL)
		wipe(document->held, document->held_size);
	free(document->held);
	wipe(document->input.held, sizeof document->input.held);
	free(document);
}

unsigned document_line(const struct document *document)
{
	return document->line;
}

int64_t document_bytes_read(const struct document *document)
{
	return document->input.bytes;
}

const struct problem *document_problem(const struct document *document)
{
	return &document->problem;
}

enum result document_fail(struct document *document, unsigned line, enum result result, const char *format, ...)
{
	if (document->failed != RESULT_OK)
		return document->failed;
	char sentence[sizeof document->problem.text];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	document->failed = result;
	if (line == 0)
		return problem_set(&document->problem, result, "%s: %s", document->file_name, sentence);
	return problem_set(&document->problem, result, "%s:%u: %s", document->file_name, line, sentence);
}

enum result document_fail_as(struct document *document, const struct document *other)
{
	if (document->failed == RESULT_OK) {
		document->failed = other->failed;
		document->problem = other->problem;
	}
	return document->failed;
}

/* The parser gave up: because the input did, or because this is no YAML. */
static enum result parser_failed(struct document *document)
{
	unsigned line = document_input_line(&document->input, (int)document->input.line);
	switch (document->input.failed) {
	case RESULT_OK: break;
	case RESULT_TOO_LARGE:
		return document_fail(document, line, RESULT_INVALID, "the line is longer than %d bytes: break it", LIMIT_APPLY_OBJECT_SIZE);
	case RESULT_INVALID: return document_fail(document, line, RESULT_INVALID, "the line has a byte that is no text: write UTF-8 without control characters");
	case RESULT_FAILED:
		return document_fail(document, 0, RESULT_FAILED, "it cannot be read: %s", strerror(document->input.error));
	default: return document_fail(document, 0, document->input.failed, "it cannot be read: %s", result_text(document->input.failed));
	}
	void *iterator = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(document->diag, &iterator);
	if (error == NULL || error->msg == NULL)
		return document_fail(document, document->line, RESULT_INVALID, "this is not YAML or JSON behind here");
	line = document_input_line(&document->input, error->line > 0 ? error->line - 1 : 0);
	return document_fail(document, line, RESULT_INVALID, "this is not YAML or JSON: %s", error->msg);
}

static void event_drop(struct document *document)
{
	fy_parser_event_free(document->parser, document->event);
	document->event = NULL;
}

/* What YAML can and an apply document does not need: each would let few bytes mean many, or one thing two. */
static enum result event_judge(struct document *document)
{
	const struct fy_event *event = document->event;
	const struct fy_token *anchor = NULL, *tag = NULL;
	switch (event->type) {
	case FYET_ALIAS:
		return document_fail(document, document->line, RESULT_INVALID, "aliases (*name) are not read here: write the value out");
	case FYET_SCALAR: anchor = event->scalar.anchor; tag = event->scalar.tag; break;
	case FYET_SEQUENCE_START: anchor = event->sequence_start.anchor; tag = event->sequence_start.tag; break;
	case FYET_MAPPING_START: anchor = event->mapping_start.anchor; tag = event->mapping_start.tag; break;
	default: break;
	}
	if (anchor != NULL)
		return document_fail(document, document->line, RESULT_INVALID, "anchors (&name) are not read here: write the value out");
	if (tag != NULL)
		return document_fail(document, document->line, RESULT_INVALID, "tags (!name) are not read here: leave the tag away");
	return RESULT_OK;
}

static enum result event_next(struct document *document)
{
	if (document->failed != RESULT_OK)
		return document->failed;
	if (document->event != NULL)
		return RESULT_OK;
	document->event = fy_parser_parse(document->parser);
	if (document->event == NULL || document->input.failed != RESULT_OK)
		return parser_failed(document);
	const struct fy_mark *mark = fy_event_start_mark(document->event);
	/* an empty value has no place of its own */
	if (mark != NULL && mark->line >= 0)
		document->line = document_input_line(&document->input, mark->line);
	return event_judge(document);
}

/* Takes the start of the stream and of its document, once. */
static enum result begin(struct document *document)
{
	if (document->started)
		return document->failed;
	document->started = true;
	static const enum fy_event_type starts[] = { FYET_STREAM_START, FYET_DOCUMENT_START };
	for (size_t i = 0; i < 2; i++) {
		enum result result = event_next(document);
		if (result != RESULT_OK)
			return result;
		if (document->event->type != starts[i])
			return document_fail(document, 1, RESULT_INVALID, "the document is empty: write partitions: and what is in them");
		event_drop(document);
	}
	return RESULT_OK;
}

static enum result ready(struct document *document)
{
	enum result result = begin(document);
	return result == RESULT_OK ? event_next(document) : result;
}

enum result document_peek(struct document *document, enum document_kind *ret)
{
	if (document->empty && document->failed == RESULT_OK) {
		*ret = DOCUMENT_END;
		return RESULT_OK;
	}
	enum result result = ready(document);
	if (result != RESULT_OK)
		return result;
	switch (document->event->type) {
	case FYET_SCALAR: *ret = DOCUMENT_SCALAR; return RESULT_OK;
	case FYET_SEQUENCE_START: *ret = DOCUMENT_LIST; return RESULT_OK;
	case FYET_MAPPING_START: *ret = DOCUMENT_MAPPING; return RESULT_OK;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END: *ret = DOCUMENT_END; return RESULT_OK;
	default: return document_fail(document, document->line, RESULT_INVALID, "the document ends here too early");
	}
}

static const char *kind_words(enum document_kind kind)
{
	switch (kind) {
	case DOCUMENT_SCALAR: return "a single value";
	case DOCUMENT_LIST: return "a list";
	case DOCUMENT_MAPPING: return "a mapping (key: value)";
	case DOCUMENT_END: return "nothing";
	}
	return "something else";
}

static enum result not_this(struct document *document, const char *what, enum document_kind wanted, enum document_kind found)
{
	return document_fail(document, document->line, RESULT_INVALID, "%s is %s: %s stands here", what, kind_words(wanted), kind_words(found));
}

static enum result enter(struct document *document, const char *what, enum document_kind wanted)
{
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result != RESULT_OK)
		return result;
	if (kind == DOCUMENT_SCALAR) {
		struct document_scalar scalar = { .plain = false };
		result = document_scalar(document, what, &scalar);
		if (result == RESULT_OK && !document_scalar_is_null(&scalar))
			result = not_this(document, what, wanted, kind);
		document->empty = result == RESULT_OK;
		return result;
	}
	if (kind != wanted)
		return not_this(document, what, wanted, kind);
	if (document->depth == LIMIT_APPLY_DEPTH)
		return document_fail(document, document->line, RESULT_INVALID, "lists and mappings stand in each other more than %d deep",
		                     LIMIT_APPLY_DEPTH);
	document->depth++;
	event_drop(document);
	return RESULT_OK;
}

/* Takes the end of the innermost list or mapping when it comes next. */
static enum result leave(struct document *document, bool *more)
{
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result != RESULT_OK)
		return result;
	*more = kind != DOCUMENT_END;
	if (*more)
		return RESULT_OK;
	if (document->empty) {
		document->empty = false;
		return RESULT_OK;
	}
	document->depth--;
	event_drop(document);
	return RESULT_OK;
}

enum result document_mapping(struct document *document, const char *what)
{
	return enter(document, what, DOCUMENT_MAPPING);
}

enum result document_list(struct document *document, const char *what)
{
	return enter(document, what, DOCUMENT_LIST);
}

enum result document_item(struct document *document, bool *more)
{
	return leave(document, more);
}

enum result document_key(struct document *document, struct slice *key, bool *more)
{
	enum result result = leave(document, more);
	if (result != RESULT_OK || !*more)
		return result;
	struct document_scalar scalar = { .plain = false };
	result = document_scalar(document, "a key", &scalar);
	if (result == RESULT_OK)
		*key = scalar.text;
	return result;
}

/* The text must outlive the event, whose buffer moves with the parser. */
static enum result hold(struct document *document, const char *text, size_t len)
{
	if (len > LIMIT_APPLY_SCALAR)
		return document_fail(document, document->line, RESULT_INVALID, "the value is longer than %d bytes", LIMIT_APPLY_SCALAR);
	if (len + 1 > document->held_size) {
		size_t size = len + 1 > 2 * document->held_size ? len + 1 : 2 * document->held_size;
		wipe(document->held, document->held_size);
		char *held = realloc(document->held, size);
		if (held == NULL)
			return document_fail(document, 0, RESULT_NO_MEMORY, "memory is out");
		document->held = held;
		document->held_size = size;
	}
	if (len > 0)
		memcpy(document->held, text, len);
	document->held[len] = '\0';
	return RESULT_OK;
}

static bool is_utf8(struct slice text)
{
	while (text.len > 0) {
		size_t length = text_utf8_length(text);
		if (length == 0)
			return false;
		text = slice_skip(text, length);
	}
	return true;
}

enum result document_scalar(struct document *document, const char *what, struct document_scalar *ret)
{
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result != RESULT_OK)
		return result;
	if (kind != DOCUMENT_SCALAR)
		return not_this(document, what, DOCUMENT_SCALAR, kind);
	struct fy_token *token = document->event->scalar.value;
	size_t len = 0;
	const char *text = token == NULL ? NULL : fy_token_get_text(token, &len);
	result = hold(document, text, text == NULL ? 0 : len);
	if (result != RESULT_OK)
		return result;
	struct document_scalar scalar = { { document->held, text == NULL ? 0 : len }, true };
	scalar.plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
	event_drop(document);
	if (!is_utf8(scalar.text))
		return document_fail(document, document->line, RESULT_INVALID, "%s is not valid UTF-8", what);
	*ret = scalar;
	return RESULT_OK;
}

bool document_scalar_is_null(const struct document_scalar *scalar)
{
	struct slice text = scalar->text;
	return scalar->plain && (text.len == 0 || slice_is(text, "~") || slice_is(text, "null") || slice_is(text, "Null") || slice_is(text, "NULL"));
}

enum result document_skip(struct document *document, const char *what)
{
	int depth = document->depth;
	do {
		enum document_kind kind = DOCUMENT_END;
		enum result result = document_peek(document, &kind);
		struct document_scalar scalar = { .plain = false };
		bool more = false;
		if (result == RESULT_OK && kind == DOCUMENT_SCALAR)
			result = document_scalar(document, what, &scalar);
		else if (result == RESULT_OK && kind == DOCUMENT_END)
			result = leave(document, &more);
		else if (result == RESULT_OK)
			result = enter(document, what, kind);
		if (result != RESULT_OK)
			return result;
	} while (document->depth > depth);
	return RESULT_OK;
}

enum result document_finish(struct document *document)
{
	enum result result = ready(document);
	if (result == RESULT_OK && document->event->type == FYET_DOCUMENT_END) {
		event_drop(document);
		result = event_next(document);
	}
	if (result == RESULT_OK && document->event->type != FYET_STREAM_END)
		return document_fail(document, document->line, RESULT_INVALID,
		                     "a second document starts here: an apply document is one; join the two lists of partitions");
	/* what the parser took for the end must be it: else part of the document would be left out silently */
	if (result == RESULT_OK && !document->input.ended)
		return document_fail(document, document->line, RESULT_INVALID, "this is not YAML or JSON behind here");
	return result;
}
