#include "base/log.h"

#include "base/clock.h"
#include "base/writer.h"

#include <stdatomic.h>
#include <unistd.h>

#define LINE_FIRST 1024
#define LINE_MAX_SIZE (256 * 1024)

static _Atomic int level_max = LOG_INFO;

static const char *const level_names[] = { "error", "warning", "info", "debug" };

void log_level_set(enum log_level level)
{
	atomic_store(&level_max, (int)level);
}

bool log_level_parse(struct slice text, enum log_level *ret)
{
	for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
		if (slice_is(text, level_names[i])) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_line(enum log_level level, const char *sentence, const struct log_member *members, size_t count)
{
	if ((int)level > atomic_load(&level_max))
		return;
	struct arena *arena = arena_new(LINE_FIRST * 2, LINE_MAX_SIZE);
	if (arena == NULL)
		return;
	char now[CLOCK_TEXT_SIZE];
	clock_text(clock_ms(), now);
	struct writer line = writer_new(arena, LINE_FIRST);
	writer_byte(&line, '{');
	writer_json_member(&line, "time", slice_from(now));
	writer_json_member(&line, "level", slice_from(level_names[level]));
	writer_json_member(&line, "message", slice_from(sentence));
	for (size_t i = 0; i < count; i++)
		if (members[i].value.len > 0)
			writer_json_member(&line, members[i].name, members[i].value);
	writer_put(&line, SLICE_OF("}\n"));
	if (writer_ok(&line)) {
		struct slice text = writer_slice(&line);
		/* one write a line: lines of several threads never mix */
		ssize_t written = write(STDERR_FILENO, text.ptr, text.len);
		(void)written;
	}
	arena_free(arena);
}
