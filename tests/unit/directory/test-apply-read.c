/* The readers of single objects: what an apply document may say, without any store. */
#include "directory/apply_read.h"
#include "directory/apply_time.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct arena *arena;
static struct problem problem;
static struct person_reading person;
static struct application_reading application;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, LIMIT_APPLY_OBJECT_SIZE);
	return arena == NULL;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

enum which { USER, CUSTOMER, APPLICATION, PERMISSION, DEPARTMENT };

/* Reads one object; its sentence stays in problem, "" when it was good. */
static bool reads(enum which which, const char *text)
{
	static struct permission_reading permission;
	static struct department_reading department;
	struct document *document = document_open_memory(slice_from(text), "f");
	assert_non_null(document);
	arena_reset(arena);
	enum result result = RESULT_OK;
	switch (which) {
	case USER: result = person_read(document, PERSON_USER, arena, &person); break;
	case CUSTOMER: result = person_read(document, PERSON_CUSTOMER, arena, &person); break;
	case APPLICATION: result = application_read(document, arena, &application); break;
	case PERMISSION: result = permission_read(document, arena, &permission); break;
	case DEPARTMENT: result = department_read(document, arena, &department); break;
	}
	if (result == RESULT_OK)
		result = document_finish(document);
	problem = *document_problem(document);
	document_close(document);
	assert_int_equal(result == RESULT_OK, problem.text[0] == '\0');
	return result == RESULT_OK;
}

static void assert_says(enum which which, const char *text, const char *sentence)
{
	assert_false(reads(which, text));
	assert_string_equal(problem.text, sentence);
}

static void assert_slice(struct slice slice, const char *text)
{
	if (!slice_is(slice, text))
		fail_msg("'%.*s' is not '%s'", SLICE_ARGS(slice), text);
}

static void numbers_without_quotes_are_texts_where_a_text_is_wanted(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: 1001, username: 0010, email: a@b}"));
	assert_slice(person.person.id, "1001");
	assert_slice(person.person.username, "0010");
	assert_true(reads(USER, "{id: '1001', username: 'null'}"));
	assert_slice(person.person.username, "null");
}

static void null_is_given_as_empty(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: x, email: null, roles: , department: ~}"));
	assert_true(reading_has(&person.reading, PERSON_EMAIL) && reading_has(&person.reading, PERSON_ROLES));
	assert_int_equal(person.person.email.len, 0);
	assert_int_equal(person.person.roles.len, 0);
	assert_false(reading_has(&person.reading, PERSON_USERNAME));
}

static void an_unknown_key_is_told_with_the_nearest_known_one(void **state)
{
	(void)state;
	assert_says(USER, "id: x\nusrname: y\n", "f:2: a user has no 'usrname': did you mean 'username'?");
	assert_says(USER, "{id: x, Email: y}", "f:1: a user has no 'Email': did you mean 'email'?");
	assert_says(CUSTOMER, "{id: x, qqqqqqqqqqqq: y}", "f:1: a customer has no 'qqqqqqqqqqqq': leave it away");
	assert_says(CUSTOMER, "{id: x, username: y}", "f:1: a customer has no 'username': leave it away");
	assert_says(APPLICATION, "{name: x, redirect_uris: []}", "f:1: a client application has no 'redirect_uris': did you mean 'redirect_urls'?");
}

static void a_key_that_stands_twice_is_refused(void **state)
{
	(void)state;
	assert_says(USER, "id: x\nid: x\n", "f:2: id stands twice in this user");
	assert_says(APPLICATION, "name: a\nsecrets: []\nsecrets: []\n", "f:3: secrets stands twice in this client application");
}

