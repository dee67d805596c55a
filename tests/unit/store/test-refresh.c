#include "grants_test.h"

#include <pthread.h>

/* One family "f" of an offline grant, whose first token is T. */
static struct store *open_with_family(struct place *place, int64_t now)
{
	struct store *store = open_filled(place);
	sign_in(place, store, "s", now);
	begin_family(store, "f", now);
	return store;
}

static void a_refresh_token_stands_for_its_grant(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_with_family(place, now);
	struct realm realm = realm_of("ONE-U");
	struct refresh_name name = refresh_name_of("f", "T");
	struct refresh_read read;
	assert_int_equal(RESULT_OK, store_refresh_read(store, &realm, &name, now * 1000, place->arena, &read));
	assert_int_equal(REFRESH_LIVE, read.state);
	assert_int_equal(now, read.created_at);
	assert_int_equal(now + 30 * DAY, read.expires_at);
	assert_slice(read.grant.gid, "f");
	assert_slice(read.grant.client_id, "client-1");
	assert_slice(read.grant.person_id, "1001");
	assert_slice(read.grant.scope, "openid articles.read");
	assert_slice(read.grant.echoed, "openid https://x/articles.read");
	assert_int_equal(now * 1000, read.grant.granted_ms);
	assert_true(read.grant.offline);
	store_close(store);
}

/* A7, A4 */
static void a_refresh_token_of_somebody_else_is_not_there_and_stays_good(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_with_family(place, now);
	struct realm one = realm_of("ONE-U"), others[] = { realm_of("TWO-U"), realm_of("ONE-C") };
	struct refresh_name name = refresh_name_of("f", "T");
	struct refresh_rotation rotation = a_rotation("f", "T", "S", now * 1000);
	struct refresh_read read;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(RESULT_NOT_FOUND, store_refresh_read(store, &others[i], &name, now * 1000, place->arena, &read));
		assert_int_equal(RESULT_NOT_FOUND, store_refresh_rotate(store, &others[i], &rotation));
	}
	rotation.client_id = S("client-2");
	assert_int_equal(RESULT_NOT_FOUND, store_refresh_rotate(store, &one, &rotation));
	assert_int_equal(RESULT_NOT_FOUND, rotate(store, "unknown", "T", "S", now * 1000));
	/* not even a wrong one of theirs ends it */
	rotation = a_rotation("f", "X", "S", now * 1000);
	rotation.client_id = S("client-2");
	assert_int_equal(RESULT_NOT_FOUND, store_refresh_rotate(store, &one, &rotation));
	/* a token of one family under the name of another is none of its own */
	begin_family(store, "f2", now);
	rotation = a_rotation("f", "T", "S", now * 1000);
	rotation.used.family = refresh_name_of("f2", "T").family;
	assert_int_equal(RESULT_REPLAYED, store_refresh_rotate(store, &one, &rotation));
	assert_int_equal(0, refresh_state(place, store, "f2", "T", now * 1000));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "T", now * 1000));
	assert_false(grant_revoked(store, "ONE", "f"));
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S", now * 1000));
	store_close(store);
}

static void a_token_that_was_rotated_gives_siblings_within_its_grace(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000;
	struct store *store = open_with_family(place, now);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S1", t));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "T", t + GRACE));
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S2", t + GRACE));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "S1", t + GRACE));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "S2", t + GRACE));
	assert_false(grant_revoked(store, "ONE", "f"));
	/* the second use did not move the window */
	assert_int_equal(REFRESH_SPENT, refresh_state(place, store, "f", "T", t + GRACE + 1));
	assert_int_equal(RESULT_REPLAYED, rotate(store, "f", "T", "S3", t + GRACE + 1));
	assert_true(grant_revoked(store, "ONE", "f"));
	static const char *const names[] = { "T", "S1", "S2", "S3" };
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(0, refresh_state(place, store, "f", names[i], t));
		assert_int_equal(RESULT_NOT_FOUND, rotate(store, "f", names[i], "X", t));
	}
	store_close(store);
}

