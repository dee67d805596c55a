/* writ api explain: which operation is an address, who may call it, and may this token? The decision is the gateway's own code. */
#include "cli/api/api.h"

#include "base/path.h"
#include "base/text.h"
#include "cli/api/api_json.h"
#include "cli/api/api_token.h"
#include "cli/command.h"
#include "cli/file_read.h"
#include "cli/options.h"
#include "cli/show.h"
#include "cli/store_session.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_FIRST = 64 * 1024, ARENA_MAX = 16 * 1024 * 1024 };

struct explain_command {
	struct store_options store;
	const char *partition, *token;
	bool json;
};

#define OFFSET(member) offsetof(struct explain_command, member)
static const struct option_spec specs[] = {
	STORE_OPTION(struct explain_command, store),
	{ .name = "partition", .value = "ID", .help = "only this partition (the token's; without one, all)", .kind = OPTION_TEXT,
	  .offset = OFFSET(partition) },
	{ .name = "token", .value = "TOKEN", .help = "says whether this access token may; - reads it from standard input", .kind = OPTION_TEXT,
	  .offset = OFFSET(token) },
	{ .name = "json", .help = "one JSON object", .kind = OPTION_FLAG, .offset = OFFSET(json) },
};

static const struct option_set set = {
	.command = "api explain",
	.usage = "[OPTIONS] METHOD URL",
	.about = "Says which operation of the protected APIs a call is, who may make it, which flow gives such a token, and why a given token may "
	         "or may not. It looks at the store, not at a running server.",
	.specs = specs,
	.count = sizeof specs / sizeof *specs,
	.arguments_min = 2,
	.arguments_max = 2,
	.notes = "  writ api explain GET https://api.example.com/kb/v1/articles/7\n  writ api explain GET /kb/v1/articles/7 --token - < token.txt\n",
};

/* The call, and what was found out about it. */
struct explaining {
	const struct explain_command *command;
	struct store *store;
	struct arena *arena;
	struct slice method, path; /* path: normalised; ptr NULL: no gateway lets it through */
	const struct judged_token *token; /* NULL: none was given */
	const struct partition_id *partition;
	struct catalogue *catalogue; /* of the partition that is looked at */
	size_t found, partitions, shown;
};

/* ---- the address ---- */

/* What stands behind scheme and host, and in front of '?' and '#'. */
static struct slice path_of(const char *url)
{
	const char *authority = strstr(url, "://");
	const char *path = url;
	if (authority != NULL && authority < url + strcspn(url, "/?#"))
		path = authority + 3 + strcspn(authority + 3, "/?#");
	struct slice found = { path, strcspn(path, "?#") };
	return found.len == 0 ? SLICE_OF("/") : found;
}

static void call_read(struct explaining *explaining, const char *method, const char *url)
{
	char *upper = arena_alloc(explaining->arena, strlen(method) + 1);
	struct slice path = path_of(url), normal;
	char *buffer = arena_alloc(explaining->arena, path.len + 1);
	if (upper == NULL || buffer == NULL)
		return;
	for (size_t i = 0; method[i] != '\0'; i++)
		upper[i] = method[i] >= 'a' && method[i] <= 'z' ? (char)(method[i] - 'a' + 'A') : method[i];
	explaining->method = slice_from(upper);
	if (path_normalise(path, buffer, path.len + 1, &normal) == RESULT_OK)
		explaining->path = normal;
}

/* ---- in words ---- */

static void print_alternative(struct explaining *explaining, const struct api_alternative *alternative)
{
	struct slice rest = alternative->scopes, scope;
	size_t count = 0;
	printf("  %s", api_actor_name(alternative->actor));
	while (slice_word(&rest, &scope)) {
		const char *shown = show_text(explaining->arena, scope, LIMIT_PERMISSION_NAME);
		printf("%s%s", count++ == 0 ? " with " : " and ", slice_is(scope, ".default") ? "any application permission (.default)" : shown);
	}
	printf("%s: %s\n", count == 0 ? ", whatever its scopes" : "", api_actor_flow(alternative->actor));
}

/* Why: one sentence for the verdict. */
static const char *verdict_words(struct explaining *explaining, const struct decision *decision)
{
	const struct api_alternative *wanted = decision->alternative;
	struct arena *arena = explaining->arena;
	const struct token_facts *facts = &explaining->token->facts;
	switch (decision->verdict) {
	case VERDICT_ALLOWED:
		return arena_print(arena, "yes: it speaks for %s%s%.*s", api_actor_name(wanted->actor), wanted->scopes.len > 0 ? " and has " : "",
		                   SLICE_ARGS(wanted->scopes)).ptr;
	case VERDICT_NO_OPERATION: return "no: what is not listed is closed (403)";
	case VERDICT_CLOSED: return "no: the operation is closed to everybody (403)";
	case VERDICT_SCOPE_MISSING:
		return arena_print(arena, "no: the actor is right, but a scope is missing (403 insufficient_scope): it has '%s' and needs %.*s",
		                   show_text(arena, facts->scope, 400), SLICE_ARGS(wanted->scopes)).ptr;
	case VERDICT_WRONG_ACTOR:
		return arena_print(arena, "no: it speaks for %s, which this operation does not take (403 insufficient_scope): %s",
		                   api_actor_name(facts->actor),
		                   api_actor_flow(wanted->actor)).ptr;
	}
	return "no";
}

