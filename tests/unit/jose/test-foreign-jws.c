#include "jose/foreign_jws.h"

#include "foreign_rig.h"

#include "base/text.h"

#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define PAYLOAD "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":\"https://a.example\",\"exp\":1900000000.9}"

struct rig {
	struct arena *arena;
	EVP_PKEY *rsa, *other_rsa, *weak, *elliptic, *other_elliptic, *larger;
	struct slice keys; /* the public ones of rsa and elliptic, named "r" and "e" */
};

static struct problem why;

static int open_rig(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	if (rig == NULL)
		return -1;
	rig->arena = arena_new(4096, 4 * 1024 * 1024);
	rig->rsa = EVP_RSA_gen(2048);
	rig->other_rsa = EVP_RSA_gen(2048);
	rig->weak = EVP_RSA_gen(1024);
	rig->elliptic = EVP_EC_gen("P-256");
	rig->other_elliptic = EVP_EC_gen("P-256");
	rig->larger = EVP_EC_gen("P-384");
	const struct slice jwks[] = { foreign_jwk(rig->arena, rig->rsa, "\"kid\":\"r\""), foreign_jwk(rig->arena, rig->elliptic, "\"kid\":\"e\"") };
	rig->keys = foreign_set(rig->arena, jwks, 2);
	*state = rig;
	return rig->weak != NULL && rig->larger != NULL ? 0 : -1;
}

static int close_rig(void **state)
{
	struct rig *rig = *state;
	EVP_PKEY *pairs[] = { rig->rsa, rig->other_rsa, rig->weak, rig->elliptic, rig->other_elliptic, rig->larger };
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		EVP_PKEY_free(pairs[i]);
	arena_free(rig->arena);
	free(rig);
	return 0;
}

static enum result verify(struct slice token, struct slice keys)
{
	struct claims claims = { NULL };
	why = (struct problem) { "" };
	enum result result = foreign_jws_verify(token, keys, &claims, &why);
	assert_true((result == RESULT_OK) == (claims.object != NULL));
	assert_true((result == RESULT_OK) == (why.text[0] == '\0'));
	if (result == RESULT_OK)
		claims_free(&claims);
	return result;
}

/* One key alone, with these further members, against a token with its right signature. */
static enum result verify_with(struct rig *rig, EVP_PKEY *pair, enum foreign_way way, const char *header, const char *more)
{
	const struct slice jwk = foreign_jwk(rig->arena, pair, more);
	return verify(foreign_sign(rig->arena, pair, way, header, PAYLOAD), foreign_set(rig->arena, &jwk, 1));
}

/* ---- what is good --------------------------------------------------------------------------------------------------- */

static void the_three_algorithms_verify_and_give_the_claims(void **state)
{
	struct rig *rig = *state;
	static const char *const headers[] = { "{\"alg\":\"RS256\",\"kid\":\"r\"}", "{\"alg\":\"PS256\",\"kid\":\"r\"}", "{\"alg\":\"ES256\",\"kid\":\"e\"}" };
	for (enum foreign_way way = WITH_RS256; way <= WITH_ES256; way++) {
		struct claims claims;
		int64_t expires;
		bool in_array = true;
		struct slice token = foreign_sign(rig->arena, way == WITH_ES256 ? rig->elliptic : rig->rsa, way, headers[way], PAYLOAD);
		assert_int_equal(foreign_jws_verify(token, rig->keys, &claims, &why), RESULT_OK);
		assert_true(slice_is(claims_text(&claims, "sub"), "app"));
		assert_true(slice_is(claims_sole_audience(&claims, &in_array), "https://a.example"));
		assert_false(in_array);
		assert_true(claims_time(&claims, "exp", &expires));
		assert_int_equal(expires, 1900000000);
		assert_false(claims_time(&claims, "sub", &expires));
		assert_false(claims_time(&claims, "iat", &expires));
		claims_free(&claims);
	}
}

