#include "rig.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static enum refusal check(enum flow flow, const char *scope, const char *names, const char *echoed, const char *sentence_has)
{
	struct rig rig;
	struct granted_scope granted = { .admin = false };
	rig_open(&rig);
	enum refusal refusal = scope_rules_check(&rig.call, flow, scope == NULL ? (struct slice) { NULL, 0 } : slice_from(scope), &granted);
	if (names != NULL)
		assert_true(slice_is(granted.names, names));
	if (echoed != NULL)
		assert_true(slice_is(granted.echoed, echoed));
	if (sentence_has != NULL) {
		assert_non_null(rig.call.sentence.ptr);
		assert_non_null(strstr(rig.call.sentence.ptr, sentence_has));
		assert_non_null(strstr(rig.call.sentence.ptr, "scope"));
	}
	rig_close(&rig);
	return refusal;
}

static void each_flow_carries_just_the_kinds_of_the_table(void **state)
{
	(void)state;
	static const struct {
		const char *scope;
		enum refusal person, client, behalf;
	} rows[] = {
		{ "k.read", REFUSAL_NONE, REFUSAL_NONE, REFUSAL_SCOPE_WRONG_FLOW },
		{ "k.onbehalfof.read", REFUSAL_SCOPE_WRONG_FLOW, REFUSAL_SCOPE_WRONG_FLOW, REFUSAL_NONE },
		{ "app.k.read", REFUSAL_SCOPE_WRONG_FLOW, REFUSAL_NONE, REFUSAL_SCOPE_WRONG_FLOW },
		{ "openid", REFUSAL_NONE, REFUSAL_SCOPE_WRONG_FLOW, REFUSAL_SCOPE_WRONG_FLOW },
		{ "offline_access", REFUSAL_NONE, REFUSAL_SCOPE_WRONG_FLOW, REFUSAL_SCOPE_WRONG_FLOW },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(check(FLOW_PERSON, rows[i].scope, NULL, NULL, NULL), rows[i].person);
		assert_int_equal(check(FLOW_TOKEN_EXCHANGE, rows[i].scope, NULL, NULL, NULL), rows[i].person);
		assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, rows[i].scope, NULL, NULL, NULL), rows[i].client);
		assert_int_equal(check(FLOW_ON_BEHALF_OF, rows[i].scope, NULL, NULL, NULL), rows[i].behalf);
	}
}

static void the_first_offending_scope_and_its_flow_are_named(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "app.k.read k.onbehalfof.read openid", NULL, NULL, "k.onbehalfof.read"), REFUSAL_SCOPE_WRONG_FLOW);
	check(FLOW_CLIENT_CREDENTIALS, "app.k.read k.onbehalfof.read", NULL, NULL, "on behalf of flow (grant_type=password)");
	check(FLOW_ON_BEHALF_OF, "app.k.read", NULL, NULL, "client credentials flow (grant_type=client_credentials)");
	check(FLOW_ON_BEHALF_OF, "k.read", NULL, NULL, "authorization code flow (grant_type=authorization_code)");
}

static void a_kind_of_the_catalogue_wins_over_the_name(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "read.special", "read.special", NULL, NULL), REFUSAL_NONE);
	assert_int_equal(check(FLOW_PERSON, "read.special", NULL, NULL, NULL), REFUSAL_SCOPE_WRONG_FLOW);
}

static void what_is_unknown_or_unassigned_is_refused_alike(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "k.unassigned", NULL, NULL, "not assigned"), REFUSAL_SCOPE_NOT_ASSIGNED);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "nowhere", NULL, NULL, "not assigned"), REFUSAL_SCOPE_NOT_ASSIGNED);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "gone.from.catalogue", NULL, NULL, "not assigned"), REFUSAL_SCOPE_NOT_ASSIGNED);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "K.READ", NULL, NULL, "not assigned"), REFUSAL_SCOPE_NOT_ASSIGNED);
}

static void the_prefix_is_echoed_but_never_in_the_token(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "https://api.example/auth/k.read app.k.read", "k.read app.k.read",
	                       "https://api.example/auth/k.read app.k.read", NULL), REFUSAL_NONE);
}

