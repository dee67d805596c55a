#include "signin/sign_in.h"

#include "../store/store_test.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <time.h>

#define HOME S("192.0.2.1")
#define ELSEWHERE S("198.51.100.7")
#define PASSWORD S("the right one")
#define WRONG S("a wrong one")

static const struct failure_limits_options options = { .account_failures = 5, .account_delay_max_s = 60, .address_per_minute = 100 };

/* A store with people, and what signs them in. */
struct desk {
	struct place *place;
	struct store *store;
	struct sign_in sign_in;
	struct realm users, customers;
};

static char cheap[crypto_pwhash_STRBYTES], usual[crypto_pwhash_STRBYTES]; /* hashes of PASSWORD: of the lowest and the default cost */

static int make_hashes(void **state)
{
	(void)state;
	return sodium_init() < 0 || crypto_pwhash_str(cheap, PASSWORD.ptr, PASSWORD.len, 1, 8192) != 0 ||
	       crypto_pwhash_str(usual, PASSWORD.ptr, PASSWORD.len, 2, (size_t)19 * 1024 * 1024) != 0;
}

static void add(struct store_batch *batch, const struct partition_id *partition, struct person person, const char *hash)
{
	person.password_hash = slice_from(hash);
	assert_int_equal(store_batch_person(batch, partition, &person), RESULT_OK);
}

static void fill(struct desk *desk)
{
	struct store_batch *batch = begin(desk->store);
	struct partition partition = a_partition("P"), other = a_partition("Q");
	struct person disabled = a_user("u3", "disabled"), somewhere = a_user("q1", "agent");
	disabled.enabled = false;
	assert_int_equal(store_batch_partition(batch, &partition), RESULT_OK);
	assert_int_equal(store_batch_partition(batch, &other), RESULT_OK);
	add(batch, &partition.id, a_user("u1", "Agent"), cheap);
	add(batch, &partition.id, a_user("u2", "without"), "");
	add(batch, &partition.id, disabled, cheap);
	add(batch, &partition.id, a_user("u4", "usual"), usual);
	add(batch, &partition.id, a_user("u5", "only-here"), cheap);
	add(batch, &partition.id, a_customer("c1", "Jane@example.com"), cheap);
	add(batch, &other.id, somewhere, "");
	commit(batch);
}

static int open_desk(void **state)
{
	struct desk *desk = calloc(1, sizeof *desk);
	void *place = NULL;
	if (desk == NULL || place_make(&place) != 0)
		return -1;
	desk->place = place;
	desk->store = open_store(place);
	fill(desk);
	desk->sign_in = (struct sign_in) { .store = desk->store, .failures = failure_limits_new(&options) };
	desk->users = (struct realm) { partition_of("P"), PERSON_USER };
	desk->customers = (struct realm) { partition_of("P"), PERSON_CUSTOMER };
	*state = desk;
	return password_queue_start(2, 64, &desk->sign_in.passwords) == RESULT_OK ? 0 : -1;
}

static int close_desk(void **state)
{
	struct desk *desk = *state;
	void *place = desk->place;
	password_queue_stop(desk->sign_in.passwords);
	failure_limits_free(desk->sign_in.failures);
	store_close(desk->store);
	free(desk);
	return place_remove(&place);
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

static enum sign_in_answer try_from(struct desk *desk, const struct realm *realm, struct slice name, struct slice password, struct slice address)
{
	struct person person = { .version = 4711 };
	int64_t wait_s = 0;
	enum sign_in_answer answer = sign_in_check(&desk->sign_in, realm, name, password, address, desk->place->arena, &person, &wait_s);
	assert_int_equal(answer == SIGN_IN_WAIT, wait_s > 0);
	assert_int_equal(answer == SIGN_IN_RIGHT, person.version != 4711);
	arena_reset(desk->place->arena);
	return answer;
}

static enum sign_in_answer try_user(struct desk *desk, const char *name, struct slice password)
{
	return try_from(desk, &desk->users, slice_from(name), password, HOME);
}

static void fail_times(struct desk *desk, const char *name, int times)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(try_user(desk, name, WRONG), SIGN_IN_WRONG);
}

