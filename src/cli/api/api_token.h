/* A token as `writ api explain` sees it: with the store at hand, and without the server whose addresses stand in it. */
#ifndef WRIT_CLI_API_API_TOKEN_H
#define WRIT_CLI_API_API_TOKEN_H

#include "base/arena.h"
#include "gateway/decision.h"
#include "store/store.h"

enum check_state { CHECK_GOOD, CHECK_BAD, CHECK_NOT_MADE };

struct token_check {
	const char *what;  /* "signature" */
	enum check_state state;
	const char *words; /* "it is signed with the key …" */
};
enum { TOKEN_CHECKS_MAX = 8 };

struct judged_token {
	bool is_token;               /* a JWT that says what an access token for APIs says; else facts is empty */
	struct partition_id partition; /* its own; len 0: it names none */
	struct slice audience;
	struct token_facts facts;
	struct token_check checks[TOKEN_CHECKS_MAX];
	size_t check_count;
	bool good; /* no check failed */
};

/* Takes the token apart and makes what checks can be made here; text lives in the arena. RESULT_STORE_DOWN, RESULT_NO_MEMORY. */
MUST_CHECK enum result token_judge(struct store *, struct slice token, struct arena *, struct judged_token *ret);

#endif
