/* An OpenAPI document: everything that outside bytes can make of it, and what must hold of operations that come out. */
#include "fuzz.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "directory/openapi/openapi.h"

#include <stdlib.h>
#include <string.h>

static const struct openapi_pair values[] = { { SLICE("DOMAIN"), SLICE("api.example") }, { SLICE("PREFIX"), SLICE("https://p/") } };
static const struct openapi_pair actors[] = {
	{ SLICE("a"), SLICE("user") },
	{ SLICE("b"), SLICE("client") },
	{ SLICE("oAuthUser"), SLICE("user") },
	{ SLICE("oAuthClient"), SLICE("client") },
};

static void judge_operation(const struct api_operation *operation, const struct api_operation *before)
{
	char normal[2 * LIMIT_API_PATH];
	struct slice again;
	MUST_HOLD(operation->path.len > 0 && operation->path.ptr[0] == '/' && operation->path.len <= LIMIT_API_PATH);
	MUST_HOLD(path_normalise_template(operation->path, normal, sizeof normal, &again) == RESULT_OK && slice_equal(again, operation->path));
	MUST_HOLD(operation->summary.len <= LIMIT_API_TEXT && text_is_clean(operation->summary));
	MUST_HOLD(operation->operation_id.len <= LIMIT_API_TEXT && text_is_clean(operation->operation_id));
	MUST_HOLD(operation->alternative_count <= LIMIT_API_ALTERNATIVES);
	MUST_HOLD(before == NULL || !slice_equal(before->path, operation->path) || !slice_equal(before->method, operation->method));
	for (size_t i = 0; i < operation->alternative_count; i++) {
		MUST_HOLD(api_actor_name(operation->alternatives[i].actor)[0] != '\0');
		MUST_HOLD(text_is_printable_ascii(operation->alternatives[i].scopes));
	}
}

static void judge(const struct api *api, const struct openapi_report *report)
{
	size_t alternatives = 0, closed = 0;
	for (size_t i = 0; i < api->operation_count; i++) {
		judge_operation(&api->operations[i], i == 0 ? NULL : &api->operations[i - 1]);
		alternatives += api->operations[i].alternative_count;
		closed += api->operations[i].alternative_count == 0;
	}
	MUST_HOLD(report->alternatives == alternatives && report->closed == closed);
	for (size_t i = 1; i < report->scope_count; i++)
		MUST_HOLD(!slice_equal(report->scopes[i - 1], report->scopes[i]));
	struct hash32 digest = openapi_digest(api);
	MUST_HOLD(hash32_equal(&digest, &api->digest));
}

static void warned(void *context, const char *sentence)
{
	(void)context;
	MUST_HOLD(strncmp(sentence, "f:", 2) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct document *document = document_open_memory((struct slice) { (const char *)data, size }, "f");
	struct arena *arena = arena_new(16 * 1024, LIMIT_OPENAPI_MEMORY);
	MUST_HOLD(document != NULL && arena != NULL);
	const struct openapi_options options = { values, 2, actors, 4, SLICE("https://p/") };
	const struct openapi_warner warner = { warned, NULL };
	struct openapi *openapi = NULL;
	struct api api;
	struct openapi_report report;
	enum result result = openapi_parse(document, &warner, arena, &openapi);
	if (result == RESULT_OK)
		result = openapi_compile(document, openapi, &options, &api, &report);
	if (result == RESULT_OK)
		judge(&api, &report);
	else
		MUST_HOLD(strncmp(document_problem(document)->text, "f:", 2) == 0);
	document_close(document);
	arena_free(arena);
	return 0;
}
