/* writ api catalogue: what libwrit needs to know of a partition (docs/protocol/catalogue.md) */
#include "cli/api/api_json.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/store_session.h"
#include "server/config.h"

#include <stdio.h>

#define ARENA_FIRST (64 * 1024)
#define ARENA_MAX (4 * (size_t)LIMIT_CATALOGUE_TEXT)

struct catalogue_options {
	struct store_options store;
	const char *partition;
	const char *auth_url;
	const char *api_url;
	struct option_list apis;
};

static const struct option_spec specs[] = {
	STORE_OPTION(struct catalogue_options, store),
	{ .name = "partition", .value = "ID", .help = "whose APIs (the only one besides SYSTEM)", .kind = OPTION_TEXT,
	  .offset = offsetof(struct catalogue_options, partition) },
	{ .name = "auth-url", .value = "URL", .help = "the public address that tokens come from, as for writ serve", .kind = OPTION_TEXT,
	  .offset = offsetof(struct catalogue_options, auth_url), .environment = "WRIT_AUTH_URL" },
	{ .name = "api-url", .value = "URL", .help = "the tokens' audience, as for writ serve (AUTH-URL)", .kind = OPTION_TEXT,
	  .offset = offsetof(struct catalogue_options, api_url), .environment = "WRIT_API_URL" },
	{ .name = "api", .value = "NAME", .help = "only this API; may be given several times (all)", .kind = OPTION_LIST,
	  .offset = offsetof(struct catalogue_options, apis) },
};

static const struct option_set set = {
	.command = "api catalogue",
	.usage = "[OPTIONS] --auth-url URL",
	.about = "Prints a partition's APIs as JSON for libwrit, with which an API decides by itself who may call it: every operation, whom it is "
	         "open to, and whose tokens count.",
	.specs = specs,
	.count = sizeof specs / sizeof *specs,
	.notes = "  writ api catalogue --auth-url https://auth.example.com --api-url https://api.example.com > catalogue.json\n",
};

struct printing {
	const struct catalogue_options *options;
	struct store *store;
	struct arena *arena;
	struct writer json;
	struct config config;
	struct partition_id partition;
	size_t partitions; /* besides SYSTEM, when none was named */
	size_t apis;       /* of options->apis that were found */
};

/* ---- the parts ---------------------------------------------------------------------------------------------------- */

static void next_item(struct writer *json)
{
	const char before = json->len == 0 ? '[' : json->bytes[json->len - 1];
	writer_text(json, before == '[' ? "\n" : ",\n");
}

static enum result print_permission(void *context, const struct permission *permission)
{
	struct printing *printing = context;
	if (permission->kind != PERMISSION_APPLICATION)
		return RESULT_OK;
	next_item(&printing->json);
	writer_json_string(&printing->json, permission->name);
	return RESULT_OK;
}

static void print_operation(struct writer *json, struct slice api, const struct api_operation *operation)
{
	next_item(json);
	writer_byte(json, '{');
	writer_json_member(json, "api", api);
	writer_json_member(json, "method", operation->method);
	writer_json_member(json, "path", operation->path);
	if (operation->operation_id.len > 0)
		writer_json_member(json, "operation_id", operation->operation_id);
	alternatives_member_json(json, "allow", operation, false);
	writer_byte(json, '}');
}

static bool api_is_wanted(struct printing *printing, struct slice name)
{
	const struct option_list *apis = &printing->options->apis;
	for (size_t i = 0; i < apis->count; i++) {
		if (slice_is(name, apis->items[i])) {
			printing->apis++;
			return true;
		}
	}
	return apis->count == 0;
}

static enum result print_api(void *context, const struct api *api)
{
	struct printing *printing = context;
	if (!api_is_wanted(printing, api->name))
		return RESULT_OK;
	for (size_t i = 0; i < api->operation_count; i++)
		print_operation(&printing->json, api->name, &api->operations[i]);
	return printing->json.len > LIMIT_CATALOGUE_TEXT ? RESULT_TOO_LARGE : RESULT_OK;
}

static void print_facts(struct printing *printing)
{
	struct writer *json = &printing->json;
	const char *auth_url = printing->config.auth_url, *id = printing->partition.text;
	writer_byte(json, '{');
	writer_json_member_int(json, "writ_catalogue", 1);
	writer_json_member(json, "partition", partition_id_slice(&printing->partition));
	writer_json_key(json, "issuers");
	writer_print(json, "[\"%s/system/auth/%s-U\",\"%s/system/auth/%s-C\"]", auth_url, id, auth_url, id);
	writer_json_member(json, "audience", slice_from(printing->config.api_url));
}

