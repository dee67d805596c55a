/* Pages of sessions and grants, and how an administrator ends them: with the audit event in the same transaction. */
#include "grants_test.h"

#include "store/listing.h"

struct seen {
	char text[4096];
	size_t count;
};

static enum result see(struct seen *seen, struct slice name)
{
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof seen->text - len, "%s%.*s", len == 0 ? "" : " ", SLICE_ARGS(name));
	seen->count++;
	return RESULT_OK;
}

static enum result see_session(void *context, const struct session *session)
{
	return see(context, session->sid);
}

static enum result see_grant(void *context, const struct listed_grant *listed)
{
	assert_null(listed->grant.nonce.ptr);
	assert_slice(listed->grant.scope, "openid articles.read");
	return see(context, listed->grant.gid);
}

static void assert_sessions(struct place *place, struct store *store, const char *realm, const char *person, int64_t now, const char *wanted)
{
	struct realm in = realm_of(realm);
	for (size_t limit = 1; limit < 6; limit += 2) {
		struct seen seen = { .text = "" };
		struct page_wish wish = { .limit = limit };
		bool more = true;
		while (more)
			assert_int_equal(RESULT_OK, store_sessions_page(store, &in, slice_from(person), &wish, now, LIMIT_SESSION_IDLE_S, see_session, &seen,
			                                                place->arena, &wish.after, &more));
		assert_string_equal(wanted, seen.text);
	}
}

static void assert_grants(struct place *place, struct store *store, const char *person, const char *client, int64_t now, const char *wanted)
{
	struct realm in = realm_of("ONE-U");
	for (size_t limit = 1; limit < 6; limit += 2) {
		struct seen seen = { .text = "" };
		struct page_wish wish = { .limit = limit };
		bool more = true;
		while (more)
			assert_int_equal(RESULT_OK, store_grants_page(store, &in, slice_from(person), slice_from(client), &wish, now, see_grant, &seen,
			                                              place->arena, &wish.after, &more));
		assert_string_equal(wanted, seen.text);
	}
}

static void begin_session_of(struct place *place, struct store *store, const char *realm, const char *person, const char *sid, int64_t now)
{
	struct session session = a_session(person, sid, now);
	struct slice ignored;
	assert_int_equal(RESULT_OK, start_session(place, store, realm, sid, NULL, &session, &ignored));
}

static void live_sessions_come_by_sid(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	begin_session_of(place, store, "ONE-U", "1001", "s3", now);
	begin_session_of(place, store, "ONE-U", "1001", "s1", now);
	begin_session_of(place, store, "ONE-U", "1002", "s2", now);
	begin_session_of(place, store, "ONE-U", "1002", "s0", now - LIMIT_SESSION_IDLE_S - 1); /* unused for too long */
	begin_session_of(place, store, "ONE-C", "c1", "s4", now);
	begin_session_of(place, store, "TWO-U", "1001", "s5", now);
	assert_sessions(place, store, "ONE-U", "", now, "s1 s2 s3");
	assert_sessions(place, store, "ONE-U", "1001", now, "s1 s3");
	assert_sessions(place, store, "ONE-U", "nobody", now, "");
	assert_sessions(place, store, "ONE-C", "", now, "s4");
	assert_sessions(place, store, "ONE-U", "", now + LIMIT_SESSION_MAX_S, "");
	struct session session;
	struct realm one = realm_of("ONE-U");
	assert_int_equal(RESULT_OK, store_session_by_sid(store, &one, S("s2"), place->arena, &session));
	assert_slice(session.person_id, "1002");
	assert_int_equal(RESULT_NOT_FOUND, store_session_by_sid(store, &one, S("s4"), place->arena, &session));
	store_close(store);
}

static void live_grants_come_by_gid(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	sign_in(place, store, "s", now);
	issue_code(store, "g1", false, now);
	issue_code(store, "g2", false, now);
	assert_int_equal(RESULT_OK, redeem(store, "g2", now)); /* tokens for an hour */
	begin_family(store, "g3", now);
	begin_family(store, "g4", now);
	struct code_issue other = an_issue("g5", now);
	other.grant.client_id = S("client-2");
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &other));
	assert_grants(place, store, "", "", now, "g1 g2 g3 g4 g5");
	assert_grants(place, store, "1001", "", now, "g1 g2 g3 g4 g5");
	assert_grants(place, store, "", "client-2", now, "g5");
	assert_grants(place, store, "1001", "client-1", now, "g1 g2 g3 g4");
	assert_grants(place, store, "1002", "", now, "");
	assert_grants(place, store, "", "", now + LIMIT_CODE_S, "g2 g3 g4"); /* the codes are over */
	assert_grants(place, store, "", "", now + 3600 + 61, "g3 g4");
	struct realm in = realm_of("ONE-U");
	assert_int_equal(RESULT_OK, store_grant_end(store, &in, S("g3"), now + DAY));
	assert_grants(place, store, "", "", now, "g1 g2 g4 g5");
	store_close(store);
}

/* ---- ending ---- */

static const struct audit_event event = { .at_ms = 7, .partition = SLICE("ONE"), .action = SLICE("session.ended"), .result = SLICE("ok"),
	                                  .actor = SLICE("9"), .object = SLICE("x") };

