#include "cli/login/login_flow.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/client_http.h"
#include "cli/command.h"
#include "cli/form_write.h"
#include "cli/login/browser_open.h"
#include "cli/login/callback.h"
#include "cli/login/id_token.h"
#include "cli/login/loopback.h"
#include "cli/login/pkce.h"
#include "cli/options.h"
#include "cli/show.h"
#include "jose/json_strict.h"

#include <stdio.h>

#define SHOWN_MAX 600
#define DONE_PATH "/done"
#define DONE_WAIT_MS 3000
#define CALLBACK_ARENA_MAX (256 * 1024)

struct attempt {
	const char *command;
	const struct login_request *request;
	struct login_secrets secrets;
	const char *redirect_uri;
	struct callback callback;
	struct arena *arena;
	bool succeeded;
};

_Static_assert(sizeof((struct login_secrets *)0)->state == UNGUESSABLE_SIZE, "a secret has the size that unguessable_make fills");

/* ---- the request ------------------------------------------------------------------------------------------- */

const char *authorization_url_make(const char *endpoint, const struct login_request *request, const struct login_secrets *secrets,
                                   const char *redirect_uri, struct arena *arena)
{
	char challenge[UNGUESSABLE_SIZE];
	struct writer query = writer_new(arena, 1024);
	code_challenge_make(slice_from(secrets->verifier), challenge);
	form_put(&query, "response_type", SLICE_OF("code"));
	form_put(&query, "client_id", slice_from(request->client.id));
	form_put(&query, "redirect_uri", slice_from(redirect_uri));
	form_put(&query, "scope", slice_from(request->scope));
	form_put(&query, "state", slice_from(secrets->state));
	form_put(&query, "nonce", slice_from(secrets->nonce));
	form_put(&query, "code_challenge", slice_from(challenge));
	form_put(&query, "code_challenge_method", SLICE_OF("S256"));
	if (request->prompt != NULL)
		form_put(&query, "prompt", slice_from(request->prompt));
	if (request->login_hint != NULL)
		form_put(&query, "login_hint", slice_from(request->login_hint));
	if (!writer_ok(&query))
		return NULL;
	struct slice text = writer_slice(&query);
	/* an endpoint may have a query of its own (RFC 6749 §3.1) */
	return arena_print(arena, "%s%c%.*s", endpoint, strchr(endpoint, '?') == NULL ? '?' : '&', SLICE_ARGS(text)).ptr;
}

static void address_show(const struct attempt *attempt, const char *url)
{
	fflush(stdout);
	fprintf(stderr, "Sign in at this address:\n\n  %s\n\n", url);
	if (!attempt->request->open_browser)
		return;
	if (browser_open(url, attempt->arena) == RESULT_OK)
		fprintf(stderr, "A browser was asked to open it. Waiting for it to come back to %s …\n", attempt->redirect_uri);
	else
		fprintf(stderr, "No browser could be started (BROWSER names one, or install xdg-open): open it yourself on this machine.\n");
}

/* ---- what the browser brings ------------------------------------------------------------------------------- */

static bool callback_keep(struct attempt *attempt, const struct callback *came)
{
	struct slice *targets[] = { &attempt->callback.code, &attempt->callback.iss, &attempt->callback.error,
		                    &attempt->callback.error_description };
	const struct slice values[] = { came->code, came->iss, came->error, came->error_description };
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (values[i].ptr != NULL)
			*targets[i] = arena_copy(attempt->arena, values[i]);
	return !arena_exhausted(attempt->arena);
}

static bool callback_answer(void *context, const struct loopback_request *request, struct loopback_reply *ret)
{
	struct attempt *attempt = context;
	if (!slice_is(request->path, attempt->request->redirect_path)) {
		*ret = (struct loopback_reply) { 404, NULL, "Nothing here", "This address only waits for a sign-in to come back." };
		return false;
	}
	*ret = (struct loopback_reply) { 400, NULL, "Not the answer to this sign-in",
		                         "Start again at the address that the terminal shows. It is still waiting." };
	/* what does not belong to the attempt must not use up its memory, however often it comes */
	struct arena *arena = arena_new(16 * 1024, CALLBACK_ARENA_MAX);
	struct callback came;
	bool good = arena != NULL && callback_read(request->query, slice_from(attempt->secrets.state), arena, &came) == RESULT_OK &&
	            callback_keep(attempt, &came);
	arena_free(arena);
	if (good) /* at once to an address without the code: it is neither shown nor kept in the browser's history */
		*ret = (struct loopback_reply) { 303, DONE_PATH, "Coming back", "The terminal has the answer." };
	return good;
}

