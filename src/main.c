/* argv -> command. */
#include "cli/command.h"
#include "cli/options.h"
#include "jose/json_strict.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
	{ "serve", "run the server", command_serve },
	{ "apply", "make the store match a document", command_apply },
	{ "export", "print the store as such a document", command_export },
	{ "token", "get a token the way a client application would", command_token },
	{ "login", "sign a person in by the browser", command_login },
	{ "call", "call an API with a token", command_call },
	{ "api", "list protected APIs, explain who may call what", command_api },
	{ "gateway", "print a reverse proxy's configuration", command_gateway },
	{ "keys", "list and rotate signing keys", command_keys },
	{ "backup", "copy the store into a file", command_backup },
	{ "restore", "make a store from a backup", command_restore },
	{ "doctor", "look for what is wrong and say what to do", command_doctor },
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(FILE *out)
{
	fprintf(out, "writ %s: an OAuth 2.0 and OpenID Connect authorization server\n\nUsage: writ COMMAND [OPTIONS]\n\n", WRIT_VERSION);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\nwrit COMMAND --help says more. Try: writ serve --demo\n");
}

static int unknown_command(const char *name)
{
	const char *near = NULL;
	size_t nearest = (size_t)-1;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (name_is_near(name, commands[i].name, &nearest))
			near = commands[i].name;
	fprintf(stderr, "writ: there is no command %s%s%s%s (writ --help lists them)\n", name, near == NULL ? "" : ": did you mean ",
	        near == NULL ? "" : near, near == NULL ? "" : "?");
	return EXIT_USAGE;
}

/* A descriptor that the caller closed would be given to the next file or socket that is opened. */
static bool standard_files_open(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	if (!standard_files_open())
		return EXIT_FAILED;
	if (sodium_init() < 0) {
		fprintf(stderr, "writ: no source of random numbers: nothing can be made safely here\n");
		return EXIT_FAILED;
	}
	json_memory_wipe();
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("writ %s\n", WRIT_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	return unknown_command(argv[1]);
}
