/* The person that an address names, the realm that a parameter names, and the end of what was done about them. */
#ifndef WRIT_ADMIN_PERSON_H
#define WRIT_ADMIN_PERSON_H

#include "admin/admin_call.h"

/* keys[0] is the id, call->row->people the kind. REFUSAL_ADMIN_NOT_FOUND, REFUSAL_UNAVAILABLE. ret lives in scratch. */
MUST_CHECK enum refusal admin_person_find(struct admin_call *, struct person *ret);
/* The parameter realm, which is required here. REFUSAL_ADMIN_PARAMETER. */
MUST_CHECK enum refusal admin_realm_of(struct admin_call *, struct realm *ret);
/* 204, and the line of an event whose row was written with what it tells of; or what result says. */
MUST_CHECK enum refusal admin_done(struct admin_call *, enum result, const struct audit_event *);

#endif
