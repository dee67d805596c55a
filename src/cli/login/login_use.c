#include "cli/login/login_use.h"

#include "base/clock.h"
#include "base/limits.h"
#include "cli/client_http.h"
#include "cli/command.h"
#include "cli/form_write.h"
#include "cli/show.h"
#include "jose/json_strict.h"

/* ---- what is saved ----------------------------------------------------------------------------------------- */

bool saved_login_is_old(const struct saved_login *login, int64_t now_s)
{
	return login->expires_s != 0 && login->expires_s <= now_s + LIMIT_LOGIN_EXPIRY_S;
}

void saved_login_update(struct saved_login *login, const json_t *reply, int64_t now_s, struct arena *arena)
{
	const json_t *seconds = json_object_get(reply, "expires_in");
	struct slice refresh_token = json_object_text(reply, "refresh_token");
	int64_t expires_s;
	login->access_token = arena_copy(arena, json_object_text(reply, "access_token")).ptr;
	if (refresh_token.len > 0)
		login->refresh_token = arena_copy(arena, refresh_token).ptr;
	login->expires_s = 0;
	if (json_is_integer(seconds) && json_integer_value(seconds) >= 0 &&
	    !__builtin_add_overflow(now_s, json_integer_value(seconds), &expires_s))
		login->expires_s = expires_s;
}

enum result login_recall(const char *name, struct arena *arena, struct saved_login *ret, struct problem *problem)
{
	struct login_folder folder;
	enum result result = login_folder_open(false, arena, &folder, problem);
	if (result != RESULT_OK)
		return result;
	result = login_file_read(&folder, name, arena, ret, problem);
	login_folder_close(&folder);
	return result;
}

