#include "rig.h"

#include "base/text.h"

#include <cjose/cjose.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>

#define PAYLOAD "{\"sub\":\"1001\",\"exp\":1900000000,\"act\":{\"sub\":\"app\"}}"

static void our_token_verifies_and_gives_its_claims(void **state)
{
	struct rig *rig = *state;
	const struct key *keys[] = { rig->elliptic, rig->rsa };
	for (size_t i = 0; i < 2; i++) {
		struct slice token = rig_sign(rig, keys[i], TOKEN_ACCESS, PAYLOAD);
		struct claims claims;
		int64_t expires = 0;
		assert_int_equal(jws_verify(token, TOKEN_ACCESS, rig->ring, &claims), RESULT_OK);
		assert_true(slice_is(claims_text(&claims, "sub"), "1001"));
		assert_true(slice_is(claims_member_text(&claims, "act", "sub"), "app"));
		assert_true(claims_int(&claims, "exp", &expires));
		assert_int_equal(expires, 1900000000);
		assert_true(claims_has(&claims, "act"));
		assert_false(claims_has(&claims, "gid"));
		assert_null(claims_text(&claims, "exp").ptr);
		assert_null(claims_text(&claims, "gid").ptr);
		assert_null(claims_member_text(&claims, "sub", "sub").ptr);
		assert_false(claims_int(&claims, "sub", &expires));
		claims_free(&claims);
	}
}

static void token_is_appended_behind_what_the_writer_holds(void **state)
{
	struct rig *rig = *state;
	struct writer writer = writer_new(rig->arena, 8);
	writer_text(&writer, "{\"access_token\":\"");
	assert_int_equal(jws_sign(rig->elliptic, TOKEN_ACCESS, slice_from(PAYLOAD), &writer), RESULT_OK);
	struct slice token = slice_skip(writer_slice(&writer), strlen("{\"access_token\":\""));
	assert_int_equal(rig_verify(rig, token, TOKEN_ACCESS), RESULT_OK);
}

static void another_library_verifies_our_token_with_the_published_key(void **state)
{
	struct rig *rig = *state;
	const struct key *keys[] = { rig->elliptic, rig->rsa };
	for (size_t i = 0; i < 2; i++) {
		struct slice token = rig_sign(rig, keys[i], TOKEN_ID, PAYLOAD);
		struct slice jwk_text = key_public_jwk(keys[i]);
		cjose_err error;
		cjose_jwk_t *jwk = cjose_jwk_import(jwk_text.ptr, jwk_text.len, &error);
		cjose_jws_t *jws = cjose_jws_import(token.ptr, token.len, &error);
		uint8_t *plain = NULL;
		size_t len = 0;
		assert_non_null(jwk);
		assert_non_null(jws);
		assert_true(cjose_jws_verify(jws, jwk, &error));
		assert_true(cjose_jws_get_plaintext(jws, &plain, &len, &error));
		assert_int_equal(len, strlen(PAYLOAD));
		assert_memory_equal(plain, PAYLOAD, len);
		cjose_jws_release(jws);
		cjose_jwk_release(jwk);
	}
}

static void every_signature_has_exactly_64_bytes(void **state)
{
	struct rig *rig = *state;
	/* r or s with leading zeros comes once in 128 signatures */
	for (int i = 0; i < 600; i++) {
		uint8_t signature[SIGNATURE_SIZE_MAX];
		size_t len = 0;
		struct slice input = arena_print(rig->arena, "message %d", i);
		assert_int_equal(signature_make(rig->elliptic, input, signature, &len), RESULT_OK);
		assert_int_equal(len, 64);
		assert_int_equal(signature_check(rig->elliptic, input, signature, len), RESULT_OK);
	}
}

static void a_change_to_any_byte_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice token = rig_sign(rig, rig->elliptic, TOKEN_ACCESS, PAYLOAD);
	char *bytes = (char *)arena_copy(rig->arena, token).ptr;
	for (size_t i = 0; i < token.len; i++) {
		char was = bytes[i];
		bytes[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(rig_verify(rig, (struct slice) { bytes, token.len }, TOKEN_ACCESS), RESULT_INVALID);
		bytes[i] = was;
	}
	assert_int_equal(rig_verify(rig, (struct slice) { bytes, token.len }, TOKEN_ACCESS), RESULT_OK);
}

