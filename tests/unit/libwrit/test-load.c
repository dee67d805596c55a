#include "rig.h"

#include <pthread.h>
#include <stdatomic.h>

static enum writ_result load(struct rig *rig, const char *catalogue, const char *expected)
{
	struct writ_problem problem = { "" };
	enum writ_result result = writ_load_catalogue(rig->guard, catalogue, strlen(catalogue), &problem);
	if (result != WRIT_OK && strstr(problem.text, expected) == NULL)
		fail_msg("%s: %s", catalogue, problem.text);
	return result;
}

#define FACTS(partition) "\"partition\":\"" partition "\",\"issuers\":[\"" ISSUER "-U\",\"" ISSUER "-C\"],\"audience\":\"" AUDIENCE "\",\"application_permissions\":[]"
#define OPERATION(more) "{\"writ_catalogue\":1," FACTS("ONE") ",\"operations\":[" more "]}"

static void what_is_no_catalogue_is_refused_with_a_sentence_and_changes_nothing(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL);
	static const char *const refused[][2] = {
		{ "", "one JSON object" },
		{ "[]", "one JSON object" },
		{ "{\"writ_catalogue\":1,\"writ_catalogue\":1}", "one JSON object" },
		{ "{}", "writ_catalogue" },
		{ "{\"writ_catalogue\":\"1\"}", "writ_catalogue" },
		{ "{\"writ_catalogue\":2}", "format 2" },
		{ "{\"writ_catalogue\":1}", "partition" },
		{ "{\"writ_catalogue\":1," FACTS("a b") ",\"operations\":[]}", "partition" },
		{ "{\"writ_catalogue\":1,\"partition\":\"ONE\"}", "audience" },
		{ "{\"writ_catalogue\":1,\"partition\":\"ONE\",\"audience\":\"a\\\"b\"}", "audience" },
		{ "{\"writ_catalogue\":1,\"partition\":\"ONE\",\"audience\":\"a\",\"issuers\":[\"a\"]}", "issuers" },
		{ "{\"writ_catalogue\":1,\"partition\":\"ONE\",\"audience\":\"a\",\"issuers\":[\"a\",7]}", "issuer" },
		{ "{\"writ_catalogue\":1,\"partition\":\"ONE\",\"audience\":\"a\",\"issuers\":[\"a\",\"b\"]}", "application_permissions" },
		{ "{\"writ_catalogue\":1,\"partition\":\"ONE\",\"audience\":\"a\",\"issuers\":[\"a\",\"b\"],\"application_permissions\":[\"a b\"]}", "application permission" },
		{ "{\"writ_catalogue\":1," FACTS("ONE") "}", "operations" },
		{ OPERATION("7"), "operation 1" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a\"}"), "allow" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"\",\"path\":\"/a\",\"allow\":[]}"), "method" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"a\",\"allow\":[]}"), "path" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/{a\",\"allow\":[]}"), "path" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a%2Fb\",\"allow\":[]}"), "path" },
		{ OPERATION("{\"method\":\"GET\",\"path\":\"/a\",\"allow\":[]}"), "api" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a\",\"allow\":[{}]}"), "actor" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a\",\"allow\":[{\"actor\":\"admin\",\"scopes\":[]}]}"), "actor" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a\",\"allow\":[{\"actor\":\"user\"}]}"), "scopes" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a\",\"allow\":[{\"actor\":\"user\",\"scopes\":[\"a b\"]}]}"), "scopes" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/a\",\"allow\":[{\"actor\":\"user\",\"scopes\":[7]}]}"), "scopes" },
		{ OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/{a}\",\"allow\":[]},{\"api\":\"b\",\"method\":\"GET\",\"path\":\"/{b}\",\"allow\":[]}"), "two operations" },
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_int_equal(load(rig, refused[i][0], refused[i][1]), WRIT_INVALID);
	assert_int_equal(writ_load_catalogue(rig->guard, "{", 1, NULL), WRIT_INVALID);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
}

static void keys_that_cannot_be_used_are_refused_and_change_nothing(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL);
	static const char *const refused[] = { "", "{}", "[]", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}]}" };
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct writ_problem problem = { "" };
		assert_int_equal(writ_load_keys(rig->guard, refused[i], strlen(refused[i]), &problem), WRIT_INVALID);
		assert_non_null(strstr(problem.text, "key set"));
	}
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
}

static void nothing_is_opened_without_a_catalogue_and_keys(void **state)
{
	struct rig *rig = *state;
	struct writ *guard = NULL;
	struct writ_problem problem;
	assert_int_equal(writ_open("{}", 2, rig->jwks.ptr, rig->jwks.len, &guard, &problem), WRIT_INVALID);
	assert_int_equal(writ_open(rig_catalogue, strlen(rig_catalogue), "{}", 2, &guard, &problem), WRIT_INVALID);
	assert_int_equal(writ_open(rig_catalogue, strlen(rig_catalogue), "{}", 2, &guard, NULL), WRIT_INVALID);
	assert_null(guard);
	writ_close(NULL);
}

