/* The commands of writ. Each parses its options (options.h), does its work, and returns the exit code:
 * 0 done, 1 failed, 2 wrong usage. Results go to stdout, errors as one line with the fix to stderr. */
#ifndef WRIT_CLI_COMMAND_H
#define WRIT_CLI_COMMAND_H

#include "base/result.h"

struct command {
	const char *name;    /* "token" */
	const char *summary; /* one line of "writ --help" */
	/* argv[0] is what stands behind the command's name; argc counts from there. */
	int (*run)(int argc, char **argv);
};

#define EXIT_DONE 0
#define EXIT_FAILED 1
#define EXIT_USAGE 2

/* "writ COMMAND: sentence" on stderr, COMMAND being the first word of it; returns EXIT_FAILED, so that failing is one line:
 *     return command_fail("apply", "%s", problem.text);                                     */
int command_fail(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same with EXIT_USAGE, all words of COMMAND, and " (writ COMMAND --help)" behind it. */
int command_misused(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

int command_api_catalogue(int argc, char **argv); /* writ api catalogue */
int command_api(int argc, char **argv);
int command_apply(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_call(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_export(int argc, char **argv);
int command_gateway(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_login(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_token(int argc, char **argv);

#endif