static void the_right_password_gives_the_person(void **state)
{
	struct desk *desk = *state;
	struct person person;
	int64_t wait_s;
	assert_int_equal(sign_in_check(&desk->sign_in, &desk->users, S("Agent"), PASSWORD, HOME, desk->place->arena, &person, &wait_s), SIGN_IN_RIGHT);
	assert_slice(person.id, "u1");
	assert_int_equal(sign_in_check(&desk->sign_in, &desk->customers, S("Jane@example.com"), PASSWORD, HOME, desk->place->arena, &person, &wait_s),
	                 SIGN_IN_RIGHT);
	assert_slice(person.id, "c1");
}

static void names_are_compared_without_case_and_spaces_around_them(void **state)
{
	struct desk *desk = *state;
	static const char *const same[] = { "agent", "AGENT", " Agent", "Agent  ", "  aGENT " };
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		assert_int_equal(try_user(desk, same[i], PASSWORD), SIGN_IN_RIGHT);
	assert_int_equal(try_from(desk, &desk->customers, S(" jane@EXAMPLE.com "), PASSWORD, HOME), SIGN_IN_RIGHT);
	assert_int_equal(try_user(desk, "Ag ent", PASSWORD), SIGN_IN_WRONG);
	assert_int_equal(try_user(desk, "Agent", S(" the right one")), SIGN_IN_WRONG);
}

static void who_cannot_sign_in_is_wrong_like_a_wrong_password(void **state)
{
	struct desk *desk = *state;
	static const char *const nobody[] = { "unknown", "without", "disabled", "", "   ", "u1", "jane@example.com" };
	for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++)
		assert_int_equal(try_user(desk, nobody[i], PASSWORD), SIGN_IN_WRONG);
	assert_int_equal(try_from(desk, &desk->customers, S("Agent"), PASSWORD, HOME), SIGN_IN_WRONG);
	assert_int_equal(try_from(desk, &desk->customers, S("c1"), PASSWORD, HOME), SIGN_IN_WRONG);
	assert_int_equal(try_user(desk, "without", S("")), SIGN_IN_WRONG);
	assert_int_equal(try_user(desk, "Agent", S("")), SIGN_IN_WRONG);
}

static void a_person_of_one_partition_is_unknown_in_another(void **state)
{
	struct desk *desk = *state;
	const struct realm other = { partition_of("Q"), PERSON_USER };
	assert_int_equal(try_from(desk, &other, S("only-here"), PASSWORD, HOME), SIGN_IN_WRONG);
	assert_int_equal(try_from(desk, &other, S("agent"), PASSWORD, HOME), SIGN_IN_WRONG);
}

static void names_and_passwords_over_their_limits_are_wrong(void **state)
{
	struct desk *desk = *state;
	static char much[64 * 1024];
	memset(much, 'a', sizeof much);
	assert_int_equal(try_from(desk, &desk->users, (struct slice) { much, sizeof much }, PASSWORD, HOME), SIGN_IN_WRONG);
	assert_int_equal(try_from(desk, &desk->users, (struct slice) { much, LIMIT_USERNAME }, PASSWORD, HOME), SIGN_IN_WRONG);
	assert_int_equal(try_from(desk, &desk->customers, (struct slice) { much, LIMIT_EMAIL + 1 }, PASSWORD, HOME), SIGN_IN_WRONG);
	assert_int_equal(try_from(desk, &desk->users, S("Agent"), (struct slice) { much, LIMIT_PASSWORD + 1 }, HOME), SIGN_IN_WRONG);
}

/* Of the processor, in all threads: what else the machine does is not counted. */
static int64_t worked_us(void)
{
	struct timespec worked;
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &worked), 0);
	return (int64_t)worked.tv_sec * 1000000 + worked.tv_nsec / 1000;
}

static int64_t fastest_us(struct desk *desk, struct slice name, int64_t fastest)
{
	int64_t before = worked_us();
	assert_int_equal(try_from(desk, &desk->users, name, WRONG, ELSEWHERE), SIGN_IN_WRONG);
	int64_t took = worked_us() - before;
	return took < fastest ? took : fastest;
}

