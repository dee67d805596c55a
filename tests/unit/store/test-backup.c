#include "store_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>

static void path_in(const struct place *place, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", place->folder, name);
}

static void a_backup_restored_is_the_same_store(void **state)
{
	struct place *place = *state;
	char path[128], url[160];
	path_in(place, "backup", path, sizeof(path));
	snprintf(url, sizeof(url), "sqlite:%s/fresh/writ.db", place->folder);
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	assert_int_equal(RESULT_OK, store_fact_set_once(store, "master_key_check", S("check")));
	struct problem problem = { "" };
	mode_t before = umask(0);
	expect(RESULT_OK, store_backup(store, path, &problem), problem.text);
	umask(before);
	struct stat status;
	assert_int_equal(0, stat(path, &status));
	assert_int_equal(0600, status.st_mode & 0777);
	assert_int_equal(RESULT_CONFLICT, store_backup(store, path, &problem));
	fill_partition(store, "TWO");
	store_close(store);

	expect(RESULT_OK, store_restore(slice_from(url), path, &problem), problem.text);
	expect(RESULT_OK, store_open(slice_from(url), STORE_EXISTING, &store, &problem), problem.text);
	struct person person;
	struct slice fact;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_USERNAME, "pa", &person));
	assert_int_equal(RESULT_NOT_FOUND, find_person(place, store, "TWO", PERSON_USER, PERSON_BY_USERNAME, "pa", &person));
	assert_int_equal(RESULT_OK, store_fact_read(store, "master_key_check", place->arena, &fact));
	assert_slice(fact, "check");
	expect(RESULT_OK, store_check(store, &problem), problem.text);
	fill_partition(store, "THREE");
	store_close(store);
	assert_int_equal(0, access(path, F_OK));
}

static void restore_refuses_a_store_that_is_not_empty(void **state)
{
	struct place *place = *state;
	char path[128];
	path_in(place, "backup", path, sizeof(path));
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct problem problem = { "" };
	expect(RESULT_OK, store_backup(store, path, &problem), problem.text);
	fill_partition(store, "TWO");
	store_close(store);
	assert_int_equal(RESULT_CONFLICT, store_restore(slice_from(place->url), path, &problem));
	store = open_store(place);
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, store, "TWO", PERSON_USER, PERSON_BY_USERNAME, "pa", &person));
	store_close(store);
}

static void hear(void *context, const struct store_change *change)
{
	if (change->partition.len == 0 && change->kind == CHANGE_APPLICATION)
		atomic_fetch_add((atomic_int *)context, 1);
}

static void restoring_under_a_running_server_makes_it_forget(void **state)
{
	struct place *place = *state;
	char path[128], url[160];
	path_in(place, "backup", path, sizeof(path));
	snprintf(url, sizeof(url), "sqlite:%s/empty.db", place->folder);
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct problem problem = { "" };
	expect(RESULT_OK, store_backup(store, path, &problem), problem.text);
	store_close(store);
	struct store *running;
	expect(RESULT_OK, store_open(slice_from(url), STORE_CREATE, &running, &problem), problem.text);
	/* its feed is further than the backup's, so that the position alone would tell nothing */
	struct partition_id system = partition_of("SYSTEM");
	for (int i = 0; i < 20; i++) {
		char id[16];
		snprintf(id, sizeof(id), "jti-%d", i);
		assert_int_equal(RESULT_OK, store_revoke(running, &system, REVOKED_TOKEN, slice_from(id), 4000000000));
	}
	atomic_int forgotten = 0;
	assert_int_equal(RESULT_OK, store_watch(running, hear, &forgotten));
	expect(RESULT_OK, store_restore(slice_from(url), path, &problem), problem.text);
	for (int i = 0; i < 10000 && atomic_load(&forgotten) == 0; i++)
		usleep(1000);
	assert_int_equal(1, atomic_load(&forgotten));
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, running, "ONE", PERSON_USER, PERSON_BY_USERNAME, "pa", &person));
	assert_int_equal(RESULT_OK, store_fact_set_once(running, "x", S("y")));
	expect(RESULT_OK, store_check(running, &problem), problem.text);
	store_close(running);
}

