/* One browser's and its application's steps through a sign-in: the request of each, and what must be in its reply. */
#ifndef WRIT_BENCH_VISIT_H
#define WRIT_BENCH_VISIT_H

#include "wire.h"

#include <stdbool.h>
#include <stddef.h>

/* In the order in which a visitor takes them. */
enum visit_step {
	VISIT_PAGE,      /* an authorization request: the sign-in page */
	VISIT_PASSWORD,  /* the page's form: a session, and back with a code */
	VISIT_AUTHORIZE, /* an authorization request with a session: back with a code */
	VISIT_TOKEN,     /* the code */
	VISIT_REFRESH,
};
const char *visit_step_name(enum visit_step);

/* Where people go and what the application is; redirect_uri, scope and password as they stand in a form. */
struct visit_site {
	const char *address, *realm, *client_id, *client_secret, *redirect_uri, *scope;
	const char *person, *password; /* persons are called {person}{five digits} */
};
bool visit_site_is_whole(const struct visit_site *);

enum { VISIT_REQUEST_SIZE = 16 * 1024, VISIT_COOKIES = 4, VISIT_COOKIE_SIZE = 256, VISIT_ATTEMPT_SIZE = 8 * 1024, VISIT_TOKEN_SIZE = 128 };
struct visit {
	unsigned person;
	char cookies[VISIT_COOKIES][VISIT_COOKIE_SIZE]; /* name=value; empty: none */
	char attempt[VISIT_ATTEMPT_SIZE];
	char code[VISIT_TOKEN_SIZE], refresh_token[VISIT_TOKEN_SIZE];
};

/* A person without cookies. */
void visit_begin(struct visit *, unsigned person);
/* The bytes of a step's request; 0: they are too many. */
size_t visit_request(const struct visit_site *, const struct visit *, enum visit_step, char out[VISIT_REQUEST_SIZE]);
/* Keeps what later steps need of a reply. False: it is not what the step must get. */
bool visit_reply(struct visit *, enum visit_step, const struct wire_reply *);

#endif