/* RFC 7515 appendix A.2 and A.3: made by others, long ago. */
static void the_vectors_of_rfc_7515_verify(void **state)
{
	(void)state;
	static const char payload[] = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
	static const char rsa_key[] =
		"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
		"pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k"
		"G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}]}";
	static const char rsa_signature[] =
		"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTy"
		"WzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AX"
		"LIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
	static const char elliptic_key[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	                                   "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
	static const char elliptic_signature[] = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
	char token[1024];
	snprintf(token, sizeof token, "eyJhbGciOiJSUzI1NiJ9.%s.%s", payload, rsa_signature);
	assert_int_equal(verify(slice_from(token), slice_from(rsa_key)), RESULT_OK);
	assert_int_equal(verify(slice_from(token), slice_from(elliptic_key)), RESULT_NOT_FOUND);
	snprintf(token, sizeof token, "eyJhbGciOiJFUzI1NiJ9.%s.%s", payload, elliptic_signature);
	assert_int_equal(verify(slice_from(token), slice_from(elliptic_key)), RESULT_OK);
	token[strlen(token) - 3] = token[strlen(token) - 3] == 'A' ? 'B' : 'A';
	assert_int_equal(verify(slice_from(token), slice_from(elliptic_key)), RESULT_INVALID);
}

static void without_a_kid_each_key_that_fits_is_tried(void **state)
{
	struct rig *rig = *state;
	const struct slice jwks[] = {
		SLICE_OF("{\"kty\":\"oct\",\"k\":\"AAAA\"}"), SLICE_OF("7"), SLICE_OF("{}"), foreign_jwk(rig->arena, rig->weak, NULL),
		foreign_jwk(rig->arena, rig->larger, NULL), foreign_jwk(rig->arena, rig->other_rsa, NULL), foreign_jwk(rig->arena, rig->other_elliptic, NULL),
		foreign_jwk(rig->arena, rig->rsa, "\"kid\":\"r\""), foreign_jwk(rig->arena, rig->elliptic, "\"kid\":\"e\""),
	};
	struct slice keys = foreign_set(rig->arena, jwks, sizeof jwks / sizeof jwks[0]);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_RS256, "{\"alg\":\"RS256\"}", PAYLOAD), keys), RESULT_OK);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", PAYLOAD), keys), RESULT_OK);
}

static void no_more_keys_are_tried_than_the_limit(void **state)
{
	struct rig *rig = *state;
	struct slice jwks[LIMIT_JWKS_KEYS + 1];
	for (size_t i = 0; i < LIMIT_JWKS_KEYS; i++)
		jwks[i] = foreign_jwk(rig->arena, rig->other_elliptic, NULL);
	jwks[LIMIT_JWKS_KEYS] = foreign_jwk(rig->arena, rig->elliptic, NULL);
	struct slice token = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", PAYLOAD);
	assert_int_equal(verify(token, foreign_set(rig->arena, jwks, LIMIT_JWKS_KEYS + 1)), RESULT_INVALID);
	assert_int_equal(verify(token, foreign_set(rig->arena, jwks + 1, LIMIT_JWKS_KEYS)), RESULT_OK);
}

static void what_a_key_says_of_itself_narrows_its_use(void **state)
{
	struct rig *rig = *state;
	static const char header[] = "{\"alg\":\"RS256\"}";
	assert_int_equal(verify_with(rig, rig->rsa, WITH_RS256, header, "\"use\":\"sig\",\"alg\":\"RS256\",\"key_ops\":[\"verify\"]"), RESULT_OK);
	static const char *const others[] = { "\"use\":\"enc\"", "\"use\":1", "\"alg\":\"PS256\"", "\"alg\":\"RS512\"", "\"alg\":null", "\"key_ops\":[]",
		                              "\"key_ops\":[\"encrypt\"]", "\"key_ops\":\"verify\"", "\"d\":\"AQAB\"" };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(verify_with(rig, rig->rsa, WITH_RS256, header, others[i]), RESULT_NOT_FOUND);
}

static void any_typ_is_fine(void **state)
{
	struct rig *rig = *state;
	static const char *const headers[] = { "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", "{\"alg\":\"ES256\",\"typ\":\"client-authentication+jwt\"}",
		                               "{\"typ\":\"at+jwt\",\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"typ\":7}" };
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		assert_int_equal(verify_with(rig, rig->elliptic, WITH_ES256, headers[i], NULL), RESULT_OK);
}

