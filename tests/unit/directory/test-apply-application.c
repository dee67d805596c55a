/* Client applications and their secrets. */
#include "directory-support.h"

#include "base/clock.h"

static void assert_secrets(const char *labels)
{
	struct client_application web;
	char found[256] = "";
	assert_true(application_by_id("web", &web));
	for (size_t i = 0; i < web.secret_count; i++)
		snprintf(found + strlen(found), sizeof found - strlen(found), "%.*s ", SLICE_ARGS(web.secrets[i].label));
	assert_string_equal(found, labels);
}

static enum result secrets(const char *list)
{
	char text[2048];
	snprintf(text, sizeof text, "client_applications: [{client_id: web, secrets: %s}]", list);
	return apply_part(text, 0);
}

static void secrets_absent_are_untouched_and_left_out_ones_are_deleted(void **state)
{
	(void)state;
	assert_int_equal(apply_part("client_applications: [{client_id: web, access_token_seconds: 600}]", 0), RESULT_OK);
	assert_changes("~ client application web (Portal): access_token_seconds: 3600 -> 600\n");
	assert_secrets("one two ");
	assert_int_equal(secrets("[{label: one}, {label: two}]"), RESULT_OK);
	assert_changes("");
	assert_int_equal(secrets("[{label: two}]"), RESULT_OK);
	assert_changes("~ client application web (Portal): secrets: -one\n");
	assert_secrets("two ");
	assert_int_equal(secrets("[]"), RESULT_OK);
	assert_secrets("");
}

static void a_label_alone_that_is_not_there_is_an_error(void **state)
{
	(void)state;
	assert_part_refused("client_applications: [{client_id: web, secrets: [{label: three}]}]",
	                    "f:3: there is no secret 'three' to keep: give a value, or {label: three, generate: true}");
}

static void a_value_is_stored_as_its_hash_and_never_told(void **state)
{
	(void)state;
	struct client_application web;
	struct hash32 hash = hash32_of(SLICE_OF("3333333333333333333333333333333333333333"));
	assert_int_equal(secrets("[{label: one}, {label: two, value: 3333333333333333333333333333333333333333}]"), RESULT_OK);
	assert_changes("~ client application web (Portal): secrets: ~two\n");
	assert_true(application_by_id("web", &web));
	assert_true(hash32_equal(&web.secrets[1].hash, &hash));
	assert_true(web.secrets[1].created_at <= clock_s() && web.secrets[1].created_at > clock_s() - 60);
	assert_int_equal(secrets("[{label: one}, {label: two, value: 3333333333333333333333333333333333333333}]"), RESULT_OK);
	assert_changes("");
	char *text = exported(scene.store, true, false);
	assert_null(strstr(text, "33333333333333"));
	free(text);
}

static void a_secret_is_generated_once_per_label_and_shown_once(void **state)
{
	(void)state;
	struct client_application web;
	char label[16] = "", value[64] = "";
	assert_int_equal(secrets("[{label: one}, {label: gen, generate: true}]"), RESULT_OK);
	assert_changes("~ client application web (Portal): secrets: +gen -two\n");
	assert_int_equal(sscanf(scene.secrets, "%15s %63s", label, value), 2);
	assert_string_equal(label, "gen");
	assert_int_equal(strlen(value), 48);
	assert_memory_equal(value, "writ_", 5);
	assert_true(application_by_id("web", &web));
	struct hash32 hash = hash32_of(slice_from(value));
	assert_true(hash32_equal(&web.secrets[1].hash, &hash));
	assert_int_equal(secrets("[{label: one}, {label: gen, generate: true}]"), RESULT_OK);
	assert_changes("");
	assert_string_equal(scene.secrets, "");
}

