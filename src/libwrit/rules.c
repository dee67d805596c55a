#include "libwrit/rules.h"

#include "base/path.h"
#include "base/text.h"
#include "jose/json_strict.h"

#include <stdlib.h>

#define FORMAT 1
#define ARENA_FIRST 4096
#define ARENA_MAX (16 * 1024 * 1024)
#define PERMISSIONS_MAX 100000
#define NORMAL_MAX (3 * LIMIT_URL)

struct reading {
	struct rules *rules;
	struct problem *problem;
};

static enum result wrong(const struct reading *reading, const char *sentence)
{
	return problem_set(reading->problem, RESULT_INVALID, "the catalogue %s (writ api catalogue prints one)", sentence);
}

static enum result wrong_operation(const struct reading *reading, size_t index, const char *sentence)
{
	return problem_set(reading->problem, RESULT_INVALID, "operation %zu of the catalogue %s", index + 1, sentence);
}

static enum result no_memory(const struct reading *reading)
{
	return problem_set(reading->problem, RESULT_NO_MEMORY, "there is no memory for the catalogue");
}

/* May it stand inside of the quotes of a header's value? */
static bool is_quotable(struct slice text)
{
	return text_is_printable_ascii(text) && memchr(text.ptr, '"', text.len) == NULL && memchr(text.ptr, '\\', text.len) == NULL;
}

static struct slice item_text(const json_t *item)
{
	return json_is_string(item) ? (struct slice) { json_string_value(item), json_string_length(item) } : (struct slice) { NULL, 0 };
}

/* A word of a scope (RFC 6749 §3.3). */
static bool is_scope(struct slice text)
{
	return text.len > 0 && text.len <= LIMIT_PERMISSION_NAME && is_quotable(text) && memchr(text.ptr, ' ', text.len) == NULL;
}

/* ---- operations ------------------------------------------------------------------------------------------------- */

/* The words of a JSON array as one list; ptr NULL: one of them is no scope, or the arena is full. */
static struct slice scopes_join(struct arena *arena, const json_t *scopes)
{
	size_t len = 0, at = 0;
	for (size_t i = 0; i < json_array_size(scopes); i++) {
		struct slice scope = item_text(json_array_get(scopes, i));
		if (scope.ptr == NULL || !is_scope(scope))
			return (struct slice) { NULL, 0 };
		len += scope.len + 1;
	}
	char *joined = len > LIMIT_SCOPE_SIZE ? NULL : arena_alloc(arena, len + 1);
	if (joined == NULL)
		return (struct slice) { NULL, 0 };
	for (size_t i = 0; i < json_array_size(scopes); i++) {
		struct slice scope = item_text(json_array_get(scopes, i));
		if (i > 0)
			joined[at++] = ' ';
		memcpy(joined + at, scope.ptr, scope.len);
		at += scope.len;
	}
	return (struct slice) { joined, at };
}

/* NULL: what is wrong stands in *ret_why; memory is out where that is NULL too. */
static struct api_alternative *alternatives_read(struct arena *arena, const json_t *allow, const char **ret_why)
{
	const size_t count = json_array_size(allow);
	struct api_alternative *alternatives = arena_array(arena, count + 1, sizeof *alternatives);
	*ret_why = NULL;
	if (alternatives == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const json_t *alternative = json_array_get(allow, i), *scopes = json_object_get(alternative, "scopes");
		*ret_why = "has an alternative whose \"actor\" is none";
		if (!api_actor_find(json_object_text(alternative, "actor"), &alternatives[i].actor))
			return NULL;
		*ret_why = "has an alternative whose \"scopes\" are no list of permissions";
		if (!json_is_array(scopes))
			return NULL;
		alternatives[i].scopes = scopes_join(arena, scopes);
		if (alternatives[i].scopes.ptr == NULL)
			return NULL;
	}
	return alternatives;
}

