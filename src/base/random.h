/* Unguessable bytes from the kernel. random_bytes keeps a small per-thread reserve, so that an id costs no system
 * call of its own; bytes are wiped from the reserve as they are handed out. Not to be used on both sides of a fork(2):
 * the reserve would be shared. */
#ifndef WRIT_BASE_RANDOM_H
#define WRIT_BASE_RANDOM_H

#include <stddef.h>

void random_bytes(void *bytes, size_t size);

#endif
