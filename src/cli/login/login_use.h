/* A saved sign-in at work: made, its access token taken (and refreshed in time), forgotten. */
#ifndef WRIT_CLI_LOGIN_LOGIN_USE_H
#define WRIT_CLI_LOGIN_LOGIN_USE_H

#include "cli/login/login_file.h"
#include "cli/token_request.h"

#include <jansson.h>

/* The outcome of all three: OPTIONS_GO, or the exit code after a line on stderr that begins with the command's name. */

/* Saves the sign-in under its name, in the place of what was there. */
int login_save(const char *command, const char *name, const struct saved_login *, struct arena *, const char **ret_path);

/* The access token; refreshed first, under the lock, where it expires within LIMIT_LOGIN_EXPIRY_S, and the new tokens are
 * durable before they are used.
 * given  where a client secret may come from besides the saved file's name; ca_file too. */
int login_token_take(const char *command, const char *name, const struct token_source *given, struct arena *, struct slice *ret);

/* Revokes the refresh token where the server has an endpoint for it, and deletes the file. */
int login_forget(const char *command, const char *name, const struct token_source *given, struct arena *);

/* What is saved under the name, as far as it is there. RESULT_NOT_FOUND too: ret is untouched then. */
MUST_CHECK enum result login_recall(const char *name, struct arena *, struct saved_login *ret, struct problem *);

/* Takes over what a token reply says: the tokens and when they expire. A refresh token that it leaves out stays (RFC 6749 §6). */
void saved_login_update(struct saved_login *, const json_t *reply, int64_t now_s, struct arena *);

/* Must the access token be refreshed before it is used? */
bool saved_login_is_old(const struct saved_login *, int64_t now_s);

#endif
