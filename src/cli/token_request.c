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

/* ---- the request ------------------------------------------------------------------------------------------- */

static int realm_letter(const char *command, const struct token_source *source, char *ret)
{
	const char *usual = source->email != NULL ? "customer" : "user";
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

enum result token_request_form(const struct token_source *source, struct slice secret, struct arena *arena, struct slice *ret_form,
                               const char **ret_authorization)
{
	struct writer form = writer_new(arena, 1024);
	bool on_behalf = source->username != NULL || source->user_id != NULL || source->email != NULL;
	form_put(&form, "grant_type", on_behalf ? SLICE_OF("password") : SLICE_OF("client_credentials"));
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

int token_request(const char *command, const struct token_source *source, struct arena *arena, struct token_reply *ret)
{
	struct client_form form = { .ca_file = source->ca_file };
	struct slice secret = { NULL, 0 };
	*ret = (struct token_reply) { .object = NULL };
	int outcome = token_request_url(command, source, arena, &form.url);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (source->client_id == NULL)
		return command_misused(command, "--client-id is missing");
	outcome = client_secret_take(command, source, arena, &secret);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (secret.ptr == NULL)
		return command_misused(command, "the client secret is missing: --client-secret-file FILE, --client-secret SECRET, or "
		                                "WRIT_CLIENT_SECRET");
	if (token_request_form(source, secret, arena, &form.body, &form.authorization) != RESULT_OK)
		return command_fail(command, "out of memory");
	return token_endpoint_ask(&form, arena, ret) == RESULT_OK ? OPTIONS_GO : command_fail(command, "%s", ret->why);
}
