#include "cli/file_read.h"

#include "cli/command.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int fd_read(const char *command, const char *name, int fd, size_t size_max, struct arena *arena, struct slice *ret)
{
	char *text = arena_alloc(arena, size_max + 1);
	if (text == NULL)
		return command_fail(command, "out of memory");
	size_t len = 0;
	ssize_t got = 1;
	while (got != 0 && len < size_max + 1) {
		got = read(fd, text + len, size_max + 1 - len);
		if (got > 0)
			len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			return command_fail(command, "%s cannot be read: %s", name, strerrordesc_np(errno));
	}
	if (len > size_max)
		return command_fail(command, "%s is longer than %zu bytes", name, size_max);
	*ret = (struct slice) { text, len };
	return OPTIONS_GO;
}

int file_read(const char *command, const char *path, size_t size_max, struct arena *arena, struct slice *ret)
{
	if (strcmp(path, "-") == 0)
		return fd_read(command, "stdin", STDIN_FILENO, size_max, arena, ret);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return command_fail(command, "%s cannot be read: %s", path, strerrordesc_np(errno));
	int outcome = fd_read(command, path, fd, size_max, arena, ret);
	close(fd);
	return outcome;
}

int line_read(const char *command, const char *path, size_t size_max, struct arena *arena, struct slice *ret)
{
	struct slice text = { NULL, 0 };
	int outcome = file_read(command, path, size_max, arena, &text);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (text.len > 0 && text.ptr[text.len - 1] == '\n')
		text.len--;
	if (text.len > 0 && text.ptr[text.len - 1] == '\r')
		text.len--;
	*ret = text;
	return OPTIONS_GO;
}
