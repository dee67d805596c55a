#include "rig.h"

#define JTI "01890a5d-ac96-774b-bcce-b302099a8057"
#define FAMILY "01890a5d-ac96-774b-bcce-b302099a8059"
#define USERS "\"" ISSUER "-U\""
#define CUSTOMERS "\"" ISSUER "-C\""
#define OTHER_JTI "01890a5d-ac96-774b-bcce-b302099a8058"

static void answers(const struct writ_decision *decision, int status, const char *error, const char *in_challenge)
{
	assert_int_equal(decision->status, status);
	assert_string_equal(decision->error, error);
	assert_int_equal(decision->www_authenticate != NULL, in_challenge != NULL);
	if (in_challenge != NULL && strstr(decision->www_authenticate, in_challenge) == NULL)
		fail_msg("%s lacks %s", decision->www_authenticate, in_challenge);
	assert_int_equal(decision->error_description[0] == '\0', status == 200);
	const char *const texts[] = { decision->error_description, decision->www_authenticate == NULL ? "" : decision->www_authenticate };
	for (size_t i = 0; i < 2; i++)
		for (const char *c = texts[i]; *c != '\0'; c++)
			assert_true(*c >= 0x20 && *c <= 0x7e && (i == 1 || (*c != '"' && *c != '\\')));
}

static void every_verdict_comes_with_what_to_answer(void **state)
{
	struct rig *rig = *state;
	const struct writ_decision *decision = &rig->decision;
	const char *user = rig_bearer(rig, rig->elliptic, NULL);
	const char *client = rig_bearer(rig, rig->elliptic, CHANGES("actor", "\"client\"", "scope", "\"read\""));
	assert_int_equal(rig_decide(rig, "GET", "/orders/7?x=/../%2f", user), WRIT_ALLOWED);
	answers(decision, 200, "", NULL);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7%2f8", user), WRIT_BAD_ADDRESS);
	answers(decision, 400, "invalid_request", NULL);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", NULL), WRIT_NO_TOKEN);
	answers(decision, 401, "", "Bearer realm=\"" AUDIENCE "\"");
	assert_null(strstr(decision->www_authenticate, "error"));
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", "Bearer x"), WRIT_BAD_TOKEN);
	answers(decision, 401, "invalid_token", "Bearer realm=\"" AUDIENCE "\", error=\"invalid_token\", error_description=\"The access token");
	assert_int_equal(rig_decide(rig, "GET", "/unlisted", user), WRIT_NOT_LISTED);
	answers(decision, 403, "access_denied", NULL);
	assert_int_equal(rig_decide(rig, "DELETE", "/orders/7", user), WRIT_NOT_LISTED);
	assert_int_equal(rig_decide(rig, "GET", "/closed", user), WRIT_CLOSED);
	answers(decision, 403, "access_denied", NULL);
	assert_int_equal(rig_decide(rig, "GET", "/open", user), WRIT_WRONG_ACTOR);
	answers(decision, 403, "insufficient_scope", "error=\"insufficient_scope\"");
	assert_non_null(strstr(decision->error_description, "anonymous token endpoint"));
	assert_non_null(strstr(decision->error_description, "sign the customer in"));
	assert_int_equal(rig_decide(rig, "PUT", "/orders/7", user), WRIT_SCOPE_MISSING);
	answers(decision, 403, "insufficient_scope", ", scope=\"read manage\"");
	assert_string_equal(decision->required_scope, "read manage");
	/* a client's token with a delegated scope: a person is not there, and the application permission is not either */
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", client), WRIT_SCOPE_MISSING);
	assert_string_equal(decision->required_scope, ".default");
}

