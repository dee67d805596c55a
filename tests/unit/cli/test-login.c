#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/client_http.h"
#include "cli/login/browser_open.h"
#include "cli/login/callback.h"
#include "cli/login/id_token.h"
#include "cli/login/issuer_metadata.h"
#include "cli/login/login_flow.h"
#include "cli/login/loopback.h"
#include "cli/login/pkce.h"
#include "jose/json_strict.h"

#include <stdlib.h>

#define PORT 8400
#define HOST "Host: 127.0.0.1:8400\r\n"
#define STATE "0123456789012345678901234567890123456789012"
#define NOW 1800000000

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	return arena == NULL;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- PKCE -------------------------------------------------------------------------------------------------- */

static void the_challenge_is_that_of_rfc_7636_appendix_b(void **state)
{
	(void)state;
	char challenge[UNGUESSABLE_SIZE];
	code_challenge_make(SLICE_OF("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), challenge);
	assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void a_verifier_is_43_allowed_characters_and_new_each_time(void **state)
{
	(void)state;
	char one[UNGUESSABLE_SIZE], other[UNGUESSABLE_SIZE];
	unguessable_make(one);
	unguessable_make(other);
	assert_int_equal(strlen(one), 43);
	assert_int_equal(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	assert_string_not_equal(one, other);
}

static void an_authorization_request_is_encoded_and_keeps_the_endpoints_own_query(void **state)
{
	(void)state;
	const struct login_request request = { .client.id = "a b&c=d", .scope = "openid api.read", .redirect_path = "/callback" };
	const struct login_secrets secrets = { .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", .state = "S", .nonce = "N" };
	const char *url = authorization_url_make("https://a.example/go?x=1", &request, &secrets, "http://127.0.0.1:1/callback", arena);
	assert_string_equal(url, "https://a.example/go?x=1&response_type=code&client_id=a+b%26c%3Dd"
	                         "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&scope=openid+api.read&state=S&nonce=N"
	                         "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
	url = authorization_url_make("https://a.example/go", &request, &secrets, "http://127.0.0.1:1/callback", arena);
	assert_non_null(strstr(url, "https://a.example/go?response_type=code&"));
	assert_true(browser_address_is_safe(url));
	assert_null(strstr(url, secrets.verifier));
}

/* ---- the callback's parameters ----------------------------------------------------------------------------- */

static enum result read_query(struct slice query, struct callback *ret)
{
	*ret = (struct callback) { .code = { NULL, 0 } };
	return callback_read(query, SLICE_OF(STATE), arena, ret);
}

static void assert_query(const char *query, enum result expected)
{
	struct callback callback;
	assert_int_equal(read_query(slice_from(query), &callback), expected);
	if (expected != RESULT_OK)
		assert_null(callback.code.ptr);
}

static void a_callback_is_decoded(void **state)
{
	(void)state;
	struct callback callback;
	assert_int_equal(read_query(SLICE_OF("code=a%2Bb+c%c3%a4&iss=https%3a%2F%2Fa.example&st%61te=" STATE "&more=x&"), &callback), RESULT_OK);
	assert_true(slice_is(callback.code, "a+b c\xc3\xa4"));
	assert_true(slice_is(callback.iss, "https://a.example"));
	assert_null(callback.error.ptr);
	assert_int_equal(read_query(SLICE_OF("error=access_denied&error_description=no%20thanks&state=" STATE), &callback), RESULT_OK);
	assert_true(slice_is(callback.error, "access_denied"));
	assert_true(slice_is(callback.error_description, "no thanks"));
	assert_null(callback.code.ptr);
}

static void a_callback_with_another_state_or_none_is_not_ours(void **state)
{
	(void)state;
	assert_query("code=a&state=0123456789012345678901234567890123456789013", RESULT_CONFLICT);
	assert_query("code=a&state=1123456789012345678901234567890123456789012", RESULT_CONFLICT);
	assert_query("code=a&state=012345678901234567890123456789012345678901", RESULT_CONFLICT);
	assert_query("code=a&state=" STATE "2", RESULT_CONFLICT);
	assert_query("code=a&state=", RESULT_CONFLICT);
	assert_query("code=a&State=" STATE, RESULT_CONFLICT);
	assert_query("code=a", RESULT_CONFLICT);
	assert_query("", RESULT_CONFLICT);
	struct callback callback;
	assert_int_equal(read_query((struct slice) { NULL, 0 }, &callback), RESULT_CONFLICT);
}

static void a_callback_with_two_codes_or_states_is_refused(void **state)
{
	(void)state;
	assert_query("code=a&code=b&state=" STATE, RESULT_INVALID);
	assert_query("code=a&code=a&state=" STATE, RESULT_INVALID);
	assert_query("code=a&c%6fde=&state=" STATE, RESULT_INVALID);
	assert_query("code=a&state=" STATE "&state=" STATE, RESULT_INVALID);
	assert_query("code=a&iss=x&iss=y&state=" STATE, RESULT_INVALID);
}

static void a_callback_has_a_code_or_an_error_and_never_both(void **state)
{
	(void)state;
	assert_query("code=a&error=b&state=" STATE, RESULT_INVALID);
	assert_query("state=" STATE, RESULT_INVALID);
	assert_query("code=&state=" STATE, RESULT_INVALID);
}

static void hostile_bytes_in_a_callback_are_refused(void **state)
{
	(void)state;
	assert_query("code=a%00b&state=" STATE, RESULT_INVALID);
	assert_query("code=a%0d%0ab&state=" STATE, RESULT_INVALID);
	assert_query("code=%ff&state=" STATE, RESULT_INVALID);
	assert_query("code=%c0%af&state=" STATE, RESULT_INVALID);
	assert_query("code=%&state=" STATE, RESULT_INVALID);
	assert_query("code=%4&state=" STATE, RESULT_INVALID);
	assert_query("code=a&state=" STATE "&x=%zz", RESULT_INVALID);
	struct callback callback;
	assert_int_equal(read_query(SLICE_OF("code=a\0b&state=" STATE), &callback), RESULT_INVALID);
}

static void an_over_long_code_or_too_many_parameters_are_refused(void **state)
{
	(void)state;
	struct callback callback;
	struct writer query = writer_new(arena, 8192);
	writer_text(&query, "state=" STATE "&code=");
	for (int i = 0; i < LIMIT_CALLBACK_PARAMETER; i++)
		writer_byte(&query, 'x');
	assert_int_equal(read_query(writer_slice(&query), &callback), RESULT_OK);
	assert_int_equal(callback.code.len, LIMIT_CALLBACK_PARAMETER);
	writer_byte(&query, 'x');
	assert_int_equal(read_query(writer_slice(&query), &callback), RESULT_INVALID);
	query.len = 0;
	writer_text(&query, "state=" STATE "&code=a");
	for (int i = 0; i < LIMIT_PARAMETERS; i++)
		writer_print(&query, "&p%d=1", i);
	assert_int_equal(read_query(writer_slice(&query), &callback), RESULT_INVALID);
}

static void the_issuer_in_a_response_must_be_the_one_that_was_asked(void **state)
{
	(void)state;
	const struct callback right = { .iss = SLICE("https://a.example/x") }, none = { .iss = { NULL, 0 } };
	const struct callback wrong = { .iss = SLICE("https://a.example/x/") };
	assert_true(callback_issuer_is_right(&right, "https://a.example/x", true));
	assert_true(callback_issuer_is_right(&right, "https://a.example/x", false));
	assert_true(callback_issuer_is_right(&none, "https://a.example/x", false));
	assert_false(callback_issuer_is_right(&none, "https://a.example/x", true));
	assert_false(callback_issuer_is_right(&wrong, "https://a.example/x", true));
	assert_false(callback_issuer_is_right(&wrong, "https://a.example/x", false));
}

/* ---- the loopback address ---------------------------------------------------------------------------------- */

static enum result read_head(struct slice bytes, struct loopback_request *ret)
{
	*ret = (struct loopback_request) { .path = { NULL, 0 } };
	return loopback_request_read(bytes, PORT, ret);
}

static void a_request_is_read_when_all_of_its_head_has_come(void **state)
{
	(void)state;
	static const char whole[] = "GET /callback?code=a&x=?y HTTP/1.1\r\nUser-Agent: x\r\nhOsT: \t127.0.0.1:8400 \r\n\r\n";
	struct loopback_request request;
	for (size_t len = 0; len < strlen(whole); len++)
		assert_int_equal(read_head((struct slice) { whole, len }, &request), RESULT_BUSY);
	assert_int_equal(read_head(slice_from(whole), &request), RESULT_OK);
	assert_true(slice_is(request.path, "/callback"));
	assert_true(slice_is(request.query, "code=a&x=?y"));
	assert_int_equal(read_head(SLICE_OF("GET /done HTTP/1.0\r\n" HOST "\r\nsurplus"), &request), RESULT_OK);
	assert_null(request.query.ptr);
}

static void only_get_requests_for_this_very_address_are_taken(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"POST /callback HTTP/1.1\r\n" HOST "\r\n",
		"get /callback HTTP/1.1\r\n" HOST "\r\n",
		"GET /callback HTTP/1.1\r\n\r\n",
		"GET /callback HTTP/1.1\r\nHost: localhost:8400\r\n\r\n",
		"GET /callback HTTP/1.1\r\nHost: evil.example:8400\r\n\r\n",
		"GET /callback HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"GET /callback HTTP/1.1\r\nHost: 127.0.0.1:84\r\n\r\n",
		"GET /callback HTTP/1.1\r\n" HOST HOST "\r\n",
		"GET /callback HTTP/1.1\r\n" HOST "Host: evil.example\r\n\r\n",
	};
	struct loopback_request request;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_int_equal(read_head(slice_from(lines[i]), &request), RESULT_NOT_FOUND);
}

static void what_is_no_request_is_refused(void **state)
{
	(void)state;
	static const struct slice heads[] = {
		SLICE("GET /callback HTTP/2.0\r\n" HOST "\r\n"),
		SLICE("GET /callback\r\n" HOST "\r\n"),
		SLICE("GET  /callback HTTP/1.1\r\n" HOST "\r\n"),
		SLICE("GET /call back HTTP/1.1\r\n" HOST "\r\n"),
		SLICE("GET callback HTTP/1.1\r\n" HOST "\r\n"),
		SLICE("GET http://127.0.0.1:8400/callback HTTP/1.1\r\n" HOST "\r\n"),
		SLICE("GET /call\0back HTTP/1.1\r\n" HOST "\r\n"),
		SLICE("GET /call\x80 HTTP/1.1\r\n" HOST "\r\n"),
		SLICE("GET /callback HTTP/1.1\n" HOST "\r\n"),
		SLICE("GET /callback HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"),
		SLICE("GET /callback HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"),
		SLICE("GET /callback HTTP/1.1\r\n" HOST "no colon\r\n\r\n"),
		SLICE("\r\n\r\n"),
		SLICE("\0\r\n\r\n"),
	};
	struct loopback_request request;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		assert_int_equal(read_head(heads[i], &request), RESULT_INVALID);
	char *endless = arena_alloc(arena, LIMIT_CALLBACK_SIZE);
	assert_non_null(endless);
	memset(endless, 'A', LIMIT_CALLBACK_SIZE);
	assert_int_equal(read_head((struct slice) { endless, LIMIT_CALLBACK_SIZE - 1 }, &request), RESULT_BUSY);
	assert_int_equal(read_head((struct slice) { endless, LIMIT_CALLBACK_SIZE }, &request), RESULT_TOO_LARGE);
}

static void a_page_escapes_all_that_it_is_given(void **state)
{
	(void)state;
	const struct loopback_reply reply = { 200, NULL, "<script>&\"'", "</p><b>" };
	struct slice bytes = loopback_reply_write(&reply, arena);
	const char *text = arena_copy(arena, bytes).ptr;
	assert_non_null(text);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "<b>"));
	assert_non_null(strstr(text, "&lt;script&gt;&amp;&quot;"));
	assert_null(strstr(text, "Location"));
}

/* ---- addresses --------------------------------------------------------------------------------------------- */

static void only_https_and_this_machine_are_private(void **state)
{
	(void)state;
	static const char *const good[] = { "https://a.example/x", "HTTPS://a.example", "http://127.0.0.1:1/", "http://127.8.9.1/", "http://[::1]:80/x",
		                            "http://localhost/x", "http://LOCALHOST:8080", "http://user@127.0.0.1/" };
	static const char *const bad[] = { "http://a.example/", "http://127.0.0.1@a.example/", "http://a.example#@127.0.0.1", "http://127.0.0.1.a.example/",
		                           "http://localhost.a.example/", "http://[::2]/", "ftp://127.0.0.1/", "file:///etc/passwd", "a.example",
		                           "127.0.0.1", "", "//127.0.0.1/", "http://", "http://128.0.0.1/", "http://a.example\\@127.0.0.1/",
		                           "http://[::ffff:127.0.0.1]/", "javascript:x" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!client_http_is_private(good[i]))
			fail_msg("%s is private", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (client_http_is_private(bad[i]))
			fail_msg("%s is not private", bad[i]);
}

static void a_browser_is_only_given_a_plain_web_address(void **state)
{
	(void)state;
	static const char *const bad[] = { "javascript:alert(1)", "file:///etc/passwd", "-x", "", "https://a/$(id)", "https://a/`id`", "https://a/'",
		                           "https://a/\"", "https://a/;id", "https://a/|id", "https://a/ b", "https://a/\n", "https://a/#x",
		                           "https://a/\xc3\xa4", "https://a/\\", " https://a/" };
	assert_true(browser_address_is_safe("https://a.example:1/b-c_d.e~f?g=%20&h=[1]"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (browser_address_is_safe(bad[i]))
			fail_msg("%s is safe", bad[i]);
		assert_int_equal(browser_open(bad[i], arena), RESULT_INVALID);
	}
}

/* ---- metadata and ID token --------------------------------------------------------------------------------- */

static json_t *object_of(const char *text)
{
	json_t *object;
	assert_int_equal(json_object_parse(slice_from(text), &object), RESULT_OK);
	return object;
}

static void metadata_must_name_the_issuer_that_was_asked_for(void **state)
{
	(void)state;
	struct issuer_metadata metadata;
	struct problem problem;
	json_t *document = object_of("{\"issuer\":\"https://a.example\",\"authorization_endpoint\":\"https://a.example/go\","
	                             "\"token_endpoint\":\"https://b.example/t\",\"authorization_response_iss_parameter_supported\":\"true\"}");
	assert_int_equal(issuer_metadata_judge(document, "https://a.example/", arena, &metadata, &problem), RESULT_INVALID);
	assert_non_null(strstr(problem.text, "another issuer, \"https://a.example\""));
	assert_int_equal(issuer_metadata_judge(document, "https://A.example", arena, &metadata, &problem), RESULT_INVALID);
	assert_int_equal(issuer_metadata_judge(document, "https://a.example", arena, &metadata, &problem), RESULT_OK);
	assert_string_equal(metadata.token_endpoint, "https://b.example/t");
	assert_null(metadata.jwks_uri);
	assert_false(metadata.iss_promised); /* a text is no truth value */
	json_object_set_new(document, "authorization_response_iss_parameter_supported", json_true());
	assert_int_equal(issuer_metadata_judge(document, "https://a.example", arena, &metadata, &problem), RESULT_OK);
	assert_true(metadata.iss_promised);
	json_object_set_new(document, "jwks_uri", json_string("http://a.example/keys"));
	assert_int_equal(issuer_metadata_judge(document, "https://a.example", arena, &metadata, &problem), RESULT_INVALID);
	json_decref(document);
}

#define CLAIMS(more) "{\"iss\":\"https://a.example\",\"sub\":\"7\",\"nonce\":\"N\",\"iat\":1799999990,\"exp\":1800000010," more "}"

static const char *judged(const char *header, const char *claims)
{
	const struct id_token_expected expected = { "https://a.example", "app", "N", SLICE("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), NOW };
	json_t *head = object_of(header), *body = object_of(claims);
	const char *why = id_token_judge(head, body, &expected, arena);
	json_decref(head);
	json_decref(body);
	return why;
}

static void assert_judged(const char *header, const char *claims, const char *words)
{
	const char *why = judged(header, claims);
	if (why == NULL || strstr(why, words) == NULL)
		fail_msg("%s: %s", claims, why == NULL ? "accepted" : why);
}

static void an_id_token_for_us_is_right(void **state)
{
	(void)state;
	assert_null(judged("{\"alg\":\"ES256\"}", CLAIMS("\"aud\":\"app\"")));
	assert_null(judged("{\"alg\":\"ES256\",\"typ\":\"JWT\"}", CLAIMS("\"aud\":[\"app\"]")));
	assert_null(judged("{\"alg\":\"ES256\",\"typ\":\"jwt\"}", CLAIMS("\"aud\":[\"other\",\"app\"],\"azp\":\"app\"")));
	/* the example of OpenID Connect Core appendix A.3 */
	assert_null(judged("{\"alg\":\"RS256\"}", CLAIMS("\"aud\":\"app\",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"")));
}

static void an_id_token_that_is_not_for_us_is_refused(void **state)
{
	(void)state;
	assert_judged("{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", CLAIMS("\"aud\":\"app\""), "another kind");
	assert_judged("{}", CLAIMS("\"aud\":\"other\""), "another client application");
	assert_judged("{}", CLAIMS("\"aud\":[\"other\"]"), "another client application");
	assert_judged("{}", CLAIMS("\"aud\":[\"app\",\"other\"]"), "another client application");
	assert_judged("{}", CLAIMS("\"aud\":\"app\",\"azp\":\"other\""), "another client application");
	assert_judged("{}", CLAIMS("\"aud\":\"app\",\"azp\":7"), "another client application");
	assert_judged("{}", CLAIMS("\"aud\":7"), "another client application");
	assert_judged("{}", CLAIMS("\"azp\":\"app\""), "another client application");
	assert_judged("{\"alg\":\"RS256\"}", CLAIMS("\"aud\":\"app\",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RR\""), "at_hash");
	assert_judged("{\"alg\":\"RS256\"}", CLAIMS("\"aud\":\"app\",\"at_hash\":7"), "at_hash");
	assert_judged("{}", "{\"iss\":\"https://b.example\",\"aud\":\"app\"}", "another issuer");
	assert_judged("{}", "{\"aud\":\"app\"}", "another issuer");
}

static void an_id_token_is_for_this_sign_in_and_this_moment(void **state)
{
	(void)state;
#define TIMES(nonce, iat, exp) \
	"{\"iss\":\"https://a.example\",\"sub\":\"7\",\"aud\":\"app\",\"nonce\":\"" nonce "\",\"iat\":" iat ",\"exp\":" exp "}"
	assert_null(judged("{}", TIMES("N", "1800000030", "1800000031")));
	assert_judged("{}", TIMES("M", "1800000000", "1800000010"), "nonce");
	assert_judged("{}", TIMES("N", "1800000000", "1800000000"), "expired");
	assert_judged("{}", TIMES("N", "1800000031", "1800000040"), "future");
	assert_judged("{}", TIMES("N", "\"x\"", "1800000040"), "does not say when");
	assert_judged("{}", "{\"iss\":\"https://a.example\",\"sub\":\"7\",\"aud\":\"app\"}", "nonce");
	assert_judged("{}", "{\"iss\":\"https://a.example\",\"aud\":\"app\",\"nonce\":\"N\"}", "nobody");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_is_that_of_rfc_7636_appendix_b),
		cmocka_unit_test(a_verifier_is_43_allowed_characters_and_new_each_time),
		cmocka_unit_test(an_authorization_request_is_encoded_and_keeps_the_endpoints_own_query),
		cmocka_unit_test(a_callback_is_decoded),
		cmocka_unit_test(a_callback_with_another_state_or_none_is_not_ours),
		cmocka_unit_test(a_callback_with_two_codes_or_states_is_refused),
		cmocka_unit_test(a_callback_has_a_code_or_an_error_and_never_both),
		cmocka_unit_test(hostile_bytes_in_a_callback_are_refused),
		cmocka_unit_test(an_over_long_code_or_too_many_parameters_are_refused),
		cmocka_unit_test(the_issuer_in_a_response_must_be_the_one_that_was_asked),
		cmocka_unit_test(a_request_is_read_when_all_of_its_head_has_come),
		cmocka_unit_test(only_get_requests_for_this_very_address_are_taken),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(a_page_escapes_all_that_it_is_given),
		cmocka_unit_test(only_https_and_this_machine_are_private),
		cmocka_unit_test(a_browser_is_only_given_a_plain_web_address),
		cmocka_unit_test(metadata_must_name_the_issuer_that_was_asked_for),
		cmocka_unit_test(an_id_token_for_us_is_right),
		cmocka_unit_test(an_id_token_that_is_not_for_us_is_refused),
		cmocka_unit_test(an_id_token_is_for_this_sign_in_and_this_moment),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