static void a_clock_that_was_set_back_does_not_widen_the_window(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000;
	struct store *store = open_with_family(place, now);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S1", t));
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S2", t - GRACE)); /* two threads may be a little apart */
	assert_int_equal(RESULT_REPLAYED, rotate(store, "f", "T", "S3", t - GRACE - 1));
	store_close(store);
}

static void a_token_gives_eight_siblings_and_no_more(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000;
	struct store *store = open_with_family(place, now);
	char name[16];
	for (int i = 1; i <= LIMIT_REFRESH_SIBLINGS; i++) {
		snprintf(name, sizeof(name), "S%d", i);
		assert_int_equal(RESULT_OK, rotate(store, "f", "T", name, t + i));
	}
	assert_int_equal(RESULT_TOO_LARGE, rotate(store, "f", "T", "S9", t + 20));
	assert_int_equal(RESULT_TOO_LARGE, rotate(store, "f", "T", "S9", t + 1 + GRACE));
	assert_int_equal(REFRESH_SPENT, refresh_state(place, store, "f", "S9", t + 20));
	assert_false(grant_revoked(store, "ONE", "f"));
	assert_int_equal(RESULT_OK, rotate(store, "f", "S8", "U", t + 30));
	assert_int_equal(RESULT_REPLAYED, rotate(store, "f", "T", "S9", t + 31));
	store_close(store);
}

static void the_use_of_a_successor_closes_the_token_before_it(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000;
	struct store *store = open_with_family(place, now);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S1", t));
	assert_int_equal(RESULT_OK, rotate(store, "f", "S1", "U1", t + 1));
	assert_int_equal(REFRESH_SPENT, refresh_state(place, store, "f", "T", t + 2));
	assert_int_equal(RESULT_REPLAYED, rotate(store, "f", "T", "S2", t + 2)); /* within 10 s, but too late */
	assert_true(grant_revoked(store, "ONE", "f"));
	assert_int_equal(0, refresh_state(place, store, "f", "U1", t + 2));
	store_close(store);
}

/* A12: two tabs within the grace both live on */
static void siblings_go_on_on_their_own(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000;
	struct store *store = open_with_family(place, now);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S1", t));
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S2", t + 1));
	assert_int_equal(RESULT_OK, rotate(store, "f", "S1", "U1", t + 3600000));
	assert_int_equal(RESULT_OK, rotate(store, "f", "S2", "V1", t + 7200000));
	assert_int_equal(RESULT_OK, rotate(store, "f", "U1", "U2", t + 10800000));
	assert_int_equal(RESULT_OK, rotate(store, "f", "V1", "V2", t + 10800000));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "U2", t + 10800000));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "V2", t + 10800000));
	/* a lost reply in one line */
	assert_int_equal(RESULT_OK, rotate(store, "f", "U2", "U3", t + 10900000));
	assert_int_equal(RESULT_OK, rotate(store, "f", "U2", "U4", t + 10900500));
	/* A12: a stolen token used after the grace ends all lines */
	assert_int_equal(RESULT_REPLAYED, rotate(store, "f", "S1", "X", t + 10900600));
	assert_int_equal(0, refresh_state(place, store, "f", "V2", t + 10900600));
	store_close(store);
}

static void a_swept_token_is_still_one_that_was_used_before(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = clock_ms();
	struct store *store = open_with_family(place, now);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S1", t - GRACE - 1));
	assert_int_equal(2, count_rows(place, "SELECT count(*) FROM refresh_token"));
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM refresh_token"));
	assert_int_equal(REFRESH_SPENT, refresh_state(place, store, "f", "T", t));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "S1", t));
	assert_int_equal(RESULT_REPLAYED, rotate(store, "f", "T", "S2", t));
	assert_int_equal(0, refresh_state(place, store, "f", "S1", t));
	store_close(store);
}

