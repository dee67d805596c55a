/* writ api list */
#include "cli/api/api.h"

#include "cli/api/api_json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/show.h"
#include "cli/store_session.h"

#include <stdio.h>
#include <string.h>

struct list_command {
	struct store_options store;
	const char *partition;
	bool json, operations;
};

static const struct option_spec specs[] = {
	STORE_OPTION(struct list_command, store),
	{ .name = "partition", .value = "ID", .help = "only this partition", .kind = OPTION_TEXT, .offset = offsetof(struct list_command, partition) },
	{ .name = "operations", .help = "each operation too, with those who may call it", .kind = OPTION_FLAG,
	  .offset = offsetof(struct list_command, operations) },
	{ .name = "json", .help = "one JSON array, operations included", .kind = OPTION_FLAG, .offset = offsetof(struct list_command, json) },
};

static const struct option_set set = {
	.command = "api list",
	.usage = "[OPTIONS]",
	.about = "Lists the protected APIs of the store.",
	.specs = specs,
	.count = sizeof specs / sizeof *specs,
	.notes = "  writ api list --partition TMPRODB88619984 --operations\n",
};

struct listing {
	const struct list_command *command;
	struct store *store;
	const struct partition_id *partition;
	struct arena *arena; /* of one operation */
	bool partition_found, any;
};

static void print_json_operation(struct listing *listing, const struct api_operation *operation, bool first)
{
	struct writer out = writer_new(listing->arena, 512);
	writer_text(&out, first ? "\n  {" : ",\n  {");
	operation_members_json(&out, operation);
	alternatives_member_json(&out, "alternatives", operation, false);
	writer_byte(&out, '}');
	if (writer_ok(&out))
		fwrite(out.bytes, 1, out.len, stdout);
	arena_reset(listing->arena);
}

static void print_json(struct listing *listing, const struct api *api)
{
	struct writer out = writer_new(listing->arena, 256);
	writer_text(&out, listing->any ? ",\n{" : "\n{");
	writer_json_member(&out, "partition", partition_id_slice(listing->partition));
	writer_json_member(&out, "name", api->name);
	writer_json_key(&out, "operations");
	writer_byte(&out, '[');
	fwrite(out.bytes, 1, out.len, stdout);
	arena_reset(listing->arena);
	for (size_t i = 0; i < api->operation_count; i++)
		print_json_operation(listing, &api->operations[i], i == 0);
	fputs("]}", stdout);
}

static void print_operation(struct listing *listing, const struct api_operation *operation)
{
	printf("  %-7.*s %s", SLICE_ARGS(operation->method), show_text(listing->arena, operation->path, LIMIT_API_PATH));
	for (size_t i = 0; i < operation->alternative_count; i++) {
		const struct api_alternative *alternative = &operation->alternatives[i];
		printf("%s%s%s%.*s%s", i == 0 ? "  " : ", ", api_actor_name(alternative->actor), alternative->scopes.len > 0 ? " (" : "",
		       SLICE_ARGS(alternative->scopes), alternative->scopes.len > 0 ? ")" : "");
	}
	puts(operation->alternative_count == 0 ? "  closed" : "");
	arena_reset(listing->arena);
}

static void print_text(struct listing *listing, const struct api *api)
{
	size_t closed = 0;
	for (size_t i = 0; i < api->operation_count; i++)
		closed += api->operations[i].alternative_count == 0;
	printf("%-20s %s: %zu operation%s", listing->partition->text, show_text(listing->arena, api->name, LIMIT_ID), api->operation_count,
	       api->operation_count == 1 ? "" : "s");
	if (closed > 0)
		printf(", %zu closed", closed);
	putchar('\n');
	arena_reset(listing->arena);
	for (size_t i = 0; i < api->operation_count && listing->command->operations; i++)
		print_operation(listing, &api->operations[i]);
}

static enum result list_api(void *context, const struct api *api)
{
	struct listing *listing = context;
	if (listing->command->json)
		print_json(listing, api);
	else
		print_text(listing, api);
	listing->any = true;
	return ferror(stdout) != 0 ? RESULT_FAILED : RESULT_OK;
}

static enum result list_partition(void *context, const struct partition *partition)
{
	struct listing *listing = context;
	const struct partition_id id = partition->id;
	if (listing->command->partition != NULL && strcmp(listing->command->partition, id.text) != 0)
		return RESULT_OK;
	listing->partition_found = true;
	listing->partition = &id;
	return store_apis_each(listing->store, &id, list_api, listing);
}

static enum result list_all(struct listing *listing, struct problem *problem)
{
	fputs(listing->command->json ? "[" : "", stdout);
	enum result result = store_partitions_each(listing->store, list_partition, listing);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the APIs cannot be listed: %s", result_text(result));
	fputs(listing->command->json ? "\n]\n" : "", stdout);
	if (!listing->partition_found)
		return partition_missing(problem, listing->command->partition == NULL ? "" : listing->command->partition);
	if (!listing->any && !listing->command->json)
		puts("There are no APIs yet: write them into the apis of a partition, and apply that (docs/administrator.md).");
	return RESULT_OK;
}

int api_list(int argc, char **argv)
{
	struct list_command command = { .json = false };
	int code = options_parse(&set, argc, argv, &command, NULL);
	if (code != OPTIONS_GO)
		return code;
	struct store_session session;
	struct problem problem = { "memory is out" };
	struct arena *arena = arena_new(16 * 1024, LIMIT_API_SIZE);
	enum result result = store_session_open(&session, &command.store, STORE_READ_ONLY, false, &problem);
	if (result == RESULT_OK && arena == NULL)
		result = RESULT_NO_MEMORY;
	struct listing listing = { .command = &command, .store = session.store, .arena = arena };
	if (result == RESULT_OK)
		result = list_all(&listing, &problem);
	store_session_close(&session);
	arena_free(arena);
	return result == RESULT_OK ? EXIT_DONE : command_fail("api", "%s", problem.text);
}
