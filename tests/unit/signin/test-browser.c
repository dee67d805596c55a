#include "signin/browser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <sodium.h>

#define SESSION "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"
#define BINDING "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

static struct arena *arena;
static const struct realm users = { .partition = { "P_1", 3 }, .kind = PERSON_USER };
static const struct realm customers = { .partition = { "P_1", 3 }, .kind = PERSON_CUSTOMER };

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new(4096, 1024 * 1024);
	return arena == NULL || sodium_init() < 0 ? -1 : 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct browser browser_with(const char *cookies, const struct realm *realm, bool https)
{
	const struct http_header header = { SLICE("Cookie"), slice_from(cookies) };
	const struct http_request request = { .arena = arena, .headers = &header, .header_count = 1 };
	struct browser browser;
	browser_read(&request, realm, https, &browser);
	return browser;
}

/* The value of the only cookie set; its line must end as given. */
static struct slice value_set(const struct http_reply *reply, const char *name, const char *end)
{
	char begin[128];
	assert_int_equal(reply->header_count, 1);
	assert_true(slice_is(reply->headers[0].name, "Set-Cookie"));
	struct slice line = reply->headers[0].value;
	snprintf(begin, sizeof begin, "%s=", name);
	assert_true(slice_starts_with(line, slice_from(begin)));
	assert_true(slice_ends_with(line, slice_from(end)));
	return (struct slice) { line.ptr + strlen(begin), line.len - strlen(begin) - strlen(end) };
}

static void a_browser_is_read_by_the_cookies_of_its_realm(void **state)
{
	(void)state;
	struct browser browser = browser_with("writ-P_1-U=" SESSION "; writ-attempt=" BINDING, &users, false);
	assert_true(slice_is(browser.session, SESSION));
	assert_true(slice_is(browser.attempts, BINDING));
	struct hash32 hash = hash32_of_kind("session", SLICE_OF(SESSION));
	assert_true(hash32_equal(&browser.session_hash, &hash));
	browser = browser_with("writ-P_1-U=" SESSION "; writ-attempt=" BINDING, &customers, false);
	assert_null(browser.session.ptr);
	assert_true(slice_is(browser.attempts, BINDING));
	browser = browser_with("other=1", &users, false);
	assert_null(browser.session.ptr);
	assert_null(browser.attempts.ptr);
}

static void under_https_only_host_cookies_count(void **state)
{
	(void)state;
	struct browser browser = browser_with("writ-P_1-U=" SESSION "; writ-attempt=" BINDING, &users, true);
	assert_null(browser.session.ptr);
	assert_null(browser.attempts.ptr);
	browser = browser_with("__Host-writ-P_1-U=" SESSION "; __Host-writ-attempt=" BINDING, &users, true);
	assert_true(slice_is(browser.session, SESSION));
	assert_true(slice_is(browser.attempts, BINDING));
}

static void a_value_that_we_cannot_have_set_is_as_if_absent(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"x",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAF",
		"AAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAAAAAAA",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char cookies[256];
		snprintf(cookies, sizeof cookies, "writ-P_1-U=%s; writ-attempt=%s", bad[i], bad[i]);
		struct browser browser = browser_with(cookies, &users, false);
		assert_null(browser.session.ptr);
		assert_null(browser.attempts.ptr);
	}
}

static void the_longest_partition_has_a_cookie_too(void **state)
{
	(void)state;
	struct realm realm = { .kind = PERSON_CUSTOMER };
	char cookies[256];
	memset(realm.partition.text, 'P', LIMIT_PARTITION_ID);
	realm.partition.len = LIMIT_PARTITION_ID;
	snprintf(cookies, sizeof cookies, "__Host-writ-%s-C=" SESSION, realm.partition.text);
	assert_true(slice_is(browser_with(cookies, &realm, true).session, SESSION));
}

static void binding_keeps_the_value_that_the_browser_has(void **state)
{
	(void)state;
	struct browser browser = browser_with("writ-attempt=" BINDING, &users, false);
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	assert_true(slice_is(browser_bind(&browser, &request, &reply), BINDING));
	assert_int_equal(reply.header_count, 0);
}

static void binding_a_new_browser_sets_a_cookie_once(void **state)
{
	(void)state;
	struct browser browser = browser_with("", &users, true);
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	struct slice value = browser_bind(&browser, &request, &reply);
	assert_int_equal(value.len, BROWSER_SECRET_SIZE);
	assert_true(slice_equal(browser_bind(&browser, &request, &reply), value));
	assert_true(slice_equal(value_set(&reply, "__Host-writ-attempt", "; Path=/; HttpOnly; Secure; SameSite=None"), value));
	char cookies[128];
	snprintf(cookies, sizeof cookies, "__Host-writ-attempt=%.*s", SLICE_ARGS(value));
	assert_true(slice_equal(browser_with(cookies, &users, true).attempts, value));
}

