/* writ keys list, writ keys rotate */
#include "base/clock.h"
#include "base/log.h"
#include "base/writer.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/store_session.h"
#include "directory/audit.h"
#include "jose/key_ring.h"

#include <stdio.h>

struct keys_options {
	struct store_options store;
	const char *partition;
	const char *algorithm;
	bool json;
};

static const struct option_spec list_specs[] = {
	STORE_OPTION(struct keys_options, store),
	{ .name = "partition", .value = "ID", .help = "only this partition", .kind = OPTION_TEXT, .offset = offsetof(struct keys_options, partition) },
	{ .name = "json", .help = "one JSON array", .kind = OPTION_FLAG, .offset = offsetof(struct keys_options, json) },
};

static const struct option_spec rotate_specs[] = {
	STORE_OPTION(struct keys_options, store),
	MASTER_KEY_OPTION(struct keys_options, store),
	{ .name = "partition", .value = "ID", .help = "only this partition (all)", .kind = OPTION_TEXT,
	  .offset = offsetof(struct keys_options, partition) },
	{ .name = "algorithm", .value = "ALG", .help = "only ES256 or RS256 (both)", .kind = OPTION_TEXT,
	  .offset = offsetof(struct keys_options, algorithm) },
};

/* ---- which partitions ------------------------------------------------------------------------------------------- */

typedef enum result on_partition(void *context, struct store *, const struct partition_id *);

struct each_partition {
	struct store *store;
	const char *only;
	on_partition *run;
	void *context;
	bool found;
};

static enum result visit_partition(void *context, const struct partition *partition)
{
	struct each_partition *each = context;
	if (each->only != NULL && !slice_is(partition_id_slice(&partition->id), each->only))
		return RESULT_OK;
	each->found = true;
	return each->run(each->context, each->store, &partition->id);
}

static enum result partitions_each(struct store *store, const char *only, on_partition *run, void *context, struct problem *problem)
{
	struct each_partition each = { .store = store, .only = only, .run = run, .context = context };
	enum result result = store_partitions_each(store, visit_partition, &each);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the keys cannot be worked on: %s", result_text(result));
	if (!each.found)
		return partition_missing(problem, only == NULL ? "" : only);
	return RESULT_OK;
}

/* ---- list ------------------------------------------------------------------------------------------------------- */

struct listing {
	bool json;
	struct writer *out;
	const struct partition_id *partition;
};

static enum result list_key(void *context, const struct signing_key *key)
{
	struct listing *listing = context;
	char created[CLOCK_TEXT_SIZE];
	char until[CLOCK_TEXT_SIZE] = "";
	clock_text(key->created_at * 1000, created);
	if (key->published_until != 0)
		clock_text(key->published_until * 1000, until);
	if (!listing->json) {
		writer_print(listing->out, "%-20s %-44.*s %-6s %-8s %s%s%s\n", listing->partition->text, SLICE_ARGS(key->kid), algorithm_name(key->algorithm),
		             key_state_name(key->state), created, until[0] == '\0' ? "" : "  published until ", until);
		return RESULT_OK;
	}
	if (listing->out->len > 1)
		writer_byte(listing->out, ',');
	writer_byte(listing->out, '{');
	writer_json_member(listing->out, "partition", partition_id_slice(listing->partition));
	writer_json_member(listing->out, "kid", key->kid);
	writer_json_member(listing->out, "algorithm", slice_from(algorithm_name(key->algorithm)));
	writer_json_member(listing->out, "state", slice_from(key_state_name(key->state)));
	writer_json_member_int(listing->out, "created_at", key->created_at);
	writer_json_key(listing->out, "published_until");
	if (key->published_until == 0)
		writer_text(listing->out, "null");
	else
		writer_int(listing->out, key->published_until);
	writer_byte(listing->out, '}');
	return RESULT_OK;
}

static enum result list_partition(void *context, struct store *store, const struct partition_id *partition)
{
	struct listing *listing = context;
	listing->partition = partition;
	return store_keys_each(store, partition, list_key, listing);
}

