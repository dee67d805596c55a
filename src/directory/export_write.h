/* The shape of an exported document, in YAML or JSON: partitions, their lists, and the members of one object at a time.
 * Values are always written as JSON, which YAML reads as it is, so that nothing typed by anybody changes the shape. */
#ifndef WRIT_DIRECTORY_EXPORT_WRITE_H
#define WRIT_DIRECTORY_EXPORT_WRITE_H

#include "base/writer.h"

#include <stdio.h>

#define EXPORT_MEMBERS 32

struct export_member {
	const char *key;
	struct slice value; /* JSON */
};

struct export_writer {
	FILE *out;
	bool json;
	struct arena *arena; /* of one object */
	struct export_member members[EXPORT_MEMBERS];
	size_t count;
	bool any_partition; /* one was written before */
	const char *list;   /* the open list of the partition; NULL: none */
	bool any_item;      /* the open list has one */
	bool failed;        /* memory was out for an object */
};

/* The members of the object that is written next; values live in the arena. */
void export_text(struct export_writer *, const char *key, struct slice);
void export_text_or_null(struct export_writer *, const char *key, struct slice); /* empty is null */
void export_bool(struct export_writer *, const char *key, bool);
void export_int(struct export_writer *, const char *key, int64_t);
void export_words(struct export_writer *, const char *key, struct slice words);
void export_json(struct export_writer *, const char *key, struct slice json);

void export_begin(struct export_writer *);
void export_end(struct export_writer *);
/* Writes the members gathered as a partition, which stays open for its lists. */
void export_partition_begin(struct export_writer *);
void export_partition_end(struct export_writer *);

/* Writes the members gathered as the next item of a list of the open partition. Items of one list come together.
 * block: a line a member, else a line an object (YAML). False when out cannot be written or memory is out. */
bool export_item(struct export_writer *, const char *list, bool block);


/* The same for an item whose last member is too long to be gathered: the caller writes its value between the two, as JSON, to out. */
void export_item_begin(struct export_writer *, const char *list, const char *last_key);
bool export_item_end(struct export_writer *);
/* What was written as JSON, as both JSON and YAML read it. Empty where memory was out, which export_item_end then says. */
struct slice export_escaped(struct export_writer *, const struct writer *json);

#endif