static bool done_answer(void *context, const struct loopback_request *request, struct loopback_reply *ret)
{
	const struct attempt *attempt = context;
	bool done = slice_is(request->path, DONE_PATH);
	*ret = (struct loopback_reply) { 404, NULL, "Nothing here", "The sign-in has already come back." };
	if (done && attempt->succeeded)
		*ret = (struct loopback_reply) { 200, NULL, "You are signed in", "You may close this page and go back to the terminal." };
	else if (done)
		*ret = (struct loopback_reply) { 200, NULL, "The sign-in did not succeed",
			                         "The terminal says why. You may close this page." };
	return done;
}

static int callback_judge(const struct attempt *attempt, const struct issuer_metadata *metadata)
{
	const struct callback *callback = &attempt->callback;
	struct arena *arena = attempt->arena;
	if (!callback_issuer_is_right(callback, metadata->issuer, metadata->iss_promised)) {
		if (callback->iss.ptr == NULL)
			return command_fail(attempt->command, "the answer does not say which server it comes from, though %s promises it (iss): "
			                                      "it was thrown away; try again, and ask who runs the server if it stays so",
			                    metadata->issuer);
		return command_fail(attempt->command, "the answer comes from another server, \"%s\", not from %s: it was thrown away, and so was "
		                                      "its code; is --issuer the server you signed in to?",
		                    show_text(arena, callback->iss, SHOWN_MAX), metadata->issuer);
	}
	if (callback->error.ptr == NULL)
		return OPTIONS_GO;
	const char *error = show_text(arena, callback->error, SHOWN_MAX);
	const char *description = show_text(arena, callback->error_description, SHOWN_MAX);
	const char *words = slice_is(callback->error, "access_denied") ? "the sign-in was refused" : "the server refused the request";
	return command_fail(attempt->command, "%s: %s%s%s", words, error, description[0] == '\0' ? "" : ": ", description);
}

/* ---- the tokens -------------------------------------------------------------------------------------------- */

static int code_redeem(const struct attempt *attempt, struct login_result *result)
{
	const struct login_request *request = attempt->request;
	struct client_form form = { .url = result->metadata.token_endpoint, .ca_file = request->ca_file };
	struct writer body = writer_new(attempt->arena, 1024);
	form_put(&body, "grant_type", SLICE_OF("authorization_code"));
	form_put(&body, "code", attempt->callback.code);
	form_put(&body, "redirect_uri", slice_from(attempt->redirect_uri));
	form_put(&body, "code_verifier", slice_from(attempt->secrets.verifier));
	if (client_credentials_put(&request->client, &body, attempt->arena, &form.authorization) != RESULT_OK)
		return command_fail(attempt->command, "out of memory");
	form.body = writer_slice(&body);
	if (token_endpoint_ask(&form, attempt->arena, &result->reply) != RESULT_OK)
		return command_fail(attempt->command, "%s", result->reply.why);
	struct slice type = json_object_text(result->reply.object, "token_type");
	if (!text_equal_folded(type, SLICE_OF("Bearer"))) /* RFC 6749 §7.1 */
		return command_fail(attempt->command, "the server gives tokens of the type \"%s\", which writ cannot use: only Bearer",
		                    show_text(attempt->arena, type, SHOWN_MAX));
	return OPTIONS_GO;
}

static int person_verify(const struct attempt *attempt, struct login_result *result)
{
	struct slice token = json_object_text(result->reply.object, "id_token");
	struct problem problem;
	if (token.len == 0 && !slice_has_word(slice_from(attempt->request->scope), SLICE_OF("openid")))
		return OPTIONS_GO;
	if (token.len == 0) /* OpenID Connect Core §3.1.3.3 */
		return command_fail(attempt->command, "the server gave no ID token although openid was asked for: who signed in cannot be known");
	const struct id_token_expected expected = {
		.issuer = result->metadata.issuer,
		.client_id = attempt->request->client.id,
		.nonce = attempt->secrets.nonce,
		.access_token = result->reply.access_token,
		.now_s = clock_s(),
	};
	if (id_token_verify(token, &expected, result->metadata.jwks_uri, attempt->request->ca_file, attempt->arena, &result->person, &problem) !=
	    RESULT_OK)
		return command_fail(attempt->command, "%s", problem.text);
	return OPTIONS_GO;
}

