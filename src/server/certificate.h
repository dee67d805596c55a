/* The public listener's certificate: read at the start, and again at SIGHUP. */
#ifndef WRIT_SERVER_CERTIFICATE_H
#define WRIT_SERVER_CERTIFICATE_H

#include "http/tls.h"
#include "server/config.h"

/* Reads what the configuration names; ret is NULL where it names none. Problems as of tls_identity_load. */
MUST_CHECK enum result certificate_read(const struct config *, struct tls_identity **ret, struct problem *);

/* The same for a server that runs with (or without) one: a listener cannot change between https and plain HTTP. */
MUST_CHECK enum result certificate_read_again(const struct config *, const struct tls_identity *present, struct tls_identity **ret,
                                              struct problem *);

/* One line that says until when it is good; a warning when that is soon or over. NULL: nothing. */
void certificate_say(const struct tls_identity *, const char *file);

#endif
