/* The Administration Console's files, as scripts/embed_console.py puts them into the program. */
#ifndef WRIT_SERVER_CONSOLE_FILES_H
#define WRIT_SERVER_CONSOLE_FILES_H

#include "base/slice.h"

struct console_file {
	struct slice name; /* "index.html", "assets/index-BQ0kZ3nA.js" */
	struct slice content_type;
	struct slice etag, gzip_etag; /* with their quotes */
	struct slice bytes;
	struct slice gzip; /* the same for Content-Encoding: gzip; empty: that is not shorter */
	bool immutable;    /* its name changes with what it holds */
};

/* Sorted by name; none where the program was built without the console. */
extern const struct console_file *const console_files;
extern const size_t console_file_count;

#endif
