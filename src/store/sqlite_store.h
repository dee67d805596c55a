/* The inside of the SQLite backend: what one open store consists of. */
#ifndef WRIT_STORE_SQLITE_STORE_H
#define WRIT_STORE_SQLITE_STORE_H

#include "store/sqlite.h"

#include <pthread.h>
#include <stdatomic.h>

/* Starts a thread that takes no signals: those belong to the main thread. */
MUST_CHECK enum result store_thread_start(pthread_t *, const char *name, void *(*run)(void *), void *argument);
/* Waits on a condition (of CLOCK_MONOTONIC, see store_condition_init) until then; false when the time came. */
bool store_condition_wait(pthread_cond_t *, pthread_mutex_t *, int64_t until_monotonic_ms);
void store_condition_init(pthread_cond_t *);

/* ---- readers (sqlite_readers.c) ---- */

/* Between two looks of the watcher a reader keeps its transaction: beginning and ending one costs as much as the read
 * itself. Only who has the reader busy touches it. */
struct reader {
	struct connection connection;
	atomic_bool busy;
	atomic_uint_fast64_t held_since; /* in looks, see stamp_now; 0: no transaction is kept */
};

struct reader_pool {
	const char *path;
	int flags;
	atomic_uint open_count; /* opened one after the other as they are needed, closed at the end */
	atomic_uint waiting;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	_Atomic(struct reader *) pinned; /* of the snapshot */
	_Atomic(pthread_t) pinned_by;
	struct reader readers[LIMIT_STORE_READERS];
};

MUST_CHECK int readers_open(struct reader_pool *, const char *path, int flags);
void readers_close(struct reader_pool *);
/* Ends what readers hold that nobody has used for some looks: an old snapshot keeps the log from starting over. */
void readers_rest(struct store *);
/* Without a transaction. RESULT_BUSY when none came free in LIMIT_STORE_WAIT_MS. Tens of nanoseconds when one is free. */
MUST_CHECK enum result reader_acquire(struct reader_pool *, struct reader **ret);
void reader_release(struct reader_pool *, struct reader *);

/* One read: reader_begin, bind, step, columns, reader_end. */
struct reading {
	struct reader_pool *pool;
	struct reader *reader;
	sqlite3_stmt *statement;
};
MUST_CHECK enum result reading_begin(struct store *, const char *sql, struct reading *ret);
/* As reading_begin, but of the store as it is at this moment, whichever process wrote last: without a held transaction, whose
 * snapshot may be as old as the last look of the watcher. For what must be gone at once when it is ended. */
MUST_CHECK enum result reading_begin_now(struct store *, const char *sql, struct reading *ret);
/* As above with a statement of its own, so that visitors may read the same thing inside. */
MUST_CHECK enum result reading_begin_fresh(struct store *, const char *sql, struct reading *ret);
/* RESULT_OK: there is a row. RESULT_NOT_FOUND: no more. */
MUST_CHECK enum result reading_step(struct reading *);
void reading_end(struct reading *);
/* Ends the reading of something that was taken into the arena: result, but RESULT_NO_MEMORY where that is RESULT_OK and the arena did not
 * suffice. */
MUST_CHECK enum result reading_end_taken(struct reading *, enum result, const struct arena *);
void reading_end_fresh(struct reading *);

/* ---- the writer (sqlite_writer.c) ---- */

/* Runs on the writer thread inside a savepoint of a transaction. Anything but RESULT_OK undoes the job alone;
 * RESULT_STORE_DOWN ends the transaction for all. All its statements must be reset when it returns. */
typedef enum result write_run(struct connection *, void *argument);

struct write_job {
	write_run *run;
	void *argument;
	int64_t give_up_at; /* monotonic ms */
	enum result result;
	enum { WRITE_QUEUED, WRITE_TAKEN, WRITE_DONE } state;
	struct write_job *next;
};

struct audit_entry {
	struct audit_entry *next;
	struct audit_event event; /* its slices point behind this struct */
};

