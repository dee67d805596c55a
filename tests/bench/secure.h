/* TLS for the load, as a client application would speak it: the certificate is verified, nothing is resumed. */
#ifndef WRIT_BENCH_SECURE_H
#define WRIT_BENCH_SECURE_H

#include <sys/types.h>

struct secure_client; /* what all connections share */
struct secure;        /* one connection */

/* ca_file   whom to trust. NULL after a line on stderr. */
struct secure_client *secure_client_new(const char *ca_file);
void secure_client_free(struct secure_client *);

/* Over a connected socket, which is made non-blocking and stays the caller's. NULL: no memory. */
struct secure *secure_open(struct secure_client *, int fd);
/* Says goodbye and frees; NULL is fine. */
void secure_close(struct secure *);

enum secure_state { SECURE_READY, SECURE_WAITS, SECURE_BROKEN };
/* Goes on with the handshake whenever the socket has something to read; a line on stderr when it failed. */
enum secure_state secure_handshake(struct secure *);

/* As send(2) and recv(2) on a non-blocking socket. */
ssize_t secure_send(struct secure *, const void *bytes, size_t size);
ssize_t secure_receive(struct secure *, void *bytes, size_t size);

#endif
