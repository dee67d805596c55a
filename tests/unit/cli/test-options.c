#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/command.h"
#include "cli/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct target {
	const char *store;
	bool dry_run;
	int64_t port;
	struct option_list headers;
};

static const struct option_spec specs[] = {
	{ "store", "URL", "where the store is", OPTION_TEXT, offsetof(struct target, store), "WRIT_TEST_STORE", 's', 0 },
	{ "dry-run", NULL, "changes nothing", OPTION_FLAG, offsetof(struct target, dry_run), "WRIT_TEST_DRY_RUN", 0, 0 },
	{ "port", "NUMBER", "the port", OPTION_NUMBER, offsetof(struct target, port), "WRIT_TEST_PORT", 0, 65535 },
	{ "header", "TEXT", "a header", OPTION_LIST, offsetof(struct target, headers), NULL, 'H', 0 },
};
static const struct option_set set = { "test", "[OPTIONS] FILE [FILE]", "A test.", specs, 4, 1, 2, "Notes." };

static struct target target;
static char output[4096]; /* what the last run said, stdout and stderr */
static char *words[16];
static int arguments;

/* Runs the parser over words separated by '|', with its output caught. */
static int run(const char *line)
{
	static char copy[1024];
	int count = 0;
	snprintf(copy, sizeof copy, "%s", line);
	for (char *rest = copy, *word; rest != NULL && count < 16;) {
		word = strsep(&rest, "|");
		words[count++] = word;
	}
	char path[] = "/tmp/writ-options-XXXXXX";
	int caught = mkstemp(path), out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	assert_true(caught >= 0 && out >= 0 && err >= 0);
	fflush(stdout);
	dup2(caught, STDOUT_FILENO);
	dup2(caught, STDERR_FILENO);
	target = (struct target) { .port = 8080 };
	arguments = -1;
	int outcome = options_parse(&set, count, words, &target, &arguments);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	ssize_t len = pread(caught, output, sizeof output - 1, 0);
	output[len < 0 ? 0 : len] = '\0';
	close(out);
	close(err);
	close(caught);
	unlink(path);
	return outcome;
}

static int forget(void **state)
{
	(void)state;
	unsetenv("WRIT_TEST_STORE");
	unsetenv("WRIT_TEST_DRY_RUN");
	unsetenv("WRIT_TEST_PORT");
	return 0;
}

static void assert_misused(const char *line, const char *sentence)
{
	assert_int_equal(run(line), EXIT_USAGE);
	assert_non_null(strstr(output, sentence));
	assert_non_null(strstr(output, "(writ test --help)\n"));
	char *newline = strchr(output, '\n');
	assert_non_null(newline);
	assert_string_equal(newline + 1, ""); /* one line */
	assert_int_equal(strncmp(output, "writ test: ", strlen("writ test: ")), 0);
}

static void every_way_to_write_an_option_is_understood(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"--store|sqlite:a|--dry-run|--port|1|-H|a|--header=b|file",
		"file|-s|sqlite:a|--dry-run|--port=1|--header|a|-H|b",
		"--store=sqlite:a|file|--port=01|--dry-run|-H|a|--header|b|--",
	};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		assert_int_equal(run(lines[i]), OPTIONS_GO);
		assert_string_equal(target.store, "sqlite:a");
		assert_true(target.dry_run);
		assert_int_equal(target.port, 1);
		assert_int_equal(target.headers.count, 2);
		assert_string_equal(target.headers.items[1], "b");
		assert_int_equal(arguments, 1);
		assert_string_equal(words[0], "file");
		assert_string_equal(output, "");
	}
}

static void what_is_not_given_stays_as_it_was(void **state)
{
	(void)state;
	assert_int_equal(run("file"), OPTIONS_GO);
	assert_null(target.store);
	assert_false(target.dry_run);
	assert_int_equal(target.port, 8080);
}

static void a_lone_dash_and_all_behind_two_are_arguments(void **state)
{
	(void)state;
	assert_int_equal(run("-|--|--store"), OPTIONS_GO);
	assert_int_equal(arguments, 2);
	assert_string_equal(words[0], "-");
	assert_string_equal(words[1], "--store");
	assert_int_equal(run("--store|-|x"), OPTIONS_GO);
	assert_string_equal(target.store, "-");
}

static void an_unknown_option_names_the_nearest(void **state)
{
	(void)state;
	assert_misused("--stroe|x", "unknown option --stroe: did you mean --store?");
	assert_misused("--dryrun", "did you mean --dry-run?");
	assert_misused("--prot=3", "did you mean --port?");
	assert_misused("--completely-different", "unknown option --completely-different (");
	assert_misused("-x", "unknown option -x");
	assert_misused("-sx", "unknown option -sx");
	assert_misused("--", "an argument is missing");
}

