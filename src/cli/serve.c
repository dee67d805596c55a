/* writ serve */
#include "cli/command.h"
#include "cli/options.h"
#include "server/demo.h"
#include "server/server.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#define SPECS_MAX 40

static enum option_kind option_kind_of(enum config_kind kind)
{
	return kind == CONFIG_FLAG ? OPTION_FLAG : kind == CONFIG_NUMBER ? OPTION_NUMBER : OPTION_TEXT;
}

/* The options are the configuration's keys. */
static size_t make_specs(struct option_spec specs[SPECS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < config_key_count && count < SPECS_MAX; i++) {
		const struct config_key *key = &config_keys[i];
		specs[count++] = (struct option_spec) {
			.name = key->name,
			.value = key->value,
			.help = key->help,
			.kind = option_kind_of(key->kind),
			.offset = key->offset,
			.environment = key->environment,
			.maximum = key->maximum,
		};
	}
	return count;
}

static int next_signal(void)
{
	sigset_t set;
	int signal_number = SIGTERM;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigwait(&set, &signal_number);
	return signal_number;
}

static void block_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Connections come and go with 24 KiB each: what they held is to go back to the system, and threads are not to keep
 * heaps of their own. */
#define MAPPED_FROM (20 * 1024)
#define HEAPS 2

static int run(const struct config *flags, struct arena *arena)
{
	static struct server server; /* large, and one a process */
	struct problem problem = { "out of memory" };
	struct config config = *flags;
	if (config.config_file != NULL && config_read_file(&config, config.config_file, arena, &problem) != RESULT_OK)
		return command_fail("serve", "%s", problem.text);
	block_signals();
	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
	mallopt(M_ARENA_MAX, HEAPS);
	if (server_start(&server, &config, &problem) != RESULT_OK)
		return command_fail("serve", "%s", problem.text);
	if (config.demo)
		demo_print(server.store, server.config.auth_url, server.config.api_url, stdout);
	while (next_signal() == SIGHUP)
		server_reload(&server, flags);
	log_line(LOG_INFO, "stopping: requests under way are finished first", NULL, 0);
	server_stop(&server);
	return EXIT_DONE;
}

int command_serve(int argc, char **argv)
{
	struct option_spec specs[SPECS_MAX];
	const struct option_set set = {
		.command = "serve",
		.usage = "[OPTIONS]",
		.about = "Runs the server until SIGTERM. SIGHUP reads the configuration file and the TLS certificate again. "
		         "Flags win over the environment, which wins over the file.",
		.specs = specs,
		.count = make_specs(specs),
		.notes = "Try: writ serve --demo",
	};
	struct config flags;
	config_init(&flags);
	int code = options_parse(&set, argc, argv, &flags, NULL);
	if (code != OPTIONS_GO)
		return code;
	struct arena *arena = arena_new(4096, LIMIT_CONFIG_SIZE * 2);
	if (arena == NULL)
		return command_fail("serve", "no memory to start");
	code = run(&flags, arena);
	arena_free(arena);
	return code;
}