static void a_decision_tells_what_the_token_says_and_which_operation_it_is(void **state)
{
	struct rig *rig = *state;
	const struct writ_decision *decision = &rig->decision;
	const char *acting = rig_bearer(rig, rig->rsa, CHANGES("scope", "\"obo.read\"", "act", "{\"sub\":\"app-1\"}", "gid", "\"g\"", "jti", "\"" JTI "\""));
	for (int turn = 0; turn < 2; turn++) { /* new, then remembered */
		assert_int_equal(rig_decide(rig, "HEAD", "//orders/./%37", acting), WRIT_ALLOWED);
		assert_string_equal(decision->partition, "ONE");
		assert_string_equal(decision->actor, "user");
		assert_string_equal(decision->subject, "1001");
		assert_string_equal(decision->client_id, "app-1");
		assert_string_equal(decision->acting_client, "app-1");
		assert_string_equal(decision->scope, "obo.read");
		assert_string_equal(decision->token_id, JTI);
		assert_string_equal(decision->grant_id, "g");
		assert_in_range(decision->expires_at, clock_s(), clock_s() + 600);
		assert_string_equal(decision->api, "orders");
		assert_string_equal(decision->operation_id, "getOrder");
		assert_string_equal(decision->operation, "GET /orders/{id}");
		assert_string_equal(decision->path, "/orders/7");
	}
	const char *direct = rig_bearer(rig, rig->elliptic, NULL);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", direct), WRIT_ALLOWED);
	assert_null(decision->acting_client);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", NULL), WRIT_NO_TOKEN);
	assert_true(decision->subject == NULL && decision->partition == NULL && decision->operation == NULL && decision->expires_at == 0);
}

static void each_actor_gets_what_is_open_to_it_and_nothing_else(void **state)
{
	struct rig *rig = *state;
	static const struct {
		const char *actor, *scope, *act, *target;
		enum writ_verdict expected;
	} cases[] = {
		{ "\"customer\"", "\"read\"", "", "/orders/7", WRIT_WRONG_ACTOR },
		{ "\"customer\"", "\"\"", "", "/open", WRIT_ALLOWED },
		{ "\"customer\"", "\"\"", "{\"sub\":\"a\"}", "/open", WRIT_WRONG_ACTOR },
		{ "\"anonymous_customer\"", "\"x\"", "", "/open", WRIT_ALLOWED },
		{ "\"anonymous_customer\"", "\"read\"", "", "/orders/7", WRIT_WRONG_ACTOR },
		{ "\"anonymous_customer\"", "\"x\"", "{\"sub\":\"a\"}", "/open", WRIT_BAD_TOKEN },
		{ "\"user\"", "\"obo.read\"", "", "/orders/7", WRIT_SCOPE_MISSING },
		{ "\"user\"", "\"read\"", "{\"sub\":\"a\"}", "/orders/7", WRIT_SCOPE_MISSING },
		{ "\"client\"", "\"app.a\"", "", "/orders/7", WRIT_ALLOWED },
		{ "\"client\"", "\"app.unknown\"", "", "/orders/7", WRIT_SCOPE_MISSING },
		{ "\"client\"", "\"app.a\"", "{\"sub\":\"a\"}", "/orders/7", WRIT_BAD_TOKEN },
		{ "\"user\"", "\"app.a\"", "", "/orders/7", WRIT_SCOPE_MISSING },
		{ "\"admin\"", "\"read\"", "", "/orders/7", WRIT_BAD_TOKEN },
		{ "\"user_on_behalf_of\"", "\"obo.read\"", "", "/orders/7", WRIT_BAD_TOKEN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const bool anonymous = strstr(cases[i].actor, "anonymous") != NULL, customer = strstr(cases[i].actor, "customer") != NULL;
		const char *bearer = rig_bearer(rig, rig->elliptic, CHANGES("actor", cases[i].actor, "scope", cases[i].scope, "iss", customer ? CUSTOMERS : USERS,
		                                                            "client_id", anonymous ? "\"anonymous\"" : "\"app-1\"",
		                                                            cases[i].act[0] == '\0' ? NULL : "act", cases[i].act));
		if (rig_decide(rig, "GET", cases[i].target, bearer) != cases[i].expected)
			fail_msg("%s with %s at %s: %d", cases[i].actor, cases[i].scope, cases[i].target, (int)rig->decision.verdict);
	}
}

static void a_token_that_lacks_a_claim_is_refused(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", rig_bearer(rig, rig->elliptic, NULL)), WRIT_ALLOWED);
	/* "scope":"" is a token without scope */
	static const char *const values[] = { "", "null", "[]", "{}", "true", "\"\"" };
	for (size_t i = 0; i < RIG_CLAIMS; i++)
		for (size_t value = 0; value < sizeof values / sizeof values[0] - (strcmp(rig_claims[i], "scope") == 0 ? 1 : 0); value++)
			if (rig_decide(rig, "GET", "/orders/7", rig_bearer(rig, rig->elliptic, CHANGES(rig_claims[i], values[value]))) != WRIT_BAD_TOKEN)
				fail_msg("%s = %s is good", rig_claims[i], values[value]);
}

static void a_token_for_somebody_else_is_refused(void **state)
{
	struct rig *rig = *state;
	static const char *const changes[][2] = {
		{ "iss", "\"https://auth.example.test/system/auth/TWO-U\"" },
		{ "iss", "\"https://elsewhere.test/system/auth/ONE-U\"" },
		{ "iss", "\"" ISSUER "\"" },
		{ "aud", "\"https://auth.example.test/admin/v1\"" },
		{ "aud", "\"" AUDIENCE "/\"" },
		{ "aud", "[\"" AUDIENCE "\",\"other\"]" },
		{ "aud", "\"\"" },
		{ "partition", "\"TWO\"" },
		{ "partition", "\"one\"" },
		{ "exp", "1" },
		{ "exp", "-1" },
		{ "exp", "\"1900000000\"" },
		{ "exp", "1e40" },
		{ "iss", CUSTOMERS },
		{ "actor", "\"customer\"" },
		{ "actor", "\"anonymous_customer\"" },
		{ "client_id", "\"anonymous\"" },
		{ "jti", "\"0f8fad5b-d9cb-469f-a165-70867728950e\"" },
		{ "jti", "\"x\"" },
		{ "act", "{\"sub\":\"\"}" },
		{ "act", "{}" },
		{ "act", "\"app-1\"" },
		{ "act", "null" },
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		if (rig_decide(rig, "GET", "/orders/7", rig_bearer(rig, rig->elliptic, CHANGES(changes[i][0], changes[i][1]))) != WRIT_BAD_TOKEN)
			fail_msg("%s = %s is good", changes[i][0], changes[i][1]);
	static const char *const realms[] = { USERS, CUSTOMERS };
	for (size_t i = 0; i < 2; i++) /* a client application asks for itself at either */
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", rig_bearer(rig, rig->elliptic, CHANGES("iss", realms[i], "actor", "\"client\"", "scope", "\"app.a\""))),
		                 WRIT_ALLOWED);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", rig_bearer(rig, rig->stranger, NULL)), WRIT_BAD_TOKEN);
}

