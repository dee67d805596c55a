/* What a document gives laid over what the store holds, and the difference in words. */
#ifndef WRIT_DIRECTORY_APPLY_MERGE_H
#define WRIT_DIRECTORY_APPLY_MERGE_H

#include "base/writer.h"
#include "directory/apply_field.h"

/* "enabled: true -> false, permissions: +a -b"; grows in the arena of the object. */
struct difference {
	struct writer words;
	bool any;
};

struct difference difference_new(struct arena *);
/* Notes a changed field; the caller writes behind it what changed. */
void difference_field(struct difference *, struct slice field);
void difference_text(struct difference *, struct slice field, const char *words);
struct slice difference_words(const struct difference *);

/* Copies each field that was given, and differs, into the object, and notes it. Lists are equal when they have the same
 * entries in any order.
 *
 * model_offset   where in the reading the object stands that model is another one of. */
void fields_overlay(const struct field *, size_t count, const struct reading *, size_t model_offset, void *model, struct difference *);

#endif
