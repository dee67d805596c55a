#include "rig.h"

#include "base/text.h"
#include "jose/access_claims.h"

#include <jansson.h>

#define AUTH "https://auth.example.test/system/auth/"
#define API "https://api.example.test"
#define ADMIN "https://auth.example.test/admin/v1"

/* A user's. */
static const char good[] = "{\"iss\":\"" AUTH "ONE-U\",\"sub\":\"1001\",\"aud\":\"" API "\",\"iat\":1800000000,\"exp\":1800003600,"
                           "\"jti\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"client_id\":\"app-1\",\"scope\":\"read\","
                           "\"actor\":\"user\",\"partition\":\"ONE\",\"gid\":\"g\",\"auth_time\":1799999999}";

/* changes: an object that goes over it; what is null there is taken away. */
static bool reads(const char *changes, struct slice admin_audience, struct access_token *token)
{
	const struct access_expected expected = {
		.partition = SLICE("ONE"),
		.users_issuer = SLICE(AUTH "ONE-U"),
		.customers_issuer = SLICE(AUTH "ONE-C"),
		.audience = SLICE(API),
		.admin_audience = admin_audience,
	};
	static struct claims claims;
	json_t *changed = json_loads(changes, 0, NULL);
	assert_non_null(changed);
	json_decref(claims.object);
	claims.object = json_loads(good, 0, NULL);
	json_object_update(claims.object, changed);
	for (void *at = json_object_iter(changed); at != NULL; at = json_object_iter_next(changed, at))
		if (json_is_null(json_object_iter_value(at)))
			json_object_del(claims.object, json_object_iter_key(at));
	json_decref(changed);
	bool is_one = access_claims_read(&claims, &expected, token);
	if (!is_one) {
		json_decref(claims.object);
		claims.object = NULL;
	}
	return is_one;
}

static bool is_good(const char *changes)
{
	struct access_token token;
	return reads(changes, (struct slice) { NULL, 0 }, &token);
}

static void what_the_claims_say_is_told(void **state)
{
	(void)state;
	struct access_token token;
	assert_true(reads("{}", (struct slice) { NULL, 0 }, &token));
	assert_true(slice_is(token.subject, "1001") && slice_is(token.client_id, "app-1") && slice_is(token.scope, "read") && slice_is(token.gid, "g"));
	assert_true(slice_is(token.issuer, AUTH "ONE-U") && slice_is(token.audience, API));
	assert_true(slice_is(token.partition, "ONE") && slice_is(token.actor, "user"));
	assert_int_equal(token.issued_at, 1800000000);
	assert_int_equal(token.expires_at, 1800003600);
	assert_int_equal(token.auth_time, 1799999999);
	assert_int_equal(token.made_ms, 0x01890a5dac96);
	assert_int_equal(token.speaks_for, API_ACTOR_USER);
	assert_null(token.acting_client.ptr);
	assert_true(reads("{\"act\":{\"sub\":\"app-1\"},\"auth_time\":null,\"scope\":\"\"}", (struct slice) { NULL, 0 }, &token));
	assert_true(slice_is(token.acting_client, "app-1"));
	assert_int_equal(token.speaks_for, API_ACTOR_USER_ON_BEHALF_OF);
	assert_int_equal(token.auth_time, 0);
	assert_true(reads("{}", SLICE_OF(ADMIN), &token));
	assert_false(is_good("{\"aud\":\"" ADMIN "\"}"));
	assert_true(reads("{\"aud\":\"" ADMIN "\"}", SLICE_OF(ADMIN), &token));
	assert_false(reads("{\"aud\":\"" API "/\"}", SLICE_OF(ADMIN), &token));
	assert_false(is_good("{\"aud\":\"\"}"));
}

