#include "grants_test.h"

static struct store *open_signed_in(struct place *place, int64_t now)
{
	struct store *store = open_filled(place);
	sign_in(place, store, "s", now);
	return store;
}

/* A code in the session "s" that remembers what was allowed; ptr NULL: nothing. */
static void allow(struct store *store, const char *code, const char *client, struct slice consent, bool offline, int64_t now)
{
	struct code_issue issue = an_issue(code, now);
	issue.grant.client_id = slice_from(client);
	issue.grant.offline = offline;
	issue.consent = consent;
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
}

static enum result read_consent(struct place *place, struct store *store, const char *realm, const char *person, const char *client,
                                struct slice *ret)
{
	struct realm in = realm_of(realm);
	return store_consent_read(store, &in, slice_from(person), slice_from(client), place->arena, ret);
}

static void what_was_allowed_is_remembered_each_name_once(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct slice scope;
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "ONE-U", "1001", "client-1", &scope));
	allow(store, "g0", "client-1", (struct slice) { NULL, 0 }, false, now);
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "ONE-U", "1001", "client-1", &scope));
	allow(store, "g1", "client-1", S("openid a.read"), false, now);
	allow(store, "g2", "client-1", S("a.read  a.rea b.write openid b.write"), false, now);
	allow(store, "g3", "client-1", (struct slice) { NULL, 0 }, false, now);
	assert_int_equal(RESULT_OK, read_consent(place, store, "ONE-U", "1001", "client-1", &scope));
	assert_slice(scope, "openid a.read a.rea b.write");
	/* A7 */
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "ONE-U", "1001", "client-2", &scope));
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "ONE-U", "1002", "client-1", &scope));
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "ONE-C", "1001", "client-1", &scope));
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "TWO-U", "1001", "client-1", &scope));
	store_close(store);
	store = open_again(place);
	assert_int_equal(RESULT_OK, read_consent(place, store, "ONE-U", "1001", "client-1", &scope));
	store_close(store);
}

static void withdrawing_ends_all_that_was_granted_to_the_application(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct realm realm = realm_of("ONE-U"), others[] = { realm_of("ONE-C"), realm_of("TWO-U") };
	struct slice scope;
	allow(store, "consented", "client-1", S("openid"), false, now);
	allow(store, "other", "client-2", S("openid"), false, now);
	begin_family(store, "family", now);
	for (int i = 0; i < 150; i++) { /* more than one job ends */
		char code[16];
		snprintf(code, sizeof(code), "g%d", i);
		issue_code(store, code, i % 2 == 0, now);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(RESULT_NOT_FOUND, store_consent_withdraw(store, &others[i], S("1001"), S("client-1"), now + DAY));
	assert_int_equal(RESULT_NOT_FOUND, store_consent_withdraw(store, &realm, S("1002"), S("client-1"), now + DAY));
	assert_int_equal(RESULT_OK, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + DAY));
	assert_int_equal(RESULT_NOT_FOUND, read_consent(place, store, "ONE-U", "1001", "client-1", &scope));
	assert_int_equal(0, refresh_state(place, store, "family", "T", now * 1000));
	assert_true(grant_revoked(store, "ONE", "family") && grant_revoked(store, "ONE", "consented"));
	for (int i = 0; i < 150; i++) {
		char code[16];
		snprintf(code, sizeof(code), "g%d", i);
		assert_true(grant_revoked(store, "ONE", code));
		assert_int_equal(RESULT_NOT_FOUND, redeem(store, code, now));
	}
	/* the other application and the session stay */
	assert_int_equal(RESULT_OK, read_consent(place, store, "ONE-U", "1001", "client-2", &scope));
	assert_false(grant_revoked(store, "ONE", "other"));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now, NULL));
	assert_int_equal(RESULT_NOT_FOUND, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + DAY));
	check_store(store);
	store_close(store);
}

static void a_code_that_rests_on_a_consent_is_not_stored_once_it_was_withdrawn(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	const struct realm realm = realm_of("ONE-U");
	struct code_issue issue = an_issue("later", now);
	issue.consent_remembered = true;
	assert_int_equal(RESULT_CONFLICT, issue_in(store, "ONE-U", &issue));
	allow(store, "first", "client-1", S("openid"), false, now);
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
	struct code_issue again = an_issue("again", now);
	again.consent_remembered = true;
	assert_int_equal(RESULT_OK, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + 60));
	assert_int_equal(RESULT_CONFLICT, issue_in(store, "ONE-U", &again));
	store_close(store);
}

