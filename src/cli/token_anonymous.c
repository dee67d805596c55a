#include "cli/token_anonymous.h"

#include "base/limits.h"
#include "base/writer.h"
#include "cli/command.h"
#include "cli/form_write.h"
#include "store/model.h"

static int anonymous_url(const char *command, const struct token_source *source, struct arena *arena, const char **ret)
{
	struct partition_id partition;
	if (source->token_url != NULL && (source->server != NULL || source->partition != NULL))
		return command_misused(command, "--token-url is the whole address: leave out --server and --partition");
	if (source->token_url != NULL) {
		*ret = source->token_url;
		return OPTIONS_GO;
	}
	if (source->server == NULL || source->partition == NULL)
		return command_misused(command, "say where: --token-url URL, or --server URL and --partition ID");
	if (!partition_id_parse(slice_from(source->partition), &partition))
		return command_misused(command, "--partition is letters, digits and _, at most %d of them", LIMIT_PARTITION_ID);
	struct slice server = slice_from(source->server);
	while (server.len > 0 && server.ptr[server.len - 1] == '/')
		server.len--;
	*ret = arena_print(arena, "%.*s/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=%s", SLICE_ARGS(server),
	                   partition.text).ptr;
	return *ret == NULL ? command_fail(command, "out of memory") : OPTIONS_GO;
}

int anonymous_token_request(const char *command, const struct token_source *source, struct arena *arena, struct token_reply *ret)
{
	struct client_form form = { .ca_file = source->ca_file };
	struct writer body = writer_new(arena, 256);
	*ret = (struct token_reply) { .object = NULL };
	int outcome = anonymous_url(command, source, arena, &form.url);
	if (outcome != OPTIONS_GO)
		return outcome;
	form_put(&body, "grant_type", SLICE_OF("client_credentials"));
	if (source->scope != NULL)
		form_put(&body, "scope", slice_from(source->scope));
	if (!writer_ok(&body))
		return command_fail(command, "out of memory");
	form.body = writer_slice(&body);
	return token_endpoint_ask(&form, arena, ret) == RESULT_OK ? OPTIONS_GO : command_fail(command, "%s", ret->why);
}
