#include "rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOOD "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

struct folder {
	char path[64];
	char file[96];
};

static int folder_make(void **state)
{
	static struct folder folder;
	snprintf(folder.path, sizeof folder.path, "/tmp/writ-master-key-XXXXXX");
	if (mkdtemp(folder.path) == NULL)
		return 1;
	snprintf(folder.file, sizeof folder.file, "%s/writ.db.key", folder.path);
	*state = &folder;
	return 0;
}

static int folder_remove(void **state)
{
	struct folder *folder = *state;
	unlink(folder->file);
	return rmdir(folder->path); /* fails when a temporary file was left behind */
}

static void file_put(const char *path, const char *text, mode_t mode)
{
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void a_missing_file_is_made_once_with_mode_0600(void **state)
{
	struct folder *folder = *state;
	struct master_key first, second;
	struct problem problem = { "" };
	struct stat facts;
	assert_int_equal(master_key_load(folder->file, false, &first, &problem), RESULT_NOT_FOUND);
	assert_non_null(strstr(problem.text, "--master-key"));
	assert_int_equal(master_key_load(folder->file, true, &first, &problem), RESULT_OK);
	assert_int_equal(stat(folder->file, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
	assert_int_equal(facts.st_size, 44);
	assert_int_equal(facts.st_nlink, 1);
	assert_int_equal(master_key_load(folder->file, true, &second, &problem), RESULT_OK);
	assert_true(secret32_equal(&first.secret, &second.secret));
	assert_int_equal(master_key_load(folder->file, false, &second, &problem), RESULT_OK);
	assert_true(secret32_equal(&first.secret, &second.secret));
}

static void many_processes_at_once_end_with_the_same_key(void **state)
{
	struct folder *folder = *state;
	enum {
		PROCESSES = 16
	};
	int gate[2], results[2];
	unlink(folder->file);
	assert_int_equal(pipe(gate), 0);
	assert_int_equal(pipe(results), 0);
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() == 0) {
			char byte;
			struct master_key key = { { { 0 } } };
			close(gate[1]);
			ssize_t ended = read(gate[0], &byte, 1);
			if (ended != 0 || master_key_load(folder->file, true, &key, NULL) != RESULT_OK)
				memset(&key, 0, sizeof key);
			ssize_t told = write(results[1], &key, sizeof key);
			_exit(told == sizeof key ? 0 : 1);
		}
	}
	close(gate[0]);
	close(gate[1]); /* they all start now */
	struct master_key first, next;
	assert_int_equal(read(results[0], &first, sizeof first), sizeof first);
	for (int i = 1; i < PROCESSES; i++) {
		assert_int_equal(read(results[0], &next, sizeof next), sizeof next);
		assert_true(secret32_equal(&first.secret, &next.secret));
	}
	while (wait(NULL) > 0)
		;
	assert_int_equal(master_key_load(folder->file, false, &next, NULL), RESULT_OK);
	assert_true(secret32_equal(&first.secret, &next.secret));
	close(results[0]);
	close(results[1]);
}

static void a_file_open_to_others_is_refused_with_the_command_that_closes_it(void **state)
{
	struct folder *folder = *state;
	static const mode_t open_modes[] = { 0640, 0604, 0660, 0644, 0610 };
	struct master_key key;
	struct problem problem;
	char fix[128];
	snprintf(fix, sizeof fix, "chmod 600 %s", folder->file);
	for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
		file_put(folder->file, GOOD "\n", open_modes[i]);
		assert_int_equal(master_key_load(folder->file, true, &key, &problem), RESULT_INVALID);
		assert_non_null(strstr(problem.text, fix));
	}
	file_put(folder->file, GOOD "\n", 0400);
	assert_int_equal(master_key_load(folder->file, false, &key, &problem), RESULT_OK);
}

static void what_is_not_one_line_of_a_key_is_refused(void **state)
{
	struct folder *folder = *state;
	static const char *const texts[] = { "", "\n", "short\n", GOOD "A\n", GOOD "\n\n", " " GOOD, GOOD "=\n",
		                             "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9\n", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH+8\n" };
	struct master_key key;
	struct problem problem;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		file_put(folder->file, texts[i], 0600);
		assert_int_equal(master_key_load(folder->file, true, &key, &problem), RESULT_INVALID);
		assert_non_null(strstr(problem.text, "43 base64url characters"));
	}
	file_put(folder->file, GOOD, 0600); /* without a newline too */
	assert_int_equal(master_key_load(folder->file, false, &key, &problem), RESULT_OK);
	assert_int_equal(key.secret.bytes[31], 31);
}

static void a_folder_or_an_impossible_path_is_refused(void **state)
{
	struct folder *folder = *state;
	struct master_key key;
	struct problem problem;
	assert_int_equal(master_key_load(folder->path, true, &key, &problem), RESULT_INVALID);
	assert_int_equal(master_key_load("/nowhere/at/all/key", false, &key, &problem), RESULT_NOT_FOUND);
	assert_int_equal(master_key_load("/nowhere/at/all/key", true, &key, &problem), RESULT_FAILED);
	assert_non_null(strstr(problem.text, "/nowhere/at/all/key"));
}

static void what_was_wrapped_opens_with_its_key_and_label_only(void **state)
{
	(void)state;
	struct arena *arena = arena_new(4096, 65536);
	struct master_key key = { secret32_random() }, other = { secret32_random() };
	struct slice wrapped, again, plain = { NULL, 0 };
	assert_int_equal(master_key_wrap(&key, SLICE_OF("ONE|kid|ES256"), SLICE_OF("private"), arena, &wrapped), RESULT_OK);
	assert_int_equal(master_key_wrap(&key, SLICE_OF("ONE|kid|ES256"), SLICE_OF("private"), arena, &again), RESULT_OK);
	assert_false(slice_equal(wrapped, again));
	assert_int_equal(master_key_unwrap(&other, SLICE_OF("ONE|kid|ES256"), wrapped, arena, &plain), RESULT_INVALID);
	assert_int_equal(master_key_unwrap(&key, SLICE_OF("TWO|kid|ES256"), wrapped, arena, &plain), RESULT_INVALID);
	assert_int_equal(master_key_unwrap(&key, SLICE_OF(""), wrapped, arena, &plain), RESULT_INVALID);
	assert_null(plain.ptr);
	assert_int_equal(master_key_unwrap(&key, SLICE_OF("ONE|kid|ES256"), wrapped, arena, &plain), RESULT_OK);
	assert_true(slice_is(plain, "private"));
	master_key_wipe(&key);
	assert_int_equal(key.secret.bytes[0] | key.secret.bytes[31], 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_file_is_made_once_with_mode_0600),
		cmocka_unit_test(many_processes_at_once_end_with_the_same_key),
		cmocka_unit_test(a_file_open_to_others_is_refused_with_the_command_that_closes_it),
		cmocka_unit_test(what_is_not_one_line_of_a_key_is_refused),
		cmocka_unit_test(a_folder_or_an_impossible_path_is_refused),
		cmocka_unit_test(what_was_wrapped_opens_with_its_key_and_label_only),
	};
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
