#include "directory/document_anchors.h"

#include "base/limits.h"

#include <stdint.h>
#include <stdlib.h>

enum { NOWHERE = -1, INSIDE = -2, /* of what it names: it would go on for ever */
       FORGOTTEN = -3,            /* there were too many: its name may have been given again */
       OPEN_MAX = LIMIT_OPENAPI_DEPTH * 4, REPEATING_MAX = LIMIT_OPENAPI_DEPTH * 2 };

/* An event as it is kept; text stands in texts. */
struct kept_event {
	enum document_event_kind kind;
	bool plain, tagged;
	int stands_for;
	unsigned line;
	size_t text_at, text_len;
};

struct anchor {
	char name[LIMIT_ANCHOR_NAME];
	size_t name_len;
	enum { ANCHOR_OPEN, ANCHOR_KEPT, ANCHOR_TOO_LARGE } state;
	size_t start, end; /* in events */
	size_t text_start, text_end;
	int level;
};

struct anchors {
	struct anchor *all;
	size_t count, capacity;
	bool forgotten; /* one that came was not remembered: from then on nobody knows what is the latest of a name */
	size_t aliases;
	struct kept_event *events;
	size_t event_count, event_capacity;
	char *texts;
	size_t text_len, text_capacity;
	size_t open[OPEN_MAX]; /* anchors whose value is not over, outermost first */
	size_t open_count;
	int level; /* lists and mappings around, since the outermost of them */
	struct {
		size_t at, end;
	} repeating[REPEATING_MAX];
	size_t repeating_count;
	size_t repeated; /* bytes */
};

struct anchors *anchors_new(void)
{
	return calloc(1, sizeof(struct anchors));
}

void anchors_free(struct anchors *anchors)
{
	if (anchors == NULL)
		return;
	free(anchors->all);
	free(anchors->events);
	free(anchors->texts);
	free(anchors);
}

/* Room for one more of size bytes; false when memory is out. */
static bool grow(void **items, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity)
		return true;
	size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
	wanted = wanted < needed ? needed : wanted;
	void *grown = reallocarray(*items, wanted, size);
	if (grown == NULL)
		return false;
	*items = grown;
	*capacity = wanted;
	return true;
}

/* The latest of that name (YAML 1.2 §7.1); NOWHERE: none. */
static int find(const struct anchors *anchors, struct slice name)
{
	if (anchors->forgotten)
		return FORGOTTEN;
	for (size_t i = anchors->count; i > 0; i--) {
		const struct anchor *anchor = &anchors->all[i - 1];
		if (anchor->name_len == name.len && memcmp(anchor->name, name.ptr, name.len) == 0)
			return (int)(i - 1);
	}
	return NOWHERE;
}

static enum result anchor_begin(struct anchors *anchors, struct slice name)
{
	if (anchors->count == LIMIT_ANCHORS || anchors->open_count == OPEN_MAX)
		anchors->forgotten = true;
	if (anchors->forgotten || name.len > LIMIT_ANCHOR_NAME)
		return RESULT_OK;
	void *all = anchors->all;
	if (!grow(&all, &anchors->capacity, anchors->count + 1, sizeof *anchors->all))
		return RESULT_NO_MEMORY;
	anchors->all = all;
	struct anchor *anchor = &anchors->all[anchors->count];
	*anchor = (struct anchor) { .name_len = name.len, .state = ANCHOR_OPEN, .start = anchors->event_count, .text_start = anchors->text_len };
	memcpy(anchor->name, name.ptr, name.len);
	anchor->level = anchors->level;
	anchors->open[anchors->open_count++] = anchors->count++;
	return RESULT_OK;
}

static enum result event_keep(struct anchors *anchors, const struct document_event *event)
{
	void *events = anchors->events, *texts = anchors->texts;
	bool room = grow(&events, &anchors->event_capacity, anchors->event_count + 1, sizeof *anchors->events);
	anchors->events = events;
	if (room && event->text.len > 0) {
		room = grow(&texts, &anchors->text_capacity, anchors->text_len + event->text.len, 1);
		anchors->texts = texts;
	}
	if (!room)
		return RESULT_NO_MEMORY;
	int stands_for = event->kind == EVENT_ALIAS ? find(anchors, event->text) : NOWHERE;
	if (stands_for >= 0 && anchors->all[stands_for].state == ANCHOR_OPEN)
		stands_for = INSIDE;
	anchors->events[anchors->event_count++] = (struct kept_event) {
		.kind = event->kind, .plain = event->plain, .tagged = event->tagged, .line = event->line, .text_at = anchors->text_len,
		.text_len = event->text.len, .stands_for = stands_for,
	};
	if (event->text.len > 0)
		memcpy(anchors->texts + anchors->text_len, event->text.ptr, event->text.len);
	anchors->text_len += event->text.len;
	return RESULT_OK;
}

