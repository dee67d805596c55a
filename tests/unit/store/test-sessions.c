#include "grants_test.h"

static void a_session_is_read_back_as_it_was_begun(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	sign_in(place, store, "s", now);
	struct session session;
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now + 5, &session));
	assert_slice(session.sid, "s");
	assert_slice(session.person_id, "1001");
	assert_int_equal(now, session.auth_time);
	assert_int_equal(now, session.created_at);
	assert_int_equal(now, session.last_used_at);
	assert_int_equal(now + LIMIT_SESSION_MAX_S, session.expires_at);
	assert_slice(session.user_agent, "Browser");
	assert_slice(session.address, "192.0.2.1");
	store_close(store);
	store = open_again(place);
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now, NULL));
	store_close(store);
}

static void a_session_is_over_at_its_end_and_when_it_was_not_used(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct realm realm = realm_of("ONE-U");
	struct hash32 hash = session_hash("s");
	struct session session;
	int64_t now = clock_s(), end = now + LIMIT_SESSION_MAX_S;
	sign_in(place, store, "s", now);
	assert_int_equal(RESULT_OK, store_session_read(store, &realm, &hash, end - 1, 2 * DAY, place->arena, &session));
	assert_int_equal(RESULT_NOT_FOUND, store_session_read(store, &realm, &hash, end, 2 * DAY, place->arena, &session));
	assert_int_equal(RESULT_OK, store_session_read(store, &realm, &hash, now + 600, 600, place->arena, &session));
	assert_int_equal(RESULT_NOT_FOUND, store_session_read(store, &realm, &hash, now + 601, 600, place->arena, &session));
	store_close(store);
}

/* A7: neither of another partition, nor of customers, nor as another kind of secret. */
static void a_session_of_another_realm_does_not_exist(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct realm one = realm_of("ONE-U"), two = realm_of("TWO-U"), customers = realm_of("ONE-C");
	int64_t now = clock_s();
	sign_in(place, store, "s", now);
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "TWO-U", "s", now, NULL));
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-C", "s", now, NULL));
	struct hash32 as_code = code_hash("s");
	struct session session;
	assert_int_equal(RESULT_NOT_FOUND, store_session_read(store, &one, &as_code, now, 100, place->arena, &session));
	assert_int_equal(RESULT_NOT_FOUND, store_session_end(store, &two, S("1001"), S("s"), now));
	assert_int_equal(RESULT_NOT_FOUND, store_session_end(store, &customers, S("1001"), S("s"), now));
	assert_int_equal(RESULT_NOT_FOUND, store_session_end(store, &one, S("1002"), S("s"), now));
	/* nor is it ended there as what a browser had before */
	session = a_session("1001", "s2", now);
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "TWO-U", "t", "s", &session, &sid));
	assert_slice(sid, "s2");
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now, NULL));
	store_close(store);
}

static void signing_in_again_keeps_the_name_and_kills_the_old_value(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	sign_in(place, store, "s", now - 1000);
	issue_code(store, "g", false, now - 1000);
	struct session fresh = a_session("1001", "other-name", now);
	fresh.address = S("192.0.2.2");
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "again", "s", &fresh, &sid));
	assert_slice(sid, "s");
	struct session session;
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "again", now, &session));
	assert_slice(session.sid, "s");
	assert_slice(session.address, "192.0.2.2");
	assert_int_equal(now, session.auth_time);
	assert_int_equal(now, session.created_at);
	assert_int_equal(now + LIMIT_SESSION_MAX_S, session.expires_at);
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-U", "s", now, NULL));
	assert_false(grant_revoked(store, "ONE", "g"));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM session"));
	store_close(store);
}

/* A18 */
static void another_person_in_the_same_browser_ends_the_session_before(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	sign_in(place, store, "s", now);
	issue_code(store, "g", false, now);
	begin_family(store, "offline", now);
	struct session fresh = a_session("1002", "s2", now);
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "t", "s", &fresh, &sid));
	assert_slice(sid, "s2");
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-U", "s", now, NULL));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "t", now, NULL));
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_int_equal(RESULT_NOT_FOUND, redeem(store, "g", now));
	assert_false(grant_revoked(store, "ONE", "offline"));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "offline", "T", now * 1000));
	/* and the new session gives no code to the person of the first tab */
	struct code_issue issue = an_issue("g2", now);
	issue.session = session_hash("t");
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	store_close(store);
}

static void a_session_that_was_over_does_not_go_on(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	sign_in(place, store, "s", now - LIMIT_SESSION_MAX_S);
	issue_code(store, "g", false, now - LIMIT_SESSION_MAX_S);
	struct session fresh = a_session("1001", "s2", now);
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "t", "s", &fresh, &sid));
	assert_slice(sid, "s2");
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM session"));
	store_close(store);
}