/* ---- A8 ---------------------------------------------------------------------------------------------------------------- */

static void alg_none_is_refused_with_and_without_a_signature(void **state)
{
	struct rig *rig = *state;
	static const char *const names[] = { "none", "None", "NONE", "nOnE", "" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char header[64];
		snprintf(header, sizeof header, "{\"alg\":\"%s\"}", names[i]);
		struct slice token = foreign_sign(rig->arena, rig->rsa, WITH_RS256, header, PAYLOAD);
		assert_int_equal(verify(token, rig->keys), RESULT_INVALID);
		const char *last = memrchr(token.ptr, '.', token.len);
		assert_int_equal(verify(slice_first(token, (size_t)(last - token.ptr)), rig->keys), RESULT_INVALID);
		assert_int_equal(verify(slice_first(token, (size_t)(last - token.ptr) + 1), rig->keys), RESULT_INVALID);
	}
}

static void a_mac_with_the_public_key_is_refused(void **state)
{
	struct rig *rig = *state;
	const struct slice secrets[] = { foreign_jwk(rig->arena, rig->rsa, NULL), rig->keys };
	static const char *const headers[] = { "{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"kid\":\"r\"}", "{\"alg\":\"RS256\",\"kid\":\"r\"}" };
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		for (size_t j = 0; j < sizeof headers / sizeof headers[0]; j++) {
			struct writer token = writer_new(rig->arena, 512);
			unsigned char mac[32];
			writer_base64url(&token, headers[j], strlen(headers[j]));
			writer_byte(&token, '.');
			writer_base64url(&token, PAYLOAD, strlen(PAYLOAD));
			assert_non_null(HMAC(EVP_sha256(), secrets[i].ptr, (int)secrets[i].len, (const unsigned char *)token.bytes, token.len, mac, NULL));
			writer_byte(&token, '.');
			writer_base64url(&token, mac, sizeof mac);
			assert_int_equal(verify(writer_slice(&token), rig->keys), RESULT_INVALID);
		}
	}
	const struct slice octets = SLICE_OF("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"kid\":\"r\"}]}");
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_RS256, "{\"alg\":\"HS256\",\"kid\":\"r\"}", PAYLOAD), octets), RESULT_INVALID);
}

static void an_unknown_kid_is_not_found_and_a_wrong_kind_of_kid_is_refused(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\",\"kid\":\"x\"}", PAYLOAD), rig->keys), RESULT_NOT_FOUND);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\",\"kid\":\"r\"}", PAYLOAD), rig->keys), RESULT_NOT_FOUND);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\",\"kid\":7}", PAYLOAD), rig->keys), RESULT_INVALID);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\",\"kid\":null}", PAYLOAD), rig->keys), RESULT_INVALID);
}

static void a_key_of_another_application_is_refused_under_every_name(void **state)
{
	struct rig *rig = *state;
	static const char *const elliptic[] = { "{\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"kid\":\"e\"}" };
	static const char *const rsa[] = { "{\"alg\":\"RS256\"}", "{\"alg\":\"RS256\",\"kid\":\"r\"}" };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(verify(foreign_sign(rig->arena, rig->other_elliptic, WITH_ES256, elliptic[i], PAYLOAD), rig->keys), RESULT_INVALID);
		assert_int_equal(verify(foreign_sign(rig->arena, rig->other_rsa, WITH_RS256, rsa[i], PAYLOAD), rig->keys), RESULT_INVALID);
	}
	/* the key that it brings itself */
	struct slice own = arena_print(rig->arena, "{\"alg\":\"RS256\",\"jwk\":%.*s}", SLICE_ARGS(foreign_jwk(rig->arena, rig->other_rsa, NULL)));
	assert_int_equal(verify(foreign_sign(rig->arena, rig->other_rsa, WITH_RS256, own.ptr, PAYLOAD), rig->keys), RESULT_INVALID);
}

static void extensions_that_must_be_understood_are_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const headers[] = { "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}", "{\"alg\":\"ES256\",\"crit\":[]}", "{\"alg\":\"ES256\",\"crit\":null}",
		                               "{\"alg\":\"ES256\",\"b64\":false,\"crit\":[\"b64\"]}", "{\"alg\":\"ES256\",\"b64\":true}" };
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		assert_int_equal(verify_with(rig, rig->elliptic, WITH_ES256, headers[i], NULL), RESULT_INVALID);
}