static void a_family_ends_unused_or_at_its_absolute_end(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000, day = DAY * 1000;
	struct store *store = open_with_family(place, now);
	struct realm realm = realm_of("ONE-U");
	begin_family(store, "idle", now);
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "idle", "T", t + 30 * day - 1));
	assert_int_equal(0, refresh_state(place, store, "idle", "T", t + 30 * day));
	assert_int_equal(RESULT_NOT_FOUND, rotate(store, "idle", "T", "S", t + 30 * day));
	assert_false(grant_revoked(store, "ONE", "idle"));
	char token[16] = "T", next[16];
	for (int i = 1; i <= 8; i++) { /* every 20 days */
		snprintf(next, sizeof(next), "S%d", i);
		assert_int_equal(RESULT_OK, rotate(store, "f", token, next, t + 20 * i * day));
		memcpy(token, next, sizeof(token));
	}
	struct refresh_name name = refresh_name_of("f", token);
	struct refresh_read read;
	assert_int_equal(RESULT_OK, store_refresh_read(store, &realm, &name, t + 160 * day, place->arena, &read));
	assert_int_equal(now + 180 * DAY, read.expires_at);
	assert_int_equal(RESULT_OK, rotate(store, "f", token, "last", t + 179 * day));
	assert_int_equal(RESULT_OK, rotate(store, "f", "last", "very-last", t + 180 * day - 1));
	assert_int_equal(RESULT_NOT_FOUND, rotate(store, "f", "very-last", "none", t + 180 * day));
	store_close(store);
}

static void a_family_has_32_unused_tokens_and_the_oldest_goes(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), t = now * 1000;
	struct store *store = open_with_family(place, now);
	char from[16] = "T", to[16] = "";
	/* each step leaves seven unused siblings behind and goes on with the eighth */
	for (int step = 0; step < 6; step++) {
		for (int i = 0; i < LIMIT_REFRESH_SIBLINGS; i++) {
			snprintf(to, sizeof(to), "%d-%d", step, i);
			assert_int_equal(RESULT_OK, rotate(store, "f", from, to, t + step));
		}
		memcpy(from, to, sizeof(from));
	}
	assert_int_equal(LIMIT_REFRESH_LIVE, count_rows(place, "SELECT count(*) FROM refresh_token WHERE used_ms IS NULL"));
	assert_true(count_rows(place, "SELECT count(*) FROM refresh_token") <= 2 * LIMIT_REFRESH_LIVE);
	assert_int_equal(REFRESH_SPENT, refresh_state(place, store, "f", "0-0", t));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "5-7", t));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f", "2-3", t));
	store_close(store);
}

/* ---- A3: many at once ---- */

#define THREADS 64
#define ROUNDS 20

struct rotator {
	struct store *store;
	pthread_barrier_t *barrier;
	const char *family;
	int number;
	int64_t now_ms;
	enum result result;
};

static void *rotate_at_once(void *argument)
{
	struct rotator *rotator = argument;
	char successor[16];
	snprintf(successor, sizeof(successor), "S%d", rotator->number);
	struct refresh_rotation rotation = a_rotation(rotator->family, "T", successor, rotator->now_ms);
	struct realm realm;
	if (!realm_parse(S("ONE-U"), &realm))
		return NULL;
	pthread_barrier_wait(rotator->barrier);
	rotator->result = store_refresh_rotate(rotator->store, &realm, &rotation);
	return NULL;
}

/* Half of them through each store; the late ones, if there are any, after the grace. */
static void race(struct store *stores[2], const char *family, int64_t now_ms, int64_t late_ms, int counts[RESULT_FAILED + 1])
{
	pthread_barrier_t barrier;
	assert_int_equal(0, pthread_barrier_init(&barrier, NULL, THREADS));
	pthread_t threads[THREADS];
	struct rotator rotators[THREADS];
	for (int i = 0; i < THREADS; i++) {
		rotators[i] = (struct rotator) { stores[i % 2], &barrier, family, i, i % 8 == 7 ? now_ms + late_ms : now_ms, RESULT_FAILED };
		assert_int_equal(0, pthread_create(&threads[i], NULL, rotate_at_once, &rotators[i]));
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		counts[rotators[i].result]++;
	}
	pthread_barrier_destroy(&barrier);
}