static void wrong_values_are_refused(void **state)
{
	(void)state;
	assert_misused("file|--port|65536", "--port takes a whole number from 0 to 65535");
	assert_misused("file|--port|-1", "--port takes a whole number");
	assert_misused("file|--port|1x", "--port takes a whole number");
	assert_misused("file|--port=", "--port takes a whole number");
	assert_misused("file|--store", "--store needs a value: URL");
	assert_misused("file|--dry-run=yes", "--dry-run takes no value");
	assert_misused("file|--store|a|-s|b", "--store is given twice");
	assert_misused("a|b|c", "one argument too many: c");
}

static void an_option_wins_over_the_environment_and_an_empty_variable_is_none(void **state)
{
	(void)state;
	setenv("WRIT_TEST_STORE", "sqlite:env", 1);
	setenv("WRIT_TEST_DRY_RUN", "true", 1);
	setenv("WRIT_TEST_PORT", "9", 1);
	assert_int_equal(run("file"), OPTIONS_GO);
	assert_string_equal(target.store, "sqlite:env");
	assert_true(target.dry_run);
	assert_int_equal(target.port, 9);
	assert_int_equal(run("file|--store|sqlite:arg|--port|7"), OPTIONS_GO);
	assert_string_equal(target.store, "sqlite:arg");
	assert_int_equal(target.port, 7);
	setenv("WRIT_TEST_STORE", "", 1);
	setenv("WRIT_TEST_DRY_RUN", "0", 1);
	assert_int_equal(run("file"), OPTIONS_GO);
	assert_null(target.store);
	assert_false(target.dry_run);
	setenv("WRIT_TEST_DRY_RUN", "maybe", 1);
	assert_misused("file", "WRIT_TEST_DRY_RUN must be");
	setenv("WRIT_TEST_DRY_RUN", "no", 1);
	setenv("WRIT_TEST_PORT", "many", 1);
	assert_misused("file", "port takes a whole number");
}

static void a_list_is_bounded(void **state)
{
	(void)state;
	char line[1024] = "file";
	for (int i = 0; i < 5; i++)
		snprintf(line + strlen(line), sizeof line - strlen(line), "|-H|a");
	assert_int_equal(run(line), OPTIONS_GO);
	assert_int_equal(target.headers.count, 5);

	struct target many = { .headers = { .count = OPTION_LIST_MAX - 1 } };
	char option[] = "-H", value[] = "a", file[] = "file";
	char *argv[] = { option, value, file };
	assert_int_equal(options_parse(&set, 3, argv, &many, &arguments), OPTIONS_GO);
	assert_int_equal(many.headers.count, OPTION_LIST_MAX);
	char *again[] = { option, value, file };
	assert_int_equal(options_parse(&set, 3, again, &many, &arguments), EXIT_USAGE);
	assert_int_equal(many.headers.count, OPTION_LIST_MAX);
}

static void help_shows_every_row_and_ends_with_zero(void **state)
{
	(void)state;
	assert_int_equal(run("--help"), EXIT_DONE);
	assert_non_null(strstr(output, "Usage: writ test [OPTIONS] FILE [FILE]\n\nA test.\n"));
	assert_non_null(strstr(output, "  -s, --store URL    where the store is (or WRIT_TEST_STORE in the environment)\n"));
	assert_non_null(strstr(output, "  --dry-run          changes nothing"));
	assert_non_null(strstr(output, "  -H, --header TEXT  a header\n"));
	assert_non_null(strstr(output, "  -h, --help         shows this\n"));
	assert_non_null(strstr(output, "\nNotes.\n"));
	assert_int_equal(run("file|-h"), EXIT_DONE);
}

static void control_characters_never_reach_the_terminal(void **state)
{
	(void)state;
	assert_misused("--a\nb\033[2J", "unknown option --a?b?[2J");
}

static void the_distance_counts_changes(void **state)
{
	(void)state;
	assert_int_equal(name_distance("", ""), 0);
	assert_int_equal(name_distance("scope", "scope"), 0);
	assert_int_equal(name_distance("scop", "scope"), 1);
	assert_int_equal(name_distance("kitten", "sitting"), 3);
	assert_int_equal(name_distance("", "abc"), 3);
	char long_name[200];
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	assert_true(name_distance(long_name, "abc") > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_way_to_write_an_option_is_understood, forget),
		cmocka_unit_test_setup(what_is_not_given_stays_as_it_was, forget),
		cmocka_unit_test_setup(a_lone_dash_and_all_behind_two_are_arguments, forget),
		cmocka_unit_test_setup(an_unknown_option_names_the_nearest, forget),
		cmocka_unit_test_setup(wrong_values_are_refused, forget),
		cmocka_unit_test_setup(an_option_wins_over_the_environment_and_an_empty_variable_is_none, forget),
		cmocka_unit_test_setup(a_list_is_bounded, forget),
		cmocka_unit_test_setup(help_shows_every_row_and_ends_with_zero, forget),
		cmocka_unit_test_setup(control_characters_never_reach_the_terminal, forget),
		cmocka_unit_test_setup(the_distance_counts_changes, forget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