static void a_scope_named_twice_is_granted_once(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "k.read k.read https://api.example/auth/k.read", "k.read", "k.read", NULL), REFUSAL_NONE);
}

static void default_stands_alone_for_the_application_permissions_without_the_admin_ones(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, ".default", "app.k.manage app.k.read read.special", "app.k.manage app.k.read read.special", NULL), REFUSAL_NONE);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "https://api.example/auth/.default", "app.k.manage app.k.read read.special", NULL, NULL), REFUSAL_NONE);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, ".default k.read", NULL, NULL, "alone"), REFUSAL_SCOPE_DEFAULT);
	assert_int_equal(check(FLOW_ON_BEHALF_OF, ".default", NULL, NULL, "client credentials"), REFUSAL_SCOPE_DEFAULT);
	assert_int_equal(check(FLOW_PERSON, ".default", NULL, NULL, "client credentials"), REFUSAL_SCOPE_DEFAULT);
}

static void admin_permissions_are_never_mixed(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "app.writ.admin.manage", "app.writ.admin.manage", NULL, NULL), REFUSAL_NONE);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "app.writ.admin.manage app.k.read", NULL, NULL, "mixed"), REFUSAL_SCOPE_ADMIN_MIXED);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "app.k.read app.writ.admin.manage", NULL, NULL, "mixed"), REFUSAL_SCOPE_ADMIN_MIXED);
	assert_int_equal(check(FLOW_PERSON, "openid writ.admin.read", "openid writ.admin.read", NULL, NULL), REFUSAL_NONE);
}

static void delegated_admin_permissions_need_a_signed_in_person(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "writ.admin.read", NULL, NULL, "signed-in"), REFUSAL_SCOPE_ADMIN_CLOSED);
	assert_int_equal(check(FLOW_ON_BEHALF_OF, "writ.admin.manage", NULL, NULL, "signed-in"), REFUSAL_SCOPE_ADMIN_CLOSED);
	assert_int_equal(check(FLOW_TOKEN_EXCHANGE, "writ.admin.read", NULL, NULL, "signed-in"), REFUSAL_SCOPE_ADMIN_CLOSED);
	assert_int_equal(check(FLOW_TOKEN_EXCHANGE, "app.writ.admin.manage", NULL, NULL, "application permission"), REFUSAL_SCOPE_WRONG_FLOW);
}

static void on_exchange_no_scope_is_every_delegated_permission_assigned(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_TOKEN_EXCHANGE, NULL, "k.manage k.read", "k.manage k.read", NULL), REFUSAL_NONE);
	assert_int_equal(check(FLOW_TOKEN_EXCHANGE, "  ", "k.manage k.read", NULL, NULL), REFUSAL_NONE);
	assert_int_equal(check(FLOW_TOKEN_EXCHANGE, "address", NULL, NULL, "nothing is left"), REFUSAL_SCOPE_MISSING);
	assert_int_equal(check(FLOW_TOKEN_EXCHANGE, ".default", NULL, NULL, "client credentials"), REFUSAL_SCOPE_DEFAULT);
	struct rig rig;
	struct granted_scope granted;
	rig_open(&rig);
	rig.application.permission_count = 2; /* application permissions only */
	assert_int_equal(scope_rules_check(&rig.call, FLOW_TOKEN_EXCHANGE, (struct slice) { NULL, 0 }, &granted), REFUSAL_SCOPE_MISSING);
	rig_close(&rig);
}

static void nothing_asked_for_is_invalid(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, NULL, NULL, NULL, "missing"), REFUSAL_SCOPE_MISSING);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "   ", NULL, NULL, "missing"), REFUSAL_SCOPE_MISSING);
	assert_int_equal(check(FLOW_PERSON, "address phone", NULL, NULL, "nothing is left"), REFUSAL_SCOPE_MISSING);
}

