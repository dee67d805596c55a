/* The texts of pages/texts/, made into tables at build time by scripts/embed_texts.py. For signin/language.c only. */
#ifndef WRIT_SIGNIN_LANGUAGE_TABLE_H
#define WRIT_SIGNIN_LANGUAGE_TABLE_H

#include "base/slice.h"

struct language {
	const char *tag;
	const struct slice *texts; /* in the order of language_keys; ptr NULL: not in this language */
};

/* Sorted by bytes. */
extern const struct slice language_keys[];
extern const size_t language_key_count;
/* English first. */
extern const struct language language_all[];
extern const size_t language_count;

#endif