static void flags_and_numbers_are_of_the_core_schema_and_within_bounds(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: x, enabled: false}"));
	assert_false(person.person.enabled);
	assert_says(USER, "{id: x, enabled: no}", "f:1: enabled is true or false, without quotes");
	assert_says(USER, "{id: x, enabled: 'true'}", "f:1: enabled is true or false, without quotes");
	assert_says(USER, "{id: x, enabled: null}", "f:1: enabled is true or false, without quotes");
	assert_true(reads(APPLICATION, "{name: x, access_token_seconds: 86400}"));
	assert_int_equal(application.application.access_token_seconds, 86400);
	assert_says(APPLICATION, "{name: x, access_token_seconds: 86401}", "f:1: access_token_seconds is a number from 60 to 86400");
	assert_says(APPLICATION, "{name: x, access_token_seconds: 59}", "f:1: access_token_seconds is a number from 60 to 86400");
	assert_says(APPLICATION, "{name: x, access_token_seconds: '3600'}", "f:1: access_token_seconds is a number from 60 to 86400");
	assert_says(APPLICATION, "{name: x, refresh_max_seconds: -1}", "f:1: refresh_max_seconds is a number from 60 to 34560000");
}

static void names_of_a_closed_set_are_told_when_another_stands_there(void **state)
{
	(void)state;
	assert_says(APPLICATION, "{name: x, platform: desktop}", "f:1: platform is web or spa");
	assert_says(APPLICATION, "{name: x, resource_type: local}", "f:1: resource_type is global");
	assert_says(APPLICATION, "{name: x, consent: never}", "f:1: consent is ask or implied");
	assert_says(APPLICATION, "{name: x, grants: [password]}", "f:1: grants is token_exchange");
	assert_says(PERMISSION, "{name: x, kind: y}", "f:1: kind is delegated or on_behalf_of or application");
	assert_true(reads(APPLICATION, "{name: x, platform: spa, consent: implied, grants: [token_exchange]}"));
	assert_int_equal(application.application.platform, PLATFORM_SPA);
	assert_int_equal(application.application.consent, CONSENT_IMPLIED);
	assert_int_equal(application.application.grants, OPTIONAL_GRANT_TOKEN_EXCHANGE);
}

static void list_entries_are_judged_and_doubled_ones_count_once(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: x, roles: [a, b, a]}"));
	assert_slice(person.person.roles, "a b");
	assert_says(USER, "{id: x, roles: ['a b']}", "f:1: roles: an entry is empty or has a space in it: write one name an entry");
	assert_says(USER, "{id: x, roles: [\"\"]}", "f:1: roles: an entry is empty or has a space in it: write one name an entry");
	assert_false(reads(APPLICATION, "{name: x, permissions: [openid]}"));
	char text[4096] = "{id: x, roles: [r0";
	for (int i = 1; i <= LIMIT_ROLES; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), ", r%d", i);
	assert_says(USER, strcat(text, "]}"), "f:1: roles has more than 32 entries");
}

static void an_object_needs_what_names_it(void **state)
{
	(void)state;
	assert_says(USER, "{email: a@b}", "f:1: a user needs an id or a username");
	assert_says(CUSTOMER, "{enabled: true}", "f:1: a customer needs an id or an email");
	assert_says(APPLICATION, "{platform: web}", "f:1: a client application needs a name");
	assert_says(PERMISSION, "{description: x}", "f:1: a permission needs a name");
	assert_says(DEPARTMENT, "{name: ''}", "f:1: a department needs a name");
}

static void control_characters_are_refused_but_descriptions_have_lines(void **state)
{
	(void)state;
	assert_says(USER, "{id: x, username: \"a\\nb\"}", "f:1: username has control characters in it");
	assert_says(USER, "{id: x, username: \"a\\0b\"}", "f:1: username has control characters in it");
	assert_true(reads(PERMISSION, "{name: x, description: \"a\\nb\"}"));
	assert_says(PERMISSION, "{name: x, description: \"a\\tb\"}", "f:1: description has control characters in it");
}

static void a_person_has_a_password_or_a_hash_but_not_both(void **state)
{
	(void)state;
	const char *hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	char text[512];
	snprintf(text, sizeof text, "{id: x, password_hash: \"%s\"}", hash);
	assert_true(reads(USER, text));
	assert_slice(person.password_hash, hash);
	snprintf(text, sizeof text, "{id: x, password: y, password_hash: \"%s\"}", hash);
	assert_says(USER, text, "f:1: password and password_hash are given both: leave one away");
	assert_false(reads(USER, "{id: x, password_hash: \"$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"));
	assert_false(reads(USER, "{id: x, password_hash: plain}"));
}

