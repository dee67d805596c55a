/* The inside of a document: the parser's events as this reader sees them, from the parser or repeated by an alias.
 * Included by document.c and document_events.c alone. */
#ifndef WRIT_DIRECTORY_DOCUMENT_EVENTS_H
#define WRIT_DIRECTORY_DOCUMENT_EVENTS_H

#include "directory/document.h"
#include "directory/document_anchors.h"
#include "directory/document_input.h"

#include <libfyaml.h>

struct document {
	struct document_input input;
	struct fy_parser *parser;
	struct fy_diag *diag;
	struct fy_event *event; /* of the parser, that next was made of; NULL where it is repeated */
	struct document_event next; /* not yet taken */
	struct anchors *anchors;    /* NULL: refused */
	struct document_allowance allowance;
	const char *file_name;
	unsigned line;
	enum result failed;
	struct problem problem;
	unsigned problem_line;
	size_t problem_head; /* bytes of file and line in front of the sentence */
	int depth;
	bool empty; /* a null stood where a list or mapping is entered: its end comes next, without an event */
	bool started;
	size_t held_size;
	char *held; /* the text of the scalar that was read last */
};

/* Makes document->next the next event, the start of the document taken before. */
MUST_CHECK enum result document_event_ready(struct document *);
/* Where it is an alias, makes it what that stands for; refuses a tag. */
MUST_CHECK enum result document_alias_follow(struct document *);
void document_event_drop(struct document *);

#endif
