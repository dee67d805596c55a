/* What a page of operations goes on behind: "PATH METHOD" (store/listing.h). */
#ifndef WRIT_ADMIN_OPERATION_KEY_H
#define WRIT_ADMIN_OPERATION_KEY_H

#include "admin/admin_call.h"

/* In scratch. */
struct slice admin_operation_key(struct admin_call *, const struct api_operation *);

#endif
