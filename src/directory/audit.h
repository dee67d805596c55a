/* Audit events go two ways at once: a row in the store and a JSON line on stderr, with the same members. */
#ifndef WRIT_DIRECTORY_AUDIT_H
#define WRIT_DIRECTORY_AUDIT_H

#include "store/store.h"

/* Fills at_ms when it is 0. Does not block: the row is queued. A full queue is said in the line and counted. */
void audit_write(struct store *, const struct audit_event *);

/* The line alone, of an event whose row was written with what it tells of. */
void audit_line(const struct audit_event *);

#endif