static void address_phone_and_a_useless_offline_access_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_PERSON, "openid phone address k.read", "openid k.read", "openid k.read", NULL), REFUSAL_NONE);
	struct rig rig;
	struct granted_scope granted;
	rig_open(&rig);
	rig.application.registered.refresh_tokens = false;
	assert_int_equal(scope_rules_check(&rig.call, FLOW_PERSON, SLICE_OF("openid offline_access"), &granted), REFUSAL_NONE);
	assert_true(slice_is(granted.names, "openid"));
	assert_false(granted.offline_access);
	assert_int_equal(scope_rules_check(&rig.call, FLOW_TOKEN_EXCHANGE, SLICE_OF("openid offline_access"), &granted), REFUSAL_NONE);
	assert_true(slice_is(granted.names, "openid"));
	rig_close(&rig);
}

static void hostile_names_are_refused_and_made_safe_in_the_sentence(void **state)
{
	(void)state;
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "k.read\"", NULL, NULL, "k.read?"), REFUSAL_SCOPE_MALFORMED);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "k\\read", NULL, NULL, "k?read"), REFUSAL_SCOPE_MALFORMED);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, "k\xc3\xa9", NULL, NULL, "k??"), REFUSAL_SCOPE_MALFORMED);
}

static void too_many_scopes_are_refused(void **state)
{
	(void)state;
	char scopes[3 * (LIMIT_SCOPE_COUNT + 2)] = "";
	for (size_t i = 0; i < LIMIT_SCOPE_COUNT + 1; i++)
		memcpy(scopes + 2 * i, "a ", 3);
	assert_int_equal(check(FLOW_CLIENT_CREDENTIALS, scopes, NULL, NULL, "more than"), REFUSAL_SCOPE_MALFORMED);
}

/* ---- anonymous customers ---- */

static enum refusal check_anonymous(const char *listed, bool enabled, const char *scope, struct granted_scope *ret, bool *alive)
{
	struct rig rig;
	static char names[512];
	rig_open(&rig);
	rig.call.application = NULL; /* nobody in particular asks */
	rig.tenant.partition.anonymous_enabled = enabled;
	rig.tenant.partition.anonymous_permissions = slice_from(listed);
	*ret = (struct granted_scope) { .admin = false };
	enum refusal refusal = scope_rules_check(&rig.call, FLOW_ANONYMOUS, slice_from(scope), ret);
	*alive = scope_rules_anonymous(&rig.tenant, slice_from(scope));
	text_copy(names, sizeof names, ret->names);
	ret->names = slice_from(names);
	rig_close(&rig);
	return refusal;
}

static void anonymous_customers_get_what_is_listed_and_still_delegated(void **state)
{
	(void)state;
	static const struct {
		const char *listed, *scope;
		enum refusal refusal;
	} rows[] = {
		{ "k.read k.manage", "k.read", REFUSAL_NONE },
		{ "k.read k.manage", "k.manage k.read", REFUSAL_NONE },
		{ "k.read", "k.manage", REFUSAL_SCOPE_NOT_ASSIGNED },
		{ "k.read", "k.read k.manage", REFUSAL_SCOPE_NOT_ASSIGNED },
		{ "", "k.read", REFUSAL_SCOPE_NOT_ASSIGNED },
		{ "k.rea", "k.read", REFUSAL_SCOPE_NOT_ASSIGNED },
		/* listed, and yet not to be had: of another kind by name, by the catalogue, gone from it, of the Admin API, of OpenID Connect */
		{ "app.k.read k.onbehalfof.read", "app.k.read", REFUSAL_SCOPE_WRONG_FLOW },
		{ "app.k.read k.onbehalfof.read", "k.onbehalfof.read", REFUSAL_SCOPE_WRONG_FLOW },
		{ "read.special", "read.special", REFUSAL_SCOPE_WRONG_FLOW },
		{ "gone.from.catalogue", "gone.from.catalogue", REFUSAL_SCOPE_NOT_ASSIGNED },
		{ "writ.admin.read", "writ.admin.read", REFUSAL_SCOPE_ADMIN_CLOSED },
		{ "openid", "openid", REFUSAL_SCOPE_WRONG_FLOW },
		{ ".default", ".default", REFUSAL_SCOPE_DEFAULT },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct granted_scope granted;
		bool alive;
		assert_int_equal(check_anonymous(rows[i].listed, true, rows[i].scope, &granted, &alive), rows[i].refusal);
		assert_int_equal(alive, rows[i].refusal == REFUSAL_NONE);
		assert_true(rows[i].refusal != REFUSAL_NONE || slice_is(granted.names, rows[i].scope));
	}
}

