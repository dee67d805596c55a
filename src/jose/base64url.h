/* base64url of what everybody may read (tokens, public keys), by table: ten times as fast as the constant-time
 * encoder of base/writer.h, which is the one for secrets. */
#ifndef WRIT_JOSE_BASE64URL_H
#define WRIT_JOSE_BASE64URL_H

#include "base/writer.h"

void base64url_put(struct writer *, const void *bytes, size_t len);

/* Strict, as text_base64url_decode is: no padding, no white space, no stray bits. Faster, but its time says something about the text:
 * for tokens, which a signature proves, not for what is compared with a secret. RESULT_INVALID, RESULT_TOO_LARGE (bytes is then
 * overwritten in part). */
MUST_CHECK enum result base64url_take(struct slice text, void *bytes, size_t size, size_t *ret_len);

#endif
