/* writ call: calls an API with a token that it is given, or gets first. */
#include "base/limits.h"
#include "base/text.h"
#include "cli/challenge.h"
#include "cli/client_http.h"
#include "cli/command.h"
#include "cli/file_read.h"
#include "cli/login/login_use.h"
#include "cli/show.h"
#include "cli/token_request.h"

#include <unistd.h>

#define ARENA_FIRST (64 * 1024)
#define ARENA_MAX (32 * 1024 * 1024)
#define STATUS_SHOWN_MAX 200

struct call_options {
	struct token_source source; /* first: the shared rows count from here */
	const char *token, *token_file, *login;
	struct option_list headers;
	const char *data;
	bool include;
};

#define OFFSET(member) offsetof(struct call_options, member)
static const struct option_spec specs[] = {
	{ "token", "TOKEN", "the access token to send", OPTION_TEXT, OFFSET(token), "WRIT_TOKEN", 0, 0 },
	{ "token-file", "FILE", "reads the access token from a file; - is stdin", OPTION_TEXT, OFFSET(token_file), NULL, 0, 0 },
	{ "login", "NAME", "a sign-in that writ login --save NAME made; refreshed in time", OPTION_TEXT, OFFSET(login), NULL, 0, 0 },
	{ "header", "'NAME: VALUE'", "a header to send; may be given several times", OPTION_LIST, OFFSET(headers), NULL, 'H', 0 },
	{ "data", "DATA", "the body; @FILE reads a file, - stdin", OPTION_TEXT, OFFSET(data), NULL, 'd', 0 },
	{ "include", NULL, "prints the reply's headers too", OPTION_FLAG, OFFSET(include), NULL, 'i', 0 },
	TOKEN_SOURCE_OPTIONS,
	TOKEN_SUBJECT_OPTIONS,
};
static const struct option_set set = {
	.command = "call",
	.usage = "[OPTIONS] METHOD URL",
	.about = "Calls an API with an access token: one that is given, one of a saved sign-in (--login), or one that it gets first,\n"
		 "with the options of `writ token` (on behalf of a person where --username, --user-id or --email is given).\n"
		 "The reply's body goes to stdout.",
	.specs = specs,
	.count = sizeof specs / sizeof specs[0],
	.arguments_min = 2,
	.arguments_max = 2,
	.notes = "Redirects are not followed. The exit code is 1 where the API answers 400 or above.\n" TOKEN_SECRET_NOTE,
};

/* A person's token goes only where nobody on the way can read it. */
static int login_find(const struct call_options *options, const char *url, struct arena *arena, struct slice *ret)
{
	if (!login_name_is_good(options->login))
		return command_misused(set.command, "--login takes the name that writ login --save NAME gave, not \"%s\"", options->login);
	if (!client_http_is_private(url))
		return command_fail(set.command, "%s is neither https nor on this machine: the token could be read on the way, so nothing was sent", url);
	return login_token_take(set.command, options->login, &options->source, arena, ret);
}

/* The token to send; empty: none. */
static int token_find(const struct call_options *options, const char *url, struct arena *arena, struct slice *ret)
{
	bool from_environment = options->token != NULL && options->token == options_environment("WRIT_TOKEN");
	bool given = options->token != NULL && !from_environment;
	bool fetched = token_source_given(&options->source);
	if (given + (options->token_file != NULL) + (options->login != NULL) + fetched > 1)
		return command_misused(set.command, "the token comes from one place: --token, --token-file, --login, or the options that get one");
	*ret = (struct slice) { "", 0 };
	if (options->login != NULL)
		return login_find(options, url, arena, ret);
	if (fetched) {
		const struct token_source *source = &options->source;
		if (token_source_subjects(source) > 1)
			return command_misused(set.command, "give at most one of --username, --user-id and --email");
		struct token_reply reply;
		int outcome = token_request(set.command, source, arena, &reply);
		if (outcome == OPTIONS_GO)
			*ret = arena_copy(arena, reply.access_token);
		json_decref(reply.object);
		return outcome;
	}
	if (options->token_file != NULL)
		return line_read(set.command, options->token_file, LIMIT_FETCH_SIZE, arena, ret);
	if (options->token != NULL)
		*ret = slice_from(options->token);
	return OPTIONS_GO;
}

static int data_find(const struct call_options *options, struct arena *arena, struct slice *ret)
{
	const char *data = options->data;
	*ret = (struct slice) { NULL, 0 };
	if (data == NULL)
		return OPTIONS_GO;
	if (strcmp(data, "-") == 0)
		return file_read(set.command, "-", LIMIT_FETCH_SIZE, arena, ret);
	if (data[0] == '@')
		return file_read(set.command, data + 1, LIMIT_FETCH_SIZE, arena, ret);
	*ret = slice_from(data);
	return OPTIONS_GO;
}

