/* The end of a refused request. */
#ifndef WRIT_ADMIN_PROBLEM_H
#define WRIT_ADMIN_PROBLEM_H

#include "admin/admin_call.h"

/* Writes the refusal whose sentence is in the call as application/problem+json, counts it, and leaves its audit event
 * (admin.refused). */
void problem_reply(struct admin_call *, enum refusal);

#endif
