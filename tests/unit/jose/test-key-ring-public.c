#include "rig.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <stdio.h>

#include "base/text.h"
#include "jose/json_strict.h"

#define PAYLOAD "{\"sub\":\"1001\"}"

static enum result ring_of(struct slice key_set, struct slice token)
{
	struct key_ring *ring = NULL;
	struct claims claims;
	enum result result = key_ring_from_jwks(key_set, &ring);
	if (result != RESULT_OK) {
		assert_null(ring);
		return result;
	}
	result = jws_verify(token, TOKEN_ACCESS, ring, &claims);
	if (result == RESULT_OK)
		claims_free(&claims);
	key_ring_free(ring);
	return result;
}

/* {"keys":[JWK]}, the key's own with one member changed: json NULL takes it away. */
static struct slice changed(struct rig *rig, const struct key *key, const char *member, const char *json)
{
	json_t *jwk = NULL;
	assert_int_equal(json_object_parse(key_public_jwk(key), &jwk), RESULT_OK);
	if (json == NULL)
		json_object_del(jwk, member);
	else if (member != NULL)
		assert_int_equal(json_object_set_new(jwk, member, json_loads(json, JSON_DECODE_ANY, NULL)), 0);
	char *text = json_dumps(jwk, 0);
	struct slice set = arena_print(rig->arena, "{\"keys\":[%s]}", text);
	free(text);
	json_decref(jwk);
	return set;
}

static void the_published_keys_prove_our_tokens(void **state)
{
	struct rig *rig = *state;
	const struct key *keys[] = { rig->elliptic, rig->rsa };
	for (size_t i = 0; i < 2; i++) {
		struct slice token = rig_sign(rig, keys[i], TOKEN_ACCESS, PAYLOAD);
		assert_int_equal(ring_of(key_ring_jwks(rig->ring), token), RESULT_OK);
		assert_int_equal(ring_of(changed(rig, keys[i], NULL, ""), token), RESULT_OK);
		assert_int_equal(ring_of(changed(rig, keys[1 - i], NULL, ""), token), RESULT_INVALID);
		assert_int_equal(ring_of(key_ring_jwks(rig->ring), rig_sign(rig, keys[i], TOKEN_ID, PAYLOAD)), RESULT_INVALID);
	}
}

static void such_a_ring_signs_nothing(void **state)
{
	struct rig *rig = *state;
	struct key_ring *ring;
	assert_int_equal(key_ring_from_jwks(key_ring_jwks(rig->ring), &ring), RESULT_OK);
	assert_null(key_ring_signer(ring, ALGORITHM_ES256));
	assert_null(key_ring_signer(ring, ALGORITHM_RS256));
	assert_non_null(key_ring_find(ring, key_kid(rig->elliptic)));
	key_ring_free(ring);
}