static void every_shortened_token_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice token = rig_sign(rig, rig->elliptic, TOKEN_ACCESS, PAYLOAD);
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(rig_verify(rig, slice_first(token, len), TOKEN_ACCESS), RESULT_INVALID);
}

static void anything_behind_or_around_the_three_parts_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice token = rig_sign(rig, rig->elliptic, TOKEN_ACCESS, PAYLOAD);
	static const char *const forms[] = { "%.*s.", "%.*s.AA", "%.*s=", "%.*sA", "%.*s ", " %.*s", ".%.*s", "%.*s\n", "%.*s..", "Bearer %.*s" };
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		char text[2048];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof text, forms[i], SLICE_ARGS(token));
#pragma GCC diagnostic pop
		assert_int_equal(rig_verify(rig, slice_from(text), TOKEN_ACCESS), RESULT_INVALID);
	}
}

static void a_token_of_one_type_is_refused_as_another(void **state)
{
	struct rig *rig = *state;
	static const enum token_type types[] = { TOKEN_ACCESS, TOKEN_ID, TOKEN_LOGOUT };
	for (size_t made = 0; made < 3; made++) {
		struct slice token = rig_sign(rig, rig->elliptic, types[made], PAYLOAD);
		for (size_t wanted = 0; wanted < 3; wanted++)
			assert_int_equal(rig_verify(rig, token, types[wanted]), made == wanted ? RESULT_OK : RESULT_INVALID);
	}
}

static void both_spellings_of_the_access_token_type_pass_and_no_other(void **state)
{
	struct rig *rig = *state;
	static const struct {
		const char *typ;
		enum result result;
	} rows[] = {
		{ "at+jwt", RESULT_OK },
		{ "application/at+jwt", RESULT_OK },
		{ "JWT", RESULT_INVALID },
		{ "at+jwt ", RESULT_INVALID },
		{ "at+jwt\\u0000", RESULT_INVALID },
		{ "", RESULT_INVALID },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct slice header = arena_print(rig->arena, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%.*s\"}", rows[i].typ,
		                                  SLICE_ARGS(key_kid(rig->elliptic)));
		struct slice token = rig_forge(rig, rig->elliptic, header, slice_from(PAYLOAD));
		assert_int_equal(rig_verify(rig, token, TOKEN_ACCESS), rows[i].result);
	}
	struct slice untyped = arena_print(rig->arena, "{\"alg\":\"ES256\",\"kid\":\"%.*s\"}", SLICE_ARGS(key_kid(rig->elliptic)));
	assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, untyped, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
}

