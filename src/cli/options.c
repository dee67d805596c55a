#include "cli/options.h"

#include "base/text.h"
#include "cli/command.h"

#include <stdlib.h>

#define HELP_COLUMN_MAX 34
#define NAME_MAX_SIZE 64

/* ---- did you mean ------------------------------------------------------------------------------------------ */

size_t name_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len >= NAME_MAX_SIZE || b_len >= NAME_MAX_SIZE)
		return NAME_MAX_SIZE;
	/* Levenshtein's distance, one row at a time */
	size_t row[NAME_MAX_SIZE];
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
			size_t shorter = row[j - 1] < row[j] ? row[j - 1] + 1 : row[j] + 1;
			diagonal = row[j];
			row[j] = changed < shorter ? changed : shorter;
		}
	}
	return row[b_len];
}

bool name_is_near(const char *typed, const char *b, size_t *nearest)
{
	size_t distance = name_distance(typed, b);
	if (distance >= *nearest || distance > strlen(b) / 3 + 1)
		return false;
	*nearest = distance;
	return true;
}

/* ---- parsing ----------------------------------------------------------------------------------------------- */

struct parse {
	const struct option_set *set;
	void *target;
	bool given[OPTIONS_MAX];
};

static int unknown_option(const struct option_set *set, const char *typed)
{
	char name[NAME_MAX_SIZE];
	const char *bare = typed + strspn(typed, "-");
	text_copy(name, sizeof name, slice_first(slice_from(bare), strcspn(bare, "=")));
	const char *meant = NULL;
	size_t nearest = NAME_MAX_SIZE;
	for (size_t i = 0; i < set->count; i++)
		if (name_is_near(name, set->specs[i].name, &nearest))
			meant = set->specs[i].name;
	if (meant != NULL)
		return command_misused(set->command, "unknown option %s: did you mean --%s?", typed, meant);
	return command_misused(set->command, "unknown option %s", typed);
}

/* The row of "--name", "--name=VALUE" or "-n"; *ret_value is what stands behind '=', or NULL. */
static const struct option_spec *spec_find(const struct option_set *set, const char *typed, const char **ret_value)
{
	*ret_value = NULL;
	if (typed[1] != '-') {
		for (size_t i = 0; i < set->count; i++)
			if (set->specs[i].letter != '\0' && typed[1] == set->specs[i].letter && typed[2] == '\0')
				return &set->specs[i];
		return NULL;
	}
	struct slice name = slice_first(slice_from(typed + 2), strcspn(typed + 2, "="));
	for (size_t i = 0; i < set->count; i++) {
		if (!slice_is(name, set->specs[i].name))
			continue;
		if (typed[2 + name.len] == '=')
			*ret_value = typed + 2 + name.len + 1;
		return &set->specs[i];
	}
	return NULL;
}

static void *member(const struct parse *parse, const struct option_spec *spec)
{
	return (char *)parse->target + spec->offset;
}

static int number_set(const struct parse *parse, const struct option_spec *spec, const char *value, const char *where)
{
	int64_t maximum = spec->maximum > 0 ? spec->maximum : INT64_MAX;
	if (text_to_int(slice_from(value), maximum, member(parse, spec)) == RESULT_OK)
		return OPTIONS_GO;
	if (spec->maximum > 0)
		return command_misused(parse->set->command, "%s%s takes a whole number from 0 to %lld, not \"%s\"", where, spec->name,
		                       (long long)maximum, value);
	return command_misused(parse->set->command, "%s%s takes a whole number, not \"%s\"", where, spec->name, value);
}

/* where: "--", or what names the environment. */
static int value_set(const struct parse *parse, const struct option_spec *spec, const char *value, const char *where)
{
	switch (spec->kind) {
	case OPTION_FLAG: *(bool *)member(parse, spec) = true; break;
	case OPTION_TEXT: *(const char **)member(parse, spec) = value; break;
	case OPTION_NUMBER: return number_set(parse, spec, value, where);
	case OPTION_LIST: {
		struct option_list *list = member(parse, spec);
		if (list->count == OPTION_LIST_MAX)
			return command_misused(parse->set->command, "--%s may be given at most %d times", spec->name, OPTION_LIST_MAX);
		list->items[list->count++] = value;
		break;
	}
	}
	return OPTIONS_GO;
}

/* One option at argv[*at]; *at moves to its last word. */
static int option_take(struct parse *parse, int argc, char **argv, int *at)
{
	const struct option_set *set = parse->set;
	const char *typed = argv[*at];
	const char *value;
	const struct option_spec *spec = spec_find(set, typed, &value);
	if (spec == NULL)
		return unknown_option(set, typed);
	size_t row = (size_t)(spec - set->specs);
	if (parse->given[row] && spec->kind != OPTION_LIST)
		return command_misused(set->command, "--%s is given twice", spec->name);
	parse->given[row] = true;
	if (spec->kind == OPTION_FLAG && value != NULL)
		return command_misused(set->command, "--%s takes no value", spec->name);
	if (spec->kind != OPTION_FLAG && value == NULL) {
		if (*at + 1 >= argc)
			return command_misused(set->command, "--%s needs a value: %s", spec->name, spec->value);
		value = argv[++*at];
	}
	return value_set(parse, spec, value, "--");
}

