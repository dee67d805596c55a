/* servers: only the path of each matters; the token's partition names the catalogue, not the host. */
#include "directory/openapi/openapi_raw.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/writer.h"

/* ---- parsing ---- */

static enum result variable_default(struct document *document, struct openapi *openapi, void *object)
{
	return openapi_text(document, openapi, "default", &((struct raw_variable *)object)->value);
}

static const struct openapi_key variable_keys[] = { { "default", variable_default } };

static enum result variable_parse(struct document *document, struct openapi *openapi, struct raw_server *server, struct slice key)
{
	size_t count = 0;
	for (const struct raw_variable *known = server->variables; known != NULL; known = known->next, count++)
		if (slice_equal(known->name, key))
			return document_fail(document, document_line(document), RESULT_INVALID, "a variable stands twice in a server: leave one away");
	struct raw_variable *variable = arena_alloc(openapi->arena, sizeof *variable);
	if (variable == NULL || count == LIMIT_SERVER_VARIABLES)
		return variable == NULL ? openapi_no_memory(document)
		                        : document_fail(document, document_line(document), RESULT_TOO_LARGE, "a server has more than %d variables",
		                                        LIMIT_SERVER_VARIABLES);
	*variable = (struct raw_variable) { .next = server->variables, .name = arena_copy(openapi->arena, key), .line = document_line(document) };
	server->variables = variable;
	return openapi_mapping(document, openapi, "a server's variable", variable_keys, 1, variable, NULL);
}

static enum result server_variables(struct document *document, struct openapi *openapi, void *object)
{
	bool more = true;
	enum result result = document_mapping(document, "variables");
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = openapi_key_judge(document, key);
		if (result == RESULT_OK)
			result = variable_parse(document, openapi, object, key);
	}
	return result;
}

static enum result server_url(struct document *document, struct openapi *openapi, void *object)
{
	struct raw_server *server = object;
	server->line = document_line(document);
	return openapi_text(document, openapi, "url", &server->url);
}

static const struct openapi_key server_keys[] = {
	{ "url", server_url },
	{ "variables", server_variables },
};

enum result openapi_servers_parse(struct document *document, struct openapi *openapi, struct raw_servers **at)
{
	struct raw_servers *servers = arena_alloc(openapi->arena, sizeof *servers);
	if (servers == NULL)
		return openapi_no_memory(document);
	*servers = (struct raw_servers) { 0 };
	struct raw_server **end = &servers->first;
	bool more = true;
	enum result result = document_list(document, "servers");
	for (size_t count = 0; result == RESULT_OK; count++) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			break;
		struct raw_server *server = arena_alloc(openapi->arena, sizeof *server);
		if (server == NULL)
			return openapi_no_memory(document);
		if (count == LIMIT_SERVERS)
			return document_fail(document, document_line(document), RESULT_TOO_LARGE, "more than %d servers", LIMIT_SERVERS);
		*server = (struct raw_server) { .line = document_line(document) };
		*end = server;
		end = &server->next;
		result = openapi_mapping(document, openapi, "a server", server_keys, 2, server, NULL);
		if (result == RESULT_OK && server->url.ptr == NULL)
			return document_fail(document, server->line, RESULT_INVALID, "a server needs a url");
	}
	/* an empty list says nothing: those around it stay */
	if (result == RESULT_OK && servers->first != NULL)
		*at = servers;
	return result;
}

/* ---- compiling ---- */

static const struct raw_variable *variable_find(const struct raw_server *server, struct slice name)
{
	for (const struct raw_variable *variable = server->variables; variable != NULL; variable = variable->next)
		if (slice_equal(variable->name, name))
			return variable;
	return NULL;
}

static enum result variable_put(struct compiling *compiling, const struct raw_server *server, struct slice name, struct writer *writer)
{
	const struct raw_variable *variable = variable_find(server, name);
	if (variable == NULL || variable->value.ptr == NULL)
		return document_fail(compiling->document, server->line, RESULT_INVALID,
		                     "{%.*s} in the url of a server has no default: give it one in variables",
		                     (int)(name.len < 64 ? name.len : 64), name.ptr);
	struct slice value;
	enum result result = openapi_fill_all(compiling, "the servers", variable->line, variable->value, &value);
	if (result == RESULT_OK)
		writer_put(writer, value);
	return result;
}

