/* What a person granted, looked at again each time it is used: live state (contract §3). */
#ifndef WRIT_OAUTH_GRANT_RECORD_H
#define WRIT_OAUTH_GRANT_RECORD_H

#include "base/clock.h"
#include "oauth/oauth.h"
#include "store/grants.h"

/* Is the grant still good: its person there, enabled and so since before it, and the same for the client application, which is
 * call->application? ret: the person, in the arena. RESULT_EXPIRED: no; RESULT_STORE_DOWN. */
MUST_CHECK enum result grant_record_judge(struct oauth_call *, const struct grant_record *, struct person *ret);

/* Was it given to call->application? */
static inline bool grant_record_is_of(const struct oauth_call *call, const struct grant_record *record)
{
	return slice_equal(record->client_id, call->application->registered.client_id);
}

/* Until when a grant that ends now must be known as revoked, s. */
static inline int64_t grant_record_revoked_until(void)
{
	return clock_s() + LIMIT_REVOKED_SECONDS;
}

/* The live family of that name at either realm of the call's partition: for who asks about a token, or revokes it, at the address of the
 * other realm. As store_refresh_read. */
MUST_CHECK enum result grant_record_find(struct oauth_call *, const struct refresh_name *, struct realm *ret_realm, struct refresh_read *ret);

#endif
