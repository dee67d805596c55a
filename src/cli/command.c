#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE 2048

/* Whatever was typed or answered stays one line and plays no tricks with a terminal. */
static void line_make(char line[LINE_SIZE], const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static void line_make(char line[LINE_SIZE], const char *format, va_list args)
{
	vsnprintf(line, LINE_SIZE, format, args);
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	fflush(stdout);
}

int command_fail(const char *command, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	va_start(args, format);
	line_make(line, format, args);
	va_end(args);
	fprintf(stderr, "writ %.*s: %s\n", (int)strcspn(command, " "), command, line);
	return EXIT_FAILED;
}

int command_misused(const char *command, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	va_start(args, format);
	line_make(line, format, args);
	va_end(args);
	fprintf(stderr, "writ %s: %s (writ %s --help)\n", command, line, command);
	return EXIT_USAGE;
}
