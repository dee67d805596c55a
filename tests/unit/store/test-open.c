#include "store_test.h"

#include "store/sqlite.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

static enum result try_open(const char *url, enum store_mode mode, struct problem *problem)
{
	struct store *store = NULL;
	problem->text[0] = '\0';
	enum result result = store_open(slice_from(url), mode, &store, problem);
	if (result == RESULT_OK)
		store_close(store);
	else
		assert_true(problem->text[0] != '\0' && strchr(problem->text, '\n') == NULL);
	return result;
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, sql, NULL, NULL, NULL));
	sqlite3_close(db);
}

static mode_t mode_of(const char *folder, const char *name)
{
	char path[128];
	struct stat status;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(0, stat(path, &status));
	return status.st_mode & 0777;
}

static void a_fresh_store_holds_the_partition_system(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct partition_id system = partition_of("SYSTEM");
	struct partition partition;
	assert_int_equal(RESULT_OK, store_partition_read(store, &system, place->arena, &partition));
	assert_int_equal(1, partition.version);
	bool empty = false;
	assert_int_equal(RESULT_OK, store_is_empty(store, &empty));
	assert_true(empty);
	assert_int_equal(RESULT_OK, store_ping(store));
	fill_partition(store, "ONE");
	assert_int_equal(RESULT_OK, store_is_empty(store, &empty));
	assert_false(empty);
	store_close(store);
}

static void files_are_for_their_owner_alone(void **state)
{
	struct place *place = *state;
	mode_t before = umask(0);
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	assert_int_equal(0600, mode_of(place->folder, "writ.db"));
	assert_int_equal(0600, mode_of(place->folder, "writ.db-wal"));
	assert_int_equal(0600, mode_of(place->folder, "writ.db-shm"));
	store_close(store);
	umask(before);
}

static void what_was_written_is_there_after_reopening(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	store_close(store);
	store = open_store(place);
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_CUSTOMER, PERSON_BY_EMAIL, "jane@EXAMPLE.com", &person));
	store_close(store);
}

static void the_last_folder_of_the_path_is_made(void **state)
{
	struct place *place = *state;
	struct problem problem;
	char url[160];
	snprintf(url, sizeof(url), "sqlite:%s/data/writ.db", place->folder);
	assert_int_equal(RESULT_OK, try_open(url, STORE_CREATE, &problem));
	assert_int_equal(0700, mode_of(place->folder, "data"));
	snprintf(url, sizeof(url), "sqlite:%s/no/such/writ.db", place->folder);
	assert_int_equal(RESULT_FAILED, try_open(url, STORE_CREATE, &problem));
	assert_non_null(strstr(problem.text, "make it first"));
}

static void a_missing_store_is_not_made_unless_asked(void **state)
{
	struct place *place = *state;
	struct problem problem;
	assert_int_equal(RESULT_NOT_FOUND, try_open(place->url, STORE_EXISTING, &problem));
	assert_int_equal(RESULT_NOT_FOUND, try_open(place->url, STORE_READ_ONLY, &problem));
	assert_int_not_equal(0, access(place->path, F_OK));
}

static void a_store_of_a_newer_version_is_refused_and_left_alone(void **state)
{
	struct place *place = *state;
	struct problem problem;
	store_close(open_store(place));
	run_sql(place->path, "PRAGMA user_version=7");
	static const enum store_mode modes[] = { STORE_CREATE, STORE_EXISTING, STORE_READ_ONLY };
	char wanted[256];
	snprintf(wanted, sizeof(wanted), "%s was made by a newer writ (schema 7, this program knows %d): use that version, "
	         "or restore a backup", place->path, SCHEMA_VERSION);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(RESULT_INVALID, try_open(place->url, modes[i], &problem));
		assert_string_equal(wanted, problem.text);
	}
	char back[64];
	snprintf(back, sizeof(back), "PRAGMA user_version=%d", SCHEMA_VERSION);
	run_sql(place->path, back);
	assert_int_equal(RESULT_OK, try_open(place->url, STORE_EXISTING, &problem));
}

