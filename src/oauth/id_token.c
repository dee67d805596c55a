#include "oauth/id_token.h"

#include "jose/base64url.h"
#include "jose/jws.h"
#include "oauth/person_claims.h"

/* §3.1.3.6: the left half of the hash that goes with the algorithm: SHA-256 for both. */
static void write_at_hash(struct writer *claims, struct slice access_token)
{
	struct hash32 hash = hash32_of(access_token);
	writer_json_key(claims, "at_hash");
	writer_byte(claims, '"');
	base64url_put(claims, hash.bytes, sizeof hash.bytes / 2);
	writer_byte(claims, '"');
}

struct slice id_token_claims(const struct oauth_call *call, const struct grant_record *record, const struct person *person, struct slice access_token,
                             int64_t now_s)
{
	struct writer claims = writer_new(call->arena, 1024);
	writer_byte(&claims, '{');
	writer_json_member(&claims, "iss", oauth_issuer(call, call->realm.kind));
	writer_json_member(&claims, "sub", record->person_id);
	writer_json_member(&claims, "aud", call->application->registered.client_id);
	writer_json_member_int(&claims, "iat", now_s);
	writer_json_member_int(&claims, "exp", now_s + LIMIT_ID_TOKEN_S);
	if (record->auth_time > 0)
		writer_json_member_int(&claims, "auth_time", record->auth_time);
	if (record->nonce.ptr != NULL)
		writer_json_member(&claims, "nonce", record->nonce);
	if (record->sid.len > 0) { /* not of a token exchange */
		writer_json_member(&claims, "acr", SLICE_OF(ACR_PASSWORD));
		writer_json_key(&claims, "amr");
		writer_json_words(&claims, SLICE_OF(AMR_PASSWORD));
		writer_json_member(&claims, "sid", record->sid);
	}
	write_at_hash(&claims, access_token);
	/* What the scopes ask for is userinfo's (§5.4); here stands what the claims parameter wants here. */
	enum result result = person_claims_write(&claims, person, (struct slice) { NULL, 0 }, record->claims_id_token);
	writer_byte(&claims, '}');
	return result == RESULT_OK && writer_ok(&claims) ? writer_slice(&claims) : (struct slice) { NULL, 0 };
}

const struct key *id_token_key(const struct oauth_call *call)
{
	return key_ring_signer(call->tenant->keys, call->application->registered.id_token_algorithm);
}

enum result id_token_write(const struct oauth_call *call, const struct grant_record *record, const struct person *person, struct slice access_token,
                           int64_t now_s, struct writer *writer)
{
	const struct key *key = id_token_key(call);
	struct slice claims = id_token_claims(call, record, person, access_token, now_s);
	if (key == NULL || claims.ptr == NULL)
		return RESULT_FAILED;
	return jws_sign(key, TOKEN_ID, claims, writer);
}
