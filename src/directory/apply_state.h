/* One run of apply, shared by its rooms: apply.c (the document), apply_partition.c, apply_person.c,
 * apply_application.c. Failures are kept in the document, with their line. */
#ifndef WRIT_DIRECTORY_APPLY_STATE_H
#define WRIT_DIRECTORY_APPLY_STATE_H

#include "directory/apply.h"
#include "directory/apply_merge.h"
#include "directory/apply_read.h"
#include "directory/apply_references.h"

enum { LINES_SIZE = 32768 };

/* A client secret that was made, until the commit. */
struct made_secret {
	struct made_secret *next;
	struct apply_secret secret;
};

struct apply {
	struct store *store;
	const struct master_key *master;
	const struct apply_options *options;
	int64_t start; /* where the document starts in fd; -1: fd cannot be seeked */

	struct document *document;
	struct store_batch *batch;
	struct references *references;
	struct arena *object;    /* one named object; reset before each */
	struct arena *partition; /* what a partition keeps while its lists are read */
	struct arena *kept;      /* made secrets, until the commit */
	struct made_secret *made, **made_end;
	struct apply_summary summary;
	struct noted_scope *scopes, **scopes_end; /* of APIs, that were no permissions when they were read */
	bool apis_staged;
	bool openapi_failed; /* what is wrong is the OpenAPI document, or what it means beside the others */
	bool keys_made; /* to be committed even where no object differs */

	/* Where a key or name was seen, so that a second one can be told the line of the first: hash and line,
	 * overwritten when two share a place. */
	struct {
		uint64_t hash;
		unsigned line;
	} lines[LINES_SIZE];
};

/* The partition whose mapping is being read. */
struct apply_partition {
	struct partition_reading reading; /* its own fields as far as they are known */
	bool scanned;                     /* all of them are: they were looked for ahead */
	bool known;                       /* id and present are good */
	struct partition_id id;
	bool exists;
	struct partition present;
	bool applications_read; /* a client application stood in the document */
	bool permissions_judged_later;
	size_t index; /* in the list of partitions */
};

/* The store does not answer. */
MUST_CHECK enum result apply_store_failed(struct apply *, enum result);
MUST_CHECK enum result apply_no_memory(struct apply *);
void apply_warn(struct apply *, unsigned line, const char *sentence);

/* Counts the object and tells how far the document is read. */
void apply_object_read(struct apply *);

/* Counts and tells a difference. fields: empty for what is added. */
void apply_tell(struct apply *, char what, const struct partition_id *, enum object_kind, struct slice key, struct slice name, struct slice fields);
const char *apply_kind_words(enum object_kind);

/* What a name that is taken by another is: RESULT_EXISTS for a sole object, RESULT_INVALID else. */
enum result apply_taken(const struct apply *);
/* Where the object is the sole one that the options speak of: is it there as it must be? name: as people call it; line: where that stands. */
MUST_CHECK enum result apply_sole_judge(struct apply *, enum object_kind, bool exists, int64_t version, struct slice name, unsigned line);
/* Tells of it, before (NULL: new) and after. */
MUST_CHECK enum result apply_sole_staged(struct apply *, enum object_kind, const struct partition_id *, const void *before, const void *after);
/* Does the document hold one object that is no partition? */
bool apply_sole_inside(const struct apply *);
/* May the server ask this address, which was another before (empty: none)? */
MUST_CHECK enum result apply_address_judge(struct apply *, unsigned line, struct slice before, struct slice after);
/* Fills the failure that the options ask for. */
void apply_sole_failed(const struct apply *, enum result, const struct problem *);

/* contract §9: apply returns when running servers see the change. */
void apply_wait_until_seen(void);

/* Refuses a key that stood in the document before; else remembers its line. */
MUST_CHECK enum result apply_key_once(struct apply *, const struct partition_id *, enum object_kind, struct slice key, unsigned line);
/* The same for a unique name (username, e-mail, application name), which belongs to key. */
MUST_CHECK enum result apply_name_once(struct apply *, const struct partition_id *, enum object_kind, struct slice name, struct slice key,
                                       unsigned line);

/* Each reads one item of its list and stages or mentions it. */
MUST_CHECK enum result apply_department(struct apply *, struct apply_partition *);
MUST_CHECK enum result apply_permission(struct apply *, struct apply_partition *);
MUST_CHECK enum result apply_user(struct apply *, struct apply_partition *);
MUST_CHECK enum result apply_customer(struct apply *, struct apply_partition *);
MUST_CHECK enum result apply_application(struct apply *, struct apply_partition *);
MUST_CHECK enum result apply_provider(struct apply *, struct apply_partition *);
MUST_CHECK enum result apply_api(struct apply *, struct apply_partition *);
/* One item of the list of partitions, with all that is in it. */
MUST_CHECK enum result apply_partition(struct apply *, size_t index);

/* The permission prefix as it will be, looked for ahead where it was not read yet. */
MUST_CHECK enum result apply_partition_prefix(struct apply *, struct apply_partition *, struct slice *ret);

/* Keeps the scopes that are no permissions yet, for the end of the document. */
MUST_CHECK enum result apply_scopes_note(struct apply *, const struct partition_id *, struct slice api, const char *file_name,
                                         const struct openapi_report *);
/* Adds them, where the options say so, and tells of those that are still none. */
MUST_CHECK enum result apply_scopes_judge(struct apply *);

/* The secrets of an application as they will be: what is given laid over what is there. application->secrets is
 * replaced. New ones are made for generate, and kept for the end. */
MUST_CHECK enum result apply_secrets(struct apply *, const struct partition_id *, const struct application_reading *,
                                     struct client_application *, struct difference *);

#endif