static void a_token_rotated_by_64_threads_of_two_programs_gives_eight_siblings(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_with_family(place, now), *other = open_again(place);
	struct store *stores[] = { store, other };
	for (int round = 0; round < ROUNDS; round++) {
		char family[16];
		int counts[RESULT_FAILED + 1] = { 0 };
		snprintf(family, sizeof(family), "r%d", round);
		begin_family(store, family, now);
		race(stores, family, now * 1000, 0, counts);
		assert_int_equal(LIMIT_REFRESH_SIBLINGS, counts[RESULT_OK]);
		assert_int_equal(THREADS - LIMIT_REFRESH_SIBLINGS, counts[RESULT_TOO_LARGE]);
		assert_false(grant_revoked(store, "ONE", family));
		int alive = 0;
		for (int i = 0; i < THREADS; i++) {
			char name[16];
			snprintf(name, sizeof(name), "S%d", i);
			alive += refresh_state(place, other, family, name, now * 1000) == REFRESH_LIVE ? 1 : 0;
		}
		assert_int_equal(LIMIT_REFRESH_SIBLINGS, alive);
	}
	assert_int_equal(ROUNDS + 1, count_rows(place, "SELECT count(*) FROM grant_record WHERE family_hash IS NOT NULL"));
	check_store(store);
	store_close(other);
	store_close(store);
}

static void a_late_one_among_64_threads_ends_the_family_for_all(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_with_family(place, now), *other = open_again(place);
	struct store *stores[] = { store, other };
	for (int round = 0; round < ROUNDS; round++) {
		char family[16];
		int counts[RESULT_FAILED + 1] = { 0 };
		snprintf(family, sizeof(family), "r%d", round);
		begin_family(store, family, now);
		race(stores, family, now * 1000, GRACE + 1, counts);
		assert_int_equal(1, counts[RESULT_REPLAYED]);
		assert_in_range(counts[RESULT_OK], 1, LIMIT_REFRESH_SIBLINGS);
		assert_int_equal(THREADS, counts[RESULT_OK] + counts[RESULT_REPLAYED] + counts[RESULT_TOO_LARGE] + counts[RESULT_NOT_FOUND]);
		assert_int_equal(0, refresh_state(place, store, family, "T", now * 1000));
		for (int i = 0; i < THREADS; i++) {
			char name[16];
			snprintf(name, sizeof(name), "S%d", i);
			assert_int_equal(0, refresh_state(place, other, family, name, now * 1000));
		}
	}
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM refresh_token")); /* of "f" */
	store_close(other);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_refresh_token_stands_for_its_grant),
		STORE_TEST(a_refresh_token_of_somebody_else_is_not_there_and_stays_good),
		STORE_TEST(a_token_that_was_rotated_gives_siblings_within_its_grace),
		STORE_TEST(a_clock_that_was_set_back_does_not_widen_the_window),
		STORE_TEST(a_token_gives_eight_siblings_and_no_more),
		STORE_TEST(the_use_of_a_successor_closes_the_token_before_it),
		STORE_TEST(siblings_go_on_on_their_own),
		STORE_TEST(a_swept_token_is_still_one_that_was_used_before),
		STORE_TEST(a_family_ends_unused_or_at_its_absolute_end),
		STORE_TEST(a_family_has_32_unused_tokens_and_the_oldest_goes),
		STORE_TEST(a_token_rotated_by_64_threads_of_two_programs_gives_eight_siblings),
		STORE_TEST(a_late_one_among_64_threads_ends_the_family_for_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
