#include "gateway/decision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct api_alternative open_to[] = {
	{ API_ACTOR_USER, SLICE("read") },
	{ API_ACTOR_USER, SLICE("manage audit") },
	{ API_ACTOR_USER_ON_BEHALF_OF, SLICE("obo.read") },
	{ API_ACTOR_CLIENT, SLICE(".default") },
	{ API_ACTOR_ANONYMOUS_CUSTOMER, SLICE("") },
};

static const struct catalogue_operation operation = { .operation = { .alternatives = open_to, .alternative_count = sizeof open_to / sizeof open_to[0] } };

static struct decision decided(enum api_actor actor, const char *scope, bool application_permission)
{
	const struct token_facts facts = { .actor = actor, .scope = slice_from(scope), .application_permission = application_permission };
	return decide_operation(&operation, &facts);
}

static void one_alternative_is_enough_with_all_of_its_scopes(void **state)
{
	(void)state;
	static const struct {
		enum api_actor actor;
		const char *scope;
		int allowed_by; /* -1: a scope is missing */
	} cases[] = {
		{ API_ACTOR_USER, "read", 0 },
		{ API_ACTOR_USER, "other read", 0 },
		{ API_ACTOR_USER, "audit manage", 1 },
		{ API_ACTOR_USER, "manage x audit read", 0 },
		{ API_ACTOR_USER, "manage", -1 },
		{ API_ACTOR_USER, "audit", -1 },
		{ API_ACTOR_USER, "", -1 },
		{ API_ACTOR_USER, "reads", -1 },
		{ API_ACTOR_USER, "rea", -1 },
		{ API_ACTOR_USER, "Read", -1 },
		{ API_ACTOR_USER, "xread", -1 },
		{ API_ACTOR_USER, "obo.read", -1 },
		{ API_ACTOR_USER, ".default", -1 },
		{ API_ACTOR_USER_ON_BEHALF_OF, "obo.read", 2 },
		{ API_ACTOR_USER_ON_BEHALF_OF, "read manage audit", -1 },
		{ API_ACTOR_ANONYMOUS_CUSTOMER, "", 4 },
		{ API_ACTOR_ANONYMOUS_CUSTOMER, "whatever", 4 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct decision decision = decided(cases[i].actor, cases[i].scope, false);
		assert_int_equal(decision.verdict, cases[i].allowed_by < 0 ? VERDICT_SCOPE_MISSING : VERDICT_ALLOWED);
		if (cases[i].allowed_by >= 0)
			assert_ptr_equal(decision.alternative, &open_to[cases[i].allowed_by]);
		assert_ptr_equal(decision.operation, &operation);
	}
}

static void what_is_missing_is_told_by_the_first_alternative_of_the_same_actor(void **state)
{
	(void)state;
	struct decision decision = decided(API_ACTOR_USER_ON_BEHALF_OF, "read", false);
	assert_int_equal(decision.verdict, VERDICT_SCOPE_MISSING);
	assert_ptr_equal(decision.alternative, &open_to[2]);
	decision = decided(API_ACTOR_USER, "x", false);
	assert_ptr_equal(decision.alternative, &open_to[0]);
}

static void an_actor_that_is_not_listed_is_refused_whatever_its_scope(void **state)
{
	(void)state;
	static const enum api_actor others[] = { API_ACTOR_CUSTOMER, API_ACTOR_CUSTOMER_ON_BEHALF_OF };
	for (size_t i = 0; i < 2; i++) {
		struct decision decision = decided(others[i], "read manage audit obo.read .default", true);
		assert_int_equal(decision.verdict, VERDICT_WRONG_ACTOR);
		assert_ptr_equal(decision.alternative, &open_to[0]);
	}
}

static void default_is_met_by_a_client_with_any_application_permission_and_by_nobody_else(void **state)
{
	(void)state;
	static const struct api_alternative user_default[] = { { API_ACTOR_USER, SLICE(".default") } };
	const struct catalogue_operation odd = { .operation = { .alternatives = user_default, .alternative_count = 1 } };
	const struct token_facts user = { .actor = API_ACTOR_USER, .scope = SLICE("app.x"), .application_permission = true };
	assert_int_equal(decided(API_ACTOR_CLIENT, "app.x", true).verdict, VERDICT_ALLOWED);
	assert_int_equal(decided(API_ACTOR_CLIENT, "read", false).verdict, VERDICT_SCOPE_MISSING);
	assert_int_equal(decided(API_ACTOR_CLIENT, ".default", false).verdict, VERDICT_SCOPE_MISSING);
	assert_int_equal(decide_operation(&odd, &user).verdict, VERDICT_SCOPE_MISSING);
}

static void what_is_not_listed_is_closed_and_so_is_what_is_open_to_nobody(void **state)
{
	(void)state;
	const struct token_facts facts = { .actor = API_ACTOR_USER, .scope = SLICE("read"), .application_permission = true };
	const struct catalogue_operation closed = { .api = SLICE("api") };
	struct decision decision = decide_operation(NULL, &facts);
	assert_int_equal(decision.verdict, VERDICT_NO_OPERATION);
	assert_null(decision.operation);
	assert_null(decision.alternative);
	decision = decide_operation(&closed, &facts);
	assert_int_equal(decision.verdict, VERDICT_CLOSED);
	assert_ptr_equal(decision.operation, &closed);
	assert_null(decision.alternative);
	struct catalogue *catalogue = catalogue_new();
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	assert_int_equal(decide(catalogue, SLICE_OF("GET"), SLICE_OF("/"), &facts).verdict, VERDICT_NO_OPERATION);
	catalogue_free(catalogue);
}

static void each_flow_is_a_clause_that_fits_into_a_header(void **state)
{
	(void)state;
	for (int actor = 0; actor <= API_ACTOR_COUNT + 1; actor++) {
		const char *flow = api_actor_flow((enum api_actor)actor);
		assert_true(strlen(flow) > 10);
		for (const char *c = flow; *c != '\0'; c++)
			assert_true(*c >= 0x20 && *c <= 0x7e && *c != '"' && *c != '\\');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_alternative_is_enough_with_all_of_its_scopes),
		cmocka_unit_test(what_is_missing_is_told_by_the_first_alternative_of_the_same_actor),
		cmocka_unit_test(an_actor_that_is_not_listed_is_refused_whatever_its_scope),
		cmocka_unit_test(default_is_met_by_a_client_with_any_application_permission_and_by_nobody_else),
		cmocka_unit_test(what_is_not_listed_is_closed_and_so_is_what_is_open_to_nobody),
		cmocka_unit_test(each_flow_is_a_clause_that_fits_into_a_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
