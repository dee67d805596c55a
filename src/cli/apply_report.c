#include "cli/apply_report.h"

#include "base/writer.h"
#include "cli/show.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LINES_SHOWN = 200, BAR_WIDTH = 30, BAR_FROM_SIZE = 1 << 20, LINE_MAX_SIZE = 16 * 1024 * 1024 };

static const char *const kinds[APPLY_KINDS] = { "partition",          "department", "permission",       "user", "customer",
	                                          "client application", "API",        "identity provider" };

bool apply_report_open(struct apply_report *report)
{
	report->percent = -1;
	report->differences = tmpfile();
	/* in memory: secrets are not written to disk */
	int memory = memfd_create("secrets", MFD_CLOEXEC);
	report->secrets = memory < 0 ? NULL : fdopen(memory, "w+");
	report->arena = arena_new(64 * 1024, LINE_MAX_SIZE);
	return apply_report_apis_open(report) && report->differences != NULL && report->secrets != NULL && report->arena != NULL;
}

void apply_report_close(struct apply_report *report)
{
	if (report->differences != NULL)
		fclose(report->differences);
	if (report->secrets != NULL)
		fclose(report->secrets);
	apply_report_apis_close(report);
	arena_free(report->arena);
}

void apply_report_line(struct apply_report *report, FILE *file, const struct writer *line)
{
	struct slice bytes = writer_slice(line);
	if (!writer_ok(line) || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len)
		report->failed = true;
	arena_reset(report->arena);
}

static void json_change(struct writer *line, const struct apply_change *change)
{
	const char *what = change->what == APPLY_ADD ? "add" : change->what == APPLY_CHANGE ? "change" : "delete";
	writer_byte(line, '{');
	writer_json_member(line, "what", slice_from(what));
	writer_json_member(line, "kind", slice_from(change->kind));
	writer_json_member(line, "partition", change->partition);
	writer_json_member(line, "key", change->key);
	writer_json_member(line, "name", change->name);
	if (change->fields.len > 0)
		writer_json_member(line, "fields", change->fields);
	writer_byte(line, '}');
}

/* "~ user 1001 (pa) in TMPRODB88619984: enabled: true -> false" */
static void text_change(struct writer *line, const struct apply_change *change)
{
	struct arena *arena = line->arena;
	writer_print(line, "%c %s %s", (char)change->what, change->kind, show_text(arena, change->key, LIMIT_NAME));
	if (change->name.len > 0 && !slice_equal(change->name, change->key))
		writer_print(line, " (%s)", show_text(arena, change->name, LIMIT_EMAIL));
	if (strcmp(change->kind, "partition") != 0)
		writer_print(line, " in %s", show_text(arena, change->partition, LIMIT_PARTITION_ID));
	if (change->fields.len > 0)
		writer_print(line, ": %s", show_text(arena, change->fields, LIMIT_APPLY_OBJECT_SIZE));
	writer_byte(line, '\n');
}

void apply_report_changed(void *context, const struct apply_change *change)
{
	struct apply_report *report = context;
	size_t what = change->what == APPLY_ADD ? 0 : change->what == APPLY_CHANGE ? 1 : 2;
	for (size_t i = 0; i < APPLY_KINDS; i++)
		if (strcmp(kinds[i], change->kind) == 0)
			report->counts[what][i]++;
	report->lines++;
	if (report->quiet || (!report->json && !report->verbose && report->lines > LINES_SHOWN))
		return;
	struct writer line = writer_new(report->arena, 512);
	if (report->json) {
		writer_text(&line, report->lines == 1 ? "\n" : ",\n");
		json_change(&line, change);
	} else {
		text_change(&line, change);
	}
	apply_report_line(report, report->differences, &line);
}

void apply_report_secret(void *context, const struct apply_secret *secret)
{
	struct apply_report *report = context;
	struct writer line = writer_new(report->arena, 512);
	report->secret_count++;
	if (report->json) {
		writer_text(&line, report->secret_count == 1 ? "\n{" : ",\n{");
		writer_json_member(&line, "partition", secret->partition);
		writer_json_member(&line, "client_id", secret->client_id);
		writer_json_member(&line, "name", secret->application);
		writer_json_member(&line, "label", secret->label);
		writer_json_member(&line, "value", secret->value);
		writer_byte(&line, '}');
	} else {
		writer_print(&line, "  %s %s (%s), %s: ", show_text(report->arena, secret->partition, LIMIT_PARTITION_ID),
		             show_text(report->arena, secret->client_id, LIMIT_ID), show_text(report->arena, secret->application, LIMIT_NAME),
		             show_text(report->arena, secret->label, LIMIT_ID));
		writer_put(&line, secret->value);
		writer_byte(&line, '\n');
	}
	apply_report_line(report, report->secrets, &line);
}

