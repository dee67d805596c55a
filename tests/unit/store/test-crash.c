/* kill -9 at any moment: what was acknowledged is there, what was not is there whole or not at all. */
#include "store_test.h"

#include "base/clock.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#define PEOPLE 4000

static struct store *child_open(const struct place *place)
{
	struct store *store = NULL;
	struct problem problem;
	if (store_open(slice_from(place->url), STORE_EXISTING, &store, &problem) != RESULT_OK)
		_exit(1);
	return store;
}

/* Stages PEOPLE new users and a new department, says so through the pipe, and commits. */
static void child_commits(const struct place *place, int ready)
{
	struct store *store = child_open(place);
	struct store_batch *batch = begin(store);
	struct partition_id one = partition_of("ONE");
	for (int i = 0; i < PEOPLE; i++) {
		char id[32];
		snprintf(id, sizeof(id), "user-%d", i);
		struct person person = a_user(id, id);
		if (store_batch_person(batch, &one, &person) != RESULT_OK)
			_exit(1);
	}
	struct department department = { .name = S("Crash") };
	if (store_batch_department(batch, &one, &department) != RESULT_OK || write(ready, "x", 1) != 1)
		_exit(1);
	struct problem problem;
	if (store_batch_commit(batch, NULL, &problem) != RESULT_OK)
		_exit(1);
	(void)!write(ready, "y", 1);
	pause();
	_exit(0);
}

static enum result count_person(void *context, const struct person *person)
{
	(void)person;
	++*(int *)context;
	return RESULT_OK;
}

static enum result count_department(void *context, const struct department *department)
{
	(void)department;
	++*(int *)context;
	return RESULT_OK;
}

/* Kills the child delay_us after it began to commit. True when it was told to be committed, and is there. */
static bool crash_after(const struct place *place, useconds_t delay_us)
{
	int ready[2];
	assert_int_equal(0, pipe(ready));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		child_commits(place, ready[1]);
	close(ready[1]);
	char byte = 0;
	assert_int_equal(1, read(ready[0], &byte, 1));
	usleep(delay_us);
	assert_int_equal(0, kill(child, SIGKILL));
	int status;
	assert_int_equal(child, waitpid(child, &status, 0));
	assert_true(WIFSIGNALED(status));
	bool acknowledged = read(ready[0], &byte, 1) == 1;
	close(ready[0]);

	struct store *store = open_store(place);
	struct partition_id one = partition_of("ONE");
	int people = 0, departments = 0;
	assert_int_equal(RESULT_OK, store_people_each(store, &one, PERSON_USER, count_person, &people));
	assert_int_equal(RESULT_OK, store_departments_each(store, &one, count_department, &departments));
	bool all = people == PEOPLE + 1;
	assert_true(all || people == 1);
	assert_int_equal(all ? 2 : 1, departments);
	assert_true(all || !acknowledged);
	struct problem problem = { "" };
	expect(RESULT_OK, store_check(store, &problem), problem.text);
	store_close(store);
	return all;
}

static void a_batch_killed_in_its_commit_is_there_whole_or_not_at_all(void **state)
{
	struct place *place = *state;
	bool all = false;
	int nothing = 0;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	store_close(store);
	for (useconds_t delay_us = 0; !all && delay_us < 3000000; delay_us += delay_us < 40000 ? 2500 : delay_us / 4) {
		all = crash_after(place, delay_us);
		nothing += all ? 0 : 1;
	}
	assert_true(all); /* late enough, it is there; */
	assert_true(nothing > 0); /* early enough, it is not */
}

static void child_revokes(const struct place *place, int said)
{
	struct store *store = child_open(place);
	struct partition_id system = partition_of("SYSTEM");
	for (int i = 0; i < 100000; i++) {
		char id[16] = "";
		snprintf(id, sizeof(id), "jti-%07d", i);
		if (store_revoke(store, &system, REVOKED_TOKEN, slice_from(id), clock_s() + 1000) != RESULT_OK ||
		    write(said, id, sizeof(id)) != sizeof(id))
			_exit(1);
	}
	_exit(0);
}

static void what_was_acknowledged_survives_a_kill(void **state)
{
	struct place *place = *state;
	store_close(open_store(place));
	int said[2];
	assert_int_equal(0, pipe(said));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		child_revokes(place, said[1]);
	close(said[1]);
	char id[16];
	for (int i = 0; i < 50; i++)
		assert_int_equal(sizeof(id), read(said[0], id, sizeof(id)));
	assert_int_equal(0, kill(child, SIGKILL));
	int status;
	assert_int_equal(child, waitpid(child, &status, 0));
	struct store *store = open_store(place);
	struct partition_id system = partition_of("SYSTEM");
	do
		assert_true(store_is_revoked(store, &system, REVOKED_TOKEN, slice_from(id)));
	while (read(said[0], id, sizeof(id)) == (ssize_t)sizeof(id));
	assert_true(store_is_revoked(store, &system, REVOKED_TOKEN, S("jti-0000000")));
	close(said[0]);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_batch_killed_in_its_commit_is_there_whole_or_not_at_all),
		STORE_TEST(what_was_acknowledged_survives_a_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