static void weak_and_odd_keys_are_as_if_they_were_not_there(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(verify_with(rig, rig->weak, WITH_RS256, "{\"alg\":\"RS256\"}", NULL), RESULT_NOT_FOUND);
	assert_int_equal(verify_with(rig, rig->weak, WITH_PS256, "{\"alg\":\"PS256\"}", NULL), RESULT_NOT_FOUND);
	assert_int_equal(verify_with(rig, rig->larger, WITH_ES256, "{\"alg\":\"ES256\"}", NULL), RESULT_NOT_FOUND);
	assert_int_equal(verify_with(rig, rig->larger, WITH_ES256, "{\"alg\":\"ES384\"}", NULL), RESULT_INVALID);
	/* 1024 bits with zeros in front */
	struct slice jwk = foreign_jwk(rig->arena, rig->weak, NULL);
	const char *n = strstr(jwk.ptr, "\"n\":\"");
	struct writer padded = writer_new(rig->arena, 1024);
	writer_put(&padded, slice_first(jwk, (size_t)(n + 5 - jwk.ptr)));
	for (int i = 0; i < 176; i++)
		writer_byte(&padded, 'A'); /* 132 zero bytes: a multiple of three */
	writer_put(&padded, slice_skip(jwk, (size_t)(n + 5 - jwk.ptr)));
	struct slice padded_jwk = writer_slice(&padded);
	struct slice token = foreign_sign(rig->arena, rig->weak, WITH_RS256, "{\"alg\":\"RS256\"}", PAYLOAD);
	assert_int_equal(verify(token, foreign_set(rig->arena, &padded_jwk, 1)), RESULT_NOT_FOUND);
	/* an exponent with which everything is its own signature */
	struct slice one = SLICE_OF("{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
	                            "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k"
	                            "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQ\"}");
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_RS256, "{\"alg\":\"RS256\"}", PAYLOAD), foreign_set(rig->arena, &one, 1)), RESULT_NOT_FOUND);
}

/* Right by itself: the point is none of the curve. */
static void a_point_that_is_not_on_the_curve_proves_nothing(void **state)
{
	struct rig *rig = *state;
	struct slice set = SLICE_OF("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}");
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", PAYLOAD), set), RESULT_INVALID);
}

static void one_algorithms_signature_is_not_anothers(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_PS256, "{\"alg\":\"RS256\"}", PAYLOAD), rig->keys), RESULT_INVALID);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_RS256, "{\"alg\":\"PS256\"}", PAYLOAD), rig->keys), RESULT_INVALID);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_RS256, "{\"alg\":\"ES256\"}", PAYLOAD), rig->keys), RESULT_INVALID);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->rsa, WITH_RS256, "{\"alg\":\"RS512\"}", PAYLOAD), rig->keys), RESULT_INVALID);
}

static void repeated_members_are_refused_in_header_payload_and_key_set(void **state)
{
	struct rig *rig = *state;
	static const char good[] = "{\"alg\":\"ES256\"}";
	assert_int_equal(verify_with(rig, rig->elliptic, WITH_ES256, "{\"alg\":\"none\",\"alg\":\"ES256\"}", NULL), RESULT_INVALID);
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, good, "{\"sub\":\"app\",\"sub\":\"other\"}"), rig->keys), RESULT_INVALID);
	assert_int_equal(verify_with(rig, rig->elliptic, WITH_ES256, good, "\"use\":\"enc\",\"use\":\"sig\""), RESULT_INVALID);
}

static void a_change_to_any_byte_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice token = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", PAYLOAD);
	for (size_t i = 0; i < token.len; i++) {
		struct slice changed = arena_copy(rig->arena, token);
		char *byte = (char *)changed.ptr + i;
		*byte = *byte == 'B' ? 'C' : 'B';
		assert_true(verify(changed, rig->keys) != RESULT_OK);
	}
	for (size_t len = 0; len < token.len; len++)
		assert_true(verify(slice_first(token, len), rig->keys) != RESULT_OK);
}

