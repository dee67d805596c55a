/* The listening socket, bound here and not by the library: port 0, IPv6, and errors that say what to do. */
#ifndef WRIT_HTTP_LISTEN_H
#define WRIT_HTTP_LISTEN_H

#include "base/result.h"

#define LISTEN_ADDRESS_SIZE 80

/* option   the flag that names the address ("--listen"), for the sentence.
 * text     "127.0.0.1:8080", "[::1]:8080", "localhost:0".
 * address  receives the same with the real port. RESULT_INVALID, RESULT_FAILED with a problem. */
MUST_CHECK enum result listen_open(const char *option, const char *text, int *ret_socket, char address[LISTEN_ADDRESS_SIZE], struct problem *);

/* How many connections the process may have open: wanted (0: as many as the limits allow), after raising the soft
 * limit of open files. */
unsigned listen_connections_max(unsigned wanted);

#endif
