/* What writ apply says of APIs: operations read, the ways to be allowed to call each, what stays closed, scopes that nobody can have. */
#include "cli/apply_report.h"

#include "cli/show.h"
#include "directory/openapi/openapi.h"

#include <unistd.h>

enum { SCOPES_SHOWN = 50 };

bool apply_report_apis_open(struct apply_report *report)
{
	report->apis = tmpfile();
	report->scopes = tmpfile();
	return report->apis != NULL && report->scopes != NULL;
}

static void start_over(struct apply_report *report, FILE *file)
{
	rewind(file);
	if (ftruncate(fileno(file), 0) != 0)
		report->failed = true;
}

void apply_report_apis_restart(struct apply_report *report)
{
	report->api_count = 0;
	report->scope_count = 0;
	start_over(report, report->apis);
	start_over(report, report->scopes);
}

void apply_report_apis_close(struct apply_report *report)
{
	if (report->apis != NULL)
		fclose(report->apis);
	if (report->scopes != NULL)
		fclose(report->scopes);
}

static void json_operation(struct writer *line, const struct api_operation *operation, unsigned at)
{
	writer_byte(line, '{');
	writer_json_member(line, "method", operation->method);
	writer_json_member(line, "path", operation->path);
	writer_json_member_int(line, "line", at);
	writer_json_key(line, "alternatives");
	writer_byte(line, '[');
	for (size_t i = 0; i < operation->alternative_count; i++) {
		writer_text(line, i == 0 ? "{" : ",{");
		writer_json_member(line, "actor", slice_from(api_actor_name(operation->alternatives[i].actor)));
		writer_json_key(line, "scopes");
		writer_json_words(line, operation->alternatives[i].scopes);
		writer_byte(line, '}');
	}
	writer_text(line, "]}");
}

static void json_api(struct apply_report *report, const struct apply_api *told)
{
	struct writer line = writer_new(report->arena, 1024);
	writer_text(&line, report->api_count == 1 ? "\n{" : ",\n{");
	writer_json_member(&line, "partition", told->partition);
	writer_json_member(&line, "name", told->name);
	writer_json_member(&line, "file", slice_from(told->file_name));
	writer_json_member_int(&line, "operations_read", (int64_t)told->api->operation_count);
	writer_json_member_int(&line, "alternatives", (int64_t)told->report->alternatives);
	writer_json_member_int(&line, "closed", (int64_t)told->report->closed);
	writer_json_key(&line, "schemes_without_actor");
	writer_byte(&line, '[');
	for (size_t i = 0; i < told->report->scheme_count; i++) {
		if (i > 0)
			writer_byte(&line, ',');
		writer_json_string(&line, told->report->schemes_without_actor[i]);
	}
	writer_text(&line, "],\"operations\":[");
	apply_report_line(report, report->apis, &line);
	for (size_t i = 0; i < told->api->operation_count; i++) {
		line = writer_new(report->arena, 512);
		writer_text(&line, i == 0 ? "\n" : ",\n");
		json_operation(&line, &told->api->operations[i], told->report->operation_lines[i]);
		apply_report_line(report, report->apis, &line);
	}
	line = writer_new(report->arena, 8);
	writer_text(&line, "]}");
	apply_report_line(report, report->apis, &line);
}

/* "    GET /a/{id}  line 12: user (read), client (.default)" */
static void text_operation(struct apply_report *report, const struct api_operation *operation, unsigned at)
{
	struct writer line = writer_new(report->arena, 512);
	writer_print(&line, "    %.*s %s, line %u:", SLICE_ARGS(operation->method), show_text(report->arena, operation->path, LIMIT_API_PATH), at);
	for (size_t i = 0; i < operation->alternative_count; i++) {
		const struct api_alternative *alternative = &operation->alternatives[i];
		writer_print(&line, "%s %s", i == 0 ? "" : ",", api_actor_name(alternative->actor));
		if (alternative->scopes.len > 0)
			writer_print(&line, " (%.*s)", SLICE_ARGS(alternative->scopes));
	}
	writer_text(&line, operation->alternative_count == 0 ? " closed\n" : "\n");
	apply_report_line(report, report->apis, &line);
}

static void text_api(struct apply_report *report, const struct apply_api *told)
{
	const struct openapi_report *read = told->report;
	struct writer line = writer_new(report->arena, 512);
	writer_print(&line, "API %s in %s: %zu operations read, %zu alternatives", show_text(report->arena, told->name, LIMIT_ID),
	             show_text(report->arena, told->partition, LIMIT_PARTITION_ID), told->api->operation_count, read->alternatives);
	if (read->closed > 0)
		writer_print(&line, ", %zu closed", read->closed);
	writer_byte(&line, '\n');
	for (size_t i = 0; i < read->scheme_count; i++)
		writer_print(&line, "%s%s", i == 0 ? "  schemes without an actor: " : ", ",
		             show_text(report->arena, read->schemes_without_actor[i], LIMIT_NAME));
	if (read->scheme_count > 0)
		writer_byte(&line, '\n');
	apply_report_line(report, report->apis, &line);
	for (size_t i = 0; i < told->api->operation_count && report->verbose; i++)
		text_operation(report, &told->api->operations[i], read->operation_lines[i]);
}

void apply_report_api(void *context, const struct apply_api *told)
{
	struct apply_report *report = context;
	report->api_count++;
	if (report->json)
		json_api(report, told);
	else if (!report->quiet)
		text_api(report, told);
}

void apply_report_unknown_scope(void *context, const struct apply_unknown_scope *told)
{
	struct apply_report *report = context;
	report->scope_count++;
	report->scopes_added = told->added;
	if (report->quiet || (!report->json && !report->verbose && report->scope_count > SCOPES_SHOWN))
		return;
	struct writer line = writer_new(report->arena, 512);
	if (report->json) {
		writer_text(&line, report->scope_count == 1 ? "\n{" : ",\n{");
		writer_json_member(&line, "partition", told->partition);
		writer_json_member(&line, "api", told->api);
		writer_json_member(&line, "scope", told->scope);
		writer_json_member(&line, "file", slice_from(told->file_name));
		writer_json_member_int(&line, "line", told->line);
		writer_json_member_bool(&line, "added", told->added);
		writer_byte(&line, '}');
	} else {
		writer_print(&line, "  %s:%u: %s (API %s in %s)\n", told->file_name, told->line, show_text(report->arena, told->scope, LIMIT_PERMISSION_NAME),
		             show_text(report->arena, told->api, LIMIT_ID), show_text(report->arena, told->partition, LIMIT_PARTITION_ID));
	}
	apply_report_line(report, report->scopes, &line);
}

bool apply_report_apis_print(struct apply_report *report)
{
	if (report->json) {
		fputs("\"apis\":[", stdout);
		bool good = apply_report_copy_out(report->apis);
		fputs("],\n\"unknown_scopes\":[", stdout);
		good = apply_report_copy_out(report->scopes) && good;
		fputs("],\n", stdout);
		return good;
	}
	bool good = apply_report_copy_out(report->apis);
	if (report->scope_count == 0)
		return good;
	puts(report->scopes_added ? "These scopes of APIs became permissions of their partition:"
	                          : "These scopes of APIs are no permissions of their partition, so no token has them; --add-permissions adds them:");
	good = apply_report_copy_out(report->scopes) && good;
	if (report->scope_count > SCOPES_SHOWN && !report->verbose)
		printf("  and %lld more; --verbose prints each\n", (long long)(report->scope_count - SCOPES_SHOWN));
	return good;
}