static void a_header_that_chooses_its_algorithm_is_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const wrong[] = { "none", "None", "HS256", "RS256", "ES384", "es256", "" };
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct slice header = rig_header(rig, wrong[i], key_kid(rig->elliptic), "");
		assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, header, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
	}
	struct slice under_rsa = rig_header(rig, "RS256", key_kid(rig->rsa), "");
	assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, under_rsa, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
	struct slice under_elliptic = rig_header(rig, "ES256", key_kid(rig->elliptic), "");
	assert_int_equal(rig_verify(rig, rig_forge(rig, rig->rsa, under_elliptic, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
}

static void alg_none_without_a_signature_is_refused(void **state)
{
	struct rig *rig = *state;
	struct writer writer = writer_new(rig->arena, 256);
	struct slice header = rig_header(rig, "none", key_kid(rig->elliptic), "");
	base64url_put(&writer, header.ptr, header.len);
	writer_byte(&writer, '.');
	base64url_put(&writer, PAYLOAD, strlen(PAYLOAD));
	writer_byte(&writer, '.');
	assert_int_equal(rig_verify(rig, writer_slice(&writer), TOKEN_ACCESS), RESULT_INVALID);
}

static void an_hmac_with_the_public_key_is_refused(void **state)
{
	struct rig *rig = *state;
	const struct key *keys[] = { rig->elliptic, rig->rsa };
	for (size_t i = 0; i < 2; i++) {
		uint8_t mac[EVP_MAX_MD_SIZE];
		unsigned mac_len = 0;
		struct slice public_key = key_public_jwk(keys[i]);
		struct slice header = rig_header(rig, "HS256", key_kid(keys[i]), "");
		struct writer writer = writer_new(rig->arena, 256);
		base64url_put(&writer, header.ptr, header.len);
		writer_byte(&writer, '.');
		base64url_put(&writer, PAYLOAD, strlen(PAYLOAD));
		assert_non_null(HMAC(EVP_sha256(), public_key.ptr, (int)public_key.len, (const uint8_t *)writer.bytes, writer.len, mac, &mac_len));
		writer_byte(&writer, '.');
		base64url_put(&writer, mac, mac_len);
		assert_int_equal(rig_verify(rig, writer_slice(&writer), TOKEN_ACCESS), RESULT_INVALID);
	}
}

static void a_kid_of_another_key_or_of_nobody_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice kids[] = { rig->stored[1].kid, SLICE_OF("unknown"), SLICE_OF(""), SLICE_OF("../../etc/passwd") };
	for (size_t i = 0; i < sizeof kids / sizeof kids[0]; i++) {
		struct slice header = rig_header(rig, "ES256", kids[i], "");
		assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, header, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
	}
	struct slice nameless = SLICE_OF("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}");
	assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, nameless, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
}

static void critical_and_unencoded_and_repeated_headers_are_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const more[] = {
		",\"crit\":[\"exp\"]",
		",\"crit\":[]",
		",\"crit\":null",
		",\"b64\":false",
		",\"b64\":true",
		",\"alg\":\"ES256\"",
		",\"kid\":\"other\"",
		",\"typ\":\"at+jwt\"",
		",\"\\u0061lg\":\"ES256\"",
		",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
	};
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		struct slice header = rig_header(rig, "ES256", key_kid(rig->elliptic), more[i]);
		assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, header, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
	}
	struct slice plain = rig_header(rig, "ES256", key_kid(rig->elliptic), ",\"other\":1");
	assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, plain, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_OK);
}

static void a_key_in_the_header_is_never_used(void **state)
{
	struct rig *rig = *state;
	struct key *stranger;
	assert_int_equal(key_generate(ALGORITHM_ES256, &stranger), RESULT_OK);
	struct slice jwk = key_public_jwk(stranger);
	struct slice more = arena_print(rig->arena, ",\"jwk\":%.*s", SLICE_ARGS(jwk));
	struct slice header = rig_header(rig, "ES256", key_kid(rig->elliptic), more.ptr);
	assert_int_equal(rig_verify(rig, rig_forge(rig, stranger, header, slice_from(PAYLOAD)), TOKEN_ACCESS), RESULT_INVALID);
	key_free(stranger);
}

static void a_payload_that_is_no_strict_object_is_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const payloads[] = {
		"",
		"[]",
		"1",
		"null",
		"\"text\"",
		"{",
		"{\"sub\":\"a\",\"sub\":\"b\"}",
		"{\"act\":{\"sub\":\"a\",\"sub\":\"b\"}}",
		"{} {}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
		"{'a':1}",
		"{\"a\":\"\xff\"}",
		"\xef\xbb\xbf{}",
	};
	struct slice header = rig_header(rig, "ES256", key_kid(rig->elliptic), "");
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
		assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, header, slice_from(payloads[i])), TOKEN_ACCESS), RESULT_INVALID);
	assert_int_equal(rig_verify(rig, rig_forge(rig, rig->elliptic, header, SLICE_OF("{}")), TOKEN_ACCESS), RESULT_OK);
}

