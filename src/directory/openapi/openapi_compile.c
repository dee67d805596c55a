/* From what was read to the operations of an API: references followed, servers put in front, each call once. */
#include "directory/openapi/openapi_raw.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"

#include <sodium.h>
#include <stdlib.h>

enum { REFERENCES_DEEP = 8 };

/* An operation with what is only needed here. */
struct compiled {
	struct api_operation operation;
	struct slice shape;
	unsigned line;
};

struct output {
	struct compiling *compiling;
	struct compiled *operations;
	size_t count, capacity;
	size_t size; /* bytes of text */
	const struct raw_path *filled_of;
	struct slice filled; /* its key, with the values in it */
};

/* ---- path items by name ---- */

static int path_order(const void *a, const void *b)
{
	const struct raw_path *first = *(const struct raw_path *const *)a, *second = *(const struct raw_path *const *)b;
	int order = slice_compare(first->key, second->key);
	return order != 0 ? order : first->line < second->line ? -1 : first->line > second->line;
}

static enum result paths_sort(struct compiling *compiling, struct raw_paths *paths, const char *what)
{
	const struct raw_path **sorted = arena_array(compiling->openapi->arena, paths->count + 1, sizeof(const struct raw_path *));
	size_t count = 0;
	if (sorted == NULL)
		return openapi_no_memory(compiling->document);
	for (const struct raw_path *path = paths->first; path != NULL; path = path->next)
		sorted[count++] = path;
	qsort(sorted, count, sizeof(const struct raw_path *), path_order);
	for (size_t i = 1; i < count; i++)
		if (slice_equal(sorted[i - 1]->key, sorted[i]->key))
			return document_fail(compiling->document, sorted[i]->line, RESULT_INVALID, "the %s %.*s stands at line %u already: join the two", what,
			                     (int)(sorted[i]->key.len < 160 ? sorted[i]->key.len : 160), sorted[i]->key.ptr, sorted[i - 1]->line);
	paths->sorted = sorted;
	return RESULT_OK;
}

