/* The document as its events come: paths, servers, security; all else is skipped. */
#include "directory/openapi/openapi_raw.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { SCRATCH_FIRST = 16 * 1024 };

enum result openapi_no_memory(struct document *document)
{
	return document_fail(document, document_line(document), RESULT_TOO_LARGE, "the API is larger than %d MiB in memory: split it into several",
	                     LIMIT_OPENAPI_MEMORY / (1024 * 1024));
}

void openapi_warn(struct openapi *openapi, struct document *document, enum warning_kind kind, unsigned line, const char *format, ...)
{
	char sentence[640];
	if (openapi->warner.warned == NULL || openapi->warned[kind] > LIMIT_OPENAPI_WARNINGS)
		return;
	int len = snprintf(sentence, sizeof sentence, "%s:%u: ", document_file_name(document), line);
	if (len < 0 || (size_t)len >= sizeof sentence)
		len = 0;
	if (openapi->warned[kind]++ == LIMIT_OPENAPI_WARNINGS) {
		snprintf(sentence + len, sizeof sentence - (size_t)len, "more like the last ones follow, which are not shown");
	} else {
		va_list args;
		va_start(args, format);
		vsnprintf(sentence + len, sizeof sentence - (size_t)len, format, args);
		va_end(args);
	}
	openapi->warner.warned(openapi->warner.context, sentence);
}

enum result openapi_key_judge(struct document *document, struct slice key)
{
	if (slice_is(key, "<<"))
		return document_fail(document, document_line(document), RESULT_INVALID, "merge keys (<<) are not read here: write the keys out");
	return RESULT_OK;
}

enum result openapi_text(struct document *document, struct openapi *openapi, const char *what, struct slice *ret)
{
	struct document_scalar scalar = { .plain = false };
	enum result result = document_scalar(document, what, &scalar);
	if (result != RESULT_OK)
		return result;
	struct slice copy = arena_copy(openapi->arena, document_scalar_is_null(&scalar) ? SLICE_OF("") : scalar.text);
	if (copy.ptr == NULL)
		return openapi_no_memory(document);
	*ret = copy;
	return RESULT_OK;
}

static enum result size_judge(struct document *document, const struct openapi *openapi)
{
	if (document_bytes_read(document) - openapi->started_at <= openapi->size_max)
		return RESULT_OK;
	return document_fail(document, document_line(document), RESULT_TOO_LARGE, "an OpenAPI document has at most %lld MiB: split it into several APIs",
	                     (long long)openapi->size_max / (1024 * 1024));
}

enum result openapi_mapping(struct document *document, struct openapi *openapi, const char *what, const struct openapi_key *keys, size_t count,
                            void *object, enum result (*unknown)(struct document *, struct openapi *, struct slice key))
{
	unsigned seen = 0;
	bool more = true;
	enum result result = document_mapping(document, what);
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		size_t i = 0;
		while (i < count && !slice_is(key, keys[i].name))
			i++;
		if (i < count && (seen & 1u << i) != 0)
			return document_fail(document, document_line(document), RESULT_INVALID, "%s stands twice in %s: leave one away", keys[i].name, what);
		seen |= i < count ? 1u << i : 0;
		result = openapi_key_judge(document, key);
		if (result == RESULT_OK && i == count && unknown != NULL && !slice_starts_with(key, SLICE_OF("x-")))
			result = unknown(document, openapi, key);
		if (result == RESULT_OK)
			result = i < count && keys[i].read != NULL ? keys[i].read(document, openapi, object) : document_skip(document, what);
	}
	return result;
}

/* ---- operations ---- */

static enum result operation_security(struct document *document, struct openapi *openapi, void *object)
{
	return openapi_security_parse(document, openapi, &((struct raw_operation *)object)->security);
}

static enum result operation_servers(struct document *document, struct openapi *openapi, void *object)
{
	return openapi_servers_parse(document, openapi, &((struct raw_operation *)object)->servers);
}

