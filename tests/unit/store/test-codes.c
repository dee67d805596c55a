#include "grants_test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

static struct store *open_signed_in(struct place *place, int64_t now)
{
	struct store *store = open_filled(place);
	sign_in(place, store, "s", now);
	return store;
}

static void a_code_stands_for_the_grant_that_it_was_issued_for(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct code_read read;
	issue_code(store, "g", true, now);
	assert_int_equal(RESULT_OK, read_code(place, store, "ONE-U", "g", "client-1", now, &read));
	assert_int_equal(CODE_LIVE, read.state);
	assert_slice(read.grant.gid, "g");
	assert_slice(read.grant.client_id, "client-1");
	assert_slice(read.grant.person_id, "1001");
	assert_slice(read.grant.sid, "s");
	assert_slice(read.grant.scope, "openid articles.read");
	assert_slice(read.grant.echoed, "openid https://x/articles.read");
	assert_slice(read.grant.nonce, "n");
	assert_slice(read.grant.claims_id_token, "email");
	assert_slice(read.grant.claims_userinfo, "name email");
	assert_int_equal(now, read.grant.auth_time);
	assert_int_equal(now * 1000, read.grant.granted_ms);
	assert_true(read.grant.offline);
	struct code_issue issue = an_issue("h", now);
	issue.grant.nonce = (struct slice) { NULL, 0 };
	issue.grant.claims_id_token = (struct slice) { NULL, 0 };
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
	assert_int_equal(RESULT_OK, read_code(place, store, "ONE-U", "h", "client-1", now, &read));
	assert_null(read.grant.nonce.ptr);
	assert_int_equal(0, read.grant.claims_id_token.len);
	assert_false(read.grant.offline);
	store_close(store);
}

static void reading_a_code_uses_nothing_up_and_tells_its_state(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct code_read read;
	issue_code(store, "g", false, now);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(RESULT_OK, read_code(place, store, "ONE-U", "g", "client-1", now + LIMIT_CODE_S - 1, &read));
		assert_int_equal(CODE_LIVE, read.state);
	}
	assert_int_equal(RESULT_OK, read_code(place, store, "ONE-U", "g", "client-1", now + LIMIT_CODE_S, &read));
	assert_int_equal(CODE_EXPIRED, read.state);
	assert_int_equal(RESULT_OK, redeem(store, "g", now));
	assert_int_equal(RESULT_OK, read_code(place, store, "ONE-U", "g", "client-1", now + LIMIT_CODE_S, &read));
	assert_int_equal(CODE_USED, read.state);
	assert_int_equal(RESULT_NOT_FOUND, read_code(place, store, "ONE-U", "unknown", "client-1", now, &read));
	store_close(store);
}

/* A7, A11: another application, partition or kind of person neither sees it nor uses it up; nor does another kind of secret. */
static void a_code_of_somebody_else_is_not_there_and_stays_good(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct code_read read;
	issue_code(store, "g", false, now);
	assert_int_equal(RESULT_NOT_FOUND, read_code(place, store, "ONE-U", "g", "client-2", now, &read));
	assert_int_equal(RESULT_NOT_FOUND, read_code(place, store, "TWO-U", "g", "client-1", now, &read));
	assert_int_equal(RESULT_NOT_FOUND, read_code(place, store, "ONE-C", "g", "client-1", now, &read));
	struct code_redemption redemption = a_redemption("g", now);
	redemption.client_id = S("client-2");
	assert_int_equal(RESULT_NOT_FOUND, redeem_in(store, "ONE-U", &redemption));
	redemption = a_redemption("g", now);
	assert_int_equal(RESULT_NOT_FOUND, redeem_in(store, "TWO-U", &redemption));
	assert_int_equal(RESULT_NOT_FOUND, redeem_in(store, "ONE-C", &redemption));
	redemption.code = session_hash("g");
	assert_int_equal(RESULT_NOT_FOUND, redeem_in(store, "ONE-U", &redemption));
	assert_int_equal(RESULT_OK, redeem(store, "g", now));
	/* nor can they end the grant by a second use */
	redemption = a_redemption("g", now);
	redemption.client_id = S("client-2");
	assert_int_equal(RESULT_NOT_FOUND, redeem_in(store, "ONE-U", &redemption));
	assert_false(grant_revoked(store, "ONE", "g"));
	store_close(store);
}

