/* writ token: asks a server for a token the way a client application would, and explains tokens. */
#include "base/limits.h"
#include "cli/command.h"
#include "cli/file_read.h"
#include "cli/show.h"
#include "cli/token_anonymous.h"
#include "cli/token_decode.h"
#include "cli/token_request.h"
#include "jose/json_strict.h"

#include <unistd.h>

#define ARENA_FIRST (64 * 1024)
#define ARENA_MAX (32 * 1024 * 1024)
#define SHOWN_MAX 2000

struct token_options {
	struct token_source source; /* first: the shared rows count from here */
	struct token_decode_options decoding;
	bool anonymous;
	bool decode;
	bool json;
};

#define OFFSET(member) offsetof(struct token_options, member)
/* clang-format off */
#define OUTPUT_OPTIONS \
	{ "decode", NULL, "explains the token and checks its signature", OPTION_FLAG, OFFSET(decode), NULL, 0, 0 }, \
	{ "jwks-url", "URL", "the issuer's key set, for --decode (found by its metadata)", OPTION_TEXT, OFFSET(decoding.jwks_url), NULL, 0, 0 }, \
	{ "json", NULL, "prints the server's reply as it came", OPTION_FLAG, OFFSET(json), NULL, 0, 0 }
/* clang-format on */

#define OUTPUT_NOTE \
	"The access token alone is printed where stdout is no terminal: TOKEN=$(writ token ...) works.\n" TOKEN_SECRET_NOTE

static const struct option_spec client_credentials_specs[] = { TOKEN_SOURCE_OPTIONS, OUTPUT_OPTIONS };
static const struct option_set client_credentials_set = {
	.command = "token client-credentials",
	.usage = "--token-url URL --client-id ID --scope SCOPES [OPTIONS]",
	.about = "Asks for a token that speaks for the client application itself (RFC 6749 section 4.4).",
	.specs = client_credentials_specs,
	.count = sizeof client_credentials_specs / sizeof client_credentials_specs[0],
	.notes = OUTPUT_NOTE,
};

static const struct option_spec on_behalf_of_specs[] = { TOKEN_SOURCE_OPTIONS, TOKEN_SUBJECT_OPTIONS, OUTPUT_OPTIONS };
static const struct option_set on_behalf_of_set = {
	.command = "token on-behalf-of",
	.usage = "--token-url URL --client-id ID --scope SCOPES (--username NAME | --user-id ID | --email EMAIL) [OPTIONS]",
	.about = "Asks for a token in which the client application acts on behalf of a person.",
	.specs = on_behalf_of_specs,
	.count = sizeof on_behalf_of_specs / sizeof on_behalf_of_specs[0],
	.notes = OUTPUT_NOTE,
};

static const struct option_spec exchange_specs[] = { TOKEN_SOURCE_OPTIONS, TOKEN_EXCHANGE_OPTIONS, OUTPUT_OPTIONS };
static const struct option_set exchange_set = {
	.command = "token exchange",
	.usage = "--token-url URL --client-id ID (--subject-token TOKEN | --subject-token-file FILE) --registration-id ID [OPTIONS]",
	.about = "Exchanges an identity provider's token for one of the person whom it names (RFC 8693). With a type of username, userid or\n"
		 "email the token is that name, and what comes is a token on behalf of that person. Without --scope it has every delegated\n"
		 "permission of the client application.",
	.specs = exchange_specs,
	.count = sizeof exchange_specs / sizeof exchange_specs[0],
	.notes = OUTPUT_NOTE,
};

static const struct option_spec anonymous_specs[] = { TOKEN_ANONYMOUS_OPTIONS, OUTPUT_OPTIONS };
static const struct option_set anonymous_set = {
	.command = "token anonymous",
	.usage = "(--server URL --partition ID | --token-url URL) --scope SCOPES [OPTIONS]",
	.about = "Asks for a token of a customer who is not signed in. No client application is needed for it.",
	.specs = anonymous_specs,
	.count = sizeof anonymous_specs / sizeof anonymous_specs[0],
	.notes = "The access token alone is printed where stdout is no terminal: TOKEN=$(writ token ...) works.",
};

#define DECODE_OFFSET(member) offsetof(struct token_decode_options, member)
static const struct option_spec decode_specs[] = {
	{ "jwks-url", "URL", "the issuer's key set (found by its metadata)", OPTION_TEXT, DECODE_OFFSET(jwks_url), NULL, 0, 0 },
	{ "ca-file", "FILE", "certificates to trust (PEM) instead of the system's", OPTION_TEXT, DECODE_OFFSET(ca_file), NULL, 0, 0 },
	{ "offline", NULL, "asks nobody, and so leaves the signature unchecked", OPTION_FLAG, DECODE_OFFSET(offline), NULL, 0, 0 },
	{ "json", NULL, "prints JSON", OPTION_FLAG, DECODE_OFFSET(json), NULL, 0, 0 },
};
static const struct option_set decode_set = {
	.command = "token decode",
	.usage = "[OPTIONS] TOKEN",
	.about = "Explains a token claim by claim and checks its signature with the issuer's published keys. TOKEN may be - for stdin.\n"
		 "Exit code 1 where the signature is not good (with --offline: where it is no JWT).",
	.specs = decode_specs,
	.count = sizeof decode_specs / sizeof decode_specs[0],
	.arguments_min = 1,
	.arguments_max = 1,
};