static int keys_list(int argc, char **argv)
{
	const struct option_set set = {
		.command = "keys list",
		.usage = "[OPTIONS]",
		.about = "Lists the signing keys: next ones are published but not used, retired ones still verify.",
		.specs = list_specs,
		.count = sizeof list_specs / sizeof list_specs[0],
	};
	struct keys_options options = { .json = false };
	int code = options_parse(&set, argc, argv, &options, NULL);
	if (code != OPTIONS_GO)
		return code;
	struct store_session session;
	struct problem problem;
	struct arena *arena = arena_new(16 * 1024, 64 * 1024 * 1024);
	enum result result = store_session_open(&session, &options.store, STORE_READ_ONLY, false, &problem);
	if (result == RESULT_OK && arena == NULL)
		result = problem_set(&problem, RESULT_NO_MEMORY, "no memory for the list");
	if (result == RESULT_OK) {
		struct writer out = writer_new(arena, 8192);
		struct listing listing = { .json = options.json, .out = &out };
		writer_text(&out, options.json ? "[" : "");
		result = partitions_each(session.store, options.partition, list_partition, &listing, &problem);
		writer_text(&out, options.json ? "]\n" : "");
		if (result == RESULT_OK && !writer_ok(&out))
			result = problem_set(&problem, RESULT_TOO_LARGE, "the list is too long: name one with --partition");
		if (result == RESULT_OK)
			fwrite(out.bytes, 1, out.len, stdout);
	}
	store_session_close(&session);
	arena_free(arena);
	return result == RESULT_OK ? EXIT_DONE : command_fail("keys", "%s", problem.text);
}

/* ---- rotate ----------------------------------------------------------------------------------------------------- */

struct rotation {
	const struct store_session *session;
	bool algorithms[2]; /* ES256, RS256 */
};

static enum result rotate_one(const struct rotation *rotation, struct store *store, const struct partition_id *partition,
                              enum signing_algorithm algorithm)
{
	int64_t age_s;
	enum result result = key_ring_rotate(store, &rotation->session->master_key, partition, algorithm, LIMIT_ACCESS_TOKEN_SECONDS,
	                                     INT64_MIN, NULL, &age_s);
	if (result == RESULT_NOT_FOUND) {
		/* a partition that never had keys: SYSTEM, before the first server ran */
		result = key_ring_ensure(store, &rotation->session->master_key, partition);
		if (result == RESULT_OK)
			printf("%s %s: the first keys were made\n", partition->text, algorithm_name(algorithm));
		return result;
	}
	if (result != RESULT_OK)
		return result;
	printf("%s %s: the next key signs from now on, a fresh one is published\n", partition->text, algorithm_name(algorithm));
	if (age_s < LIMIT_JWKS_CACHE_S)
		fprintf(stderr, "writ keys: note: the new %s key of %s was published only %lld s ago: clients that cached the key set must fetch it again\n",
		        algorithm_name(algorithm), partition->text, (long long)age_s);
	const struct audit_event event = { .partition = partition_id_slice(partition), .action = SLICE_OF("key.rotated"), .result = SLICE_OF("ok"),
		                               .actor = SLICE_OF("command line"), .object = slice_from(algorithm_name(algorithm)) };
	audit_write(store, &event);
	return RESULT_OK;
}

static enum result rotate_partition(void *context, struct store *store, const struct partition_id *partition)
{
	const struct rotation *rotation = context;
	enum result result = rotation->algorithms[0] ? rotate_one(rotation, store, partition, ALGORITHM_ES256) : RESULT_OK;
	return result == RESULT_OK && rotation->algorithms[1] ? rotate_one(rotation, store, partition, ALGORITHM_RS256) : result;
}

static int keys_rotate(int argc, char **argv)
{
	const struct option_set set = {
		.command = "keys rotate",
		.usage = "[OPTIONS]",
		.about = "Lets the next key sign and publishes a fresh next one. The former key stays published until its last token has expired.",
		.specs = rotate_specs,
		.count = sizeof rotate_specs / sizeof rotate_specs[0],
	};
	struct keys_options options = { .json = false };
	int code = options_parse(&set, argc, argv, &options, NULL);
	if (code != OPTIONS_GO)
		return code;
	enum signing_algorithm only = ALGORITHM_ES256;
	if (options.algorithm != NULL && !algorithm_parse(slice_from(options.algorithm), &only))
		return command_misused("keys rotate", "--algorithm is ES256 or RS256, not %s", options.algorithm);
	struct store_session session;
	struct problem problem;
	const bool both = options.algorithm == NULL;
	struct rotation rotation = { .session = &session, .algorithms = { both || only == ALGORITHM_ES256, both || only == ALGORITHM_RS256 } };
	log_level_set(LOG_WARNING);
	enum result result = store_session_open(&session, &options.store, STORE_EXISTING, true, &problem);
	if (result == RESULT_OK)
		result = partitions_each(session.store, options.partition, rotate_partition, &rotation, &problem);
	store_session_close(&session);
	return result == RESULT_OK ? EXIT_DONE : command_fail("keys", "%s", problem.text);
}

int command_keys(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "list") == 0)
		return keys_list(argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "rotate") == 0)
		return keys_rotate(argc - 1, argv + 1);
	bool help = argc > 0 && strcmp(argv[0], "--help") == 0;
	fprintf(help ? stdout : stderr, "Usage: writ keys list|rotate [OPTIONS] (writ keys list --help, writ keys rotate --help)\n");
	return help ? EXIT_DONE : EXIT_USAGE;
}