static void no_code_comes_of_a_session_that_is_over_or_of_somebody_else(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct realm realm = realm_of("ONE-U");
	struct code_issue issue = an_issue("g", now + LIMIT_SESSION_IDLE_S + 1);
	issue.consent = S("openid");
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	issue = an_issue("g", now + LIMIT_SESSION_MAX_S);
	issue.idle_s = 2 * DAY;
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	issue = an_issue("g", now);
	issue.grant.person_id = S("1002");
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	issue = an_issue("g", now);
	issue.grant.sid = S("another");
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	issue = an_issue("g", now);
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "TWO-U", &issue));
	issue.session = code_hash("s");
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	assert_int_equal(RESULT_OK, store_session_end(store, &realm, S("1001"), S("s"), now));
	issue = an_issue("g", now);
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	assert_int_equal(0, count_rows(place, "SELECT (SELECT count(*) FROM grant_record) + (SELECT count(*) FROM consent)"));
	store_close(store);
}

static void a_code_is_redeemed_once_and_twice_ends_the_grant(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	begin_family(store, "g", now);
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "g", "T", now * 1000));
	assert_false(grant_revoked(store, "ONE", "g"));
	struct code_redemption again = a_redemption("g", now + 1);
	struct refresh_name second = refresh_name_of("second", "T");
	again.refresh = &second;
	assert_int_equal(RESULT_REPLAYED, redeem_in(store, "ONE-U", &again));
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_int_equal(0, refresh_state(place, store, "g", "T", now * 1000));
	assert_int_equal(0, refresh_state(place, store, "second", "T", now * 1000));
	assert_int_equal(RESULT_NOT_FOUND, rotate(store, "g", "T", "S", now * 1000));
	assert_int_equal(RESULT_REPLAYED, redeem_in(store, "ONE-U", &again));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM refresh_token"));
	store_close(store);
	store = open_again(place);
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_int_equal(RESULT_REPLAYED, redeem(store, "g", now));
	store_close(store);
}

static void a_second_use_long_after_its_minute_ends_the_grant_too(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	issue_code(store, "g", false, now);
	assert_int_equal(RESULT_OK, redeem(store, "g", now));
	assert_int_equal(RESULT_REPLAYED, redeem(store, "g", now + 3000));
	assert_true(grant_revoked(store, "ONE", "g"));
	store_close(store);
}

static void a_second_use_with_the_wrong_verifier_ends_nothing(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	begin_family(store, "g", now);
	struct code_redemption again = a_redemption("g", now);
	again.code_challenge = S("another");
	assert_int_equal(RESULT_REPLAYED, redeem_in(store, "ONE-U", &again));
	again.code_challenge = (struct slice) { NULL, 0 };
	assert_int_equal(RESULT_REPLAYED, redeem_in(store, "ONE-U", &again));
	assert_false(grant_revoked(store, "ONE", "g"));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "g", "T", now * 1000));
	again = a_redemption("g", now);
	again.redirect_uri = S("https://elsewhere.example/");
	assert_int_equal(RESULT_REPLAYED, redeem_in(store, "ONE-U", &again));
	assert_true(grant_revoked(store, "ONE", "g"));
	store_close(store);
}

/* A2 */
static void only_the_exact_address_and_verifier_redeem_and_a_wrong_one_uses_up(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	const struct slice none = { NULL, 0 }, right = S("https://a.example/cb");
	const struct {
		struct slice issued_challenge, sent_address, sent_challenge;
		enum result result;
	} cases[] = {
		{ S("challenge"), right, S("challenge"), RESULT_OK },
		{ S("challenge"), right, S("Challenge"), RESULT_INVALID },
		{ S("challenge"), right, S("challeng"), RESULT_INVALID },
		{ S("challenge"), right, none, RESULT_INVALID },
		{ S("challenge"), S("https://a.example/cb/"), S("challenge"), RESULT_INVALID },
		{ S("challenge"), S("https://A.example/cb"), S("challenge"), RESULT_INVALID },
		{ S("challenge"), none, S("challenge"), RESULT_INVALID },
		{ S("challenge"), S(""), S("challenge"), RESULT_INVALID },
		{ none, right, none, RESULT_OK },
		{ none, right, S("challenge"), RESULT_INVALID },
		{ none, right, S(""), RESULT_INVALID },
		{ none, none, none, RESULT_INVALID },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char code[16];
		snprintf(code, sizeof(code), "g%zu", i);
		struct code_issue issue = an_issue(code, now);
		issue.code_challenge = cases[i].issued_challenge;
		issue.grant.offline = true;
		assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
		struct refresh_name first = refresh_name_of(code, "T");
		struct code_redemption redemption = a_redemption(code, now);
		redemption.refresh = &first;
		redemption.redirect_uri = cases[i].sent_address;
		redemption.code_challenge = cases[i].sent_challenge;
		assert_int_equal(cases[i].result, redeem_in(store, "ONE-U", &redemption));
		assert_int_equal(cases[i].result == RESULT_OK ? REFRESH_LIVE : 0, refresh_state(place, store, code, "T", now * 1000));
		/* used up for the right one too */
		redemption.redirect_uri = right;
		redemption.code_challenge = cases[i].issued_challenge;
		assert_int_equal(RESULT_REPLAYED, redeem_in(store, "ONE-U", &redemption));
		assert_int_equal(0, refresh_state(place, store, code, "T", now * 1000));
	}
	store_close(store);
}

