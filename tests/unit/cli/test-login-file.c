#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/login/login_use.h"
#include "jose/json_strict.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 1800000000

static struct arena *arena;
static char home[] = "/tmp/writ-login-XXXXXX";
static struct login_folder folder;

static const struct saved_login example = {
	.issuer = "https://a.example",
	.client_id = "app \"1\"",
	.token_endpoint = "https://a.example/t",
	.scope = "openid",
	.redirect_path = "/callback",
	.client_secret_file = "/s",
	.port = 8400,
	.confidential = true,
	.access_token = "A",
	.refresh_token = "R",
	.expires_s = NOW,
};

static int begin(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	umask(0);
	return arena == NULL || mkdtemp(home) == NULL || setenv("XDG_STATE_HOME", home, 1) != 0 ||
	       login_folder_open(true, arena, &folder, NULL) != RESULT_OK;
}

static int end(void **state)
{
	(void)state;
	static const char *const parts[] = { "/writ/tokens", "/writ", "" };
	DIR *entries = opendir(folder.path);
	for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
		unlinkat(folder.fd, entry->d_name, 0);
	closedir(entries);
	login_folder_close(&folder);
	for (size_t i = 0; i < 3; i++)
		rmdir(arena_print(arena, "%s%s", home, parts[i]).ptr);
	arena_free(arena);
	return 0;
}

static unsigned mode_of(const char *name)
{
	struct stat status;
	assert_int_equal(fstatat(folder.fd, name, &status, AT_SYMLINK_NOFOLLOW), 0);
	return status.st_mode & 07777;
}

static size_t entry_count(void)
{
	DIR *entries = opendir(folder.path);
	assert_non_null(entries);
	size_t count = 0;
	for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
		count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(entries);
	return count;
}

static void what_is_written_is_read_back_and_closed_to_others(void **state)
{
	(void)state;
	struct saved_login login;
	assert_int_equal(login_file_write(&folder, "work", &example, NULL), RESULT_OK);
	assert_int_equal(mode_of("work.json"), 0600);
	assert_int_equal(mode_of("."), 0700);
	assert_int_equal(login_file_read(&folder, "work", arena, &login, NULL), RESULT_OK);
	assert_string_equal(login.client_id, example.client_id);
	assert_string_equal(login.refresh_token, "R");
	assert_null(login.revocation_endpoint);
	assert_null(login.ca_file);
	assert_int_equal(login.port, 8400);
	assert_int_equal(login.expires_s, NOW);
	assert_true(login.confidential);
	assert_false(login.basic);
}

static void a_file_or_folder_that_others_may_read_is_refused(void **state)
{
	(void)state;
	struct saved_login login;
	struct login_folder again;
	struct problem problem;
	assert_int_equal(login_file_write(&folder, "open", &example, NULL), RESULT_OK);
	for (unsigned bit = 1; bit < 0100; bit <<= 1) {
		assert_int_equal(fchmodat(folder.fd, "open.json", 0600 | bit, 0), 0);
		assert_int_equal(login_file_read(&folder, "open", arena, &login, &problem), RESULT_FAILED);
		assert_non_null(strstr(problem.text, "others can read"));
		assert_int_equal(fchmod(folder.fd, 0700 | bit), 0);
		assert_int_equal(login_folder_open(true, arena, &again, &problem), RESULT_FAILED);
	}
	assert_int_equal(fchmod(folder.fd, 0700), 0);
	assert_int_equal(login_folder_open(true, arena, &again, &problem), RESULT_OK);
	login_folder_close(&again);
}

