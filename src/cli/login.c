/* writ login: signs a person in by the browser, and prints the tokens or saves them for `writ call --login`. */
#include "base/clock.h"
#include "base/limits.h"
#include "cli/command.h"
#include "cli/login/browser_open.h"
#include "cli/login/login_flow.h"
#include "cli/login/login_use.h"
#include "cli/show.h"
#include "cli/token_decode.h"
#include "cli/token_request.h"
#include "jose/json_strict.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_FIRST (64 * 1024)
#define ARENA_MAX (32 * 1024 * 1024)
#define SHOWN_MAX 600
#define SCOPE_USUAL "openid offline_access"
#define PATH_USUAL "/callback"
#define TIMEOUT_USUAL_S 300

struct login_options {
	struct token_source source; /* first: the shared rows count from here */
	const char *issuer;
	const char *save, *forget;
	const char *redirect_path, *prompt, *login_hint;
	int64_t port, timeout_s;
	bool no_browser, decode, json;
};

#define OFFSET(member) offsetof(struct login_options, member)
static const struct option_spec specs[] = {
	{ "issuer", "URL", "where to sign in: the issuer, of any server", OPTION_TEXT, OFFSET(issuer), NULL, 0, 0 },
	TOKEN_CLIENT_OPTIONS,
	{ "save", "NAME", "saves the sign-in, for writ call --login NAME; alone: signs in again", OPTION_TEXT, OFFSET(save), NULL, 0, 0 },
	{ "forget", "NAME", "instead: revokes the saved tokens and deletes them", OPTION_TEXT, OFFSET(forget), NULL, 0, 0 },
	{ "no-browser", NULL, "opens no browser: only prints the address", OPTION_FLAG, OFFSET(no_browser), NULL, 0, 0 },
	{ "port", "NUMBER", "the port of 127.0.0.1 that the browser comes back to (any that is free)", OPTION_NUMBER, OFFSET(port), NULL, 0, 65535 },
	{ "redirect-path", "PATH", "the path there (" PATH_USUAL ")", OPTION_TEXT, OFFSET(redirect_path), NULL, 0, 0 },
	{ "timeout", "SECONDS", "waits so long for the browser (300)", OPTION_NUMBER, OFFSET(timeout_s), NULL, 0, LIMIT_LOGIN_S },
	{ "prompt", "WORDS", "login, consent or select_account: asks again", OPTION_TEXT, OFFSET(prompt), NULL, 0, 0 },
	{ "login-hint", "NAME", "who is expected to sign in", OPTION_TEXT, OFFSET(login_hint), NULL, 0, 0 },
	{ "decode", NULL, "explains the access token and checks its signature", OPTION_FLAG, OFFSET(decode), NULL, 0, 0 },
	{ "json", NULL, "prints the server's reply as it came", OPTION_FLAG, OFFSET(json), NULL, 0, 0 },
};
static const struct option_set set = {
	.command = "login",
	.usage = "--issuer URL --client-id ID [OPTIONS]",
	.about = "Signs a person in by the browser: authorization code with PKCE, back to an address of this machine (RFC 8252).\n"
		 "The client application must have http://127.0.0.1" PATH_USUAL " among its redirect addresses (writ lets the port vary).",
	.specs = specs,
	.count = sizeof specs / sizeof specs[0],
	.notes = "The scopes are " SCOPE_USUAL " unless --scope says otherwise. Without --save the access token alone is printed where\n"
		 "stdout is no terminal: TOKEN=$(writ login ...) works. Saved tokens lie in $XDG_STATE_HOME/writ/tokens or\n"
		 "~/.local/state/writ/tokens; a client secret is never saved, only the name of its file.\n"
		 "From another machine: writ login --no-browser --port 8400 there, ssh -L 8400:127.0.0.1:8400 here.\n" TOKEN_SECRET_NOTE,
};

/* ---- what is asked for ------------------------------------------------------------------------------------- */

/* Where nothing says whom to ask, what is saved under the name does. */
static int options_recall(struct login_options *options, struct arena *arena)
{
	struct token_source *source = &options->source;
	struct saved_login login;
	struct problem problem;
	if (options->save == NULL || options->issuer != NULL || source->server != NULL || source->partition != NULL || source->client_id != NULL)
		return OPTIONS_GO;
	enum result result = login_recall(options->save, arena, &login, &problem);
	if (result == RESULT_NOT_FOUND)
		return command_misused(set.command, "nothing is saved as \"%s\" yet: say where with --issuer URL and --client-id ID", options->save);
	if (result != RESULT_OK)
		return command_fail(set.command, "%s", problem.text);
	options->issuer = login.issuer;
	source->client_id = login.client_id;
	source->basic = source->basic || login.basic;
	source->scope = source->scope != NULL ? source->scope : login.scope;
	source->ca_file = source->ca_file != NULL ? source->ca_file : login.ca_file;
	if (source->client_secret == NULL && source->client_secret_file == NULL)
		source->client_secret_file = login.client_secret_file;
	options->redirect_path = options->redirect_path != NULL ? options->redirect_path : login.redirect_path;
	options->port = options->port != 0 ? options->port : login.port;
	return OPTIONS_GO;
}

