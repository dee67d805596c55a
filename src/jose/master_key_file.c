#include "jose/master_key.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* 32 bytes as base64url, a newline, and a byte more to notice what is too long */
#define LINE_SIZE 43
#define FILE_SIZE_MAX (LINE_SIZE + 2)

static enum result file_judge(int fd, const char *path, struct problem *problem)
{
	struct stat facts;
	if (fstat(fd, &facts) != 0)
		return problem_set(problem, RESULT_FAILED, "%s: %s", path, strerrordesc_np(errno));
	if (!S_ISREG(facts.st_mode))
		return problem_set(problem, RESULT_INVALID, "%s is not a file: name the master key's file with --master-key FILE", path);
	if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return problem_set(problem, RESULT_INVALID, "the master key file %s is open to other users: run chmod 600 %s", path, path);
	return RESULT_OK;
}

static enum result file_parse(int fd, const char *path, struct master_key *ret, struct problem *problem)
{
	char text[FILE_SIZE_MAX];
	size_t len = 0;
	ssize_t got = 1;
	while (got > 0 && len < sizeof text) {
		got = read(fd, text + len, sizeof text - len);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			len += (size_t)got;
	}
	if (got < 0)
		return problem_set(problem, RESULT_FAILED, "%s: %s", path, strerrordesc_np(errno));
	if (len > 0 && text[len - 1] == '\n')
		len--;
	struct master_key key = { .secret = { .bytes = { 0 } } };
	size_t key_len = 0;
	enum result result = len == LINE_SIZE ? text_base64url_decode((struct slice) { text, len }, key.secret.bytes,
	                                                              sizeof key.secret.bytes, &key_len)
	                                      : RESULT_INVALID;
	wipe(text, sizeof text);
	if (result == RESULT_OK && key_len == sizeof key.secret.bytes)
		*ret = key;
	else
		result = problem_set(problem, RESULT_INVALID, "%s is not a master key (one line of 43 base64url characters): "
		                                              "restore it from its backup or name the right file with --master-key FILE",
		                     path);
	master_key_wipe(&key);
	return result;
}

/* RESULT_NOT_FOUND without a problem: the caller knows whether that is one. */
static enum result file_read(const char *path, struct master_key *ret, struct problem *problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return RESULT_NOT_FOUND;
	if (fd < 0)
		return problem_set(problem, RESULT_FAILED, "the master key file %s cannot be read: %s", path, strerrordesc_np(errno));
	enum result result = file_judge(fd, path, problem);
	if (result == RESULT_OK)
		result = file_parse(fd, path, ret, problem);
	close(fd);
	return result;
}

/* A whole fresh key in a file that only this process knows. */
static bool fresh_write(int fd)
{
	char line[LINE_SIZE + 2];
	struct secret32 secret = secret32_random();
	sodium_bin2base64(line, sizeof line, secret.bytes, sizeof secret.bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	line[LINE_SIZE] = '\n';
	bool good = write(fd, line, LINE_SIZE + 1) == LINE_SIZE + 1 && fsync(fd) == 0;
	secret32_wipe(&secret);
	wipe(line, sizeof line);
	return good;
}

/* A new name is durable only when its directory is. */
static bool directory_sync(const char *path)
{
	char directory[PATH_MAX];
	text_copy(directory, sizeof directory, slice_from(path));
	char *slash = strrchr(directory, '/');
	if (slash == NULL)
		text_copy(directory, sizeof directory, SLICE_OF("."));
	else
		slash[slash == directory ? 1 : 0] = '\0';
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0;
	close(fd);
	return good;
}

/* The key is written under a name of its own and then linked to path, which fails where another process was first:
 * whoever reads path sees one whole key, always the same. */
static enum result file_create(const char *path, struct problem *problem)
{
	char temporary[PATH_MAX];
	int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
	if (length < 0 || (size_t)length >= sizeof temporary)
		return problem_set(problem, RESULT_INVALID, "the path of the master key file is too long");
	int fd = mkostemp(temporary, O_CLOEXEC); /* O_EXCL, mode 0600 */
	bool good = fd >= 0 && fresh_write(fd) && (link(temporary, path) == 0 || errno == EEXIST) && directory_sync(path);
	int reason = errno;
	if (fd >= 0) {
		close(fd);
		unlink(temporary);
	}
	if (!good)
		return problem_set(problem, RESULT_FAILED, "the master key file %s cannot be made: %s", path, strerrordesc_np(reason));
	return RESULT_OK;
}

enum result master_key_load(const char *path, bool create, struct master_key *ret, struct problem *problem)
{
	enum result result = file_read(path, ret, problem);
	if (result == RESULT_NOT_FOUND && create) {
		result = file_create(path, problem);
		if (result == RESULT_OK)
			result = file_read(path, ret, problem);
	}
	if (result == RESULT_NOT_FOUND)
		return problem_set(problem, result, "there is no master key file %s: restore it from its backup or name the right file "
		                                    "with --master-key FILE (WRIT_MASTER_KEY_FILE)",
		                   path);
	return result;
}
