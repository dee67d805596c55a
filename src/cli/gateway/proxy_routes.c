/* Which paths belong to which API: the base paths of its operations. */
#include "cli/gateway/proxy_facts.h"

#include <stdlib.h>

#define BASES_MAX 32 /* of one API; one that has more gets "/" */

/* ---- base paths -------------------------------------------------------------------------------------------- */

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

struct slice proxy_literal_prefix(struct slice path)
{
	size_t good = 0;
	for (size_t i = 0; i <= path.len; i++) {
		bool ends = i == path.len || path.ptr[i] == '/';
		if (ends && (i == 0 || path.ptr[i - 1] != '/'))
			good = i;
		else if (!ends && !is_unreserved(path.ptr[i]))
			break;
	}
	return slice_first(path, good);
}

/* What two paths have in common, in whole segments. */
static struct slice common_prefix(struct slice a, struct slice b)
{
	size_t good = 0;
	for (size_t i = 0;; i++) {
		bool a_ends = i == a.len || a.ptr[i] == '/', b_ends = i == b.len || b.ptr[i] == '/';
		if (a_ends && b_ends)
			good = i;
		if (i == a.len || i == b.len || a.ptr[i] != b.ptr[i])
			return slice_first(a, good);
	}
}

/* For each first segment what its operations have in common: an API may have several servers. */
static size_t bases_find(const struct api *api, struct slice bases[BASES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < api->operation_count; i++) {
		struct slice prefix = proxy_literal_prefix(api->operations[i].path);
		size_t k = 0;
		while (k < count && common_prefix(bases[k], prefix).len == 0)
			k++;
		if (prefix.len == 0 || k == BASES_MAX) {
			bases[0] = SLICE_OF("");
			return 1;
		}
		if (k < count)
			bases[k] = common_prefix(bases[k], prefix);
		else
			bases[count++] = prefix;
	}
	return count;
}

/* ---- routes ------------------------------------------------------------------------------------------------- */

struct slice proxy_comment_name(struct arena *arena, struct slice name)
{
	struct slice copy = arena_copy(arena, name);
	char *bytes = (char *)copy.ptr;
	for (size_t i = 0; i < copy.len; i++)
		if (bytes[i] < 0x20 || bytes[i] > 0x7e || bytes[i] == '{' || bytes[i] == '}')
			bytes[i] = '?';
	return copy;
}

static bool list_has(struct slice list, struct slice name)
{
	for (size_t i = 0; i + name.len <= list.len; i++)
		if (memcmp(list.ptr + i, name.ptr, name.len) == 0 && (i == 0 || list.ptr[i - 1] == ' ') &&
		    (i + name.len == list.len || list.ptr[i + name.len] == ','))
			return true;
	return false;
}

static struct slice list_add(struct arena *arena, struct slice list, struct slice name)
{
	if (list.len == 0)
		return name;
	return list_has(list, name) ? list : arena_print(arena, "%.*s, %.*s", SLICE_ARGS(list), SLICE_ARGS(name));
}

static enum result route_add(struct proxy_facts *facts, struct slice base, struct slice name, size_t upstream)
{
	struct slice path = base.len == 0 ? SLICE_OF("/") : arena_copy(facts->arena, base);
	for (size_t i = 0; i < facts->route_count; i++) {
		struct proxy_route *route = &facts->routes[i];
		if (!slice_equal(route->path, path))
			continue;
		if (route->upstream != upstream)
			return problem_set(&facts->problem, RESULT_CONFLICT,
			                   "the APIs %.*s and %.*s share the path %.*s and have two upstreams: give them one, or print a configuration for each "
			                   "partition with --partition",
			                   SLICE_ARGS(route->names), SLICE_ARGS(name), SLICE_ARGS(path));
		route->names = list_add(facts->arena, route->names, name);
		return RESULT_OK;
	}
	if (facts->route_count == PROXY_ROUTES_MAX)
		return problem_set(&facts->problem, RESULT_TOO_LARGE,
		                   "the APIs have more than %d base paths: print a configuration for each partition with --partition",
		                   PROXY_ROUTES_MAX);
	facts->routes[facts->route_count++] = (struct proxy_route) { path, name, upstream };
	return RESULT_OK;
}