static void print_token(struct explaining *explaining)
{
	static const char *const states[] = { "good", "BAD", "not checked" };
	const struct judged_token *token = explaining->token;
	struct arena *arena = explaining->arena;
	if (token->is_token) {
		const struct token_facts *facts = &token->facts;
		printf("The token speaks for %s %s of partition %s, by the client application %s, with scope '%s'\n", api_actor_name(facts->actor),
		       show_text(arena, facts->subject, LIMIT_ID), token->partition.text, show_text(arena, facts->client_id, LIMIT_ID),
		       show_text(arena, facts->scope, LIMIT_SCOPE_SIZE));
	} else {
		puts("The token cannot be read");
	}
	for (size_t i = 0; i < token->check_count; i++)
		printf("  %s: %s; %s\n", token->checks[i].what, states[token->checks[i].state], token->checks[i].words);
}

static void print_text(struct explaining *explaining, const struct catalogue_operation *found, const char *verdict)
{
	struct arena *arena = explaining->arena;
	const struct api_operation *operation = &found->operation;
	printf("%.*s %s of API %s in %s", SLICE_ARGS(operation->method), show_text(arena, operation->path, LIMIT_API_PATH),
	       show_text(arena, found->api, LIMIT_ID), explaining->partition->text);
	if (operation->operation_id.len > 0)
		printf(" (%s)", show_text(arena, operation->operation_id, LIMIT_API_TEXT));
	if (operation->summary.len > 0)
		printf(": %s", show_text(arena, operation->summary, LIMIT_API_TEXT));
	puts(operation->alternative_count == 0 ? "\nIt is closed: nobody may call it, for its security names nobody" : "\nIt may be called by");
	for (size_t i = 0; i < operation->alternative_count; i++)
		print_alternative(explaining, &operation->alternatives[i]);
	if (verdict != NULL)
		printf("May this token call it? %s\n", verdict);
}

/* ---- as JSON ---- */

static void json_operation(struct explaining *explaining, const struct catalogue_operation *found, const char *verdict, bool allowed)
{
	struct writer out = writer_new(explaining->arena, 1024);
	const struct api_operation *operation = &found->operation;
	writer_text(&out, explaining->shown == 0 ? "{" : ",{");
	writer_json_member(&out, "partition", partition_id_slice(explaining->partition));
	writer_json_member(&out, "api", found->api);
	operation_members_json(&out, operation);
	alternatives_member_json(&out, "alternatives", operation, true);
	if (verdict != NULL) {
		writer_json_member_bool(&out, "allowed", allowed);
		writer_json_member(&out, "why", slice_from(verdict));
	}
	writer_byte(&out, '}');
	if (writer_ok(&out))
		fwrite(out.bytes, 1, out.len, stdout);
}

static void json_begin(struct explaining *explaining)
{
	static const char *const states[] = { "good", "bad", "not checked" };
	struct writer out = writer_new(explaining->arena, 1024);
	const struct judged_token *token = explaining->token;
	writer_byte(&out, '{');
	writer_json_member(&out, "method", explaining->method);
	writer_json_member(&out, "path", explaining->path.ptr == NULL ? SLICE_OF("") : explaining->path);
	writer_json_member_bool(&out, "address_good", explaining->path.ptr != NULL);
	if (token != NULL) {
		writer_json_member_bool(&out, "token_good", token->good);
		writer_json_key(&out, "token_checks");
		writer_byte(&out, '[');
		for (size_t i = 0; i < token->check_count; i++) {
			writer_text(&out, i == 0 ? "{" : ",{");
			writer_json_member(&out, "check", slice_from(token->checks[i].what));
			writer_json_member(&out, "result", slice_from(states[token->checks[i].state]));
			writer_json_member(&out, "words", slice_from(token->checks[i].words));
			writer_byte(&out, '}');
		}
		writer_byte(&out, ']');
	}
	writer_json_key(&out, "operations");
	writer_byte(&out, '[');
	if (writer_ok(&out))
		fwrite(out.bytes, 1, out.len, stdout);
}

/* ---- the catalogue ---- */

static enum result api_add(void *context, const struct api *api)
{
	struct explaining *explaining = context;
	for (size_t i = 0; i < api->operation_count; i++) {
		enum result result = catalogue_add(explaining->catalogue, api->name, &api->operations[i]);
		/* as the gateway does: what could never be found stays closed */
		if (result != RESULT_OK && result != RESULT_INVALID)
			return result;
	}
	return RESULT_OK;
}