static enum result operation_summary(struct document *document, struct openapi *openapi, void *object)
{
	return openapi_text(document, openapi, "summary", &((struct raw_operation *)object)->summary);
}

static enum result operation_id(struct document *document, struct openapi *openapi, void *object)
{
	return openapi_text(document, openapi, "operationId", &((struct raw_operation *)object)->operation_id);
}

static const struct openapi_key operation_keys[] = {
	{ "security", operation_security },
	{ "servers", operation_servers },
	{ "summary", operation_summary },
	{ "operationId", operation_id },
};

static enum result operation_parse(struct document *document, struct openapi *openapi, struct raw_path *path, const char *method)
{
	struct raw_operation *operation = arena_alloc(openapi->arena, sizeof *operation);
	if (operation == NULL)
		return openapi_no_memory(document);
	if (++openapi->operation_count > LIMIT_API_OPERATIONS)
		return document_fail(document, document_line(document), RESULT_TOO_LARGE, "more than %d operations: split them into several APIs",
		                     LIMIT_API_OPERATIONS);
	*operation = (struct raw_operation) { .method = slice_from(method), .line = document_line(document), .operation_id = SLICE_OF(""),
		                              .summary = SLICE_OF("") };
	*path->end = operation;
	path->end = &operation->next;
	return openapi_mapping(document, openapi, "an operation", operation_keys, sizeof operation_keys / sizeof *operation_keys, operation, NULL);
}

#define OPERATION(name, METHOD) \
	static enum result operation_##name(struct document *document, struct openapi *openapi, void *path) \
	{ \
		return operation_parse(document, openapi, path, METHOD); \
	}
OPERATION(get, "GET")
OPERATION(put, "PUT")
OPERATION(post, "POST")
OPERATION(delete, "DELETE")
OPERATION(options, "OPTIONS")
OPERATION(head, "HEAD")
OPERATION(patch, "PATCH")
OPERATION(trace, "TRACE")

/* ---- path items ---- */

static enum result path_servers(struct document *document, struct openapi *openapi, void *object)
{
	return openapi_servers_parse(document, openapi, &((struct raw_path *)object)->servers);
}

static enum result path_reference(struct document *document, struct openapi *openapi, void *object)
{
	struct raw_path *path = object;
	path->reference_line = document_line(document);
	return openapi_text(document, openapi, "$ref", &path->reference);
}

enum { METHODS = 8 };
static const struct openapi_key path_keys[] = {
	/* METHODS of them */
	{ "get", operation_get },
	{ "put", operation_put },
	{ "post", operation_post },
	{ "delete", operation_delete },
	{ "options", operation_options },
	{ "head", operation_head },
	{ "patch", operation_patch },
	{ "trace", operation_trace },
	{ "servers", path_servers },
	{ "$ref", path_reference },
	{ "parameters", NULL },
	{ "summary", NULL },
	{ "description", NULL },
};

/* Members of an operation that stand one level too high are no operation that was meant. */
static bool is_of_an_operation(struct slice key)
{
	static const struct slice names[] = { SLICE("responses"), SLICE("requestBody"), SLICE("callbacks"), SLICE("externalDocs") };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_equal(key, names[i]))
			return true;
	return false;
}

/* An operation that is left out would be closed only if no template of another path took its calls, by a rule that was not meant for
 * them: so what could be one is refused. */