static void a_key_that_is_for_something_else_or_weak_is_skipped(void **state)
{
	struct rig *rig = *state;
	static const struct {
		bool rsa;
		const char *member, *json;
		enum result expected;
	} cases[] = {
		{ false, "use", NULL, RESULT_OK },
		{ false, "alg", NULL, RESULT_OK },
		{ false, "key_ops", "[\"verify\"]", RESULT_OK },
		{ false, "use", "\"enc\"", RESULT_NOT_FOUND },
		{ false, "use", "7", RESULT_NOT_FOUND },
		{ false, "alg", "\"RS256\"", RESULT_NOT_FOUND },
		{ false, "alg", "\"HS256\"", RESULT_NOT_FOUND },
		{ false, "alg", "\"none\"", RESULT_NOT_FOUND },
		{ false, "alg", "null", RESULT_NOT_FOUND },
		{ true, "alg", "\"PS256\"", RESULT_NOT_FOUND },
		{ false, "key_ops", "[\"sign\"]", RESULT_NOT_FOUND },
		{ false, "d", "\"AA\"", RESULT_NOT_FOUND },
		{ false, "k", "\"AA\"", RESULT_NOT_FOUND },
		{ false, "kid", NULL, RESULT_NOT_FOUND },
		{ false, "kid", "\"\"", RESULT_NOT_FOUND },
		{ false, "kid", "7", RESULT_NOT_FOUND },
		{ false, "kty", "\"RSA\"", RESULT_NOT_FOUND },
		{ false, "kty", "\"oct\"", RESULT_NOT_FOUND },
		{ false, "kty", "\"OKP\"", RESULT_NOT_FOUND },
		{ false, "crv", "\"P-384\"", RESULT_NOT_FOUND },
		{ false, "crv", NULL, RESULT_NOT_FOUND },
		{ false, "x", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", RESULT_NOT_FOUND }, /* on no curve */
		{ false, "x", "\"AA\"", RESULT_NOT_FOUND },
		{ false, "y", NULL, RESULT_NOT_FOUND },
		{ true, "e", "\"AQ\"", RESULT_NOT_FOUND },   /* 1 */
		{ true, "e", "\"AQAA\"", RESULT_NOT_FOUND }, /* 65536 */
		{ true, "e", "\"\"", RESULT_NOT_FOUND },
		{ true, "n", NULL, RESULT_NOT_FOUND },
		{ true, "n", "\"__________8\"", RESULT_NOT_FOUND }, /* 64 bits */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct key *key = cases[i].rsa ? rig->rsa : rig->elliptic;
		struct slice token = rig_sign(rig, key, TOKEN_ACCESS, PAYLOAD);
		if (ring_of(changed(rig, key, cases[i].member, cases[i].json), token) != cases[i].expected)
			fail_msg("%s = %s", cases[i].member, cases[i].json);
	}
}

static struct slice rsa_set(struct rig *rig, unsigned bits)
{
	EVP_PKEY *pair = EVP_RSA_gen(bits);
	BIGNUM *modulus = NULL;
	uint8_t bytes[RSA_BITS_MAX / 8];
	assert_non_null(pair);
	assert_int_equal(EVP_PKEY_get_bn_param(pair, "n", &modulus), 1);
	int len = BN_bn2bin(modulus, bytes);
	struct writer text = writer_new(rig->arena, 256);
	base64url_put(&text, bytes, (size_t)len);
	BN_free(modulus);
	EVP_PKEY_free(pair);
	return arena_print(rig->arena, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"e\":\"AQAB\",\"n\":\"%.*s\"}]}", SLICE_ARGS(writer_slice(&text)));
}

static void rsa_has_at_least_2048_bits(void **state)
{
	struct rig *rig = *state;
	struct slice token = rig_sign(rig, rig->rsa, TOKEN_ACCESS, PAYLOAD);
	assert_int_equal(ring_of(rsa_set(rig, 1024), token), RESULT_NOT_FOUND);
	assert_int_equal(ring_of(rsa_set(rig, 2040), token), RESULT_NOT_FOUND);
	assert_int_equal(ring_of(rsa_set(rig, 2048), token), RESULT_INVALID); /* a key, but not this token's */
}

static void of_two_keys_with_one_name_the_first_counts(void **state)
{
	struct rig *rig = *state;
	struct slice kid = key_kid(rig->elliptic), jwk = key_public_jwk(rig->elliptic);
	struct slice other = slice_skip(changed(rig, rig->rsa, "kid", arena_print(rig->arena, "\"%.*s\"", SLICE_ARGS(kid)).ptr), strlen("{\"keys\":["));
	other.len -= strlen("]}");
	struct slice token = rig_sign(rig, rig->elliptic, TOKEN_ACCESS, PAYLOAD);
	assert_int_equal(ring_of(arena_print(rig->arena, "{\"keys\":[%.*s,%.*s]}", SLICE_ARGS(jwk), SLICE_ARGS(other)), token), RESULT_OK);
	assert_int_equal(ring_of(arena_print(rig->arena, "{\"keys\":[%.*s,%.*s]}", SLICE_ARGS(other), SLICE_ARGS(jwk)), token), RESULT_INVALID);
}

static void what_is_no_key_set_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice token = rig_sign(rig, rig->elliptic, TOKEN_ACCESS, PAYLOAD);
	static const struct {
		const char *text;
		enum result expected;
	} cases[] = {
		{ "", RESULT_INVALID }, { "[]", RESULT_INVALID }, { "{}", RESULT_INVALID }, { "{\"keys\":{}}", RESULT_INVALID }, { "{\"keys\":[]}", RESULT_NOT_FOUND },
		{ "{\"keys\":[7,null,\"a\",[],{}]}", RESULT_NOT_FOUND }, { "{\"keys\":[],\"keys\":[]}", RESULT_INVALID }, { "{\"keys\":[]", RESULT_INVALID },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(ring_of(slice_from(cases[i].text), token), cases[i].expected);
	struct writer many = writer_new(rig->arena, 4096);
	writer_text(&many, "{\"keys\":[{}");
	for (size_t i = 0; i < LIMIT_PUBLISHED_KEYS; i++)
		writer_text(&many, ",{}");
	writer_text(&many, "]}");
	assert_int_equal(ring_of(writer_slice(&many), token), RESULT_TOO_LARGE);
}

/* The classic: the public key, which everybody has, as the secret of an HMAC. */
static void the_header_does_not_choose_the_algorithm(void **state)
{
	struct rig *rig = *state;
	struct slice header = rig_header(rig, "HS256", key_kid(rig->elliptic), ""), jwk = key_public_jwk(rig->elliptic);
	struct writer token = writer_new(rig->arena, 512);
	uint8_t mac[32];
	unsigned len = sizeof mac;
	base64url_put(&token, header.ptr, header.len);
	writer_byte(&token, '.');
	base64url_put(&token, PAYLOAD, strlen(PAYLOAD));
	assert_non_null(HMAC(EVP_sha256(), jwk.ptr, (int)jwk.len, (const uint8_t *)token.bytes, token.len, mac, &len));
	writer_byte(&token, '.');
	base64url_put(&token, mac, len);
	assert_int_equal(ring_of(key_ring_jwks(rig->ring), writer_slice(&token)), RESULT_INVALID);
	static const char *const algorithms[] = { "none", "RS256", "ES384", "es256", "" };
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		header = rig_header(rig, algorithms[i], key_kid(rig->elliptic), "");
		assert_int_equal(ring_of(key_ring_jwks(rig->ring), rig_forge(rig, rig->elliptic, header, slice_from(PAYLOAD))), RESULT_INVALID);
	}
	header = rig_header(rig, "ES256", key_kid(rig->elliptic), "");
	assert_int_equal(ring_of(key_ring_jwks(rig->ring), rig_forge(rig, rig->elliptic, header, slice_from(PAYLOAD))), RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_keys_prove_our_tokens),
		cmocka_unit_test(such_a_ring_signs_nothing),
		cmocka_unit_test(a_key_that_is_for_something_else_or_weak_is_skipped),
		cmocka_unit_test(rsa_has_at_least_2048_bits),
		cmocka_unit_test(of_two_keys_with_one_name_the_first_counts),
		cmocka_unit_test(what_is_no_key_set_is_refused),
		cmocka_unit_test(the_header_does_not_choose_the_algorithm),
	};
	return cmocka_run_group_tests(tests, rig_begin, rig_end);
}
