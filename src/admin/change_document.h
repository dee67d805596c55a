/* One object of the Admin API as an apply document, one value a line: so that a line that the directory complains of is a place in the body
 * that the administrator sent. Pure, like change_members.h. */
#ifndef WRIT_ADMIN_CHANGE_DOCUMENT_H
#define WRIT_ADMIN_CHANGE_DOCUMENT_H

#include "base/writer.h"

#include <jansson.h>

#define CHANGE_DOCUMENT_DEPTH 32 /* objects and lists in each other */

/* section   list of the partition that the object is one of; NULL: it is the partition itself.
 * False when it is nested too deeply; the writer's overflow is its own. */
bool change_document_write(struct writer *, struct slice partition, const char *section, const json_t *object);

/* The JSON pointer (RFC 6901) of what stands on that line of the document; "" where no member does. In the arena; {NULL, 0} when it is
 * exhausted. */
struct slice change_document_pointer(const json_t *object, unsigned line, struct arena *);

#endif
