#include "oauth/authorize/session_end.h"

#include "base/clock.h"
#include "directory/audit.h"
#include "oauth/grant_record.h"

static void audit(const struct interaction *interaction, struct slice sid)
{
	const struct oauth_call *call = &interaction->call;
	const struct audit_event event = {
		.partition = partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = SLICE("session.ended"),
		.result = SLICE("ok"),
		.actor = interaction->person.id,
		.object = sid,
		.address = call->request->address,
	};
	audit_write(oauth_store(call), &event);
}

enum refusal session_end(struct interaction *interaction, struct slice sid, bool *ret_found)
{
	struct oauth_call *call = &interaction->call;
	const int64_t until = grant_record_revoked_until();
	const enum result result =
		store_session_end(oauth_store(call), &call->realm, interaction->person.id, sid, until);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return refuse(call, REFUSAL_UNAVAILABLE, "The change could not be stored, so nothing was changed: try again.");
	if (result == RESULT_OK)
		audit(interaction, sid);
	if (slice_equal(sid, interaction->session.sid))
		browser_forget_session(&interaction->browser, call->request, call->reply);
	*ret_found = result == RESULT_OK;
	return REFUSAL_NONE;
}
