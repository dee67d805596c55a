/* What the commands that work on a store have in common: which store, which master key, open and close. */
#ifndef WRIT_CLI_STORE_SESSION_H
#define WRIT_CLI_STORE_SESSION_H

#include "jose/master_key.h"
#include "store/store.h"

#define DEFAULT_STORE "sqlite:data/writ.db"

/* The members that a command's options struct has, and the rows that fill them. */
struct store_options {
	const char *store;
	const char *master_key;
};
#define STORE_OPTION(type, member) \
	{ .name = "store", .value = "URL", .help = "sqlite:PATH (" DEFAULT_STORE ")", .kind = OPTION_TEXT, \
	  .offset = offsetof(type, member.store), .environment = "WRIT_STORE" }
#define MASTER_KEY_OPTION(type, member) \
	{ .name = "master-key", .value = "FILE", .help = "the key that encrypts signing keys (PATH.key)", .kind = OPTION_TEXT, \
	  .offset = offsetof(type, member.master_key), .environment = "WRIT_MASTER_KEY_FILE" }

struct store_session {
	struct slice url;
	struct store *store;
	struct master_key master_key;
};

/* Opens the store in the mode given; with_key also the master key. Closed with store_session_close in every case. */
MUST_CHECK enum result store_session_open(struct store_session *, const struct store_options *, enum store_mode, bool with_key, struct problem *);
void store_session_close(struct store_session *);

/* RESULT_NOT_FOUND, in words: the store has not the partition that was named. */
enum result partition_missing(struct problem *, const char *named);

#endif
