/* The path of an API call, normalised once before anything is compared with it (contract.md §5, RFC 3986 §6.2.2).
 *
 * What every server behind reads alike gets one spelling: escapes of characters that may stand in a segment as they are (unreserved ones, and
 * the others of pchar: "%3A" is ":") are decoded, for most servers look at decoded segments; characters that may not (such as "|" or '"') are
 * escaped, and escapes written in upper case; dot segments are removed (RFC 3986 §5.2.4) and empty segments too, the one behind a slash
 * at the end included: "/a//b/./c/" is "/a/b/c", "" and "/" are "/". Nothing is decoded twice. */
#ifndef WRIT_BASE_PATH_H
#define WRIT_BASE_PATH_H

#include "base/result.h"
#include "base/slice.h"

/* path     without query and fragment; begins with "/".
 * buffer   of size bytes; a path without characters that have to be escaped never gets longer, any other three times as long at most.
 *          ret points into it, or into path where nothing had to be changed. Does not block, allocates nothing; about 100 ns.
 * Returns RESULT_INVALID where a server behind could read it in another way than we do: no "/" at the start, an escape that is none,
 * %2F, %5C, %00 or another escaped control character, escapes of what is no UTF-8 (over-long forms of "/" and "." are among it), segments
 * that are empty or dots but for what stands behind a ";" ("..;a"), a backslash, a raw control character, space or byte above 0x7E, '#', '?',
 * and escapes of escapes of "/", "\", ".", ";", "%" and control characters (%252F, %252E, …). RESULT_TOO_LARGE: the buffer. */
MUST_CHECK enum result path_normalise(struct slice path, char *buffer, size_t size, struct slice *ret);

/* The same for the path of an OpenAPI document: {name} stands for what varies and is kept as it is; bytes that have to be escaped
 * (UTF-8, space) are. RESULT_INVALID also for braces that do not match or are empty, and for '{' or '/' inside of them. */
MUST_CHECK enum result path_normalise_template(struct slice path, char *buffer, size_t size, struct slice *ret);

#endif
