/* kill -9 at any moment under sign-in load (A3): no code, refresh token or session that was acknowledged is lost, and what
 * was used stays used. */
#include "grants_test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define KILLS 25
#define LINES 4 /* threads of the child */

/* What a thread of the child says through the pipe once it was acknowledged: one write, which a pipe keeps whole. */
enum step { STEP_SIGNED_IN = 1, STEP_ISSUED, STEP_REDEEMED, STEP_ROTATED, STEP_DONE };
struct said {
	int line, number; /* the number-th round of the line-th thread */
	enum step step;
};

struct line {
	struct store *store;
	int number, said, round;
	int64_t now;
};

static void names(int round, int line, int number, char text[32])
{
	snprintf(text, 32, "%d-%d-%d", round, line, number);
}

static void tell(const struct line *line, int number, enum step step)
{
	const struct said said = { line->number, number, step };
	if (write(line->said, &said, sizeof(said)) != sizeof(said))
		_exit(1);
}

/* A session, a code of it, its redemption, a rotation; again and again. No cmocka in the child: any failure ends it. */
static void *sign_in_all_the_time(void *argument)
{
	const struct line *line = argument;
	struct realm realm;
	struct arena *arena = arena_new(4096, 1024 * 1024);
	if (arena == NULL || !realm_parse(S("ONE-U"), &realm))
		_exit(1);
	for (int i = 0;; i++, arena_reset(arena)) {
		char name[32];
		struct slice sid;
		names(line->round, line->number, i, name);
		struct session session = a_session("1001", name, line->now);
		struct hash32 hash = session_hash(name);
		if (store_session_start(line->store, &realm, &hash, NULL, &session, line->now + DAY, arena, &sid) != RESULT_OK)
			_exit(2);
		tell(line, i, STEP_SIGNED_IN);
		struct code_issue issue = an_issue(name, line->now);
		issue.grant.sid = sid;
		issue.grant.offline = true;
		issue.session = hash;
		if (store_code_issue(line->store, &realm, &issue) != RESULT_OK)
			_exit(3);
		tell(line, i, STEP_ISSUED);
		struct refresh_name first = refresh_name_of(name, "T");
		struct code_redemption redemption = a_redemption(name, line->now);
		redemption.refresh = &first;
		if (store_code_redeem(line->store, &realm, &redemption) != RESULT_OK)
			_exit(4);
		tell(line, i, STEP_REDEEMED);
		struct refresh_rotation rotation = a_rotation(name, "T", "S", line->now * 1000);
		if (store_refresh_rotate(line->store, &realm, &rotation) != RESULT_OK)
			_exit(5);
		tell(line, i, STEP_ROTATED);
		rotation = a_rotation(name, "S", "U", line->now * 1000);
		if (store_refresh_rotate(line->store, &realm, &rotation) != RESULT_OK)
			_exit(6);
		tell(line, i, STEP_DONE);
	}
	return NULL;
}

static void child_works(const struct place *place, int said, int round, int64_t now)
{
	struct store *store = NULL;
	struct problem problem;
	if (store_open(slice_from(place->url), STORE_EXISTING, &store, &problem) != RESULT_OK)
		_exit(1);
	struct line lines[LINES];
	pthread_t threads[LINES];
	for (int i = 0; i < LINES; i++) {
		lines[i] = (struct line) { store, i, said, round, now };
		if (pthread_create(&threads[i], NULL, sign_in_all_the_time, &lines[i]) != 0)
			_exit(1);
	}
	pause();
	_exit(0);
}

/* What a line had done, judged after the kill: the step that was told, or the one behind it. Judging uses things up. */
static void judge(struct place *place, struct store *store, int round, struct said last, int64_t now)
{
	char name[32];
	names(round, last.line, last.number, name);
	int64_t t = now * 1000;
	struct code_read code = { .state = 0 };
	bool issued = read_code(place, store, "ONE-U", name, "client-1", now, &code) == RESULT_OK;
	assert_true(issued || last.step < STEP_ISSUED);
	bool redeemed = issued && code.state == CODE_USED;
	assert_true(redeemed || last.step < STEP_REDEEMED);
	/* only as many sessions as a person keeps are there; the newest ones are */
	if (last.step < STEP_DONE)
		assert_int_equal(RESULT_OK, read_session(place, store, "ONE-U", name, now, NULL));
	if (!redeemed)
		assert_int_equal(0, refresh_state(place, store, name, "T", t));
	else if (last.step < STEP_ROTATED)
		assert_int_equal(REFRESH_LIVE, refresh_state(place, store, name, "T", t));
	if (last.step >= STEP_ROTATED)
		assert_int_equal(REFRESH_LIVE, refresh_state(place, store, name, "S", t));
	if (last.step >= STEP_DONE) {
		assert_int_equal(REFRESH_SPENT, refresh_state(place, store, name, "T", t));
		assert_int_equal(REFRESH_LIVE, refresh_state(place, store, name, "U", t));
	}
	if (last.step >= STEP_DONE && last.number % 2 == 0) {
		assert_int_equal(RESULT_REPLAYED, rotate(store, name, "T", "X", t));
		assert_int_equal(RESULT_NOT_FOUND, rotate(store, name, "U", "X", t));
	}
	if (redeemed)
		assert_int_equal(RESULT_REPLAYED, redeem(store, name, now));
	else if (issued)
		assert_int_equal(RESULT_OK, redeem(store, name, now)); /* not lost */
	assert_int_equal(0, refresh_state(place, store, name, "U", t));
}

static void kill_at_random(struct place *place, int round, int64_t now, int counts[STEP_DONE + 1])
{
	int said[2];
	assert_int_equal(0, pipe(said));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		child_works(place, said[1], round, now);
	close(said[1]);
	struct said last[LINES] = { { 0 } }, one;
	assert_int_equal(sizeof(one), read(said[0], &one, sizeof(one)));
	last[one.line] = one;
	usleep((useconds_t)(round * 1600 + clock_monotonic_us() % 1600)); /* 0 to 40 ms, evenly */
	assert_int_equal(0, kill(child, SIGKILL));
	int status;
	assert_int_equal(child, waitpid(child, &status, 0));
	assert_true(WIFSIGNALED(status));
	struct store *store = open_again(place);
	while (read(said[0], &one, sizeof(one)) == (ssize_t)sizeof(one)) {
		/* rounds that were whole are judged too, at their end */
		if (one.step == STEP_DONE)
			judge(place, store, round, one, now);
		last[one.line] = one;
	}
	for (int i = 0; i < LINES; i++) {
		if (last[i].step != 0 && last[i].step != STEP_DONE)
			judge(place, store, round, last[i], now);
		counts[last[i].step]++;
	}
	check_store(store);
	close(said[0]);
	store_close(store);
	arena_reset(place->arena);
}

static void what_sign_ins_were_told_survives_kills_and_nothing_is_usable_twice(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	int counts[STEP_DONE + 1] = { 0 };
	store_close(open_filled(place));
	for (int round = 0; round < KILLS; round++)
		kill_at_random(place, round, now, counts);
	/* the kills hit different moments */
	int hit = 0;
	for (int i = STEP_SIGNED_IN; i <= STEP_DONE; i++)
		hit += counts[i] > 0 ? 1 : 0;
	assert_true(hit >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_sign_ins_were_told_survives_kills_and_nothing_is_usable_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