static void a_late_code_is_expired_and_nothing_comes_of_it(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	issue_code(store, "g", true, now);
	struct refresh_name first = refresh_name_of("g", "T");
	struct code_redemption late = a_redemption("g", now + LIMIT_CODE_S);
	late.refresh = &first;
	assert_int_equal(RESULT_EXPIRED, redeem_in(store, "ONE-U", &late));
	late.code_challenge = S("wrong");
	assert_int_equal(RESULT_EXPIRED, redeem_in(store, "ONE-U", &late));
	assert_int_equal(0, refresh_state(place, store, "g", "T", now * 1000));
	assert_int_equal(RESULT_OK, redeem(store, "g", now + LIMIT_CODE_S - 1));
	store_close(store);
}

static void only_an_offline_grant_has_a_refresh_token(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct refresh_name first = refresh_name_of("g", "T");
	issue_code(store, "g", false, now);
	struct code_redemption redemption = a_redemption("g", now);
	redemption.refresh = &first;
	assert_int_equal(RESULT_OK, redeem_in(store, "ONE-U", &redemption));
	assert_int_equal(0, refresh_state(place, store, "g", "T", now * 1000));
	issue_code(store, "h", true, now); /* the application may have none: no name was given */
	assert_int_equal(RESULT_OK, redeem(store, "h", now));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM refresh_token"));
	store_close(store);
}

static void a_grant_can_be_ended_by_its_name_any_number_of_times(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct realm realm = realm_of("ONE-U"), two = realm_of("TWO-U");
	begin_family(store, "g", now);
	issue_code(store, "unused", false, now);
	assert_int_equal(RESULT_OK, store_grant_end(store, &two, S("g"), now + DAY));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "g", "T", now * 1000));
	assert_false(grant_revoked(store, "ONE", "g"));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(RESULT_OK, store_grant_end(store, &realm, S("g"), now + DAY));
		assert_int_equal(RESULT_OK, store_grant_end(store, &realm, S("unused"), now + DAY));
		assert_int_equal(RESULT_OK, store_grant_end(store, &realm, S("of-client-credentials"), now + DAY));
	}
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_true(grant_revoked(store, "ONE", "of-client-credentials"));
	assert_int_equal(0, refresh_state(place, store, "g", "T", now * 1000));
	assert_int_equal(RESULT_NOT_FOUND, redeem(store, "unused", now));
	struct code_read read;
	assert_int_equal(RESULT_NOT_FOUND, read_code(place, store, "ONE-U", "unused", "client-1", now, &read));
	store_close(store);
}

static void the_claims_of_a_grant_are_found_by_its_name(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	struct realm realm = realm_of("ONE-U"), customers = realm_of("ONE-C"), two = realm_of("TWO-U");
	struct slice claims;
	issue_code(store, "g", false, now);
	assert_int_equal(RESULT_OK, redeem(store, "g", now));
	assert_int_equal(RESULT_OK, store_grant_claims(store, &realm, S("g"), place->arena, &claims));
	assert_slice(claims, "name email");
	assert_int_equal(RESULT_NOT_FOUND, store_grant_claims(store, &realm, S("h"), place->arena, &claims));
	assert_int_equal(RESULT_NOT_FOUND, store_grant_claims(store, &customers, S("g"), place->arena, &claims));
	assert_int_equal(RESULT_NOT_FOUND, store_grant_claims(store, &two, S("g"), place->arena, &claims));
	store_close(store);
}