static enum result print_all(struct printing *printing, struct problem *problem)
{
	struct writer *json = &printing->json;
	print_facts(printing);
	writer_json_key(json, "application_permissions");
	writer_byte(json, '[');
	enum result result = store_permissions_each(printing->store, &printing->partition, print_permission, printing);
	writer_byte(json, ']');
	writer_json_key(json, "operations");
	writer_byte(json, '[');
	if (result == RESULT_OK)
		result = store_apis_each(printing->store, &printing->partition, print_api, printing);
	writer_text(json, "\n]}\n");
	if (result == RESULT_TOO_LARGE || (result == RESULT_OK && !writer_ok(json)))
		return problem_set(problem, RESULT_TOO_LARGE, "the catalogue is larger than %d MiB: name with --api those that one program serves",
		                   LIMIT_CATALOGUE_TEXT / 1024 / 1024);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the APIs cannot be read: %s", result_text(result));
	if (printing->apis != printing->options->apis.count)
		return problem_set(problem, RESULT_NOT_FOUND, "the partition %s has not all of the APIs that --api names (writ api list shows them)",
		                   printing->partition.text);
	return RESULT_OK;
}

/* ---- which partition, which addresses --------------------------------------------------------------------------- */

static enum result find_partition(void *context, const struct partition *partition)
{
	struct printing *printing = context;
	const struct slice id = partition_id_slice(&partition->id);
	const char *named = printing->options->partition;
	if (named == NULL ? slice_is(id, PARTITION_SYSTEM) : !slice_is(id, named))
		return RESULT_OK;
	printing->partition = partition->id;
	printing->partitions++;
	return RESULT_OK;
}

static enum result choose_partition(struct printing *printing, struct problem *problem)
{
	const char *named = printing->options->partition;
	enum result result = store_partitions_each(printing->store, find_partition, printing);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the partitions cannot be read: %s", result_text(result));
	if (printing->partitions == 0)
		return partition_missing(problem, named == NULL ? "besides SYSTEM" : named);
	if (printing->partitions > 1)
		return problem_set(problem, RESULT_INVALID, "there are several partitions: name one with --partition");
	return RESULT_OK;
}

static enum result check_addresses(struct printing *printing, struct problem *problem)
{
	struct config *config = &printing->config;
	config_init(config);
	config->auth_url = printing->options->auth_url;
	config->api_url = printing->options->api_url;
	enum result result = config_finish(config, printing->arena, problem);
	if (result == RESULT_OK && config->api_url == NULL)
		config->api_url = config->auth_url;
	return result;
}

static enum result catalogue_print(struct printing *printing, struct store *store, struct problem *problem)
{
	printing->store = store;
	printing->json = writer_new(printing->arena, ARENA_FIRST / 2);
	enum result result = store_snapshot_begin(store);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the store cannot be read: %s", result_text(result));
	result = choose_partition(printing, problem);
	if (result == RESULT_OK)
		result = print_all(printing, problem);
	store_snapshot_end(store);
	if (result == RESULT_OK && (fwrite(printing->json.bytes, 1, printing->json.len, stdout) != printing->json.len || fflush(stdout) != 0))
		result = problem_set(problem, RESULT_FAILED, "the catalogue could not be written to standard output");
	return result;
}

int command_api_catalogue(int argc, char **argv)
{
	struct catalogue_options options = { .partition = NULL };
	int code = options_parse(&set, argc, argv, &options, NULL);
	if (code != OPTIONS_GO)
		return code;
	if (options.auth_url == NULL || options.auth_url[0] == '\0')
		return command_misused("api catalogue", "--auth-url is missing: the public address that tokens come from, as writ serve has it");
	struct problem problem;
	struct store_session session = { .store = NULL };
	struct printing printing = { .options = &options, .arena = arena_new(ARENA_FIRST, ARENA_MAX) };
	enum result result = printing.arena == NULL ? problem_set(&problem, RESULT_NO_MEMORY, "no memory for the catalogue")
	                                            : check_addresses(&printing, &problem);
	if (result == RESULT_OK)
		result = store_session_open(&session, &options.store, STORE_READ_ONLY, false, &problem);
	if (result == RESULT_OK)
		result = catalogue_print(&printing, session.store, &problem);
	store_session_close(&session);
	arena_free(printing.arena);
	return result == RESULT_OK ? EXIT_DONE : command_fail("api", "%s", problem.text);
}
