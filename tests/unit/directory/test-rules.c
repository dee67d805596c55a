#include "directory/rules.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

typedef enum result rule_function(struct slice, struct problem *);

static bool holds(rule_function *rule, const char *text)
{
	struct problem problem = { "" };
	enum result result = rule(slice_from(text), &problem);
	/* a refusal has a sentence */
	assert_true(result == RESULT_OK || (result == RESULT_INVALID && problem.text[0] != '\0'));
	return result == RESULT_OK;
}

static bool redirect(enum platform platform, const char *url)
{
	struct problem problem = { "" };
	return rule_redirect_url(platform, slice_from(url), &problem) == RESULT_OK;
}

static void a_permissions_kind_follows_its_name(void **state)
{
	(void)state;
	assert_int_equal(permission_kind_of_name(SLICE_OF("knowledge.portalmgr.read")), PERMISSION_DELEGATED);
	assert_int_equal(permission_kind_of_name(SLICE_OF("knowledge.portalmgr.onbehalfof.read")), PERMISSION_ON_BEHALF_OF);
	assert_int_equal(permission_kind_of_name(SLICE_OF("app.knowledge.portalmgr.read")), PERMISSION_APPLICATION);
	assert_int_equal(permission_kind_of_name(SLICE_OF("app.knowledge.onbehalfof.read")), PERMISSION_APPLICATION);
	assert_int_equal(permission_kind_of_name(SLICE_OF("application.read")), PERMISSION_DELEGATED);
	assert_int_equal(permission_kind_of_name(SLICE_OF("knowledge.onbehalfof")), PERMISSION_DELEGATED);
}

static void the_admin_permissions_are_reserved_and_no_others(void **state)
{
	(void)state;
	assert_true(permission_is_reserved(SLICE_OF("writ.admin.read")));
	assert_true(permission_is_reserved(SLICE_OF("writ.admin.manage")));
	assert_true(permission_is_reserved(SLICE_OF("app.writ.admin.manage")));
	assert_false(permission_is_reserved(SLICE_OF("app.writ.admin.read")));
	assert_true(holds(rule_permission_name, "writ.admin.read"));
	assert_false(holds(rule_permission_name, "writ.admin.everything"));
	assert_false(holds(rule_permission_name, "app.writ.admin.read"));
}