static const struct raw_path *path_find(const struct raw_paths *paths, struct slice key)
{
	size_t low = 0, high = paths->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = slice_compare(paths->sorted[middle]->key, key);
		if (order == 0)
			return paths->sorted[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* "#/paths/~1a~1%7Bid%7D" (RFC 6901 §3, §6). */
static bool pointer_decode(struct arena *arena, struct slice pointer, struct slice *ret)
{
	struct slice decoded;
	if (text_percent_decode(arena, pointer, false, &decoded) != RESULT_OK)
		return false;
	char *bytes = arena_alloc(arena, decoded.len + 1);
	size_t len = 0;
	if (bytes == NULL)
		return false;
	for (size_t i = 0; i < decoded.len; i++) {
		char c = decoded.ptr[i];
		if (c == '/')
			return false;
		if (c == '~') {
			char code = i + 1 < decoded.len ? decoded.ptr[++i] : '\0';
			if (code != '0' && code != '1')
				return false;
			c = code == '0' ? '~' : '/';
		}
		bytes[len++] = c;
	}
	*ret = (struct slice) { bytes, len };
	return true;
}

static const struct raw_path *reference_find(struct compiling *compiling, struct slice reference)
{
	static const struct slice to_path = SLICE("#/paths/"), to_item = SLICE("#/components/pathItems/");
	const struct openapi *openapi = compiling->openapi;
	struct slice name;
	if (slice_starts_with(reference, to_path) && pointer_decode(openapi->arena, slice_skip(reference, to_path.len), &name))
		return path_find(&openapi->paths, name);
	if (slice_starts_with(reference, to_item) && pointer_decode(openapi->arena, slice_skip(reference, to_item.len), &name))
		return path_find(&openapi->path_items, name);
	return NULL;
}

/* ---- operations ---- */

static struct slice text_bounded(struct arena *arena, struct slice text)
{
	size_t len = 0;
	while (len < text.len) {
		size_t next = text_utf8_length(slice_skip(text, len));
		if (next == 0 || len + next > LIMIT_API_TEXT)
			break;
		len += next;
	}
	char *bytes = arena_alloc(arena, len + 1);
	for (size_t i = 0; bytes != NULL && i < len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		bytes[i] = c < 0x20 || c == 0x7f ? ' ' : text.ptr[i];
	}
	return bytes == NULL ? (struct slice) { NULL, 0 } : slice_trim((struct slice) { bytes, len });
}

static enum result text_compile(struct compiling *compiling, struct slice text, unsigned line, struct slice *ret)
{
	struct slice filled, missing;
	enum result result = openapi_fill(compiling, text, &filled, &missing);
	if (result != RESULT_OK)
		return result;
	if (missing.ptr != NULL)
		openapi_placeholders_note(compiling->openapi, filled, line);
	*ret = text_bounded(compiling->openapi->arena, filled);
	return ret->ptr == NULL ? openapi_no_memory(compiling->document) : RESULT_OK;
}

static size_t segments_of(struct slice path)
{
	size_t count = 0;
	for (size_t i = 0; i < path.len; i++)
		count += path.ptr[i] == '/';
	return count;
}

/* Once for all operations and servers of a path, and so are its warnings. */
static enum result path_fill(struct output *output, const struct raw_path *path, struct slice *ret)
{
	enum result result = RESULT_OK;
	if (output->filled_of != path)
		result = openapi_fill_path(output->compiling, path->line, path->key, &output->filled);
	if (result != RESULT_OK)
		return result;
	output->filled_of = path;
	*ret = output->filled;
	return RESULT_OK;
}

/* The path as it is called: the base path in front, normalised. */
static enum result path_compile(struct output *output, const struct raw_path *path, struct slice base, struct slice *ret)
{
	char whole[2 * LIMIT_API_PATH], normal[2 * LIMIT_API_PATH];
	struct compiling *compiling = output->compiling;
	struct slice filled, normalised;
	enum result result = path_fill(output, path, &filled);
	if (result != RESULT_OK)
		return result;
	result = base.len + filled.len <= sizeof whole ? RESULT_OK : RESULT_TOO_LARGE;
	if (result == RESULT_OK) {
		memcpy(whole, base.ptr, base.len);
		memcpy(whole + base.len, filled.ptr, filled.len);
		result = path_normalise_template((struct slice) { whole, base.len + filled.len }, normal, sizeof normal, &normalised);
	}
	if (result == RESULT_OK && normalised.len > LIMIT_API_PATH)
		result = RESULT_TOO_LARGE;
	if (result == RESULT_TOO_LARGE)
		return document_fail(compiling->document, path->line, result, "the path is longer than %d bytes with its server's", LIMIT_API_PATH);
	if (result != RESULT_OK)
		return document_fail(compiling->document, path->line, RESULT_INVALID,
		                     "the path %.*s has something in it that no call can have: braces that do not match, '?', '#', an escaped slash, "
		                     "a backslash",
		                     (int)(path->key.len < 160 ? path->key.len : 160), path->key.ptr);
	if (segments_of(normalised) > LIMIT_CATALOGUE_SEGMENTS)
		return document_fail(compiling->document, path->line, RESULT_INVALID,
		                     "the path has more than %d segments with its server's: no call can be so long", LIMIT_CATALOGUE_SEGMENTS);
	*ret = arena_copy(compiling->openapi->arena, normalised);
	return ret->ptr == NULL ? openapi_no_memory(compiling->document) : RESULT_OK;
}

static enum result operation_emit(struct output *output, const struct raw_path *path, const struct raw_operation *raw, struct slice base,
                                  const struct api_operation *common)
{
	struct compiling *compiling = output->compiling;
	struct arena *arena = compiling->openapi->arena;
	void *operations = output->operations;
	if (output->count == LIMIT_API_OPERATIONS)
		return document_fail(compiling->document, raw->line, RESULT_TOO_LARGE,
		                     "more than %d operations, each counted once for each base path of its servers: split the API", LIMIT_API_OPERATIONS);
	if (!openapi_grow(arena, &operations, &output->capacity, output->count, sizeof *output->operations))
		return openapi_no_memory(compiling->document);
	output->operations = operations;
	struct compiled *compiled = &output->operations[output->count];
	*compiled = (struct compiled) { .operation = *common, .line = raw->line };
	enum result result = path_compile(output, path, base, &compiled->operation.path);
	if (result != RESULT_OK)
		return result;
	char *shape = arena_alloc(arena, compiled->operation.path.len + 1);
	if (shape == NULL)
		return openapi_no_memory(compiling->document);
	compiled->shape = api_path_shape(compiled->operation.path, shape);
	output->size += compiled->operation.path.len + common->summary.len + common->operation_id.len + sizeof *common;
	output->count++;
	return RESULT_OK;
}

static enum result security_take(struct output *output, const struct raw_path *path, const struct raw_operation *raw, struct api_operation *ret)
{
	struct compiling *compiling = output->compiling;
	struct raw_security *security = raw->security != NULL ? raw->security : compiling->openapi->security;
	enum result result = security == NULL ? RESULT_OK : openapi_security_compile(compiling, security);
	if (result != RESULT_OK)
		return result;
	if (security != NULL) {
		ret->alternatives = security->ret;
		ret->alternative_count = security->ret_count;
		output->size += security->ret_size;
	}
	if (ret->alternative_count == 0)
		openapi_warn(compiling->openapi, compiling->document, WARN_CLOSED, raw->line, "%.*s %.*s is closed: %s", SLICE_ARGS(ret->method),
		             (int)(path->key.len < 160 ? path->key.len : 160), path->key.ptr,
		             security == NULL                  ? "it has no security, and the document has none"
		             : security->alternatives == NULL ? "its security is empty"
		                                               : "none of its alternatives can match");
	return RESULT_OK;
}

/* holder   where the operation stands: path itself, or what it refers to. */
static enum result operation_compile(struct output *output, const struct raw_path *path, const struct raw_path *holder,
                                     const struct raw_operation *raw)
{
	static const struct slice root[] = { SLICE("") };
	struct compiling *compiling = output->compiling;
	struct raw_servers *servers = raw->servers != NULL       ? raw->servers
	                            : holder->servers != NULL    ? holder->servers
	                            : path->servers != NULL      ? path->servers
	                                                         : compiling->openapi->servers;
	struct api_operation common = { .method = raw->method };
	enum result result = servers == NULL ? RESULT_OK : openapi_servers_compile(compiling, servers);
	if (result == RESULT_OK)
		result = security_take(output, path, raw, &common);
	if (result == RESULT_OK)
		result = text_compile(compiling, raw->operation_id, raw->line, &common.operation_id);
	if (result == RESULT_OK)
		result = text_compile(compiling, raw->summary, raw->line, &common.summary);
	size_t bases = servers == NULL ? 1 : servers->base_path_count;
	for (size_t i = 0; i < bases && result == RESULT_OK; i++)
		result = operation_emit(output, path, raw, servers == NULL ? root[0] : servers->base_paths[i], &common);
	if (result == RESULT_OK && output->size > LIMIT_API_SIZE)
		return document_fail(compiling->document, raw->line, RESULT_TOO_LARGE,
		                     "the operations with all that they need are more than %d MiB: split the API",
		                     LIMIT_API_SIZE / (1024 * 1024));
	return result;
}

static enum result path_operations(struct output *output, const struct raw_path *path)
{
	const struct raw_path *holder = path;
	for (int deep = 0;; deep++) {
		for (const struct raw_operation *raw = holder->operations; raw != NULL; raw = raw->next) {
			enum result result = operation_compile(output, path, holder, raw);
			if (result != RESULT_OK)
				return result;
		}
		if (holder->reference.ptr == NULL)
			return RESULT_OK;
		const struct raw_path *found = deep < REFERENCES_DEEP ? reference_find(output->compiling, holder->reference) : NULL;
		if (found == NULL)
			return document_fail(output->compiling->document, holder->reference_line, RESULT_INVALID,
			                     "the $ref of a path leads to another path of this document (#/paths/..., #/components/pathItems/...), "
			                     "and not in a circle: bundle the files into one, or write the operations here");
		holder = found;
	}
}

/* ---- all of them ---- */

static int compiled_by_shape(const void *a, const void *b)
{
	const struct compiled *first = a, *second = b;
	int order = slice_compare(first->shape, second->shape);
	if (order == 0)
		order = slice_compare(first->operation.method, second->operation.method);
	return order != 0 ? order : first->line < second->line ? -1 : first->line > second->line;
}

static int compiled_by_path(const void *a, const void *b)
{
	const struct compiled *first = a, *second = b;
	int order = slice_compare(first->operation.path, second->operation.path);
	return order != 0 ? order : slice_compare(first->operation.method, second->operation.method);
}

static enum result shapes_judge(struct output *output)
{
	if (output->count > 0)
		qsort(output->operations, output->count, sizeof *output->operations, compiled_by_shape);
	for (size_t i = 1; i < output->count; i++) {
		const struct compiled *first = &output->operations[i - 1], *second = &output->operations[i];
		if (!slice_equal(first->shape, second->shape) || !slice_equal(first->operation.method, second->operation.method))
			continue;
		struct slice path = second->operation.path;
		return document_fail(output->compiling->document, second->line, RESULT_INVALID,
		                     "%.*s %.*s is the same call as the operation at line %u: the names in braces make no difference; leave one away",
		                     SLICE_ARGS(second->operation.method), (int)(path.len < 160 ? path.len : 160), path.ptr, first->line);
	}
	if (output->count > 0)
		qsort(output->operations, output->count, sizeof *output->operations, compiled_by_path);
	return RESULT_OK;
}

static int named_order(const void *a, const void *b)
{
	const struct named_line *first = a, *second = b;
	int order = slice_compare(first->name, second->name);
	return order != 0 ? order : first->line < second->line ? -1 : first->line > second->line;
}

/* Names once, each with its first line, as the two arrays of a report. */
static bool names_give(struct arena *arena, struct named_line *names, size_t count, size_t *ret_count, const struct slice **ret_names,
                       const unsigned **ret_lines)
{
	struct slice *texts = arena_array(arena, count + 1, sizeof *texts);
	unsigned *lines = arena_array(arena, count + 1, sizeof *lines);
	if (texts == NULL || lines == NULL)
		return false;
	if (count > 0)
		qsort(names, count, sizeof *names, named_order);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && slice_equal(texts[kept - 1], names[i].name))
			continue;
		texts[kept] = names[i].name;
		lines[kept++] = names[i].line;
	}
	*ret_count = kept;
	*ret_names = texts;
	*ret_lines = lines;
	return true;
}

