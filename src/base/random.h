/* Unguessable bytes from the kernel. random_bytes keeps a small per-thread reserve, so that an id costs no system
 * call of its own; bytes are wiped from the reserve as they are handed out. */
#ifndef WRIT_BASE_RANDOM_H
#define WRIT_BASE_RANDOM_H

#include <stddef.h>

void random_bytes(void *bytes, size_t size);

#endif
