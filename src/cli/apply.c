/* writ apply */
#include "cli/apply_report.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/store_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct apply_command {
	struct store_options store;
	const char *file;
	bool dry_run, prune, reset_passwords, add_permissions, json, quiet, verbose;
};

#define FLAG(member) .kind = OPTION_FLAG, .offset = offsetof(struct apply_command, member)

static const struct option_spec specs[] = {
	{ .name = "file", .letter = 'f', .value = "FILE", .help = "the document, YAML or JSON; - for standard input", .kind = OPTION_TEXT,
	  .offset = offsetof(struct apply_command, file) },
	STORE_OPTION(struct apply_command, store),
	MASTER_KEY_OPTION(struct apply_command, store),
	{ .name = "dry-run", .help = "say what would change, and change nothing", FLAG(dry_run) },
	{ .name = "prune", .help = "delete what the document leaves out", FLAG(prune) },
	{ .name = "reset-passwords", .help = "set the passwords in the document also where there is one", FLAG(reset_passwords) },
	{ .name = "add-permissions", .help = "make permissions of the scopes that APIs name and the partition does not know", FLAG(add_permissions) },
	{ .name = "verbose", .help = "print each difference, however many they are, and each operation of APIs", FLAG(verbose) },
	{ .name = "quiet", .help = "print nothing but the client secrets that were made", FLAG(quiet) },
	{ .name = "json", .help = "one JSON object", FLAG(json) },
};

static const struct option_set set = {
	.command = "apply",
	.usage = "-f FILE [OPTIONS]",
	.about = "Makes the store match a document: all of it or, when a rule is broken, nothing. Applying it twice changes nothing the second time. "
	         "Servers that run on the store see the change when the command returns.",
	.specs = specs,
	.count = sizeof specs / sizeof *specs,
	.notes = "  writ apply -f examples/demo.yaml\n  writ apply -f directory.yaml --prune --dry-run\n",
};

/* A pipe cannot be read a second time: its document is kept in a file that nobody else sees. -1 with errno. */
static int spool(int from)
{
	FILE *file = tmpfile();
	if (file == NULL)
		return -1;
	char bytes[64 * 1024];
	ssize_t len = 0;
	bool good = true;
	while (good && ((len = read(from, bytes, sizeof bytes)) > 0 || (len < 0 && errno == EINTR)))
		good = len < 0 || fwrite(bytes, 1, (size_t)len, file) == (size_t)len;
	int fd = -1;
	if (good && len == 0 && fflush(file) == 0)
		fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
	int error = errno;
	fclose(file);
	errno = error;
	return fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -1 : fd;
}

static int document_descriptor(const char *file)
{
	if (strcmp(file, "-") == 0)
		return lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : spool(STDIN_FILENO);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || lseek(fd, 0, SEEK_CUR) >= 0)
		return fd;
	int spooled = spool(fd);
	close(fd);
	return spooled;
}

/* A dry run where there is no store yet plays on one that is thrown away. */
struct trial {
	char folder[64];
	char url[96];
};

static bool trial_make(struct trial *trial)
{
	const char *temporary = getenv("TMPDIR");
	int len = snprintf(trial->folder, sizeof trial->folder, "%s/writ-dry-run-XXXXXX", temporary == NULL || temporary[0] == '\0' ? "/tmp" : temporary);
	if (len < 0 || (size_t)len >= sizeof trial->folder || mkdtemp(trial->folder) == NULL)
		return false;
	snprintf(trial->url, sizeof trial->url, "sqlite:%s/writ.db", trial->folder);
	return true;
}

static void trial_remove(const struct trial *trial)
{
	static const char *const files[] = { "writ.db", "writ.db-wal", "writ.db-shm", "writ.db-journal" };
	int folder = open(trial->folder, O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; folder >= 0 && i < sizeof files / sizeof *files; i++)
		unlinkat(folder, files[i], 0);
	if (folder >= 0)
		close(folder);
	rmdir(trial->folder);
}

static enum result run_on(struct store_session *session, const struct apply_command *command, int fd, struct apply_report *report,
                          struct apply_summary *ret, struct problem *problem)
{
	struct stat status;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		report->size = status.st_size;
	const char *slash = strrchr(command->file, '/');
	char *folder = slash == NULL ? NULL : strndup(command->file, slash == command->file ? 1 : (size_t)(slash - command->file));
	if (slash != NULL && folder == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "memory is out");
	const struct apply_options options = {
		.fd = fd,
		.file_name = strcmp(command->file, "-") == 0 ? "standard input" : command->file,
		.size = report->size,
		.dry_run = command->dry_run,
		.prune = command->prune,
		.reset_passwords = command->reset_passwords,
		.add_permissions = command->add_permissions,
		.folder = folder == NULL ? "" : folder,
		.actor = SLICE_OF("command line"),
		.context = report,
		.changed = apply_report_changed,
		.secret = apply_report_secret,
		.warned = apply_report_warned,
		.api = apply_report_api,
		.unknown_scope = apply_report_unknown_scope,
		.restarted = apply_report_restarted,
		.progress = apply_report_progress,
	};
	enum result result = directory_apply(session->store, &session->master_key, &options, ret, problem);
	apply_report_progress_end(report);
	free(folder);
	return result;
}

static enum result run(const struct apply_command *command, int fd, struct apply_report *report, struct apply_summary *ret, struct problem *problem)
{
	struct store_session session;
	struct trial trial = { .folder = "" };
	enum store_mode mode = command->dry_run ? STORE_EXISTING : STORE_CREATE;
	enum result result = store_session_open(&session, &command->store, mode, !command->dry_run, problem);
	if (result == RESULT_NOT_FOUND && command->dry_run && trial_make(&trial)) {
		const struct store_options options = { .store = trial.url };
		store_session_close(&session);
		result = store_session_open(&session, &options, STORE_CREATE, false, problem);
	}
	if (result == RESULT_OK)
		result = run_on(&session, command, fd, report, ret, problem);
	store_session_close(&session);
	if (trial.folder[0] != '\0')
		trial_remove(&trial);
	return result;
}

int command_apply(int argc, char **argv)
{
	struct apply_command command = { .file = NULL };
	int code = options_parse(&set, argc, argv, &command, NULL);
	if (code != OPTIONS_GO)
		return code;
	if (command.file == NULL || command.file[0] == '\0')
		return command_misused("apply", "name the document: -f FILE, or -f - for standard input");
	int fd = document_descriptor(command.file);
	if (fd < 0)
		return command_fail("apply", "%s cannot be read: %s", command.file, strerror(errno));
	struct apply_report report = { .json = command.json, .quiet = command.quiet, .verbose = command.verbose, .dry_run = command.dry_run };
	struct apply_summary summary;
	struct problem problem = { "memory or room for temporary files is out" };
	bool good = apply_report_open(&report) && run(&command, fd, &report, &summary, &problem) == RESULT_OK;
	close(fd);
	if (!good)
		code = command_fail("apply", "%s", problem.text);
	else if (!apply_report_print(&report, &summary))
		code = command_fail("apply", "the change is made, but its report cannot be written: %s", strerror(errno));
	else
		code = EXIT_DONE;
	apply_report_close(&report);
	return code;
}