/* A14: neither the answer nor its time tells whether there is such an account. */
static void unknown_and_disabled_names_take_the_time_of_a_wrong_password(void **state)
{
	struct desk *desk = *state;
	static char much[LIMIT_EMAIL * 2];
	memset(much, 'a', sizeof much);
	const struct slice names[] = { S("usual"), S("unknown"), S("disabled"), S("without"), { much, sizeof much } };
	int64_t fastest[5] = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX };
	for (int round = 0; round < 5; round++)
		for (size_t i = 0; i < 5; i++)
			fastest[i] = fastest_us(desk, names[i], fastest[i]);
	for (size_t i = 1; i < 5; i++) {
		assert_true(fastest[i] > fastest[0] / 2);
		assert_true(fastest[i] < fastest[0] * 2);
	}
}

static void from_the_sixth_failure_in_a_row_the_account_waits_whatever_the_password(void **state)
{
	struct desk *desk = *state;
	fail_times(desk, "Agent", 5);
	assert_int_equal(try_user(desk, "Agent", WRONG), SIGN_IN_WAIT);
	assert_int_equal(try_user(desk, "Agent", PASSWORD), SIGN_IN_WAIT);
	assert_int_equal(try_from(desk, &desk->users, S("Agent"), PASSWORD, ELSEWHERE), SIGN_IN_WAIT);
	assert_int_equal(try_user(desk, "only-here", PASSWORD), SIGN_IN_RIGHT);
}

static void the_way_a_name_is_written_gives_no_further_guesses(void **state)
{
	struct desk *desk = *state;
	static const char *const ways[] = { "agent", "AGENT", " Agent", "aGent ", "agEnt" };
	for (size_t i = 0; i < 5; i++)
		fail_times(desk, ways[i], 1);
	assert_int_equal(try_user(desk, "ageNT", WRONG), SIGN_IN_WAIT);
	assert_int_equal(try_user(desk, "  aGeNt  ", PASSWORD), SIGN_IN_WAIT);
}

static void unknown_names_are_counted_alike(void **state)
{
	struct desk *desk = *state;
	fail_times(desk, "unknown", 5);
	assert_int_equal(try_user(desk, "unknown", WRONG), SIGN_IN_WAIT);
	fail_times(desk, "disabled", 5);
	assert_int_equal(try_user(desk, "disabled", PASSWORD), SIGN_IN_WAIT);
}

static void a_success_forgets_the_failures(void **state)
{
	struct desk *desk = *state;
	for (int i = 0; i < 3; i++) {
		fail_times(desk, "Agent", 5);
		assert_int_equal(try_user(desk, "Agent", PASSWORD), SIGN_IN_RIGHT);
	}
}

static void the_realms_count_apart(void **state)
{
	struct desk *desk = *state;
	fail_times(desk, "jane@example.com", 5);
	assert_int_equal(try_user(desk, "jane@example.com", WRONG), SIGN_IN_WAIT);
	assert_int_equal(try_from(desk, &desk->customers, S("jane@example.com"), PASSWORD, HOME), SIGN_IN_RIGHT);
}

/* A14 */
static void ten_thousand_passwords_for_one_account_learn_nothing_and_do_not_lock_the_owner_out(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(try_user(desk, "Agent", PASSWORD), SIGN_IN_RIGHT);
	int wrong = 0, waits = 0;
	for (int i = 0; i < 10000; i++) {
		char guess[32];
		snprintf(guess, sizeof guess, "guess %d", i);
		enum sign_in_answer answer = try_from(desk, &desk->users, S("Agent"), slice_from(guess), ELSEWHERE);
		wrong += answer == SIGN_IN_WRONG;
		waits += answer == SIGN_IN_WAIT;
	}
	assert_int_equal(wrong, 5);
	assert_int_equal(waits, 9995);
	assert_int_equal(try_from(desk, &desk->users, S("Agent"), PASSWORD, ELSEWHERE), SIGN_IN_WAIT);
	assert_int_equal(try_user(desk, "Agent", PASSWORD), SIGN_IN_RIGHT);
}