static bool header_is_good(const char *header)
{
	struct slice text = slice_from(header);
	const char *colon = strchr(header, ':');
	return colon != NULL && colon != header && text_is_clean(text) && strcspn(header, " \t") > (size_t)(colon - header);
}

static bool header_is(const char *header, struct slice name)
{
	struct slice text = slice_from(header);
	return text.len > name.len && text.ptr[name.len] == ':' && text_equal_folded(slice_first(text, name.len), name);
}

/* All headers: the caller's, the token, and what the body seems to be unless the caller says it. */
static int headers_make(const struct call_options *options, struct slice token, struct slice data, struct arena *arena,
                        struct client_http_request *request)
{
	const char **headers = arena_array(arena, options->headers.count + 2, sizeof *headers);
	if (headers == NULL)
		return command_fail(set.command, "out of memory");
	size_t count = 0;
	bool typed = false;
	for (size_t i = 0; i < options->headers.count; i++) {
		const char *header = options->headers.items[i];
		if (!header_is_good(header))
			return command_misused(set.command, "--header takes 'Name: value', not \"%s\"", header);
		typed = typed || header_is(header, SLICE_OF("Content-Type"));
		headers[count++] = header;
	}
	if (token.len > 0) {
		headers[count] = client_http_bearer(arena, token);
		if (headers[count++] == NULL)
			return command_fail(set.command, "the token has characters that no header may carry");
	}
	if (data.len > 0 && !typed)
		headers[count++] = data.ptr[0] == '{' || data.ptr[0] == '[' ? "Content-Type: application/json"
		                                                            : "Content-Type: application/x-www-form-urlencoded";
	request->headers = headers;
	request->header_count = count;
	return OPTIONS_GO;
}

/* One line on stderr for what was not a success; the exit code. */
static int status_explain(const struct call_options *options, const struct client_http_reply *reply, bool token_sent, struct arena *arena)
{
	if (reply->status >= 200 && reply->status < 300)
		return EXIT_DONE;
	struct slice rest = reply->headers;
	struct slice line = { "", 0 };
	if (!slice_cut(&rest, '\n', &line))
		line = SLICE_OF("no status");
	const char *status = show_text(arena, line, STATUS_SHOWN_MAX);
	const char *words = reply->status >= 300 && reply->status < 400 ? "redirects are not followed" : "";
	struct challenge challenge;
	challenge_read(reply->www_authenticate, arena, &challenge);
	if (challenge.bearer)
		words = challenge_explain(&challenge, token_sent, arena);
	if (options->login != NULL && reply->status == 401)
		words = arena_print(arena, "%s%srun writ login --save %s again", words, words[0] == '\0' ? "" : ": ", options->login).ptr;
	if (words == NULL)
		words = "";
	command_fail(set.command, "%s%s%s", status, words[0] == '\0' ? "" : ": ", words);
	return reply->status >= 400 ? EXIT_FAILED : EXIT_DONE;
}

static int call(const struct call_options *options, char **arguments, struct arena *arena)
{
	struct slice token = { NULL, 0 };
	struct client_http_request request = { .method = arguments[0], .url = arguments[1], .ca_file = options->source.ca_file };
	if (strspn(request.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != strlen(request.method) || request.method[0] == '\0')
		return command_misused(set.command, "METHOD is GET, POST, PUT, PATCH, DELETE or the like, not \"%s\"", request.method);
	int outcome = data_find(options, arena, &request.body);
	if (outcome == OPTIONS_GO)
		outcome = token_find(options, request.url, arena, &token);
	if (outcome == OPTIONS_GO)
		outcome = headers_make(options, token, request.body, arena, &request);
	if (outcome != OPTIONS_GO)
		return outcome;
	struct client_http_reply reply;
	struct problem problem;
	if (client_http_send(&request, arena, &reply, &problem) != RESULT_OK)
		return command_fail(set.command, "%s", problem.text);
	if (options->include)
		printf("%.*s\n", SLICE_ARGS(reply.headers));
	fwrite(reply.body.ptr, 1, reply.body.len, stdout);
	if (reply.body.len > 0 && reply.body.ptr[reply.body.len - 1] != '\n' && isatty(STDOUT_FILENO))
		putchar('\n');
	return status_explain(options, &reply, token.len > 0, arena);
}

int command_call(int argc, char **argv)
{
	struct call_options options = { .include = false };
	int outcome = options_parse(&set, argc, argv, &options, &argc);
	if (outcome != OPTIONS_GO)
		return outcome;
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return command_fail(set.command, "out of memory");
	outcome = call(&options, argv, arena);
	arena_free(arena);
	return outcome;
}
