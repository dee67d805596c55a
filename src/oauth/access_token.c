#include "oauth/access_token.h"

#include "base/clock.h"
#include "base/text.h"
#include "directory/console_application.h"
#include "directory/rules.h"
#include "oauth/id_token.h"

/* ---- making ----------------------------------------------------------------------------------------------------- */

/* RFC 9068 §2.2.1. What another provider knows of a sign-in there (a token exchange) is no password given here. */
static void write_authentication(struct writer *claims, const struct grant_record *record)
{
	if (record->auth_time > 0)
		writer_json_member_int(claims, "auth_time", record->auth_time);
	if (record->sid.len == 0)
		return;
	writer_json_member(claims, "acr", SLICE_OF(ACR_PASSWORD));
	writer_json_key(claims, "amr");
	writer_json_words(claims, SLICE_OF(AMR_PASSWORD));
}

/* Nobody in particular asks for an anonymous customer. */
static struct slice client_of(const struct oauth_call *call)
{
	return call->application != NULL ? call->application->registered.client_id : SLICE_OF(ANONYMOUS_CLIENT_ID);
}

static int64_t lifetime_of(const struct oauth_call *call)
{
	return call->application != NULL ? call->application->registered.access_token_seconds : LIMIT_ANONYMOUS_TOKEN_S;
}

static struct slice write_claims(const struct oauth_call *call, const struct token_grant *grant, int64_t now_ms, int64_t lifetime_s)
{
	char jti[UUID_TEXT_SIZE];
	char gid[UUID_TEXT_SIZE];
	text_uuid7(now_ms, jti);
	text_uuid7(now_ms, gid);
	struct slice client_id = client_of(call);
	struct writer claims = writer_new(call->arena, 1024);
	writer_byte(&claims, '{');
	writer_json_member(&claims, "iss", oauth_issuer(call, call->realm.kind));
	writer_json_member(&claims, "sub", grant->subject);
	/* The console's are for the Admin API whatever their scope. */
	bool admin = grant->scope.admin || console_application_is(client_id);
	writer_json_member(&claims, "aud", admin ? oauth_admin_audience(call) : call->oauth->api_url);
	writer_json_member_int(&claims, "iat", now_ms / 1000);
	writer_json_member_int(&claims, "exp", now_ms / 1000 + lifetime_s);
	writer_json_member(&claims, "jti", slice_from(jti));
	writer_json_member(&claims, "client_id", client_id);
	writer_json_member(&claims, "scope", grant->scope.names);
	writer_json_member(&claims, "actor", slice_from(api_actor_claim(grant->actor)));
	if (api_actor_acted_for(grant->actor)) {
		writer_put(&claims, SLICE_OF(",\"act\":{"));
		writer_json_member(&claims, "sub", client_id);
		writer_byte(&claims, '}');
	}
	writer_json_member(&claims, "partition", partition_id_slice(&call->realm.partition));
	writer_json_member(&claims, "gid", grant->record == NULL ? slice_from(gid) : grant->record->gid);
	if (grant->record != NULL)
		write_authentication(&claims, grant->record);
	writer_byte(&claims, '}');
	return writer_ok(&claims) ? writer_slice(&claims) : (struct slice) { NULL, 0 };
}

static const struct key *access_token_key(const struct oauth_call *call)
{
	return key_ring_signer(call->tenant->keys, call->tenant->partition.access_token_algorithm);
}

static enum refusal cannot_sign(struct oauth_call *call)
{
	return refuse(call, REFUSAL_UNAVAILABLE, "The signing key or the clock of the server cannot be used now: try again later.");
}

enum refusal access_token_ready(struct oauth_call *call)
{
	if (access_token_key(call) == NULL || id_token_key(call) == NULL || !clock_plausible())
		return cannot_sign(call);
	return REFUSAL_NONE;
}

/* OpenID Connect Core §3.1.3.3 */
static enum result append_id_token(struct oauth_call *call, const struct token_grant *grant, struct slice access_token, int64_t now_s,
                                   struct writer *body)
{
	if (grant->record == NULL || !grant->scope.openid)
		return RESULT_OK;
	writer_json_key(body, "id_token");
	writer_byte(body, '"');
	enum result result = id_token_write(call, grant->record, grant->person, access_token, now_s, body);
	writer_byte(body, '"');
	return result;
}