static void what_is_no_saved_sign_in_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "{}", "[]", "{\"version\":1", "{\"version\":2,\"issuer\":\"a\"}", "{\"version\":1,\"issuer\":7}" };
	struct saved_login login;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		int fd = openat(folder.fd, "bad.json", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(fd, texts[i], strlen(texts[i])), (ssize_t)strlen(texts[i]));
		close(fd);
		assert_int_equal(login_file_read(&folder, "bad", arena, &login, NULL), RESULT_INVALID);
	}
	assert_int_equal(login_file_read(&folder, "absent", arena, &login, NULL), RESULT_NOT_FOUND);
	assert_int_equal(symlinkat("work.json", folder.fd, "link.json"), 0);
	assert_int_equal(login_file_read(&folder, "link", arena, &login, NULL), RESULT_FAILED);
	assert_int_equal(mkfifoat(folder.fd, "pipe.json", 0600), 0);
	assert_int_equal(login_file_read(&folder, "pipe", arena, &login, NULL), RESULT_FAILED);
	assert_int_equal(unlinkat(folder.fd, "bad.json", 0) | unlinkat(folder.fd, "link.json", 0) | unlinkat(folder.fd, "pipe.json", 0), 0);
}

/* A reader that opened the old file keeps all of it, and a writer killed half-way leaves nothing that the next one trips over. */
static void a_file_is_replaced_whole_and_nothing_is_left_behind(void **state)
{
	(void)state;
	struct saved_login changed = example, login;
	struct stat before, after;
	assert_int_equal(login_file_write(&folder, "work", &example, NULL), RESULT_OK);
	int left = openat(folder.fd, ".work.new", O_WRONLY | O_CREAT | O_EXCL, 0666);
	assert_true(left >= 0);
	close(left);
	int reader = openat(folder.fd, "work.json", O_RDONLY);
	assert_int_equal(fstat(reader, &before), 0);
	size_t entries = entry_count();
	changed.refresh_token = "a longer refresh token than before";
	assert_int_equal(login_file_write(&folder, "work", &changed, NULL), RESULT_OK);
	assert_int_equal(fstatat(folder.fd, "work.json", &after, 0), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(fstat(reader, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	close(reader);
	assert_int_equal(mode_of("work.json"), 0600);
	assert_int_equal(entry_count(), entries - 1);
	assert_int_equal(login_file_read(&folder, "work", arena, &login, NULL), RESULT_OK);
	assert_string_equal(login.refresh_token, changed.refresh_token);
}

/* Where the new file cannot take its place, the old one stays. */
static void a_write_that_fails_leaves_the_old_file(void **state)
{
	(void)state;
	struct saved_login changed = example, login;
	struct problem problem;
	assert_int_equal(login_file_write(&folder, "kept", &example, NULL), RESULT_OK);
	assert_int_equal(mkdirat(folder.fd, ".kept.new", 0700), 0);
	changed.access_token = "B";
	assert_int_equal(login_file_write(&folder, "kept", &changed, &problem), RESULT_FAILED);
	assert_int_equal(login_file_read(&folder, "kept", arena, &login, NULL), RESULT_OK);
	assert_string_equal(login.access_token, "A");
	assert_int_equal(unlinkat(folder.fd, ".kept.new", AT_REMOVEDIR), 0);
	changed.access_token = "\xff";
	assert_int_equal(login_file_write(&folder, "kept", &changed, &problem), RESULT_NO_MEMORY);
	assert_int_equal(login_file_read(&folder, "kept", arena, &login, NULL), RESULT_OK);
}

static void a_lock_keeps_another_process_waiting(void **state)
{
	(void)state;
	int lock, told[2], status;
	char byte = 0;
	assert_int_equal(pipe(told), 0);
	assert_int_equal(login_lock_take(&folder, "work", &lock, NULL), RESULT_OK);
	pid_t child = fork();
	if (child == 0) {
		int second;
		/* flock(2) belongs to the open file: the child's copy of ours must not keep it */
		close(lock);
		bool taken = write(told[1], "s", 1) == 1 && login_lock_take(&folder, "work", &second, NULL) == RESULT_OK;
		struct saved_login login;
		bool seen = taken && login_file_read(&folder, "work", arena, &login, NULL) == RESULT_OK && strcmp(login.access_token, "after") == 0;
		_exit(seen ? 0 : 1);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	struct saved_login changed = example;
	changed.access_token = "after";
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	assert_int_equal(login_file_write(&folder, "work", &changed, NULL), RESULT_OK);
	login_lock_release(lock);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(told[0]);
	close(told[1]);
	assert_int_equal(mode_of("work.lock"), 0600);
}

static void a_name_cannot_lead_out_of_the_folder(void **state)
{
	(void)state;
	static const char *const bad[] = { "", ".", "..", "../x", "a/b", ".a", "a b", "a\n", "\xc3\xa4" };
	char longest[LIMIT_LOGIN_NAME + 2];
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(login_name_is_good(bad[i]));
	memset(longest, 'a', sizeof longest);
	longest[LIMIT_LOGIN_NAME + 1] = '\0';
	assert_false(login_name_is_good(longest));
	longest[LIMIT_LOGIN_NAME] = '\0';
	assert_true(login_name_is_good(longest));
	assert_true(login_name_is_good("Work-1_b.c"));
}

static void a_relative_state_folder_is_ignored(void **state)
{
	(void)state;
	struct login_folder other;
	assert_int_equal(setenv("XDG_STATE_HOME", "relative", 1), 0);
	assert_int_equal(setenv("HOME", home, 1), 0);
	assert_int_equal(login_folder_open(false, arena, &other, NULL), RESULT_NOT_FOUND);
	assert_int_equal(login_folder_open(true, arena, &other, NULL), RESULT_OK);
	assert_string_equal(other.path, arena_print(arena, "%s/.local/state/writ/tokens", home).ptr);
	login_folder_close(&other);
	for (char *path = (char *)arena_copy(arena, slice_from(other.path)).ptr; strlen(path) > strlen(home); *strrchr(path, '/') = '\0')
		assert_int_equal(rmdir(path), 0);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(login_folder_open(true, arena, &other, NULL), RESULT_FAILED);
	assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
}

static void updated(struct saved_login *login, const char *text)
{
	json_t *reply;
	assert_int_equal(json_object_parse(slice_from(text), &reply), RESULT_OK);
	saved_login_update(login, reply, NOW, arena);
	json_decref(reply);
}

static void a_reply_renews_what_it_names(void **state)
{
	(void)state;
	struct saved_login login = example;
	updated(&login, "{\"access_token\":\"B\",\"expires_in\":60}");
	assert_string_equal(login.access_token, "B");
	assert_string_equal(login.refresh_token, "R"); /* RFC 6749 section 6 */
	assert_int_equal(login.expires_s, NOW + 60);
	updated(&login, "{\"access_token\":\"C\",\"refresh_token\":\"S\",\"expires_in\":9223372036854775807}");
	assert_string_equal(login.refresh_token, "S");
	assert_int_equal(login.expires_s, 0);
	updated(&login, "{\"access_token\":\"C\",\"expires_in\":-5}");
	assert_int_equal(login.expires_s, 0);
}

static void a_token_is_old_shortly_before_it_expires(void **state)
{
	(void)state;
	struct saved_login login = example;
	assert_true(saved_login_is_old(&login, NOW));
	assert_true(saved_login_is_old(&login, NOW - LIMIT_LOGIN_EXPIRY_S));
	assert_false(saved_login_is_old(&login, NOW - LIMIT_LOGIN_EXPIRY_S - 1));
	login.expires_s = 0;
	assert_false(saved_login_is_old(&login, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back_and_closed_to_others),
		cmocka_unit_test(a_file_or_folder_that_others_may_read_is_refused),
		cmocka_unit_test(what_is_no_saved_sign_in_is_refused),
		cmocka_unit_test(a_file_is_replaced_whole_and_nothing_is_left_behind),
		cmocka_unit_test(a_write_that_fails_leaves_the_old_file),
		cmocka_unit_test(a_lock_keeps_another_process_waiting),
		cmocka_unit_test(a_name_cannot_lead_out_of_the_folder),
		cmocka_unit_test(a_relative_state_folder_is_ignored),
		cmocka_unit_test(a_reply_renews_what_it_names),
		cmocka_unit_test(a_token_is_old_shortly_before_it_expires),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
