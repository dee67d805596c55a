/* A batch of directory changes: staged in temporary tables of a connection of its own (schema/staging.sql), made
 * true by one transaction there. */
#ifndef WRIT_STORE_SQLITE_BATCH_H
#define WRIT_STORE_SQLITE_BATCH_H

#include "store/sqlite_store.h"

struct store_batch {
	struct store *store;
	struct connection connection;
	/* Staging happens in one long transaction that touches temporary tables alone: a transaction of its own for each
	 * object would walk all changed pages each time. */
	bool staging;
};

/* To be called before a temporary table is changed, and before the store is looked at, respectively. */
MUST_CHECK enum result batch_work(struct store_batch *);
MUST_CHECK enum result batch_rest(struct store_batch *);

/* A statement that changes a temporary table, after batch_work. NULL: that cannot be. */
sqlite3_stmt *batch_statement(struct store_batch *, const char *sql);

/* How the objects of a kind are kept, for the statements that are alike for all: main.TABLE and temp.staged_TABLE. */
struct object_table {
	enum object_kind kind;
	const char *table;
	const char *partition; /* column */
	const char *key;       /* column */
	const char *only;      /* " AND ..." for the rows of this kind alone; %s stands for the table's name */
	enum change_kind change;
	const char *noun;
};

extern const struct object_table object_tables[];
extern const size_t object_table_count;

/* RESULT_CONFLICT: an operation would be of two APIs once the batch is true (sqlite_apis.c). */
MUST_CHECK enum result batch_operations_judge(struct connection *, struct problem *);

/* One statement, prepared for this once. RESULT_NOT_FOUND: it gave no row. Texts of the first row, cut, for the
 * sentence of a problem; what may be NULL. */
struct found {
	char partition[LIMIT_PARTITION_ID + 1];
	char key[LIMIT_NAME + 1];
};
MUST_CHECK enum result batch_find(struct connection *, const char *sql, struct found *ret);
/* Runs SQL that sqlite3_mprintf made (and frees it); ?1 is bound to now_ms where it stands. */
MUST_CHECK enum result batch_run(struct connection *, char *sql, int64_t now_ms);

/* Runs sql, which inserts the new rows of staged_TABLE into TABLE; ?1 as above (sqlite_batch_bulk.c). */
MUST_CHECK enum result batch_insert(struct connection *, const char *table, const char *sql, int64_t now_ms);

#endif
