/* Passwords of people: Argon2id (RFC 9106) as PHC strings, 19 MiB and t = 2 by default. */
#ifndef WRIT_SIGNIN_PASSWORD_H
#define WRIT_SIGNIN_PASSWORD_H

#include "base/arena.h"
#include "base/result.h"

/* Hashes with the default cost. About 20 ms: never on an event thread. 1 to LIMIT_PASSWORD bytes. */
MUST_CHECK enum result password_hash(struct slice password, struct arena *, struct slice *ret);

/* Is this an imported hash that may be kept? "$argon2id$v=19$m=…,t=…,p=1$salt$hash" with m at most
 * LIMIT_ARGON2_MEMORY_KIB, t at most LIMIT_ARGON2_TIME. RESULT_INVALID with a problem that says which bound it breaks. */
MUST_CHECK enum result password_hash_check(struct slice hash, struct problem *);

/* RESULT_OK: the password is right; RESULT_NOT_FOUND: it is not. An empty hash costs the same time as a wrong password
 * (a dummy is hashed). */
MUST_CHECK enum result password_verify(struct slice password, struct slice hash);

#endif