struct write_queue {
	struct connection connection;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* what follows */
	pthread_cond_t work, done;
	bool stop;
	struct write_job *first, **last;
	size_t waiting;
	struct audit_entry *audit_first, **audit_last;
	size_t audit_waiting;
	int64_t audit_since;      /* monotonic ms: when the first of them came */
	int64_t audit_not_before; /* monotonic ms: after a failure, not to try in a circle */
	int64_t audit_lost;  /* not yet told in a row */
	atomic_int_fast64_t commits, writes, audit_dropped;
	int64_t complained_at; /* writer thread only: when a failure was last logged */
};

MUST_CHECK enum result write_queue_start(struct write_queue *);
/* Commits what is queued and ends the thread. */
void write_queue_stop(struct write_queue *);
/* Blocks until the job's transaction is on disk. RESULT_BUSY when the queue is full or the lock was not free in
 * LIMIT_STORE_WAIT_MS; RESULT_FAILED on a store that was opened read-only. */
MUST_CHECK enum result write_durably(struct store *, write_run *, void *argument);
enum result write_audit(struct write_queue *, const struct audit_event *);

/* ---- revocations in memory (sqlite_revocation.c) ---- */

/* Open addressing over 128-bit keyed hashes: 24 bytes an entry, no pointers, no collisions to speak of. */
struct revoked {
	uint64_t hash[2]; /* both 0: free */
	int64_t expires_at;
};
struct revocation_set {
	pthread_rwlock_t lock;
	unsigned char key[16];
	struct revoked *slots;
	size_t capacity, count;
};

MUST_CHECK enum result revocations_init(struct revocation_set *);
void revocations_free(struct revocation_set *);
MUST_CHECK enum result revocations_add(struct revocation_set *, struct slice partition, enum revocation_kind, struct slice id, int64_t expires_at);
void revocations_forget_expired(struct revocation_set *, int64_t now);
/* Everything that the store holds. */
MUST_CHECK enum result revocations_load(struct revocation_set *, struct connection *);
/* What one change row names. */
MUST_CHECK enum result revocations_load_one(struct revocation_set *, struct connection *, struct slice partition, struct slice id);

/* ---- use of secrets (sqlite_use.c) ---- */

struct secret_use;
struct use_notes {
	pthread_mutex_t lock;
	struct secret_use *first; /* a uthash table */
	size_t count;
};

void use_notes_init(struct use_notes *);
/* Writes the notes into the store; they are kept when that fails. */
MUST_CHECK enum result use_notes_fold(struct store *);
void use_notes_free(struct use_notes *);

/* Fills in when each of an application's secrets was last used (sqlite_listing.c). */
MUST_CHECK enum result secrets_used(struct store *, const struct partition_id *, struct slice client_id, struct client_secret *, size_t count);

/* ---- the change feed and the sweeper (sqlite_watch.c, sqlite_sweep.c) ---- */

struct watch {
	struct connection connection;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* one poll at a time */
	pthread_mutex_t sleep_lock;
	pthread_cond_t sleep;
	bool stop; /* under sleep_lock */
	store_changed *changed;
	void *context;
	int64_t data_version, seq; /* last seen, under lock */
	bool blind; /* the last look failed, under lock */
	atomic_uint_fast64_t looks;    /* counts up whenever what readers hold is too old */
	atomic_int_fast64_t polled_at; /* monotonic ms: when the last poll that succeeded began; 0: not watching */
};

struct sweeper {
	pthread_t thread;
	atomic_bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	atomic_int_fast64_t audit_rows, audit_seconds;
	atomic_int_fast64_t swept;
};

MUST_CHECK enum result watch_start(struct store *, store_changed *, void *context);
void watch_stop(struct store *);
MUST_CHECK enum result sweeper_start(struct store *);
void sweeper_stop(struct store *);
/* One whole round, now, in the calling thread. */
MUST_CHECK enum result sweep(struct store *);

/* ---- the store ---- */

struct store {
	char *path;
	enum store_mode mode;
	struct reader_pool readers;
	struct write_queue writes;
	struct revocation_set revocations;
	struct use_notes uses;
	struct watch watch;
	struct sweeper sweeper;
};

MUST_CHECK enum result sqlite_open(struct slice path, enum store_mode, struct store **ret, struct problem *);
/* Copies all of one database into another in one transaction of the target. */
MUST_CHECK enum result sqlite_copy(struct connection *from, struct connection *to);

#endif
