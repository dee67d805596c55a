/* Secrets and hashes as types: compared in constant time, wiped, without a printer. */
#ifndef WRIT_BASE_SECRET_H
#define WRIT_BASE_SECRET_H

#include "base/slice.h"

#include <stdint.h>

/* 256 bits that must not leak: a key, a code before hashing. */
struct secret32 {
	uint8_t bytes[32];
};

/* A SHA-256. The stored form of every secret-like thing; safe to keep, compared in constant time anyway. */
struct hash32 {
	uint8_t bytes[32];
};

/* SHA-256 of the bytes. */
struct hash32 hash32_of(struct slice);

/* SHA-256 of kind, a NUL and the bytes: things of one kind never hash like things of another
 * ("code", "refresh", "session"). */
struct hash32 hash32_of_kind(const char *kind, struct slice);

bool hash32_equal(const struct hash32 *, const struct hash32 *);

bool secret32_equal(const struct secret32 *, const struct secret32 *);
void secret32_wipe(struct secret32 *);

/* 32 fresh random bytes. */
struct secret32 secret32_random(void);

/* Wipes any memory that held a secret; the compiler cannot drop it. */
void wipe(void *, size_t);

#endif
