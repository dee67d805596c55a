#include "rig.h"

#include "base/text.h"
#include "jose/jws.h"
#include "oauth/access_token.h"
#include "oauth/id_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* OpenID Connect Core, appendix A.3 */
#define ACCESS_TOKEN "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
#define AT_HASH "77QmUPtjPfzWtF2AnpK9RQ"

#define NOW_S 1800000000

static struct master_key master;
static struct signing_key stored[KEY_RING_FIRST];
static struct arena *keys_arena;

static const struct person ann = {
	.kind = PERSON_USER, .id = SLICE("1002"), .username = SLICE("agent"), .email = SLICE("ann@example.com"),
	.claims = SLICE("{\"name\":\"Ann\"}"),
};

static struct grant_record a_grant(void)
{
	return (struct grant_record) {
		.gid = SLICE("0190a0b0-0000-7000-8000-000000000001"), .client_id = SLICE("web"), .person_id = SLICE("1002"), .sid = SLICE("s-1"),
		.scope = SLICE("openid k.read"), .echoed = SLICE("openid k.read"), .nonce = SLICE("n-\"1\""), .claims_id_token = SLICE("name"),
		.auth_time = NOW_S - 60,
	};
}

struct bench {
	struct rig rig;
	struct http_request request;
	struct http_reply reply;
};

static void bench_open(struct bench *bench, size_t keys)
{
	memset(bench, 0, sizeof *bench);
	rig_open(&bench->rig);
	struct oauth_call *call = &bench->rig.call;
	assert_true(realm_parse(SLICE_OF("ONE-U"), &call->realm));
	bench->rig.oauth.auth_url = SLICE_OF("https://auth.example");
	bench->rig.oauth.api_url = SLICE_OF("https://api.example");
	bench->rig.application.registered.client_id = SLICE_OF("web");
	bench->rig.application.registered.access_token_seconds = 3600;
	bench->rig.tenant.partition.access_token_algorithm = ALGORITHM_ES256;
	assert_int_equal(key_ring_open(stored, keys, &call->realm.partition, &master, &bench->rig.tenant.keys), RESULT_OK);
	bench->request.arena = bench->rig.arena;
	call->request = &bench->request;
	call->reply = &bench->reply;
}

static void bench_close(struct bench *bench)
{
	key_ring_free(bench->rig.tenant.keys);
	rig_close(&bench->rig);
}

static void it_says_who_signed_in_when_and_how_and_binds_the_access_token(void **state)
{
	(void)state;
	struct bench bench;
	struct claims claims;
	struct grant_record record = a_grant();
	bench_open(&bench, KEY_RING_FIRST);
	struct writer token = writer_new(bench.rig.arena, 1024);
	assert_int_equal(id_token_write(&bench.rig.call, &record, &ann, SLICE_OF(ACCESS_TOKEN), NOW_S, &token), RESULT_OK);
	assert_int_equal(jws_verify(writer_slice(&token), TOKEN_ID, bench.rig.tenant.keys, &claims), RESULT_OK);
	char *text = json_dumps(claims.object, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"acr\":\"1\",\"amr\":[\"pwd\"],\"at_hash\":\"" AT_HASH "\",\"aud\":\"web\",\"auth_time\":1799999940,\"exp\":1800003600,"
	                          "\"iat\":1800000000,\"iss\":\"https://auth.example/system/auth/ONE-U\",\"name\":\"Ann\",\"nonce\":\"n-\\\"1\\\"\","
	                          "\"sid\":\"s-1\",\"sub\":\"1002\"}");
	free(text);
	claims_free(&claims);
	bench_close(&bench);
}

static void of_a_token_exchange_it_says_nothing_that_is_not_known(void **state)
{
	(void)state;
	struct bench bench;
	struct grant_record record = a_grant();
	bench_open(&bench, KEY_RING_FIRST);
	record.sid = (struct slice) { NULL, 0 };
	record.nonce = (struct slice) { NULL, 0 };
	struct slice claims = id_token_claims(&bench.rig.call, &record, &ann, SLICE_OF(ACCESS_TOKEN), NOW_S);
	assert_true(slice_is(claims, "{\"iss\":\"https://auth.example/system/auth/ONE-U\",\"sub\":\"1002\",\"aud\":\"web\",\"iat\":1800000000,"
	                             "\"exp\":1800003600,\"auth_time\":1799999940,\"at_hash\":\"" AT_HASH "\",\"name\":\"Ann\"}"));
	record.auth_time = 0;
	claims = id_token_claims(&bench.rig.call, &record, &ann, SLICE_OF(ACCESS_TOKEN), NOW_S);
	assert_null(memmem(claims.ptr, claims.len, "auth_time", 9));
	bench_close(&bench);
}

