#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/challenge.h"
#include "cli/show.h"
#include "cli/token_decode.h"
#include "cli/token_request.h"
#include "jose/json_strict.h"
#include "jose/jws.h"

#include <stdlib.h>

#define NOW 1800000000

static struct arena *arena;
static struct key *elliptic, *rsa, *stranger;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	return key_generate(ALGORITHM_ES256, &elliptic) != RESULT_OK || key_generate(ALGORITHM_RS256, &rsa) != RESULT_OK ||
	       key_generate(ALGORITHM_ES256, &stranger) != RESULT_OK;
}

static int end(void **state)
{
	(void)state;
	key_free(elliptic);
	key_free(rsa);
	key_free(stranger);
	arena_free(arena);
	return 0;
}

static struct slice signed_token(const struct key *key, const char *claims)
{
	struct writer token = writer_new(arena, 512);
	assert_int_equal(jws_sign(key, TOKEN_ACCESS, slice_from(claims), &token), RESULT_OK);
	return writer_slice(&token);
}

/* A token with any header; its signature is another's. */
static struct slice token_with_header(const char *header, struct slice of)
{
	struct writer token = writer_new(arena, 512);
	writer_base64url(&token, header, strlen(header));
	writer_put(&token, slice_skip(of, (size_t)((const char *)memchr(of.ptr, '.', of.len) - of.ptr)));
	return writer_slice(&token);
}

static json_t *key_set(const char *members)
{
	json_t *set;
	struct slice text = arena_print(arena, "{\"keys\":[%s]}", members);
	assert_int_equal(json_object_parse(text, &set), RESULT_OK);
	return set;
}

static enum signature_state verified(struct slice token, const char *keys, const char **ret_why)
{
	struct decoded_token decoded;
	struct token_verification verification;
	json_t *set = key_set(keys);
	token_take_apart(token, arena, &decoded);
	assert_int_equal(decoded.form, TOKEN_FORM_JWT);
	token_verify_with(token, decoded.header, set, arena, &verification);
	decoded_token_free(&decoded);
	json_decref(set);
	if (ret_why != NULL)
		*ret_why = verification.why;
	return verification.state;
}

static const char *jwk_of(const struct key *key)
{
	return arena_copy(arena, key_public_jwk(key)).ptr;
}

static void a_token_is_good_only_under_its_own_key(void **state)
{
	(void)state;
	const char *both = arena_print(arena, "%s,%s", jwk_of(elliptic), jwk_of(rsa)).ptr;
	const char *why;
	assert_int_equal(verified(signed_token(elliptic, "{}"), both, NULL), SIGNATURE_GOOD);
	assert_int_equal(verified(signed_token(rsa, "{}"), both, NULL), SIGNATURE_GOOD);
	assert_int_equal(verified(signed_token(stranger, "{}"), both, &why), SIGNATURE_UNKNOWN);
	assert_non_null(strstr(why, "no ES256 key"));
	assert_int_equal(verified(signed_token(elliptic, "{}"), "", &why), SIGNATURE_UNKNOWN);
}

static void a_changed_token_is_bad(void **state)
{
	(void)state;
	struct slice token = signed_token(elliptic, "{\"sub\":\"a\"}");
	char *bytes = (char *)arena_copy(arena, token).ptr;
	bytes[token.len - 10] = bytes[token.len - 10] == 'A' ? 'B' : 'A';
	assert_int_equal(verified((struct slice) { bytes, token.len }, jwk_of(elliptic), NULL), SIGNATURE_BAD);
}

static void no_header_makes_the_key_another_kind_of_key(void **state)
{
	(void)state;
	struct slice token = signed_token(rsa, "{}");
	struct slice kid = key_kid(rsa);
	static const char *const algorithms[] = { "none", "HS256", "ES256", "RS384", "EdDSA", "" };
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		const char *header = arena_print(arena, "{\"alg\":\"%s\",\"kid\":\"%.*s\"}", algorithms[i], SLICE_ARGS(kid)).ptr;
		assert_int_equal(verified(token_with_header(header, token), jwk_of(rsa), NULL), SIGNATURE_UNKNOWN);
	}
	const char *critical = arena_print(arena, "{\"alg\":\"RS256\",\"crit\":[\"x\"],\"kid\":\"%.*s\"}", SLICE_ARGS(kid)).ptr;
	assert_int_equal(verified(token_with_header(critical, token), jwk_of(rsa), NULL), SIGNATURE_UNKNOWN);
	/* an HMAC key in the set never counts, nor one that is for encryption */
	const char *header = "{\"alg\":\"HS256\",\"kid\":\"k\"}";
	assert_int_equal(verified(token_with_header(header, token), "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"k\"}", NULL), SIGNATURE_UNKNOWN);
}

