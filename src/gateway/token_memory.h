/* Verified tokens remembered, so that the next call with one costs no signature check.
 *
 * What is remembered is the token's facts alone, never an answer: operation and scope are decided anew for each call. Found by a
 * keyed hash of the token's end, which is its signature (SipHash, the key random for each memory), and then by comparing the whole token, so no two
 * tokens can be taken for each other. An entry is good for one generation (keys, applications, people: whoever changes something moves it on) and
 * until the token expires; revocation is the caller's to ask about, each time. Bounded by bytes_max; what was not asked for lately
 * goes first. Any thread; sharded locks, held for some 100 ns. Tokens are wiped when they go. */
#ifndef WRIT_GATEWAY_TOKEN_MEMORY_H
#define WRIT_GATEWAY_TOKEN_MEMORY_H

#include "gateway/decision.h"

struct token_memory;

/* bytes_max   LIMIT_REMEMBERED_TOKENS_SIZE; NULL when memory is out. */
MUST_CHECK struct token_memory *token_memory_new(size_t bytes_max);
void token_memory_free(struct token_memory *); /* NULL is fine */

/* The facts as they were remembered in this generation, their text copied into buffer (LIMIT_TOKEN_FACTS_SIZE bytes), each with a NUL
 * behind it. now_s: an expired entry is forgotten, not found. */
bool token_memory_find(struct token_memory *, struct slice token, uint64_t generation, int64_t now_s, char *buffer, struct token_facts *ret);
/* The same whatever its generation, which the caller compares: for who learns from the facts which generation counts. */
bool token_memory_recall(struct token_memory *, struct slice token, int64_t now_s, char *buffer, struct token_facts *ret, uint64_t *ret_generation);
/* generation: as it was before the token was verified. Facts that do not fit LIMIT_TOKEN_FACTS_SIZE are not kept. */
void token_memory_keep(struct token_memory *, struct slice token, uint64_t generation, const struct token_facts *);

/* Entries there are now; for tests and metrics. */
size_t token_memory_count(struct token_memory *);

#endif