static void an_over_long_token_is_refused(void **state)
{
	struct rig *rig = *state;
	struct slice header = rig_header(rig, "ES256", key_kid(rig->elliptic), "");
	for (int more = 0; more < 2; more++) {
		/* the largest payload that fits, and one group of base64url beyond */
		size_t size = (LIMIT_JWT_SIZE - 88 - header.len * 4 / 3 - 8) / 4 * 3 + (more == 0 ? 0 : 12);
		struct writer payload = writer_new(rig->arena, size);
		writer_text(&payload, "{\"a\":\"");
		while (payload.len < size - 2)
			writer_byte(&payload, 'x');
		writer_text(&payload, "\"}");
		struct slice token = rig_forge(rig, rig->elliptic, header, writer_slice(&payload));
		assert_int_equal(token.len <= LIMIT_JWT_SIZE, more == 0);
		assert_int_equal(rig_verify(rig, token, TOKEN_ACCESS), more == 0 ? RESULT_OK : RESULT_INVALID);
	}
}

static void zero_and_over_large_signature_numbers_are_refused(void **state)
{
	struct rig *rig = *state;
	uint8_t zero[64] = { 0 };
	uint8_t ones[64];
	memset(ones, 0xff, sizeof ones);
	struct slice input = SLICE_OF("message");
	assert_int_equal(signature_check(rig->elliptic, input, zero, sizeof zero), RESULT_INVALID);
	assert_int_equal(signature_check(rig->elliptic, input, ones, sizeof ones), RESULT_INVALID);
	assert_int_equal(signature_check(rig->elliptic, input, zero, 63), RESULT_INVALID);
	assert_int_equal(signature_check(rig->elliptic, input, zero, 0), RESULT_INVALID);
}

static void a_full_arena_fails_without_leaving_half_a_token_unseen(void **state)
{
	struct rig *rig = *state;
	struct arena *small = arena_new(256, 256);
	struct writer writer = writer_new(small, 16);
	assert_int_not_equal(jws_sign(rig->elliptic, TOKEN_ACCESS, slice_from(PAYLOAD), &writer), RESULT_OK);
	assert_false(writer_ok(&writer));
	arena_free(small);
}

struct signing_thread {
	const struct key *key;
	const struct key_ring *ring;
	int bad;
};

static void the_claimed_partition_is_found_whoever_signed_and_is_an_id_or_nothing(void **state)
{
	struct rig *rig = *state;
	struct partition_id claimed;
	assert_int_equal(jws_claimed_partition(rig_sign(rig, rig->elliptic, TOKEN_ACCESS, "{\"sub\":\"a\",\"partition\":\"TWO_2\",\"gid\":\"x\"}"), &claimed), RESULT_OK);
	assert_string_equal(claimed.text, "TWO_2");
	static const char *const none[] = {
		"{}", "{\"partition\":7}", "{\"partition\":\"\"}", "{\"partition\":\"a b\"}", "{\"partition\":\"a\\u0000\"}", "{\"sub\":\"\\\"partition\\\":\\\"TWO\\\"\"}",
		"{\"partition\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}",
	};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(jws_claimed_partition(rig_sign(rig, rig->elliptic, TOKEN_ACCESS, none[i]), &claimed), RESULT_INVALID);
	static const char *const no_tokens[] = { "", "..", "a.b.c", "a.!.c", "a.eyJwYXJ0aXRpb24iOiJUV08ifQ", "a.eyJwYXJ0aXRpb24iOiJUV08ifQ.c.d", ".eyJwYXJ0aXRpb24iOiJUV08ifQ.c" };
	for (size_t i = 0; i < sizeof no_tokens / sizeof no_tokens[0]; i++)
		assert_int_equal(jws_claimed_partition(slice_from(no_tokens[i]), &claimed), RESULT_INVALID);
	assert_int_equal(jws_claimed_partition(SLICE_OF("a.eyJwYXJ0aXRpb24iOiJUV08ifQ.c"), &claimed), RESULT_OK);
	assert_string_equal(claimed.text, "TWO");
}

