#include "grants_test.h"

#include "store/logouts.h"

#include <pthread.h>

#define CLAIM_MS LIMIT_LOGOUT_CLAIM_MS

static void tell(struct store *store, const char *partition, const char *client_id, const char *name, const char *url)
{
	struct partition_id id = partition_of(partition);
	struct store_batch *batch = begin(store);
	struct client_application application = an_application(client_id, name);
	application.version = 1;
	application.backchannel_logout_url = slice_from(url);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &id, &application));
	commit(batch);
}

/* client-1 and client-2 of ONE want to be told. */
static struct store *open_telling(const struct place *place)
{
	struct store *store = open_filled(place);
	tell(store, "ONE", "client-1", "Portal", "https://one.example/logout");
	tell(store, "ONE", "client-2", "Second", "https://two.example/logout");
	return store;
}

/* A session of 1001 at ONE-U with a code for each of the applications. */
static void visit(struct place *place, struct store *store, const char *sid, const char *const *clients, size_t count, int64_t now_s)
{
	sign_in(place, store, sid, now_s);
	for (size_t i = 0; i < count; i++) {
		struct slice code = arena_print(place->arena, "%s-%zu", sid, i);
		struct code_issue issue = an_issue(code.ptr, now_s);
		issue.grant.sid = slice_from(sid);
		issue.grant.client_id = slice_from(clients[i]);
		issue.session = session_hash(sid);
		assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
	}
}

static void visit_one(struct place *place, struct store *store, const char *sid)
{
	static const char *const client[] = { "client-1" };
	visit(place, store, sid, client, 1, clock_s());
}

static enum result end_session(struct store *store, const char *sid)
{
	struct realm in = realm_of("ONE-U");
	return store_session_end(store, &in, S("1001"), slice_from(sid), clock_s() + DAY);
}

static enum result claim_at(struct place *place, struct store *store, int64_t now_ms, struct logout_delivery *ret)
{
	return store_logout_claim(store, now_ms, now_ms + CLAIM_MS, place->arena, ret);
}

static int64_t deliveries(const struct place *place)
{
	return count_rows(place, "SELECT count(*) FROM logout_delivery");
}

static void ending_a_session_stores_one_delivery_for_each_application_that_wants_it(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	static const char *const clients[] = { "client-1", "client-2", "client-1" };
	struct logout_delivery first = { 0 }, second = { 0 }, third;
	tell(store, "TWO", "client-1", "Portal", "https://other.example/logout");
	visit(place, store, "s1", clients, 3, clock_s());
	visit(place, store, "s2", clients, 1, clock_s());
	assert_int_equal(0, deliveries(place));
	assert_int_equal(RESULT_OK, end_session(store, "s1"));
	assert_int_equal(2, deliveries(place));
	assert_int_equal(RESULT_OK, claim_at(place, store, clock_ms(), &first));
	assert_int_equal(RESULT_OK, claim_at(place, store, clock_ms(), &second));
	assert_int_equal(RESULT_NOT_FOUND, claim_at(place, store, clock_ms(), &third));
	assert_false(slice_equal(first.client_id, second.client_id));
	assert_slice(first.sid, "s1");
	assert_slice(first.person_id, "1001");
	assert_slice(partition_id_slice(&first.realm.partition), "ONE");
	assert_int_equal(PERSON_USER, first.realm.kind);
	assert_int_equal(1, first.tries);
	assert_int_equal(RESULT_OK, store_logout_done(store, &first));
	assert_int_equal(RESULT_OK, store_logout_done(store, &second));
	assert_int_equal(0, deliveries(place));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM session_application")); /* of s2 */
	check_store(store);
	store_close(store);
}

static void an_application_without_an_address_is_not_told(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	visit_one(place, store, "s");
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM session_application"));
	assert_int_equal(RESULT_OK, end_session(store, "s"));
	assert_int_equal(0, deliveries(place));
	store_close(store);
}

static void a_session_that_comes_to_its_own_end_tells_nobody(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	static const char *const client[] = { "client-1" };
	visit(place, store, "s", client, 1, clock_s() - LIMIT_SESSION_MAX_S - 10);
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM session_application"));
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM session"));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM session_application"));
	assert_int_equal(0, deliveries(place));
	store_close(store);
}