/* The header of the ID token for an application that is registered for the algorithm. */
static bool header_names(enum signing_algorithm algorithm, const char *name)
{
	struct bench bench;
	struct claims claims;
	struct grant_record record = a_grant();
	char header[256];
	size_t len;
	bench_open(&bench, KEY_RING_FIRST);
	bench.rig.application.registered.id_token_algorithm = algorithm;
	struct writer token = writer_new(bench.rig.arena, 1024);
	assert_int_equal(id_token_write(&bench.rig.call, &record, &ann, SLICE_OF(ACCESS_TOKEN), NOW_S, &token), RESULT_OK);
	assert_int_equal(jws_verify(writer_slice(&token), TOKEN_ID, bench.rig.tenant.keys, &claims), RESULT_OK);
	assert_true(slice_is(claims_text(&claims, "at_hash"), AT_HASH));
	struct slice rest = writer_slice(&token), first;
	assert_true(slice_cut(&rest, '.', &first));
	assert_int_equal(text_base64url_decode(first, header, sizeof header, &len), RESULT_OK);
	claims_free(&claims);
	bench_close(&bench);
	return memmem(header, len, name, strlen(name)) != NULL;
}

static void the_algorithm_is_the_one_that_is_registered_for_the_application(void **state)
{
	(void)state;
	assert_true(header_names(ALGORITHM_RS256, "\"RS256\""));
	assert_true(header_names(ALGORITHM_ES256, "\"ES256\""));
}

static void without_a_nonce_or_claims_asked_for_it_has_none(void **state)
{
	(void)state;
	struct bench bench;
	struct grant_record record = a_grant();
	record.nonce = record.claims_id_token = (struct slice) { NULL, 0 };
	bench_open(&bench, KEY_RING_FIRST);
	struct slice claims = id_token_claims(&bench.rig.call, &record, &ann, SLICE_OF(ACCESS_TOKEN), NOW_S);
	assert_null(memmem(claims.ptr, claims.len, "nonce", 5));
	assert_null(memmem(claims.ptr, claims.len, "Ann", 3));
	bench_close(&bench);
}

static void an_id_token_is_never_an_access_token(void **state)
{
	(void)state;
	struct bench bench;
	struct claims claims;
	struct grant_record record = a_grant();
	bench_open(&bench, KEY_RING_FIRST);
	struct writer token = writer_new(bench.rig.arena, 1024);
	assert_int_equal(id_token_write(&bench.rig.call, &record, &ann, SLICE_OF(ACCESS_TOKEN), NOW_S, &token), RESULT_OK);
	assert_int_equal(jws_verify(writer_slice(&token), TOKEN_ACCESS, bench.rig.tenant.keys, &claims), RESULT_INVALID);
	bench_close(&bench);
}

static void a_person_whose_claims_cannot_be_read_gets_no_token(void **state)
{
	(void)state;
	struct bench bench;
	struct grant_record record = a_grant();
	struct person broken = ann;
	broken.claims = SLICE_OF("{");
	bench_open(&bench, KEY_RING_FIRST);
	assert_null(id_token_claims(&bench.rig.call, &record, &broken, SLICE_OF(ACCESS_TOKEN), NOW_S).ptr);
	bench_close(&bench);
}