static void nothing_is_given_while_anonymous_customers_are_off(void **state)
{
	(void)state;
	struct granted_scope granted;
	bool alive;
	assert_int_equal(check_anonymous("k.read", false, "k.read", &granted, &alive), REFUSAL_SCOPE_NOT_ASSIGNED);
	assert_false(alive);
	assert_int_equal(check_anonymous("k.read", true, "", &granted, &alive), REFUSAL_SCOPE_MISSING);
	assert_false(alive);
}

/* ---- what is left of a grant ---- */

static enum refusal cut(const char *scope, const char *echoed, const char *asked, const char *roles, struct granted_scope *ret, const char *sentence_has)
{
	struct rig rig;
	struct person person = { .kind = PERSON_USER, .roles = slice_from(roles) };
	struct grant_record record = { .scope = slice_from(scope), .echoed = slice_from(echoed) };
	static char names[512], echo[512];
	rig_open(&rig);
	rig.call.realm.kind = PERSON_USER;
	*ret = (struct granted_scope) { .admin = false };
	enum refusal refusal = scope_rules_cut(&rig.call, &person, &record, slice_from(asked), ret);
	if (sentence_has != NULL)
		assert_non_null(strstr(rig.call.sentence.ptr, sentence_has));
	text_copy(names, sizeof names, ret->names);
	text_copy(echo, sizeof echo, ret->echoed);
	ret->names = slice_from(names);
	ret->echoed = slice_from(echo);
	rig_close(&rig);
	return refusal;
}

static void all_that_was_granted_is_given_again_as_it_was_asked_for(void **state)
{
	(void)state;
	struct granted_scope granted;
	assert_int_equal(cut("openid offline_access k.read", "openid offline_access https://api.example/auth/k.read", NULL, "", &granted, NULL), REFUSAL_NONE);
	assert_true(slice_is(granted.names, "openid offline_access k.read"));
	assert_true(slice_is(granted.echoed, "openid offline_access https://api.example/auth/k.read"));
	assert_true(granted.openid && granted.offline_access && !granted.admin);
}

static void a_permission_taken_away_or_of_another_kind_now_is_missing(void **state)
{
	(void)state;
	struct granted_scope granted;
	assert_int_equal(cut("k.unassigned k.read gone.from.catalogue read.special", "k.unassigned k.read gone.from.catalogue read.special", NULL, "", &granted, NULL), REFUSAL_NONE);
	assert_true(slice_is(granted.names, "k.read"));
	assert_true(slice_is(granted.echoed, "k.read"));
	assert_int_equal(cut("k.unassigned", "k.unassigned", NULL, "", &granted, "scope k.unassigned is not assigned"), REFUSAL_SCOPE_GONE);
	assert_int_equal(cut("k.unassigned k.read", "k.unassigned k.read", "k.unassigned", "", &granted, "scope k.unassigned"), REFUSAL_SCOPE_GONE);
	assert_int_equal(cut("k.read", "k.read", "phone", "", &granted, "nothing is left"), REFUSAL_SCOPE_MISSING);
}

static void a_refresh_narrows_with_or_without_the_prefix_and_echoes_what_it_asked(void **state)
{
	(void)state;
	struct granted_scope granted;
	assert_int_equal(cut("openid k.read k.manage", "openid k.read k.manage", "https://api.example/auth/k.read", "", &granted, NULL), REFUSAL_NONE);
	assert_true(slice_is(granted.names, "k.read"));
	assert_true(slice_is(granted.echoed, "https://api.example/auth/k.read"));
	assert_false(granted.openid);
	assert_int_equal(cut("openid k.read", "openid k.read", "k.read k.read address phone", "", &granted, NULL), REFUSAL_NONE);
	assert_true(slice_is(granted.echoed, "k.read"));
	assert_int_equal(cut("openid k.read", "openid k.read", "  ", "", &granted, NULL), REFUSAL_NONE);
	assert_true(slice_is(granted.names, "openid k.read"));
}