static void claims_are_standard_ones_of_their_types_with_sorted_keys(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: x, claims: {name: 12, birthdate: 1990-01-01, email_verified: true, updated_at: 17, name#ja: n, middle_name: null,\n"
	                        " address: {locality: \"a\\nb\", country: DE}}}"));
	assert_slice(person.person.claims, "{\"address\":{\"country\":\"DE\",\"locality\":\"a\\nb\"},\"birthdate\":\"1990-01-01\",\"email_verified\":true,"
	                                   "\"name\":\"12\",\"name#ja\":\"n\",\"updated_at\":17}");
	assert_true(reads(USER, "{id: x, claims: {}}"));
	assert_true(reading_has(&person.reading, PERSON_CLAIMS) && person.person.claims.len == 0);
	assert_says(USER, "{id: x, claims: {nmae: y}}", "f:1: 'nmae' is no standard member of claims: did you mean 'name'?");
	assert_says(USER, "{id: x, claims: {zzzzzzzzzzzz: y}}", "f:1: 'zzzzzzzzzzzz' is no standard member of claims (OpenID Connect Core section 5.1)");
	assert_says(USER, "{id: x, claims: {email: a@b}}", "f:1: email is a field of the person, not of the claims: move it up");
	assert_says(USER, "{id: x, claims: {sub: y}}", "f:1: sub is a field of the person, not of the claims: move it up");
	assert_says(USER, "{id: x, claims: {email_verified: 'true'}}", "f:1: the claim email_verified is true or false, without quotes");
	assert_says(USER, "{id: x, claims: {updated_at: soon}}", "f:1: the claim updated_at is a whole number of seconds");
	assert_says(USER, "{id: x, claims: {name: [a]}}", "f:1: name is a single value: a list stands here");
	assert_says(USER, "{id: x, claims: {address: here}}", "f:1: address is a mapping (key: value): a single value stands here");
	assert_says(USER, "{id: x, claims: {address: {name: y}}}", "f:1: 'name' is no standard member of address (OpenID Connect Core section 5.1)");
	assert_says(USER, "{id: x, claims: {name: a,\n name: b}}", "f:2: name stands twice in claims");
	assert_false(reads(USER, "{id: x, claims: {name: \"a\\0b\"}}"));
}

static void claims_that_say_nothing_are_left_out(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: x, claims: {name: '', nickname: '  ', picture: '', birthdate: null, address: {}, gender: f}}"));
	assert_slice(person.person.claims, "{\"gender\":\"f\"}");
	assert_true(reads(USER, "{id: x, claims: {name: '', address: {country: ''}}}"));
	assert_int_equal(person.person.claims.len, 0);
}

static void claims_have_the_forms_of_the_standard(void **state)
{
	(void)state;
	assert_true(reads(USER, "{id: x, claims: {profile: https://a.example/ann, picture: http://a.example/a.png, website: HTTPS://a.example, birthdate: 1990,\n"
	                        " zoneinfo: America/Argentina/Buenos_Aires, locale: de-CH, locale#fr: fr-CH, gender: any text, updated_at: 1700000000}}"));
	assert_says(USER, "{id: x, claims: {birthdate: 1.2.1990}}", "f:1: the claim birthdate: a date is written YYYY-MM-DD, or 0000-MM-DD without the year, or YYYY alone");
	assert_says(USER, "{id: x, claims: {zoneinfo: Berlin time}}", "f:1: the claim zoneinfo: a time zone is a name of the IANA database, such as Europe/Berlin");
	assert_says(USER, "{id: x, claims: {locale: de_CH}}", "f:1: the claim locale: a language tag has hyphens, such as en or de-CH");
	assert_says(USER, "{id: x, claims: {picture: ann.png}}", "f:1: the claim picture: an address begins with https:// or http://, and is ASCII without spaces");
	assert_says(USER, "{id: x, claims: {updated_at: 1700000000000}}", "f:1: the claim updated_at is still to come: write seconds since 1970, not milliseconds");
	assert_says(USER, "{id: x, claims: {phone_number_verified: yes}}", "f:1: the claim phone_number_verified is true or false, without quotes");
}