static const char *forged(struct rig *rig, const char *header, const struct key *key)
{
	uint8_t signature[SIGNATURE_SIZE_MAX];
	size_t len = 0;
	struct slice payload = rig_payload(rig, NULL);
	struct writer token = writer_new(rig->arena, 1024);
	base64url_put(&token, header, strlen(header));
	writer_byte(&token, '.');
	base64url_put(&token, payload.ptr, payload.len);
	if (key != NULL) {
		assert_int_equal(signature_make(key, writer_slice(&token), signature, &len), RESULT_OK);
	} else {
		struct slice public = key_public_jwk(rig->elliptic);
		unsigned size = sizeof signature;
		assert_non_null(HMAC(EVP_sha256(), public.ptr, (int)public.len, (const uint8_t *)token.bytes, token.len, signature, &size));
		len = size;
	}
	writer_byte(&token, '.');
	base64url_put(&token, signature, len);
	return arena_print(rig->arena, "Bearer %.*s", SLICE_ARGS(writer_slice(&token))).ptr;
}

static void the_header_chooses_neither_algorithm_nor_type_nor_key(void **state)
{
	struct rig *rig = *state;
	const struct slice kid = key_kid(rig->elliptic), rsa = key_kid(rig->rsa);
	static const char *const formats[] = { "none", "HS256", "RS256", "ES384", "es256", "" };
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		struct slice header = arena_print(rig->arena, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%.*s\"}", formats[i], SLICE_ARGS(kid));
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", forged(rig, header.ptr, rig->elliptic)), WRIT_BAD_TOKEN);
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", forged(rig, header.ptr, NULL)), WRIT_BAD_TOKEN);
	}
	static const char *const types[] = { "JWT", "logout+jwt", "at+JWT", "" };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct slice header = arena_print(rig->arena, "{\"alg\":\"ES256\",\"typ\":\"%s\",\"kid\":\"%.*s\"}", types[i], SLICE_ARGS(kid));
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", forged(rig, header.ptr, rig->elliptic)), WRIT_BAD_TOKEN);
	}
	struct slice others = arena_print(rig->arena, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"%.*s\"}", SLICE_ARGS(rsa));
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", forged(rig, others.ptr, rig->elliptic)), WRIT_BAD_TOKEN);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", forged(rig, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}", rig->elliptic)), WRIT_BAD_TOKEN);
	struct slice good = arena_print(rig->arena, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"%.*s\"}", SLICE_ARGS(kid));
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", forged(rig, good.ptr, rig->elliptic)), WRIT_ALLOWED);
}