static void keys_for_encryption_and_unreadable_keys_are_skipped(void **state)
{
	(void)state;
	struct slice kid = key_kid(elliptic);
	const char *junk = arena_print(arena, "1,{},{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%.*s\",\"x\":\"AA\",\"y\":\"AA\"},%s", SLICE_ARGS(kid),
	                               jwk_of(elliptic))
	                           .ptr;
	assert_int_equal(verified(signed_token(elliptic, "{}"), junk, NULL), SIGNATURE_GOOD);
	json_t *jwk;
	assert_int_equal(json_object_parse(key_public_jwk(elliptic), &jwk), RESULT_OK);
	json_object_set_new(jwk, "use", json_string("enc"));
	char *text = json_dumps(jwk, 0);
	assert_int_equal(verified(signed_token(elliptic, "{}"), text, NULL), SIGNATURE_UNKNOWN);
	free(text);
	json_decref(jwk);
}

static void what_is_no_jwt_is_said_so(void **state)
{
	(void)state;
	static const struct {
		const char *token;
		enum token_form form;
	} rows[] = {
		{ "", TOKEN_FORM_OPAQUE },
		{ "opaque", TOKEN_FORM_OPAQUE },
		{ "a.b.c", TOKEN_FORM_OPAQUE },
		{ "e30.e30.", TOKEN_FORM_JWT },
		{ "e30.e30", TOKEN_FORM_OPAQUE },
		{ "e30.W10.x", TOKEN_FORM_OPAQUE },
		{ "e30.a.b.c.d", TOKEN_FORM_ENCRYPTED },
		{ "e30.a.b.c.d.e", TOKEN_FORM_OPAQUE },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct decoded_token decoded;
		token_take_apart(slice_from(rows[i].token), arena, &decoded);
		assert_int_equal(decoded.form, rows[i].form);
		decoded_token_free(&decoded);
	}
}

static const char *explained(const char *claims)
{
	static char text[8192];
	struct decoded_token decoded;
	const struct token_verification verification = { SIGNATURE_GOOD, "", "k", "ES256" };
	token_take_apart(signed_token(elliptic, claims), arena, &decoded);
	FILE *out = fmemopen(text, sizeof text, "w");
	assert_non_null(out);
	token_explain(&decoded, &verification, NOW, arena, out);
	fclose(out);
	decoded_token_free(&decoded);
	return text;
}

static void claims_come_in_order_with_times_in_words(void **state)
{
	(void)state;
	const char *text = explained("{\"sub\":\"1001\",\"exp\":1800003540,\"iat\":1799999990,\"actor\":\"client\",\"custom\":[1]}");
	const char *sub = strstr(text, "  sub     1001 "), *expires = strstr(text, "expires in 59 min (2027-01-15T08:59:00Z)\n");
	const char *issued = strstr(text, "issued 10 s ago"), *actor = strstr(text, "names no person"), *custom = strstr(text, "  custom  [1]\n");
	assert_true(sub != NULL && sub < expires && expires < issued && issued < actor && actor < custom);
	assert_non_null(strstr(text, "signature: good (kid k, ES256)\n"));
	assert_non_null(strstr(explained("{\"exp\":1799999000}"), "EXPIRED 17 min ago"));
	assert_non_null(strstr(explained("{\"nbf\":1800000030}"), "NOT YET good, only in 30 s"));
	assert_non_null(strstr(explained("{\"exp\":\"soon\"}"), "not a time"));
	assert_non_null(strstr(explained("{\"exp\":-1}"), "an impossible time"));
	assert_non_null(strstr(explained("{\"exp\":1e300}"), "an impossible time"));
}

