/* writ gateway: the configuration of a reverse proxy in front of a partition's APIs. */
#include "cli/command.h"
#include "cli/gateway/proxy_write.h"
#include "cli/options.h"
#include "cli/store_session.h"

#include <stdlib.h>

#define DEFAULT_CHECK "127.0.0.1:9080"  /* as writ serve has them */
#define DEFAULT_TOKENS "127.0.0.1:8080"
#define DEFAULT_LISTEN "127.0.0.1:8088"
#define DEFAULT_UPSTREAM "http://127.0.0.1:8000"
#define DEFAULT_LUA_FILE "/etc/haproxy/writ.lua"
#define ARENA_MAX ((size_t)16 * 1024 * 1024)

struct gateway_command {
	struct store_options store;
	const char *partition;
	const char *check;
	const char *tokens;
	const char *listen;
	const char *api_url;
	struct option_list upstreams;
	const char *lua_file;
	bool lua;
};

static const struct option_spec specs[] = {
	STORE_OPTION(struct gateway_command, store),
	{ .name = "partition", .value = "ID", .help = "only this partition's APIs, and only for tokens of this partition", .kind = OPTION_TEXT,
	  .offset = offsetof(struct gateway_command, partition) },
	{ .name = "upstream", .value = "[API=]URL",
	  .help = "where the API is, or all that are not named (" DEFAULT_UPSTREAM "); may be given several times", .kind = OPTION_LIST,
	  .offset = offsetof(struct gateway_command, upstreams) },
	{ .name = "listen", .value = "ADDR:PORT", .help = "where the proxy listens (" DEFAULT_LISTEN ")", .kind = OPTION_TEXT,
	  .offset = offsetof(struct gateway_command, listen) },
	{ .name = "api-url", .value = "URL", .help = "its host is what nginx and Caddy answer for (any host)", .kind = OPTION_TEXT,
	  .offset = offsetof(struct gateway_command, api_url) },
	{ .name = "check", .value = "ADDR:PORT", .help = "writ's management listener (" DEFAULT_CHECK ")", .kind = OPTION_TEXT,
	  .offset = offsetof(struct gateway_command, check) },
	{ .name = "tokens", .value = "ADDR:PORT", .help = "writ's public listener, for tokens under the APIs' own address (" DEFAULT_TOKENS ")",
	  .kind = OPTION_TEXT, .offset = offsetof(struct gateway_command, tokens) },
	{ .name = "lua-file", .value = "FILE", .help = "where HAProxy finds the Lua action (" DEFAULT_LUA_FILE ")", .kind = OPTION_TEXT,
	  .offset = offsetof(struct gateway_command, lua_file) },
	{ .name = "lua", .help = "print HAProxy's Lua action instead of its configuration", .kind = OPTION_FLAG,
	  .offset = offsetof(struct gateway_command, lua) },
};

static const struct option_set set = {
	.command = "gateway",
	.usage = "[OPTIONS] nginx|caddy|haproxy|envoy",
	.about = "Prints the configuration of a reverse proxy that lets writ decide every call of the APIs in the store. What cannot be decided is "
	         "refused.",
	.specs = specs,
	.count = sizeof specs / sizeof *specs,
	.arguments_min = 1,
	.arguments_max = 1,
	.notes = "  writ gateway nginx --upstream http://127.0.0.1:3000 > /etc/nginx/conf.d/apis.conf\n"
	         "  writ gateway caddy --upstream orders=http://10.0.0.5:3000 --upstream http://10.0.0.6:3000\n"
	         "  writ gateway haproxy --lua > " DEFAULT_LUA_FILE "\n",
};

/* ---- what was typed ----------------------------------------------------------------------------------------- */

static int address_take(struct arena *arena, const char *option, const char *text, struct proxy_address *ret)
{
	if (proxy_address_parse(arena, slice_from(text), ret) == RESULT_OK)
		return OPTIONS_GO;
	return command_misused("gateway", "--%s takes ADDR:PORT, not \"%s\"", option, text);
}

static int upstream_take(struct proxy_facts *facts, const char *text)
{
	struct proxy_upstream upstream = { .names = { NULL, 0 } };
	struct slice url = slice_from(text);
	const char *equals = strchr(text, '='), *scheme = strstr(text, "://");
	if (equals != NULL && (scheme == NULL || equals < scheme)) {
		upstream.api = slice_first(url, (size_t)(equals - text));
		url = slice_from(equals + 1);
	}
	if (proxy_url_parse(facts->arena, url, &upstream.address) != RESULT_OK)
		return command_misused("gateway",
		                       "--upstream takes http://HOST:PORT, or API=http://HOST:PORT, without a path, not \"%s\"; for https towards an API, "
		                       "change what is printed",
		                       text);
	for (size_t i = 0; i < facts->upstream_count; i++)
		if (slice_equal(facts->upstreams[i].api, upstream.api))
			return command_misused("gateway", "--upstream is given twice for %s", upstream.api.len == 0 ? "the APIs that are not named" : "one API");
	facts->upstreams[facts->upstream_count++] = upstream;
	return OPTIONS_GO;
}

