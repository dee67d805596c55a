/* writ export */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/store_session.h"
#include "directory/export.h"

struct export_command {
	struct store_options store;
	const char *partition;
	bool hashes;
	bool json;
};

static const struct option_spec specs[] = {
	STORE_OPTION(struct export_command, store),
	{ .name = "partition", .value = "ID", .help = "only this partition", .kind = OPTION_TEXT, .offset = offsetof(struct export_command, partition) },
	{ .name = "hashes", .help = "carry the hashes of passwords and client secrets, so that they work after an import", .kind = OPTION_FLAG,
	  .offset = offsetof(struct export_command, hashes) },
	{ .name = "json", .help = "JSON instead of YAML", .kind = OPTION_FLAG, .offset = offsetof(struct export_command, json) },
};

static const struct option_set set = {
	.command = "export",
	.usage = "[OPTIONS]",
	.about = "Prints the directory as a document that writ apply reads: one consistent moment of it, while servers go on. Passwords and client "
	         "secrets are not in it; keys never are.",
	.specs = specs,
	.count = sizeof specs / sizeof *specs,
	.notes = "  writ export > directory.yaml\n  writ export --hashes | writ apply -f - --store sqlite:copy.db\n",
};

int command_export(int argc, char **argv)
{
	struct export_command command = { .partition = NULL };
	int code = options_parse(&set, argc, argv, &command, NULL);
	if (code != OPTIONS_GO)
		return code;
	struct partition_id partition;
	if (command.partition != NULL && !partition_id_parse(slice_from(command.partition), &partition))
		return command_misused("export", "'%s' is no partition id", command.partition);
	struct store_session session;
	struct problem problem;
	enum result result = store_session_open(&session, &command.store, STORE_READ_ONLY, false, &problem);
	if (result == RESULT_OK) {
		const struct export_options options = {
			.partition = command.partition == NULL ? NULL : &partition, .hashes = command.hashes, .json = command.json, .out = stdout
		};
		result = directory_export(session.store, &options, &problem);
	}
	store_session_close(&session);
	return result == RESULT_OK ? EXIT_DONE : command_fail("export", "%s", problem.text);
}