static enum result path_key_unknown(struct document *document, struct openapi *openapi, struct slice key)
{
	char shown[33];
	unsigned line = document_line(document);
	enum document_kind kind = DOCUMENT_END;
	text_copy(shown, sizeof shown, text_is_clean(key) ? key : SLICE_OF("?"));
	for (size_t i = 0; i < METHODS; i++)
		if (text_equal_folded(key, slice_from(path_keys[i].name)))
			return document_fail(document, line, RESULT_INVALID,
			                     "methods are written in lower case: write %s in place of '%s'", path_keys[i].name, shown);
	if (text_equal_folded(key, SLICE_OF("query")))
		return document_fail(document, line, RESULT_INVALID,
		                     "the method '%s' is one of OpenAPI 3.2, which is not read: leave it away, and its calls stay closed", shown);
	enum result result = document_peek(document, &kind);
	if (result == RESULT_OK && kind == DOCUMENT_MAPPING && !is_of_an_operation(key))
		return document_fail(document, line, RESULT_INVALID,
		                     "a path has no '%s', which looks like an operation: methods are get, put, post, delete, options, head, patch and trace; "
		                     "if it is none, call it x-%s", shown, shown);
	if (result == RESULT_OK)
		openapi_warn(openapi, document, WARN_KEY, line, "a path has no '%s': it is left out", shown);
	return result;
}

static enum result path_parse(struct document *document, struct openapi *openapi, struct raw_paths *paths, struct slice key)
{
	struct raw_path *path = arena_alloc(openapi->arena, sizeof *path);
	if (path == NULL)
		return openapi_no_memory(document);
	*path = (struct raw_path) { .key = arena_copy(openapi->arena, key), .line = document_line(document), .end = &path->operations };
	if (path->key.ptr == NULL)
		return openapi_no_memory(document);
	*paths->end = path;
	paths->end = &path->next;
	paths->count++;
	return openapi_mapping(document, openapi, "a path", path_keys, sizeof path_keys / sizeof *path_keys, path, path_key_unknown);
}

static enum result path_key_judge(struct document *document, struct slice key)
{
	enum result result = openapi_key_judge(document, key);
	if (result == RESULT_OK && (key.len == 0 || key.ptr[0] != '/'))
		return document_fail(document, document_line(document), RESULT_INVALID, "a path begins with a slash: write '/%.*s'",
		                     (int)(key.len < 80 ? key.len : 80), key.ptr);
	/* its escapes are longer than what they mean, which is measured later */
	if (result == RESULT_OK && key.len > 2 * LIMIT_API_PATH)
		return document_fail(document, document_line(document), RESULT_INVALID, "a path has at most %d bytes", LIMIT_API_PATH);
	return result;
}

static enum result paths_parse(struct document *document, struct openapi *openapi, struct raw_paths *paths, bool named, const char *what)
{
	bool more = true;
	enum result result = document_mapping(document, what);
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result == RESULT_OK)
			result = size_judge(document, openapi);
		if (result != RESULT_OK || !more)
			return result;
		if (!named && slice_starts_with(key, SLICE_OF("x-"))) {
			result = document_skip(document, what);
			continue;
		}
		result = named ? openapi_key_judge(document, key) : path_key_judge(document, key);
		if (result == RESULT_OK)
			result = path_parse(document, openapi, paths, key);
	}
	return result;
}

/* ---- the document ---- */

static enum result root_paths(struct document *document, struct openapi *openapi, void *object)
{
	(void)object;
	return paths_parse(document, openapi, &openapi->paths, false, "paths");
}

static enum result components_path_items(struct document *document, struct openapi *openapi, void *object)
{
	(void)object;
	return paths_parse(document, openapi, &openapi->path_items, true, "pathItems");
}

static const struct openapi_key component_keys[] = { { "pathItems", components_path_items } };

static enum result root_components(struct document *document, struct openapi *openapi, void *object)
{
	(void)object;
	return openapi_mapping(document, openapi, "components", component_keys, 1, NULL, NULL);
}

static enum result root_servers(struct document *document, struct openapi *openapi, void *object)
{
	(void)object;
	return openapi_servers_parse(document, openapi, &openapi->servers);
}

static enum result root_security(struct document *document, struct openapi *openapi, void *object)
{
	(void)object;
	return openapi_security_parse(document, openapi, &openapi->security);
}

