#include "http/router.h"

#include "base/limits.h"

#include <stdlib.h>

enum segment_kind {
	SEGMENT_LITERAL,
	SEGMENT_ONE,
	SEGMENT_REST
};

struct pattern_segment {
	enum segment_kind kind;
	struct slice text;
};

struct pattern {
	const struct http_route *route;
	unsigned methods;
	size_t count;
	bool rest; /* the last one takes all that is left */
	struct pattern_segment segments[LIMIT_PATH_SEGMENTS];
};

struct router {
	size_t count;
	struct pattern patterns[];
};

/* A path cut at its slashes. */
struct path {
	size_t count; /* may be one more than fits: then it has too many */
	struct slice segments[LIMIT_PATH_SEGMENTS + 1];
	struct slice whole;
};

static void path_split(struct slice text, struct path *ret)
{
	*ret = (struct path) { .whole = text };
	if (text.len == 0 || text.ptr[0] != '/')
		return;
	struct slice rest = slice_skip(text, 1);
	while (ret->count <= LIMIT_PATH_SEGMENTS && slice_cut(&rest, '/', &ret->segments[ret->count]))
		ret->count++;
}

static enum result segment_parse(struct slice text, struct pattern_segment *ret)
{
	bool opens = text.len > 0 && text.ptr[0] == '{';
	bool closes = text.len > 0 && text.ptr[text.len - 1] == '}';
	if (opens != closes || (opens && text.len < 3))
		return RESULT_INVALID;
	struct slice rest = SLICE("...}");
	ret->text = text;
	ret->kind = !opens ? SEGMENT_LITERAL : slice_ends_with(text, rest) ? SEGMENT_REST
	                                                                   : SEGMENT_ONE;
	return RESULT_OK;
}

static enum result pattern_parse(const struct http_route *route, struct pattern *ret, struct problem *problem)
{
	struct path path;
	path_split(slice_from(route->pattern), &path);
	if (path.count == 0 || path.count > LIMIT_PATH_SEGMENTS)
		return problem_set(problem, RESULT_INVALID, "route %s: it must start with / and have at most %d segments",
		                   route->pattern, LIMIT_PATH_SEGMENTS);
	size_t placeholders = 0;
	for (size_t i = 0; i < path.count; i++) {
		struct pattern_segment *segment = &ret->segments[i];
		if (segment_parse(path.segments[i], segment) != RESULT_OK)
			return problem_set(problem, RESULT_INVALID, "route %s: a placeholder is one whole segment", route->pattern);
		placeholders += segment->kind != SEGMENT_LITERAL;
		if (segment->kind == SEGMENT_REST && i + 1 < path.count)
			return problem_set(problem, RESULT_INVALID, "route %s: {name...} stands only at the end", route->pattern);
	}
	if (placeholders > HTTP_SEGMENTS_MAX)
		return problem_set(problem, RESULT_INVALID, "route %s: more than %d placeholders", route->pattern, HTTP_SEGMENTS_MAX);
	ret->route = route;
	ret->methods = route->methods | ((route->methods & HTTP_GET) != 0 ? HTTP_HEAD : 0);
	ret->count = path.count;
	ret->rest = ret->segments[path.count - 1].kind == SEGMENT_REST;
	return RESULT_OK;
}

enum result router_new(const struct http_route *routes, size_t count, struct router **ret, struct problem *problem)
{
	struct router *router = calloc(1, sizeof *router + count * sizeof router->patterns[0]);
	if (router == NULL)
		return RESULT_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		enum result result = pattern_parse(&routes[i], &router->patterns[i], problem);
		if (result != RESULT_OK) {
			free(router);
			return result;
		}
	}
	router->count = count;
	*ret = router;
	return RESULT_OK;
}

void router_free(struct router *router)
{
	free(router);
}

static bool pattern_fits(const struct pattern *pattern, const struct path *path)
{
	if (pattern->rest ? path->count < pattern->count : path->count != pattern->count)
		return false;
	/* from the end: the front is alike in most routes */
	for (size_t i = pattern->count; i > 0; i--) {
		const struct pattern_segment *segment = &pattern->segments[i - 1];
		if (segment->kind == SEGMENT_LITERAL && !slice_equal(segment->text, path->segments[i - 1]))
			return false;
		if (segment->kind == SEGMENT_ONE && path->segments[i - 1].len == 0)
			return false;
	}
	return true;
}

static void segments_take(const struct pattern *pattern, const struct path *path, struct slice *segments)
{
	size_t taken = 0;
	memset(segments, 0, HTTP_SEGMENTS_MAX * sizeof *segments);
	for (size_t i = 0; i < pattern->count; i++) {
		if (pattern->segments[i].kind == SEGMENT_ONE)
			segments[taken++] = path->segments[i];
		if (pattern->segments[i].kind == SEGMENT_REST)
			segments[taken++] = slice_skip(path->whole, (size_t)(path->segments[i].ptr - path->whole.ptr));
	}
}

void router_find(const struct router *router, struct slice text, enum http_method method, struct router_match *ret)
{
	struct path path = { .count = 0 };
	path_split(text, &path);
	*ret = (struct router_match) { .route = NULL };
	for (size_t i = 0; i < router->count; i++) {
		const struct pattern *pattern = &router->patterns[i];
		if (!pattern_fits(pattern, &path))
			continue;
		ret->allowed |= pattern->methods;
		if (ret->address == NULL) {
			ret->address = pattern->route;
			segments_take(pattern, &path, ret->segments);
		}
		if (ret->route == NULL && (pattern->methods & (unsigned)method) != 0) {
			ret->route = pattern->route;
			segments_take(pattern, &path, ret->segments);
		}
	}
}
