#include "cli/login/login_file.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"
#include "cli/options.h"
#include "jose/json_strict.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_VERSION 1
#define FILE_NAME_SIZE (LIMIT_LOGIN_NAME + 32)
#define LOCK_PAUSE_MS 20

bool login_name_is_good(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t len = strlen(name);
	return len > 0 && len <= LIMIT_LOGIN_NAME && name[0] != '.' && strspn(name, allowed) == len;
}

/* ---- the folder -------------------------------------------------------------------------------------------- */

/* A relative XDG_STATE_HOME is to be ignored (XDG Base Directory Specification). */
static const char *folder_path(struct arena *arena)
{
	const char *state = options_environment("XDG_STATE_HOME"), *home = options_environment("HOME");
	if (state != NULL && state[0] == '/')
		return arena_print(arena, "%s/writ/tokens", state).ptr;
	return home != NULL && home[0] == '/' ? arena_print(arena, "%s/.local/state/writ/tokens", home).ptr : NULL;
}

/* Makes each missing folder of the path; what is there already stays as it is. */
static bool folders_make(const char *path, struct arena *arena)
{
	char *part = (char *)arena_copy(arena, slice_from(path)).ptr;
	if (part == NULL)
		return false;
	for (char *at = part + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		bool made = mkdir(part, 0700) == 0 || errno == EEXIST;
		*at = '/';
		if (!made)
			return false;
	}
	return mkdir(part, 0700) == 0 || errno == EEXIST;
}

enum result login_folder_open(bool make, struct arena *arena, struct login_folder *ret, struct problem *problem)
{
	struct stat status;
	const char *path = folder_path(arena);
	if (path == NULL)
		return problem_set(problem, RESULT_FAILED, "there is no place for saved sign-ins: set HOME or XDG_STATE_HOME");
	if (make && !folders_make(path, arena))
		return problem_set(problem, RESULT_FAILED, "%s cannot be made: %s", path, strerrordesc_np(errno));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return problem_set(problem, RESULT_NOT_FOUND, "no sign-in is saved in %s: writ login --save NAME makes one", path);
	if (fd < 0)
		return problem_set(problem, RESULT_FAILED, "%s cannot be opened: %s", path, strerrordesc_np(errno));
	if (fstat(fd, &status) != 0 || status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
		close(fd);
		return problem_set(problem, RESULT_FAILED, "others may enter %s, or it is not yours: chmod 700 %s, then sign in again", path, path);
	}
	ret->fd = fd;
	ret->path = path;
	return RESULT_OK;
}

void login_folder_close(struct login_folder *folder)
{
	close(folder->fd);
	folder->fd = -1;
}

