#include "directory-support.h"

#include "directory/export_write.h"

#include <jansson.h>

static const char everything[] =
	"partitions:\n"
	"  - id: FULL\n"
	"    name: 'Full: \"quoted\" # no comment'\n"
	"    permission_prefix: https://p.example/\n"
	"    access_token_algorithm: RS256\n"
	"    branding: {name: Example, color: '#0b5fff', logo_url: https://cdn.example/logo.png}\n"
	"    policies: {user: user_signin, customer: customer_signin}\n"
	"    departments: [{name: Service}, {name: 'yes'}, {name: \"Gr\\u00f6\\u00dfe\"}, {name: '- x: {y'}]\n"
	"    permissions: [{name: a.read, description: \"Read: a\\nand 'more' \\\\ \\u2028\"}, {name: app.a.read}, {name: odd, kind: application}]\n"
	"    users:\n"
	"      - {id: '0010', username: 'null', email: n@example.com, roles: [b, a], department: 'yes', enabled: false,\n"
	"         claims: {name: \"Ann \\u2028\\x85 Agent\", address: {country: DE}, updated_at: 5},\n"
	"         password_hash: \"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}\n"
	"    customers: [{id: 1e3, email: jane@example.com}]\n"
	"    client_applications:\n"
	"      - {name: '- Portal', client_id: one, platform: web, redirect_urls: [https://a.example/cb], post_logout_redirect_urls: [https://a.example/bye],\n"
	"         backchannel_logout_url: https://a.example/logout, jwks: {keys: [{kty: EC, crv: P-256, x: a, y: b}]}, permissions: [app.a.read, a.read],\n"
	"         secrets: [{label: 'a: b', value: 1111111111111111111111111111111111111111, expires_at: 2030-01-01T00:00:00Z}], grants: [token_exchange],\n"
	"         access_token_seconds: 900, refresh_tokens: false, refresh_idle_seconds: 60, refresh_max_seconds: 61, consent: implied,\n"
	"         id_token_algorithm: ES256}\n"
	"      - {name: Browser, client_id: two, platform: spa, enabled: false}\n"
	"    identity_providers:\n"
	"      - {registration_id: b, issuer: 'https://b.example', audience: 'x:y', jwks_url: https://b.example/keys, claim: 'https://b.example/name', matches: username}\n"
	"      - {registration_id: a, issuer: '123', audience: 'null', jwks_url: 'http://127.0.0.1:80/', claim: email, matches: email}\n"
	"    anonymous_customers: {enabled: true, permissions: [a.read]}\n";

/* What store holds, applied to an empty store and exported again. */
static void assert_round_trip(struct store *store, bool json, const char *name)
{
	char *first = exported(store, true, json);
	struct store *copy = scene_empty_store(name);
	enum result result = apply_to(copy, first, 0);
	if (result != RESULT_OK)
		fail_msg("%s", scene.problem.text);
	char *second = exported(copy, true, json);
	assert_string_equal(first, second);
	free(first);
	free(second);
	store_close(copy);
}

static void an_export_with_hashes_applied_to_an_empty_store_exports_the_same_bytes(void **state)
{
	(void)state;
	struct store *store = scene_empty_store("full");
	if (apply_to(store, everything, 0) != RESULT_OK)
		fail_msg("%s", scene.problem.text);
	assert_round_trip(store, false, "copy-yaml");
	assert_round_trip(store, true, "copy-json");
	store_close(store);
}

static void an_export_without_hashes_has_none_and_changes_nothing_when_applied(void **state)
{
	(void)state;
	char *text = exported(scene.store, false, false);
	assert_null(strstr(text, "hash"));
	assert_non_null(strstr(text, "secrets: [{\"label\":\"one\"},{\"label\":\"two\"}]"));
	assert_int_equal(apply_text(text, 0), RESULT_OK);
	assert_changes("");
	assert_int_equal(apply_text(text, FLAG_PRUNE), RESULT_OK);
	assert_changes("");
	free(text);
}

static void an_export_as_json_is_json_and_applies_as_well(void **state)
{
	(void)state;
	char *text = exported(scene.store, true, true);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_array_size(json_object_get(json, "partitions")), 2);
	json_decref(json);
	assert_int_equal(apply_text(text, FLAG_PRUNE), RESULT_OK);
	assert_changes("");
	free(text);
}

static void one_partition_may_be_asked_for_and_must_be_there(void **state)
{
	(void)state;
	struct partition_id id;
	struct problem problem;
	char *text = NULL;
	size_t size = 0;
	struct export_options options = { .partition = &id, .out = open_memstream(&text, &size) };
	assert_true(partition_id_parse(SLICE_OF("SYSTEM"), &id));
	assert_int_equal(directory_export(scene.store, &options, &problem), RESULT_OK);
	assert_non_null(strstr(text, "SYSTEM"));
	assert_null(strstr(text, "\"P\""));
	assert_true(partition_id_parse(SLICE_OF("NOSUCH"), &id));
	assert_int_equal(directory_export(scene.store, &options, &problem), RESULT_NOT_FOUND);
	assert_string_equal(problem.text, "there is no partition NOSUCH");
	fclose(options.out);
	free(text);
}

static void an_output_that_is_full_is_told(void **state)
{
	(void)state;
	struct problem problem;
	const struct export_options options = { .out = fopen("/dev/full", "w") };
	assert_non_null(options.out);
	assert_int_equal(directory_export(scene.store, &options, &problem), RESULT_FAILED);
	assert_non_null(strstr(problem.text, "the document cannot be written"));
	fclose(options.out);
}

static void characters_that_readers_of_yaml_take_for_others_are_escaped(void **state)
{
	(void)state;
	char *text = NULL;
	size_t size = 0;
	struct export_writer export = { .out = open_memstream(&text, &size), .arena = scene.arena };
	assert_non_null(export.out);
	export_text(&export, "k", SLICE_OF("a\xc2\x80\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xef\xbf\xbe\xc2\xa0\xe2\x82\xac\xff"));
	assert_true(export_item(&export, "l", false));
	fclose(export.out);
	assert_string_equal(text, "    l:\n      - {k: \"a\\u0080\\u0085\\u2028\\u2029\\ufeff\\ufffe\xc2\xa0\xe2\x82\xac\\ufffd\"}\n");
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_export_with_hashes_applied_to_an_empty_store_exports_the_same_bytes),
		TEST(an_export_without_hashes_has_none_and_changes_nothing_when_applied),
		TEST(an_export_as_json_is_json_and_applies_as_well),
		TEST(one_partition_may_be_asked_for_and_must_be_there),
		TEST(an_output_that_is_full_is_told),
		TEST(characters_that_readers_of_yaml_take_for_others_are_escaped),
	};
	return cmocka_run_group_tests(tests, scene_group_setup, scene_group_teardown);
}