static int64_t events(const struct place *place)
{
	return count_rows(place, "SELECT count(*) FROM audit WHERE action = 'session.ended' AND actor = '9' AND at_ms = 7");
}

static void an_end_is_written_with_its_event_and_none_without(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct realm one = realm_of("ONE-U"), two = realm_of("TWO-U");
	int64_t now = clock_s(), until = now + DAY;
	sign_in(place, store, "s", now);
	issue_code(store, "g1", false, now);
	begin_family(store, "g2", now);
	begin_family(store, "g3", now);

	assert_int_equal(RESULT_NOT_FOUND, store_grant_end_audited(store, &two, S("g2"), until, &event));
	assert_int_equal(RESULT_NOT_FOUND, store_grant_end_audited(store, &one, S("g9"), until, &event));
	assert_int_equal(RESULT_NOT_FOUND, store_grant_end_audited(store, &one, S(""), until, &event));
	assert_int_equal(RESULT_NOT_FOUND, store_session_end_audited(store, &one, S("1002"), S("s"), until, &event));
	assert_int_equal(RESULT_NOT_FOUND, store_person_sessions_end(store, &one, S("1002"), until, &event));
	assert_int_equal(RESULT_NOT_FOUND, store_consent_withdraw_audited(store, &one, S("1001"), S("client-2"), until, &event));
	assert_int_equal(0, events(place));

	assert_int_equal(RESULT_OK, store_grant_end_audited(store, &one, S("g2"), until, &event));
	assert_int_equal(1, events(place));
	assert_true(grant_revoked(store, "ONE", "g2"));
	assert_int_equal(0, refresh_state(place, store, "g2", "T", now * 1000));
	assert_int_equal(RESULT_NOT_FOUND, store_grant_end_audited(store, &one, S("g2"), until, &event));
	assert_int_equal(1, events(place));

	assert_int_equal(RESULT_OK, store_session_end_audited(store, &one, S("1001"), S("s"), until, &event));
	assert_int_equal(2, events(place));
	assert_true(grant_revoked(store, "ONE", "g1"));
	assert_false(grant_revoked(store, "ONE", "g3"));

	assert_int_equal(RESULT_OK, store_consent_withdraw_audited(store, &one, S("1001"), S("client-1"), until, &event));
	assert_int_equal(3, events(place));
	assert_true(grant_revoked(store, "ONE", "g3"));
	store_close(store);
}

static void all_sessions_of_a_person_end_with_what_they_gave(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct realm one = realm_of("ONE-U");
	int64_t now = clock_s();
	enum { GRANTS = 70 }; /* more than end in one transaction */
	char gid[16];
	sign_in(place, store, "s", now);
	begin_session_of(place, store, "ONE-U", "1001", "s2", now);
	begin_session_of(place, store, "ONE-U", "1002", "s3", now);
	for (int i = 0; i < GRANTS; i++) {
		snprintf(gid, sizeof gid, "g%d", i);
		issue_code(store, gid, false, now);
	}
	begin_family(store, "stays", now);
	assert_int_equal(RESULT_OK, store_person_sessions_end(store, &one, S("1001"), now + DAY, &event));
	assert_sessions(place, store, "ONE-U", "", now, "s3");
	for (int i = 0; i < GRANTS; i++) {
		snprintf(gid, sizeof gid, "g%d", i);
		assert_true(grant_revoked(store, "ONE", gid));
	}
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "stays", "T", now * 1000));
	assert_int_equal(1, events(place));
	store_close(store);
}

static enum result no_key(void *context, const struct signing_key *key)
{
	(void)key;
	++*(int *)context;
	return RESULT_OK;
}

static void keys_are_rotated_with_the_event(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct partition_id id = partition_of("ONE");
	struct signing_key keys[] = {
		{ .kid = S("a"), .algorithm = ALGORITHM_ES256, .state = KEY_ACTIVE, .wrapped = S("w"), .public_jwk = S("{}"), .created_at = 1 },
		{ .kid = S("n"), .algorithm = ALGORITHM_ES256, .state = KEY_NEXT, .wrapped = S("w"), .public_jwk = S("{}"), .created_at = 2 },
	};
	struct signing_key fresh = { .kid = S("f"), .algorithm = ALGORITHM_ES256, .wrapped = S("w"), .public_jwk = S("{}"), .created_at = 3 };
	assert_int_equal(RESULT_OK, store_keys_add_first(store, &id, keys, 2));
	assert_int_equal(RESULT_CONFLICT, store_keys_rotate_audited(store, &id, &fresh, S("a"), clock_s() + DAY, &event));
	assert_int_equal(0, events(place));
	assert_int_equal(RESULT_OK, store_keys_rotate_audited(store, &id, &fresh, S("n"), clock_s() + DAY, &event));
	assert_int_equal(1, events(place));
	int count = 0;
	assert_int_equal(RESULT_OK, store_keys_each(store, &id, no_key, &count));
	assert_int_equal(3, count);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(live_sessions_come_by_sid),
		STORE_TEST(live_grants_come_by_gid),
		STORE_TEST(an_end_is_written_with_its_event_and_none_without),
		STORE_TEST(all_sessions_of_a_person_end_with_what_they_gave),
		STORE_TEST(keys_are_rotated_with_the_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