/* For people: what came, the token last. */
static void reply_show(const struct token_reply *reply, struct arena *arena)
{
	static const char *const members[] = { "token_type", "expires_in", "scope" };
	static const char *const words[] = { "type", "expires", "scope" };
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const json_t *value = json_object_get(reply->object, members[i]);
		if (value == NULL)
			continue;
		bool seconds = i == 1 && json_is_integer(value);
		printf("%-8s %s\n", words[i], seconds ? show_moment(arena, json_integer_value(value), 0) : show_json(arena, value, SHOWN_MAX));
	}
	printf("%-8s %s\n", "token", show_text(arena, reply->access_token, LIMIT_FETCH_SIZE));
}

static int reply_print(const struct token_options *options, const struct token_reply *reply, struct arena *arena)
{
	if (options->decode) {
		struct token_decode_options decoding = options->decoding;
		decoding.ca_file = options->source.ca_file;
		decoding.json = options->json;
		enum token_form form;
		return token_decode(reply->access_token, &decoding, arena, &form) == SIGNATURE_BAD ? EXIT_FAILED : EXIT_DONE;
	}
	if (isatty(STDOUT_FILENO))
		reply_show(reply, arena);
	else
		printf("%.*s\n", SLICE_ARGS(reply->access_token));
	return EXIT_DONE;
}

static int token_get(const char *command, const struct token_options *options)
{
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return command_fail(command, "out of memory");
	struct token_reply reply = { 0 };
	int outcome = (options->anonymous ? anonymous_token_request : token_request)(command, &options->source, arena, &reply);
	if (options->json && !options->decode && reply.object != NULL)
		printf("%.*s\n", SLICE_ARGS(reply.body));
	else if (outcome == OPTIONS_GO)
		outcome = reply_print(options, &reply, arena);
	if (outcome == OPTIONS_GO)
		outcome = EXIT_DONE;
	json_decref(reply.object);
	arena_free(arena);
	return outcome;
}

/* judge   says what is wrong with the options, or NULL; NULL: nothing can be. */
static int token_run(const struct option_set *set, const char *(*judge)(const struct token_source *), bool anonymous, int argc, char **argv)
{
	struct token_options options = { .anonymous = anonymous };
	int outcome = options_parse(set, argc, argv, &options, NULL);
	if (outcome != OPTIONS_GO)
		return outcome;
	const char *wrong = judge == NULL ? NULL : judge(&options.source);
	return wrong != NULL ? command_misused(set->command, "%s", wrong) : token_get(set->command, &options);
}

static int token_client_credentials(int argc, char **argv)
{
	return token_run(&client_credentials_set, NULL, false, argc, argv);
}

static const char *subject_judge(const struct token_source *source)
{
	return token_source_subjects(source) == 1 ? NULL : "give exactly one of --username, --user-id and --email";
}

static int token_on_behalf_of(int argc, char **argv)
{
	return token_run(&on_behalf_of_set, subject_judge, false, argc, argv);
}

static const char *subject_token_judge(const struct token_source *source)
{
	return source->subject_token != NULL || source->subject_token_file != NULL
	       ? NULL
	       : "give the token: --subject-token-file FILE, --subject-token TOKEN, or WRIT_SUBJECT_TOKEN";
}

static int token_exchange(int argc, char **argv)
{
	return token_run(&exchange_set, subject_token_judge, false, argc, argv);
}

static int token_anonymous(int argc, char **argv)
{
	return token_run(&anonymous_set, NULL, true, argc, argv);
}

static int token_decode_command(int argc, char **argv)
{
	struct token_decode_options options = { .json = false };
	int outcome = options_parse(&decode_set, argc, argv, &options, NULL);
	if (outcome != OPTIONS_GO)
		return outcome;
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return command_fail(decode_set.command, "out of memory");
	struct slice token = slice_from(argv[0]);
	if (strcmp(argv[0], "-") == 0)
		outcome = line_read(decode_set.command, "-", LIMIT_FETCH_SIZE, arena, &token);
	if (outcome == OPTIONS_GO) {
		enum token_form form;
		bool good = token_decode(token, &options, arena, &form) == SIGNATURE_GOOD;
		good = good || (options.offline && form == TOKEN_FORM_JWT);
		outcome = good ? EXIT_DONE : EXIT_FAILED;
	}
	arena_free(arena);
	return outcome;
}

static const struct command kinds[] = {
	{ "client-credentials", "a token for the client application itself", token_client_credentials },
	{ "on-behalf-of", "a token on behalf of a person", token_on_behalf_of },
	{ "exchange", "an identity provider's token for one of ours", token_exchange },
	{ "anonymous", "a token of a customer who is not signed in", token_anonymous },
	{ "decode", "explains a token", token_decode_command },
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static void kinds_help(FILE *out)
{
	fprintf(out, "Usage: writ token KIND [OPTIONS]\n\nWorks against any server that speaks these flows.\n\n");
	for (size_t i = 0; i < KIND_COUNT; i++)
		fprintf(out, "  %-18s  %s\n", kinds[i].name, kinds[i].summary);
	fprintf(out, "\nwrit token KIND --help says more.\n");
}

int command_token(int argc, char **argv)
{
	if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
		kinds_help(stdout);
		return EXIT_DONE;
	}
	if (argc == 0)
		return command_misused("token", "say which: client-credentials, on-behalf-of, exchange, anonymous or decode");
	const char *meant = NULL;
	size_t nearest = (size_t)-1;
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strcmp(argv[0], kinds[i].name) == 0)
			return kinds[i].run(argc - 1, argv + 1);
		if (name_is_near(argv[0], kinds[i].name, &nearest))
			meant = kinds[i].name;
	}
	if (meant != NULL)
		return command_misused("token", "there is no %s: did you mean %s?", argv[0], meant);
	return command_misused("token", "there is no %s: say client-credentials, on-behalf-of, exchange, anonymous or decode", argv[0]);
}
