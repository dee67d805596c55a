/* What an administrator reads of a refused request beside the sentence, in its audit event and nowhere else: what arrived, what is
 * registered, and what to change. Never shown to who sent the request, for it says what exists.
 *
 *     {"sentence": "…", "arrived": {"scope": "…"}, "registered": {"assigned": false}, "change": "Assign …"}
 *
 * What arrived is shown so that a secret that was put into the wrong place is not: see detail_shown. */
#ifndef WRIT_OAUTH_REFUSAL_DETAIL_H
#define WRIT_OAUTH_REFUSAL_DETAIL_H

#include "base/writer.h"

struct oauth_call;

/* Of a call; all zero: there is nothing to say but the sentence. */
struct refusal_detail {
	struct writer arrived, registered; /* JSON objects without the brace at their end */
	struct slice change;
};

void detail_arrived(struct oauth_call *, const char *name, struct slice value);
void detail_registered(struct oauth_call *, const char *name, struct slice value);
void detail_registered_flag(struct oauth_call *, const char *name, bool value);
/* The first words of a list, and how many there are in all as "{name}_count" where that is more. */
void detail_registered_words(struct oauth_call *, const char *name, struct slice words);
/* A whole sentence that tells the administrator what to do. What arrived goes through detail_shown before. */
void detail_change(struct oauth_call *, const char *format, ...) PRINTF_LIKE(2, 3);

/* As it may be kept: of what is as long and as plain as a secret, a code or a part of a token only the beginning, UUIDs excepted, for client
 * ids are; and at most DETAIL_SHOWN bytes. */
#define DETAIL_SHOWN 200
struct slice detail_shown(struct arena *, struct slice);
/* The same without a bound: for sentences. */
struct slice detail_without_secrets(struct arena *, struct slice);
/* Without any copy of what the client proved itself with, whatever it is like. For texts, not for JSON, which a proof of '"' would break. */
struct slice detail_without_proof(const struct oauth_call *, struct slice);
/* The same for an address: without user and password, and without values of parameters that are called like secrets. */
struct slice detail_shown_address(struct arena *, struct slice);

/* How alike two names are: the bytes that they begin and end with. */
size_t detail_likeness(struct slice, struct slice);

/* The detail of the event: the sentence alone where nothing else is known. */
struct slice detail_text(const struct oauth_call *, struct slice sentence);

#endif
