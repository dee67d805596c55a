#include "gateway/catalogue.h"

#include "gateway/catalogue_rules.h"
#include "gateway/catalogue_tree.h"

#include <stdlib.h>

#define ARENA_FIRST (16 * 1024)
#define OPERATIONS_FIRST 64

_Static_assert(LIMIT_CATALOGUE_METHODS <= 32, "each method has a bit");

/* An operation before the catalogue is compiled. */
struct staged {
	struct catalogue_operation found;
	struct slice shape;
	unsigned method; /* its place among the methods */
};

struct catalogue {
	struct arena *arena;   /* shapes, methods, names of APIs, alternatives */
	struct slice methods[LIMIT_CATALOGUE_METHODS]; /* sorted once compiled */
	unsigned method_count;
	size_t count;
	/* until it is compiled */
	struct arena *drafts; /* paths, operation ids, summaries */
	struct staged *staged;
	size_t capacity;
	struct rule_pool rules;
	struct slice api; /* of the operation before */
	/* then */
	struct catalogue_operation *operations;
	char *texts; /* what was drafted, in the order of the operations, so that what belongs together lies together */
	struct tree *tree;
};

struct catalogue *catalogue_new(void)
{
	struct catalogue *catalogue = calloc(1, sizeof *catalogue);
	if (catalogue == NULL)
		return NULL;
	catalogue->arena = arena_new(ARENA_FIRST, LIMIT_CATALOGUE_SIZE);
	catalogue->drafts = arena_new(ARENA_FIRST, LIMIT_CATALOGUE_SIZE);
	if (catalogue->arena == NULL || catalogue->drafts == NULL) {
		catalogue_free(catalogue);
		return NULL;
	}
	return catalogue;
}

static void staging_free(struct catalogue *catalogue)
{
	arena_free(catalogue->drafts);
	free(catalogue->staged);
	free(catalogue->rules.places);
	catalogue->drafts = NULL;
	catalogue->staged = NULL;
	catalogue->rules.places = NULL;
}

void catalogue_free(struct catalogue *catalogue)
{
	if (catalogue == NULL)
		return;
	staging_free(catalogue);
	tree_free(catalogue->tree);
	free(catalogue->operations);
	free(catalogue->texts);
	arena_free(catalogue->arena);
	free(catalogue);
}

/* ---- adding ------------------------------------------------------------------------------------------------------- */

/* Its place among the methods; method_count when it is not there. */
static unsigned method_place(const struct catalogue *catalogue, struct slice method)
{
	unsigned place = 0;
	while (place < catalogue->method_count && !slice_equal(catalogue->methods[place], method))
		place++;
	return place;
}

/* RESULT_INVALID: it is no path, or has too many segments. */
static enum result shape_of(struct slice path, struct arena *arena, struct slice *ret)
{
	size_t len = 0, segments = 1;
	if (path.len == 0 || path.ptr[0] != '/')
		return RESULT_INVALID;
	char *shape = arena_alloc(arena, path.len);
	if (shape == NULL)
		return RESULT_TOO_LARGE;
	for (size_t i = 1; i < path.len; i++) {
		const char c = path.ptr[i];
		segments += c == '/';
		shape[len++] = c == '/' ? SHAPE_SEPARATOR : c;
		if (c == '}' || (unsigned char)c <= SHAPE_SEPARATOR)
			return RESULT_INVALID;
		if (c != '{')
			continue;
		const char *end = memchr(path.ptr + i, '}', path.len - i);
		if (end == NULL || memchr(path.ptr + i, '/', (size_t)(end - path.ptr) - i) != NULL)
			return RESULT_INVALID;
		i = (size_t)(end - path.ptr);
		shape[len++] = '}';
	}
	if (segments > LIMIT_CATALOGUE_SEGMENTS)
		return RESULT_INVALID;
	*ret = (struct slice) { shape, len };
	return RESULT_OK;
}

static enum result room_for_one(struct catalogue *catalogue)
{
	if (catalogue->count < catalogue->capacity)
		return RESULT_OK;
	size_t capacity = catalogue->capacity == 0 ? OPERATIONS_FIRST : catalogue->capacity * 2;
	struct staged *grown = reallocarray(catalogue->staged, capacity, sizeof *grown);
	if (grown == NULL)
		return RESULT_NO_MEMORY;
	catalogue->staged = grown;
	catalogue->capacity = capacity;
	return RESULT_OK;
}

static enum result stage(struct catalogue *catalogue, struct slice api, const struct api_operation *operation, struct staged *ret)
{
	struct staged staged = { .method = method_place(catalogue, operation->method) };
	if (operation->method.len == 0 || staged.method == LIMIT_CATALOGUE_METHODS)
		return RESULT_INVALID;
	enum result result = shape_of(operation->path, catalogue->arena, &staged.shape);
	if (result != RESULT_OK)
		return result;
	struct slice method = staged.method < catalogue->method_count ? catalogue->methods[staged.method]
	                                                              : arena_copy(catalogue->arena, operation->method);
	if (!slice_equal(catalogue->api, api) || catalogue->api.ptr == NULL)
		catalogue->api = arena_copy(catalogue->arena, api);
	staged.found = (struct catalogue_operation) {
		.api = catalogue->api,
		.operation = {
			.method = method,
			.path = arena_copy(catalogue->drafts, operation->path),
			.operation_id = arena_copy(catalogue->drafts, operation->operation_id),
			.summary = arena_copy(catalogue->drafts, operation->summary),
			.alternative_count = operation->alternative_count,
		},
	};
	result = rule_pool_keep(&catalogue->rules, catalogue->arena, operation->alternatives, operation->alternative_count,
	                    &staged.found.operation.alternatives);
	if (result == RESULT_OK && (arena_exhausted(catalogue->arena) || arena_exhausted(catalogue->drafts)))
		result = RESULT_TOO_LARGE;
	if (result == RESULT_OK)
		*ret = staged;
	return result;
}

