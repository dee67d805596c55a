/* security: a list of alternatives, each a mapping of schemes to the scopes that it needs. */
#include "directory/openapi/openapi_raw.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/writer.h"
#include "directory/rules.h"

/* ---- parsing ---- */

/* Nothing at all behind a scheme (its scopes are commented out, say) must not read as "no scope is needed". */
static enum result scopes_begin(struct document *document)
{
	unsigned line = document_line(document);
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result == RESULT_OK && kind == DOCUMENT_SCALAR)
		return document_fail(document, line, RESULT_INVALID,
		                     "the scopes of a security scheme are a list: write [] behind it if its actor alone suffices");
	return result == RESULT_OK ? document_list(document, "the scopes of a security scheme") : result;
}

static enum result scopes_parse(struct document *document, struct openapi *openapi, struct raw_scheme *scheme)
{
	struct raw_scope **end = &scheme->scopes;
	bool more = true;
	enum result result = scopes_begin(document);
	for (size_t count = 0; result == RESULT_OK; count++) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			return result;
		struct raw_scope *scope = arena_alloc(openapi->arena, sizeof *scope);
		if (scope == NULL)
			return openapi_no_memory(document);
		if (count == LIMIT_SCOPE_COUNT)
			return document_fail(document, document_line(document), RESULT_TOO_LARGE, "more than %d scopes in one alternative", LIMIT_SCOPE_COUNT);
		*scope = (struct raw_scope) { 0 };
		result = openapi_text(document, openapi, "a scope", &scope->name);
		scope->line = document_line(document);
		*end = scope;
		end = &scope->next;
	}
	return result;
}

static enum result alternative_parse(struct document *document, struct openapi *openapi, struct raw_alternative *alternative)
{
	struct raw_scheme **end = &alternative->schemes;
	bool more = true;
	enum result result = document_mapping(document, "an alternative of security");
	for (size_t count = 0; result == RESULT_OK; count++) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result == RESULT_OK && more)
			result = openapi_key_judge(document, key);
		if (result != RESULT_OK || !more)
			return result;
		for (const struct raw_scheme *known = alternative->schemes; known != NULL; known = known->next)
			if (slice_equal(known->name, key))
				return document_fail(document, document_line(document), RESULT_INVALID, "a scheme stands twice in one alternative: leave one away");
		struct raw_scheme *scheme = arena_alloc(openapi->arena, sizeof *scheme);
		if (scheme == NULL)
			return openapi_no_memory(document);
		if (count == LIMIT_SCHEMES || key.len > LIMIT_NAME || !text_is_clean(key))
			return document_fail(document, document_line(document), RESULT_INVALID,
			                     "an alternative of security has at most %d schemes, with names of up to %d bytes", LIMIT_SCHEMES, LIMIT_NAME);
		*scheme = (struct raw_scheme) { .name = arena_copy(openapi->arena, key) };
		*end = scheme;
		end = &scheme->next;
		result = scheme->name.ptr == NULL ? openapi_no_memory(document) : scopes_parse(document, openapi, scheme);
	}
	return result;
}

static enum result alternatives_parse(struct document *document, struct openapi *openapi, struct raw_alternative **end)
{
	bool more = true;
	enum result result = document_list(document, "security");
	for (size_t count = 0; result == RESULT_OK; count++) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			return result;
		struct raw_alternative *alternative = arena_alloc(openapi->arena, sizeof *alternative);
		if (alternative == NULL)
			return openapi_no_memory(document);
		if (count == LIMIT_API_ALTERNATIVES)
			return document_fail(document, document_line(document), RESULT_TOO_LARGE, "security has more than %d alternatives",
			                     LIMIT_API_ALTERNATIVES);
		*alternative = (struct raw_alternative) { .line = document_line(document) };
		*end = alternative;
		end = &alternative->next;
		result = alternative_parse(document, openapi, alternative);
	}
	return result;
}

/* security: {} closes as [] does. */
static enum result empty_mapping_parse(struct document *document)
{
	struct slice key;
	bool more = true;
	enum result result = document_mapping(document, "security");
	if (result == RESULT_OK)
		result = document_key(document, &key, &more);
	if (result == RESULT_OK && more)
		return document_fail(document, document_line(document), RESULT_INVALID, "security is a list: write a dash in front of the scheme");
	return result;
}

static enum result security_read(struct document *document, struct openapi *openapi, struct raw_alternative **ret)
{
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result == RESULT_OK)
		result = kind == DOCUMENT_MAPPING ? empty_mapping_parse(document) : alternatives_parse(document, openapi, ret);
	return result;
}

