/* Small facts about URLs that more than one folder needs. Redirect addresses are compared, never rebuilt: see
 * contract.md §3; nothing here is used for that. */
#ifndef WRIT_BASE_URL_H
#define WRIT_BASE_URL_H

#include "base/slice.h"

/* The web origin of an http(s) URL, as a browser writes it (RFC 6454 §6.1: lower case, default port left out), into the
 * buffer with a NUL; false when it has none or the buffer is too small. */
bool url_origin(struct slice url, char *buffer, size_t size);

#endif
