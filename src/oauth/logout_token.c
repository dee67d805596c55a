#include "oauth/logout_token.h"

#include "base/text.h"
#include "jose/jws.h"
#include "oauth/id_token.h"

struct slice logout_token_claims(const struct oauth_call *call, struct slice person_id, struct slice sid, int64_t now_s)
{
	char jti[UUID_TEXT_SIZE];
	struct writer claims = writer_new(call->arena, 512);
	text_uuid4(jti);
	writer_byte(&claims, '{');
	writer_json_member(&claims, "iss", oauth_issuer(call, call->realm.kind));
	writer_json_member(&claims, "sub", person_id);
	writer_json_member(&claims, "aud", call->application->registered.client_id);
	writer_json_member_int(&claims, "iat", now_s);
	writer_json_member_int(&claims, "exp", now_s + LIMIT_LOGOUT_TOKEN_S);
	writer_json_member(&claims, "jti", slice_from(jti));
	writer_json_key(&claims, "events");
	writer_text(&claims, "{\"http://schemas.openid.net/event/backchannel-logout\":{}}");
	writer_json_member(&claims, "sid", sid);
	writer_byte(&claims, '}');
	return writer_ok(&claims) ? writer_slice(&claims) : (struct slice) { NULL, 0 };
}

enum result logout_token_write(const struct oauth_call *call, struct slice person_id, struct slice sid, int64_t now_s, struct writer *writer)
{
	const struct key *key = id_token_key(call);
	struct slice claims = logout_token_claims(call, person_id, sid, now_s);
	if (claims.ptr == NULL)
		return RESULT_NO_MEMORY;
	return key == NULL ? RESULT_FAILED : jws_sign(key, TOKEN_LOGOUT, claims, writer);
}
