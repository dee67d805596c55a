/* JSON from outside: one object, no repeated members, bounded depth, no NUL in strings. */
#ifndef WRIT_JOSE_JSON_STRICT_H
#define WRIT_JOSE_JSON_STRICT_H

#include "base/result.h"
#include "base/slice.h"

#include <jansson.h>

/* From here on what is parsed is wiped when it is freed, for passwords, secrets and tokens come as JSON. For the whole process, before
 * anything is parsed. What json_dumps gives is freed by free(), as ever. */
void json_memory_wipe(void);

/* RESULT_INVALID for anything but one JSON object within LIMIT_JSON_DEPTH. ret is given back with json_decref. */
MUST_CHECK enum result json_object_parse(struct slice text, json_t **ret);

/* The bytes of a string member; {NULL, 0} when absent or of another type. Lives as long as the object. */
struct slice json_object_text(const json_t *object, const char *name);

#endif
