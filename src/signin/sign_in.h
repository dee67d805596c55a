/* Is this the person? Name and password against the directory, with the failure limits of contract §6. Blocks. */
#ifndef WRIT_SIGNIN_SIGN_IN_H
#define WRIT_SIGNIN_SIGN_IN_H

#include "signin/failure_limits.h"
#include "signin/password_queue.h"
#include "store/store.h"

struct sign_in {
	struct store *store;
	struct failure_limits *failures;
	struct password_queue *passwords;
};

enum sign_in_answer {
	SIGN_IN_RIGHT,
	SIGN_IN_WRONG, /* name or password: unknown, disabled, without a password and a wrong one look and take alike */
	SIGN_IN_WAIT,  /* too many failures: ret_wait_s says for how long; nothing was checked, or this failure closed it */
	SIGN_IN_BUSY,  /* too many passwords at once, or the store cannot answer */
};

/* name   the username of a user, the e-mail of a customer; compared without regard to ASCII case, spaces around it ignored.
 * ret    the person, in the arena; for SIGN_IN_RIGHT only. */
MUST_CHECK enum sign_in_answer sign_in_check(const struct sign_in *, const struct realm *, struct slice name, struct slice password,
                                             struct slice address, struct arena *, struct person *ret, int64_t *ret_wait_s);

/* The same for a person who is known (changing the password): counts failures on the same account. */
MUST_CHECK enum sign_in_answer sign_in_confirm(const struct sign_in *, const struct realm *, const struct person *, struct slice password,
                                               struct slice address, int64_t *ret_wait_s);

#endif