/* Only for showing: no answer, or one about somebody else (OpenID Connect Core §5.3.2), is as good as none. */
static void person_ask(const struct attempt *attempt, struct login_result *result)
{
	const char *url = result->metadata.userinfo_endpoint;
	if (!attempt->request->ask_who || url == NULL || result->person == NULL || json_object_get(result->person, "preferred_username") != NULL)
		return;
	const char *const headers[] = { "Accept: application/json", client_http_bearer(attempt->arena, result->reply.access_token) };
	const struct client_http_request request = {
		.method = "GET", .url = url, .headers = headers, .header_count = 2, .ca_file = attempt->request->ca_file
	};
	struct client_http_reply reply;
	json_t *object = NULL;
	if (headers[1] == NULL || client_http_send(&request, attempt->arena, &reply, NULL) != RESULT_OK || reply.status != 200 ||
	    json_object_parse(reply.body, &object) != RESULT_OK)
		return;
	if (slice_equal(json_object_text(object, "sub"), json_object_text(result->person, "sub")))
		result->userinfo = object;
	else
		json_decref(object);
}

/* ---- all of it --------------------------------------------------------------------------------------------- */

static int browser_wait(struct attempt *attempt, struct loopback *loopback, struct login_result *result)
{
	const struct login_request *request = attempt->request;
	const char *url = authorization_url_make(result->metadata.authorization_endpoint, request, &attempt->secrets, attempt->redirect_uri,
	                                         attempt->arena);
	if (url == NULL)
		return command_fail(attempt->command, "out of memory");
	address_show(attempt, url);
	enum result served = loopback_serve(loopback, request->timeout_s * 1000, callback_answer, attempt);
	if (served == RESULT_EXPIRED)
		return command_fail(attempt->command,
		                    "nobody came back from the browser within %lld seconds: try again, with a longer --timeout; if the server showed "
		                    "an error, is %s registered as a redirect address of this client application?",
		                    (long long)request->timeout_s, attempt->redirect_uri);
	if (served != RESULT_OK)
		return command_fail(attempt->command, "the loopback address cannot be served: %s", result_text(served));
	int outcome = callback_judge(attempt, &result->metadata);
	if (outcome == OPTIONS_GO)
		outcome = code_redeem(attempt, result);
	if (outcome == OPTIONS_GO)
		outcome = person_verify(attempt, result);
	attempt->succeeded = outcome == OPTIONS_GO;
	if (attempt->succeeded)
		person_ask(attempt, result);
	/* the browser has been waiting for this page; one that does not ask for it is not waited for long */
	if (loopback_serve(loopback, DONE_WAIT_MS, done_answer, attempt) == RESULT_FAILED)
		fprintf(stderr, "The page that tells the browser so could not be served.\n");
	return outcome;
}

int login_run(const char *command, const struct login_request *request, struct arena *arena, struct login_result *ret)
{
	struct attempt attempt = { .command = command, .request = request, .arena = arena };
	struct loopback *loopback = NULL;
	struct problem problem;
	*ret = (struct login_result) { .person = NULL };
	if (issuer_metadata_find(request->issuer, request->ca_file, arena, &ret->metadata, &problem) != RESULT_OK ||
	    loopback_open(request->port, arena, &loopback, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	attempt.redirect_uri =
		arena_print(arena, "http://127.0.0.1:%u%s", (unsigned)loopback_port(loopback), request->redirect_path).ptr;
	unguessable_make(attempt.secrets.verifier);
	unguessable_make(attempt.secrets.state);
	unguessable_make(attempt.secrets.nonce);
	int outcome = attempt.redirect_uri == NULL ? command_fail(command, "out of memory") : browser_wait(&attempt, loopback, ret);
	loopback_close(loopback);
	wipe(&attempt.secrets, sizeof attempt.secrets);
	return outcome;
}

void login_result_free(struct login_result *result)
{
	json_decref(result->person);
	json_decref(result->userinfo);
	json_decref(result->reply.object);
	*result = (struct login_result) { .person = NULL };
}
