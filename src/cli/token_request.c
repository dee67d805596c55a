#include "cli/token_request.h"

#include "base/limits.h"
#include "base/writer.h"
#include "cli/command.h"
#include "cli/file_read.h"
#include "cli/form_write.h"
#include "store/model.h"

bool token_source_given(const struct token_source *source)
{
	return source->token_url != NULL || source->server != NULL || source->client_id != NULL;
}

int token_source_subjects(const struct token_source *source)
{
	return (source->username != NULL) + (source->user_id != NULL) + (source->email != NULL);
}

/* ---- the request ------------------------------------------------------------------------------------------- */

static int realm_letter(const char *command, const struct token_source *source, char *ret)
{
	const bool customer = source->email != NULL || (source->subject_token_type != NULL && strcmp(source->subject_token_type, "email") == 0);
	const char *usual = customer ? "customer" : "user";
	const char *realm = source->realm != NULL ? source->realm : usual;
	if (strcmp(realm, "user") == 0)
		*ret = PERSON_USER;
	else if (strcmp(realm, "customer") == 0)
		*ret = PERSON_CUSTOMER;
	else
		return command_misused(command, "--realm is user or customer, not \"%s\"", realm);
	return OPTIONS_GO;
}

int realm_url(const char *command, const struct token_source *source, struct arena *arena, const char **ret)
{
	struct partition_id partition;
	if (!partition_id_parse(slice_from(source->partition), &partition))
		return command_misused(command, "--partition is letters, digits and _, at most %d of them", LIMIT_PARTITION_ID);
	char letter = PERSON_USER;
	int outcome = realm_letter(command, source, &letter);
	if (outcome != OPTIONS_GO)
		return outcome;
	struct slice server = slice_from(source->server);
	while (server.len > 0 && server.ptr[server.len - 1] == '/')
		server.len--;
	*ret = arena_print(arena, "%.*s/system/auth/%s-%c", SLICE_ARGS(server), partition.text, letter).ptr;
	return *ret == NULL ? command_fail(command, "out of memory") : OPTIONS_GO;
}

int token_request_url(const char *command, const struct token_source *source, struct arena *arena, const char **ret)
{
	bool named = source->server != NULL || source->partition != NULL || source->realm != NULL;
	if (source->token_url != NULL && named)
		return command_misused(command, "--token-url is the whole address: leave out --server, --partition and --realm");
	if (source->token_url != NULL) {
		*ret = source->token_url;
		return OPTIONS_GO;
	}
	if (source->server == NULL || source->partition == NULL)
		return command_misused(command, "say where: --token-url URL, or --server URL and --partition ID");
	const char *realm = NULL;
	int outcome = realm_url(command, source, arena, &realm);
	if (outcome != OPTIONS_GO)
		return outcome;
	*ret = arena_print(arena, "%s/oauth2/token", realm).ptr;
	return *ret == NULL ? command_fail(command, "out of memory") : OPTIONS_GO;
}

/* The short word of a type as its URN; anything with a colon is one already. */
static struct slice token_type_urn(const char *type, struct arena *arena)
{
	static const char *const ours[] = { "username", "userid", "email" };
	if (type == NULL)
		type = "jwt";
	if (strchr(type, ':') != NULL)
		return slice_from(type);
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strcmp(type, ours[i]) == 0)
			return arena_print(arena, "urn:writ:token-type:%s", type);
	return arena_print(arena, "urn:ietf:params:oauth:token-type:%s", type);
}