static enum result operation_add(const struct reading *reading, struct arena *arena, size_t index, const json_t *item)
{
	char normal[NORMAL_MAX];
	const char *why;
	const json_t *allow = json_object_get(item, "allow");
	struct slice api = json_object_text(item, "api"), path = json_object_text(item, "path");
	struct api_operation operation = {
		.method = json_object_text(item, "method"),
		.operation_id = json_object_text(item, "operation_id"),
	};
	if (api.ptr == NULL || api.len > LIMIT_NAME || operation.operation_id.len > LIMIT_NAME)
		return wrong_operation(reading, index, "needs \"api\", and a name that is not too long");
	if (operation.method.len == 0 || operation.method.len > LIMIT_METHOD || !is_quotable(operation.method))
		return wrong_operation(reading, index, "needs a \"method\"");
	if (path.len == 0 || path.len > LIMIT_URL || path_normalise_template(path, normal, sizeof normal, &operation.path) != RESULT_OK ||
	    operation.path.len > LIMIT_URL)
		return wrong_operation(reading, index, "needs a \"path\" that can be matched");
	if (!json_is_array(allow) || json_array_size(allow) > LIMIT_CATALOGUE_ALTERNATIVES)
		return problem_set(reading->problem, RESULT_INVALID, "operation %zu of the catalogue needs \"allow\": a list of at most %d alternatives",
		                   index + 1, LIMIT_CATALOGUE_ALTERNATIVES);
	operation.alternatives = alternatives_read(arena, allow, &why);
	if (operation.alternatives == NULL)
		return why == NULL ? no_memory(reading) : wrong_operation(reading, index, why);
	operation.alternative_count = json_array_size(allow);
	switch (catalogue_add(reading->rules->catalogue, api, &operation)) {
	case RESULT_OK: return RESULT_OK;
	case RESULT_INVALID: return wrong_operation(reading, index, "has a path that is too deep, or one method too many");
	case RESULT_TOO_LARGE:
		return problem_set(reading->problem, RESULT_TOO_LARGE, "the catalogue is too large: leave out APIs that are not served here");
	default: return no_memory(reading);
	}
}

static enum result operations_read(const struct reading *reading, const json_t *operations)
{
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX); /* of one operation at a time */
	enum result result = arena == NULL ? no_memory(reading) : RESULT_OK;
	if (result == RESULT_OK && !json_is_array(operations))
		result = wrong(reading, "has no \"operations\"");
	for (size_t i = 0; i < json_array_size(operations) && result == RESULT_OK; i++) {
		result = operation_add(reading, arena, i, json_array_get(operations, i));
		arena_reset(arena);
	}
	arena_free(arena);
	if (result != RESULT_OK)
		return result;
	switch (catalogue_compile(reading->rules->catalogue)) {
	case RESULT_OK: return RESULT_OK;
	case RESULT_CONFLICT: return wrong(reading, "lists two operations of one method and path");
	default: return no_memory(reading);
	}
}

/* ---- the rest ----------------------------------------------------------------------------------------------------- */

