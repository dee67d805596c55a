/* Log lines: one JSON object a line on stderr, made only here.
 *
 * A line is a level, a sentence and members; values are escaped, so nothing typed outside can forge a line.
 * Secrets have types of their own and no way in here. A line that stderr would not take at
 * once is dropped and counted: logging never stops the server. */
#ifndef WRIT_BASE_LOG_H
#define WRIT_BASE_LOG_H

#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log_member {
	const char *name;
	struct slice value;
};

/* What is written at all; LOG_INFO unless set. Safe to call at any time. */
void log_level_set(enum log_level);
/* Would a line of this level be written? For lines whose values cost something to make. */
bool log_wanted(enum log_level);
bool log_level_parse(struct slice, enum log_level *ret);

/* members may be NULL with count 0. Members with an empty value are left out. */
void log_line(enum log_level, const char *sentence, const struct log_member *members, size_t count);

/* LOG_LINE(LOG_INFO, "sentence", { "name", slice }, …); at least one member. */
#define LOG_LINE(level, sentence, ...) \
	log_line((level), (sentence), (const struct log_member[]) { __VA_ARGS__ }, \
	         sizeof((const struct log_member[]) { __VA_ARGS__ }) / sizeof(struct log_member))

#endif