static void what_is_remembered_of_one_call_answers_no_other(void **state)
{
	struct rig *rig = *state;
	const char *reader = rig_bearer(rig, rig->elliptic, NULL), *manager = rig_bearer(rig, rig->elliptic, CHANGES("scope", "\"read manage\""));
	for (int turn = 0; turn < 3; turn++) {
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", reader), WRIT_ALLOWED);
		assert_int_equal(rig_decide(rig, "PUT", "/orders/7", reader), WRIT_SCOPE_MISSING);
		assert_int_equal(rig_decide(rig, "PUT", "/orders/7", manager), WRIT_ALLOWED);
		assert_int_equal(rig_decide(rig, "GET", "/open", manager), WRIT_WRONG_ACTOR);
		assert_int_equal(rig_decide(rig, "GET", "/orders/7%00", manager), WRIT_BAD_ADDRESS);
		assert_int_equal(rig_decide(rig, "GET", "/unlisted", manager), WRIT_NOT_LISTED);
	}
	char *changed = (char *)arena_copy(rig->arena, slice_from(reader)).ptr;
	for (size_t i = strlen("Bearer "); changed[i] != '\0'; i++) {
		const char was = changed[i];
		changed[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", changed), WRIT_BAD_TOKEN);
		changed[i] = was;
	}
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", changed), WRIT_ALLOWED);
}

static void a_token_that_was_seen_is_refused_once_it_is_revoked_or_its_grant_is(void **state)
{
	struct rig *rig = *state;
	const char *first = rig_bearer(rig, rig->elliptic, CHANGES("jti", "\"" JTI "\"", "gid", "\"" FAMILY "\""));
	const char *second = rig_bearer(rig, rig->elliptic, CHANGES("jti", "\"" OTHER_JTI "\"", "gid", "\"" FAMILY "\""));
	const char *odd = rig_bearer(rig, rig->elliptic, CHANGES("jti", "\"" FAMILY "\"", "gid", "\"" JTI "\""));
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", first), WRIT_ALLOWED);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", second), WRIT_ALLOWED);
	assert_int_equal(writ_token_revoked(rig->guard, JTI, clock_s() + 600), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", first), WRIT_BAD_TOKEN);
	assert_null(rig->decision.subject);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", second), WRIT_ALLOWED);
	assert_int_equal(writ_grant_revoked(rig->guard, FAMILY, clock_s() + 600), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", second), WRIT_BAD_TOKEN);
	/* a jti is no gid */
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", odd), WRIT_ALLOWED);
	/* newer keys forget what was remembered, never what was revoked */
	assert_int_equal(writ_load_keys(rig->guard, rig->jwks.ptr, rig->jwks.len, NULL), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", first), WRIT_BAD_TOKEN);
	assert_int_equal(writ_token_revoked(rig->guard, "", 1), WRIT_INVALID);
	assert_int_equal(writ_grant_revoked(rig->guard, NULL, 1), WRIT_INVALID);
}

static void a_token_that_was_seen_is_refused_once_it_has_expired(void **state)
{
	struct rig *rig = *state;
	struct slice soon = arena_print(rig->arena, "%lld", (long long)clock_s() + 2);
	const char *bearer = rig_bearer(rig, rig->elliptic, CHANGES("exp", soon.ptr));
	const int64_t until_ms = clock_monotonic_ms() + 10000;
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
	while (rig_decide(rig, "GET", "/orders/7", bearer) == WRIT_ALLOWED)
		assert_true(clock_monotonic_ms() < until_ms);
	assert_int_equal(rig->decision.verdict, WRIT_BAD_TOKEN);
	assert_non_null(strstr(rig->decision.error_description, "expired"));
}

static void only_a_bearer_token_in_the_header_counts(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL), *token = bearer + strlen("Bearer ");
	static const struct {
		const char *format;
		enum writ_verdict expected;
	} cases[] = {
		{ "bearer %s", WRIT_ALLOWED },       { "BEARER   %s", WRIT_ALLOWED },   { "%s", WRIT_NO_TOKEN },          { "Basic %s", WRIT_NO_TOKEN }, { "Bearer", WRIT_BAD_TOKEN },
		{ "Bearer ", WRIT_BAD_TOKEN },       { "Bearer %s ", WRIT_BAD_TOKEN }, { "Bearer %s,", WRIT_BAD_TOKEN }, { "Bearer\t%s", WRIT_NO_TOKEN },
		{ " Bearer %s", WRIT_NO_TOKEN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char header[2048];
		const char *at = strstr(cases[i].format, "%s");
		const size_t before = at == NULL ? strlen(cases[i].format) : (size_t)(at - cases[i].format);
		snprintf(header, sizeof header, "%.*s%s%s", (int)before, cases[i].format, at == NULL ? "" : token, at == NULL ? "" : at + 2);
		if (rig_decide(rig, "GET", "/orders/7", header) != cases[i].expected)
			fail_msg("\"%s\" gives %d", cases[i].format, (int)rig->decision.verdict);
	}
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", ""), WRIT_NO_TOKEN);
}

static void paths_that_could_be_read_in_two_ways_are_refused(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL);
	static const char *const refused[] = { "/orders%2f7", "/orders/..;/closed", "/orders\\7", "/orders/%5c7", "/orders/7%00", "/orders/%252e%252e", "orders/7", "", "/orders/%zz",
		                                   "http://api.example.test/orders/7", "/orders/7#x", "/orders/ 7" };
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(rig_decide(rig, "GET", refused[i], bearer), WRIT_BAD_ADDRESS);
	assert_int_equal(rig_decide(rig, "GET", NULL, bearer), WRIT_BAD_ADDRESS);
	assert_null(rig->decision.path);
	assert_int_equal(rig_decide(rig, "GET", "/closed/../orders/7", bearer), WRIT_ALLOWED);
	assert_int_equal(rig_decide(rig, "GET", "/orders/../closed", bearer), WRIT_CLOSED);
	char *longest = arena_alloc(rig->arena, LIMIT_URL_SIZE + 2);
	memset(longest, 'a', LIMIT_URL_SIZE + 1);
	longest[0] = '/';
	assert_int_equal(rig_decide(rig, "GET", longest, bearer), WRIT_BAD_ADDRESS);
	longest[LIMIT_URL_SIZE] = '\0';
	assert_int_equal(rig_decide(rig, "GET", longest, bearer), WRIT_NOT_LISTED);
	assert_string_equal(rig->decision.path, longest);
	answers(&rig->decision, 403, "access_denied", NULL);
}

static void a_decision_gives_the_path_back_that_it_was_made_about(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL);
	static const struct {
		const char *target, *path;
	} cases[] = {
		{ "/orders/7", "/orders/7" },
		{ "/orders/7?x=/../y", "/orders/7" },
		{ "/open/../orders/7", "/orders/7" },
		{ "//orders/.//%37/", "/orders/7" },
		{ "/orders/%c3%a4|", "/orders/%C3%A4%7C" },
		{ "/orders/7;v=1?", "/orders/7;v=1" },
		{ "/..", "/" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[64] = "";
		memcpy(target, cases[i].target, strlen(cases[i].target));
		(void)rig_decide(rig, "GET", target, i % 2 == 0 ? bearer : NULL);
		memset(target, 'x', sizeof target - 1); /* it is the decision's own text */
		assert_string_equal(rig->decision.path, cases[i].path);
	}
	assert_int_equal(rig_decide(rig, "GET", "/a/..;/b", bearer), WRIT_BAD_ADDRESS);
	assert_null(rig->decision.path);
}

static void nothing_that_the_caller_wrote_gets_out_of_its_quotes(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL);
	static const char *const methods[] = { "G\"ET", "GET\r\nX-Evil: 1", "\\", "\xc3\xa4", "", "AVERYLONGMETHODTHATNOBODYHASEVERSEENBEFORETHISTEST" };
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		assert_int_equal(rig_decide(rig, methods[i], "/orders/7\"<>|", bearer), WRIT_NOT_LISTED);
		answers(&rig->decision, 403, "access_denied", NULL);
	}
	assert_int_equal(rig_decide(rig, NULL, "/orders/7", bearer), WRIT_NOT_LISTED);
	assert_int_equal(rig_decide(rig, "PUT", "/orders/%22%5e\"", bearer), WRIT_SCOPE_MISSING);
	answers(&rig->decision, 403, "insufficient_scope", "needs read manage");
}

