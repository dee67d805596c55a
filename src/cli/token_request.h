/* A token asked for the way a client application asks: client credentials, on behalf of a person, or by exchange. The same options
 * serve `writ token` and `writ call`; any server that takes the standard form is spoken to. */
#ifndef WRIT_CLI_TOKEN_REQUEST_H
#define WRIT_CLI_TOKEN_REQUEST_H

#include "base/arena.h"
#include "cli/options.h"
#include "cli/token_endpoint.h"

/* Must be the first member of a command's options, so that the rows below fit. */
struct token_source {
	const char *token_url;
	const char *server, *partition, *realm;
	const char *client_id, *client_secret, *client_secret_file;
	const char *scope;
	bool basic;
	const char *ca_file;
	const char *username, *user_id, *email; /* at most one: on behalf of */
	const char *subject_token, *subject_token_file; /* one of them: an exchange (RFC 8693) */
	const char *subject_token_type, *registration_id;
};

/* clang-format off */
#define TOKEN_SOURCE_ROW(name, value, help, kind, member, environment) \
	{ name, value, help, kind, offsetof(struct token_source, member), environment, 0, 0 }
#define TOKEN_SOURCE_OPTIONS \
	TOKEN_SOURCE_ROW("token-url", "URL", "the token endpoint, of any server", OPTION_TEXT, token_url, NULL), \
	TOKEN_CLIENT_OPTIONS
#define TOKEN_CLIENT_OPTIONS \
	TOKEN_SOURCE_ROW("server", "URL", "instead: the auth_url of a writ server, with --partition", OPTION_TEXT, server, NULL), \
	TOKEN_SOURCE_ROW("partition", "ID", "the partition on that server", OPTION_TEXT, partition, NULL), \
	TOKEN_SOURCE_ROW("realm", "REALM", "user or customer (user, or customer with --email)", OPTION_TEXT, realm, NULL), \
	TOKEN_SOURCE_ROW("client-id", "ID", "the client application", OPTION_TEXT, client_id, NULL), \
	TOKEN_SOURCE_ROW("client-secret", "SECRET", "its secret; - reads it from stdin", OPTION_TEXT, client_secret, "WRIT_CLIENT_SECRET"), \
	TOKEN_SOURCE_ROW("client-secret-file", "FILE", "reads the secret from a file", OPTION_TEXT, client_secret_file, NULL), \
	TOKEN_SOURCE_ROW("scope", "SCOPES", "the scopes, separated by spaces", OPTION_TEXT, scope, NULL), \
	TOKEN_SOURCE_ROW("basic", NULL, "sends id and secret as HTTP Basic instead of in the form", OPTION_FLAG, basic, NULL), \
	TOKEN_SOURCE_ROW("ca-file", "FILE", "certificates to trust (PEM) instead of the system's", OPTION_TEXT, ca_file, NULL)
#define TOKEN_SUBJECT_OPTIONS \
	TOKEN_SOURCE_ROW("username", "NAME", "the user, by username", OPTION_TEXT, username, NULL), \
	TOKEN_SOURCE_ROW("user-id", "ID", "the user, by id", OPTION_TEXT, user_id, NULL), \
	TOKEN_SOURCE_ROW("email", "EMAIL", "the customer, by e-mail", OPTION_TEXT, email, NULL)
#define TOKEN_EXCHANGE_OPTIONS \
	TOKEN_SOURCE_ROW("subject-token", "TOKEN", "what shall be exchanged; - reads it from stdin", OPTION_TEXT, subject_token, "WRIT_SUBJECT_TOKEN"), \
	TOKEN_SOURCE_ROW("subject-token-file", "FILE", "reads it from a file", OPTION_TEXT, subject_token_file, NULL), \
	TOKEN_SOURCE_ROW("subject-token-type", "TYPE", "access_token, id_token, jwt (the usual one); username, userid, email; or a whole URN", \
	                 OPTION_TEXT, subject_token_type, NULL), \
	TOKEN_SOURCE_ROW("registration-id", "ID", "the identity provider that the token is from, as it is registered", OPTION_TEXT, registration_id, NULL)
/* clang-format on */
#define TOKEN_SECRET_NOTE \
	"A secret on the command line can be seen by other users of this machine (ps) and stays in the shell's history:\n" \
	"better --client-secret-file, WRIT_CLIENT_SECRET or --client-secret - ."

/* Is any of the options there that say where a token comes from? */
bool token_source_given(const struct token_source *);
/* How many of the options that name a person are there. */
int token_source_subjects(const struct token_source *);

/* Judges the options, asks, and fills ret. Returns OPTIONS_GO when there is a token; else the exit code, and a line on
 * stderr that begins with the command's name has said why. ret is filled as far as the server answered: call
 * json_decref on its object in any case. */
int token_request(const char *command, const struct token_source *, struct arena *, struct token_reply *ret);

/* The form of the request and, with basic, the Authorization header (else NULL): what token_request sends.
 * subject_token   for an exchange; ptr NULL: it is none. */
MUST_CHECK enum result token_source_form(const struct token_source *, struct slice secret, struct slice subject_token, struct arena *,
                                          struct slice *ret_form, const char **ret_authorization);

/* The secret, from its option, its file or the environment; ret->ptr is NULL when it is given nowhere. OPTIONS_GO, or the
 * exit code after a line on stderr. */
int client_secret_take(const char *command, const struct token_source *, struct arena *, struct slice *ret);

/* {server}/system/auth/{partition}-{U or C}: the issuer that --server, --partition and --realm name. server and partition are
 * given. EXIT_USAGE with a line on stderr, or OPTIONS_GO. */
int realm_url(const char *command, const struct token_source *, struct arena *, const char **ret);

/* The token endpoint's address; EXIT_USAGE with a line on stderr, or OPTIONS_GO. */
int token_request_url(const char *command, const struct token_source *, struct arena *, const char **ret);

#endif
