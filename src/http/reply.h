/* From a filled reply to what the library sends. */
#ifndef WRIT_HTTP_REPLY_H
#define WRIT_HTTP_REPLY_H

#include "http/exchange.h"

/* Replaces the reply by the refusal's, as the application words it. */
void reply_refuse(struct exchange *, struct refusal);

/* Adds the common headers, hands the reply to the library, tells options.done. MHD_NO: the connection must end. */
enum MHD_Result reply_send(struct exchange *, bool close);

#endif
