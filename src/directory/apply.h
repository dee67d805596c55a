/* Makes the store match a document (contract.md §9): parse, judge, compare, then one transaction.
 *
 * The document is read as a stream of events (libfyaml), one named object in memory at a time; objects are staged in
 * a store batch, so that a million people import in bounded memory. Idempotent: applying a document twice changes
 * nothing the second time. Fields left out of an object that exists stay as they are; lists that are given are
 * replaced; objects left out stay unless prune. */
#ifndef WRIT_DIRECTORY_APPLY_H
#define WRIT_DIRECTORY_APPLY_H

#include "jose/master_key.h"
#include "store/store.h"

/* What a client application has where nothing is said. */
#define DEFAULT_ACCESS_TOKEN_SECONDS 3600
#define DEFAULT_REFRESH_IDLE_SECONDS 2592000
#define DEFAULT_REFRESH_MAX_SECONDS 15552000

struct apply_change {
	enum { APPLY_ADD = '+', APPLY_CHANGE = '~', APPLY_DELETE = '-' } what;
	struct slice partition;
	const char *kind;   /* "partition", "department", "permission", "user", "customer", "client application", … */
	struct slice key;   /* id or client id */
	struct slice name;  /* what people call it; may equal key */
	struct slice fields; /* for APPLY_CHANGE: "enabled: true -> false, permissions: +a -b"; no secret, no hash in it */
};

/* A secret that the apply made ({generate: true}): shown once, never stored. */
struct apply_secret {
	struct slice partition, client_id, application, label, value;
	int64_t created_at; /* s */
};

struct openapi_report;

/* An API whose document was read, whether it differs or not. */
struct apply_api {
	struct slice partition, name;
	const char *file_name; /* of its OpenAPI document */
	const struct api *api;
	const struct openapi_report *report; /* directory/openapi/openapi.h */
};

/* A scope that an API names and that is no permission of the partition. */
struct apply_unknown_scope {
	struct slice partition, api, scope;
	const char *file_name;
	unsigned line; /* where the document names it first */
	bool added;    /* as a permission, for the options ask for it */
};

/* Where a change of one object failed. */
struct apply_failure {
	unsigned line;       /* of the document; 0: no one line */
	bool openapi;        /* it is about the OpenAPI document that was given as text, and so is the line */
	char sentence[sizeof(struct problem)]; /* without file and line in front */
};

/* The document holds exactly one object, and what is to become of it is known (the Admin API). The partition around it is named, not given, unless it
 * is the object. */
struct apply_sole {
	enum object_kind kind;
	enum { SOLE_CREATE = 1, SOLE_CHANGE } must; /* be new, else RESULT_EXISTS; be there, else RESULT_NOT_FOUND */
	int64_t version;      /* that it has before: RESULT_STALE where it has another; 0: any */
	struct slice openapi; /* of an API: its OpenAPI document, instead of the file that is named; ptr NULL: none */
	void *context;        /* of the functions below */
	/* May it be done, still? Tells the batch what that depends on (store_batch_rely), so that it holds at the commit too. Refuses as
	 * staged does. May be NULL. */
	enum result (*permitted)(void *context, struct store_batch *, struct problem *);
	/* The object as it is (NULL: new) and as it will be, model structs of the kind; an API without its operations. Called before anything is
	 * written, also where nothing differs, and again in another attempt. Anything but RESULT_OK and RESULT_CONFLICT refuses the change, with
	 * the problem's sentence. May be NULL. */
	enum result (*staged)(void *context, const struct partition_id *, const void *before, const void *after, struct problem *);
	/* Fills the event that is committed with the change; what it points to lives until directory_apply returns. Not called where
	 * nothing differs. May be NULL. */
	void (*audit)(void *context, struct audit_event *);
	struct apply_failure *failure; /* filled on failure; may be NULL */
};

struct password_queue;

struct apply_options {
	int fd;                /* the document, YAML or JSON; read once from where it stands to its end */
	struct slice text;     /* the document itself, instead of fd, when its ptr is not NULL */
	const char *file_name; /* for messages: "FILE:12: …" */
	int64_t size;          /* bytes, for progress; 0: unknown */
	bool dry_run;
	bool prune;
	bool reset_passwords;
	bool add_permissions;  /* scopes of APIs that are no permissions yet become some */
	/* Names of files in the document are relative to it; "": to the working directory. NULL: the document may name none, which is for
	 * documents of somebody who may not read this machine's files. */
	const char *folder;
	/* Of somebody who may not reach what listens on this machine's loopback: addresses that the server asks cannot become such (A17). */
	bool foreign;
	struct slice actor;    /* for the audit event: "command line" */
	const struct apply_sole *sole;    /* NULL: any document */
	struct password_queue *passwords; /* hashes them; NULL: this thread does */
	void *context;         /* of the functions below; each may be NULL */
	void (*changed)(void *context, const struct apply_change *);
	void (*secret)(void *context, const struct apply_secret *); /* only once all is committed */
	void (*warned)(void *context, const char *sentence);
	void (*api)(void *context, const struct apply_api *);
	void (*unknown_scope)(void *context, const struct apply_unknown_scope *); /* behind all of api */
	void (*restarted)(void *context); /* the directory changed meanwhile: what was told by changed is void */
	void (*progress)(void *context, int64_t bytes_read, int64_t objects);
};

struct apply_summary {
	int64_t objects; /* named objects read */
	int64_t added, changed, deleted;
};

/* Reads the document and makes it true, all or nothing. New partitions get their first signing keys.
 * RESULT_INVALID: "FILE:LINE: what is wrong and what to write instead"; RESULT_CONFLICT: the directory kept changing
 * meanwhile (a seekable fd is tried three times first); RESULT_STORE_DOWN, RESULT_BUSY. With sole also RESULT_EXISTS (a unique name too),
 * RESULT_NOT_FOUND, RESULT_STALE, and what its functions say. Returns once running servers
 * have had the 20 ms that they need to see it. Blocks, long for long documents. */
MUST_CHECK enum result directory_apply(struct store *, const struct master_key *, const struct apply_options *,
                                       struct apply_summary *ret, struct problem *);

/* Deletes one object, with all that is its own, and commits sole->audit's event with it. sole: kind, version, and the functions (after is NULL).
 * RESULT_NOT_FOUND; RESULT_STALE; RESULT_IN_USE: people are in the department, or client applications have the permission: problem says how
 * many; RESULT_INVALID: the partition SYSTEM, or what sole->staged refuses; RESULT_STORE_DOWN, RESULT_BUSY. Returns as directory_apply does. */
MUST_CHECK enum result directory_delete(struct store *, const struct partition_id *, struct slice key, const struct apply_sole *, struct problem *);

#endif