static int issuer_take(const struct login_options *options, struct arena *arena, const char **ret)
{
	const struct token_source *source = &options->source;
	bool named = source->server != NULL || source->partition != NULL || source->realm != NULL;
	if (options->issuer != NULL && named)
		return command_misused(set.command, "--issuer is the whole address: leave out --server, --partition and --realm");
	if (options->issuer != NULL) {
		*ret = options->issuer;
		return OPTIONS_GO;
	}
	if (source->server == NULL || source->partition == NULL)
		return command_misused(set.command, "say where: --issuer URL, or --server URL and --partition ID");
	return realm_url(set.command, source, arena, ret);
}

static bool redirect_path_is_good(const char *path)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	return path[0] == '/' && strlen(path) <= LIMIT_SHORT_PARAMETER && strspn(path, allowed) == strlen(path) && strcmp(path, "/done") != 0;
}

/* A summary is for people, and for who saves the tokens and so does not print them. */
static bool person_is_shown(const struct login_options *options)
{
	return !options->decode && !options->json && (options->save != NULL || isatty(STDOUT_FILENO));
}

static int request_make(const struct login_options *options, struct arena *arena, struct login_request *ret)
{
	const struct token_source *source = &options->source;
	*ret = (struct login_request) {
		.client = { .id = source->client_id, .basic = source->basic },
		.scope = source->scope != NULL ? source->scope : SCOPE_USUAL,
		.prompt = options->prompt,
		.login_hint = options->login_hint,
		.redirect_path = options->redirect_path != NULL ? options->redirect_path : PATH_USUAL,
		.port = (uint16_t)options->port,
		.timeout_s = options->timeout_s,
		.open_browser = !options->no_browser,
		.ask_who = person_is_shown(options),
		.ca_file = source->ca_file,
	};
	int outcome = issuer_take(options, arena, &ret->issuer);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (source->client_id == NULL)
		return command_misused(set.command, "--client-id is missing");
	if (!redirect_path_is_good(ret->redirect_path))
		return command_misused(set.command, "--redirect-path begins with / and has letters, digits and -._~/ only, and is not /done");
	if (options->timeout_s == 0)
		return command_misused(set.command, "--timeout takes a whole number from 1 to %d", LIMIT_LOGIN_S);
	return client_secret_take(set.command, source, arena, &ret->client.secret);
}

/* ---- what came --------------------------------------------------------------------------------------------- */

/* A name for another command to find the file by; NULL for what is none of a plain file (stdin, a pipe). */
static const char *file_remember(const char *path, struct arena *arena)
{
	struct stat status;
	char *whole = path == NULL || strcmp(path, "-") == 0 ? NULL : realpath(path, NULL);
	const char *copy = whole != NULL && stat(whole, &status) == 0 && S_ISREG(status.st_mode) ? arena_copy(arena, slice_from(whole)).ptr : NULL;
	free(whole);
	return copy;
}

static int result_save(const struct login_options *options, const struct login_request *request, const struct login_result *result,
                       struct arena *arena, const char **ret_path)
{
	struct saved_login login = {
		.issuer = request->issuer,
		.client_id = request->client.id,
		.token_endpoint = result->metadata.token_endpoint,
		.revocation_endpoint = result->metadata.revocation_endpoint,
		.scope = request->scope,
		.redirect_path = request->redirect_path,
		.client_secret_file = file_remember(options->source.client_secret_file, arena),
		.ca_file = file_remember(request->ca_file, arena),
		.port = options->port,
		.confidential = request->client.secret.ptr != NULL,
		.basic = request->client.basic,
	};
	saved_login_update(&login, result->reply.object, clock_s(), arena);
	if (arena_exhausted(arena))
		return command_fail(set.command, "out of memory");
	return login_save(set.command, options->save, &login, arena, ret_path);
}

static struct slice claim_find(const struct login_result *result, const char *name)
{
	struct slice value = json_object_text(result->person, name);
	return value.len > 0 ? value : json_object_text(result->userinfo, name);
}

/* "pa (Pat Agent)" */
static const char *person_words(const struct login_result *result, struct arena *arena)
{
	static const char *const names[] = { "preferred_username", "email", "sub" };
	struct slice name = claim_find(result, "name"), who = { NULL, 0 };
	for (size_t i = 0; i < sizeof names / sizeof names[0] && who.len == 0; i++)
		who = claim_find(result, names[i]);
	if (who.len == 0)
		return "the server does not say who (no ID token: openid is not among the scopes)";
	const char *shown = show_text(arena, who, SHOWN_MAX);
	if (name.len == 0)
		return shown;
	const char *both = arena_print(arena, "%s (%s)", shown, show_text(arena, name, SHOWN_MAX)).ptr;
	return both == NULL ? "" : both;
}

