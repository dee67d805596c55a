/* Saved sign-ins: one file each, readable by nobody else, in $XDG_STATE_HOME/writ/tokens (~/.local/state/writ/tokens). Written
 * to a temporary file, made durable, renamed: a reader sees the old one or the new one, whole. */
#ifndef WRIT_CLI_LOGIN_LOGIN_FILE_H
#define WRIT_CLI_LOGIN_LOGIN_FILE_H

#include "base/arena.h"

#include <stdint.h>

struct saved_login {
	const char *issuer;
	const char *client_id;
	const char *token_endpoint;
	const char *revocation_endpoint; /* NULL: none */
	const char *scope;               /* as asked for, so that it can be asked for again */
	const char *redirect_path;
	const char *client_secret_file; /* absolute; NULL: the application has no secret, or it comes from elsewhere */
	const char *ca_file;            /* absolute; NULL: the system's authorities */
	int64_t port;                   /* 0: any */
	bool confidential;              /* the client application has a secret, which is never kept here */
	bool basic;
	const char *access_token;
	const char *refresh_token; /* NULL: none came */
	int64_t expires_s;         /* of the access token; 0: the server did not say */
};

/* 1 to LIMIT_LOGIN_NAME letters, digits, "-", "_" and ".", the first no ".". */
bool login_name_is_good(const char *name);

struct login_folder {
	int fd;
	const char *path;
};

/* Opens the folder, with make creating what is missing of it (0700). RESULT_NOT_FOUND: it is not there; RESULT_FAILED: it
 * cannot be opened, is somebody else's, or others may enter it. Give back with login_folder_close. */
MUST_CHECK enum result login_folder_open(bool make, struct arena *, struct login_folder *ret, struct problem *);
void login_folder_close(struct login_folder *);

/* RESULT_NOT_FOUND: there is none of that name; RESULT_FAILED: it cannot be read, or others can read it; RESULT_INVALID: it
 * is no saved sign-in. */
MUST_CHECK enum result login_file_read(const struct login_folder *, const char *name, struct arena *, struct saved_login *ret,
                                       struct problem *);
/* Only under its lock: else a refresh under way would write over it. */
MUST_CHECK enum result login_file_write(const struct login_folder *, const char *name, const struct saved_login *, struct problem *);
MUST_CHECK enum result login_file_delete(const struct login_folder *, const char *name, struct problem *);

/* One command at a time changes a saved sign-in. RESULT_BUSY: another one did not end within LIMIT_LOGIN_LOCK_MS. */
MUST_CHECK enum result login_lock_take(const struct login_folder *, const char *name, int *ret_lock, struct problem *);
void login_lock_release(int lock);

#endif