static void a_secret_may_expire_and_its_hash_may_be_given(void **state)
{
	(void)state;
	struct client_application web;
	assert_int_equal(secrets("[{label: one, expires_at: 2030-01-01T00:00:00Z},"
	                         " {label: imported, hash: \"sha256:R_vMqDCRQU1fq8MLlaa06sjnWNgoeZgOdDBVmNBfvxU\", created_at: 1000}]"), RESULT_OK);
	assert_changes("~ client application web (Portal): secrets: ~one +imported -two\n");
	assert_true(application_by_id("web", &web));
	assert_int_equal(web.secrets[0].expires_at, 1893456000);
	assert_int_equal(web.secrets[1].created_at, 1000);
	assert_int_equal(web.secrets[1].hash.bytes[0], 0x47);
	assert_int_equal(secrets("[{label: one, expires_at: null}, {label: imported}]"), RESULT_OK);
	assert_changes("~ client application web (Portal): secrets: ~one\n");
	assert_part_refused("client_applications: [{name: Portal, secrets: [{label: one, expires_at: 1970-01-01T00:00:00Z}]}]",
	                    "f:3: expires_at is the beginning of 1970: write a later time, or null for none");
}

static void applications_are_found_by_client_id_or_name(void **state)
{
	(void)state;
	assert_int_equal(apply_part("client_applications: [{name: Portal, consent: implied}, {client_id: spa, name: Renamed}]", 0), RESULT_OK);
	assert_changes("~ client application web (Portal): consent: ask -> implied\n~ client application spa (Renamed): name: \"Browser\" -> \"Renamed\"\n");
}

static void the_algorithm_of_id_tokens_is_a_field_like_others(void **state)
{
	(void)state;
	assert_int_equal(apply_part("client_applications: [{name: Portal, id_token_algorithm: ES256}]", 0), RESULT_OK);
	assert_changes("~ client application web (Portal): id_token_algorithm: RS256 -> ES256\n");
	assert_int_equal(apply_part("client_applications: [{name: Portal, consent: ask}]", 0), RESULT_OK);
	assert_changes("");
	assert_part_refused("client_applications: [{name: Portal, id_token_algorithm: none}]", "f:3: id_token_algorithm is ES256 or RS256");
	assert_part_refused("client_applications: [{name: Portal, id_token_algorithm: HS256}]", "f:3: id_token_algorithm is ES256 or RS256");
}

static void a_new_application_has_the_contracts_defaults(void **state)
{
	(void)state;
	struct partition_id partition;
	struct client_application added;
	assert_int_equal(apply_part("client_applications: [{name: New, platform: web}]", 0), RESULT_OK);
	assert_true(partition_id_parse(SLICE_OF("P"), &partition));
	assert_int_equal(store_application_by_name(scene.store, &partition, SLICE_OF("New"), scene.arena, &added), RESULT_OK);
	assert_true(added.client_id.len == 36 && added.enabled && added.refresh_tokens && added.consent == CONSENT_ASK && added.grants == 0);
	assert_int_equal(added.id_token_algorithm, ALGORITHM_RS256);
	assert_int_equal(added.access_token_seconds, 3600);
	assert_int_equal(added.refresh_idle_seconds, 2592000);
	assert_int_equal(added.refresh_max_seconds, 15552000);
	assert_int_equal(added.secret_count, 0);
}

static void a_new_application_needs_name_and_platform(void **state)
{
	(void)state;
	assert_part_refused("client_applications: [{name: New}]",
	                    "f:3: a client application needs a platform: web, or spa for browser and mobile applications");
	assert_part_refused("client_applications: [{client_id: new, platform: web}]", "f:3: a client application needs a name");
}

static void application_names_are_unique(void **state)
{
	(void)state;
	assert_part_refused("client_applications: [{client_id: new, name: Portal, platform: web}]",
	                    "f:3: the name 'Portal' belongs to the client application web: choose another, or rename that one first");
	assert_part_refused("client_applications:\n      - {client_id: x, name: New, platform: web}\n      - {client_id: y, name: New, platform: web}",
	                    "f:5: a client application named 'New' stands at line 4 already: leave one away");
	assert_int_equal(apply_part("client_applications: [{client_id: new, name: portal, platform: web}]", 0), RESULT_OK);
}

