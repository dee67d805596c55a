#include "cli/token_endpoint.h"

#include "base/limits.h"
#include "cli/client_http.h"
#include "cli/form_write.h"
#include "cli/show.h"
#include "jose/json_strict.h"

#include <sodium.h>

#define SHOWN_MAX 600 /* of what a server says, in an error line */

/* ---- the request ------------------------------------------------------------------------------------------- */

/* RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
static const char *basic_header(const struct client_credentials *client, struct arena *arena)
{
	struct writer pair = writer_new(arena, 256);
	form_encode(&pair, slice_from(client->id));
	writer_byte(&pair, ':');
	form_encode(&pair, client->secret);
	size_t size = sodium_base64_ENCODED_LEN(pair.len, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(arena, size);
	if (!writer_ok(&pair) || text == NULL)
		return NULL;
	sodium_bin2base64(text, size, (const unsigned char *)pair.bytes, pair.len, sodium_base64_VARIANT_ORIGINAL);
	return arena_print(arena, "Authorization: Basic %s", text).ptr;
}

enum result client_credentials_put(const struct client_credentials *client, struct writer *form, struct arena *arena,
                                const char **ret_authorization)
{
	const char *authorization = NULL;
	bool basic = client->basic && client->secret.ptr != NULL;
	if (basic) {
		authorization = basic_header(client, arena);
	} else {
		form_put(form, "client_id", slice_from(client->id));
		if (client->secret.len > 0)
			form_put(form, "client_secret", client->secret);
	}
	if (!writer_ok(form) || (basic && authorization == NULL))
		return RESULT_NO_MEMORY;
	*ret_authorization = authorization;
	return RESULT_OK;
}

static enum result form_send(const struct client_form *form, struct arena *arena, struct client_http_reply *ret, const char **ret_why)
{
	const char *headers[] = { "Content-Type: application/x-www-form-urlencoded", "Accept: application/json", form->authorization };
	const struct client_http_request request = {
		.method = "POST",
		.url = form->url,
		.headers = headers,
		.header_count = form->authorization == NULL ? 2 : 3,
		.body = form->body,
		.ca_file = form->ca_file,
	};
	struct problem problem;
	enum result result = client_http_send(&request, arena, ret, &problem);
	if (result != RESULT_OK)
		*ret_why = show_text(arena, slice_from(problem.text), sizeof problem.text);
	return result == RESULT_OK ? RESULT_OK : RESULT_FAILED;
}

/* ---- the reply --------------------------------------------------------------------------------------------- */

static enum result refusal_explain(const char *url, long status, const json_t *object, struct arena *arena, const char **ret_why)
{
	struct slice error = json_object_text(object, "error");
	if (error.len == 0) {
		const char *hint = status == 404                   ? ": is that the token endpoint?"
		                   : status >= 300 && status < 400 ? " (a redirect, which is not followed): give the final address"
		                                                   : " without an OAuth error";
		*ret_why = arena_print(arena, "%s answered %ld%s", show_text(arena, slice_from(url), LIMIT_URL), status, hint).ptr;
		return RESULT_FAILED;
	}
	struct slice description = json_object_text(object, "error_description");
	struct slice more = json_object_text(object, "error_uri");
	*ret_why = arena_print(arena, "%s%s%s%s%s%s", show_text(arena, error, SHOWN_MAX), description.len > 0 ? ": " : "",
	                       show_text(arena, description, SHOWN_MAX), more.len > 0 ? " (see " : "", show_text(arena, more, SHOWN_MAX),
	                       more.len > 0 ? ")" : "").ptr;
	return RESULT_INVALID;
}

enum result token_endpoint_ask(const struct client_form *form, struct arena *arena, struct token_reply *ret)
{
	struct client_http_reply reply;
	*ret = (struct token_reply) { .object = NULL };
	enum result result = form_send(form, arena, &reply, &ret->why);
	if (result != RESULT_OK)
		return result;
	ret->body = reply.body;
	if (json_object_parse(reply.body, &ret->object) != RESULT_OK)
		ret->object = NULL;
	if (reply.status != 200)
		return refusal_explain(form->url, reply.status, ret->object, arena, &ret->why);
	ret->access_token = json_object_text(ret->object, "access_token");
	if (ret->access_token.len > 0)
		return RESULT_OK;
	const char *shown = show_text(arena, slice_from(form->url), LIMIT_URL);
	ret->why = arena_print(arena, "%s answered 200 without an access_token: is that the token endpoint?", shown).ptr;
	return RESULT_FAILED;
}

enum result revocation_endpoint_ask(const struct client_form *form, struct arena *arena, const char **ret_why)
{
	struct client_http_reply reply;
	json_t *object = NULL;
	enum result result = form_send(form, arena, &reply, ret_why);
	if (result != RESULT_OK || reply.status == 200)
		return result;
	if (json_object_parse(reply.body, &object) != RESULT_OK)
		object = NULL;
	result = refusal_explain(form->url, reply.status, object, arena, ret_why);
	json_decref(object);
	return result;
}