static void claims_are_bounded(void **state)
{
	(void)state;
	char text[16 * 1024] = "{id: x, claims: {";
	size_t len = strlen(text);
	for (int i = 0; i < 6; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "name#l%d: %01800d,", i, 0);
	snprintf(text + len, sizeof text - len, "}}");
	assert_says(USER, text, "f:1: the claims are longer than 8192 bytes");
	len = strlen("{id: x, claims: {");
	for (int i = 0; i < 200; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "name#l%d: x,", i);
	snprintf(text + len, sizeof text - len, "}}");
	assert_says(USER, text, "f:1: claims has more than 128 members");
}

static void a_secret_is_a_value_a_hash_or_to_be_generated(void **state)
{
	(void)state;
	assert_true(reads(APPLICATION, "{name: x, secrets: [{value: hh2Y0UE8FmaFBBawzMUua1OB8Ks4QWHNUyhDyZj1X7c}, {label: b, generate: true}, {label: c}]}"));
	assert_int_equal(application.secret_count, 3);
	assert_slice(application.secrets[0].label, "default");
	assert_true(application.secrets[1].generate);
	assert_false(application.secrets[2].generate);
	assert_true(reads(APPLICATION, "{name: x, secrets: [{hash: \"sha256:R_vMqDCRQU1fq8MLlaa06sjnWNgoeZgOdDBVmNBfvxU\", created_at: 2026-11-22T11:51:30Z,"
	                               " expires_at: 1900000000}]}"));
	assert_int_equal(application.secrets[0].hash.bytes[0], 0x47);
	assert_int_equal(application.secrets[0].created_at, 1795348290);
	assert_int_equal(application.secrets[0].expires_at, 1900000000);
	assert_says(APPLICATION, "{name: x, secrets: [{value: hh2Y0UE8FmaFBBawzMUua1OB8Ks4QWHNUyhDyZj1X7c, generate: true}]}",
	            "f:1: a secret has one of value, hash and generate: leave the others away");
	assert_says(APPLICATION, "{name: x, secrets: [{label: a},\n{label: a}]}", "f:2: two secrets have the label 'a' (the other at line 1): rename one");
	assert_says(APPLICATION, "{name: x, secrets: [{created_at: 5, generate: true}]}", "f:1: created_at belongs to a secret that is given by its hash");
	assert_says(APPLICATION, "{name: x, secrets: [{expires_at: tomorrow, generate: true}]}",
	            "f:1: expires_at is a time like 2027-01-31T12:00:00Z, or seconds since 1970");
	static const char *const hashes[] = { "sha256:", "sha256:R_vMqDCRQU1fq8MLlaa06sjnWNgoeZgOdDBVmNBfvx", "sha1:R_vMqDCRQU1fq8MLlaa06sjnWNgoeZgOdDBVmNBfvxU",
		                                  "sha256:R_vMqDCRQU1fq8MLlaa06sjnWNgoeZgOdDBVmNBfvx=", "sha256:R+vMqDCRQU1fq8MLlaa06sjnWNgoeZgOdDBVmNBfvxU" };
	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
		char text[256];
		snprintf(text, sizeof text, "{name: x, secrets: [{hash: \"%s\"}]}", hashes[i]);
		assert_says(APPLICATION, text, "f:1: hash is written sha256: and 43 base64url characters, as an export has it");
	}
}

static void a_short_secret_is_refused_without_being_repeated(void **state)
{
	(void)state;
	assert_false(reads(APPLICATION, "{name: x, secrets: [{value: short-secret}]}"));
	assert_null(strstr(problem.text, "short-secret"));
}

static void an_application_has_at_most_sixteen_secrets(void **state)
{
	(void)state;
	char text[4096] = "{name: x, secrets: [";
	for (int i = 0; i <= LIMIT_SECRETS; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "{label: s%d, generate: true}, ", i);
	assert_says(APPLICATION, strcat(text, "]}"), "f:1: an application has at most 16 secrets");
}