static enum result root_version(struct document *document, struct openapi *openapi, void *object)
{
	(void)object;
	openapi->version_line = document_line(document);
	return openapi_text(document, openapi, "openapi", &openapi->version);
}

static enum result root_swagger(struct document *document, struct openapi *openapi, void *object)
{
	(void)openapi;
	(void)object;
	return document_fail(document, document_line(document), RESULT_INVALID,
	                     "this is a Swagger 2.0 document: convert it to OpenAPI 3 first, editor.swagger.io and others do");
}

static const struct openapi_key root_keys[] = {
	{ "openapi", root_version },
	{ "swagger", root_swagger },
	{ "servers", root_servers },
	{ "security", root_security },
	{ "paths", root_paths },
	{ "components", root_components },
};

static enum result version_judge(struct document *document, const struct openapi *openapi, unsigned line)
{
	struct slice version = openapi->version;
	if (version.ptr == NULL)
		return document_fail(document, line, RESULT_INVALID, "this is no OpenAPI document: it has no openapi: 3.0.3 or 3.1.0 at its top");
	bool good = slice_is(version, "3.0") || slice_is(version, "3.1") || slice_starts_with(version, SLICE_OF("3.0.")) ||
	            slice_starts_with(version, SLICE_OF("3.1."));
	if (!good)
		return document_fail(document, openapi->version_line, RESULT_INVALID,
		                     "OpenAPI '%.*s' is not read: write the document as OpenAPI 3.0 or 3.1, and openapi: 3.1.0",
		                     (int)(version.len < 20 ? version.len : 20), version.ptr);
	return RESULT_OK;
}

static void text_passed(void *context, struct slice text, unsigned line)
{
	openapi_placeholders_note(context, text, line);
}

/* The arenas are there, what is allowed is allowed. */
static enum result whole_parse(struct document *document, struct openapi *openapi, bool own_file)
{
	unsigned line = own_file ? 1 : document_line(document);
	enum result result = openapi_mapping(document, openapi, "the OpenAPI document", root_keys, sizeof root_keys / sizeof *root_keys, NULL, NULL);
	if (result == RESULT_OK)
		result = version_judge(document, openapi, line);
	if (result == RESULT_OK && own_file)
		result = document_finish(document);
	return result;
}

enum result openapi_parse(struct document *document, const struct openapi_warner *warner, struct arena *arena, struct openapi **ret)
{
	struct openapi *openapi = arena_alloc(arena, sizeof *openapi);
	struct raw_security **known = arena_array(arena, SECURITY_BUCKETS, sizeof(struct raw_security *));
	if (openapi == NULL || known == NULL)
		return openapi_no_memory(document);
	bool own_file = document_depth(document) == 0;
	*openapi = (struct openapi) {
		.arena = arena, .warner = *warner, .known = known, .started_at = document_bytes_read(document),
		.size_max = own_file ? LIMIT_OPENAPI_SIZE : LIMIT_OPENAPI_INLINE_SIZE,
	};
	openapi->paths.end = &openapi->paths.first;
	openapi->path_items.end = &openapi->path_items.first;
	struct document_allowance before, allowance = {
		.depth = document_depth(document) + LIMIT_OPENAPI_DEPTH, .aliases = own_file, .passed = text_passed, .context = openapi,
	};
	enum result result = document_allow(document, &allowance, &before);
	if (result != RESULT_OK)
		return result;
	openapi->scratch = arena_new(SCRATCH_FIRST, LIMIT_OPENAPI_SIZE);
	result = openapi->scratch == NULL ? openapi_no_memory(document) : whole_parse(document, openapi, own_file);
	arena_free(openapi->scratch);
	openapi->scratch = NULL;
	enum result restored = document_allow(document, &before, NULL);
	if (result == RESULT_OK)
		result = restored;
	if (result == RESULT_OK)
		*ret = openapi;
	return result;
}
