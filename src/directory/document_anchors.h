/* What aliases of a YAML document stand for: the events of anchored values, kept as they pass, and given again where an alias is
 * read. All of it is bounded: a value that is too large, or too many of them, are simply not kept, and only an alias that is
 * read, not one that is skipped, is refused for it. Behind too many anchors every alias is, for its name may be that of one that was not
 * remembered. An alias inside of a kept value stays one until it is read itself: that is why
 * "billion laughs" cost nothing. */
#ifndef WRIT_DIRECTORY_DOCUMENT_ANCHORS_H
#define WRIT_DIRECTORY_DOCUMENT_ANCHORS_H

#include "base/result.h"
#include "base/slice.h"

struct document_event {
	enum document_event_kind {
		EVENT_NONE = 0,
		EVENT_SCALAR,
		EVENT_LIST,
		EVENT_MAPPING,
		EVENT_END,
		EVENT_ALIAS,
		EVENT_OTHER, /* start and end of the document */
	} kind;
	bool plain, tagged, anchored;
	bool resolved;     /* EVENT_ALIAS that is repeated: what it stands for was found when it was kept */
	int stands_for;    /* then */
	unsigned line;
	struct slice text; /* of a scalar; the name of an alias */
};

struct anchors;

MUST_CHECK struct anchors *anchors_new(void);
void anchors_free(struct anchors *); /* NULL is fine */

/* Sees an event as the parser gives it. anchor: its name; empty: none.
 * RESULT_TOO_LARGE: more than LIMIT_DOCUMENT_ALIASES aliases. RESULT_NO_MEMORY. */
MUST_CHECK enum result anchors_note(struct anchors *, struct slice anchor, const struct document_event *);

/* Begins to repeat what the alias stands for. RESULT_NOT_FOUND: no anchor of that name stands before it.
 * RESULT_EXPIRED: too many anchors stand before it.
 * RESULT_INVALID: it stands inside of what it names. RESULT_TOO_LARGE: what it stands for is not kept. RESULT_BUSY: what all aliases
 * repeat is more than LIMIT_REPEATED_SIZE. */
MUST_CHECK enum result anchors_follow(struct anchors *, const struct document_event *alias);
/* The next event that is repeated; false: the parser's turn. Its text lives until the next anchors_note. */
bool anchors_repeat(struct anchors *, struct document_event *ret);

/* Why anchors_follow refused, as a clause. */
const char *anchors_sentence(enum result);

#endif