static void a_new_session_replaces_the_one_before_and_is_stored_by_its_hash(void **state)
{
	(void)state;
	struct browser browser = browser_with("writ-P_1-U=" SESSION, &users, false);
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	struct hash32 hash;
	assert_int_equal(browser_new_session(&browser, &request, &reply, &hash), RESULT_OK);
	struct slice value = value_set(&reply, "writ-P_1-U", "; Path=/; HttpOnly; SameSite=Lax");
	assert_int_equal(value.len, BROWSER_SECRET_SIZE);
	assert_false(slice_is(value, SESSION));
	assert_true(slice_equal(browser.session, value));
	struct hash32 expected = hash32_of_kind("session", value);
	assert_true(hash32_equal(&hash, &expected));
	assert_true(hash32_equal(&browser.session_hash, &expected));
}

static void no_two_sessions_are_alike(void **state)
{
	(void)state;
	struct hash32 hashes[64];
	for (size_t i = 0; i < 64; i++) {
		struct browser browser = browser_with("", &users, false);
		struct http_request request = { .arena = arena };
		struct http_reply reply = { .status = 200 };
		assert_int_equal(browser_new_session(&browser, &request, &reply, &hashes[i]), RESULT_OK);
		for (size_t j = 0; j < i; j++)
			assert_false(hash32_equal(&hashes[i], &hashes[j]));
	}
}

static void a_session_without_memory_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	struct arena *small = arena_new(16, 16);
	struct browser browser = browser_with("writ-P_1-U=" SESSION, &users, false);
	struct http_request request = { .arena = small };
	struct http_reply reply = { .status = 200 };
	struct hash32 hash;
	assert_int_equal(browser_new_session(&browser, &request, &reply, &hash), RESULT_NO_MEMORY);
	assert_int_equal(reply.header_count, 0);
	assert_true(slice_is(browser.session, SESSION));
	browser.attempts = (struct slice) { NULL, 0 };
	assert_null(browser_bind(&browser, &request, &reply).ptr);
	assert_int_equal(reply.header_count, 0);
	arena_free(small);
}

static void a_forgotten_session_is_gone_from_the_browser(void **state)
{
	(void)state;
	struct browser browser = browser_with("writ-P_1-U=" SESSION, &users, false);
	struct http_request request = { .arena = arena };
	struct http_reply reply = { .status = 200 };
	browser_forget_session(&browser, &request, &reply);
	assert_null(browser.session.ptr);
	assert_int_equal(value_set(&reply, "writ-P_1-U", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=0").len, 0);
}

static void the_anti_forgery_value_holds_for_its_session_only(void **state)
{
	(void)state;
	struct browser browser = browser_with("writ-P_1-U=" SESSION, &users, false);
	struct browser other = browser_with("writ-P_1-U=" BINDING, &users, false);
	struct slice value = browser_anti_forgery(&browser, arena);
	assert_int_equal(value.len, 43);
	assert_true(browser_anti_forgery_holds(&browser, arena, value));
	assert_false(browser_anti_forgery_holds(&other, arena, value));
	assert_false(slice_is(value, SESSION));
	char changed[44];
	memcpy(changed, value.ptr, 43);
	changed[42] = changed[42] == 'A' ? 'B' : 'A';
	assert_false(browser_anti_forgery_holds(&browser, arena, (struct slice) { changed, 43 }));
	assert_false(browser_anti_forgery_holds(&browser, arena, slice_first(value, 42)));
	assert_false(browser_anti_forgery_holds(&browser, arena, (struct slice) { NULL, 0 }));
}

static void without_a_session_no_anti_forgery_value_holds(void **state)
{
	(void)state;
	struct browser none = browser_with("", &users, false);
	assert_null(browser_anti_forgery(&none, arena).ptr);
	assert_false(browser_anti_forgery_holds(&none, arena, SLICE_OF("")));
	assert_false(browser_anti_forgery_holds(&none, arena, (struct slice) { NULL, 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browser_is_read_by_the_cookies_of_its_realm),
		cmocka_unit_test(under_https_only_host_cookies_count),
		cmocka_unit_test(a_value_that_we_cannot_have_set_is_as_if_absent),
		cmocka_unit_test(the_longest_partition_has_a_cookie_too),
		cmocka_unit_test(binding_keeps_the_value_that_the_browser_has),
		cmocka_unit_test(binding_a_new_browser_sets_a_cookie_once),
		cmocka_unit_test(a_new_session_replaces_the_one_before_and_is_stored_by_its_hash),
		cmocka_unit_test(no_two_sessions_are_alike),
		cmocka_unit_test(a_session_without_memory_is_refused_and_changes_nothing),
		cmocka_unit_test(a_forgotten_session_is_gone_from_the_browser),
		cmocka_unit_test(the_anti_forgery_value_holds_for_its_session_only),
		cmocka_unit_test(without_a_session_no_anti_forgery_value_holds),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
