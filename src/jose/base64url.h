/* base64url of what everybody may read (tokens, public keys), by table: ten times as fast as the constant-time
 * encoder of base/writer.h, which is the one for secrets. */
#ifndef WRIT_JOSE_BASE64URL_H
#define WRIT_JOSE_BASE64URL_H

#include "base/writer.h"

void base64url_put(struct writer *, const void *bytes, size_t len);

#endif