static void one_session_too_many_ends_the_one_longest_unused(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	sign_in(place, store, "s", now - 500);
	issue_code(store, "g", false, now - 500);
	for (int i = 1; i < LIMIT_SESSIONS_PER_PERSON; i++) {
		char value[16];
		snprintf(value, sizeof(value), "s%d", i);
		sign_in(place, store, value, now - 100 + i);
	}
	struct session of_other = a_session("1002", "o", now - 900);
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "o", NULL, &of_other, &sid));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now, NULL));
	sign_in(place, store, "last", now - 1000); /* a clock behind: still not the one that ends */
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-U", "s", now, NULL));
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s1", now, NULL));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "last", now, NULL));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "o", now, NULL));
	assert_int_equal(LIMIT_SESSIONS_PER_PERSON + 1, count_rows(place, "SELECT count(*) FROM session"));
	store_close(store);
}

static void nobody_who_was_changed_meanwhile_gets_a_session(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct realm realm = realm_of("ONE-U");
	int64_t now = clock_s();
	struct slice sid;
	struct session session = a_session("nobody", "x", now);
	assert_int_equal(RESULT_NOT_FOUND, start_session(place, store, "ONE-U", "x", NULL, &session, &sid));
	session = a_session("1001", "x", now);
	session.password_hash = S("old");
	assert_int_equal(RESULT_CONFLICT, start_session(place, store, "ONE-U", "x", NULL, &session, &sid));
	assert_int_equal(RESULT_OK, store_person_password_set(store, &realm, S("1001"), S(""), S("old"), NULL));
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "x", NULL, &session, &sid));
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	person.enabled = false;
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &realm.partition, &person));
	commit(batch);
	assert_int_equal(RESULT_NOT_FOUND, start_session(place, store, "ONE-U", "y", NULL, &session, &sid));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM session"));
	store_close(store);
}

/* ---- ending ---- */

#define MANY 200 /* grants of one session: more than one job ends */

static void issue_many(struct store *store, int64_t now)
{
	for (int i = 0; i < MANY; i++) {
		char gid[16];
		snprintf(gid, sizeof(gid), "g%d", i);
		issue_code(store, gid, false, now);
		if (i % 2 == 0)
			assert_int_equal(RESULT_OK, redeem(store, gid, now));
	}
}

static void ignore_change(void *context, const struct store_change *change)
{
	(void)context;
	(void)change;
}

static void ending_a_session_ends_all_that_it_gave_but_offline_access(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place), *other = open_again(place);
	struct realm realm = realm_of("ONE-U");
	int64_t now = clock_s();
	assert_int_equal(RESULT_OK, store_watch(other, ignore_change, NULL));
	sign_in(place, store, "s", now);
	sign_in(place, store, "s-other", now);
	issue_many(store, now);
	begin_family(store, "offline", now);
	struct code_issue elsewhere = an_issue("elsewhere", now);
	elsewhere.session = session_hash("s-other");
	elsewhere.grant.sid = S("s-other");
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &elsewhere));
	assert_int_equal(RESULT_OK, store_session_end(store, &realm, S("1001"), S("s"), now + DAY));
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-U", "s", now, NULL));
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s-other", now, NULL));
	bool told = false;
	for (int i = 0; i < MANY; i++) {
		char gid[16];
		snprintf(gid, sizeof(gid), "g%d", i);
		assert_true(grant_revoked(store, "ONE", gid));
		assert_false(grant_revoked(store, "TWO", gid));
		assert_int_equal(i % 2 == 0 ? RESULT_REPLAYED : RESULT_NOT_FOUND, redeem(store, gid, now));
		for (int tries = 0; tries < 500 && !(told = grant_revoked(other, "ONE", gid)); tries++)
			usleep(10000);
		assert_true(told);
	}
	assert_false(grant_revoked(store, "ONE", "offline"));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "offline", "T", now * 1000));
	assert_false(grant_revoked(store, "ONE", "elsewhere"));
	assert_int_equal(RESULT_OK, redeem(store, "elsewhere", now));
	assert_int_equal(RESULT_NOT_FOUND, store_session_end(store, &realm, S("1001"), S("s"), now + DAY));
	store_close(other);
	store_close(store);
	store = open_again(place);
	assert_true(grant_revoked(store, "ONE", "g0"));
	assert_true(grant_revoked(store, "ONE", "g199"));
	check_store(store);
	store_close(store);
}