static enum result output_give(struct output *output, struct api *ret, struct openapi_report *report)
{
	struct compiling *compiling = output->compiling;
	struct arena *arena = compiling->openapi->arena;
	struct api_operation *operations = arena_array(arena, output->count + 1, sizeof *operations);
	unsigned *lines = arena_array(arena, output->count + 1, sizeof *lines);
	const unsigned *ignored;
	if (operations == NULL || lines == NULL)
		return openapi_no_memory(compiling->document);
	*report = (struct openapi_report) { .operation_lines = lines };
	for (size_t i = 0; i < output->count; i++) {
		operations[i] = output->operations[i].operation;
		lines[i] = output->operations[i].line;
		report->alternatives += operations[i].alternative_count;
		report->closed += operations[i].alternative_count == 0;
	}
	if (!names_give(arena, compiling->scopes, compiling->scope_count, &report->scope_count, &report->scopes, &report->scope_lines) ||
	    !names_give(arena, compiling->schemes, compiling->scheme_count, &report->scheme_count, &report->schemes_without_actor, &ignored))
		return openapi_no_memory(compiling->document);
	*ret = (struct api) { .operations = operations, .operation_count = output->count };
	ret->digest = openapi_digest(ret);
	return RESULT_OK;
}

enum result openapi_compile(struct document *document, struct openapi *openapi, const struct openapi_options *options, struct api *ret,
                            struct openapi_report *report)
{
	struct compiling compiling = { .document = document, .openapi = openapi, .options = options };
	struct output output = { .compiling = &compiling };
	compiling.value_used = arena_array(openapi->arena, options->value_count + 1, sizeof *compiling.value_used);
	if (compiling.value_used == NULL)
		return openapi_no_memory(document);
	enum result result = paths_sort(&compiling, &openapi->paths, "path");
	if (result == RESULT_OK)
		result = paths_sort(&compiling, &openapi->path_items, "path item");
	if (result == RESULT_OK && openapi->servers != NULL)
		result = openapi_servers_compile(&compiling, openapi->servers);
	for (const struct raw_path *path = openapi->paths.first; path != NULL && result == RESULT_OK; path = path->next)
		result = path_operations(&output, path);
	if (result == RESULT_OK)
		result = openapi_security_unused_judge(&compiling);
	if (result == RESULT_OK)
		result = shapes_judge(&output);
	if (result != RESULT_OK)
		return result;
	openapi_placeholders_judge(&compiling);
	return output_give(&output, ret, report);
}

/* ---- the digest ---- */

static void digest_text(crypto_hash_sha256_state *state, struct slice text)
{
	uint64_t len = text.len;
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(len >> (8 * i));
	crypto_hash_sha256_update(state, bytes, sizeof bytes);
	crypto_hash_sha256_update(state, (const unsigned char *)text.ptr, text.len);
}

struct hash32 openapi_digest(const struct api *api)
{
	crypto_hash_sha256_state state;
	struct hash32 digest;
	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < api->operation_count; i++) {
		const struct api_operation *operation = &api->operations[i];
		digest_text(&state, operation->method);
		digest_text(&state, operation->path);
		digest_text(&state, operation->operation_id);
		digest_text(&state, operation->summary);
		for (size_t j = 0; j < operation->alternative_count; j++) {
			digest_text(&state, slice_from(api_actor_name(operation->alternatives[j].actor)));
			digest_text(&state, operation->alternatives[j].scopes);
		}
		digest_text(&state, SLICE_OF("")); /* no actor has an empty name: here the operation ends */
	}
	crypto_hash_sha256_final(&state, digest.bytes);
	return digest;
}
