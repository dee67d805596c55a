/* The Administration Console at /console/: files that are part of the program, and what they must know before they can sign anybody in.
 *
 * Everything else that the console shows comes from the Admin API, with a token of the console's own (directory/console_application.h). */
#ifndef WRIT_SERVER_CONSOLE_H
#define WRIT_SERVER_CONSOLE_H

#include "http/http.h"
#include "server/console_files.h"

/* Replies with the file of that name or, where the name is an address inside of the console, with index.html: a name without a dot, or one
 * in a folder other than assets/ (ids and scopes have dots). False: there is no such file; nothing was done.
 * path   what stands behind /console/, as it came. */
MUST_CHECK bool console_file_reply(const struct console_file *, size_t count, struct slice path, const struct http_request *,
                                   struct http_reply *);

#endif
