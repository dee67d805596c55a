#include "oauth/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void every_refusal_has_a_status_an_error_a_slug_and_a_page(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
		const struct refusal_entry *entry = refusal_entry((enum refusal)i);
		assert_true((entry->status >= 400 && entry->status < 600) || entry->status == 303);
		assert_non_null(entry->error);
		const bool no_token = i == REFUSAL_BEARER_MISSING || i == REFUSAL_CALL_TOKEN_MISSING || i == REFUSAL_ADMIN_TOKEN_MISSING;
		assert_true((entry->error[0] == '\0') == no_token);
		assert_non_null(entry->slug);
		assert_true(strlen(entry->title) > 5 && strlen(entry->what) > 20 && strlen(entry->fix) > 20);
		bool unknown_caller = strcmp(entry->error, "invalid_client") == 0 || strcmp(entry->error, "invalid_token") == 0 || entry->error[0] == '\0';
		assert_true((entry->status == 401) == unknown_caller);
	}
}

/* What goes back to the redirect address by a redirect is 303, and nothing else is: the codes of RFC 6749 §4.1.2.1, RFC 7636 and
 * OpenID Connect Core §3.1.2.6. */
static void what_is_sent_back_to_the_redirect_address_is_303(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		assert_true((refusal_entry((enum refusal)i)->status == 303) == (i >= REFUSAL_RESPONSE_TYPE_MISSING && i <= REFUSAL_ACCESS_DENIED));
	assert_string_equal(refusal_entry(REFUSAL_RESPONSE_TYPE_UNSUPPORTED)->error, "unsupported_response_type");
	assert_string_equal(refusal_entry(REFUSAL_REQUEST_OBJECT)->error, "request_not_supported");
	assert_string_equal(refusal_entry(REFUSAL_REQUEST_URI)->error, "request_uri_not_supported");
	assert_string_equal(refusal_entry(REFUSAL_REGISTRATION)->error, "registration_not_supported");
	assert_string_equal(refusal_entry(REFUSAL_LOGIN_REQUIRED)->error, "login_required");
	assert_string_equal(refusal_entry(REFUSAL_CONSENT_REQUIRED)->error, "consent_required");
	assert_string_equal(refusal_entry(REFUSAL_ACCESS_DENIED)->error, "access_denied");
	assert_string_equal(refusal_entry(REFUSAL_ACR_UNMET)->error, "unmet_authentication_requirements");
}

/* Whatever is wrong with a code or refresh token, client libraries must learn to sign in again (RFC 6749 §5.2). */
static void codes_and_refresh_tokens_that_are_not_good_are_an_invalid_grant(void **state)
{
	(void)state;
	for (int i = REFUSAL_CODE_UNKNOWN; i <= REFUSAL_REFRESH_CROWDED; i++) {
		assert_int_equal(refusal_entry((enum refusal)i)->status, 400);
		assert_string_equal(refusal_entry((enum refusal)i)->error, "invalid_grant");
	}
}

static void every_slug_leads_back_to_its_own_entry(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		assert_ptr_equal(refusal_by_slug(slice_from(refusal_entry((enum refusal)i)->slug)), refusal_entry((enum refusal)i));
	assert_null(refusal_by_slug(SLICE_OF("no-such-slug")));
}

static void a_sentence_is_printable_ascii_without_quotes_and_backslashes(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1024, 8192);
	struct slice sentence = refusal_sentence(arena, "a%sb", "\"\\\r\n\t\x7f\xff");
	assert_true(slice_is(sentence, "a???????b"));
	arena_free(arena);
}

static void a_sentence_that_is_too_long_is_cut(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1024, 8192);
	char text[4000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_true(refusal_sentence(arena, "%s", text).len < 1000);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_has_a_status_an_error_a_slug_and_a_page),
		cmocka_unit_test(what_is_sent_back_to_the_redirect_address_is_303),
		cmocka_unit_test(codes_and_refresh_tokens_that_are_not_good_are_an_invalid_grant),
		cmocka_unit_test(every_slug_leads_back_to_its_own_entry),
		cmocka_unit_test(a_sentence_is_printable_ascii_without_quotes_and_backslashes),
		cmocka_unit_test(a_sentence_that_is_too_long_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