void apply_report_warned(void *context, const char *sentence)
{
	struct apply_report *report = context;
	apply_report_progress_end(report);
	fprintf(stderr, "writ apply: warning: %s\n", show_text(report->arena, slice_from(sentence), LIMIT_LONG_PARAMETER));
	arena_reset(report->arena);
}

void apply_report_restarted(void *context)
{
	struct apply_report *report = context;
	report->lines = 0;
	memset(report->counts, 0, sizeof report->counts);
	rewind(report->differences);
	if (ftruncate(fileno(report->differences), 0) != 0)
		report->failed = true;
	apply_report_apis_restart(report);
}

void apply_report_progress(void *context, int64_t bytes, int64_t objects)
{
	struct apply_report *report = context;
	if (report->size < BAR_FROM_SIZE || report->quiet || !isatty(STDERR_FILENO))
		return;
	int percent = (int)(bytes >= report->size ? 100 : bytes * 100 / report->size);
	if (percent == report->percent)
		return;
	report->percent = percent;
	report->progress_shown = true;
	char bar[BAR_WIDTH + 1];
	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i * 100 < percent * BAR_WIDTH ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %3d %%  %lld objects", bar, percent, (long long)objects);
}

void apply_report_progress_end(struct apply_report *report)
{
	if (report->progress_shown)
		fputs("\r\033[K", stderr);
	report->progress_shown = false;
}

bool apply_report_copy_out(FILE *from)
{
	char bytes[16 * 1024];
	size_t len;
	rewind(from);
	while ((len = fread(bytes, 1, sizeof bytes, from)) > 0)
		fwrite(bytes, 1, len, stdout);
	wipe(bytes, sizeof bytes);
	return ferror(from) == 0;
}

/* "  1000000 users added" */
static void print_counts(const struct apply_report *report)
{
	static const char *const did[] = { "added", "changed", "deleted" };
	puts("The differences are many; --verbose prints each:");
	for (size_t what = 0; what < 3; what++)
		for (size_t kind = 0; kind < APPLY_KINDS; kind++)
			if (report->counts[what][kind] > 0)
				printf("  %lld %s%s %s\n", (long long)report->counts[what][kind], kinds[kind], report->counts[what][kind] == 1 ? "" : "s", did[what]);
}

static bool print_json(struct apply_report *report, const struct apply_summary *summary)
{
	fputs("{\"changes\":[", stdout);
	bool good = apply_report_copy_out(report->differences);
	fputs("],\n\"secrets\":[", stdout);
	good = apply_report_copy_out(report->secrets) && good;
	fputs("],\n", stdout);
	good = apply_report_apis_print(report) && good;
	printf("\"dry_run\":%s,\"objects\":%lld,\"added\":%lld,\"changed\":%lld,\"deleted\":%lld}\n", report->dry_run ? "true" : "false",
	       (long long)summary->objects, (long long)summary->added, (long long)summary->changed, (long long)summary->deleted);
	return good;
}

static bool print_text(struct apply_report *report, const struct apply_summary *summary)
{
	bool good = true;
	if (!report->quiet) {
		if (report->lines > LINES_SHOWN && !report->verbose)
			print_counts(report);
		else
			good = apply_report_copy_out(report->differences);
		good = apply_report_apis_print(report) && good;
		printf("%lld added, %lld changed, %lld deleted%s\n", (long long)summary->added, (long long)summary->changed, (long long)summary->deleted,
		       report->dry_run ? " (dry run: nothing was done)" : "");
	}
	if (report->secret_count > 0) {
		puts("These client secrets were made. They are shown this once and cannot be shown again:");
		good = apply_report_copy_out(report->secrets) && good;
	}
	return good;
}

bool apply_report_print(struct apply_report *report, const struct apply_summary *summary)
{
	bool good = report->json ? print_json(report, summary) : print_text(report, summary);
	return fflush(stdout) == 0 && ferror(stdout) == 0 && good && !report->failed;
}