enum result catalogue_add(struct catalogue *catalogue, struct slice api, const struct api_operation *operation)
{
	struct staged staged;
	enum result result = room_for_one(catalogue);
	if (result == RESULT_OK)
		result = stage(catalogue, api, operation, &staged);
	if (result != RESULT_OK)
		return result;
	if (staged.method == catalogue->method_count)
		catalogue->methods[catalogue->method_count++] = staged.found.operation.method;
	catalogue->staged[catalogue->count++] = staged;
	return RESULT_OK;
}

/* ---- compiling ---------------------------------------------------------------------------------------------------- */

static int method_compare(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static int staged_compare(const void *a, const void *b)
{
	const struct staged *one = a, *other = b;
	const int order = slice_compare(one->shape, other->shape);
	return order != 0 ? order : one->method < other->method ? -1 : one->method > other->method;
}

static void staged_sort(struct catalogue *catalogue)
{
	if (catalogue->count == 0)
		return;
	qsort(catalogue->methods, catalogue->method_count, sizeof *catalogue->methods, method_compare);
	for (size_t i = 0; i < catalogue->count; i++)
		catalogue->staged[i].method = method_place(catalogue, catalogue->staged[i].found.operation.method);
	qsort(catalogue->staged, catalogue->count, sizeof *catalogue->staged, staged_compare);
}

/* One leaf for each shape: how many there are. RESULT_CONFLICT: a method twice. */
static enum result leaves_make(const struct catalogue *catalogue, struct tree_leaf *leaves, size_t *ret_count)
{
	size_t count = 0;
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct staged *staged = &catalogue->staged[i];
		const uint32_t bit = UINT32_C(1) << staged->method;
		if (count == 0 || !slice_equal(leaves[count - 1].shape, staged->shape))
			leaves[count++] = (struct tree_leaf) { .shape = staged->shape, .first = (uint32_t)i };
		else if ((leaves[count - 1].methods & bit) != 0)
			return RESULT_CONFLICT;
		leaves[count - 1].methods |= bit;
	}
	*ret_count = count;
	return RESULT_OK;
}

static struct slice text_move(struct slice text, char **at)
{
	char *start = *at;
	if (text.len > 0)
		memcpy(start, text.ptr, text.len);
	start[text.len] = '\0';
	*at = start + text.len + 1;
	return (struct slice) { start, text.len };
}

static enum result operations_settle(struct catalogue *catalogue)
{
	size_t size = 1;
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct api_operation *operation = &catalogue->staged[i].found.operation;
		size += operation->path.len + operation->operation_id.len + operation->summary.len + 3;
	}
	char *at = catalogue->texts = malloc(size);
	catalogue->operations = calloc(catalogue->count + 1, sizeof *catalogue->operations);
	if (catalogue->texts == NULL || catalogue->operations == NULL)
		return RESULT_NO_MEMORY;
	for (size_t i = 0; i < catalogue->count; i++) {
		catalogue->operations[i] = catalogue->staged[i].found;
		struct api_operation *operation = &catalogue->operations[i].operation;
		operation->operation_id = text_move(operation->operation_id, &at);
		operation->path = text_move(operation->path, &at);
		operation->summary = text_move(operation->summary, &at);
	}
	return RESULT_OK;
}

enum result catalogue_compile(struct catalogue *catalogue)
{
	size_t leaf_count;
	if (catalogue->count > UINT32_MAX)
		return RESULT_TOO_LARGE;
	staged_sort(catalogue);
	struct tree_leaf *leaves = calloc(catalogue->count + 1, sizeof *leaves);
	enum result result = leaves == NULL ? RESULT_NO_MEMORY : leaves_make(catalogue, leaves, &leaf_count);
	if (result == RESULT_OK)
		result = operations_settle(catalogue);
	if (result == RESULT_OK)
		result = tree_build(leaves, leaf_count, &catalogue->tree);
	free(leaves);
	staging_free(catalogue);
	return result;
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

static const struct catalogue_operation *operation_of(const struct catalogue *catalogue, uint32_t methods, uint32_t first, struct slice method)
{
	const unsigned place = method_place(catalogue, method);
	const uint32_t bit = place < catalogue->method_count ? UINT32_C(1) << place : 0;
	if ((methods & bit) != 0)
		return &catalogue->operations[first + (uint32_t)__builtin_popcount(methods & (bit - 1))];
	return slice_is(method, "HEAD") ? operation_of(catalogue, methods, first, SLICE_OF("GET")) : NULL;
}

const struct catalogue_operation *catalogue_find(const struct catalogue *catalogue, struct slice method, struct slice path)
{
	uint32_t methods, first, methods_without, first_without;
	if (catalogue->tree == NULL || !tree_find(catalogue->tree, path, false, &methods, &first))
		return NULL;
	const struct catalogue_operation *found = operation_of(catalogue, methods, first, method);
	if (found == NULL || memchr(path.ptr, ';', path.len) == NULL)
		return found;
	if (!tree_find(catalogue->tree, path, true, &methods_without, &first_without))
		return NULL;
	return operation_of(catalogue, methods_without, first_without, method) == found ? found : NULL;
}

size_t catalogue_count(const struct catalogue *catalogue)
{
	return catalogue->count;
}

const struct catalogue_operation *catalogue_at(const struct catalogue *catalogue, size_t index)
{
	return &catalogue->operations[index];
}