enum result openapi_security_parse(struct document *document, struct openapi *openapi, struct raw_security **at)
{
	struct arena *arena = openapi->arena;
	struct raw_alternative *alternatives = NULL;
	arena_reset(openapi->scratch);
	openapi->arena = openapi->scratch;
	enum result result = security_read(document, openapi, &alternatives);
	openapi->arena = arena;
	if (result != RESULT_OK)
		return result;
	struct raw_security *security = openapi_security_known(openapi, alternatives);
	if (security == NULL)
		return openapi_no_memory(document);
	*at = security;
	return RESULT_OK;
}

/* ---- compiling ---- */

bool openapi_grow(struct arena *arena, void **items, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return true;
	size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
	void *grown = arena_array(arena, wanted, size);
	if (grown == NULL)
		return false;
	if (count > 0)
		memcpy(grown, *items, count * size);
	*items = grown;
	*capacity = wanted;
	return true;
}

static bool is_scope(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= 0x20 || text.ptr[i] > 0x7e || text.ptr[i] == '"' || text.ptr[i] == '\\')
			return false;
	return text.len > 0 && text.len <= LIMIT_PERMISSION_NAME;
}

/* For the report: what the partition should know as a permission. */
static enum result scope_note(struct compiling *compiling, struct slice name, unsigned line)
{
	if (slice_is(name, ".default") || scope_is_openid(name) || permission_is_reserved(name))
		return RESULT_OK;
	void *scopes = compiling->scopes;
	if (!openapi_grow(compiling->openapi->arena, &scopes, &compiling->scope_capacity, compiling->scope_count, sizeof *compiling->scopes))
		return openapi_no_memory(compiling->document);
	compiling->scopes = scopes;
	compiling->scopes[compiling->scope_count++] = (struct named_line) { name, line };
	return RESULT_OK;
}

/* Filled in, without the partition's prefix, judged. */
static enum result scope_compile(struct compiling *compiling, const struct raw_scope *scope, struct slice *ret)
{
	struct problem problem = { "a scope is printable ASCII without spaces, quotes and backslashes (RFC 6749 section 3.3)" };
	struct slice name, prefix = compiling->options->permission_prefix;
	enum result result = openapi_fill_all(compiling, "a scope", scope->line, scope->name, &name);
	if (result != RESULT_OK)
		return result;
	if (prefix.len > 0 && slice_starts_with(name, prefix))
		name = slice_skip(name, prefix.len);
	bool good = is_scope(name);
	if (good && !slice_is(name, ".default") && !scope_is_openid(name))
		good = rule_permission_name(name, &problem) == RESULT_OK;
	if (!good)
		return document_fail(compiling->document, scope->line, RESULT_INVALID, "the scope '%.*s': %s", (int)(name.len < 80 ? name.len : 80),
		                     name.ptr, problem.text);
	*ret = name;
	return scope_note(compiling, name, scope->line);
}

static enum result scopes_compile(struct compiling *compiling, const struct raw_scheme *scheme, struct slice *ret)
{
	struct slice known = SLICE_OF("");
	struct writer writer = writer_new(compiling->openapi->arena, 64);
	for (const struct raw_scope *scope = scheme->scopes; scope != NULL; scope = scope->next) {
		struct slice name = SLICE_OF("");
		enum result result = scope_compile(compiling, scope, &name);
		if (result != RESULT_OK)
			return result;
		if (slice_has_word(known, name))
			continue;
		if (known.len > 0)
			writer_byte(&writer, ' ');
		writer_put(&writer, name);
		if (!writer_ok(&writer))
			return openapi_no_memory(compiling->document);
		known = writer_slice(&writer);
	}
	*ret = known;
	return RESULT_OK;
}

static bool actor_of(const struct openapi_options *options, struct slice scheme, enum api_actor *ret)
{
	for (size_t i = 0; i < options->actor_count; i++)
		if (slice_equal(options->actors[i].name, scheme))
			return api_actor_find(options->actors[i].value, ret);
	return false;
}

