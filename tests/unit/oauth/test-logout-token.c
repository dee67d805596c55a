#include "rig.h"

#include "jose/jws.h"
#include "oauth/logout_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NOW_S 1800000000

static struct master_key master;
static struct signing_key stored[KEY_RING_FIRST];
static struct arena *keys_arena;

struct bench {
	struct rig rig;
	struct claims claims;
};

/* Signed and verified. With the call's least: no request, no reply. */
static void sign(struct bench *bench, size_t keys, enum result wanted)
{
	memset(bench, 0, sizeof *bench);
	rig_open(&bench->rig);
	struct oauth_call *call = &bench->rig.call;
	assert_true(realm_parse(SLICE_OF("ONE-C"), &call->realm));
	bench->rig.oauth.auth_url = SLICE_OF("https://auth.example");
	bench->rig.application.registered.client_id = SLICE_OF("web");
	bench->rig.application.registered.id_token_algorithm = ALGORITHM_RS256;
	assert_int_equal(key_ring_open(stored, keys, &call->realm.partition, &master, &bench->rig.tenant.keys), RESULT_OK);
	struct writer token = writer_new(bench->rig.arena, 1024);
	assert_int_equal(logout_token_write(call, SLICE_OF("c-\"1\""), SLICE_OF("s-1"), NOW_S, &token), wanted);
	if (wanted != RESULT_OK)
		return;
	struct claims ignored;
	const struct slice text = writer_slice(&token);
	assert_int_equal(jws_verify(text, TOKEN_LOGOUT, bench->rig.tenant.keys, &bench->claims), RESULT_OK);
	assert_int_equal(jws_verify(text, TOKEN_ID, bench->rig.tenant.keys, &ignored), RESULT_INVALID);
	assert_int_equal(jws_verify(text, TOKEN_ACCESS, bench->rig.tenant.keys, &ignored), RESULT_INVALID);
}

static void finish(struct bench *bench)
{
	if (bench->claims.object != NULL)
		claims_free(&bench->claims);
	key_ring_free(bench->rig.tenant.keys);
	rig_close(&bench->rig);
}

static void it_says_whose_session_ended_and_nothing_else(void **state)
{
	(void)state;
	struct bench bench;
	sign(&bench, KEY_RING_FIRST, RESULT_OK);
	assert_int_equal(36, claims_text(&bench.claims, "jti").len);
	json_object_del(bench.claims.object, "jti");
	char *text = json_dumps(bench.claims.object, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"aud\":\"web\",\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}},\"exp\":1800000120,"
	                          "\"iat\":1800000000,\"iss\":\"https://auth.example/system/auth/ONE-C\",\"sid\":\"s-1\",\"sub\":\"c-\\\"1\\\"\"}");
	free(text);
	finish(&bench);
}

static void each_has_a_name_of_its_own(void **state)
{
	(void)state;
	struct bench one, two;
	sign(&one, KEY_RING_FIRST, RESULT_OK);
	sign(&two, KEY_RING_FIRST, RESULT_OK);
	assert_false(slice_equal(claims_text(&one.claims, "jti"), claims_text(&two.claims, "jti")));
	finish(&one);
	finish(&two);
}

static void without_a_key_there_is_none(void **state)
{
	(void)state;
	struct bench bench;
	sign(&bench, 2, RESULT_FAILED); /* ES256 alone */
	finish(&bench);
}

static int make_keys(void **state)
{
	(void)state;
	struct partition_id id;
	keys_arena = arena_new(16 * 1024, 1024 * 1024);
	master.secret = secret32_random();
	return keys_arena != NULL && partition_id_parse(SLICE_OF("ONE"), &id) ? (int)key_ring_make_first(&id, &master, keys_arena, stored) : -1;
}

static int wipe_keys(void **state)
{
	(void)state;
	arena_free(keys_arena);
	master_key_wipe(&master);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_whose_session_ended_and_nothing_else),
		cmocka_unit_test(each_has_a_name_of_its_own),
		cmocka_unit_test(without_a_key_there_is_none),
	};
	return cmocka_run_group_tests(tests, make_keys, wipe_keys);
}