static void key_sets_hold_public_keys_only(void **state)
{
	(void)state;
	assert_true(reads(APPLICATION, "{name: x, jwks: {keys: [{kty: EC, crv: P-256, x: a, y: b, kid: 1}]}}"));
	assert_slice(application.application.jwks, "{\"keys\":[{\"crv\":\"P-256\",\"kid\":1,\"kty\":\"EC\",\"x\":\"a\",\"y\":\"b\"}]}");
	assert_true(reads(APPLICATION, "{name: x, jwks: null}"));
	assert_true(reading_has(&application.reading, APPLICATION_JWKS) && application.application.jwks.len == 0);
	static const char *const private_members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
	for (size_t i = 0; i < sizeof private_members / sizeof *private_members; i++) {
		char text[256];
		snprintf(text, sizeof text, "{name: x, jwks: {keys: [{kty: EC, crv: P-256, x: a, y: b, %s: c}]}}", private_members[i]);
		assert_says(APPLICATION, text, "f:1: key 1 of jwks is private or a shared secret: write its public part only, and make a new key");
	}
	assert_says(APPLICATION, "{name: x, jwks: {keys: [{kty: RSA, n: AQAB, e: AQAB}]}}", "f:1: key 1 of jwks is no RSA key of 2048 bits or more and no EC key");
	assert_says(APPLICATION, "{name: x, jwks: {keys: [{kty: oct}]}}", "f:1: key 1 of jwks is no RSA key of 2048 bits or more and no EC key");
	assert_says(APPLICATION, "{name: x, jwks: []}", "f:1: jwks is a key set: write {keys: [...]} (RFC 7517 section 5)");
	assert_says(APPLICATION, "{name: x, jwks: {keys: []}}", "f:1: jwks is a key set: write {keys: [...]} (RFC 7517 section 5)");
}

static void times_are_rfc_3339_or_seconds(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = { { "0", 0 }, { "1795348290", 1795348290 }, { "1970-01-01T00:00:00Z", 0 }, { "2026-11-22T11:51:30.999Z", 1795348290 },
		         { "2026-11-22T13:51:30+02:00", 1795348290 }, { "2026-11-22 11:21:30-00:30", 1795348290 }, { "2028-02-29T00:00:00Z", 1835395200 } };
	static const char *const bad[] = { "", "-1", "now", "2026-11-22", "2026-11-22T11:51:30", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
		                               "2026-11-22T24:00:00Z", "2026-11-22T11:60:00Z", "2026-11-22T11:51:30+2:00", "1969-12-31T23:59:59Z", "253402300800",
		                               "2026-11-22T11:51:30Zx", "20261122T115130Z" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t seconds = -1;
		assert_int_equal(apply_time_parse(slice_from(good[i].text), &seconds), RESULT_OK);
		assert_int_equal(seconds, good[i].seconds);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int64_t seconds;
		assert_int_equal(apply_time_parse(slice_from(bad[i]), &seconds), RESULT_INVALID);
	}
	char text[APPLY_TIME_SIZE];
	apply_time_print(1795348290, text);
	assert_string_equal(text, "2026-11-22T11:51:30Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_without_quotes_are_texts_where_a_text_is_wanted),
		cmocka_unit_test(null_is_given_as_empty),
		cmocka_unit_test(an_unknown_key_is_told_with_the_nearest_known_one),
		cmocka_unit_test(a_key_that_stands_twice_is_refused),
		cmocka_unit_test(flags_and_numbers_are_of_the_core_schema_and_within_bounds),
		cmocka_unit_test(names_of_a_closed_set_are_told_when_another_stands_there),
		cmocka_unit_test(list_entries_are_judged_and_doubled_ones_count_once),
		cmocka_unit_test(an_object_needs_what_names_it),
		cmocka_unit_test(control_characters_are_refused_but_descriptions_have_lines),
		cmocka_unit_test(a_person_has_a_password_or_a_hash_but_not_both),
		cmocka_unit_test(claims_are_standard_ones_of_their_types_with_sorted_keys),
		cmocka_unit_test(claims_that_say_nothing_are_left_out),
		cmocka_unit_test(claims_have_the_forms_of_the_standard),
		cmocka_unit_test(claims_are_bounded),
		cmocka_unit_test(a_secret_is_a_value_a_hash_or_to_be_generated),
		cmocka_unit_test(a_short_secret_is_refused_without_being_repeated),
		cmocka_unit_test(an_application_has_at_most_sixteen_secrets),
		cmocka_unit_test(key_sets_hold_public_keys_only),
		cmocka_unit_test(times_are_rfc_3339_or_seconds),
	};
	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
