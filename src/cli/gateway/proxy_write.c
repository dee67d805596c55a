#include "cli/gateway/proxy_write.h"

#include "base/text.h"
#include "cli/gateway/template.h"

#include <string.h>

/* Made at build time from the files beside this one, and from examples/haproxy. */
extern const char gateway_nginx[], gateway_caddy[], gateway_haproxy[], gateway_haproxy_lua[], gateway_envoy[];

/* What a caller could say to have an API see another method or address than the one that was decided: the other proxies' source headers, and
 * what frameworks and servers read in their place. */
static const char *const dropped[] = {
	"X-Original-Method", "X-Original-URI", "X-Original-URL", "X-Original-Host", "X-Rewrite-URL", "X-Forwarded-Method", "X-Forwarded-Uri",
	"X-Forwarded-Path", "X-Forwarded-Prefix", "X-Forwarded-Query", "X-Envoy-Original-Path", "X-HTTP-Method-Override", "X-HTTP-Method",
	"X-Method-Override", "HTTP2-Settings",
};
#define DROPPED_COUNT (sizeof dropped / sizeof dropped[0])

/* Replies that a proxy makes by itself. */
#define REPLY(error, sentence) "{\"error\":\"" error "\",\"error_description\":\"" sentence "\"}"
#define ODD_PATH REPLY("invalid_request", "The path has an empty or a dot segment: send it without.")
#define NO_API REPLY("not_found", "No API has this address.")
#define OTHER_PARTITION REPLY("access_denied", "The token is of another partition than the APIs here.")
#define UNAVAILABLE REPLY("temporarily_unavailable", "The access decision cannot be had now: try again.")

