/* A JSON object from another server: metadata, key sets. */
#ifndef WRIT_CLI_JSON_FETCH_H
#define WRIT_CLI_JSON_FETCH_H

#include "base/arena.h"

#include <jansson.h>

/* Asked for by GET; given back with json_decref. NULL: *ret_why is a sentence that is safe to print. */
json_t *json_fetch(const char *url, const char *ca_file, struct arena *, const char **ret_why);

#endif
