/* Judging and decoding text that came from outside. Nothing here allocates but text_percent_decode. */
#ifndef WRIT_BASE_TEXT_H
#define WRIT_BASE_TEXT_H

#include "base/arena.h"

#include <stdint.h>

/* Length of the valid UTF-8 sequence at the start of the slice (RFC 3629), 0 when there is none. */
size_t text_utf8_length(struct slice);

/* Valid UTF-8 without NUL or control characters (C0, DEL). contract §6. */
bool text_is_clean(struct slice);

/* All bytes printable ASCII (0x20 to 0x7e). */
bool text_is_printable_ascii(struct slice);

/* Equal but for the case of ASCII letters: how usernames, e-mails and header names are compared (contract §1). */
bool text_equal_folded(struct slice, struct slice);
char text_lower(char);

/* The byte that the two hexadecimal digits at the start stand for, in either case; false when they are none. */
bool text_hex_pair(struct slice, unsigned char *ret);

/* What stands behind the scheme in the value of an Authorization header (RFC 9110 §11.4): the scheme in any case, then spaces. Empty where nothing
 * does; false where the scheme is another, or there is no header. */
bool text_credentials(struct slice authorization, struct slice scheme, struct slice *ret);

/* Percent-decoding (RFC 3986 §2.1), with '+' as space when form is set. RESULT_INVALID for a stray '%'.
 * ret points into input when nothing had to be decoded. */
MUST_CHECK enum result text_percent_decode(struct arena *, struct slice input, bool form, struct slice *ret);

/* base64url without padding, strict (no whitespace, no padding, no stray bits). RESULT_INVALID, RESULT_TOO_LARGE. */
MUST_CHECK enum result text_base64url_decode(struct slice input, void *bytes, size_t size, size_t *ret_len);
/* Standard base64 with padding, strict: the Basic header (RFC 7617). */
MUST_CHECK enum result text_base64_decode(struct slice input, void *bytes, size_t size, size_t *ret_len);

/* A decimal integer without sign, spaces or leading '+'; RESULT_INVALID beyond max too. */
MUST_CHECK enum result text_to_int(struct slice, int64_t max, int64_t *ret);

/* A random UUID of version 7 (RFC 9562): its first 48 bits are ms, so that what was issued before a moment can be
 * told apart. Writes 36 characters and a NUL. */
#define UUID_TEXT_SIZE 37
void text_uuid7(int64_t ms, char text[UUID_TEXT_SIZE]);
/* A random UUID of version 4, for ids that must say nothing. */
void text_uuid4(char text[UUID_TEXT_SIZE]);
/* The milliseconds inside a UUID of version 7; RESULT_INVALID for anything else. */
MUST_CHECK enum result text_uuid7_ms(struct slice, int64_t *ret_ms);

/* A copy into a fixed buffer with a NUL; cut when too long. For display only. */
void text_copy(char *buffer, size_t size, struct slice);

#endif
