#include "rig.h"

#include "base/text.h"
#include "jose/json_strict.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

static void a_stored_key_opens_and_is_the_same_key(void **state)
{
	struct rig *rig = *state;
	for (size_t i = 0; i < KEY_RING_FIRST; i++) {
		struct key *key;
		assert_int_equal(key_open(&rig->stored[i], &rig->partition, &rig->master, &key), RESULT_OK);
		assert_true(slice_equal(key_kid(key), rig->stored[i].kid));
		assert_true(slice_equal(key_public_jwk(key), rig->stored[i].public_jwk));
		assert_int_equal(key_algorithm(key), rig->stored[i].algorithm);
		key_free(key);
	}
}

static void a_key_opens_for_no_other_partition_kid_algorithm_or_master_key(void **state)
{
	struct rig *rig = *state;
	struct key *key = NULL;
	struct partition_id other;
	assert_true(partition_id_parse(SLICE_OF("TWO"), &other));
	assert_int_equal(key_open(&rig->stored[0], &other, &rig->master, &key), RESULT_INVALID);

	struct signing_key swapped = rig->stored[0];
	swapped.kid = rig->stored[1].kid;
	assert_int_equal(key_open(&swapped, &rig->partition, &rig->master, &key), RESULT_INVALID);

	struct signing_key relabelled = rig->stored[0];
	relabelled.algorithm = ALGORITHM_RS256;
	assert_int_equal(key_open(&relabelled, &rig->partition, &rig->master, &key), RESULT_INVALID);

	struct master_key master = { secret32_random() };
	assert_int_equal(key_open(&rig->stored[0], &rig->partition, &master, &key), RESULT_INVALID);
	assert_null(key);
}

static void a_damaged_wrapped_key_does_not_open(void **state)
{
	struct rig *rig = *state;
	struct key *key = NULL;
	struct signing_key damaged = rig->stored[0];
	struct slice wrapped = damaged.wrapped;
	char *bytes = (char *)arena_copy(rig->arena, wrapped).ptr;
	for (size_t i = 0; i < wrapped.len; i++) {
		bytes[i] ^= 1;
		damaged.wrapped = (struct slice) { bytes, wrapped.len };
		assert_int_equal(key_open(&damaged, &rig->partition, &rig->master, &key), RESULT_INVALID);
		bytes[i] ^= 1;
		damaged.wrapped.len = i;
		assert_int_equal(key_open(&damaged, &rig->partition, &rig->master, &key), RESULT_INVALID);
	}
}

static void no_private_number_stands_in_the_published_key(void **state)
{
	struct rig *rig = *state;
	static const char *const public_members[][7] = {
		{ "kty", "use", "alg", "kid", "crv", "x", "y" },
		{ "kty", "use", "alg", "kid", "n", "e", NULL },
	};
	const struct key *keys[] = { rig->elliptic, rig->rsa };
	for (size_t i = 0; i < 2; i++) {
		json_t *jwk;
		assert_int_equal(json_object_parse(key_public_jwk(keys[i]), &jwk), RESULT_OK);
		size_t count = 0;
		for (size_t m = 0; m < 7 && public_members[i][m] != NULL; m++, count++)
			assert_non_null(json_object_text(jwk, public_members[i][m]).ptr);
		assert_int_equal(json_object_size(jwk), count);
		assert_true(slice_is(json_object_text(jwk, "use"), "sig"));
		assert_true(slice_is(json_object_text(jwk, "alg"), i == 0 ? "ES256" : "RS256"));
		assert_true(slice_equal(json_object_text(jwk, "kid"), key_kid(keys[i])));
		json_decref(jwk);
	}
}