static void a_permission_name_is_a_scope_token_without_a_meaning_of_its_own(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "a b", "a\"b", "a\\b", "\xc3\xa4", "openid", "profile", "email", "offline_access", "address", "phone",
		                               ".default", "a\tb" };
	assert_true(holds(rule_permission_name, "https://api.example.cloud/auth/x.read"));
	assert_true(holds(rule_permission_name, "a!#$%&'()*+,-./:;<=>?@[]^_`{|}~"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(holds(rule_permission_name, bad[i]));
}

static void client_ids_are_unreserved_characters(void **state)
{
	(void)state;
	char long_id[LIMIT_ID + 2];
	memset(long_id, 'a', sizeof long_id - 1);
	long_id[LIMIT_ID + 1] = '\0';
	assert_true(holds(rule_client_id, "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f"));
	assert_false(holds(rule_client_id, long_id));
	long_id[LIMIT_ID] = '\0';
	assert_true(holds(rule_client_id, long_id));
	assert_false(holds(rule_client_id, ""));
	assert_false(holds(rule_client_id, "a b"));
	assert_false(holds(rule_client_id, "anon:x"));
	assert_false(holds(rule_client_id, "anonymous"));
	assert_true(holds(rule_client_id, "anonymous-portal"));
	assert_false(holds(rule_client_id, "a/b"));
}

static void a_persons_id_has_no_space_and_does_not_start_with_anon(void **state)
{
	(void)state;
	assert_true(holds(rule_person_id, "1001"));
	assert_true(holds(rule_person_id, "ANON:x"));
	assert_true(holds(rule_person_id, "auth0|5f7c8ec7c33c6c004bbafe82"));
	assert_false(holds(rule_person_id, "anon:1001"));
	assert_false(holds(rule_person_id, "10 01"));
	assert_false(holds(rule_person_id, "j\xc3\xbcrgen"));
	assert_false(holds(rule_person_id, ""));
}

static void usernames_and_names_are_clean_text_without_spaces_around(void **state)
{
	(void)state;
	assert_true(holds(rule_username, "o'brien+zo\xc3\xab@example.com"));
	assert_true(holds(rule_username, "Ann Agent"));
	assert_false(holds(rule_username, " pa"));
	assert_false(holds(rule_username, "pa "));
	assert_false(holds(rule_username, "p\na"));
	assert_false(holds(rule_username, "\xff"));
	assert_true(holds(rule_name, "Gr\xc3\xb6\xc3\x9f" "e"));
	assert_false(holds(rule_name, ""));
}

static void an_email_has_text_on_both_sides_of_the_at_sign(void **state)
{
	(void)state;
	assert_true(holds(rule_email, "jane@example.com"));
	assert_false(holds(rule_email, "jane"));
	assert_false(holds(rule_email, "@example.com"));
	assert_false(holds(rule_email, "jane@"));
	assert_false(holds(rule_email, "ja ne@example.com"));
}

static void a_role_is_one_word(void **state)
{
	(void)state;
	assert_true(holds(rule_role, "partition_administrator"));
	assert_false(holds(rule_role, "two words"));
	assert_false(holds(rule_role, ""));
}

static void a_secret_given_by_hand_is_long_enough_and_never_repeated_in_the_sentence(void **state)
{
	(void)state;
	struct problem problem;
	assert_true(holds(rule_secret_value, "hh2Y0UE8FmaFBBawzMUua1OB8Ks4QWHNUyhDyZj1X7c"));
	assert_true(holds(rule_secret_value, "01234567890123456789012345678901"));
	assert_false(holds(rule_secret_value, "0123456789012345678901234567890"));
	assert_false(holds(rule_secret_value, "0123456789012345678901234567890123 "));
	assert_int_equal(rule_secret_value(SLICE_OF("short-secret"), &problem), RESULT_INVALID);
	assert_null(strstr(problem.text, "short-secret"));
}

static void redirect_addresses_are_https_or_loopback(void **state)
{
	(void)state;
	static const char *const good[] = {
		"https://oauth.pstmn.io/v1/callback", "https://example.com", "https://example.com:8443/cb?x=1&y=%20", "http://127.0.0.1/callback",
		"http://127.0.0.1:8080/callback", "http://[::1]:3000/cb", "http://localhost:5173/", "https://[2001:db8::1]/cb", "https://xn--bcher-kva.example/cb",
	};
	static const char *const bad[] = {
		"", "/callback", "example.com/cb", "http://example.com/cb", "http://localhost.evil.com/cb", "http://127.0.0.1.evil.com/cb",
		"http://127.0.0.2/cb", "HTTPS://example.com/cb", "https:/example.com", "https:example.com/cb", "https:///cb", "https://", "ftp://example.com/cb",
		"https://example.com/cb#x", "https://example.com/cb#", "https://user@example.com/cb", "https://user:pass@example.com/cb",
		"http://localhost:80@evil.com/cb", "https://example.com\\@evil.com/cb", "https://example.com/c b", "https://example.com/\tcb",
		"https://example.com/c\xc3\xa4", "https://*.example.com/cb", "https://example.com/*", "https://example.com:0/cb", "https://example.com:99999/cb",
		"https://example.com:x/cb", "https://example.com/%zz", "https://example.com/%2", "https://exa%6dple.com/cb", "https://[::1/cb", "javascript:alert(1)",
		"data:text/html,x", "https://example.com/\"x", "https://example.com/<x>",
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(redirect(PLATFORM_WEB, good[i]) && redirect(PLATFORM_SPA, good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(redirect(PLATFORM_WEB, bad[i]) || redirect(PLATFORM_SPA, bad[i]));
}

static void a_private_scheme_is_for_an_spa_and_has_a_period(void **state)
{
	(void)state;
	assert_true(redirect(PLATFORM_SPA, "com.example.app:/callback"));
	assert_true(redirect(PLATFORM_SPA, "com.example.app://callback"));
	assert_true(redirect(PLATFORM_SPA, "com.example.app:///callback"));
	assert_false(redirect(PLATFORM_WEB, "com.example.app:/callback"));
	assert_false(redirect(PLATFORM_SPA, "myapp:/callback"));
	assert_false(redirect(PLATFORM_SPA, "com.example.app:callback"));
	assert_false(redirect(PLATFORM_SPA, "com.example.app://user@callback"));
	assert_false(redirect(PLATFORM_SPA, "com.example.app:/callback#x"));
	assert_false(redirect(PLATFORM_SPA, ".com:/callback"));
}

static void a_service_address_is_https_or_loopback_http(void **state)
{
	(void)state;
	assert_true(holds(rule_service_url, "https://cdn.example/logo.png"));
	assert_true(holds(rule_service_url, "http://127.0.0.1:9000/jwks"));
	assert_false(holds(rule_service_url, "http://cdn.example/logo.png"));
	assert_false(holds(rule_service_url, "com.example.app:/logo"));
	assert_false(holds(rule_service_url, "https://user:pass@cdn.example/logo.png"));
}

static void an_address_of_this_machine_is_known_in_every_spelling(void **state)
{
	(void)state;
	static const char *const loopback[] = {
		"http://127.0.0.1:9000/jwks", "https://127.9.8.7", "https://127.1/x", "https://0x7f000001/", "https://2130706433", "https://0177.0.0.1",
		"https://localhost?x", "https://LocalHost.:1/", "https://a.localhost", "https://[::1]:8443/x", "https://[0:0:0:0:0:0:0:1]",
		"https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]/", "https://0.0.0.0", "https://0", "https://[::]/",
	};
	static const char *const others[] = {
		"https://cdn.example/127.0.0.1", "https://10.0.0.1", "https://128.0.0.1", "https://192.168.127.1", "https://127.0.0.1.example",
		"https://localhost.example", "https://notlocalhost", "https://[2001:db8::1]", "https://[::ffff:10.0.0.1]", "https://1.127.0.0", "", "127.0.0.1", "https://",
	};
	for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++)
		if (!rule_url_on_loopback(slice_from(loopback[i])))
			fail_msg("%s is on the loopback", loopback[i]);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (rule_url_on_loopback(slice_from(others[i])))
			fail_msg("%s is not on the loopback", others[i]);
}

static void an_address_is_bounded(void **state)
{
	(void)state;
	char url[LIMIT_URL + 2];
	memset(url, 'a', sizeof url - 1);
	memcpy(url, "https://e.example/", 18);
	url[LIMIT_URL + 1] = '\0';
	assert_false(redirect(PLATFORM_WEB, url));
	url[LIMIT_URL] = '\0';
	assert_true(redirect(PLATFORM_WEB, url));
}

static void a_birthdate_is_a_day_that_was_or_a_year(void **state)
{
	(void)state;
	static const char *const good[] = { "1990-01-31", "2000-02-29", "0000-02-29", "0000-12-01", "1990", "2024-04-30" };
	static const char *const bad[] = { "", "1990-1-1", "1990-13-01", "1990-00-01", "1990-01-00", "1990-01-32", "1990-04-31", "1900-02-29", "2023-02-29", "0000", "90",
		                               "19900101", "1990-01", "1990-01-", "1990-01-01T", "01.01.1990", "-990-01-01", "+1990", "1990-01-01 " };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(holds(rule_birthdate, good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(holds(rule_birthdate, bad[i]));
}

static void time_zones_and_language_tags_have_their_shape(void **state)
{
	(void)state;
	assert_true(holds(rule_zoneinfo, "Europe/Berlin") && holds(rule_zoneinfo, "UTC") && holds(rule_zoneinfo, "Etc/GMT+5") && holds(rule_zoneinfo, "America/Port-au-Prince"));
	assert_false(holds(rule_zoneinfo, "") || holds(rule_zoneinfo, "Europe/") || holds(rule_zoneinfo, "/Berlin") || holds(rule_zoneinfo, "a//b") ||
	             holds(rule_zoneinfo, "Central European Time") || holds(rule_zoneinfo, "../etc"));
	assert_true(holds(rule_locale, "en") && holds(rule_locale, "de-CH") && holds(rule_locale, "zh-Hant-TW") && holds(rule_locale, "x-private1"));
	assert_false(holds(rule_locale, "") || holds(rule_locale, "e") || holds(rule_locale, "de_CH") || holds(rule_locale, "de-") || holds(rule_locale, "-de") ||
	             holds(rule_locale, "1de") || holds(rule_locale, "en-morethan8") || holds(rule_locale, "en us"));
}

static void a_persons_addresses_are_of_the_web(void **state)
{
	(void)state;
	assert_true(holds(rule_web_address, "https://a.example/ann?x=1#me") && holds(rule_web_address, "HTTP://a.example"));
	assert_false(holds(rule_web_address, "https://") || holds(rule_web_address, "a.example") || holds(rule_web_address, "javascript:alert(1)") ||
	             holds(rule_web_address, "data:image/png;base64,") || holds(rule_web_address, "https://a b") || holds(rule_web_address, "https://\xc3\xa4"));
}

static void a_realm_of_the_partition_itself_is_no_identity_provider(void **state)
{
	(void)state;
	static const struct {
		const char *issuer;
		bool good;
	} cases[] = {
		{ "https://idp.example", true },
		{ "https://auth.example/system/auth/ACME-U", false },
		{ "http://127.0.0.1:8080/system/auth/ACME-C", false },
		{ "/system/auth/ACME-U", false },
		{ "https://auth.example/system/auth/ACME-X", true },
		{ "https://auth.example/system/auth/ACME-U/", true }, /* no issuer of ours: it is compared character by character */
		{ "https://auth.example/system/auth/XACME-U", true },
		{ "https://auth.example/system/auth/OTHER-U", true },
		{ "x", true },
	};
	struct partition_id acme;
	assert_true(partition_id_parse(SLICE_OF("ACME"), &acme));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct problem problem = { "" };
		assert_int_equal(rule_provider_issuer(&acme, slice_from(cases[i].issuer), &problem), cases[i].good ? RESULT_OK : RESULT_INVALID);
		assert_int_equal(problem.text[0] == '\0', cases[i].good);
	}
}

static void what_stands_in_a_claim_is_one_word_of_printable_ascii(void **state)
{
	(void)state;
	static const char *const bad[] = { "a b", "a\tb", "\xc3\xa4", "a\x7f" };
	struct problem problem;
	assert_int_equal(rule_claim_value(SLICE_OF("https://example.com/e-mail?a=\"b\""), &problem), RESULT_OK);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(rule_claim_value(slice_from(bad[i]), &problem), RESULT_INVALID);
	assert_int_equal(rule_registration_id(SLICE_OF("okta-1.x_y~z"), &problem), RESULT_OK);
	assert_int_equal(rule_registration_id(SLICE_OF("okta 1"), &problem), RESULT_INVALID);
	assert_int_equal(rule_registration_id(SLICE_OF("okta/1"), &problem), RESULT_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_permissions_kind_follows_its_name),
		cmocka_unit_test(the_admin_permissions_are_reserved_and_no_others),
		cmocka_unit_test(a_permission_name_is_a_scope_token_without_a_meaning_of_its_own),
		cmocka_unit_test(client_ids_are_unreserved_characters),
		cmocka_unit_test(a_persons_id_has_no_space_and_does_not_start_with_anon),
		cmocka_unit_test(usernames_and_names_are_clean_text_without_spaces_around),
		cmocka_unit_test(an_email_has_text_on_both_sides_of_the_at_sign),
		cmocka_unit_test(a_role_is_one_word),
		cmocka_unit_test(a_secret_given_by_hand_is_long_enough_and_never_repeated_in_the_sentence),
		cmocka_unit_test(redirect_addresses_are_https_or_loopback),
		cmocka_unit_test(a_private_scheme_is_for_an_spa_and_has_a_period),
		cmocka_unit_test(a_service_address_is_https_or_loopback_http),
		cmocka_unit_test(an_address_of_this_machine_is_known_in_every_spelling),
		cmocka_unit_test(an_address_is_bounded),
		cmocka_unit_test(a_birthdate_is_a_day_that_was_or_a_year),
		cmocka_unit_test(time_zones_and_language_tags_have_their_shape),
		cmocka_unit_test(a_persons_addresses_are_of_the_web),
		cmocka_unit_test(a_realm_of_the_partition_itself_is_no_identity_provider),
		cmocka_unit_test(what_stands_in_a_claim_is_one_word_of_printable_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