size_t proxy_upstream_of(const struct proxy_facts *facts, struct slice api)
{
	size_t upstream = PROXY_UPSTREAMS_MAX;
	for (size_t i = 0; i < facts->upstream_count; i++)
		if (facts->upstreams[i].api.len == 0 ? upstream == PROXY_UPSTREAMS_MAX : slice_equal(facts->upstreams[i].api, api))
			upstream = i;
	return upstream;
}

static enum result api_add(void *context, const struct api *api)
{
	struct proxy_facts *facts = context;
	const size_t upstream = proxy_upstream_of(facts, api->name);
	facts->api_count++;
	struct slice bases[BASES_MAX], name = proxy_comment_name(facts->arena, api->name);
	size_t count = bases_find(api, bases);
	enum result result = RESULT_OK;
	for (size_t i = 0; i < count && result == RESULT_OK; i++)
		result = route_add(facts, bases[i], name, upstream);
	if (count > 0)
		facts->upstreams[upstream].names = list_add(facts->arena, facts->upstreams[upstream].names, name);
	return result == RESULT_OK && arena_exhausted(facts->arena) ? RESULT_NO_MEMORY : result;
}

/* ---- partitions --------------------------------------------------------------------------------------------- */

struct partition_walk {
	struct proxy_facts *facts;
	struct store *store;
	const struct partition_id *only;
	bool seen;
};

static enum result partition_add(void *context, const struct partition *partition)
{
	struct partition_walk *walk = context;
	struct proxy_facts *facts = walk->facts;
	if (walk->only != NULL && strcmp(walk->only->text, partition->id.text) != 0)
		return RESULT_OK;
	walk->seen = true;
	size_t before = facts->api_count;
	enum result result = store_apis_each(walk->store, &partition->id, api_add, facts);
	if (result == RESULT_OK && facts->api_count > before)
		facts->partitions = list_add(facts->arena, facts->partitions, arena_copy(facts->arena, slice_from(partition->id.text)));
	return result;
}

static int by_length(const void *left, const void *right)
{
	const struct proxy_route *a = left, *b = right;
	if (a->path.len != b->path.len)
		return a->path.len < b->path.len ? 1 : -1;
	return memcmp(a->path.ptr, b->path.ptr, a->path.len);
}

static enum result upstreams_judge(struct proxy_facts *facts)
{
	for (size_t i = 0; i < facts->upstream_count; i++)
		if (facts->upstreams[i].names.len == 0 && facts->upstreams[i].api.len > 0)
			return problem_set(&facts->problem, RESULT_NOT_FOUND, "there is no API called %.*s (writ api list names them)",
			                   SLICE_ARGS(facts->upstreams[i].api));
	return RESULT_OK;
}

static enum result facts_read(struct proxy_facts *facts, struct store *store, const struct partition_id *only)
{
	struct partition_walk walk = { facts, store, only, false };
	enum result result = store_partitions_each(store, partition_add, &walk);
	if (result != RESULT_OK)
		return result;
	if (only != NULL && !walk.seen)
		return problem_set(&facts->problem, RESULT_NOT_FOUND, "there is no partition %s", only->text);
	if (facts->route_count == 0)
		return problem_set(&facts->problem, RESULT_NOT_FOUND, "%s%s has no API: list one under apis: in a document for writ apply",
		                   only != NULL ? "partition " : "the store", only != NULL ? only->text : "");
	qsort(facts->routes, facts->route_count, sizeof facts->routes[0], by_length);
	result = upstreams_judge(facts);
	return result == RESULT_OK ? proxy_overlaps_judge(facts, store, only) : result;
}

enum result proxy_facts_read(struct proxy_facts *facts, struct store *store, const struct partition_id *only)
{
	facts->problem.text[0] = '\0';
	enum result result = store_snapshot_begin(store);
	if (result == RESULT_OK) {
		result = facts_read(facts, store, only);
		store_snapshot_end(store);
	}
	if (result != RESULT_OK && facts->problem.text[0] == '\0')
		return problem_set(&facts->problem, result, "the APIs cannot be read: writ doctor says what is wrong with the store");
	return result;
}
