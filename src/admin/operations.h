/* Which handler answers which operation of openapi.json: one table. */
#ifndef WRIT_ADMIN_OPERATIONS_H
#define WRIT_ADMIN_OPERATIONS_H

#include "admin/admin_call.h"

struct admin_operation {
	struct slice id; /* operationId */
	admin_handler *handler;
	unsigned parameters; /* PARAMETER_*, or-ed: those of the query that it takes */
	bool system;         /* only for system administrators: REFUSAL_ADMIN_SYSTEM */
	const struct change_shape *shape; /* of what is made, changed or deleted; NULL: the handler knows */
	enum person_kind people;          /* whom it is about; 0: the handler knows */
};

/* The query parameters, as bits: their names, sizes and types stand in parameters.c. */
enum {
	PARAMETER_LIMIT = 1 << 0,
	PARAMETER_CURSOR = 1 << 1,
	PARAMETER_SEARCH = 1 << 2,
	PARAMETER_DEPARTMENT = 1 << 3,
	PARAMETER_ROLE = 1 << 4,
	PARAMETER_PERMISSION = 1 << 5,
	PARAMETER_SCOPE = 1 << 6,
	PARAMETER_PERSON_ID = 1 << 7,
	PARAMETER_CLIENT_ID = 1 << 8,
	PARAMETER_ACTION = 1 << 9,
	PARAMETER_RESULT = 1 << 10,
	PARAMETER_ACTOR = 1 << 11,
	PARAMETER_OBJECT = 1 << 12,
	PARAMETER_REQUEST_ID = 1 << 13,
	PARAMETER_ENABLED = 1 << 14,
	PARAMETER_PLATFORM = 1 << 15,
	PARAMETER_KIND = 1 << 16,
	PARAMETER_REALM = 1 << 17,
	PARAMETER_FROM = 1 << 18,
	PARAMETER_TO = 1 << 19,
	PARAMETER_MEASURE = 1 << 20,
	PARAMETER_STEP = 1 << 21,
	PARAMETER_BY = 1 << 22,
	PARAMETER_ADD_PERMISSIONS = 1 << 23,
	PARAMETER_DRY_RUN = 1 << 24,
};
#define PARAMETERS_PAGE (PARAMETER_LIMIT | PARAMETER_CURSOR)
#define PARAMETERS_SEARCH (PARAMETERS_PAGE | PARAMETER_SEARCH)
#define PARAMETERS_EVENTS \
	(PARAMETERS_PAGE | PARAMETER_ACTION | PARAMETER_RESULT | PARAMETER_ACTOR | PARAMETER_OBJECT | PARAMETER_REQUEST_ID | PARAMETER_FROM | PARAMETER_TO)

/* NULL: no such operation. */
const struct admin_operation *admin_operation_find(struct slice operation_id);
extern const struct admin_operation admin_operations[];
extern const size_t admin_operation_count;

/* Fills call->query by the table; a parameter that the operation does not take is refused like one that is malformed:
 * REFUSAL_ADMIN_PARAMETER. */
MUST_CHECK enum refusal admin_query_read(struct admin_call *, unsigned parameters);
/* How this value of the parameter is written; "": it has no such value. */
const char *admin_query_word(unsigned parameter, int value);

#endif
