#include "rig.h"

#include "oauth/grants.h"
#include "oauth/metadata.h"
#include "oauth/person_claims.h"
#include "signin/language.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define ISSUER "https://auth.example/system/auth/ONE-C"

static json_t *document(void)
{
	struct rig rig;
	rig_open(&rig);
	assert_true(realm_parse(SLICE_OF("ONE-C"), &rig.call.realm));
	rig.oauth.auth_url = SLICE_OF("https://auth.example");
	struct writer body = writer_new(rig.arena, 1024);
	metadata_write(&rig.call, &body);
	assert_true(writer_ok(&body));
	json_t *object = json_loadb(body.bytes, body.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	rig_close(&rig);
	return object;
}

static bool lists(const json_t *object, const char *member, const char *word)
{
	size_t i;
	json_t *each;
	json_array_foreach(json_object_get(object, member), i, each)
		if (strcmp(json_string_value(each), word) == 0)
			return true;
	return false;
}

static void every_address_is_the_realms(void **state)
{
	(void)state;
	static const char *const addresses[][2] = {
		{ "issuer", ISSUER }, { "authorization_endpoint", ISSUER "/oauth2/authorize" }, { "token_endpoint", ISSUER "/oauth2/token" },
		{ "userinfo_endpoint", ISSUER "/oauth2/userinfo" }, { "jwks_uri", ISSUER "/oauth2/jwks" },
		{ "introspection_endpoint", ISSUER "/oauth2/introspect" }, { "revocation_endpoint", ISSUER "/oauth2/revoke" },
		{ "end_session_endpoint", ISSUER "/oauth2/logout" },
	};
	json_t *object = document();
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
		assert_string_equal(json_string_value(json_object_get(object, addresses[i][0])), addresses[i][1]);
	json_decref(object);
}

static void grants_languages_and_claims_are_those_of_the_registries(void **state)
{
	(void)state;
	json_t *object = document();
	size_t count = 0;
	for (const struct grant *grant; (grant = grant_at(count)) != NULL; count++)
		assert_true(lists(object, "grant_types_supported", grant->name.ptr));
	assert_int_equal(json_array_size(json_object_get(object, "grant_types_supported")), count);
	assert_true(grant_find(SLICE_OF("authorization_code")) != NULL && grant_find(SLICE_OF("refresh_token")) != NULL);
	for (count = 0; language_at(count) != NULL; count++)
		assert_true(lists(object, "ui_locales_supported", language_tag(language_at(count))));
	assert_int_equal(json_array_size(json_object_get(object, "ui_locales_supported")), count);
	for (count = 0; person_claim_at(count).ptr != NULL; count++)
		assert_true(lists(object, "claims_supported", person_claim_at(count).ptr));
	assert_true(lists(object, "claims_supported", "sub") && lists(object, "claims_supported", "at_hash"));
	json_decref(object);
}

static void what_defaults_would_get_wrong_is_said(void **state)
{
	(void)state;
	json_t *object = document();
	assert_true(json_is_false(json_object_get(object, "request_uri_parameter_supported")));
	assert_true(json_is_false(json_object_get(object, "request_parameter_supported")));
	assert_true(json_is_true(json_object_get(object, "claims_parameter_supported")));
	assert_true(json_is_true(json_object_get(object, "authorization_response_iss_parameter_supported")));
	assert_true(json_is_true(json_object_get(object, "backchannel_logout_supported")));
	assert_true(json_is_true(json_object_get(object, "backchannel_logout_session_supported")));
	assert_true(lists(object, "response_modes_supported", "form_post"));
	assert_true(lists(object, "token_endpoint_auth_methods_supported", "none"));
	assert_true(lists(object, "code_challenge_methods_supported", "S256"));
	assert_int_equal(json_array_size(json_object_get(object, "code_challenge_methods_supported")), 1);
	assert_true(lists(object, "id_token_signing_alg_values_supported", "RS256") && lists(object, "id_token_signing_alg_values_supported", "ES256"));
	json_decref(object);
}

/* The IANA registry of OAuth Authorization Server Metadata has each of these names, but for the three of logout: those come from
 * OpenID Connect RP-Initiated Logout §2.1 and Back-Channel Logout §2.1. */
static void there_are_no_members_that_nobody_registered(void **state)
{
	(void)state;
	static const char *const registered[] = {
		"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "scopes_supported", "response_types_supported",
		"response_modes_supported", "grant_types_supported", "token_endpoint_auth_methods_supported", "ui_locales_supported",
		"revocation_endpoint", "revocation_endpoint_auth_methods_supported", "introspection_endpoint", "token_endpoint_auth_signing_alg_values_supported",
		"revocation_endpoint_auth_signing_alg_values_supported", "introspection_endpoint_auth_signing_alg_values_supported",
		"introspection_endpoint_auth_methods_supported", "code_challenge_methods_supported", "userinfo_endpoint", "acr_values_supported",
		"subject_types_supported", "id_token_signing_alg_values_supported", "claims_supported", "claims_parameter_supported",
		"request_parameter_supported", "request_uri_parameter_supported", "authorization_response_iss_parameter_supported",
		"end_session_endpoint", "backchannel_logout_supported", "backchannel_logout_session_supported",
	};
	json_t *object = document();
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value) {
		bool known = false;
		for (size_t i = 0; i < sizeof registered / sizeof registered[0]; i++)
			known |= strcmp(name, registered[i]) == 0;
		assert_true(known);
	}
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_is_the_realms),
		cmocka_unit_test(grants_languages_and_claims_are_those_of_the_registries),
		cmocka_unit_test(what_defaults_would_get_wrong_is_said),
		cmocka_unit_test(there_are_no_members_that_nobody_registered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