static int text_compare(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static enum result permissions_read(const struct reading *reading, const json_t *permissions)
{
	struct rules *rules = reading->rules;
	const size_t count = json_array_size(permissions);
	if (!json_is_array(permissions) || count > PERMISSIONS_MAX)
		return wrong(reading, "needs a list \"application_permissions\"");
	rules->application_permissions = arena_array(rules->arena, count + 1, sizeof *rules->application_permissions);
	if (rules->application_permissions == NULL)
		return no_memory(reading);
	for (size_t i = 0; i < count; i++) {
		struct slice name = item_text(json_array_get(permissions, i));
		if (name.ptr == NULL || !is_scope(name))
			return wrong(reading, "has an application permission that is no name");
		rules->application_permissions[i] = arena_copy(rules->arena, name);
	}
	if (arena_exhausted(rules->arena))
		return no_memory(reading);
	rules->application_permission_count = count;
	if (count > 0)
		qsort(rules->application_permissions, count, sizeof *rules->application_permissions, text_compare);
	return RESULT_OK;
}

static enum result issuers_read(const struct reading *reading, const json_t *issuers)
{
	struct rules *rules = reading->rules;
	struct slice *realms[] = { &rules->tokens.users_issuer, &rules->tokens.customers_issuer };
	const size_t count = sizeof realms / sizeof realms[0];
	if (json_array_size(issuers) != count)
		return wrong(reading, "needs the two \"issuers\" of the partition");
	for (size_t i = 0; i < count; i++) {
		struct slice issuer = item_text(json_array_get(issuers, i));
		if (issuer.len == 0 || issuer.len > LIMIT_URL || !is_quotable(issuer))
			return wrong(reading, "has an issuer that is no address");
		*realms[i] = arena_copy(rules->arena, issuer);
	}
	return arena_exhausted(rules->arena) ? no_memory(reading) : RESULT_OK;
}

static enum result partition_read(const struct reading *reading, const json_t *document)
{
	struct rules *rules = reading->rules;
	struct slice audience = json_object_text(document, "audience");
	const json_t *format = json_object_get(document, "writ_catalogue");
	if (!json_is_integer(format))
		return wrong(reading, "is none: it has no \"writ_catalogue\"");
	if (json_integer_value(format) != FORMAT)
		return problem_set(reading->problem, RESULT_INVALID,
		                   "the catalogue has format %lld, and this libwrit reads format %d: print it with a writ of this version",
		                   (long long)json_integer_value(format), FORMAT);
	if (!partition_id_parse(json_object_text(document, "partition"), &rules->partition))
		return wrong(reading, "names no \"partition\"");
	if (audience.len == 0 || audience.len > LIMIT_URL || !is_quotable(audience))
		return wrong(reading, "needs the \"audience\" of the tokens");
	rules->tokens.partition = partition_id_slice(&rules->partition);
	rules->tokens.audience = arena_copy(rules->arena, audience);
	return rules->tokens.audience.ptr == NULL ? no_memory(reading) : issuers_read(reading, json_object_get(document, "issuers"));
}

static enum result document_read(const struct reading *reading, const json_t *document)
{
	struct rules *rules = reading->rules;
	rules->arena = arena_new(ARENA_FIRST, ARENA_MAX);
	rules->catalogue = catalogue_new();
	if (rules->arena == NULL || rules->catalogue == NULL)
		return no_memory(reading);
	enum result result = partition_read(reading, document);
	if (result == RESULT_OK)
		result = permissions_read(reading, json_object_get(document, "application_permissions"));
	return result == RESULT_OK ? operations_read(reading, json_object_get(document, "operations")) : result;
}

enum result rules_read(struct slice text, struct rules **ret, struct problem *problem)
{
	json_t *document;
	struct reading reading = { .rules = calloc(1, sizeof *reading.rules), .problem = problem };
	if (reading.rules == NULL)
		return no_memory(&reading);
	enum result result;
	if (text.len > LIMIT_CATALOGUE_TEXT) {
		result = problem_set(problem, RESULT_TOO_LARGE, "the catalogue is larger than %d MiB: leave out APIs that are not served here",
		                     LIMIT_CATALOGUE_TEXT / 1024 / 1024);
	} else if (json_object_parse(text, &document) != RESULT_OK) {
		result = wrong(&reading, "is not one JSON object without repeated members");
	} else {
		result = document_read(&reading, document);
		json_decref(document);
	}
	if (result == RESULT_OK)
		*ret = reading.rules;
	else
		rules_free(reading.rules);
	return result;
}

void rules_free(struct rules *rules)
{
	if (rules == NULL)
		return;
	catalogue_free(rules->catalogue);
	arena_free(rules->arena);
	free(rules);
}

bool rules_application_permission(const struct rules *rules, struct slice scope)
{
	struct slice word;
	while (rules->application_permission_count > 0 && slice_word(&scope, &word))
		if (bsearch(&word, rules->application_permissions, rules->application_permission_count, sizeof word, text_compare) != NULL)
			return true;
	return false;
}