static void files_of_others_are_refused_and_left_alone(void **state)
{
	struct place *place = *state;
	struct problem problem;
	run_sql(place->path, "CREATE TABLE recipe (name TEXT)");
	assert_int_equal(RESULT_INVALID, try_open(place->url, STORE_CREATE, &problem));
	assert_non_null(strstr(problem.text, "another program"));
	run_sql(place->path, "INSERT INTO recipe VALUES ('soup')");

	int fd = open(place->path, O_WRONLY | O_TRUNC);
	static const char text[] = "This is a letter to my grandmother, certainly long enough to be more than a header of some file.";
	for (int i = 0; i < 50; i++)
		assert_int_equal(sizeof(text), write(fd, text, sizeof(text)));
	close(fd);
	assert_int_equal(RESULT_INVALID, try_open(place->url, STORE_CREATE, &problem));
	assert_non_null(strstr(problem.text, "not a database"));
	struct stat status;
	assert_int_equal(0, stat(place->path, &status));
	assert_int_equal(50 * sizeof(text), status.st_size);
	char folder_url[128];
	snprintf(folder_url, sizeof(folder_url), "sqlite:%s", place->folder);
	assert_int_equal(RESULT_INVALID, try_open(folder_url, STORE_CREATE, &problem));
}

static void a_folder_without_permission_says_what_to_do(void **state)
{
	struct place *place = *state;
	struct problem problem;
	assert_int_equal(RESULT_FAILED, try_open("sqlite:/proc/writ/writ.db", STORE_CREATE, &problem));
	assert_int_equal(RESULT_FAILED, try_open("sqlite:/proc/writ.db", STORE_CREATE, &problem));
	if (geteuid() == 0)
		return; /* root may write everywhere else */
	assert_int_equal(0, chmod(place->folder, 0500));
	assert_int_equal(RESULT_FAILED, try_open(place->url, STORE_CREATE, &problem));
	assert_int_equal(0, chmod(place->folder, 0700));
}

static void urls_of_other_kinds_are_refused(void **state)
{
	(void)state;
	struct problem problem;
	assert_int_equal(RESULT_INVALID, try_open("postgresql://db/writ", STORE_CREATE, &problem));
	assert_non_null(strstr(problem.text, "PostgreSQL"));
	assert_int_equal(RESULT_INVALID, try_open("sqlite:", STORE_CREATE, &problem));
	assert_int_equal(RESULT_INVALID, try_open("data/writ.db", STORE_CREATE, &problem));
	assert_int_equal(RESULT_INVALID, try_open("", STORE_CREATE, &problem));
	assert_slice(store_url_path(S("sqlite:data/writ.db")), "data/writ.db");
	assert_null(store_url_path(S("postgresql://x")).ptr);
}

static void a_store_opened_for_reading_refuses_writes(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	store_close(store);
	struct problem problem;
	assert_int_equal(RESULT_OK, store_open(slice_from(place->url), STORE_READ_ONLY, &store, &problem));
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	assert_int_equal(RESULT_FAILED, store_fact_set_once(store, "x", S("y")));
	struct store_batch *batch;
	assert_int_equal(RESULT_FAILED, store_batch_begin(store, &batch, &problem));
	store_close(store);
}

static void *open_and_close(void *argument)
{
	struct store *store = NULL;
	struct problem problem = { "" };
	enum result result = store_open(slice_from(argument), STORE_CREATE, &store, &problem);
	if (result == RESULT_OK)
		store_close(store);
	else
		print_message("%s\n", problem.text);
	return result == RESULT_OK ? argument : NULL;
}

static void many_may_make_the_same_store_at_once(void **state)
{
	struct place *place = *state;
	pthread_t threads[8];
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL, open_and_close, place->url));
	for (size_t i = 0; i < 8; i++) {
		void *good = NULL;
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
	struct store *store = open_store(place);
	struct problem problem = { "" };
	expect(RESULT_OK, store_check(store, &problem), problem.text);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_fresh_store_holds_the_partition_system),
		STORE_TEST(files_are_for_their_owner_alone),
		STORE_TEST(what_was_written_is_there_after_reopening),
		STORE_TEST(the_last_folder_of_the_path_is_made),
		STORE_TEST(a_missing_store_is_not_made_unless_asked),
		STORE_TEST(a_store_of_a_newer_version_is_refused_and_left_alone),
		STORE_TEST(files_of_others_are_refused_and_left_alone),
		STORE_TEST(a_folder_without_permission_says_what_to_do),
		STORE_TEST(urls_of_other_kinds_are_refused),
		STORE_TEST(a_store_opened_for_reading_refuses_writes),
		STORE_TEST(many_may_make_the_same_store_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