/* The last one is that of the APIs that none is named for. */
static int upstreams_take(struct proxy_facts *facts, const struct option_list *list)
{
	bool has_default = false;
	int code = OPTIONS_GO;
	for (size_t i = 0; i < list->count && code == OPTIONS_GO; i++) {
		code = upstream_take(facts, list->items[i]);
		has_default = has_default || (code == OPTIONS_GO && facts->upstreams[facts->upstream_count - 1].api.len == 0);
	}
	return code == OPTIONS_GO && !has_default ? upstream_take(facts, DEFAULT_UPSTREAM) : code;
}

static bool file_name_is_good(const char *name)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";
	return name[0] != '\0' && strspn(name, good) == strlen(name);
}

static int addresses_take(struct arena *arena, const struct gateway_command *command, struct proxy_addresses *addresses)
{
	int code = address_take(arena, "listen", command->listen, &addresses->listen);
	if (code == OPTIONS_GO)
		code = address_take(arena, "check", command->check, &addresses->check);
	if (code == OPTIONS_GO)
		code = address_take(arena, "tokens", command->tokens, &addresses->tokens);
	if (code == OPTIONS_GO && command->api_url != NULL && proxy_url_host(slice_from(command->api_url), &addresses->host) != RESULT_OK)
		code = command_misused("gateway", "--api-url takes an http or https URL, not \"%s\"", command->api_url);
	if (code == OPTIONS_GO && !file_name_is_good(command->lua_file))
		code = command_misused("gateway", "--lua-file takes letters, digits and . _ - / only, not \"%s\"", command->lua_file);
	addresses->lua_file = slice_from(command->lua_file);
	if (command->partition != NULL)
		addresses->partition = slice_from(command->partition);
	return code;
}

/* ---- printing ----------------------------------------------------------------------------------------------- */

static int configuration_print(const struct gateway_command *command, const struct proxy_kind *kind, const struct partition_id *partition,
                               struct proxy_facts *facts)
{
	struct proxy_addresses addresses = { .host = { NULL, 0 } };
	int code = addresses_take(facts->arena, command, &addresses);
	if (code == OPTIONS_GO)
		code = upstreams_take(facts, &command->upstreams);
	if (code != OPTIONS_GO)
		return code;
	struct store_session session;
	struct problem problem;
	enum result result = store_session_open(&session, &command->store, STORE_READ_ONLY, false, &problem);
	if (result == RESULT_OK) {
		result = proxy_facts_read(facts, session.store, partition);
		problem = facts->problem;
	}
	store_session_close(&session);
	if (result != RESULT_OK)
		return command_fail("gateway", "%s", problem.text);
	if (proxy_write(kind, facts, &addresses, stdout) != RESULT_OK || fflush(stdout) != 0)
		return command_fail("gateway", "the configuration could not be written");
	return EXIT_DONE;
}

static int lua_print(void)
{
	struct slice lua = proxy_haproxy_lua();
	if (fwrite(lua.ptr, 1, lua.len, stdout) != lua.len || fflush(stdout) != 0)
		return command_fail("gateway", "the Lua action could not be written");
	return EXIT_DONE;
}

int command_gateway(int argc, char **argv)
{
	struct gateway_command command = { .check = DEFAULT_CHECK, .tokens = DEFAULT_TOKENS, .listen = DEFAULT_LISTEN, .lua_file = DEFAULT_LUA_FILE };
	int arguments = 0;
	int code = options_parse(&set, argc, argv, &command, &arguments);
	if (code != OPTIONS_GO)
		return code;
	const struct proxy_kind *kind = proxy_kind_find(argv[0]);
	struct partition_id partition;
	if (kind == NULL)
		return command_misused("gateway", "there is no configuration for %s: nginx, caddy, haproxy or envoy", argv[0]);
	if (command.partition != NULL && !partition_id_parse(slice_from(command.partition), &partition))
		return command_misused("gateway", "'%s' is no partition id", command.partition);
	if (command.lua && strcmp(kind->name, "haproxy") != 0)
		return command_misused("gateway", "--lua is for haproxy");
	if (command.lua)
		return lua_print();
	struct proxy_facts *facts = calloc(1, sizeof *facts);
	struct arena *arena = arena_new(4096, ARENA_MAX);
	if (facts == NULL || arena == NULL) {
		code = command_fail("gateway", "no memory");
	} else {
		facts->arena = arena;
		code = configuration_print(&command, kind, command.partition == NULL ? NULL : &partition, facts);
	}
	free(facts);
	arena_free(arena);
	return code;
}