static void what_is_no_token_is_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const texts[] = { "", ".", "..", "...", "a.b.c", "e30.e30.e30", "e30.e30.", ".e30.e30", "eyJhbGciOiJFUzI1NiJ9.W10.AAAA", "a.b.c.d.e" };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(verify(slice_from(texts[i]), rig->keys), RESULT_INVALID);
	struct slice deep = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", "{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}");
	assert_int_equal(verify(deep, rig->keys), RESULT_INVALID);
	struct writer long_text = writer_new(rig->arena, LIMIT_JWT_SIZE);
	writer_text(&long_text, "{\"a\":\"");
	for (int i = 0; i < LIMIT_JWT_SIZE; i++)
		writer_byte(&long_text, 'x');
	writer_text(&long_text, "\"}");
	writer_byte(&long_text, '\0');
	assert_int_equal(verify(foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", long_text.bytes), rig->keys), RESULT_INVALID);
}

/* ---- key sets and subjects ------------------------------------------------------------------------------------------- */

static void a_key_set_is_an_object_with_1_to_32_keys(void **state)
{
	struct rig *rig = *state;
	struct problem problem;
	static const char *const refused[] = { "", "[]", "{}", "{\"keys\":[]}", "{\"keys\":{}}", "{\"keys\":7}", "{\"keys\":[{}],\"keys\":[{}]}", "<html>", "{\"keys\":[{}]" };
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(foreign_keys_judge(slice_from(refused[i]), &problem), RESULT_INVALID);
	struct slice jwks[LIMIT_JWKS_KEYS + 1];
	for (size_t i = 0; i <= LIMIT_JWKS_KEYS; i++)
		jwks[i] = SLICE_OF("{}");
	assert_int_equal(foreign_keys_judge(foreign_set(rig->arena, jwks, 1), &problem), RESULT_OK);
	assert_int_equal(foreign_keys_judge(foreign_set(rig->arena, jwks, LIMIT_JWKS_KEYS), &problem), RESULT_OK);
	assert_int_equal(foreign_keys_judge(foreign_set(rig->arena, jwks, LIMIT_JWKS_KEYS + 1), &problem), RESULT_INVALID);
	assert_string_equal(problem.text, "it has 33 keys, and 32 are the most");
	char *large = malloc(LIMIT_JWKS_SIZE + 1);
	assert_non_null(large);
	memset(large, ' ', LIMIT_JWKS_SIZE + 1);
	memcpy(large, "{\"keys\":[{}]}", 13);
	assert_int_equal(foreign_keys_judge((struct slice) { large, LIMIT_JWKS_SIZE }, &problem), RESULT_OK);
	assert_int_equal(foreign_keys_judge((struct slice) { large, LIMIT_JWKS_SIZE + 1 }, &problem), RESULT_INVALID);
	free(large);
}

static void a_claimed_subject_is_clean_text_of_an_ids_length(void **state)
{
	struct rig *rig = *state;
	struct slice subject;
	char long_payload[LIMIT_ID + 32];
	struct slice token = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"none\"}", PAYLOAD);
	assert_int_equal(foreign_jws_claimed_subject(token, rig->arena, &subject), RESULT_OK);
	assert_true(slice_is(subject, "app"));
	snprintf(long_payload, sizeof long_payload, "{\"sub\":\"%0*d\"}", LIMIT_ID + 1, 7);
	const char *const refused[] = { "{}", "[]", "{\"sub\":7}", "{\"sub\":\"\"}", "{\"sub\":\"a\\u0000b\"}", "{\"sub\":\"a\\nb\"}", "{\"sub\":\"a\",\"sub\":\"b\"}", long_payload };
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		token = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", refused[i]);
		assert_int_equal(foreign_jws_claimed_subject(token, rig->arena, &subject), RESULT_INVALID);
	}
	assert_int_equal(foreign_jws_claimed_subject(SLICE_OF("x"), rig->arena, &subject), RESULT_INVALID);
}

