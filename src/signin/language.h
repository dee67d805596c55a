/* The languages of our pages, and the texts in them. A language is one file pages/texts/{tag}.txt ("key = text" lines), made
 * into a table by the build; English is complete and stands in where another lacks a text. */
#ifndef WRIT_SIGNIN_LANGUAGE_H
#define WRIT_SIGNIN_LANGUAGE_H

#include "base/slice.h"

struct language;

/* The best of our languages for what somebody prefers: ui_locales (OpenID Connect Core §3.1.2.1: tags separated by spaces,
 * best first), then Accept-Language (RFC 9110 §12.5.4, with q), by RFC 4647 lookup: "ar-EG" finds "ar". English when nothing
 * fits or what came is malformed. Either may be empty. Looks at LIMIT_LANGUAGES entries of each. */
const struct language *language_choose(struct slice ui_locales, struct slice accept_language);

const struct language *language_english(void);
const struct language *language_at(size_t); /* NULL behind the last */
const char *language_tag(const struct language *);
bool language_is_right_to_left(const struct language *);
/* Trusted HTML with {{name}} places; English where the language has none; {NULL,0} for no such key. */
struct slice language_text(const struct language *, struct slice key);
/* False also where English has to stand in. */
bool language_has(const struct language *, struct slice key);
/* The keys of English, for tests of completeness; {NULL,0} behind the last. */
struct slice language_key_at(size_t);

#endif