/* A14 */
static void one_password_for_many_accounts_closes_the_address(void **state)
{
	struct desk *desk = *state;
	const struct failure_limits_options few = { .account_failures = 5, .account_delay_max_s = 60, .address_per_minute = 4 };
	failure_limits_configure(desk->sign_in.failures, &few);
	char name[32];
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "name-%d", i);
		assert_int_equal(try_user(desk, name, WRONG), SIGN_IN_WRONG);
	}
	for (int i = 4; i < 10000; i++) {
		snprintf(name, sizeof name, "name-%d", i);
		assert_int_equal(try_user(desk, name, WRONG), SIGN_IN_WAIT);
	}
	assert_int_equal(try_user(desk, "Agent", PASSWORD), SIGN_IN_WAIT);
	assert_int_equal(try_from(desk, &desk->users, S("Agent"), PASSWORD, ELSEWHERE), SIGN_IN_RIGHT);
}

#define GUESSES 6
#define BLOCKERS 4

struct guesser {
	struct desk *desk;
	struct slice password;
	pthread_t thread;
	enum sign_in_answer answer;
};

static void *guess(void *argument)
{
	struct guesser *guesser = argument;
	struct desk *desk = guesser->desk;
	struct arena *arena = arena_new(4096, 65536);
	struct person person;
	int64_t wait_s;
	guesser->answer = sign_in_check(&desk->sign_in, &desk->users, S("usual"), guesser->password, ELSEWHERE, arena, &person, &wait_s);
	arena_free(arena);
	return NULL;
}

