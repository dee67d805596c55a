/* What a guard knows of a partition: who signs its tokens, for whom, and whom its operations are open to. From the JSON text that
 * "writ api catalogue" prints (docs/protocol/catalogue.md). Immutable. */
#ifndef WRIT_LIBWRIT_RULES_H
#define WRIT_LIBWRIT_RULES_H

#include "gateway/catalogue.h"
#include "jose/access_claims.h"

struct rules {
	struct arena *arena; /* of the texts */
	struct catalogue *catalogue;
	struct partition_id partition;
	struct access_expected tokens; /* whose count; no Admin API's */
	struct slice *application_permissions; /* sorted */
	size_t application_permission_count;
};

/* RESULT_INVALID, RESULT_TOO_LARGE, RESULT_NO_MEMORY, with a problem. */
MUST_CHECK enum result rules_read(struct slice text, struct rules **ret, struct problem *);
void rules_free(struct rules *); /* NULL is fine */

/* Is one of the words an application permission? */
bool rules_application_permission(const struct rules *, struct slice scope);

#endif
