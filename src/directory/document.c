#include "directory/document.h"

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "directory/document_events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { HELD_FIRST = 512 };

static struct document *document_new(const char *file_name)
{
	struct document *document = calloc(1, sizeof *document);
	if (document == NULL)
		return NULL;
	document->file_name = file_name;
	document->allowance.depth = LIMIT_APPLY_DEPTH;
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
	anchors_free(document->anchors);
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

const char *document_file_name(const struct document *document)
{
	return document->file_name;
}

const struct problem *document_problem(const struct document *document)
{
	return &document->problem;
}

unsigned document_problem_line(const struct document *document)
{
	return document->problem_line;
}

const char *document_problem_sentence(const struct document *document)
{
	return document->problem.text + document->problem_head;
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
	document->problem_line = line;
	result = line == 0 ? problem_set(&document->problem, result, "%s: ", document->file_name)
	                   : problem_set(&document->problem, result, "%s:%u: ", document->file_name, line);
	document->problem_head = strlen(document->problem.text);
	text_copy(document->problem.text + document->problem_head, sizeof document->problem.text - document->problem_head, slice_from(sentence));
	return result;
}

enum result document_fail_as(struct document *document, const struct document *other)
{
	if (document->failed == RESULT_OK) {
		document->failed = other->failed;
		document->problem = other->problem;
		document->problem_line = other->problem_line;
		document->problem_head = other->problem_head;
	}
	return document->failed;
}

enum result document_allow(struct document *document, const struct document_allowance *allowance, struct document_allowance *ret_before)
{
	struct document_allowance before = document->allowance;
	if (allowance->aliases && document->anchors == NULL) {
		document->anchors = anchors_new();
		if (document->anchors == NULL)
			return document_fail(document, 0, RESULT_NO_MEMORY, "memory is out");
	}
	document->allowance = *allowance;
	if (ret_before != NULL)
		*ret_before = before;
	return RESULT_OK;
}

int document_depth(const struct document *document)
{
	return document->depth;
}

enum result document_peek(struct document *document, enum document_kind *ret)
{
	if (document->empty && document->failed == RESULT_OK) {
		*ret = DOCUMENT_END;
		return RESULT_OK;
	}
	enum result result = document_event_ready(document);
	if (result == RESULT_OK)
		result = document_alias_follow(document);
	if (result != RESULT_OK)
		return result;
	switch (document->next.kind) {
	case EVENT_SCALAR: *ret = DOCUMENT_SCALAR; return RESULT_OK;
	case EVENT_LIST: *ret = DOCUMENT_LIST; return RESULT_OK;
	case EVENT_MAPPING: *ret = DOCUMENT_MAPPING; return RESULT_OK;
	case EVENT_END: *ret = DOCUMENT_END; return RESULT_OK;
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

static enum result deeper(struct document *document)
{
	if (document->depth >= document->allowance.depth)
		return document_fail(document, document->line, RESULT_INVALID, "lists and mappings stand in each other more than %d deep",
		                     document->allowance.depth);
	document->depth++;
	return RESULT_OK;
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
	result = deeper(document);
	document_event_drop(document);
	return result;
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
	document_event_drop(document);
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

static enum result text_judge(struct document *document, struct slice text, const char *what)
{
	if (text.len > LIMIT_APPLY_SCALAR)
		return document_fail(document, document->line, RESULT_INVALID, "the value is longer than %d bytes", LIMIT_APPLY_SCALAR);
	return is_utf8(text) ? RESULT_OK : document_fail(document, document->line, RESULT_INVALID, "%s is not valid UTF-8", what);
}

enum result document_scalar(struct document *document, const char *what, struct document_scalar *ret)
{
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result != RESULT_OK)
		return result;
	if (kind != DOCUMENT_SCALAR)
		return not_this(document, what, DOCUMENT_SCALAR, kind);
	result = text_judge(document, document->next.text, what);
	if (result == RESULT_OK)
		result = hold(document, document->next.text.ptr, document->next.text.len);
	if (result != RESULT_OK)
		return result;
	struct document_scalar scalar = { { document->held, document->next.text.len }, document->next.plain };
	document_event_drop(document);
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
	enum result result = RESULT_OK;
	do {
		result = document_event_ready(document);
		if (result != RESULT_OK)
			return result;
		const struct document_event *next = &document->next;
		switch (next->kind) {
		case EVENT_SCALAR:
			/* what is refused where it is read should not pass where it stands in a part that is read later */
			if (!document->allowance.aliases)
				result = text_judge(document, next->text, what);
			if (document->allowance.passed != NULL)
				document->allowance.passed(document->allowance.context, next->text, document->line);
			break;
		case EVENT_LIST:
		case EVENT_MAPPING: result = deeper(document); break;
		case EVENT_END: document->depth--; break;
		case EVENT_ALIAS: break;
		default: return document_fail(document, document->line, RESULT_INVALID, "the document ends here too early");
		}
		document_event_drop(document);
	} while (result == RESULT_OK && document->depth > depth);
	return result;
}

enum result document_finish(struct document *document)
{
	enum result result = document_event_ready(document);
	if (result == RESULT_OK && document->event != NULL && document->event->type == FYET_DOCUMENT_END) {
		document_event_drop(document);
		result = document_event_ready(document);
	}
	if (result == RESULT_OK && (document->event == NULL || document->event->type != FYET_STREAM_END))
		return document_fail(document, document->line, RESULT_INVALID, document->allowance.aliases
		                     ? "a second document starts here: an OpenAPI document is one"
		                     : "a second document starts here: an apply document is one; join the two lists of partitions");
	/* what the parser took for the end must be it: else part of the document would be left out silently */
	if (result == RESULT_OK && !document->input.ended)
		return document_fail(document, document->line, RESULT_INVALID, "this is not YAML or JSON behind here");
	return result;
}