/* Readers keep transactions between two looks of the watcher: no read of these may be answered from one. */
static void what_another_process_ended_is_gone_at_the_next_read(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place), *other = open_again(place);
	struct realm realm = realm_of("ONE-U");
	int64_t now = clock_s();
	assert_int_equal(RESULT_OK, store_watch(other, ignore_change, NULL));
	pthread_mutex_lock(&other->watch.lock); /* it does not look meanwhile */
	for (int i = 0; i < 20; i++) {
		char value[16], gid[32];
		snprintf(value, sizeof(value), "s%d", i);
		snprintf(gid, sizeof(gid), "family-%d", i);
		assert_int_equal(RESULT_NOT_FOUND, read_session(place, other, "ONE-U", value, now, NULL));
		struct partition partition;
		assert_int_equal(RESULT_OK, store_partition_read(other, &realm.partition, place->arena, &partition)); /* one is kept */
		sign_in(place, store, value, now);
		assert_int_equal(RESULT_OK, read_session(place, other, "ONE-U", value, now, NULL));
		struct code_issue issue = an_issue(gid, now);
		issue.session = session_hash(value);
		issue.grant.sid = slice_from(value);
		issue.consent = slice_from(gid);
		assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
		struct slice scope;
		assert_int_equal(RESULT_OK, store_consent_read(other, &realm, S("1001"), S("client-1"), place->arena, &scope));
		assert_true(slice_ends_with(scope, slice_from(gid)));
		assert_int_equal(RESULT_OK, store_partition_read(other, &realm.partition, place->arena, &partition));
		struct code_read read;
		assert_int_equal(RESULT_OK, read_code(place, other, "ONE-U", gid, "client-1", now, &read));
		assert_int_equal(CODE_LIVE, read.state);
		assert_int_equal(RESULT_OK, store_session_end(store, &realm, S("1001"), slice_from(value), now));
		assert_int_equal(RESULT_NOT_FOUND, read_session(place, other, "ONE-U", value, now, NULL));
		assert_int_equal(RESULT_NOT_FOUND, read_code(place, other, "ONE-U", gid, "client-1", now, &read));
	}
	pthread_mutex_unlock(&other->watch.lock);
	store_close(other);
	store_close(store);
}

/* ---- listing and use ---- */

struct listed {
	char names[512];
};

static enum result list_session(void *context, const struct session *session)
{
	struct listed *listed = context;
	size_t len = strlen(listed->names);
	snprintf(listed->names + len, sizeof(listed->names) - len, "%.*s ", SLICE_ARGS(session->sid));
	return RESULT_OK;
}

static enum result stop_listing(void *context, const struct session *session)
{
	(void)list_session(context, session);
	return RESULT_FAILED;
}

static void live_sessions_are_listed_last_used_first(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct realm realm = realm_of("ONE-U"), two = realm_of("TWO-U");
	int64_t now = clock_s();
	struct listed listed = { "" };
	sign_in(place, store, "b", now - 20);
	sign_in(place, store, "c", now - 10);
	sign_in(place, store, "a", now - 30);
	sign_in(place, store, "idle", now - 7000);
	sign_in(place, store, "over", now - LIMIT_SESSION_MAX_S);
	assert_int_equal(RESULT_OK, store_sessions_each(store, &realm, S("1001"), now, 6000, list_session, &listed));
	assert_string_equal("c b a ", listed.names);
	listed.names[0] = '\0';
	assert_int_equal(RESULT_FAILED, store_sessions_each(store, &realm, S("1001"), now, 6000, stop_listing, &listed));
	assert_string_equal("c ", listed.names);
	listed.names[0] = '\0';
	assert_int_equal(RESULT_OK, store_sessions_each(store, &realm, S("1002"), now, 6000, list_session, &listed));
	assert_int_equal(RESULT_OK, store_sessions_each(store, &two, S("1001"), now, 6000, list_session, &listed));
	assert_string_equal("", listed.names);
	store_close(store);
}

static void a_code_moves_the_use_of_its_session_at_most_once_a_minute(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	int64_t now = clock_s();
	struct session session;
	sign_in(place, store, "s", now);
	issue_code(store, "g1", false, now + 59);
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now + 59, &session));
	assert_int_equal(now, session.last_used_at);
	issue_code(store, "g2", false, now + 60);
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now + 60, &session));
	assert_int_equal(now + 60, session.last_used_at);
	/* and so it lives longer, until its end */
	assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", "s", now + 60 + LIMIT_SESSION_IDLE_S, &session));
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-U", "s", now + 61 + LIMIT_SESSION_IDLE_S, &session));
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_session_is_read_back_as_it_was_begun),
		STORE_TEST(a_session_is_over_at_its_end_and_when_it_was_not_used),
		STORE_TEST(a_session_of_another_realm_does_not_exist),
		STORE_TEST(signing_in_again_keeps_the_name_and_kills_the_old_value),
		STORE_TEST(another_person_in_the_same_browser_ends_the_session_before),
		STORE_TEST(a_session_that_was_over_does_not_go_on),
		STORE_TEST(one_session_too_many_ends_the_one_longest_unused),
		STORE_TEST(nobody_who_was_changed_meanwhile_gets_a_session),
		STORE_TEST(ending_a_session_ends_all_that_it_gave_but_offline_access),
		STORE_TEST(what_another_process_ended_is_gone_at_the_next_read),
		STORE_TEST(live_sessions_are_listed_last_used_first),
		STORE_TEST(a_code_moves_the_use_of_its_session_at_most_once_a_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