/* Costs as much as a hash may. */
static void *block(void *queue)
{
	static const struct slice dear =
		SLICE("$argon2id$v=19$m=65536,t=5,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	(void)!password_queue_verify(queue, WRONG, dear);
	return NULL;
}

static void await_waiting(struct password_queue *queue, size_t count)
{
	for (int i = 0; i < 10000 && password_queue_waiting(queue) < count; i++)
		usleep(1000);
}

/* All are let in before the first has failed; the right one comes last. */
static void a_right_guess_among_many_at_the_same_time_learns_nothing(void **state)
{
	struct desk *desk = *state;
	struct password_queue *own = desk->sign_in.passwords, *slow = NULL;
	struct guesser guessers[GUESSES + 1];
	pthread_t blockers[BLOCKERS];
	assert_int_equal(password_queue_start(1, 64, &slow), RESULT_OK);
	desk->sign_in.passwords = slow;
	for (size_t i = 0; i < BLOCKERS; i++)
		assert_int_equal(pthread_create(&blockers[i], NULL, block, slow), 0);
	await_waiting(slow, BLOCKERS);
	for (size_t i = 0; i <= GUESSES; i++) {
		guessers[i] = (struct guesser) { .desk = desk, .password = i < GUESSES ? WRONG : PASSWORD };
		if (i == GUESSES)
			await_waiting(slow, BLOCKERS + GUESSES);
		assert_int_equal(pthread_create(&guessers[i].thread, NULL, guess, &guessers[i]), 0);
	}
	int wrong = 0;
	for (size_t i = 0; i <= GUESSES; i++) {
		pthread_join(guessers[i].thread, NULL);
		wrong += guessers[i].answer == SIGN_IN_WRONG;
	}
	for (size_t i = 0; i < BLOCKERS; i++)
		pthread_join(blockers[i], NULL);
	desk->sign_in.passwords = own;
	password_queue_stop(slow);
	assert_int_equal(wrong, 5);
	assert_int_equal(guessers[GUESSES].answer, SIGN_IN_WAIT);
}

/* Makes the queue refuse whatever comes: its only thread has one dear hash after the other, and nobody may wait. */
struct crowd {
	struct password_queue *queue;
	pthread_t thread;
	_Atomic bool ends;
};

static void *keep_busy(void *argument)
{
	struct crowd *crowd = argument;
	while (!crowd->ends)
		block(crowd->queue);
	return NULL;
}

static void a_busy_queue_is_said_and_never_counted_as_a_failure(void **state)
{
	struct desk *desk = *state;
	struct password_queue *full = NULL, *own = desk->sign_in.passwords;
	struct crowd crowd = { .ends = false };
	assert_int_equal(password_queue_start(1, 0, &full), RESULT_OK);
	crowd.queue = full;
	assert_int_equal(pthread_create(&crowd.thread, NULL, keep_busy, &crowd), 0);
	desk->sign_in.passwords = full;
	int busy = 0, wrong = 0;
	while (busy < 20 && wrong < 4) { /* wrong: between two hashes */
		await_waiting(full, 1);
		enum sign_in_answer answer = try_user(desk, "unknown", WRONG);
		busy += answer == SIGN_IN_BUSY;
		wrong += answer == SIGN_IN_WRONG;
		assert_true(answer != SIGN_IN_WAIT);
	}
	crowd.ends = true;
	pthread_join(crowd.thread, NULL);
	desk->sign_in.passwords = own;
	password_queue_stop(full);
	assert_true(busy > 5);
	fail_times(desk, "unknown", 5 - wrong);
	assert_int_equal(try_user(desk, "unknown", WRONG), SIGN_IN_WAIT);
}

static enum sign_in_answer confirm(struct desk *desk, const struct person *person, struct slice password)
{
	int64_t wait_s = 0;
	enum sign_in_answer answer = sign_in_confirm(&desk->sign_in, &desk->users, person, password, HOME, &wait_s);
	assert_int_equal(answer == SIGN_IN_WAIT, wait_s > 0);
	return answer;
}

static void confirming_counts_on_the_account_of_signing_in(void **state)
{
	struct desk *desk = *state;
	struct person person;
	assert_int_equal(find_person(desk->place, desk->store, "P", PERSON_USER, PERSON_BY_ID, "u1", &person), RESULT_OK);
	struct arena *kept = desk->place->arena;
	desk->place->arena = arena_new(4096, 65536);
	assert_int_equal(confirm(desk, &person, PASSWORD), SIGN_IN_RIGHT);
	for (int i = 0; i < 3; i++)
		assert_int_equal(confirm(desk, &person, WRONG), SIGN_IN_WRONG);
	fail_times(desk, "agent", 2);
	assert_int_equal(confirm(desk, &person, WRONG), SIGN_IN_WAIT);
	assert_int_equal(confirm(desk, &person, PASSWORD), SIGN_IN_WAIT);
	assert_int_equal(try_user(desk, "AGENT", PASSWORD), SIGN_IN_WAIT);
	arena_free(desk->place->arena);
	desk->place->arena = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(the_right_password_gives_the_person),
		DESK_TEST(names_are_compared_without_case_and_spaces_around_them),
		DESK_TEST(who_cannot_sign_in_is_wrong_like_a_wrong_password),
		DESK_TEST(a_person_of_one_partition_is_unknown_in_another),
		DESK_TEST(names_and_passwords_over_their_limits_are_wrong),
		DESK_TEST(unknown_and_disabled_names_take_the_time_of_a_wrong_password),
		DESK_TEST(from_the_sixth_failure_in_a_row_the_account_waits_whatever_the_password),
		DESK_TEST(the_way_a_name_is_written_gives_no_further_guesses),
		DESK_TEST(unknown_names_are_counted_alike),
		DESK_TEST(a_success_forgets_the_failures),
		DESK_TEST(the_realms_count_apart),
		DESK_TEST(ten_thousand_passwords_for_one_account_learn_nothing_and_do_not_lock_the_owner_out),
		DESK_TEST(one_password_for_many_accounts_closes_the_address),
		DESK_TEST(a_right_guess_among_many_at_the_same_time_learns_nothing),
		DESK_TEST(a_busy_queue_is_said_and_never_counted_as_a_failure),
		DESK_TEST(confirming_counts_on_the_account_of_signing_in),
	};
	return cmocka_run_group_tests(tests, make_hashes, NULL);
}
