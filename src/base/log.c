#include "base/log.h"

#include "base/clock.h"
#include "base/writer.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_FIRST 1024
#define LINE_MAX_SIZE (256 * 1024)

static _Atomic int level_max = LOG_INFO;

static const char *const level_names[] = { "error", "warning", "info", "debug" };

void log_level_set(enum log_level level)
{
	atomic_store(&level_max, (int)level);
}

bool log_wanted(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&level_max, memory_order_relaxed);
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

/* A reader that has gone to sleep (a pipe nobody empties) must not stop the server: lines that would wait are dropped
 * and counted, and the next one that goes out says how many. One writer at a time, so lines never mix. */
static bool ready(void)
{
	struct pollfd file = { .fd = STDERR_FILENO, .events = POLLOUT };
	return poll(&file, 1, 0) == 1 && (file.revents & POLLOUT) != 0;
}

static void put_line(struct slice text)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t dropped;
	char note[128];
	pthread_mutex_lock(&lock);
	if (!ready()) {
		dropped++;
	} else {
		int length = dropped == 0 ? 0 : snprintf(note, sizeof note, "{\"level\":\"warning\",\"message\":\"log lines were dropped\",\"count\":%lld}\n",
		                                         (long long)dropped);
		dropped = 0;
		ssize_t written = length > 0 ? write(STDERR_FILENO, note, (size_t)length) : 0;
		written += write(STDERR_FILENO, text.ptr, text.len);
		(void)written;
	}
	pthread_mutex_unlock(&lock);
}

void log_line(enum log_level level, const char *sentence, const struct log_member *members, size_t count)
{
	if (!log_wanted(level))
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
	if (writer_ok(&line))
		put_line(writer_slice(&line));
	arena_free(arena);
}
