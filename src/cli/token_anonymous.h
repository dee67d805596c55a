/* A token of an anonymous customer: nobody proves anything, the address says which partition is meant. */
#ifndef WRIT_CLI_TOKEN_ANONYMOUS_H
#define WRIT_CLI_TOKEN_ANONYMOUS_H

#include "cli/token_request.h"

/* clang-format off */
#define TOKEN_ANONYMOUS_OPTIONS \
	TOKEN_SOURCE_ROW("token-url", "URL", "the whole address, with user_type and domain_hint in it", OPTION_TEXT, token_url, NULL), \
	TOKEN_SOURCE_ROW("server", "URL", "instead: the api_url of a writ server, with --partition", OPTION_TEXT, server, NULL), \
	TOKEN_SOURCE_ROW("partition", "ID", "the partition on that server", OPTION_TEXT, partition, NULL), \
	TOKEN_SOURCE_ROW("scope", "SCOPES", "the scopes, separated by spaces", OPTION_TEXT, scope, NULL), \
	TOKEN_SOURCE_ROW("ca-file", "FILE", "certificates to trust (PEM) instead of the system's", OPTION_TEXT, ca_file, NULL)
/* clang-format on */

/* As token_request, with the options above. */
int anonymous_token_request(const char *command, const struct token_source *, struct arena *, struct token_reply *ret);

#endif
