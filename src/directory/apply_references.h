/* What objects of a document say about others: judged at once where the other is known already, else written to a
 * temporary file with its line and judged at the end of the document. */
#ifndef WRIT_DIRECTORY_APPLY_REFERENCES_H
#define WRIT_DIRECTORY_APPLY_REFERENCES_H

#include "directory/document.h"
#include "store/store.h"

enum reference_kind {
	REFERENCE_DEPARTMENT = 1,
	REFERENCE_PERMISSION,
	REFERENCE_NOT_PREFIXED, /* a permission's name, judged when the partition's prefix is known */
};

struct references;

/* NULL when memory or the temporary file is out. */
MUST_CHECK struct references *references_new(bool prune);
void references_free(struct references *);

/* Judges now or later. RESULT_OK says nothing but that it was noted. */
MUST_CHECK enum result references_add(struct references *, struct store_batch *, struct document *, enum reference_kind,
                                      const struct partition_id *, struct slice name, unsigned line);

/* All that was noted REFERENCE_NOT_PREFIXED for the partition against the prefix it turned out to have. */
MUST_CHECK enum result references_judge_prefix(struct references *, struct document *, const struct partition_id *, struct slice prefix);

/* All else, at the end of the document. */
MUST_CHECK enum result references_judge(struct references *, struct store_batch *, struct document *);

#endif
