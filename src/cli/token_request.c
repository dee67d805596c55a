#include "cli/token_request.h"

#include "base/limits.h"
#include "base/writer.h"
#include "cli/client_http.h"
#include "cli/command.h"
#include "cli/file_read.h"
#include "cli/show.h"
#include "jose/json_strict.h"
#include "store/model.h"

#include <sodium.h>

#define SHOWN_MAX 600 /* of what a server says, in an error line */

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
	*ret = arena_print(arena, "%.*s/system/auth/%s-%c/oauth2/token", SLICE_ARGS(server), partition.text, letter).ptr;
	return *ret == NULL ? command_fail(command, "out of memory") : OPTIONS_GO;
}

/* application/x-www-form-urlencoded (RFC 6749 appendix B) */
static void form_encode(struct writer *form, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
		if (plain)
			writer_byte(form, c);
		else if (c == ' ')
			writer_byte(form, '+');
		else
			writer_print(form, "%%%02X", (unsigned char)c);
	}
}

static void form_put(struct writer *form, const char *name, struct slice value)
{
	if (form->len > 0)
		writer_byte(form, '&');
	writer_text(form, name);
	writer_byte(form, '=');
	form_encode(form, value);
}

/* RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
static const char *basic_header(const char *client_id, struct slice secret, struct arena *arena)
{
	struct writer pair = writer_new(arena, 256);
	form_encode(&pair, slice_from(client_id));
	writer_byte(&pair, ':');
	form_encode(&pair, secret);
	size_t size = sodium_base64_ENCODED_LEN(pair.len, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(arena, size);
	if (!writer_ok(&pair) || text == NULL)
		return NULL;
	sodium_bin2base64(text, size, (const unsigned char *)pair.bytes, pair.len, sodium_base64_VARIANT_ORIGINAL);
	return arena_print(arena, "Authorization: Basic %s", text).ptr;
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
	const char *authorization = NULL;
	if (source->basic) {
		authorization = basic_header(source->client_id, secret, arena);
	} else {
		form_put(&form, "client_id", slice_from(source->client_id));
		if (secret.len > 0)
			form_put(&form, "client_secret", secret);
	}
	if (!writer_ok(&form) || (source->basic && authorization == NULL))
		return RESULT_NO_MEMORY;
	*ret_form = writer_slice(&form);
	*ret_authorization = authorization;
	return RESULT_OK;
}

static int secret_take(const char *command, const struct token_source *source, struct arena *arena, struct slice *ret)
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
	if (path == NULL)
		return command_misused(command, "the client secret is missing: --client-secret-file FILE, --client-secret SECRET, or "
		                                "WRIT_CLIENT_SECRET");
	int outcome = line_read(command, path, LIMIT_LONG_PARAMETER, arena, ret);
	if (outcome == OPTIONS_GO && ret->len == 0)
		return command_fail(command, "the client secret in %s is empty", strcmp(path, "-") == 0 ? "stdin" : path);
	return outcome;
}

/* ---- the reply --------------------------------------------------------------------------------------------- */

static int refusal_explain(const char *command, const char *url, const struct client_http_reply *reply, const json_t *object,
                           struct arena *arena)
{
	struct slice error = json_object_text(object, "error");
	if (error.len == 0) {
		const char *hint = reply->status == 404                          ? ": is that the token endpoint?"
		                   : reply->status >= 300 && reply->status < 400 ? " (a redirect, which is not followed): give the final address"
		                                                                 : " without an OAuth error";
		return command_fail(command, "%s answered %ld%s", url, reply->status, hint);
	}
	struct slice description = json_object_text(object, "error_description");
	struct slice more = json_object_text(object, "error_uri");
	return command_fail(command, "%s%s%s%s%s%s", show_text(arena, error, SHOWN_MAX), description.len > 0 ? ": " : "",
	                    show_text(arena, description, SHOWN_MAX), more.len > 0 ? " (see " : "", show_text(arena, more, SHOWN_MAX),
	                    more.len > 0 ? ")" : "");
}

static int reply_judge(const char *command, const char *url, const struct client_http_reply *reply, struct arena *arena,
                       struct token_reply *ret)
{
	ret->body = reply->body;
	if (json_object_parse(reply->body, &ret->object) != RESULT_OK)
		ret->object = NULL;
	if (reply->status != 200)
		return refusal_explain(command, url, reply, ret->object, arena);
	ret->access_token = json_object_text(ret->object, "access_token");
	if (ret->access_token.len == 0)
		return command_fail(command, "%s answered 200 without an access_token: is that the token endpoint?", url);
	return OPTIONS_GO;
}

int token_request(const char *command, const struct token_source *source, struct arena *arena, struct token_reply *ret)
{
	const char *url = NULL, *authorization = NULL;
	struct slice secret = { NULL, 0 }, form = { NULL, 0 };
	*ret = (struct token_reply) { .object = NULL };
	int outcome = token_request_url(command, source, arena, &url);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (source->client_id == NULL)
		return command_misused(command, "--client-id is missing");
	outcome = secret_take(command, source, arena, &secret);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (token_request_form(source, secret, arena, &form, &authorization) != RESULT_OK)
		return command_fail(command, "out of memory");
	const char *headers[] = { "Content-Type: application/x-www-form-urlencoded", "Accept: application/json", authorization };
	const struct client_http_request request = {
		.method = "POST",
		.url = url,
		.headers = headers,
		.header_count = authorization == NULL ? 2 : 3,
		.body = form,
		.ca_file = source->ca_file,
	};
	struct client_http_reply reply;
	struct problem problem;
	if (client_http_send(&request, arena, &reply, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	return reply_judge(command, url, &reply, arena, ret);
}
