/* The inside of the SQLite backend: one connection and the helpers that keep SQL short. Included only by the
 * sqlite_*.c files and their tests. */
#ifndef WRIT_STORE_SQLITE_H
#define WRIT_STORE_SQLITE_H

#include "store/store.h"

#include <sqlite3.h>

#define CONNECTION_STATEMENTS 128

/* A connection is used by one thread at a time. */
struct connection {
	sqlite3 *db;
	int wait_ms;          /* how long a lock is waited for */
	int64_t waiting_since; /* monotonic ms, of the wait under way */
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} cached[CONNECTION_STATEMENTS];
};

enum connection_role { CONNECTION_READER, CONNECTION_WATCHER, CONNECTION_WRITER, CONNECTION_BATCH };

/* flags   SQLITE_OPEN_READWRITE or SQLITE_OPEN_READONLY. The file is never made here.
 * Returns an SQLite code; on failure there is nothing to close. */
MUST_CHECK int connection_open(struct connection *, const char *path, enum connection_role, int flags);
void connection_close(struct connection *);

/* The statement of this SQL text (a constant: it is found by its address), prepared once, reset. NULL: see
 * sqlite3_errcode(). */
MUST_CHECK sqlite3_stmt *connection_statement(struct connection *, const char *sql);

/* Statements without parameters and rows. */
MUST_CHECK enum result connection_run(struct connection *, const char *sql);
/* The integer in the first column of the first row; RESULT_NOT_FOUND when there is no row. */
MUST_CHECK enum result connection_int(struct connection *, const char *sql, int64_t *ret);

/* What an SQLite code means to a caller of the store. SQLITE_OK, _ROW and _DONE are RESULT_OK. */
enum result sqlite_result(int code);

/* Binding: parameters are numbered from 1; the text must live until the statement was run. */
void bind_text(sqlite3_stmt *, int index, struct slice);
void bind_text_or_null(sqlite3_stmt *, int index, struct slice); /* NULL when empty */
void bind_optional(sqlite3_stmt *, int index, struct slice); /* NULL when ptr is */
void bind_blob(sqlite3_stmt *, int index, struct slice);
void bind_hash(sqlite3_stmt *, int index, const struct hash32 *);
void bind_int(sqlite3_stmt *, int index, int64_t);
void bind_partition(sqlite3_stmt *, int index, const struct partition_id *);

/* Runs a statement to its end and resets it (a commit fails while one is not reset). NULL is RESULT_STORE_DOWN.
 * ret_rows   how many rows it gave; may be NULL. */
MUST_CHECK enum result statement_run(sqlite3_stmt *, int *ret_rows);
/* Runs to the end and keeps the integer of the first row; RESULT_NOT_FOUND without one. */
MUST_CHECK enum result statement_int(sqlite3_stmt *, int64_t *ret);
/* The end of a statement whose first row was looked at: steps to its end and resets, for a commit fails while a RETURNING
 * statement is not done (design.md §4). code: what the first step said. found: RESULT_OK or RESULT_NOT_FOUND when all is well. */
MUST_CHECK enum result statement_finish(sqlite3_stmt *, int code, bool found);

/* A borrowed column of the present row. */
struct slice column_text(sqlite3_stmt *, int column);

/* Reads the columns of a row from left to right: copied into the arena, or borrowed until the next step when it
 * is NULL. */
struct row {
	sqlite3_stmt *statement;
	struct arena *arena;
	int column;
};
struct slice row_text(struct row *);
struct slice row_optional(struct row *); /* ptr NULL for NULL */
int64_t row_int(struct row *);
bool row_bool(struct row *);

/* ASCII letters lowered into a buffer; false when it does not fit. */
bool fold_into(char *buffer, size_t size, struct slice text, struct slice *ret);

/* ---- schema (sqlite_schema.c) ---- */

#define SCHEMA_VERSION 6
#define SCHEMA_APPLICATION_ID 0x77726974 /* "writ" */
extern const char schema_staging[];

/* Brings the store of an open writer connection to this program's schema, or makes it. path is for the sentence. */
MUST_CHECK enum result schema_migrate(struct connection *, const char *path, struct problem *);
/* RESULT_OK for a writ store that this program can use without migrating, RESULT_EXPIRED for an older one,
 * RESULT_NOT_FOUND for an empty file, RESULT_INVALID and RESULT_FAILED with a problem. Changes nothing. */
MUST_CHECK enum result schema_judge(struct connection *, const char *path, struct problem *);
/* The sentence for a file that SQLite could not use. */
MUST_CHECK enum result schema_problem(int code, const char *path, struct problem *);

/* ---- pieces of transactions that several verbs share ---- */

#define AUDIT_COLUMNS "at_ms, partition, request_id, action, result, actor, object, address, detail"
void audit_from_row(struct row *, struct audit_event *ret);
MUST_CHECK enum result audit_insert(struct connection *, const struct audit_event *);
MUST_CHECK enum result change_insert(struct connection *, struct slice partition, enum change_kind, struct slice id);
/* A revocation with its change row; revocations_add is due after the commit. */
MUST_CHECK enum result revocation_insert(struct connection *, const struct partition_id *, enum revocation_kind, struct slice id,
                                         int64_t expires_at);
MUST_CHECK enum result key_insert(sqlite3_stmt *, const struct partition_id *, const struct signing_key *);

/* ---- secrets packed in an application's row (sqlite_secrets.c) ---- */

#define SECRET_PACKED_MAX (2 + LIMIT_ID + 32 + 8 + 8)
/* Into a buffer of LIMIT_SECRETS * SECRET_PACKED_MAX bytes; RESULT_TOO_LARGE. */
MUST_CHECK enum result secrets_pack(const struct client_secret *, size_t count, char *buffer, size_t *ret_len);
/* Labels point into packed. RESULT_STORE_DOWN when it is damaged. */
MUST_CHECK enum result secrets_unpack(struct slice packed, struct client_secret secrets[LIMIT_SECRETS], size_t *ret_count);

#endif
