/* The options of a command as one table: parsed, checked and printed by --help from the same rows.
 *
 * "--name VALUE", "--name=VALUE" and, where a row has a letter, "-n VALUE" are understood; everything behind "--" and
 * a lone "-" is an argument. Options and arguments may be mixed. An option that is not given takes its value from its
 * environment variable; where that is absent or empty too, the target keeps what the caller put there. */
#ifndef WRIT_CLI_OPTIONS_H
#define WRIT_CLI_OPTIONS_H

#include "base/slice.h"

#include <stdint.h>
#include <stdio.h>

#define OPTIONS_MAX 64     /* rows of a table */
#define OPTION_LIST_MAX 64 /* values of one OPTION_LIST */

/* The values of an option that may be given several times. */
struct option_list {
	const char *items[OPTION_LIST_MAX];
	size_t count;
};

enum option_kind {
	OPTION_FLAG,   /* no value; the target member is a bool. Environment: 1/true/yes or 0/false/no */
	OPTION_TEXT,   /* const char *, NULL when absent; lives as long as argv and the environment */
	OPTION_NUMBER, /* int64_t, decimal, 0 to maximum */
	OPTION_LIST,   /* struct option_list */
};

struct option_spec {
	const char *name;  /* "token-url" for --token-url */
	const char *value; /* what --help calls the value: "URL"; NULL for flags */
	const char *help;  /* one line */
	enum option_kind kind;
	size_t offset;           /* of the member in the target struct */
	const char *environment; /* "WRIT_STORE"; NULL: none */
	char letter;             /* 'f' for -f; 0: none */
	int64_t maximum;         /* OPTION_NUMBER; 0: no bound */
};

/* One command's usage. */
struct option_set {
	const char *command; /* "token client-credentials": what stands behind "writ" */
	const char *usage;   /* what stands behind the command: "[OPTIONS] METHOD URL" */
	const char *about;   /* a paragraph for --help */
	const struct option_spec *specs;
	size_t count;
	int arguments_min, arguments_max; /* how many arguments that are no options */
	const char *notes;                /* examples, printed below the options; NULL: none */
};

#define OPTIONS_GO (-1)

/* Fills the struct at target and moves the arguments that are no options to the front of argv.
 *
 * argv     what stands behind the command's name: argv[0] is its first option or argument.
 * ret_arguments  how many arguments stand in argv now (NULL when arguments_max is 0).
 * Returns  OPTIONS_GO; or the exit code with which the command ends: 0 when --help was asked for and printed on
 *          stdout, 2 for wrong usage, of which one line was printed on stderr. */
int options_parse(const struct option_set *, int argc, char **argv, void *target, int *ret_arguments);

/* The environment's value of that name; NULL when there is none. */
const char *options_environment(const char *name);

void options_help(const struct option_set *, FILE *);

/* How many letters must be added, removed or changed to make a of b; for "did you mean". */
size_t name_distance(const char *a, const char *b);
/* Is b near enough to what was typed to be what was meant? */
bool name_is_near(const char *typed, const char *b, size_t *nearest);

#endif
