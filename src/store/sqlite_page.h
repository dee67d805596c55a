/* How pages of a list are read (listing.h): along an index, with a bound on what is looked at. Included only by the sqlite_*.c files. */
#ifndef WRIT_STORE_SQLITE_PAGE_H
#define WRIT_STORE_SQLITE_PAGE_H

#include "store/listing.h"
#include "store/sqlite_store.h"

/* In every statement of a walk: ?3 is the key that it begins at and ?4 the number of the row that it begins behind among those of that key
 * (-1: with the first), ?5 the key that it ends before. Columns: the row's number, its key, then what judge reads. */
#define PAGE_BETWEEN(key, number) " AND " key " >= ?3 AND (" key " > ?3 OR " number " > ?4) AND " key " < ?5"

struct page_walk {
	struct store *store;
	const struct partition_id *partition; /* ?1; NULL: none */
	int64_t kind;                         /* ?2; 0: not bound */
	struct slice bound[4];                /* ?6 to ?9; ptr NULL: not bound */
	struct slice prefix;                  /* of the key; empty: all */
	size_t limit;
	size_t looks;  /* rows that may still be looked at */
	/* What came of it. */
	size_t visited;
	bool more;     /* there are others, or may be */
	char phase;    /* of the list that the walk is in: '1', '2', … */
	struct {
		int64_t number; /* the row looked at last; -1: none */
		size_t len;
		char key[LIMIT_CURSOR];
	} last;
};

/* Reads the row, borrowed, into context; false: it does not fit. */
typedef enum result page_judge(void *context, struct row *, bool *ret_fits);
typedef enum result page_show(void *context);

/* From the wish: limit, and where to begin. opaque: keys are "PHASE NUMBER KEY", as page_finish writes them. A key that is none of them is
 * taken for one of the first phase. */
void page_walk_init(struct page_walk *, struct store *, const struct page_wish *, bool opaque);
/* Goes on with sql from last, or from the beginning. RESULT_OK: to the end, unless more says otherwise. RESULT_TOO_LARGE: the visitor took
 * the row and no others. */
MUST_CHECK enum result page_walk_run(struct page_walk *, const char *sql, page_judge *, page_show *, void *context);
/* The next phase begins from its beginning. */
void page_walk_turn(struct page_walk *, char phase);
/* What a verb answers: result, where that is none of RESULT_OK and RESULT_TOO_LARGE; else also the key to go on behind, in the arena (empty:
 * nothing was looked at), and whether there is more. */
MUST_CHECK enum result page_finish(const struct page_walk *, bool opaque, enum result, struct arena *, struct slice *ret_last, bool *ret_more);

/* Does it begin so, but for the case of ASCII letters? */
bool page_begins(struct slice text, struct slice prefix);

#endif