static void file_name(const char *name, const char *ending, char text[FILE_NAME_SIZE])
{
	snprintf(text, FILE_NAME_SIZE, "%s.%s", name, ending);
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

static const char *text_read(const json_t *object, const char *name, struct arena *arena)
{
	struct slice text = json_object_text(object, name);
	return text.ptr == NULL ? NULL : arena_copy(arena, text).ptr;
}

static int64_t number_read(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_integer(value) ? json_integer_value(value) : 0;
}

static bool login_parse(struct slice text, struct arena *arena, struct saved_login *ret)
{
	json_t *object;
	if (json_object_parse(text, &object) != RESULT_OK)
		return false;
	const struct saved_login login = {
		.issuer = text_read(object, "issuer", arena),
		.client_id = text_read(object, "client_id", arena),
		.token_endpoint = text_read(object, "token_endpoint", arena),
		.revocation_endpoint = text_read(object, "revocation_endpoint", arena),
		.scope = text_read(object, "scope", arena),
		.redirect_path = text_read(object, "redirect_path", arena),
		.client_secret_file = text_read(object, "client_secret_file", arena),
		.ca_file = text_read(object, "ca_file", arena),
		.port = number_read(object, "port"),
		.confidential = json_is_true(json_object_get(object, "confidential")),
		.basic = json_is_true(json_object_get(object, "basic")),
		.access_token = text_read(object, "access_token", arena),
		.refresh_token = text_read(object, "refresh_token", arena),
		.expires_s = number_read(object, "expires_at"),
	};
	bool good = number_read(object, "version") == FORMAT_VERSION && login.issuer != NULL && login.client_id != NULL &&
	            login.token_endpoint != NULL && login.scope != NULL && login.redirect_path != NULL && login.access_token != NULL &&
	            login.port >= 0 && login.port <= UINT16_MAX && !arena_exhausted(arena);
	json_decref(object);
	if (good)
		*ret = login;
	return good;
}

/* All of the file; RESULT_TOO_LARGE beyond LIMIT_LOGIN_FILE. */
static enum result bytes_read(int fd, char *bytes, size_t *ret_len)
{
	size_t len = 0;
	ssize_t got = 1;
	while (got != 0 && len <= LIMIT_LOGIN_FILE) {
		got = read(fd, bytes + len, LIMIT_LOGIN_FILE + 1 - len);
		if (got > 0)
			len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			return RESULT_FAILED;
	}
	*ret_len = len;
	return len > LIMIT_LOGIN_FILE ? RESULT_TOO_LARGE : RESULT_OK;
}

enum result login_file_read(const struct login_folder *folder, const char *name, struct arena *arena, struct saved_login *ret,
                            struct problem *problem)
{
	char file[FILE_NAME_SIZE];
	struct stat status;
	size_t len = 0;
	file_name(name, "json", file);
	/* a name that leads elsewhere, or to a pipe that never ends, is not what was written here */
	int fd = openat(folder->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return problem_set(problem, RESULT_NOT_FOUND, "there is no saved sign-in \"%s\": writ login --save %s makes it", name, name);
	if (fd < 0)
		return problem_set(problem, RESULT_FAILED, "%s/%s cannot be opened: %s", folder->path, file, strerrordesc_np(errno));
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
		close(fd);
		return problem_set(problem, RESULT_FAILED,
		                   "others can read %s/%s, or it is not yours, so its tokens may be known: delete it and run writ login --save %s",
		                   folder->path, file, name);
	}
	char *bytes = arena_alloc(arena, LIMIT_LOGIN_FILE + 1);
	enum result result = bytes == NULL ? RESULT_NO_MEMORY : bytes_read(fd, bytes, &len);
	close(fd);
	if (result == RESULT_OK && login_parse((struct slice) { bytes, len }, arena, ret))
		return RESULT_OK;
	return problem_set(problem, RESULT_INVALID, "%s/%s is no saved sign-in: delete it and run writ login --save %s", folder->path, file, name);
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

static char *login_print(const struct saved_login *login)
{
	json_t *object = json_pack("{s:i, s:s, s:s, s:s, s:s?, s:s, s:s, s:s?, s:s?, s:I, s:b, s:b, s:s, s:s?, s:I}", "version", FORMAT_VERSION,
	                           "issuer", login->issuer, "client_id", login->client_id, "token_endpoint", login->token_endpoint,
	                           "revocation_endpoint", login->revocation_endpoint, "scope", login->scope, "redirect_path",
	                           login->redirect_path, "client_secret_file", login->client_secret_file, "ca_file", login->ca_file, "port",
	                           (json_int_t)login->port, "confidential", login->confidential, "basic", login->basic, "access_token",
	                           login->access_token, "refresh_token", login->refresh_token, "expires_at", (json_int_t)login->expires_s);
	char *text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	return text;
}

static bool bytes_write(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t written = write(fd, bytes.ptr, bytes.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes = slice_skip(bytes, (size_t)written);
	}
	return fsync(fd) == 0;
}

enum result login_file_write(const struct login_folder *folder, const char *name, const struct saved_login *login, struct problem *problem)
{
	char file[FILE_NAME_SIZE], temporary[FILE_NAME_SIZE];
	file_name(name, "json", file);
	snprintf(temporary, sizeof temporary, ".%s.new", name);
	char *text = login_print(login);
	if (text == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "out of memory, or a token that is no UTF-8: nothing was saved");
	unlinkat(folder->fd, temporary, 0); /* of a command that was killed: the lock says that nobody writes it now */
	int fd = openat(folder->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good = fd >= 0 && bytes_write(fd, slice_from(text));
	int error = errno;
	if (fd >= 0)
		close(fd);
	if (good) {
		good = renameat(folder->fd, temporary, folder->fd, file) == 0 && fsync(folder->fd) == 0;
		error = errno;
	}
	if (!good && fd >= 0)
		unlinkat(folder->fd, temporary, 0);
	wipe(text, strlen(text));
	free(text);
	if (!good)
		return problem_set(problem, RESULT_FAILED, "%s/%s cannot be written: %s", folder->path, file, strerrordesc_np(error));
	return RESULT_OK;
}

enum result login_file_delete(const struct login_folder *folder, const char *name, struct problem *problem)
{
	char file[FILE_NAME_SIZE];
	file_name(name, "json", file);
	if (unlinkat(folder->fd, file, 0) != 0 || fsync(folder->fd) != 0)
		return problem_set(problem, RESULT_FAILED, "%s/%s cannot be deleted: %s", folder->path, file, strerrordesc_np(errno));
	return RESULT_OK;
}

/* ---- the lock ---------------------------------------------------------------------------------------------- */

enum result login_lock_take(const struct login_folder *folder, const char *name, int *ret_lock, struct problem *problem)
{
	char file[FILE_NAME_SIZE];
	file_name(name, "lock", file);
	int fd = openat(folder->fd, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return problem_set(problem, RESULT_FAILED, "%s/%s cannot be opened: %s", folder->path, file, strerrordesc_np(errno));
	const int64_t until_ms = clock_monotonic_ms() + LIMIT_LOGIN_LOCK_MS;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || clock_monotonic_ms() >= until_ms) {
			close(fd);
			return problem_set(problem, RESULT_BUSY, "another writ command has been refreshing \"%s\" for %d seconds: try again", name,
			                   LIMIT_LOGIN_LOCK_MS / 1000);
		}
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	*ret_lock = fd;
	return RESULT_OK;
}

void login_lock_release(int lock)
{
	close(lock);
}
