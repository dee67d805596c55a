#include "cli/api/api_token.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/writer.h"
#include "cli/show.h"
#include "cli/token_decode.h"
#include "directory/console_application.h"
#include "directory/rules.h"
#include "jose/jws.h"
#include "jose/key_ring.h"

static void check(struct judged_token *token, const char *what, enum check_state state, const char *words)
{
	if (token->check_count < TOKEN_CHECKS_MAX)
		token->checks[token->check_count++] = (struct token_check) { what, state, words };
	token->good = token->good && state != CHECK_BAD;
}

static struct slice member(struct arena *arena, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	if (!json_is_string(value))
		return (struct slice) { NULL, 0 };
	return arena_copy(arena, (struct slice) { json_string_value(value), json_string_length(value) });
}

/* ".default" asks for any application permission. */
static enum result application_permission_find(struct store *store, const struct partition_id *partition, struct slice scope, struct arena *arena,
                                               bool *ret)
{
	struct slice name;
	while (slice_word(&scope, &name)) {
		struct permission permission = { .kind = PERMISSION_DELEGATED }; /* what is none counts for nothing */
		enum result result = store_permission_read(store, partition, name, arena, &permission);
		if (result != RESULT_OK && result != RESULT_NOT_FOUND)
			return result;
		*ret = *ret || permission.kind == PERMISSION_APPLICATION;
	}
	return RESULT_OK;
}

static enum result facts_read(struct store *store, const json_t *claims, struct arena *arena, struct judged_token *token)
{
	struct token_facts *facts = &token->facts;
	const json_t *act = json_object_get(claims, "act"), *expiry = json_object_get(claims, "exp");
	struct slice partition = member(arena, claims, "partition"), actor = member(arena, claims, "actor");
	*facts = (struct token_facts) {
		.partition = partition,
		.subject = member(arena, claims, "sub"),
		.client_id = member(arena, claims, "client_id"),
		.scope = member(arena, claims, "scope"),
		.jti = member(arena, claims, "jti"),
		.gid = member(arena, claims, "gid"),
		.acting_client = act == NULL ? (struct slice) { NULL, 0 } : member(arena, act, "sub"),
		.expires_at = json_is_integer(expiry) ? json_integer_value(expiry) : 0,
	};
	token->audience = member(arena, claims, "aud");
	token->is_token = partition_id_parse(partition, &token->partition) && facts->subject.ptr != NULL && facts->client_id.ptr != NULL &&
	                  facts->scope.ptr != NULL && facts->jti.ptr != NULL && facts->gid.ptr != NULL && json_is_integer(expiry) && actor.ptr != NULL &&
	                  token_actor(actor, act != NULL, &facts->actor);
	if (!token->is_token)
		return RESULT_OK;
	return application_permission_find(store, &token->partition, facts->scope, arena, &facts->application_permission);
}

/* ---- the checks ---- */

struct key_set {
	struct writer writer;
	size_t count;
};

static enum result key_add(void *context, const struct signing_key *key)
{
	struct key_set *set = context;
	writer_text(&set->writer, set->count++ == 0 ? "" : ",");
	writer_put(&set->writer, key->public_jwk);
	return RESULT_OK;
}

static enum result signature_check(struct store *store, struct slice text, const struct decoded_token *decoded, struct arena *arena,
                                   struct judged_token *token)
{
	struct key_set set = { .writer = writer_new(arena, 4096) };
	struct key_ring *ring = NULL;
	struct claims claims;
	writer_text(&set.writer, "{\"keys\":[");
	enum result result = store_keys_each(store, &token->partition, key_add, &set);
	if (result != RESULT_OK)
		return result;
	writer_text(&set.writer, "]}");
	const struct slice kid = member(arena, decoded->header, "kid");
	const char *shown = show_text(arena, kid, LIMIT_SHORT_PARAMETER);
	result = writer_ok(&set.writer) ? key_ring_from_jwks(writer_slice(&set.writer), &ring) : RESULT_NO_MEMORY;
	if (result == RESULT_NO_MEMORY)
		return result;
	if (ring == NULL || key_ring_find(ring, kid) == NULL) {
		check(token, "signature", CHECK_BAD, arena_print(arena, "partition %s has no key %s", token->partition.text, shown).ptr);
	} else if (jws_verify(text, TOKEN_ACCESS, ring, &claims) != RESULT_OK) {
		check(token, "signature", CHECK_BAD, "it is not what that key signed as an access token: changed on the way, or another kind of token");
	} else {
		claims_free(&claims);
		check(token, "signature", CHECK_GOOD, arena_print(arena, "signed with the key %s of partition %s", shown, token->partition.text).ptr);
	}
	key_ring_free(ring);
	return RESULT_OK;
}