/* Of every length, and with every byte at every place. */
static void the_table_decodes_what_the_constant_time_decoder_does(void **state)
{
	(void)state;
	char text[12];
	uint8_t ours[16], theirs[16];
	for (size_t len = 0; len < sizeof text; len++) {
		for (size_t at = 0; at < (len > 0 ? len : 1); at++) {
			for (int byte = 0; byte < 256; byte++) {
				size_t ours_len = 0, theirs_len = 0;
				memset(text, 'Q', sizeof text);
				text[at] = (char)byte;
				const enum result expected = text_base64url_decode((struct slice) { text, len }, theirs, sizeof theirs, &theirs_len);
				assert_int_equal(base64url_take((struct slice) { text, len }, ours, sizeof ours, &ours_len), expected);
				assert_int_equal(ours_len, theirs_len);
				assert_memory_equal(ours, theirs, ours_len);
			}
		}
	}
	size_t len;
	assert_int_equal(base64url_take(SLICE_OF("QUJD"), ours, 2, &len), RESULT_TOO_LARGE);
	assert_int_equal(base64url_take(SLICE_OF("QUJD"), ours, 3, &len), RESULT_OK);
}

static void *sign_many(void *context)
{
	struct signing_thread *thread = context;
	for (int i = 0; i < 100; i++) {
		struct arena *arena = arena_new(4096, 65536);
		struct writer writer = writer_new(arena, 512);
		struct claims claims;
		if (jws_sign(thread->key, TOKEN_ACCESS, slice_from(PAYLOAD), &writer) != RESULT_OK)
			thread->bad++;
		else if (jws_verify(writer_slice(&writer), TOKEN_ACCESS, thread->ring, &claims) != RESULT_OK)
			thread->bad++;
		else
			claims_free(&claims);
		arena_free(arena);
	}
	return NULL;
}

static void several_threads_sign_and_verify_with_one_key(void **state)
{
	struct rig *rig = *state;
	pthread_t threads[8];
	struct signing_thread works[8];
	for (size_t i = 0; i < 8; i++) {
		works[i] = (struct signing_thread) { i < 6 ? rig->elliptic : rig->rsa, rig->ring, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, &works[i]), 0);
	}
	for (size_t i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(works[i].bad, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_token_verifies_and_gives_its_claims),
		cmocka_unit_test(token_is_appended_behind_what_the_writer_holds),
		cmocka_unit_test(another_library_verifies_our_token_with_the_published_key),
		cmocka_unit_test(every_signature_has_exactly_64_bytes),
		cmocka_unit_test(a_change_to_any_byte_is_refused),
		cmocka_unit_test(every_shortened_token_is_refused),
		cmocka_unit_test(anything_behind_or_around_the_three_parts_is_refused),
		cmocka_unit_test(a_token_of_one_type_is_refused_as_another),
		cmocka_unit_test(both_spellings_of_the_access_token_type_pass_and_no_other),
		cmocka_unit_test(a_header_that_chooses_its_algorithm_is_refused),
		cmocka_unit_test(alg_none_without_a_signature_is_refused),
		cmocka_unit_test(an_hmac_with_the_public_key_is_refused),
		cmocka_unit_test(a_kid_of_another_key_or_of_nobody_is_refused),
		cmocka_unit_test(critical_and_unencoded_and_repeated_headers_are_refused),
		cmocka_unit_test(a_key_in_the_header_is_never_used),
		cmocka_unit_test(a_payload_that_is_no_strict_object_is_refused),
		cmocka_unit_test(an_over_long_token_is_refused),
		cmocka_unit_test(zero_and_over_large_signature_numbers_are_refused),
		cmocka_unit_test(a_full_arena_fails_without_leaving_half_a_token_unseen),
		cmocka_unit_test(the_claimed_partition_is_found_whoever_signed_and_is_an_id_or_nothing),
		cmocka_unit_test(the_table_decodes_what_the_constant_time_decoder_does),
		cmocka_unit_test(several_threads_sign_and_verify_with_one_key),
	};
	return cmocka_run_group_tests(tests, rig_begin, rig_end);
}