static EVP_PKEY *pair_from(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY *pair = NULL;
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(EVP_PKEY_fromdata(context, &pair, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return pair;
}

static size_t decoded(const char *text, uint8_t *bytes, size_t size)
{
	size_t len = 0;
	assert_int_equal(text_base64url_decode(slice_from(text), bytes, size, &len), RESULT_OK);
	return len;
}

/* RFC 7638 §3.1 */
static void the_thumbprint_is_the_one_of_the_rfc(void **state)
{
	struct rig *rig = *state;
	uint8_t modulus[256];
	size_t len = decoded("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
	                     "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
	                     "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
	                     "nqDKgw",
	                     modulus, sizeof modulus);
	BIGNUM *n = BN_bin2bn(modulus, (int)len, NULL);
	BIGNUM *e = BN_new();
	BN_set_word(e, 65537);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	struct key key = { .algorithm = ALGORITHM_RS256, .pair = pair_from("RSA", build), .arena = rig->arena };
	assert_int_equal(key_describe(&key), RESULT_OK);
	assert_true(slice_is(key.kid, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
	EVP_PKEY_free(key.pair);
	BN_free(n);
	BN_free(e);
}

/* RFC 7515 appendix A.3 */
static void the_es256_example_of_the_rfc_verifies(void **state)
{
	struct rig *rig = *state;
	uint8_t point[65] = { 4 };
	decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", point + 1, 32);
	decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", point + 33, 32);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point);
	struct key key = { .algorithm = ALGORITHM_ES256, .pair = pair_from("EC", build), .arena = rig->arena };
	assert_int_equal(key_describe(&key), RESULT_OK);
	assert_int_equal(signature_prepare(&key), RESULT_OK);
	uint8_t signature[64];
	assert_int_equal(decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", signature,
	                         sizeof signature),
	                 64);
	struct slice input = SLICE_OF("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ");
	assert_int_equal(signature_check(&key, input, signature, sizeof signature), RESULT_OK);
	signature[5] ^= 1;
	assert_int_equal(signature_check(&key, input, signature, sizeof signature), RESULT_INVALID);
	EVP_MD_CTX_free(key.signer);
	EVP_MD_CTX_free(key.verifier);
	EVP_PKEY_free(key.pair);
}

static void weak_and_wrong_key_pairs_are_refused(void **state)
{
	struct rig *rig = *state;
	struct {
		enum signing_algorithm algorithm;
		EVP_PKEY *pair;
	} rows[] = {
		{ ALGORITHM_RS256, EVP_RSA_gen(1024) },
		{ ALGORITHM_ES256, EVP_EC_gen("P-384") },
		{ ALGORITHM_ES256, EVP_EC_gen("secp256k1") },
		{ ALGORITHM_RS256, EVP_EC_gen("P-256") },
		{ ALGORITHM_ES256, EVP_RSA_gen(2048) },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_non_null(rows[i].pair);
		struct key key = { .algorithm = rows[i].algorithm, .pair = rows[i].pair, .arena = rig->arena };
		assert_int_equal(key_describe(&key), RESULT_INVALID);
		EVP_PKEY_free(rows[i].pair);
	}
}

static void the_ring_publishes_active_keys_first_and_finds_by_kid(void **state)
{
	struct rig *rig = *state;
	struct signing_key keys[3] = { rig->stored[1], rig->stored[0], rig->stored[2] };
	keys[2].state = KEY_RETIRED;
	struct key_ring *ring;
	assert_int_equal(key_ring_open(keys, 3, &rig->partition, &rig->master, &ring), RESULT_OK);
	struct slice expected = arena_print(rig->arena, "{\"keys\":[%.*s,%.*s,%.*s]}", SLICE_ARGS(keys[1].public_jwk),
	                                    SLICE_ARGS(keys[0].public_jwk), SLICE_ARGS(keys[2].public_jwk));
	assert_true(slice_equal(key_ring_jwks(ring), expected));
	assert_true(slice_equal(key_kid(key_ring_signer(ring, ALGORITHM_ES256)), rig->stored[0].kid));
	assert_null(key_ring_signer(ring, ALGORITHM_RS256)); /* retired keys do not sign */
	assert_non_null(key_ring_find(ring, keys[2].kid));
	assert_null(key_ring_find(ring, SLICE_OF("nobody")));
	key_ring_free(ring);
}

static void an_empty_ring_or_one_with_a_foreign_key_is_refused(void **state)
{
	struct rig *rig = *state;
	struct key_ring *ring = NULL;
	struct signing_key keys[2] = { rig->stored[0], rig->stored[1] };
	keys[1].wrapped = keys[0].wrapped;
	assert_int_equal(key_ring_open(keys, 0, &rig->partition, &rig->master, &ring), RESULT_NOT_FOUND);
	assert_int_equal(key_ring_open(keys, 2, &rig->partition, &rig->master, &ring), RESULT_INVALID);
	assert_null(ring);
}

static void base64url_has_no_padding_for_any_length(void **state)
{
	struct rig *rig = *state;
	uint8_t bytes[1024], back[1024];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37 + 250);
	for (size_t len = 0; len < sizeof bytes; len += len < 400 ? 1 : 61) {
		size_t back_len = 0;
		struct writer fast = writer_new(rig->arena, 16), slow = writer_new(rig->arena, 16);
		base64url_put(&fast, bytes, len);
		writer_base64url(&slow, bytes, len);
		assert_true(slice_equal(writer_slice(&fast), writer_slice(&slow)));
		if (len == 0)
			continue;
		assert_int_equal(text_base64url_decode(writer_slice(&fast), back, sizeof back, &back_len), RESULT_OK);
		assert_int_equal(back_len, len);
		assert_memory_equal(back, bytes, len);
	}
}

static void algorithm_names_are_exact(void **state)
{
	(void)state;
	enum signing_algorithm algorithm;
	assert_true(algorithm_parse(SLICE_OF("ES256"), &algorithm) && algorithm == ALGORITHM_ES256);
	assert_true(algorithm_parse(SLICE_OF("RS256"), &algorithm) && algorithm == ALGORITHM_RS256);
	assert_false(algorithm_parse(SLICE_OF("es256"), &algorithm));
	assert_false(algorithm_parse(SLICE_OF("HS256"), &algorithm));
	assert_false(algorithm_parse(SLICE_OF(""), &algorithm));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stored_key_opens_and_is_the_same_key),
		cmocka_unit_test(a_key_opens_for_no_other_partition_kid_algorithm_or_master_key),
		cmocka_unit_test(a_damaged_wrapped_key_does_not_open),
		cmocka_unit_test(no_private_number_stands_in_the_published_key),
		cmocka_unit_test(the_thumbprint_is_the_one_of_the_rfc),
		cmocka_unit_test(the_es256_example_of_the_rfc_verifies),
		cmocka_unit_test(weak_and_wrong_key_pairs_are_refused),
		cmocka_unit_test(the_ring_publishes_active_keys_first_and_finds_by_kid),
		cmocka_unit_test(an_empty_ring_or_one_with_a_foreign_key_is_refused),
		cmocka_unit_test(base64url_has_no_padding_for_any_length),
		cmocka_unit_test(algorithm_names_are_exact),
	};
	return cmocka_run_group_tests(tests, rig_begin, rig_end);
}