/* The reply of RFC 6749 §5.1 as JSON. */
static json_t *reply_of(struct bench *bench, const struct grant_record *record, const char *scope, bool openid, const char *refresh)
{
	const struct token_grant grant = {
		.flow = FLOW_PERSON, .actor = API_ACTOR_USER, .subject = ann.id, .record = record, .person = &ann, .refresh_token = slice_from(refresh),
		.scope = { .names = slice_from(scope), .echoed = slice_from(scope), .openid = openid },
	};
	assert_int_equal(access_token_reply(&bench->rig.call, &grant), REFUSAL_NONE);
	json_t *body = json_loadb(bench->reply.body.ptr, bench->reply.body.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(body);
	return body;
}

static void the_reply_has_all_three_tokens_of_one_grant(void **state)
{
	(void)state;
	struct bench bench;
	struct claims access, id;
	struct grant_record record = a_grant();
	bench_open(&bench, KEY_RING_FIRST);
	json_t *body = reply_of(&bench, &record, "openid k.read", true, "refresh");
	assert_int_equal(json_object_size(body), 6);
	assert_string_equal(json_string_value(json_object_get(body, "refresh_token")), "refresh");
	struct slice text = slice_from(json_string_value(json_object_get(body, "access_token")));
	assert_int_equal(jws_verify(text, TOKEN_ACCESS, bench.rig.tenant.keys, &access), RESULT_OK);
	assert_true(slice_equal(claims_text(&access, "gid"), record.gid));
	assert_true(slice_is(claims_text(&access, "acr"), "1"));
	int64_t auth_time;
	assert_true(claims_int(&access, "auth_time", &auth_time) && auth_time == record.auth_time);
	assert_int_equal(jws_verify(slice_from(json_string_value(json_object_get(body, "id_token"))), TOKEN_ID, bench.rig.tenant.keys, &id), RESULT_OK);
	struct hash32 hash = hash32_of(text);
	struct writer expected = writer_new(bench.rig.arena, 32);
	writer_base64url(&expected, hash.bytes, 16);
	assert_true(slice_equal(claims_text(&id, "at_hash"), writer_slice(&expected)));
	claims_free(&access);
	claims_free(&id);
	json_decref(body);
	bench_close(&bench);
}

static void without_openid_there_is_no_id_token_and_without_a_person_no_authentication(void **state)
{
	(void)state;
	struct bench bench;
	struct claims access;
	struct grant_record record = a_grant();
	bench_open(&bench, KEY_RING_FIRST);
	json_t *body = reply_of(&bench, &record, "k.read", false, NULL);
	assert_int_equal(json_object_size(body), 4);
	json_decref(body);
	body = reply_of(&bench, NULL, "k.read", true, NULL);
	assert_int_equal(json_object_size(body), 4);
	assert_int_equal(jws_verify(slice_from(json_string_value(json_object_get(body, "access_token"))), TOKEN_ACCESS, bench.rig.tenant.keys, &access), RESULT_OK);
	assert_false(claims_has(&access, "auth_time") || claims_has(&access, "acr") || claims_has(&access, "amr"));
	claims_free(&access);
	json_decref(body);
	bench_close(&bench);
}

/* Asked before a code or refresh token is used up. */
static void nothing_is_ready_while_the_id_token_key_is_missing(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench, KEY_RING_FIRST);
	assert_int_equal(access_token_ready(&bench.rig.call), REFUSAL_NONE);
	bench_close(&bench);
	bench_open(&bench, 2); /* ES256 alone */
	assert_int_equal(access_token_ready(&bench.rig.call), REFUSAL_UNAVAILABLE);
	bench_close(&bench);
}

static int make_keys(void **state)
{
	struct partition_id partition;
	(void)state;
	keys_arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	master.secret = secret32_random();
	return keys_arena == NULL || !partition_id_parse(SLICE_OF("ONE"), &partition) ||
	       key_ring_make_first(&partition, &master, keys_arena, stored) != RESULT_OK;
}

static int free_keys(void **state)
{
	(void)state;
	arena_free(keys_arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_who_signed_in_when_and_how_and_binds_the_access_token),
		cmocka_unit_test(of_a_token_exchange_it_says_nothing_that_is_not_known),
		cmocka_unit_test(the_algorithm_is_the_one_that_is_registered_for_the_application),
		cmocka_unit_test(without_a_nonce_or_claims_asked_for_it_has_none),
		cmocka_unit_test(an_id_token_is_never_an_access_token),
		cmocka_unit_test(a_person_whose_claims_cannot_be_read_gets_no_token),
		cmocka_unit_test(the_reply_has_all_three_tokens_of_one_grant),
		cmocka_unit_test(without_openid_there_is_no_id_token_and_without_a_person_no_authentication),
		cmocka_unit_test(nothing_is_ready_while_the_id_token_key_is_missing),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