const char *options_environment(const char *name)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in writ ever changes the environment */
	return getenv(name);
}

static int flag_from_environment(const struct parse *parse, const struct option_spec *spec, const char *value)
{
	static const char *const yes[] = { "1", "true", "yes" };
	static const char *const no[] = { "0", "false", "no" };
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (strcmp(value, yes[i]) != 0 && strcmp(value, no[i]) != 0)
			continue;
		*(bool *)member(parse, spec) = strcmp(value, yes[i]) == 0;
		return OPTIONS_GO;
	}
	return command_misused(parse->set->command, "%s must be 1 or 0, true or false, yes or no", spec->environment);
}

/* What no option gave, the environment may. */
static int environment_take(const struct parse *parse)
{
	for (size_t i = 0; i < parse->set->count; i++) {
		const struct option_spec *spec = &parse->set->specs[i];
		const char *value = parse->given[i] || spec->environment == NULL ? NULL : options_environment(spec->environment);
		if (value == NULL || value[0] == '\0')
			continue;
		int outcome = spec->kind == OPTION_FLAG ? flag_from_environment(parse, spec, value)
		                                        : value_set(parse, spec, value, "the environment's value of --");
		if (outcome != OPTIONS_GO)
			return outcome;
	}
	return OPTIONS_GO;
}

static int arguments_judge(const struct option_set *set, int count, char **argv)
{
	if (count < set->arguments_min)
		return command_misused(set->command, "%s: writ %s %s", count == 0 ? "an argument is missing" : "too few arguments",
		                       set->command, set->usage);
	if (count > set->arguments_max)
		return command_misused(set->command, "one argument too many: %s", argv[set->arguments_max]);
	return OPTIONS_GO;
}

int options_parse(const struct option_set *set, int argc, char **argv, void *target, int *ret_arguments)
{
	struct parse parse = { .set = set, .target = target };
	int arguments = 0;
	bool options_over = false;
	for (int at = 0; at < argc; at++) {
		char *word = argv[at];
		if (options_over || word[0] != '-' || word[1] == '\0') {
			argv[arguments++] = word;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			options_over = true;
			continue;
		}
		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			options_help(set, stdout);
			return EXIT_DONE;
		}
		int outcome = option_take(&parse, argc, argv, &at);
		if (outcome != OPTIONS_GO)
			return outcome;
	}
	int outcome = environment_take(&parse);
	if (outcome == OPTIONS_GO)
		outcome = arguments_judge(set, arguments, argv);
	if (outcome == OPTIONS_GO && ret_arguments != NULL)
		*ret_arguments = arguments;
	return outcome;
}

/* ---- --help ------------------------------------------------------------------------------------------------ */

/* "  -f, --file FILE"; its width without the end. */
static size_t left_column(const struct option_spec *spec, char *text, size_t size)
{
	char letter[8] = "";
	if (spec->letter != '\0')
		snprintf(letter, sizeof letter, "-%c, ", spec->letter);
	int length = snprintf(text, size, "  %s--%s%s%s", letter, spec->name, spec->value == NULL ? "" : " ",
	                      spec->value == NULL ? "" : spec->value);
	return length < 0 ? 0 : (size_t)length;
}

void options_help(const struct option_set *set, FILE *out)
{
	char left[2 * NAME_MAX_SIZE];
	size_t column = strlen("  -h, --help");
	for (size_t i = 0; i < set->count; i++) {
		size_t width = left_column(&set->specs[i], left, sizeof left);
		column = width > column && width <= HELP_COLUMN_MAX ? width : column;
	}
	fprintf(out, "Usage: writ %s%s%s\n\n%s\n\nOptions:\n", set->command, set->usage[0] == '\0' ? "" : " ", set->usage, set->about);
	for (size_t i = 0; i < set->count; i++) {
		const struct option_spec *spec = &set->specs[i];
		size_t width = left_column(spec, left, sizeof left);
		if (width > column)
			fprintf(out, "%s\n%*s", left, (int)column, "");
		else
			fprintf(out, "%-*s", (int)column, left);
		fprintf(out, "  %s", spec->help);
		if (spec->environment != NULL)
			fprintf(out, " (or %s in the environment)", spec->environment);
		fputc('\n', out);
	}
	fprintf(out, "%-*s  shows this\n", (int)column, "  -h, --help");
	if (set->notes != NULL)
		fprintf(out, "\n%s\n", set->notes);
}
