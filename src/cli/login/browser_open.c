#include "cli/login/browser_open.h"

#include "base/limits.h"
#include "cli/options.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#define WORDS_MAX 16    /* of one command */
#define COMMANDS_MAX 16 /* in $BROWSER */
#define ENVIRONMENT_MAX 4096

bool browser_address_is_safe(const char *url)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@%&=+,";
	size_t len = strlen(url);
	bool web = strncmp(url, "https://", strlen("https://")) == 0 || strncmp(url, "http://", strlen("http://")) == 0;
	return web && strspn(url, allowed) == len;
}

/* Our environment but for what only writ may know. */
static char **environment_make(struct arena *arena)
{
	static const struct slice secrets[] = { SLICE("WRIT_CLIENT_SECRET="), SLICE("WRIT_TOKEN=") };
	size_t count = 0, kept = 0;
	while (count < ENVIRONMENT_MAX && environ[count] != NULL)
		count++;
	char **copy = arena_array(arena, count + 1, sizeof *copy);
	for (size_t i = 0; i < count && copy != NULL; i++) {
		struct slice variable = slice_from(environ[i]);
		if (!slice_starts_with(variable, secrets[0]) && !slice_starts_with(variable, secrets[1]))
			copy[kept++] = environ[i];
	}
	return copy;
}

/* "firefox --new-tab %s" as an argument vector; the address goes to its end where no word says where. */
static char **command_make(struct slice command, const char *url, struct arena *arena)
{
	char **words = arena_array(arena, WORDS_MAX + 2, sizeof *words);
	struct slice address = arena_copy(arena, slice_from(url));
	struct slice rest = command, word;
	size_t count = 0;
	bool placed = false;
	if (words == NULL || address.ptr == NULL)
		return NULL;
	while (count < WORDS_MAX && slice_word(&rest, &word)) {
		bool place = slice_is(word, "%s");
		placed = placed || place;
		words[count++] = (char *)(place ? address.ptr : arena_copy(arena, word).ptr);
	}
	if (count == 0 || arena_exhausted(arena))
		return NULL;
	if (!placed)
		words[count] = (char *)address.ptr;
	return words;
}

/* stdin and its output are nobody's: who waits for our output must not wait for a browser's end. */
static bool command_start(char **words, char **environment)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	pid_t pid;
	bool good = false;
	if (posix_spawn_file_actions_init(&files) != 0)
		return false;
	if (posix_spawnattr_init(&attributes) == 0) {
		good = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0 &&
		       posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
		       posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
		       posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
		       posix_spawnp(&pid, words[0], &files, &attributes, words, environment) == 0;
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return good;
}

enum result browser_open(const char *url, struct arena *arena)
{
	const char *named = options_environment("BROWSER");
	struct slice rest = slice_from(named != NULL && named[0] != '\0' ? named : "xdg-open");
	struct slice command;
	char **environment = environment_make(arena);
	if (!browser_address_is_safe(url))
		return RESULT_INVALID;
	for (int i = 0; i < COMMANDS_MAX && environment != NULL && slice_cut(&rest, ':', &command); i++) {
		char **words = command_make(command, url, arena);
		if (words != NULL && command_start(words, environment))
			return RESULT_OK;
	}
	return RESULT_NOT_FOUND;
}