static void an_audience_counts_only_alone(void **state)
{
	struct rig *rig = *state;
	static const struct {
		const char *payload, *audience;
		bool in_array;
	} cases[] = {
		{ "{\"aud\":\"a\"}", "a", false }, { "{\"aud\":[\"a\"]}", "a", true }, { "{\"aud\":[\"a\",\"b\"]}", NULL, false }, { "{\"aud\":[\"a\",\"a\"]}", NULL, false },
		{ "{\"aud\":[]}", NULL, false },   { "{\"aud\":[7]}", NULL, false },  { "{\"aud\":{\"a\":1}}", NULL, false },     { "{}", NULL, false },
		{ "{\"aud\":[[\"a\"]]}", NULL, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct claims claims;
		bool in_array = false;
		struct slice token = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", cases[i].payload);
		assert_int_equal(foreign_jws_verify(token, rig->keys, &claims, &why), RESULT_OK);
		struct slice audience = claims_sole_audience(&claims, &in_array);
		assert_true(cases[i].audience == NULL ? audience.ptr == NULL : slice_is(audience, cases[i].audience));
		assert_int_equal(in_array, cases[i].in_array);
		claims_free(&claims);
	}
}

static void an_audience_may_be_one_of_several_and_a_flag_only_true(void **state)
{
	struct rig *rig = *state;
	static const struct {
		const char *payload;
		bool has, denied;
	} cases[] = {
		{ "{\"aud\":\"a\",\"flag\":true}", true, false },        { "{\"aud\":[\"b\",\"a\"],\"flag\":\"true\"}", true, false },
		{ "{\"aud\":[7,\"a\"]}", true, false },                  { "{\"aud\":\"A\",\"flag\":false}", false, true },
		{ "{\"aud\":\"ab\",\"flag\":\"false\"}", false, true },   { "{\"aud\":[\"\"],\"flag\":null}", false, true },
		{ "{\"aud\":{\"a\":\"a\"},\"flag\":1}", false, true },    { "{\"aud\":[[\"a\"]],\"flag\":[true]}", false, true },
		{ "{\"flag\":\"True\"}", false, true },                  { "{\"aud\":[],\"flag\":\"\"}", false, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct claims claims;
		struct slice token = foreign_sign(rig->arena, rig->elliptic, WITH_ES256, "{\"alg\":\"ES256\"}", cases[i].payload);
		assert_int_equal(foreign_jws_verify(token, rig->keys, &claims, &why), RESULT_OK);
		assert_int_equal(claims_audience_has(&claims, SLICE_OF("a")), cases[i].has);
		assert_int_equal(claims_denied(&claims, "flag"), cases[i].denied);
		claims_free(&claims);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_three_algorithms_verify_and_give_the_claims),
		cmocka_unit_test(the_vectors_of_rfc_7515_verify),
		cmocka_unit_test(without_a_kid_each_key_that_fits_is_tried),
		cmocka_unit_test(no_more_keys_are_tried_than_the_limit),
		cmocka_unit_test(what_a_key_says_of_itself_narrows_its_use),
		cmocka_unit_test(any_typ_is_fine),
		cmocka_unit_test(alg_none_is_refused_with_and_without_a_signature),
		cmocka_unit_test(a_mac_with_the_public_key_is_refused),
		cmocka_unit_test(an_unknown_kid_is_not_found_and_a_wrong_kind_of_kid_is_refused),
		cmocka_unit_test(a_key_of_another_application_is_refused_under_every_name),
		cmocka_unit_test(extensions_that_must_be_understood_are_refused),
		cmocka_unit_test(weak_and_odd_keys_are_as_if_they_were_not_there),
		cmocka_unit_test(a_point_that_is_not_on_the_curve_proves_nothing),
		cmocka_unit_test(one_algorithms_signature_is_not_anothers),
		cmocka_unit_test(repeated_members_are_refused_in_header_payload_and_key_set),
		cmocka_unit_test(a_change_to_any_byte_is_refused),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(a_key_set_is_an_object_with_1_to_32_keys),
		cmocka_unit_test(a_claimed_subject_is_clean_text_of_an_ids_length),
		cmocka_unit_test(an_audience_counts_only_alone),
		cmocka_unit_test(an_audience_may_be_one_of_several_and_a_flag_only_true),
	};
	return cmocka_run_group_tests(tests, open_rig, close_rig);
}