enum result token_source_form(const struct token_source *source, struct slice secret, struct slice subject_token, struct arena *arena,
                               struct slice *ret_form, const char **ret_authorization)
{
	struct writer form = writer_new(arena, 1024);
	bool on_behalf = source->username != NULL || source->user_id != NULL || source->email != NULL;
	const char *grant = subject_token.ptr != NULL ? "urn:ietf:params:oauth:grant-type:token-exchange" : on_behalf ? "password" : "client_credentials";
	form_put(&form, "grant_type", slice_from(grant));
	if (subject_token.ptr != NULL) {
		form_put(&form, "subject_token", subject_token);
		form_put(&form, "subject_token_type", token_type_urn(source->subject_token_type, arena));
	}
	if (source->registration_id != NULL)
		form_put(&form, "registration_id", slice_from(source->registration_id));
	if (source->scope != NULL)
		form_put(&form, "scope", slice_from(source->scope));
	if (source->username != NULL)
		form_put(&form, "subject_username", slice_from(source->username));
	if (source->user_id != NULL)
		form_put(&form, "subject_userid", slice_from(source->user_id));
	if (source->email != NULL)
		form_put(&form, "subject_email", slice_from(source->email));
	const struct client_credentials client = { source->client_id, secret, source->basic };
	const char *authorization = NULL;
	enum result result = client_credentials_put(&client, &form, arena, &authorization);
	if (result != RESULT_OK)
		return result;
	*ret_form = writer_slice(&form);
	*ret_authorization = authorization;
	return RESULT_OK;
}

int client_secret_take(const char *command, const struct token_source *source, struct arena *arena, struct slice *ret)
{
	const char *given = source->client_secret;
	if (given != NULL && source->client_secret_file != NULL) {
		if (given != options_environment("WRIT_CLIENT_SECRET")) /* that one gives way to an option */
			return command_misused(command, "--client-secret and --client-secret-file: give one of them");
		given = NULL;
	}
	if (given != NULL && strcmp(given, "-") != 0) {
		*ret = slice_from(given);
		return OPTIONS_GO;
	}
	const char *path = given != NULL ? given : source->client_secret_file;
	if (path == NULL) {
		*ret = (struct slice) { NULL, 0 };
		return OPTIONS_GO;
	}
	int outcome = line_read(command, path, LIMIT_LONG_PARAMETER, arena, ret);
	if (outcome == OPTIONS_GO && ret->len == 0)
		return command_fail(command, "the client secret in %s is empty", strcmp(path, "-") == 0 ? "stdin" : path);
	return outcome;
}

static bool is_stdin(const char *value, const char *file)
{
	return strcmp(file != NULL ? file : value != NULL ? value : "", "-") == 0;
}

/* The token that shall be exchanged; ptr NULL: this is no exchange. */
static int subject_token_take(const char *command, const struct token_source *source, struct arena *arena, struct slice *ret)
{
	const char *given = source->subject_token;
	if (given != NULL && source->subject_token_file != NULL && given != options_environment("WRIT_SUBJECT_TOKEN"))
		return command_misused(command, "--subject-token and --subject-token-file: give one of them");
	const char *path = source->subject_token_file != NULL ? source->subject_token_file : given;
	if (path == NULL || (source->subject_token_file == NULL && strcmp(path, "-") != 0)) {
		*ret = given == NULL ? (struct slice) { NULL, 0 } : slice_from(given);
		return OPTIONS_GO;
	}
	int outcome = line_read(command, path, LIMIT_FETCH_SIZE, arena, ret);
	if (outcome == OPTIONS_GO && ret->len == 0)
		return command_fail(command, "the token in %s is empty", strcmp(path, "-") == 0 ? "stdin" : path);
	return outcome;
}

int token_request(const char *command, const struct token_source *source, struct arena *arena, struct token_reply *ret)
{
	struct client_form form = { .ca_file = source->ca_file };
	struct slice secret = { NULL, 0 }, subject_token = { NULL, 0 };
	*ret = (struct token_reply) { .object = NULL };
	int outcome = token_request_url(command, source, arena, &form.url);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (source->client_id == NULL)
		return command_misused(command, "--client-id is missing");
	if (is_stdin(source->client_secret, source->client_secret_file) && is_stdin(source->subject_token, source->subject_token_file))
		return command_misused(command, "the secret and the token cannot both come from stdin: give one of them in a file");
	outcome = client_secret_take(command, source, arena, &secret);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (secret.ptr == NULL)
		return command_misused(command, "the client secret is missing: --client-secret-file FILE, --client-secret SECRET, or "
		                                "WRIT_CLIENT_SECRET");
	outcome = subject_token_take(command, source, arena, &subject_token);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (token_source_form(source, secret, subject_token, arena, &form.body, &form.authorization) != RESULT_OK)
		return command_fail(command, "out of memory");
	return token_endpoint_ask(&form, arena, ret) == RESULT_OK ? OPTIONS_GO : command_fail(command, "%s", ret->why);
}
