/* An attempt: one authorization request on its way through sign-in and consent. Nothing of it is stored: it travels in the
 * page's form, sealed (XChaCha20-Poly1305) under a key that all nodes of the store share, and bound to the realm and to the
 * browser that began it. So tabs do not disturb each other, a flood of visitors costs no storage, and a form that
 * another site submits, or that another browser began, does not open (attacks A13, A18). */
#ifndef WRIT_SIGNIN_ATTEMPT_H
#define WRIT_SIGNIN_ATTEMPT_H

#include "base/arena.h"
#include "base/secret.h"
#include "store/model.h"

/* Derives the key from the master key's secret. */
struct secret32 attempt_key(const struct secret32 *master);

struct attempt_state {
	int64_t begun_s;
	struct slice request; /* the authorization request, form-encoded as it came; empty: the person's own page */
	struct slice sid;     /* the session that the person signed in or was shown the page with; empty: none yet */
	bool signed_in;       /* the password was given in this attempt: prompt=login and max_age are satisfied */
};

/* base64url text of at most LIMIT_ATTEMPT_SIZE, in the arena. browser: signin/browser.h's binding value.
 * RESULT_TOO_LARGE, RESULT_NO_MEMORY. */
MUST_CHECK enum result attempt_seal(const struct secret32 *key, const struct realm *, struct slice browser, const struct attempt_state *,
                                    struct arena *, struct slice *ret);

/* RESULT_INVALID: not one of ours, or of another realm; RESULT_EXPIRED: older than LIMIT_ATTEMPT_S; RESULT_CONFLICT: begun in another
 * browser, or this one has no binding value (browser.ptr NULL): nothing may be done with it but showing the page for its
 * request anew. ret is filled for both of the last two. RESULT_NO_MEMORY. Slices in the arena. */
MUST_CHECK enum result attempt_open(const struct secret32 *key, const struct realm *, struct slice browser, struct slice sealed, int64_t now_s,
                                    struct arena *, struct attempt_state *ret);

#endif