static void a_key_that_is_no_longer_published_proves_nothing_even_what_was_seen_before(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL), *strangers = rig_bearer(rig, rig->stranger, NULL);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
	assert_int_equal(writ_load_keys(rig->guard, rig->strangers_jwks.ptr, rig->strangers_jwks.len, NULL), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_BAD_TOKEN);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", strangers), WRIT_ALLOWED);
	assert_int_equal(writ_load_keys(rig->guard, rig->jwks.ptr, rig->jwks.len, NULL), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", strangers), WRIT_BAD_TOKEN);
}

static void a_newer_catalogue_counts_at_once(void **state)
{
	struct rig *rig = *state;
	const char *bearer = rig_bearer(rig, rig->elliptic, NULL);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
	assert_int_equal(load(rig, OPERATION("{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/orders/{id}\",\"allow\":[{\"actor\":\"user\",\"scopes\":[\"more\"]}]}"), ""), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_SCOPE_MISSING);
	assert_int_equal(load(rig, OPERATION(""), ""), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_NOT_LISTED);
	assert_int_equal(load(rig, "{\"writ_catalogue\":1," FACTS("TWO") ",\"operations\":[{\"api\":\"a\",\"method\":\"GET\",\"path\":\"/orders/{id}\",\"allow\":["
	                           "{\"actor\":\"user\",\"scopes\":[]}]}]}", ""), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_BAD_TOKEN); /* of another partition now */
	assert_int_equal(load(rig, rig_catalogue, ""), WRIT_OK);
	assert_int_equal(rig_decide(rig, "GET", "/orders/7", bearer), WRIT_ALLOWED);
}

/* ---- threads ------------------------------------------------------------------------------------------------------ */

struct crowd {
	struct rig *rig;
	const char *ours, *theirs;
	atomic_bool over;
	atomic_size_t decided, wrong;
};

static void *decide_on_and_on(void *argument)
{
	struct crowd *crowd = argument;
	struct writ_decision *decision = malloc(sizeof *decision);
	while (!atomic_load(&crowd->over)) {
		const bool ours = atomic_fetch_add(&crowd->decided, 1) % 2 == 0;
		const struct writ_call call = { .method = "GET", .target = "/orders/7", .authorization = ours ? crowd->ours : crowd->theirs };
		enum writ_verdict verdict = writ_decide(crowd->rig->guard, &call, decision);
		const bool good = verdict == WRIT_ALLOWED ? strcmp(decision->subject, ours ? "1001" : "1002") == 0 && strcmp(decision->operation, "GET /orders/{id}") == 0
		                                          : verdict == WRIT_NOT_LISTED || verdict == WRIT_BAD_TOKEN;
		atomic_fetch_add(&crowd->wrong, good ? 0 : 1);
	}
	free(decision);
	return NULL;
}

static void decisions_go_on_while_keys_and_catalogues_are_loaded(void **state)
{
	struct rig *rig = *state;
	struct crowd crowd = { .rig = rig, .ours = rig_bearer(rig, rig->elliptic, NULL), .theirs = rig_bearer(rig, rig->stranger, CHANGES("sub", "\"1002\"")) };
	pthread_t threads[3];
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, decide_on_and_on, &crowd), 0);
	for (unsigned turn = 0; turn < 60 || atomic_load(&crowd.decided) < 3000; turn++) {
		const struct slice jwks = turn % 3 == 0 ? rig->strangers_jwks : rig->jwks;
		assert_int_equal(writ_load_keys(rig->guard, jwks.ptr, jwks.len, NULL), WRIT_OK);
		assert_int_equal(load(rig, turn % 4 == 1 ? OPERATION("") : rig_catalogue, ""), WRIT_OK);
		assert_int_equal(writ_token_revoked(rig->guard, "somebody-else", clock_s() + 60), WRIT_OK);
	}
	atomic_store(&crowd.over, true);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&crowd.wrong), 0);
	assert_int_equal(writ_load_keys(rig->guard, rig->jwks.ptr, rig->jwks.len, NULL), WRIT_OK);
	assert_int_equal(load(rig, rig_catalogue, ""), WRIT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_catalogue_is_refused_with_a_sentence_and_changes_nothing),
		cmocka_unit_test(keys_that_cannot_be_used_are_refused_and_change_nothing),
		cmocka_unit_test(nothing_is_opened_without_a_catalogue_and_keys),
		cmocka_unit_test(a_key_that_is_no_longer_published_proves_nothing_even_what_was_seen_before),
		cmocka_unit_test(a_newer_catalogue_counts_at_once),
		cmocka_unit_test(decisions_go_on_while_keys_and_catalogues_are_loaded),
	};
	return cmocka_run_group_tests(tests, rig_begin, rig_end);
}