enum refusal access_token_reply(struct oauth_call *call, const struct token_grant *grant)
{
	const struct key *key = access_token_key(call);
	if (key == NULL || !clock_plausible())
		return cannot_sign(call);
	const int64_t now_ms = clock_ms();
	int64_t lifetime_s = lifetime_of(call);
	struct slice claims = write_claims(call, grant, now_ms, lifetime_s);
	struct writer body = writer_new(call->arena, grant->record == NULL ? 2048 : 4096);
	writer_put(&body, SLICE_OF("{\"access_token\":\""));
	const size_t start = body.len;
	if (claims.ptr == NULL || jws_sign(key, TOKEN_ACCESS, claims, &body) != RESULT_OK)
		return refuse(call, REFUSAL_UNAVAILABLE, "The token cannot be signed now: try again later.");
	struct slice token = { body.bytes + start, body.len - start }; /* stays in the arena when the writer grows */
	writer_put(&body, SLICE_OF("\",\"token_type\":\"Bearer\""));
	if (grant->issued_token_type != NULL)
		writer_json_member(&body, "issued_token_type", slice_from(grant->issued_token_type));
	writer_json_member_int(&body, "expires_in", lifetime_s);
	writer_json_member(&body, "scope", grant->scope.echoed);
	if (grant->refresh_token.ptr != NULL)
		writer_json_member(&body, "refresh_token", grant->refresh_token);
	if (append_id_token(call, grant, token, now_ms / 1000, &body) != RESULT_OK)
		return refuse(call, REFUSAL_UNAVAILABLE, "The ID token cannot be signed now: try again later.");
	writer_byte(&body, '}');
	oauth_reply_json(call, 200, &body);
	atomic_fetch_add_explicit(&call->oauth->tokens_issued[grant->flow], 1, memory_order_relaxed);
	oauth_count(call, STATISTIC_TOKENS_ISSUED);
	return REFUSAL_NONE;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Either realm's, for the APIs or the Admin API. */
static bool read_claims(const struct oauth_call *call, const struct claims *claims, struct access_token *token)
{
	const struct access_expected expected = {
		.partition = partition_id_slice(&call->realm.partition),
		.users_issuer = oauth_issuer(call, PERSON_USER),
		.customers_issuer = oauth_issuer(call, PERSON_CUSTOMER),
		.audience = call->oauth->api_url,
		.admin_audience = oauth_admin_audience(call),
	};
	return access_claims_read(claims, &expected, token);
}

/* The client application of the token: there, enabled, and so since before the token. */
static enum result client_alive(struct oauth_call *call, const struct access_token *token)
{
	const struct application *application;
	enum result result = directory_application(call->oauth->directory, &call->realm.partition, token->client_id, &application);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_EXPIRED : result;
	bool alive = application->registered.enabled && token->made_ms >= application->registered.valid_from_ms;
	application_release(application);
	return alive ? RESULT_OK : RESULT_EXPIRED;
}

static enum result person_alive(struct oauth_call *call, const struct access_token *token, enum person_kind kind)
{
	char id[LIMIT_ID];
	struct person_state person;
	enum result result = store_person_state(oauth_store(call), &call->realm.partition, kind, PERSON_BY_ID,
	                                        token->subject, id, &person);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_EXPIRED : RESULT_STORE_DOWN;
	return person.enabled && token->made_ms >= person.valid_from_ms ? RESULT_OK : RESULT_EXPIRED;
}

static enum result judge(struct oauth_call *call, const struct access_token *token)
{
	if (!clock_plausible())
		return RESULT_STORE_DOWN;
	if (token->expires_at <= clock_s())
		return RESULT_EXPIRED;
	struct store *store = oauth_store(call);
	if (store_is_revoked(store, &call->realm.partition, REVOKED_TOKEN, token->jti) ||
	    store_is_revoked(store, &call->realm.partition, REVOKED_GRANT, token->gid))
		return RESULT_EXPIRED;
	/* Nobody's to disable but the partition's: what it gives to anybody now is what such a token is good for. */
	if (token->speaks_for == API_ACTOR_ANONYMOUS_CUSTOMER)
		return scope_rules_anonymous(call->tenant, token->scope) ? RESULT_OK : RESULT_EXPIRED;
	enum result result = client_alive(call, token);
	if (result != RESULT_OK || token->speaks_for == API_ACTOR_CLIENT)
		return result;
	bool user = token->speaks_for == API_ACTOR_USER || token->speaks_for == API_ACTOR_USER_ON_BEHALF_OF;
	return person_alive(call, token, user ? PERSON_USER : PERSON_CUSTOMER);
}

enum result access_token_read(struct oauth_call *call, struct slice text, struct access_token *ret)
{
	struct claims claims;
	struct access_token token = { .expires_at = 0 };
	if (jws_verify(text, TOKEN_ACCESS, call->tenant->keys, &claims) != RESULT_OK)
		return RESULT_INVALID;
	enum result result = read_claims(call, &claims, &token) ? judge(call, &token) : RESULT_INVALID;
	if (result != RESULT_OK) {
		claims_free(&claims);
		return result;
	}
	*ret = token;
	return RESULT_OK;
}
