/* writ backup FILE, writ restore FILE */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/store_session.h"

#include <stdio.h>

struct backup_options {
	struct store_options store;
};

static const struct option_spec specs[] = { STORE_OPTION(struct backup_options, store) };

int command_backup(int argc, char **argv)
{
	const struct option_set set = {
		.command = "backup",
		.usage = "[OPTIONS] FILE",
		.about = "Copies the store into a new file while servers go on. The master key is not in it: keep a copy of that file elsewhere.",
		.specs = specs,
		.count = 1,
		.arguments_min = 1,
		.arguments_max = 1,
	};
	struct backup_options options = { .store = { NULL, NULL } };
	int arguments;
	int code = options_parse(&set, argc, argv, &options, &arguments);
	if (code != OPTIONS_GO)
		return code;
	struct store_session session;
	struct problem problem;
	enum result result = store_session_open(&session, &options.store, STORE_READ_ONLY, false, &problem);
	if (result == RESULT_OK)
		result = store_backup(session.store, argv[0], &problem);
	store_session_close(&session);
	if (result != RESULT_OK)
		return command_fail("backup", "%s", problem.text);
	printf("The store was copied to %s. The master key is not in it: keep a copy of the key file in another place, "
	       "for without it the signing keys cannot be used.\n", argv[0]);
	return EXIT_DONE;
}

int command_restore(int argc, char **argv)
{
	const struct option_set set = {
		.command = "restore",
		.usage = "[OPTIONS] FILE",
		.about = "Makes the store from a backup. A store that holds something is refused.",
		.specs = specs,
		.count = 1,
		.arguments_min = 1,
		.arguments_max = 1,
	};
	struct backup_options options = { .store = { NULL, NULL } };
	int arguments;
	int code = options_parse(&set, argc, argv, &options, &arguments);
	if (code != OPTIONS_GO)
		return code;
	const char *url = options.store.store == NULL ? DEFAULT_STORE : options.store.store;
	struct problem problem;
	if (store_restore(slice_from(url), argv[0], &problem) != RESULT_OK)
		return command_fail("restore", "%s", problem.text);
	printf("%s was restored from %s. Put the master key of that store where it belongs (for sqlite: "
	       "the path with .key behind it, mode 0600) before serving.\n",
	       url, argv[0]);
	return EXIT_DONE;
}
