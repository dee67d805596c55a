/* Legality tables of the objects in an apply document: which keys, of which type, how long, at most once, and where
 * the value goes. One table serves reading (here) and comparing with what the store holds (apply_merge.h). */
#ifndef WRIT_DIRECTORY_APPLY_FIELD_H
#define WRIT_DIRECTORY_APPLY_FIELD_H

#include "directory/document.h"
#include "directory/rules.h"

enum field_kind {
	FIELD_TEXT,    /* struct slice; null is empty */
	FIELD_BOOL,    /* bool */
	FIELD_INTEGER, /* int64_t, from least to limit */
	FIELD_TIME,    /* int64_t, s: RFC 3339 or seconds, above 0; null is 0 */
	FIELD_NAMED,   /* an enum: one of names */
	FIELD_WORDS,   /* struct slice: a list of texts without spaces, as a space-separated list */
	FIELD_FLAGS,   /* unsigned: a list of names, or-ed */
	FIELD_MAPPING, /* a mapping with a table of its own, into the same object; null makes all of it empty */
	FIELD_JSON,    /* struct slice of JSON text, made by read */
	FIELD_READ,    /* whatever read makes of it */
};

#define FIELDS_MAX 32

/* Every object that is read starts with this: what was given, and where. */
struct reading {
	unsigned line;              /* of the object */
	unsigned given;             /* one bit a field */
	unsigned lines[FIELDS_MAX]; /* of the fields that were given */
	const unsigned *word_lines[FIELDS_MAX]; /* of each entry of a FIELD_WORDS */
};

struct field_name {
	struct slice text;
	int value;
};

struct field {
	struct slice key;
	enum field_kind kind;
	size_t offset; /* in the struct that starts with struct reading */
	unsigned bit;  /* below FIELDS_MAX, its own in each table and the tables inside it */
	bool apart;    /* no member of the stored object: reading fills it, comparing leaves it to the caller */
	bool lines;    /* line breaks may stand in the text */
	int64_t least;
	int64_t limit; /* bytes of a text, entries of a list, the greatest number */
	enum result (*rule)(struct slice, struct problem *); /* of a text that is not empty, of each word; NULL: none */
	const struct field_name *names; /* FIELD_NAMED, FIELD_FLAGS */
	size_t name_count;
	const struct field *fields; /* FIELD_MAPPING */
	size_t field_count;
	enum result (*read)(struct document *, const struct field *, struct arena *, void *at);
};

#define FIELD_COUNT(table) (sizeof(table) / sizeof *(table))

static inline bool reading_has(const struct reading *reading, unsigned bit)
{
	return (reading->given >> bit & 1) != 0;
}

/* Where this word of a FIELD_WORDS stands; given: what was read. The field's line, or the object's, where it was not given. */
unsigned reading_word_line(const struct reading *, unsigned bit, struct slice given, struct slice word);

/* Reads one mapping by its table into object. what: "user", for messages. The texts are in the arena. */
MUST_CHECK enum result fields_read(struct document *, const char *what, const struct field *, size_t count, struct arena *,
                                   struct reading *object);

/* Reads the value of one key that was just read. RESULT_INVALID with the nearest known key when the table has no such
 * key; also tells it among the names of more (which the caller reads itself). */
MUST_CHECK enum result field_read_key(struct document *, const char *what, struct slice key, const struct field *, size_t count,
                                      const struct slice *more, size_t more_count, struct arena *, struct reading *object);

/* The name of a value of a FIELD_NAMED, NULL when it has none. */
const struct slice *field_name_of(const struct field *, int value);

#endif