static const char *expiry_words(const json_t *reply, struct arena *arena)
{
	const json_t *seconds = json_object_get(reply, "expires_in");
	if (!json_is_integer(seconds))
		return "the server does not say when";
	return show_moment(arena, json_integer_value(seconds), 0);
}

static void result_show(const struct login_options *options, const struct login_request *request, const struct login_result *result,
                        const char *path, struct arena *arena)
{
	const json_t *scope = json_object_get(result->reply.object, "scope");
	bool refreshable = json_object_text(result->reply.object, "refresh_token").len > 0;
	printf("%-9s %s\n", "signed in", person_words(result, arena));
	printf("%-9s %s\n", "at", show_text(arena, slice_from(request->issuer), SHOWN_MAX));
	printf("%-9s %s\n", "scope", json_is_string(scope) ? show_json(arena, scope, SHOWN_MAX) : request->scope);
	printf("%-9s %s%s\n", "expires", expiry_words(result->reply.object, arena),
	       refreshable ? " (a refresh token came with it)" : " (no refresh token: that needs the scope offline_access)");
	if (path != NULL)
		printf("%-9s %s\n%-9s writ call --login %s METHOD URL\n", "saved", path, "use", options->save);
	else
		printf("%-9s %s\n", "token", show_text(arena, result->reply.access_token, LIMIT_FETCH_SIZE));
}

static int result_print(const struct login_options *options, const struct login_request *request, const struct login_result *result,
                        const char *path, struct arena *arena)
{
	if (options->decode) {
		const struct token_decode_options decoding = { .jwks_url = result->metadata.jwks_uri, .ca_file = request->ca_file, .json = options->json };
		enum token_form form;
		return token_decode(result->reply.access_token, &decoding, arena, &form) == SIGNATURE_BAD ? EXIT_FAILED : EXIT_DONE;
	}
	if (options->json)
		printf("%.*s\n", SLICE_ARGS(result->reply.body));
	else if (person_is_shown(options))
		result_show(options, request, result, path, arena);
	else
		printf("%.*s\n", SLICE_ARGS(result->reply.access_token));
	return EXIT_DONE;
}

/* ---- the command ------------------------------------------------------------------------------------------- */

/* Before the person does anything: what cannot be kept is better not asked for. */
static int save_prepare(struct arena *arena)
{
	struct login_folder folder;
	struct problem problem;
	if (login_folder_open(true, arena, &folder, &problem) != RESULT_OK)
		return command_fail(set.command, "%s", problem.text);
	login_folder_close(&folder);
	return OPTIONS_GO;
}

static int login_do(struct login_options *options, struct arena *arena)
{
	struct login_request request;
	struct login_result result;
	const char *path = NULL;
	int outcome = options_recall(options, arena);
	if (outcome == OPTIONS_GO)
		outcome = request_make(options, arena, &request);
	if (outcome == OPTIONS_GO && options->save != NULL)
		outcome = save_prepare(arena);
	if (outcome != OPTIONS_GO)
		return outcome;
	outcome = login_run(set.command, &request, arena, &result);
	if (outcome == OPTIONS_GO && options->save != NULL)
		outcome = result_save(options, &request, &result, arena, &path);
	if (outcome == OPTIONS_GO)
		outcome = result_print(options, &request, &result, path, arena);
	login_result_free(&result);
	return outcome;
}

static int login_forget_do(const struct login_options *options, struct arena *arena)
{
	int outcome = login_forget(set.command, options->forget, &options->source, arena);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (isatty(STDOUT_FILENO))
		printf("\"%s\" is forgotten\n", options->forget);
	return EXIT_DONE;
}

int command_login(int argc, char **argv)
{
	struct login_options options = { .timeout_s = TIMEOUT_USUAL_S };
	int outcome = options_parse(&set, argc, argv, &options, NULL);
	if (outcome != OPTIONS_GO)
		return outcome;
	const char *name = options.save != NULL ? options.save : options.forget;
	if (options.save != NULL && options.forget != NULL)
		return command_misused(set.command, "--save and --forget: give one of them");
	if (name != NULL && !login_name_is_good(name))
		return command_misused(set.command, "a saved sign-in's name is letters, digits, - _ and . , at most %d of them", LIMIT_LOGIN_NAME);
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return command_fail(set.command, "out of memory");
	outcome = options.forget != NULL ? login_forget_do(&options, arena) : login_do(&options, arena);
	arena_free(arena);
	return outcome;
}
