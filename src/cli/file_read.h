/* Files and stdin, named on a command line, into an arena. */
#ifndef WRIT_CLI_FILE_READ_H
#define WRIT_CLI_FILE_READ_H

#include "base/arena.h"

/* All of a file, at most size_max bytes; "-" is stdin. OPTIONS_GO, or the exit code after a line on stderr. */
int file_read(const char *command, const char *path, size_t size_max, struct arena *, struct slice *ret);

/* The same without a newline at its end: secrets and tokens. */
int line_read(const char *command, const char *path, size_t size_max, struct arena *, struct slice *ret);

#endif