static void operation_explain(struct explaining *explaining, const struct catalogue_operation *found)
{
	const char *verdict = NULL;
	bool allowed = false;
	if (explaining->token != NULL && !explaining->token->good) {
		verdict = "no: the token is not good (401 invalid_token)";
	} else if (explaining->token != NULL && !slice_equal(explaining->token->facts.partition, partition_id_slice(explaining->partition))) {
		verdict = "no: it is of another partition, whose catalogue would be asked";
	} else if (explaining->token != NULL) {
		struct decision decision = decide_operation(found, &explaining->token->facts);
		allowed = decision.verdict == VERDICT_ALLOWED;
		verdict = verdict_words(explaining, &decision);
	}
	explaining->found++;
	if (explaining->command->json)
		json_operation(explaining, found, verdict, allowed);
	else
		print_text(explaining, found, verdict);
	explaining->shown++;
}

static enum result partition_explain(void *context, const struct partition *partition)
{
	struct explaining *explaining = context;
	const struct partition_id id = partition->id;
	const char *only = explaining->command->partition;
	if (only != NULL ? strcmp(only, id.text) != 0
	                 : explaining->token != NULL && explaining->token->is_token && strcmp(explaining->token->partition.text, id.text) != 0)
		return RESULT_OK;
	explaining->partitions++;
	explaining->partition = &id;
	explaining->catalogue = catalogue_new();
	if (explaining->catalogue == NULL)
		return RESULT_NO_MEMORY;
	enum result result = store_apis_each(explaining->store, &id, api_add, explaining);
	if (result == RESULT_OK)
		result = catalogue_compile(explaining->catalogue);
	if (result == RESULT_OK && explaining->path.ptr != NULL) {
		const struct catalogue_operation *found = catalogue_find(explaining->catalogue, explaining->method, explaining->path);
		if (found != NULL)
			operation_explain(explaining, found);
	}
	catalogue_free(explaining->catalogue);
	return result;
}

static void print_nothing(const struct explaining *explaining)
{
	if (explaining->path.ptr == NULL)
		puts("No operation: servers read this address in different ways (an escaped slash, a backslash, '..;', a control character), "
		     "so a gateway answers 400");
	else if (explaining->partitions == 0)
		puts("No operation: the store has no such partition");
	else
		printf("No operation: %.*s %s is not listed, and what is not listed is closed (403); writ api list --operations shows what is\n",
		       SLICE_ARGS(explaining->method), show_text(explaining->arena, explaining->path, LIMIT_API_PATH));
}

static enum result explain(struct explaining *explaining, struct slice token_text, struct problem *problem)
{
	struct judged_token token;
	if (token_text.ptr != NULL) {
		enum result result = token_judge(explaining->store, token_text, explaining->arena, &token);
		if (result != RESULT_OK)
			return problem_set(problem, result, "the token cannot be judged: %s", result_text(result));
		explaining->token = &token;
	}
	if (explaining->command->json)
		json_begin(explaining);
	else if (explaining->token != NULL)
		print_token(explaining);
	enum result result = store_partitions_each(explaining->store, partition_explain, explaining);
	explaining->token = NULL;
	if (result != RESULT_OK)
		return problem_set(problem, result, "the catalogue cannot be read: %s", result_text(result));
	if (explaining->command->json)
		puts("]}");
	else if (explaining->found == 0)
		print_nothing(explaining);
	if (explaining->partitions == 0 && explaining->command->partition != NULL)
		return partition_missing(problem, explaining->command->partition);
	return RESULT_OK;
}

int api_explain(int argc, char **argv)
{
	struct explain_command command = { .json = false };
	int code = options_parse(&set, argc, argv, &command, NULL);
	if (code != OPTIONS_GO)
		return code;
	struct problem problem = { "memory is out" };
	struct slice token = command.token == NULL ? (struct slice) { NULL, 0 } : slice_from(command.token);
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return command_fail("api", "%s", problem.text);
	if (command.token != NULL && strcmp(command.token, "-") == 0) {
		code = line_read(set.command, "-", LIMIT_FETCH_SIZE, arena, &token);
		if (code != OPTIONS_GO) {
			arena_free(arena);
			return code;
		}
	}
	struct store_session session;
	enum result result = store_session_open(&session, &command.store, STORE_READ_ONLY, false, &problem);
	struct explaining explaining = { .command = &command, .store = session.store, .arena = arena };
	call_read(&explaining, argv[0], argv[1]);
	if (result == RESULT_OK)
		result = explain(&explaining, token, &problem);
	store_session_close(&session);
	arena_free(arena);
	return result == RESULT_OK ? EXIT_DONE : command_fail("api", "%s", problem.text);
}