static void a_session_is_remembered_by_its_applications_when_its_grants_are_forgotten(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	static const char *const client[] = { "client-1" };
	visit(place, store, "s", client, 1, clock_s() - 3600); /* the code was never redeemed, so that nothing is left of it */
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM grant_record"));
	assert_int_equal(RESULT_OK, end_session(store, "s"));
	assert_int_equal(1, deliveries(place));
	store_close(store);
}

static void every_way_to_lose_a_session_is_an_end_of_it(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	struct slice sid;
	visit_one(place, store, "same");
	struct session again = a_session("1001", "ignored", clock_s());
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "same-2", "same", &again, &sid));
	assert_slice(sid, "same");
	assert_int_equal(0, deliveries(place)); /* it goes on */
	struct session other = a_session("1002", "of-1002", clock_s());
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "other", "same-2", &other, &sid));
	assert_int_equal(1, deliveries(place));

	visit_one(place, store, "oldest");
	for (int i = 0; i < LIMIT_SESSIONS_PER_PERSON; i++) {
		char name[16];
		snprintf(name, sizeof(name), "more-%d", i);
		sign_in(place, store, name, clock_s() + 1);
	}
	assert_int_equal(2, deliveries(place));

	struct realm in = realm_of("ONE-U");
	visit_one(place, store, "password");
	assert_int_equal(RESULT_OK, store_person_password_set(store, &in, S("1001"), S(""), S("$argon2id$new"), NULL));
	assert_int_equal(3, deliveries(place));
	store_close(store);
}

static void a_claim_is_one_callers_until_it_lapses(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place), *another = open_again(place);
	struct logout_delivery first = { 0 }, second = { 0 }, none;
	visit_one(place, store, "s");
	assert_int_equal(RESULT_OK, end_session(store, "s"));
	int64_t now_ms = clock_ms();
	assert_int_equal(RESULT_OK, claim_at(place, store, now_ms, &first));
	assert_int_equal(RESULT_NOT_FOUND, claim_at(place, another, now_ms, &none));
	assert_int_equal(RESULT_NOT_FOUND, claim_at(place, another, now_ms + CLAIM_MS - 1, &none));
	assert_int_equal(RESULT_OK, claim_at(place, another, now_ms + CLAIM_MS, &second));
	assert_int_equal(first.number, second.number);
	assert_int_equal(2, second.tries);
	assert_int_equal(RESULT_NOT_FOUND, store_logout_done(store, &first)); /* it came too late */
	assert_int_equal(RESULT_NOT_FOUND, store_logout_again(store, &first, now_ms));
	assert_int_equal(RESULT_OK, store_logout_again(another, &second, now_ms + 30000));
	assert_int_equal(RESULT_NOT_FOUND, claim_at(place, store, now_ms + 29999, &none));
	assert_int_equal(RESULT_OK, claim_at(place, store, now_ms + 30000, &first));
	assert_int_equal(3, first.tries);
	assert_int_equal(RESULT_OK, store_logout_done(store, &first));
	store_close(another);
	store_close(store);
}

static void of_one_application_only_so_many_are_under_way_and_the_others_come_first(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	static const char *const second[] = { "client-2" };
	struct logout_delivery delivery = { 0 };
	int64_t waiting = 0;
	for (int i = 0; i < 5; i++) {
		char sid[8];
		snprintf(sid, sizeof(sid), "s%d", i);
		visit_one(place, store, sid);
		assert_int_equal(RESULT_OK, end_session(store, sid));
	}
	int64_t now_ms = clock_ms();
	for (int i = 0; i < LIMIT_LOGOUTS_AT_ONCE; i++) {
		assert_int_equal(RESULT_OK, claim_at(place, store, now_ms, &delivery));
		assert_slice(delivery.client_id, "client-1");
	}
	assert_int_equal(RESULT_NOT_FOUND, claim_at(place, store, now_ms, &delivery));
	visit(place, store, "t", second, 1, clock_s());
	assert_int_equal(RESULT_OK, end_session(store, "t"));
	now_ms += CLAIM_MS; /* those of client-1 lapsed: it did not answer */
	assert_int_equal(RESULT_OK, claim_at(place, store, now_ms, &delivery));
	assert_slice(delivery.client_id, "client-2");
	assert_int_equal(RESULT_OK, store_logouts_waiting(store, &waiting));
	assert_int_equal(6, waiting);
	store_close(store);
}