static void an_spa_keeps_no_secret_and_no_key(void **state)
{
	(void)state;
	assert_part_refused("client_applications: [{client_id: spa, secrets: [{generate: true}]}]",
	                    "f:3: an spa cannot keep a secret: leave secrets away, or write platform: web");
	assert_part_refused("client_applications: [{client_id: web, platform: spa}]",
	                    "f:3: an spa cannot keep a secret: leave secrets away, or write platform: web");
	assert_part_refused("client_applications: [{client_id: spa, jwks_url: https://a.example/jwks}]",
	                    "f:3: an spa cannot keep a key: leave jwks and jwks_url away, or write platform: web");
	assert_part_refused("client_applications: [{client_id: spa, grants: [token_exchange]}]", "f:3: token_exchange is for platform: web");
	assert_int_equal(apply_part("client_applications: [{client_id: spa, secrets: []}]", 0), RESULT_OK);
}

static void redirect_addresses_are_judged_by_the_platform_wherever_it_stands(void **state)
{
	(void)state;
	const char *sentence = "f:3: 'com.example.app:/cb' is no redirect address: write https://, http:// on 127.0.0.1, [::1] or localhost";
	assert_part_refused("client_applications: [{name: New, redirect_urls: ['com.example.app:/cb'], platform: web}]", sentence);
	assert_part_refused("client_applications: [{client_id: spa, platform: web}]", sentence);
	assert_part_refused("client_applications: [{client_id: web, post_logout_redirect_urls: ['com.example.app:/cb']}]", sentence);
	assert_int_equal(apply_part("client_applications: [{name: New, redirect_urls: ['com.example.app:/cb'], platform: spa}]", 0), RESULT_OK);
}

static void fields_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_part_refused("client_applications: [{client_id: web, jwks_url: https://a.example/jwks, jwks: {keys: [{kty: EC, crv: P-256, x: a, y: b}]}}]",
	                    "f:3: jwks and jwks_url are given both: leave one away");
	assert_part_refused("client_applications: [{client_id: web, refresh_idle_seconds: 7200, refresh_max_seconds: 3600}]",
	                    "f:3: refresh_idle_seconds is more than refresh_max_seconds");
}

static void differences_name_what_was_added_and_taken_away(void **state)
{
	(void)state;
	assert_int_equal(apply_part("client_applications: [{client_id: web, enabled: false, permissions: [app.a.read, a.onbehalfof.read], grants: [token_exchange],\n"
	                            "      jwks: {keys: [{kty: EC, crv: P-256, x: a, y: b}]}, redirect_urls: []}]", 0), RESULT_OK);
	assert_changes("~ client application web (Portal): enabled: true -> false, redirect_urls: -https://a.example/cb, jwks: set, "
	               "permissions: +app.a.read +a.onbehalfof.read -a.read, grants: none -> token_exchange\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(secrets_absent_are_untouched_and_left_out_ones_are_deleted),
		TEST(a_label_alone_that_is_not_there_is_an_error),
		TEST(a_value_is_stored_as_its_hash_and_never_told),
		TEST(a_secret_is_generated_once_per_label_and_shown_once),
		TEST(a_secret_may_expire_and_its_hash_may_be_given),
		TEST(applications_are_found_by_client_id_or_name),
		TEST(the_algorithm_of_id_tokens_is_a_field_like_others),
		TEST(a_new_application_has_the_contracts_defaults),
		TEST(a_new_application_needs_name_and_platform),
		TEST(application_names_are_unique),
		TEST(an_spa_keeps_no_secret_and_no_key),
		TEST(redirect_addresses_are_judged_by_the_platform_wherever_it_stands),
		TEST(fields_that_contradict_each_other_are_refused),
		TEST(differences_name_what_was_added_and_taken_away),
	};
	return cmocka_run_group_tests(tests, scene_group_setup, scene_group_teardown);
}
