/* Which web origins may read a reply (Fetch standard §3.2). Credentials never; the origin "null" never. */
#ifndef WRIT_HTTP_CORS_H
#define WRIT_HTTP_CORS_H

#include "http/exchange.h"

/* An OPTIONS request that asks on behalf of a page, at an address with CORS rules. */
bool cors_is_preflight(const struct exchange *);

/* Fills the reply to one: 204 and what may be sent. */
void cors_answer_preflight(struct exchange *);

/* Adds the headers that every reply of the address carries, errors too. */
void cors_mark(struct exchange *);

/* "GET, HEAD, POST", in the arena with a NUL behind; empty when the arena is full. */
struct slice cors_method_list(struct arena *, unsigned methods);

#endif