static void a_refresh_never_widens(void **state)
{
	(void)state;
	struct granted_scope granted;
	assert_int_equal(cut("openid k.read", "openid k.read", "k.read k.manage app.k.read", "", &granted, "scope k.manage was not granted"), REFUSAL_SCOPE_BEYOND_GRANT);
	assert_int_equal(cut("k.read", "k.read", "openid", "", &granted, NULL), REFUSAL_SCOPE_BEYOND_GRANT);
	assert_int_equal(cut("k.read", "k.read", ".default", "", &granted, NULL), REFUSAL_SCOPE_BEYOND_GRANT);
	assert_int_equal(cut("k.read", "k.read", "k.rea", "", &granted, NULL), REFUSAL_SCOPE_BEYOND_GRANT);
	assert_int_equal(cut("k.read", "k.read", "K.READ", "", &granted, NULL), REFUSAL_SCOPE_BEYOND_GRANT);
}

static void administration_goes_with_the_role(void **state)
{
	(void)state;
	struct granted_scope granted;
	assert_int_equal(cut("openid writ.admin.read", "openid writ.admin.read", NULL, "x partition_administrator", &granted, NULL), REFUSAL_NONE);
	assert_true(granted.admin && slice_is(granted.names, "openid writ.admin.read"));
	assert_int_equal(cut("openid writ.admin.read", "openid writ.admin.read", NULL, "system_administrator partition_administrators", &granted, NULL), REFUSAL_NONE);
	assert_true(!granted.admin && slice_is(granted.names, "openid"));
}

static void an_administrator_is_a_user_with_the_role_of_the_partition_or_of_the_system(void **state)
{
	(void)state;
	struct realm realm;
	assert_true(realm_parse(SLICE_OF("ONE-U"), &realm));
	assert_true(scope_rules_person_may_administer(&realm, SLICE_OF("a partition_administrator")));
	assert_false(scope_rules_person_may_administer(&realm, SLICE_OF("system_administrator")));
	assert_false(scope_rules_person_may_administer(&realm, SLICE_OF("")));
	assert_true(realm_parse(SLICE_OF("SYSTEM-U"), &realm));
	assert_true(scope_rules_person_may_administer(&realm, SLICE_OF("system_administrator")));
	assert_true(realm_parse(SLICE_OF("ONE-C"), &realm));
	assert_false(scope_rules_person_may_administer(&realm, SLICE_OF("partition_administrator")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flow_carries_just_the_kinds_of_the_table),
		cmocka_unit_test(the_first_offending_scope_and_its_flow_are_named),
		cmocka_unit_test(a_kind_of_the_catalogue_wins_over_the_name),
		cmocka_unit_test(what_is_unknown_or_unassigned_is_refused_alike),
		cmocka_unit_test(the_prefix_is_echoed_but_never_in_the_token),
		cmocka_unit_test(a_scope_named_twice_is_granted_once),
		cmocka_unit_test(default_stands_alone_for_the_application_permissions_without_the_admin_ones),
		cmocka_unit_test(admin_permissions_are_never_mixed),
		cmocka_unit_test(delegated_admin_permissions_need_a_signed_in_person),
		cmocka_unit_test(on_exchange_no_scope_is_every_delegated_permission_assigned),
		cmocka_unit_test(nothing_asked_for_is_invalid),
		cmocka_unit_test(address_phone_and_a_useless_offline_access_are_left_out),
		cmocka_unit_test(hostile_names_are_refused_and_made_safe_in_the_sentence),
		cmocka_unit_test(too_many_scopes_are_refused),
		cmocka_unit_test(anonymous_customers_get_what_is_listed_and_still_delegated),
		cmocka_unit_test(nothing_is_given_while_anonymous_customers_are_off),
		cmocka_unit_test(all_that_was_granted_is_given_again_as_it_was_asked_for),
		cmocka_unit_test(a_permission_taken_away_or_of_another_kind_now_is_missing),
		cmocka_unit_test(a_refresh_narrows_with_or_without_the_prefix_and_echoes_what_it_asked),
		cmocka_unit_test(a_refresh_never_widens),
		cmocka_unit_test(administration_goes_with_the_role),
		cmocka_unit_test(an_administrator_is_a_user_with_the_role_of_the_partition_or_of_the_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
