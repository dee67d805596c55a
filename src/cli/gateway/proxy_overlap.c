/* Calls that are decided as an operation of one API and go to the upstream of another, which may not list them.
 *
 * The decision goes by operations, the proxy by base paths. For each operation and each route to another upstream one call is made up that is
 * both: the path of the route and what follows in the operation's, with a byte for each variable that no path has. No other operation, and no
 * longer route, takes that call unless it takes all of them. */
#include "cli/gateway/proxy_facts.h"
#include "gateway/catalogue.h"

#define NO_PATH_HAS '\x7f'
#define SCRATCH_FIRST 4096
#define SCRATCH_MAX ((size_t)1024 * 1024)

struct overlap_walk {
	struct proxy_facts *facts;
	struct store *store;
	const struct partition_id *only;
	struct arena *scratch;
	struct catalogue *catalogue; /* of the partition that is looked at */
};

static bool is_root(struct slice path)
{
	return slice_is(path, "/");
}

/* Can a call of the operation be the route's path, or below it? rest: what follows in the operation's path, "" or from a "/" on. */
static bool reaches(struct slice operation, struct slice route, struct slice *ret_rest)
{
	struct slice behind = slice_skip(operation, 1), wanted = slice_skip(route, 1), segment, literal;
	size_t matched = 0;
	while (!is_root(route) && slice_cut(&wanted, '/', &literal)) {
		if (!slice_cut(&behind, '/', &segment))
			return false;
		if (!slice_equal(segment, literal) && (segment.len == 0 || memchr(segment.ptr, '{', segment.len) == NULL))
			return false;
		matched += 1 + segment.len;
	}
	*ret_rest = slice_skip(operation, matched);
	return true;
}

/* A call below the route. Without bytes: no memory. */
static struct slice call_make(struct arena *arena, struct slice route, struct slice rest)
{
	size_t len = is_root(route) ? 0 : route.len;
	char *path = arena_alloc(arena, len + rest.len + 1);
	if (path == NULL)
		return (struct slice) { NULL, 0 };
	memcpy(path, route.ptr, len);
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] != '{') {
			path[len++] = rest.ptr[i];
			continue;
		}
		path[len++] = NO_PATH_HAS;
		while (i + 1 < rest.len && rest.ptr[i] != '}')
			i++;
	}
	return (struct slice) { path, len };
}

/* Where the proxies send it: they are told the longest path first. NULL: nowhere. */
static const struct proxy_route *route_of(const struct proxy_facts *facts, struct slice call)
{
	for (size_t i = 0; i < facts->route_count; i++) {
		struct slice path = facts->routes[i].path;
		if (is_root(path) || (slice_starts_with(call, path) && (call.len == path.len || call.ptr[path.len] == '/')))
			return &facts->routes[i];
	}
	return NULL;
}

/* upstream: of the operation's API. */
static enum result pair_judge(struct overlap_walk *walk, const struct catalogue_operation *operation, size_t upstream,
                              const struct proxy_route *route)
{
	struct proxy_facts *facts = walk->facts;
	struct slice rest;
	if (route->upstream == upstream || !reaches(operation->operation.path, route->path, &rest))
		return RESULT_OK;
	arena_reset(walk->scratch);
	struct slice call = call_make(walk->scratch, route->path, rest);
	if (call.ptr == NULL)
		return RESULT_NO_MEMORY;
	const struct catalogue_operation *decided = catalogue_find(walk->catalogue, operation->operation.method, call);
	const struct proxy_route *sent = decided != operation ? NULL : route_of(facts, call);
	if (sent == NULL || sent->upstream == upstream)
		return RESULT_OK;
	struct slice name = proxy_comment_name(walk->scratch, operation->api);
	return problem_set(&facts->problem, RESULT_CONFLICT,
	                   "%.*s %.*s of the API %.*s can be a call at or below %.*s, which goes to the upstream of the API %.*s: give both one "
	                   "--upstream, or other paths, or have them in two partitions and print a configuration for each with --partition",
	                   SLICE_ARGS(operation->operation.method), SLICE_ARGS(operation->operation.path), SLICE_ARGS(name), SLICE_ARGS(sent->path),
	                   SLICE_ARGS(sent->names));
}

static enum result operation_judge(struct overlap_walk *walk, const struct catalogue_operation *operation)
{
	const size_t upstream = proxy_upstream_of(walk->facts, operation->api);
	enum result result = RESULT_OK;
	for (size_t i = 0; i < walk->facts->route_count && result == RESULT_OK; i++)
		result = pair_judge(walk, operation, upstream, &walk->facts->routes[i]);
	return result;
}

/* One that the catalogue does not take is never found, so it stays closed. */
static enum result api_take(void *context, const struct api *api)
{
	struct overlap_walk *walk = context;
	enum result result = RESULT_OK;
	for (size_t i = 0; i < api->operation_count && (result == RESULT_OK || result == RESULT_INVALID); i++)
		result = catalogue_add(walk->catalogue, api->name, &api->operations[i]);
	return result == RESULT_INVALID ? RESULT_OK : result;
}

static enum result partition_judge(void *context, const struct partition *partition)
{
	struct overlap_walk *walk = context;
	if (walk->only != NULL && strcmp(walk->only->text, partition->id.text) != 0)
		return RESULT_OK;
	walk->catalogue = catalogue_new();
	enum result result = walk->catalogue == NULL ? RESULT_NO_MEMORY : store_apis_each(walk->store, &partition->id, api_take, walk);
	if (result == RESULT_OK)
		result = catalogue_compile(walk->catalogue);
	const size_t count = result == RESULT_OK ? catalogue_count(walk->catalogue) : 0;
	for (size_t i = 0; i < count && result == RESULT_OK; i++)
		result = operation_judge(walk, catalogue_at(walk->catalogue, i));
	catalogue_free(walk->catalogue);
	return result;
}

enum result proxy_overlaps_judge(struct proxy_facts *facts, struct store *store, const struct partition_id *only)
{
	size_t others = 0;
	for (size_t i = 0; i < facts->route_count; i++)
		others += facts->routes[i].upstream != facts->routes[0].upstream;
	if (others == 0)
		return RESULT_OK;
	struct overlap_walk walk = { .facts = facts, .store = store, .only = only, .scratch = arena_new(SCRATCH_FIRST, SCRATCH_MAX) };
	enum result result = walk.scratch == NULL ? RESULT_NO_MEMORY : store_partitions_each(store, partition_judge, &walk);
	arena_free(walk.scratch);
	return result;
}