/* {name} filled in with its default. */
static enum result variables_fill(struct compiling *compiling, const struct raw_server *server, struct slice url, struct slice *ret)
{
	struct writer writer = writer_new(compiling->openapi->arena, url.len + 64);
	while (url.len > 0) {
		const char *open = memchr(url.ptr, '{', url.len);
		size_t before = open == NULL ? url.len : (size_t)(open - url.ptr);
		writer_put(&writer, slice_first(url, before));
		url = slice_skip(url, before);
		if (open == NULL)
			break;
		const char *close = memchr(url.ptr, '}', url.len);
		if (close == NULL)
			return document_fail(compiling->document, server->line, RESULT_INVALID, "the url of a server has a { without its }");
		struct slice name = { url.ptr + 1, (size_t)(close - url.ptr) - 1 };
		enum result result = variable_put(compiling, server, name, &writer);
		if (result != RESULT_OK)
			return result;
		url = slice_skip(url, name.len + 2);
	}
	if (!writer_ok(&writer))
		return openapi_no_memory(compiling->document);
	*ret = writer_slice(&writer);
	return RESULT_OK;
}

/* The path of an address: "https://host/v1", "//host/v1", "/v1" and "v1" are "/v1". */
static bool path_of(struct slice url, struct slice *ret, bool *ret_relative)
{
	const char *colon = url.len == 0 ? NULL : memchr(url.ptr, ':', url.len);
	const char *slash = url.len == 0 ? NULL : memchr(url.ptr, '/', url.len);
	bool authority = slice_starts_with(url, SLICE_OF("//"));
	if (colon != NULL && (slash == NULL || colon < slash)) {
		url = slice_skip(url, (size_t)(colon - url.ptr) + 1);
		authority = slice_starts_with(url, SLICE_OF("//"));
		if (!authority)
			return false;
	}
	*ret_relative = !authority && (url.len == 0 || url.ptr[0] != '/');
	if (authority) {
		url = slice_skip(url, 2);
		slash = url.len == 0 ? NULL : memchr(url.ptr, '/', url.len);
		url = slash == NULL ? SLICE_OF("") : slice_skip(url, (size_t)(slash - url.ptr));
	}
	*ret = url;
	return (url.len == 0 || (memchr(url.ptr, '?', url.len) == NULL && memchr(url.ptr, '#', url.len) == NULL));
}

static enum result base_path(struct compiling *compiling, const struct raw_server *server, struct slice *ret)
{
	struct slice url, path;
	bool relative;
	enum result result = openapi_fill_all(compiling, "the servers", server->line, server->url, &url);
	if (result == RESULT_OK)
		result = variables_fill(compiling, server, url, &url);
	if (result != RESULT_OK)
		return result;
	if (!path_of(url, &path, &relative))
		return document_fail(compiling->document, server->line, RESULT_INVALID,
		                     "the url of a server is an address without query: https://api.example.com/v1, or /v1");
	char whole[LIMIT_API_PATH + 1], normal[LIMIT_API_PATH];
	struct slice normalised;
	result = path.len < LIMIT_API_PATH ? RESULT_OK : RESULT_TOO_LARGE;
	if (result == RESULT_OK) {
		whole[0] = '/';
		memcpy(whole + relative, path.ptr, path.len);
		result = path_normalise((struct slice) { whole, path.len + relative }, normal, sizeof normal, &normalised);
	}
	if (result != RESULT_OK)
		return document_fail(compiling->document, server->line, RESULT_INVALID,
		                     "the path of a server's url is too long, or has something in it that servers read differently");
	*ret = slice_is(normalised, "/") ? SLICE_OF("") : arena_copy(compiling->openapi->arena, normalised);
	return ret->ptr == NULL ? openapi_no_memory(compiling->document) : RESULT_OK;
}

enum result openapi_servers_compile(struct compiling *compiling, struct raw_servers *servers)
{
	size_t count = 0;
	if (servers->compiled)
		return RESULT_OK;
	for (const struct raw_server *server = servers->first; server != NULL; server = server->next)
		count++;
	struct slice *paths = arena_array(compiling->openapi->arena, count, sizeof *paths);
	if (paths == NULL)
		return openapi_no_memory(compiling->document);
	for (const struct raw_server *server = servers->first; server != NULL; server = server->next) {
		struct slice path = SLICE_OF("");
		enum result result = base_path(compiling, server, &path);
		if (result != RESULT_OK)
			return result;
		size_t i = 0;
		while (i < servers->base_path_count && !slice_equal(paths[i], path))
			i++;
		if (i == servers->base_path_count)
			paths[servers->base_path_count++] = path;
	}
	servers->base_paths = paths;
	servers->compiled = true;
	return RESULT_OK;
}