static enum result scheme_without_actor(struct compiling *compiling, struct slice name, unsigned line)
{
	for (size_t i = 0; i < compiling->scheme_count; i++)
		if (slice_equal(compiling->schemes[i].name, name))
			return RESULT_OK;
	if (compiling->scheme_count == LIMIT_API_ALTERNATIVES)
		return RESULT_OK;
	void *schemes = compiling->schemes;
	if (!openapi_grow(compiling->openapi->arena, &schemes, &compiling->scheme_capacity, compiling->scheme_count, sizeof *compiling->schemes))
		return openapi_no_memory(compiling->document);
	compiling->schemes = schemes;
	compiling->schemes[compiling->scheme_count++] = (struct named_line) { name, line };
	openapi_warn(compiling->openapi, compiling->document, WARN_SCHEME, line,
	             "the scheme %.*s has no actor, so what it opens stays closed: name it in the actors of the API", SLICE_ARGS(name));
	return RESULT_OK;
}

/* A scope that never matters must be whole too (contract.md §5). */
static enum result scopes_fill(struct compiling *compiling, const struct raw_scheme *scheme)
{
	struct slice ignored;
	enum result result = RESULT_OK;
	for (const struct raw_scope *scope = scheme->scopes; scope != NULL && result == RESULT_OK; scope = scope->next)
		result = openapi_fill_all(compiling, "a scope", scope->line, scope->name, &ignored);
	return result;
}

static enum result alternative_compile(struct compiling *compiling, const struct raw_alternative *alternative, struct api_alternative *ret,
                                       bool *ret_matches)
{
	enum result result = RESULT_OK;
	size_t count = 0;
	struct slice name = SLICE_OF("");
	*ret_matches = true;
	for (const struct raw_scheme *scheme = alternative->schemes; scheme != NULL && result == RESULT_OK; scheme = scheme->next, count++) {
		struct slice missing;
		result = scopes_fill(compiling, scheme);
		if (result == RESULT_OK)
			result = openapi_fill(compiling, scheme->name, &name, &missing);
		if (result != RESULT_OK || actor_of(compiling->options, name, &ret->actor))
			continue;
		*ret_matches = false;
		result = scheme_without_actor(compiling, name, alternative->line);
	}
	if (count == 0)
		openapi_warn(compiling->openapi, compiling->document, WARN_ALTERNATIVE, alternative->line,
		             "the alternative {} would let everybody in: it is left out, nobody calls an API without a token");
	if (count > 1)
		openapi_warn(compiling->openapi, compiling->document, WARN_ALTERNATIVE, alternative->line,
		             "an alternative that joins %zu schemes never matches: a token has one actor; write them as alternatives of their own", count);
	*ret_matches = *ret_matches && count == 1;
	return result == RESULT_OK && *ret_matches ? scopes_compile(compiling, alternative->schemes, &ret->scopes) : result;
}

enum result openapi_security_unused_judge(struct compiling *compiling)
{
	enum result result = RESULT_OK;
	for (size_t i = 0; i < SECURITY_BUCKETS; i++)
		for (const struct raw_security *security = compiling->openapi->known[i]; security != NULL; security = security->next)
			for (const struct raw_alternative *raw = security->compiled ? NULL : security->alternatives; raw != NULL; raw = raw->next)
				for (const struct raw_scheme *scheme = raw->schemes; scheme != NULL && result == RESULT_OK; scheme = scheme->next)
					result = scopes_fill(compiling, scheme);
	return result;
}

static bool is_known(const struct api_alternative *alternatives, size_t count, const struct api_alternative *alternative)
{
	for (size_t i = 0; i < count; i++)
		if (alternatives[i].actor == alternative->actor && slice_equal(alternatives[i].scopes, alternative->scopes))
			return true;
	return false;
}

enum result openapi_security_compile(struct compiling *compiling, struct raw_security *security)
{
	size_t count = 0;
	if (security->compiled)
		return RESULT_OK;
	for (const struct raw_alternative *raw = security->alternatives; raw != NULL; raw = raw->next)
		count++;
	struct api_alternative *alternatives = count == 0 ? NULL : arena_array(compiling->openapi->arena, count, sizeof *alternatives);
	if (count > 0 && alternatives == NULL)
		return openapi_no_memory(compiling->document);
	for (const struct raw_alternative *raw = security->alternatives; raw != NULL; raw = raw->next) {
		struct api_alternative alternative = { .scopes = SLICE_OF("") };
		bool matches;
		enum result result = alternative_compile(compiling, raw, &alternative, &matches);
		if (result != RESULT_OK)
			return result;
		if (!matches || is_known(alternatives, security->ret_count, &alternative))
			continue;
		alternatives[security->ret_count++] = alternative;
		security->ret_size += alternative.scopes.len + sizeof alternative;
	}
	security->ret = alternatives;
	security->compiled = true;
	return RESULT_OK;
}