static void a_refresh_token_without_a_remembered_consent_can_be_withdrawn(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct realm realm = realm_of("ONE-U");
	begin_family(store, "family", now);
	assert_int_equal(RESULT_OK, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + DAY));
	assert_int_equal(0, refresh_state(place, store, "family", "T", now * 1000));
	assert_true(grant_revoked(store, "ONE", "family"));
	store_close(store);
}

/* ---- connected applications ---- */

struct listed {
	char text[1024];
	int64_t now;
};

static enum result list_connected(void *context, const struct connected_application *connected)
{
	struct listed *listed = context;
	size_t len = strlen(listed->text);
	snprintf(listed->text + len, sizeof(listed->text) - len, "%.*s[%.*s]%lld,%lld%s; ", SLICE_ARGS(connected->client_id),
	         SLICE_ARGS(connected->scope), (long long)(connected->since - listed->now),
	         (long long)(connected->last_used_at - listed->now), connected->offline ? ",offline" : "");
	return RESULT_OK;
}

static void assert_connected(struct store *store, const char *realm, const char *person, int64_t now, const char *wanted)
{
	struct realm in = realm_of(realm);
	struct listed listed = { .text = "", .now = now };
	assert_int_equal(RESULT_OK, store_connected_each(store, &in, slice_from(person), list_connected, &listed));
	assert_string_equal(wanted, listed.text);
}

static void connected_applications_are_those_with_a_consent_or_a_refresh_token(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	assert_connected(store, "ONE-U", "1001", now, "");
	allow(store, "once", "client-9", (struct slice) { NULL, 0 }, false, now); /* implied, and over with the session */
	assert_connected(store, "ONE-U", "1001", now, "");
	allow(store, "g1", "client-2", S("openid"), false, now);
	allow(store, "g2", "client-2", (struct slice) { NULL, 0 }, false, now + 59);
	assert_connected(store, "ONE-U", "1001", now, "client-2[openid]0,0; ");
	allow(store, "g3", "client-2", (struct slice) { NULL, 0 }, false, now + 60);
	assert_connected(store, "ONE-U", "1001", now, "client-2[openid]0,60; ");
	begin_family(store, "family", now + 70);
	assert_connected(store, "ONE-U", "1001", now, "client-1[openid articles.read]70,70,offline; client-2[openid]0,60; ");
	assert_int_equal(RESULT_OK, rotate(store, "family", "T", "S", (now + 80) * 1000));
	begin_family(store, "second", now + 75);
	allow(store, "g4", "client-1", S("openid b.write"), false, now + 90);
	assert_connected(store, "ONE-U", "1001", now,
	                 "client-1[openid b.write articles.read]70,90,offline; client-2[openid]0,60; ");
	assert_connected(store, "ONE-U", "1002", now, "");
	assert_connected(store, "ONE-C", "1001", now, "");
	assert_connected(store, "TWO-U", "1001", now, "");
	struct realm realm = realm_of("ONE-U");
	assert_int_equal(RESULT_OK, store_grant_end(store, &realm, S("family"), now));
	assert_int_equal(RESULT_OK, store_grant_end(store, &realm, S("second"), now));
	assert_connected(store, "ONE-U", "1001", now, "client-1[openid b.write]90,90; client-2[openid]0,60; ");
	store_close(store);
}

static enum result count_connected(void *context, const struct connected_application *connected)
{
	(void)connected;
	++*(int *)context;
	return RESULT_OK;
}

static void a_listing_of_connected_applications_is_bounded(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct realm realm = realm_of("ONE-U");
	int count = 0;
	for (int i = 0; i < LIMIT_CONNECTED_APPLICATIONS + 5; i++) {
		char text[16];
		snprintf(text, sizeof(text), "app-%d", i);
		allow(store, text, text, S("openid"), false, now);
	}
	assert_int_equal(RESULT_OK, store_connected_each(store, &realm, S("1001"), count_connected, &count));
	assert_int_equal(LIMIT_CONNECTED_APPLICATIONS, count);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_was_allowed_is_remembered_each_name_once),
		STORE_TEST(a_code_that_rests_on_a_consent_is_not_stored_once_it_was_withdrawn),
		STORE_TEST(withdrawing_ends_all_that_was_granted_to_the_application),
		STORE_TEST(a_refresh_token_without_a_remembered_consent_can_be_withdrawn),
		STORE_TEST(connected_applications_are_those_with_a_consent_or_a_refresh_token),
		STORE_TEST(a_listing_of_connected_applications_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