struct racer {
	struct place *place;
	struct store *store;
	struct arena *arena;
	int64_t claimed;
};

static void *race(void *argument)
{
	struct racer *racer = argument;
	struct logout_delivery delivery;
	enum result result;
	while ((result = store_logout_claim(racer->store, clock_ms(), clock_ms() + 60000, racer->arena, &delivery)) == RESULT_OK) {
		racer->claimed++;
		if (store_logout_done(racer->store, &delivery) != RESULT_OK)
			return NULL;
	}
	return result == RESULT_NOT_FOUND ? racer : NULL;
}

static void many_who_look_at_once_claim_each_delivery_once(void **state)
{
	enum { RACERS = 8, SESSIONS = 40 };
	struct place *place = *state;
	struct store *stores[2] = { open_telling(place), open_again(place) };
	struct racer racers[RACERS];
	pthread_t threads[RACERS];
	int64_t claimed = 0;
	for (int i = 0; i < SESSIONS; i++) {
		char sid[8];
		snprintf(sid, sizeof(sid), "s%d", i);
		visit_one(place, stores[0], sid);
		assert_int_equal(RESULT_OK, end_session(stores[0], sid));
	}
	for (size_t i = 0; i < RACERS; i++) {
		racers[i] = (struct racer) { place, stores[i % 2], arena_new(4096, 1024 * 1024), 0 };
		assert_int_equal(0, pthread_create(&threads[i], NULL, race, &racers[i]));
	}
	for (size_t i = 0; i < RACERS; i++) {
		void *good = NULL;
		pthread_join(threads[i], &good);
		assert_non_null(good);
		claimed += racers[i].claimed;
		arena_free(racers[i].arena);
	}
	/* a racer may leave while others hold all that may be under way; the rest is there */
	assert_int_equal(SESSIONS - claimed, deliveries(place));
	struct racer last = { place, stores[0], place->arena, 0 };
	assert_non_null(race(&last));
	assert_int_equal(SESSIONS, claimed + last.claimed);
	store_close(stores[1]);
	store_close(stores[0]);
}

static void a_delivery_that_nobody_could_try_for_long_is_given_up(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	visit_one(place, store, "old");
	visit_one(place, store, "young");
	assert_int_equal(RESULT_OK, end_session(store, "old"));
	assert_int_equal(1, count_rows(place, "UPDATE logout_delivery SET made_at = made_at - 90000 RETURNING 1"));
	assert_int_equal(RESULT_OK, end_session(store, "young"));
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM logout_delivery WHERE sid = 'young'"));
	assert_int_equal(1, deliveries(place));
	store_close(store);
}

static void deliveries_survive_the_store_being_closed(void **state)
{
	struct place *place = *state;
	struct store *store = open_telling(place);
	struct logout_delivery delivery = { 0 };
	visit_one(place, store, "s");
	assert_int_equal(RESULT_OK, end_session(store, "s"));
	store_close(store);
	store = open_again(place);
	assert_int_equal(RESULT_OK, claim_at(place, store, clock_ms(), &delivery));
	assert_slice(delivery.sid, "s");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(ending_a_session_stores_one_delivery_for_each_application_that_wants_it),
		STORE_TEST(an_application_without_an_address_is_not_told),
		STORE_TEST(a_session_that_comes_to_its_own_end_tells_nobody),
		STORE_TEST(a_session_is_remembered_by_its_applications_when_its_grants_are_forgotten),
		STORE_TEST(every_way_to_lose_a_session_is_an_end_of_it),
		STORE_TEST(a_claim_is_one_callers_until_it_lapses),
		STORE_TEST(of_one_application_only_so_many_are_under_way_and_the_others_come_first),
		STORE_TEST(many_who_look_at_once_claim_each_delivery_once),
		STORE_TEST(a_delivery_that_nobody_could_try_for_long_is_given_up),
		STORE_TEST(deliveries_survive_the_store_being_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
