#include "oauth/authorize/session_begin.h"

#include "base/clock.h"
#include "base/text.h"

static struct session session_of(const struct interaction *interaction, struct slice sid)
{
	const struct oauth_call *call = &interaction->call;
	const int64_t now_s = clock_s();
	return (struct session) {
		.sid = sid,
		.person_id = interaction->person.id,
		.auth_time = now_s,
		.created_at = now_s,
		.last_used_at = now_s,
		.expires_at = now_s + call->oauth->session_max_s,
		.user_agent = slice_first(http_request_header(call->request, "User-Agent"), LIMIT_USER_AGENT),
		.address = call->request->address,
		.password_hash = interaction->person.password_hash,
	};
}

enum refusal session_begin(struct interaction *interaction)
{
	struct oauth_call *call = &interaction->call;
	struct browser *browser = &interaction->browser;
	const struct hash32 former = browser->session_hash;
	const bool had_one = browser->session.ptr != NULL;
	char sid[UUID_TEXT_SIZE];
	struct hash32 hash;
	text_uuid4(sid);
	struct session *session = &interaction->session;
	*session = session_of(interaction, arena_copy(call->arena, slice_from(sid)));
	if (session->sid.ptr == NULL || browser_new_session(browser, call->request, call->reply, &hash) != RESULT_OK)
		return refuse(call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	switch (store_session_start(oauth_store(call), &call->realm, &hash, had_one ? &former : NULL, session,
	                            session->created_at + LIMIT_REVOKED_SECONDS, call->arena, &session->sid)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND:
	case RESULT_CONFLICT:
		return refuse(call, REFUSAL_SIGN_IN_FAILED, "The account was disabled or its password changed meanwhile: sign in again.");
	default: return refuse(call, REFUSAL_UNAVAILABLE, "The session could not be stored: try again.");
	}
	interaction->signed_in = true;
	return REFUSAL_NONE;
}