static void each_claim_is_there_and_is_text_or_a_number(void **state)
{
	(void)state;
	static const char *const names[] = { "iss", "sub", "aud", "iat", "exp", "jti", "client_id", "scope", "actor", "partition", "gid" };
	static const char *const values[] = { "null", "true", "7.5", "[]", "{}", "[\"x\"]", "\"\"" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
			char changes[64];
			snprintf(changes, sizeof changes, "{\"%s\":%s}", names[i], values[j]);
			if (is_good(changes) != (strcmp(names[i], "scope") == 0 && strcmp(values[j], "\"\"") == 0))
				fail_msg("%s", changes);
		}
	}
}

static void realm_client_application_and_who_acts_are_those_of_the_actor(void **state)
{
	(void)state;
	static const struct {
		const char *actor;
		bool at_users, at_customers, acting, anonymous, named; /* which are good */
	} kinds[] = {
		{ "user", true, false, true, false, true },
		{ "customer", false, true, true, false, true },
		{ "anonymous_customer", false, true, false, true, false },
		{ "client", true, true, false, false, true },
		{ "user_on_behalf_of", false, false, false, false, false },
		{ "administrator", false, false, false, false, false },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		for (unsigned bits = 0; bits < 16; bits++) {
			const bool customers = (bits & 1) != 0, acting = (bits & 2) != 0, anonymous = (bits & 4) != 0, other = (bits & 8) != 0;
			char changes[256];
			snprintf(changes, sizeof changes, "{\"actor\":\"%s\",\"iss\":\"" AUTH "%s-%c\",\"client_id\":\"%s\"%s}", kinds[i].actor, other ? "TWO" : "ONE",
			         customers ? 'C' : 'U', anonymous ? "anonymous" : "app-1", acting ? ",\"act\":{\"sub\":\"app-1\"}" : "");
			const bool expected = (customers ? kinds[i].at_customers : kinds[i].at_users) && (!acting || kinds[i].acting) &&
			                      (anonymous ? kinds[i].anonymous : kinds[i].named) && !other;
			if (is_good(changes) != expected)
				fail_msg("%s", changes);
		}
	}
}

static void an_actor_is_what_the_token_says_and_only_persons_are_acted_for(void **state)
{
	(void)state;
	static const struct {
		const char *actor;
		enum api_actor direct, acting;
	} cases[] = {
		{ "user", API_ACTOR_USER, API_ACTOR_USER_ON_BEHALF_OF },
		{ "customer", API_ACTOR_CUSTOMER, API_ACTOR_CUSTOMER_ON_BEHALF_OF },
		{ "anonymous_customer", API_ACTOR_ANONYMOUS_CUSTOMER, 0 },
		{ "client", API_ACTOR_CLIENT, 0 },
		{ "user_on_behalf_of", 0, 0 },
		{ "User", 0, 0 },
		{ "", 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (int acting = 0; acting < 2; acting++) {
			enum api_actor actor = 0, expected = acting != 0 ? cases[i].acting : cases[i].direct;
			assert_int_equal(token_actor(slice_from(cases[i].actor), acting != 0, &actor), expected != 0);
			assert_int_equal(actor, expected);
		}
	}
}

static void what_is_of_another_partition_or_malformed_is_none(void **state)
{
	(void)state;
	static const char *const changes[] = {
		"{\"partition\":\"TWO\"}", "{\"partition\":\"one\"}", "{\"partition\":\"ONE \"}", "{\"act\":{}}", "{\"act\":{\"sub\":\"\"}}", "{\"act\":{\"sub\":7}}",
		"{\"act\":\"app-1\"}", "{\"act\":[]}", "{\"jti\":\"x\"}", "{\"jti\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}", "{\"aud\":[\"" API "\"]}", "{\"iss\":\"" AUTH "ONE\"}",
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		if (is_good(changes[i]))
			fail_msg("%s", changes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_claims_say_is_told),
		cmocka_unit_test(each_claim_is_there_and_is_text_or_a_number),
		cmocka_unit_test(realm_client_application_and_who_acts_are_those_of_the_actor),
		cmocka_unit_test(an_actor_is_what_the_token_says_and_only_persons_are_acted_for),
		cmocka_unit_test(what_is_of_another_partition_or_malformed_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