static void lifetime_check(struct store *store, struct arena *arena, struct judged_token *token)
{
	const int64_t now = clock_s();
	const struct token_facts *facts = &token->facts;
	bool over = facts->expires_at <= now;
	check(token, "lifetime", over ? CHECK_BAD : CHECK_GOOD,
	      arena_print(arena, "%s %s", over ? "it expired" : "it expires", show_moment(arena, facts->expires_at, now)).ptr);
	bool revoked = store_is_revoked(store, &token->partition, REVOKED_TOKEN, facts->jti);
	bool grant = store_is_revoked(store, &token->partition, REVOKED_GRANT, facts->gid);
	check(token, "revocation", revoked || grant ? CHECK_BAD : CHECK_GOOD,
	      revoked ? "the token was revoked" : grant ? "the grant that it belongs to was revoked" : "neither it nor its grant was revoked");
}

static const char *owner_words(bool found, bool enabled, bool since, const char *gone, const char *disabled, const char *later)
{
	return !found ? gone : !enabled ? disabled : !since ? later : NULL;
}

static enum result client_check(struct store *store, struct arena *arena, int64_t made_ms, struct judged_token *token)
{
	struct client_application application = { .enabled = false };
	enum result result = RESULT_OK;
	if (console_application_is(token->facts.client_id))
		application.enabled = true; /* part of every server */
	else
		result = store_client_application_read(store, &token->partition, token->facts.client_id, arena, &application);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	const char *wrong = owner_words(result == RESULT_OK, application.enabled, made_ms >= application.valid_from_ms,
	                                "the client application does not exist any more", "the client application is disabled",
	                                "the client application was made or enabled anew after the token was issued");
	check(token, "client application", wrong == NULL ? CHECK_GOOD : CHECK_BAD, wrong == NULL ? "it exists and is enabled" : wrong);
	return RESULT_OK;
}

static enum result person_check(struct store *store, enum person_kind kind, int64_t made_ms, struct judged_token *token)
{
	char id[LIMIT_ID];
	struct person_state person = { .enabled = false };
	enum result result = store_person_state(store, &token->partition, kind, PERSON_BY_ID, token->facts.subject, id, &person);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	const char *wrong = owner_words(result == RESULT_OK, person.enabled, made_ms >= person.valid_from_ms, "the person does not exist any more",
	                                "the person is disabled", "the person was made or enabled anew after the token was issued");
	check(token, "person", wrong == NULL ? CHECK_GOOD : CHECK_BAD, wrong == NULL ? "the person exists and is enabled" : wrong);
	return RESULT_OK;
}

static enum result owners_check(struct store *store, struct arena *arena, struct judged_token *token)
{
	int64_t made_ms;
	enum api_actor actor = token->facts.actor;
	if (actor == API_ACTOR_ANONYMOUS_CUSTOMER)
		return RESULT_OK;
	if (text_uuid7_ms(token->facts.jti, &made_ms) != RESULT_OK) {
		check(token, "jti", CHECK_BAD, "it is none that this server gives");
		return RESULT_OK;
	}
	enum result result = client_check(store, arena, made_ms, token);
	if (result == RESULT_OK && (actor == API_ACTOR_USER || actor == API_ACTOR_USER_ON_BEHALF_OF))
		result = person_check(store, PERSON_USER, made_ms, token);
	if (result == RESULT_OK && (actor == API_ACTOR_CUSTOMER || actor == API_ACTOR_CUSTOMER_ON_BEHALF_OF))
		result = person_check(store, PERSON_CUSTOMER, made_ms, token);
	return result;
}

enum result token_judge(struct store *store, struct slice text, struct arena *arena, struct judged_token *ret)
{
	struct decoded_token decoded;
	struct judged_token token = { .good = true };
	token_take_apart(text, arena, &decoded);
	enum result result = RESULT_OK;
	if (decoded.form == TOKEN_FORM_JWT)
		result = facts_read(store, decoded.claims, arena, &token);
	if (result == RESULT_OK && !token.is_token)
		check(&token, "form", CHECK_BAD, decoded.form == TOKEN_FORM_JWT ? "it is a JWT, but not an access token of writ's: claims are missing"
		                                                                : "it is no JWT");
	if (result == RESULT_OK && token.is_token) {
		result = signature_check(store, text, &decoded, arena, &token);
		if (result == RESULT_OK) {
			lifetime_check(store, arena, &token);
			result = owners_check(store, arena, &token);
		}
		check(&token, "issuer and audience", CHECK_NOT_MADE,
		      arena_print(arena, "only a running server knows its addresses; the token is meant for %s",
		                  show_text(arena, token.audience, LIMIT_URL)).ptr);
	}
	decoded_token_free(&decoded);
	if (result == RESULT_OK && arena_exhausted(arena))
		result = RESULT_NO_MEMORY;
	if (result == RESULT_OK)
		*ret = token;
	return result;
}