const struct proxy_kind *proxy_kind_find(const char *name)
{
	static const struct proxy_kind kinds[] = {
		{ "nginx", gateway_nginx }, { "caddy", gateway_caddy }, { "haproxy", gateway_haproxy }, { "envoy", gateway_envoy }
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

struct slice proxy_haproxy_lua(void)
{
	return slice_from(gateway_haproxy_lua);
}

/* A row of count fields, copied into the arena. */
static struct template_scope row_of(struct arena *arena, const struct template_field *fields, size_t count)
{
	struct template_field *copy = arena_array(arena, count, sizeof *copy);
	if (copy == NULL)
		return (struct template_scope) { NULL, 0 };
	memcpy(copy, fields, count * sizeof *copy);
	return (struct template_scope) { copy, count };
}

static struct slice lower_of(struct arena *arena, const char *name)
{
	struct slice copy = arena_copy(arena, slice_from(name));
	for (size_t i = 0; i < copy.len; i++)
		((char *)copy.ptr)[i] = text_lower(copy.ptr[i]);
	return copy;
}

static const struct template_scope *dropped_rows(struct arena *arena)
{
	struct template_scope *rows = arena_array(arena, DROPPED_COUNT, sizeof *rows);
	for (size_t i = 0; rows != NULL && i < DROPPED_COUNT; i++) {
		const struct template_field fields[] = { { .name = "name", .text = slice_from(dropped[i]) },
			                                     { .name = "lower", .text = lower_of(arena, dropped[i]) } };
		rows[i] = row_of(arena, fields, 2);
	}
	return rows;
}

/* Upstreams that no API needs are left out; *ret_count is how many are needed. */
static const struct template_scope *upstream_rows(const struct proxy_facts *facts, size_t *ret_count)
{
	struct template_scope *rows = arena_array(facts->arena, facts->upstream_count, sizeof *rows);
	for (size_t i = 0; rows != NULL && i < facts->upstream_count; i++) {
		const struct proxy_upstream *upstream = &facts->upstreams[i];
		if (upstream->names.len == 0)
			continue;
		const struct template_field fields[] = {
			{ .name = "number", .text = arena_print(facts->arena, "%zu", i + 1) }, { .name = "names", .text = upstream->names },
			{ .name = "address", .text = upstream->address.text },                 { .name = "address_host", .text = upstream->address.bare },
			{ .name = "address_port", .text = upstream->address.port },
		};
		rows[(*ret_count)++] = row_of(facts->arena, fields, sizeof fields / sizeof fields[0]);
	}
	return rows;
}

static const struct template_scope *route_rows(const struct proxy_facts *facts)
{
	struct template_scope *rows = arena_array(facts->arena, facts->route_count, sizeof *rows);
	for (size_t i = 0; rows != NULL && i < facts->route_count; i++) {
		const struct proxy_route *route = &facts->routes[i];
		bool root = slice_is(route->path, "/");
		const struct template_field fields[] = {
			{ .name = "index", .text = arena_print(facts->arena, "%zu", i + 1) },
			{ .name = "number", .text = arena_print(facts->arena, "%zu", route->upstream + 1) },
			{ .name = "address", .text = facts->upstreams[route->upstream].address.text },
			{ .name = "name", .text = route->names },
			{ .name = "path", .text = route->path },
			{ .name = "below", .text = root ? route->path : arena_print(facts->arena, "%.*s/", SLICE_ARGS(route->path)) },
			{ .name = "match", .text = root ? SLICE_OF("prefix") : SLICE_OF("path_separated_prefix") },
		};
		rows[i] = row_of(facts->arena, fields, sizeof fields / sizeof fields[0]);
	}
	return rows;
}

enum result proxy_write(const struct proxy_kind *kind, const struct proxy_facts *facts, const struct proxy_addresses *addresses, FILE *out)
{
	static const struct template_scope once = { NULL, 0 };
	bool beyond = true; /* is there anything that belongs to no API? */
	for (size_t i = 0; i < facts->route_count; i++)
		beyond = beyond && !slice_is(facts->routes[i].path, "/");
	bool pinned = addresses->partition.len > 0;
	size_t upstream_count = 0;
	const struct template_scope *upstreams = upstream_rows(facts, &upstream_count);
	const struct template_field fields[] = {
		{ .name = "partitions", .text = facts->partitions },
		{ .name = "partition", .text = pinned ? addresses->partition : SLICE_OF("") },
		{ .name = "wanted_partition", .text = pinned ? addresses->partition : SLICE_OF("*") },
		{ .name = "pinned", .rows = &once, .row_count = pinned },
		{ .name = "beyond", .rows = &once, .row_count = beyond },
		{ .name = "server_name", .text = addresses->host.len > 0 ? addresses->host : SLICE_OF("_") },
		{ .name = "site", .text = addresses->host.len > 0 ? addresses->host : SLICE_OF("") },
		{ .name = "listen", .text = addresses->listen.text },
		{ .name = "host", .text = addresses->listen.host },
		{ .name = "bare_host", .text = addresses->listen.bare },
		{ .name = "port", .text = addresses->listen.port },
		{ .name = "check", .text = addresses->check.text },
		{ .name = "check_host", .text = addresses->check.bare },
		{ .name = "check_port", .text = addresses->check.port },
		{ .name = "tokens", .text = addresses->tokens.text },
		{ .name = "tokens_host", .text = addresses->tokens.bare },
		{ .name = "tokens_port", .text = addresses->tokens.port },
		{ .name = "lua_file", .text = addresses->lua_file },
		{ .name = "odd_path", .text = SLICE_OF(ODD_PATH) },
		{ .name = "no_api", .text = SLICE_OF(NO_API) },
		{ .name = "other_partition", .text = SLICE_OF(OTHER_PARTITION) },
		{ .name = "unavailable", .text = SLICE_OF(UNAVAILABLE) },
		{ .name = "dropped", .rows = dropped_rows(facts->arena), .row_count = DROPPED_COUNT },
		{ .name = "routes", .rows = route_rows(facts), .row_count = facts->route_count },
		{ .name = "upstreams", .rows = upstreams, .row_count = upstream_count },
	};
	const struct template_scope scope = { fields, sizeof fields / sizeof fields[0] };
	return arena_exhausted(facts->arena) ? RESULT_NO_MEMORY : template_write(slice_from(kind->template), &scope, out);
}
