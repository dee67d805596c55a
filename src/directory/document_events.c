#include "directory/document_events.h"

#include "base/limits.h"
#include "base/text.h"

/* The parser gave up: because the input did, or because this is no YAML. */
static enum result parser_failed(struct document *document)
{
	unsigned line = document_input_line(&document->input, (int)document->input.line);
	switch (document->input.failed) {
	case RESULT_OK: break;
	case RESULT_TOO_LARGE:
		return document_fail(document, line, RESULT_INVALID, "the line is longer than %d bytes: break it", LIMIT_APPLY_OBJECT_SIZE);
	case RESULT_INVALID:
		return document_fail(document, line, RESULT_INVALID, "the line has a byte that is no text: write UTF-8 without control characters");
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

void document_event_drop(struct document *document)
{
	fy_parser_event_free(document->parser, document->event);
	document->event = NULL;
	document->next.kind = EVENT_NONE;
}

static struct slice token_text(struct fy_token *token)
{
	size_t len = 0;
	const char *text = token == NULL ? NULL : fy_token_get_text(token, &len);
	return text == NULL ? SLICE_OF("") : (struct slice) { text, len };
}

/* What the parser says, in the words of this reader. Texts live until event_drop. */
static struct document_event event_of(const struct fy_event *event, struct slice *ret_anchor)
{
	struct document_event made = { .kind = EVENT_OTHER };
	struct fy_token *anchor = NULL, *tag = NULL, *value = NULL;
	switch (event->type) {
	case FYET_SCALAR:
		made.kind = EVENT_SCALAR;
		anchor = event->scalar.anchor;
		tag = event->scalar.tag;
		value = event->scalar.value;
		made.text = token_text(value);
		made.plain = value == NULL || fy_token_scalar_style(value) == FYSS_PLAIN;
		break;
	case FYET_SEQUENCE_START:
		made.kind = EVENT_LIST;
		anchor = event->sequence_start.anchor;
		tag = event->sequence_start.tag;
		break;
	case FYET_MAPPING_START:
		made.kind = EVENT_MAPPING;
		anchor = event->mapping_start.anchor;
		tag = event->mapping_start.tag;
		break;
	case FYET_ALIAS:
		made.kind = EVENT_ALIAS;
		made.text = token_text(event->alias.anchor);
		break;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END: made.kind = EVENT_END; break;
	default: break;
	}
	*ret_anchor = token_text(anchor);
	made.anchored = anchor != NULL;
	made.tagged = tag != NULL;
	return made;
}

/* What YAML can and an apply document does not need: each would let few bytes mean many, or one thing two. */
static enum result event_judge(struct document *document)
{
	const struct document_event *next = &document->next;
	if (document->allowance.aliases)
		return RESULT_OK;
	if (next->kind == EVENT_ALIAS)
		return document_fail(document, document->line, RESULT_INVALID, "aliases (*name) are not read here: write the value out");
	if (next->anchored)
		return document_fail(document, document->line, RESULT_INVALID, "anchors (&name) are not read here: write the value out");
	if (next->tagged)
		return document_fail(document, document->line, RESULT_INVALID, "tags (!name) are not read here: leave the tag away");
	return RESULT_OK;
}

static enum result event_parse(struct document *document)
{
	document->event = fy_parser_parse(document->parser);
	if (document->event == NULL || document->input.failed != RESULT_OK)
		return parser_failed(document);
	const struct fy_mark *mark = fy_event_start_mark(document->event);
	/* an empty value has no place of its own */
	if (mark != NULL && mark->line >= 0)
		document->line = document_input_line(&document->input, mark->line);
	struct slice anchor;
	document->next = event_of(document->event, &anchor);
	document->next.line = document->line;
	enum result result = event_judge(document);
	if (result != RESULT_OK || document->anchors == NULL || document->next.kind == EVENT_OTHER)
		return result;
	result = anchors_note(document->anchors, anchor, &document->next);
	if (result == RESULT_TOO_LARGE)
		return document_fail(document, document->line, result, "more than %d aliases (*name): write the values out", LIMIT_DOCUMENT_ALIASES);
	return result == RESULT_OK ? result : document_fail(document, 0, result, "memory is out");
}

static enum result event_next(struct document *document)
{
	if (document->failed != RESULT_OK)
		return document->failed;
	if (document->next.kind != EVENT_NONE)
		return RESULT_OK;
	if (document->anchors == NULL || !anchors_repeat(document->anchors, &document->next))
		return event_parse(document);
	document->line = document->next.line;
	return RESULT_OK;
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
		if (document->event == NULL || document->event->type != starts[i])
			return document_fail(document, 1, RESULT_INVALID, document->allowance.aliases
			                     ? "the document is empty: write an OpenAPI document"
			                     : "the document is empty: write partitions: and what is in them");
		document_event_drop(document);
	}
	return RESULT_OK;
}

enum result document_event_ready(struct document *document)
{
	enum result result = begin(document);
	return result == RESULT_OK ? event_next(document) : result;
}

/* An alias whose value matters is what it stands for, event by event. */
enum result document_alias_follow(struct document *document)
{
	enum result result = RESULT_OK;
	while (result == RESULT_OK && document->next.kind == EVENT_ALIAS) {
		char name[LIMIT_ANCHOR_NAME + 1];
		unsigned line = document->line;
		text_copy(name, sizeof name, document->next.text);
		result = anchors_follow(document->anchors, &document->next);
		document_event_drop(document);
		if (result != RESULT_OK)
			return document_fail(document, line, RESULT_INVALID, "the alias *%s cannot be read: %s; write the value out", name,
			                     anchors_sentence(result));
		result = event_next(document);
	}
	if (result == RESULT_OK && document->next.tagged)
		return document_fail(document, document->line, RESULT_INVALID, "tags (!name) are not read here: leave the tag away");
	return result;
}