/* Files may grow no further for a while: what a full disk is to the program. */
static void what_could_not_be_written_is_not_used_up(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now);
	issue_code(store, "g", false, now);
	begin_family(store, "f", now);
	struct rlimit limit, none;
	assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &none));
	limit = none;
	limit.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &limit));
	enum result redeemed = redeem(store, "g", now), rotated = rotate(store, "f", "T", "S", now * 1000);
	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &none));
	assert_int_equal(RESULT_STORE_DOWN, redeemed);
	assert_int_equal(RESULT_STORE_DOWN, rotated);
	assert_int_equal(RESULT_OK, redeem(store, "g", now));
	assert_int_equal(REFRESH_SPENT, refresh_state(place, store, "f", "S", now * 1000));
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S", now * 1000 + GRACE + 1)); /* its first use */
	assert_false(grant_revoked(store, "ONE", "g") || grant_revoked(store, "ONE", "f"));
	check_store(store);
	store_close(store);
}

/* ---- A3: many at once ---- */

#define THREADS 64
#define ROUNDS 20

struct redeemer {
	struct store *store;
	pthread_barrier_t *barrier;
	const char *code;
	int number;
	int64_t now;
	enum result result;
};

static void *redeem_at_once(void *argument)
{
	struct redeemer *redeemer = argument;
	char token[16];
	snprintf(token, sizeof(token), "T%d", redeemer->number);
	struct refresh_name first = refresh_name_of(redeemer->code, token);
	first.family = first.token; /* each its own */
	struct code_redemption redemption = a_redemption(redeemer->code, redeemer->now);
	redemption.refresh = &first;
	struct realm realm;
	if (!realm_parse(S("ONE-U"), &realm))
		return NULL;
	pthread_barrier_wait(redeemer->barrier);
	redeemer->result = store_code_redeem(redeemer->store, &realm, &redemption);
	return NULL;
}

static void a_code_redeemed_by_64_threads_of_two_programs_has_one_winner(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_signed_in(place, now), *other = open_again(place);
	for (int round = 0; round < ROUNDS; round++) {
		char code[16];
		snprintf(code, sizeof(code), "g%d", round);
		issue_code(store, code, true, now);
		pthread_barrier_t barrier;
		assert_int_equal(0, pthread_barrier_init(&barrier, NULL, THREADS));
		pthread_t threads[THREADS];
		struct redeemer redeemers[THREADS];
		for (int i = 0; i < THREADS; i++) {
			redeemers[i] = (struct redeemer) { i % 2 == 0 ? store : other, &barrier, code, i, now, RESULT_FAILED };
			assert_int_equal(0, pthread_create(&threads[i], NULL, redeem_at_once, &redeemers[i]));
		}
		int winners = 0, replays = 0;
		for (int i = 0; i < THREADS; i++) {
			pthread_join(threads[i], NULL);
			winners += redeemers[i].result == RESULT_OK ? 1 : 0;
			replays += redeemers[i].result == RESULT_REPLAYED ? 1 : 0;
		}
		pthread_barrier_destroy(&barrier);
		assert_int_equal(1, winners);
		assert_int_equal(THREADS - 1, replays);
		assert_true(grant_revoked(store, "ONE", code) && grant_revoked(other, "ONE", code));
	}
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM refresh_token")); /* the others ended what the winner got */
	check_store(store);
	store_close(other);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_code_stands_for_the_grant_that_it_was_issued_for),
		STORE_TEST(reading_a_code_uses_nothing_up_and_tells_its_state),
		STORE_TEST(a_code_of_somebody_else_is_not_there_and_stays_good),
		STORE_TEST(no_code_comes_of_a_session_that_is_over_or_of_somebody_else),
		STORE_TEST(a_code_is_redeemed_once_and_twice_ends_the_grant),
		STORE_TEST(a_second_use_long_after_its_minute_ends_the_grant_too),
		STORE_TEST(a_second_use_with_the_wrong_verifier_ends_nothing),
		STORE_TEST(only_the_exact_address_and_verifier_redeem_and_a_wrong_one_uses_up),
		STORE_TEST(a_late_code_is_expired_and_nothing_comes_of_it),
		STORE_TEST(only_an_offline_grant_has_a_refresh_token),
		STORE_TEST(a_grant_can_be_ended_by_its_name_any_number_of_times),
		STORE_TEST(the_claims_of_a_grant_are_found_by_its_name),
		STORE_TEST(what_could_not_be_written_is_not_used_up),
		STORE_TEST(a_code_redeemed_by_64_threads_of_two_programs_has_one_winner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
