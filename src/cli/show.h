/* What a server sent, on a terminal: control characters come out escaped, so that no reply can play with it. */
#ifndef WRIT_CLI_SHOW_H
#define WRIT_CLI_SHOW_H

#include "base/writer.h"

#include <jansson.h>
#include <stdio.h>

/* A copy of the text with control characters and invalid UTF-8 as \xNN, at most size_max bytes of it ("…" behind what is
 * cut), NUL-terminated; "" when the arena is full. */
const char *show_text(struct arena *, struct slice, size_t size_max);

/* A JSON value in one line: strings bare, everything else as JSON; escaped likewise. */
const char *show_json(struct arena *, const json_t *, size_t size_max);

/* "in 59 min", "2 h 5 min ago", "now": moment_s as seen from now_s. */
const char *show_moment(struct arena *, int64_t moment_s, int64_t now_s);

#endif