static void a_token_with_very_many_scopes_is_decided_whole(void **state)
{
	struct rig *rig = *state;
	struct writer scope = writer_new(rig->arena, 16384);
	writer_byte(&scope, '"');
	while (scope.len < 10000)
		writer_text(&scope, "some.permission.of.many ");
	writer_text(&scope, "read\"");
	writer_byte(&scope, '\0');
	const char *bearer = rig_bearer(rig, rig->elliptic, CHANGES("scope", scope.bytes));
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
		assert_int_equal(strlen(rig->decision.scope), scope.len - 3);
		assert_string_equal(rig->decision.operation, "GET /orders/{id}");
	}
	assert_int_equal(rig_decide(rig, "PUT", "/orders/7", bearer), WRIT_SCOPE_MISSING);
	answers(&rig->decision, 403, "insufficient_scope", "scope=\"read manage\"");
	/* and so is an operation that needs very many, on a long path */
	char path[LIMIT_URL - 8], scopes[LIMIT_SCOPE_SIZE - 16], list[2 * sizeof scopes] = "\"";
	memset(path, 'p', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	memset(scopes, 's', sizeof scopes);
	for (size_t i = 100; i < sizeof scopes - 10; i += 100)
		scopes[i] = ' ';
	scopes[sizeof scopes - 1] = '\0';
	for (size_t i = 0, at = 1; i + 1 < sizeof scopes; i++)
		at += (size_t)snprintf(list + at, sizeof list - at, scopes[i] == ' ' ? "\",\"" : "s");
	struct slice catalogue = arena_print(rig->arena, "{\"writ_catalogue\":1,\"partition\":\"ONE\",\"issuers\":[\"" ISSUER "-U\",\"b\"],\"audience\":\"" AUDIENCE "\","
	                                                 "\"application_permissions\":[],\"operations\":[{\"api\":\"a\",\"method\":\"GET\",\"path\":\"%s\",\"allow\":["
	                                                 "{\"actor\":\"user\",\"scopes\":[%s\"]}]}]}", path, list);
	assert_int_equal(writ_load_catalogue(rig->guard, catalogue.ptr, catalogue.len, NULL), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", path, bearer), WRIT_SCOPE_MISSING);
	assert_string_equal(rig->decision.required_scope, scopes);
	answers(&rig->decision, 403, "insufficient_scope", arena_print(rig->arena, ", scope=\"%s\"", scopes).ptr);
	assert_string_equal(rig->decision.operation + 4, path);
	assert_int_equal(writ_load_catalogue(rig->guard, rig_catalogue, strlen(rig_catalogue), NULL), WRIT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_comes_with_what_to_answer),
		cmocka_unit_test(a_decision_tells_what_the_token_says_and_which_operation_it_is),
		cmocka_unit_test(each_actor_gets_what_is_open_to_it_and_nothing_else),
		cmocka_unit_test(a_token_that_lacks_a_claim_is_refused),
		cmocka_unit_test(a_token_for_somebody_else_is_refused),
		cmocka_unit_test(the_header_chooses_neither_algorithm_nor_type_nor_key),
		cmocka_unit_test(what_is_remembered_of_one_call_answers_no_other),
		cmocka_unit_test(a_token_that_was_seen_is_refused_once_it_is_revoked_or_its_grant_is),
		cmocka_unit_test(a_token_that_was_seen_is_refused_once_it_has_expired),
		cmocka_unit_test(only_a_bearer_token_in_the_header_counts),
		cmocka_unit_test(paths_that_could_be_read_in_two_ways_are_refused),
		cmocka_unit_test(a_decision_gives_the_path_back_that_it_was_made_about),
		cmocka_unit_test(nothing_that_the_caller_wrote_gets_out_of_its_quotes),
		cmocka_unit_test(a_token_with_very_many_scopes_is_decided_whole),
	};
	return cmocka_run_group_tests(tests, rig_begin, rig_end);
}