int login_save(const char *command, const char *name, const struct saved_login *login, struct arena *arena, const char **ret_path)
{
	struct login_folder folder;
	struct problem problem;
	int lock;
	if (login_folder_open(true, arena, &folder, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	enum result result = login_lock_take(&folder, name, &lock, &problem);
	if (result == RESULT_OK) {
		result = login_file_write(&folder, name, login, &problem);
		login_lock_release(lock);
	}
	*ret_path = arena_print(arena, "%s/%s.json", folder.path, name).ptr;
	login_folder_close(&folder);
	return result == RESULT_OK ? OPTIONS_GO : command_fail(command, "%s", problem.text);
}

/* ---- asking its server ------------------------------------------------------------------------------------- */

/* A form to its server with the application's credentials: a secret is sent only for an application that has one. */
static int form_finish(const char *command, const char *name, const struct saved_login *login, const struct token_source *given,
                       struct writer *body, struct arena *arena, struct client_form *form)
{
	struct client_credentials client = { login->client_id, { NULL, 0 }, login->basic };
	struct token_source source = *given;
	if (source.client_secret == NULL && source.client_secret_file == NULL)
		source.client_secret_file = login->client_secret_file;
	int outcome = login->confidential ? client_secret_take(command, &source, arena, &client.secret) : OPTIONS_GO;
	if (outcome != OPTIONS_GO)
		return outcome;
	if (login->confidential && client.secret.ptr == NULL)
		return command_misused(command, "\"%s\" belongs to a client application with a secret: give --client-secret-file FILE or "
		                                "WRIT_CLIENT_SECRET",
		                       name);
	form->ca_file = given->ca_file != NULL ? given->ca_file : login->ca_file;
	if (client_credentials_put(&client, body, arena, &form->authorization) != RESULT_OK)
		return command_fail(command, "out of memory");
	form->body = writer_slice(body);
	if (!client_http_is_private(form->url))
		return command_fail(command, "the saved sign-in \"%s\" names a server that is neither https nor on this machine: nothing was sent", name);
	return OPTIONS_GO;
}

static int login_refresh(const char *command, const char *name, const struct token_source *given, struct arena *arena,
                         struct saved_login *login)
{
	struct client_form form = { .url = login->token_endpoint };
	struct writer body = writer_new(arena, 1024);
	struct token_reply reply;
	form_put(&body, "grant_type", SLICE_OF("refresh_token"));
	form_put(&body, "refresh_token", slice_from(login->refresh_token));
	int outcome = form_finish(command, name, login, given, &body, arena, &form);
	if (outcome != OPTIONS_GO)
		return outcome;
	enum result result = token_endpoint_ask(&form, arena, &reply);
	if (result == RESULT_OK)
		saved_login_update(login, reply.object, clock_s(), arena);
	json_decref(reply.object);
	if (result == RESULT_INVALID)
		return command_fail(command, "the sign-in \"%s\" is over (%s): run writ login --save %s again", name, reply.why, name);
	if (result != RESULT_OK)
		return command_fail(command, "%s; the saved tokens stay as they are", reply.why);
	return arena_exhausted(arena) ? command_fail(command, "out of memory") : OPTIONS_GO;
}

/* Under the lock: somebody else may have refreshed it while we waited. */
static int token_refresh(const char *command, const struct login_folder *folder, const char *name, const struct token_source *given,
                         struct arena *arena, struct saved_login *login)
{
	struct problem problem;
	if (login_file_read(folder, name, arena, login, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	if (!saved_login_is_old(login, clock_s()))
		return OPTIONS_GO;
	if (login->refresh_token == NULL)
		return command_fail(command, "the token of \"%s\" expired %s, and no refresh token came with it: run writ login --save %s again, "
		                             "with offline_access in --scope to stay signed in",
		                    name, show_moment(arena, login->expires_s, clock_s()), name);
	int outcome = login_refresh(command, name, given, arena, login);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (login_file_write(folder, name, login, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	return OPTIONS_GO;
}

int login_token_take(const char *command, const char *name, const struct token_source *given, struct arena *arena, struct slice *ret)
{
	struct login_folder folder;
	struct saved_login login;
	struct problem problem;
	int lock, outcome = OPTIONS_GO;
	if (login_folder_open(false, arena, &folder, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	if (login_file_read(&folder, name, arena, &login, &problem) != RESULT_OK) {
		outcome = command_fail(command, "%s", problem.text);
	} else if (saved_login_is_old(&login, clock_s())) {
		if (login_lock_take(&folder, name, &lock, &problem) != RESULT_OK) {
			outcome = command_fail(command, "%s", problem.text);
		} else {
			outcome = token_refresh(command, &folder, name, given, arena, &login);
			login_lock_release(lock);
		}
	}
	login_folder_close(&folder);
	if (outcome == OPTIONS_GO)
		*ret = slice_from(login.access_token);
	return outcome;
}

/* ---- forgetting -------------------------------------------------------------------------------------------- */

static int login_revoke(const char *command, const char *name, const struct saved_login *login, const struct token_source *given,
                        struct arena *arena)
{
	struct client_form form = { .url = login->revocation_endpoint };
	struct writer body = writer_new(arena, 1024);
	const char *why = "";
	bool refresh = login->refresh_token != NULL;
	if (form.url == NULL)
		return OPTIONS_GO;
	form_put(&body, "token", slice_from(refresh ? login->refresh_token : login->access_token));
	form_put(&body, "token_type_hint", refresh ? SLICE_OF("refresh_token") : SLICE_OF("access_token"));
	int outcome = form_finish(command, name, login, given, &body, arena, &form);
	if (outcome != OPTIONS_GO)
		return outcome;
	if (revocation_endpoint_ask(&form, arena, &why) != RESULT_OK)
		return command_fail(command, "the tokens of \"%s\" were not revoked: %s; they are still saved", name, why);
	return OPTIONS_GO;
}

int login_forget(const char *command, const char *name, const struct token_source *given, struct arena *arena)
{
	struct login_folder folder;
	struct saved_login login;
	struct problem problem;
	int lock, outcome;
	if (login_folder_open(false, arena, &folder, &problem) != RESULT_OK)
		return command_fail(command, "%s", problem.text);
	if (login_lock_take(&folder, name, &lock, &problem) != RESULT_OK) {
		login_folder_close(&folder);
		return command_fail(command, "%s", problem.text);
	}
	if (login_file_read(&folder, name, arena, &login, &problem) != RESULT_OK)
		outcome = command_fail(command, "%s", problem.text);
	else
		outcome = login_revoke(command, name, &login, given, arena);
	if (outcome == OPTIONS_GO && login_file_delete(&folder, name, &problem) != RESULT_OK)
		outcome = command_fail(command, "%s", problem.text);
	login_lock_release(lock);
	login_folder_close(&folder);
	return outcome;
}
