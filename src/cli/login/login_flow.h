/* One sign-in: authorization code with PKCE by the browser and a loopback address (RFC 8252, RFC 7636), against any issuer. */
#ifndef WRIT_CLI_LOGIN_LOGIN_FLOW_H
#define WRIT_CLI_LOGIN_LOGIN_FLOW_H

#include "cli/login/issuer_metadata.h"
#include "cli/token_endpoint.h"

struct login_request {
	const char *issuer;
	struct client_credentials client;
	const char *scope;
	const char *prompt, *login_hint; /* NULL: none */
	const char *redirect_path;       /* of the address that the browser comes back to */
	uint16_t port;                   /* 0: any that is free */
	int64_t timeout_s;
	bool open_browser;
	bool ask_who; /* the person's name will be shown: the userinfo endpoint is asked where the ID token does not have it */
	const char *ca_file;
};

struct login_result {
	struct issuer_metadata metadata;
	struct token_reply reply; /* its object is given back with json_decref */
	json_t *person;           /* the claims of the verified ID token, given back with json_decref; NULL: none came */
	json_t *userinfo;         /* what the userinfo endpoint says of the same person, given back likewise; NULL: nothing */
};

/* Asks, waits, redeems, verifies. The address and what to do with it go to stderr. Returns OPTIONS_GO, or the exit code after
 * a line on stderr that begins with the command's name. ret is filled as far as it came: give back in any case. */
int login_run(const char *command, const struct login_request *, struct arena *, struct login_result *ret);
void login_result_free(struct login_result *);

/* The authorization request's address (RFC 6749 §4.1.1); NULL when the arena is full. */
struct login_secrets {
	char verifier[44], state[44], nonce[44];
};
const char *authorization_url_make(const char *endpoint, const struct login_request *, const struct login_secrets *,
                                   const char *redirect_uri, struct arena *);

#endif