/* What no open and no kept anchor needs is forgotten. */
static void trim(struct anchors *anchors)
{
	if (anchors->open_count > 0)
		return;
	size_t events = 0, text = 0;
	for (size_t i = 0; i < anchors->count; i++) {
		if (anchors->all[i].state == ANCHOR_KEPT && anchors->all[i].end > events) {
			events = anchors->all[i].end;
			text = anchors->all[i].text_end;
		}
	}
	anchors->event_count = events;
	anchors->text_len = text;
	anchors->level = 0;
}

static size_t size_since(const struct anchors *anchors, size_t start, size_t text_start)
{
	return (anchors->event_count - start) * sizeof *anchors->events + anchors->text_len - text_start;
}

/* Gives up the outermost values that are too large. would_be: bytes that the next event adds. */
static void give_up(struct anchors *anchors, size_t would_be)
{
	size_t gone = 0;
	while (gone < anchors->open_count) {
		struct anchor *outer = &anchors->all[anchors->open[gone]];
		if (size_since(anchors, outer->start, outer->text_start) + would_be <= LIMIT_ANCHORED_SIZE &&
		    size_since(anchors, 0, 0) + would_be <= LIMIT_ANCHORED_ALL)
			break;
		outer->state = ANCHOR_TOO_LARGE;
		gone++;
	}
	if (gone == 0)
		return;
	memmove(anchors->open, anchors->open + gone, (anchors->open_count - gone) * sizeof *anchors->open);
	anchors->open_count -= gone;
	trim(anchors);
}

/* The innermost values whose end this event is. */
static void close_ended(struct anchors *anchors)
{
	while (anchors->open_count > 0) {
		struct anchor *inner = &anchors->all[anchors->open[anchors->open_count - 1]];
		if (anchors->level > inner->level)
			return;
		inner->state = ANCHOR_KEPT;
		inner->end = anchors->event_count;
		inner->text_end = anchors->text_len;
		anchors->open_count--;
	}
	anchors->level = 0;
}

enum result anchors_note(struct anchors *anchors, struct slice name, const struct document_event *event)
{
	if (event->kind == EVENT_ALIAS && ++anchors->aliases > LIMIT_DOCUMENT_ALIASES)
		return RESULT_TOO_LARGE;
	enum result result = name.len > 0 ? anchor_begin(anchors, name) : RESULT_OK;
	if (result != RESULT_OK || anchors->open_count == 0)
		return result;
	give_up(anchors, sizeof *anchors->events + event->text.len);
	if (anchors->open_count == 0)
		return RESULT_OK;
	result = event_keep(anchors, event);
	if (event->kind == EVENT_LIST || event->kind == EVENT_MAPPING)
		anchors->level++;
	else if (event->kind == EVENT_END)
		anchors->level--;
	close_ended(anchors);
	return result;
}

enum result anchors_follow(struct anchors *anchors, const struct document_event *alias)
{
	int index = alias->resolved ? alias->stands_for : find(anchors, alias->text);
	if (index < 0)
		return index == INSIDE ? RESULT_INVALID : index == FORGOTTEN ? RESULT_EXPIRED : RESULT_NOT_FOUND;
	const struct anchor *anchor = &anchors->all[index];
	if (anchor->state == ANCHOR_OPEN)
		return RESULT_INVALID;
	if (anchor->state == ANCHOR_TOO_LARGE || anchors->repeating_count == REPEATING_MAX)
		return RESULT_TOO_LARGE;
	anchors->repeated += (anchor->end - anchor->start) * sizeof *anchors->events + anchor->text_end - anchor->text_start;
	if (anchors->repeated > LIMIT_REPEATED_SIZE)
		return RESULT_BUSY;
	anchors->repeating[anchors->repeating_count].at = anchor->start;
	anchors->repeating[anchors->repeating_count++].end = anchor->end;
	return RESULT_OK;
}

bool anchors_repeat(struct anchors *anchors, struct document_event *ret)
{
	while (anchors->repeating_count > 0) {
		size_t *at = &anchors->repeating[anchors->repeating_count - 1].at;
		if (*at == anchors->repeating[anchors->repeating_count - 1].end) {
			anchors->repeating_count--;
			continue;
		}
		const struct kept_event *event = &anchors->events[(*at)++];
		*ret = (struct document_event) {
			.kind = event->kind, .plain = event->plain, .tagged = event->tagged, .line = event->line, .resolved = true,
			.stands_for = event->stands_for,
			.text = event->text_len == 0 ? SLICE_OF("") : (struct slice) { anchors->texts + event->text_at, event->text_len },
		};
		return true;
	}
	return false;
}

const char *anchors_sentence(enum result result)
{
	switch (result) {
	case RESULT_NOT_FOUND: return "there is no anchor of that name in front of it that could be kept";
	case RESULT_INVALID: return "it stands inside of what it names";
	case RESULT_EXPIRED: return "too many anchors stand in front of it to know which of them is meant";
	case RESULT_BUSY: return "aliases repeat too much of the document";
	default: return "what it stands for is too large to be kept";
	}
}