static void restore_refuses_what_is_no_backup_and_changes_nothing(void **state)
{
	struct place *place = *state;
	char path[128];
	path_in(place, "letter", path, sizeof(path));
	struct problem problem = { "" };
	assert_int_equal(RESULT_NOT_FOUND, store_restore(slice_from(place->url), path, &problem));
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	for (int i = 0; i < 100; i++)
		assert_int_equal(20, write(fd, "Dear Mr and Mrs Smith", 20));
	close(fd);
	assert_int_equal(RESULT_INVALID, store_restore(slice_from(place->url), path, &problem));
	sqlite3 *db;
	unlink(path);
	assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "CREATE TABLE recipe (name TEXT)", NULL, NULL, NULL));
	sqlite3_close(db);
	assert_int_equal(RESULT_INVALID, store_restore(slice_from(place->url), path, &problem));
	assert_int_not_equal(0, access(place->path, F_OK));
}

static void a_damaged_backup_is_refused(void **state)
{
	struct place *place = *state;
	char path[128];
	path_in(place, "backup", path, sizeof(path));
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct problem problem = { "" };
	expect(RESULT_OK, store_backup(store, path, &problem), problem.text);
	store_close(store);
	assert_int_equal(0, unlink(place->path));
	int fd = open(path, O_WRONLY);
	char noise[4096];
	memset(noise, 0x5a, sizeof(noise));
	assert_int_equal(sizeof(noise), pwrite(fd, noise, sizeof(noise), 4096 * 5));
	close(fd);
	assert_int_equal(RESULT_INVALID, store_restore(slice_from(place->url), path, &problem));
	assert_int_not_equal(0, access(place->path, F_OK));
}

struct load {
	struct store *store;
	atomic_bool stop;
	int rounds;
};

static void *write_on(void *argument)
{
	struct load *load = argument;
	struct partition_id one = partition_of("ONE");
	while (!atomic_load(&load->stop)) {
		char buffer[LIMIT_ID], id[32];
		struct person_state found;
		snprintf(id, sizeof(id), "jti-%d", load->rounds);
		if (store_revoke(load->store, &one, REVOKED_TOKEN, slice_from(id), 4000000000) != RESULT_OK ||
		    store_person_state(load->store, &one, PERSON_USER, PERSON_BY_ID, S("1001"), buffer, &found) != RESULT_OK)
			return NULL;
		load->rounds++;
	}
	return load;
}

static void others_go_on_while_a_backup_runs(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct load load = { .store = store };
	pthread_t thread;
	assert_int_equal(0, pthread_create(&thread, NULL, write_on, &load));
	for (int i = 0; i < 10; i++) {
		char path[128], name[16], url[160];
		snprintf(name, sizeof(name), "backup-%d", i);
		path_in(place, name, path, sizeof(path));
		struct problem problem = { "" };
		expect(RESULT_OK, store_backup(store, path, &problem), problem.text);
		snprintf(url, sizeof(url), "sqlite:%s/restored-%d.db", place->folder, i);
		expect(RESULT_OK, store_restore(slice_from(url), path, &problem), problem.text);
	}
	atomic_store(&load.stop, true);
	void *good = NULL;
	pthread_join(thread, &good);
	assert_non_null(good);
	assert_true(load.rounds > 0);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_backup_restored_is_the_same_store),
		STORE_TEST(restore_refuses_a_store_that_is_not_empty),
		STORE_TEST(restoring_under_a_running_server_makes_it_forget),
		STORE_TEST(restore_refuses_what_is_no_backup_and_changes_nothing),
		STORE_TEST(a_damaged_backup_is_refused),
		STORE_TEST(others_go_on_while_a_backup_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