static void a_token_cannot_play_with_the_terminal(void **state)
{
	(void)state;
	const char *text = explained("{\"a\\u001b[2J\":\"\\u001b]0;x\\u0007\\n\\u009b\"}");
	assert_null(strchr(text, 0x1b));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_non_null(strstr(text, "\\x1b]0;x\\x07\\x0a\\xc2\\x9b"));
	assert_string_equal(show_text(arena, SLICE_OF("ok \xff\xc3\xa4"), 100), "ok \\xff\xc3\xa4");
	assert_string_equal(show_text(arena, SLICE_OF("abcdef"), 3), "abc…");
}

static void moments_are_told_from_now(void **state)
{
	(void)state;
	static const struct {
		int64_t away;
		const char *words;
	} rows[] = {
		{ 0, "now" },
		{ 1, "in 1 s" },
		{ 99, "in 99 s" },
		{ -30, "30 s ago" },
		{ 3540, "in 59 min" },
		{ 3600, "in 60 min" },
		{ 7200, "in 2 h" },
		{ 7500, "in 2 h 5 min" },
		{ -86400, "24 h ago" },
		{ 30 * 86400, "in 30 days" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(show_moment(arena, NOW + rows[i].away, NOW), rows[i].words);
	assert_string_equal(show_moment(arena, INT64_MAX, -NOW), "at an impossible time");
}

static void the_metadata_stands_between_host_and_path(void **state)
{
	(void)state;
	static const struct {
		const char *issuer, *url;
	} rows[] = {
		{ "https://a.example/system/auth/P-U", "https://a.example/.well-known/oauth-authorization-server/system/auth/P-U" },
		{ "https://a.example", "https://a.example/.well-known/oauth-authorization-server" },
		{ "https://a.example/", "https://a.example/.well-known/oauth-authorization-server" },
		{ "http://127.0.0.1:8080/x/", "http://127.0.0.1:8080/.well-known/oauth-authorization-server/x" },
		{ "ftp://a.example", NULL },
		{ "file:///etc/passwd", NULL },
		{ "https://a.example/?x", NULL },
		{ "", NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *url = issuer_metadata_url(arena, slice_from(rows[i].issuer));
		if (rows[i].url == NULL)
			assert_null(url);
		else
			assert_string_equal(url, rows[i].url);
	}
}

static void the_form_is_encoded_and_the_secret_is_in_one_place(void **state)
{
	(void)state;
	struct token_source source = { .client_id = "a:b c", .scope = "x.read y&z", .email = "j+n@example.com" };
	struct slice form, none = { NULL, 0 };
	const char *authorization;
	assert_int_equal(token_source_form(&source, SLICE_OF("s%=\xc3\xa4"), none, arena, &form, &authorization), RESULT_OK);
	assert_true(slice_is(form, "grant_type=password&scope=x.read+y%26z&subject_email=j%2Bn%40example.com&client_id=a%3Ab+c&"
	                           "client_secret=s%25%3D%C3%A4"));
	assert_null(authorization);
	source.basic = true;
	source.email = NULL;
	assert_int_equal(token_source_form(&source, SLICE_OF("s%="), none, arena, &form, &authorization), RESULT_OK);
	assert_true(slice_is(form, "grant_type=client_credentials&scope=x.read+y%26z"));
	assert_string_equal(authorization, "Authorization: Basic YSUzQWIrYzpzJTI1JTNE"); /* a%3Ab+c:s%25%3D */
}

static void an_exchange_names_the_type_of_its_token(void **state)
{
	(void)state;
	static const struct {
		const char *type, *urn;
	} rows[] = {
		{ NULL, "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt" },
		{ "id_token", "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token" },
		{ "userid", "urn%3Awrit%3Atoken-type%3Auserid" },
		{ "urn:x:y", "urn%3Ax%3Ay" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct token_source source = { .client_id = "a", .basic = true, .registration_id = "okta", .subject_token_type = rows[i].type };
		struct slice form;
		const char *authorization;
		assert_int_equal(token_source_form(&source, SLICE_OF("s"), SLICE_OF("e30."), arena, &form, &authorization), RESULT_OK);
		struct slice wanted = arena_print(arena, "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Atoken-exchange&subject_token=e30.&"
		                                         "subject_token_type=%s&registration_id=okta", rows[i].urn);
		assert_true(slice_equal(form, wanted));
	}
}

static void the_token_address_follows_realm_and_subject(void **state)
{
	(void)state;
	const char *url = NULL;
	struct token_source source = { .server = "http://127.0.0.1:8080//", .partition = "P_1" };
	assert_int_equal(token_request_url("token", &source, arena, &url), OPTIONS_GO);
	assert_string_equal(url, "http://127.0.0.1:8080/system/auth/P_1-U/oauth2/token");
	source.email = "a@b";
	assert_int_equal(token_request_url("token", &source, arena, &url), OPTIONS_GO);
	assert_string_equal(url, "http://127.0.0.1:8080/system/auth/P_1-C/oauth2/token");
	source.realm = "user";
	assert_int_equal(token_request_url("token", &source, arena, &url), OPTIONS_GO);
	assert_string_equal(url, "http://127.0.0.1:8080/system/auth/P_1-U/oauth2/token");
	source.realm = "users";
	assert_int_equal(token_request_url("token", &source, arena, &url), 2);
	source.realm = NULL;
	source.partition = "../x";
	assert_int_equal(token_request_url("token", &source, arena, &url), 2);
	source.partition = NULL;
	assert_int_equal(token_request_url("token", &source, arena, &url), 2);
	source.token_url = "https://other.example/token";
	assert_int_equal(token_request_url("token", &source, arena, &url), 2); /* and --server: which? */
	source.server = NULL;
	assert_int_equal(token_request_url("token", &source, arena, &url), OPTIONS_GO);
	assert_string_equal(url, "https://other.example/token");
}

static void a_challenge_is_told_in_words(void **state)
{
	(void)state;
	struct challenge challenge;
	challenge_read(SLICE_OF("Basic realm=\"no\", error=\"no\", bearer realm=\"P-U\", error=invalid_token , "
	                        "error_description=\"The \\\"token\\\" is, well, old\", scope=\"a b\""),
	               arena, &challenge);
	assert_true(challenge.bearer);
	assert_true(slice_is(challenge.realm, "P-U"));
	assert_true(slice_is(challenge.error, "invalid_token"));
	assert_true(slice_is(challenge.error_description, "The \"token\" is, well, old"));
	assert_string_equal(challenge_explain(&challenge, true, arena),
	                    "invalid_token: The \"token\" is, well, old (a token with the scope a b is needed)");
	challenge_read(SLICE_OF("Bearer realm=\"x\""), arena, &challenge);
	assert_non_null(strstr(challenge_explain(&challenge, false, arena), "wants a token"));
	assert_non_null(strstr(challenge_explain(&challenge, true, arena), "not accepted"));
	challenge_read(SLICE_OF("Basic realm=\"x\", error=\"y\""), arena, &challenge);
	assert_false(challenge.bearer);
	assert_null(challenge.error.ptr);
	static const char *const broken[] = { "", "=", "Bearer", "Bearer =", "Bearer error=\"", "Bearer error=\"\\", ",,,", "Bearer \"x\"" };
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		challenge_read(slice_from(broken[i]), arena, &challenge);
		assert_int_equal(challenge.realm.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_good_only_under_its_own_key),
		cmocka_unit_test(a_changed_token_is_bad),
		cmocka_unit_test(no_header_makes_the_key_another_kind_of_key),
		cmocka_unit_test(keys_for_encryption_and_unreadable_keys_are_skipped),
		cmocka_unit_test(what_is_no_jwt_is_said_so),
		cmocka_unit_test(claims_come_in_order_with_times_in_words),
		cmocka_unit_test(a_token_cannot_play_with_the_terminal),
		cmocka_unit_test(moments_are_told_from_now),
		cmocka_unit_test(the_metadata_stands_between_host_and_path),
		cmocka_unit_test(the_form_is_encoded_and_the_secret_is_in_one_place),
		cmocka_unit_test(an_exchange_names_the_type_of_its_token),
		cmocka_unit_test(the_token_address_follows_realm_and_subject),
		cmocka_unit_test(a_challenge_is_told_in_words),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
