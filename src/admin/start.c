/* openapi.json, compiled: by the same reader and into the same catalogue as any API's (directory/openapi/openapi.h). */
#include "admin/admin.h"

#include "directory/openapi/openapi.h"

extern const char admin_openapi[];
extern const size_t admin_openapi_size;

enum { COMPILE_FIRST = 256 * 1024, COMPILE_MAX = 16 * 1024 * 1024 };

static enum result add_operations(struct catalogue *catalogue, const struct api *api, struct problem *problem)
{
	for (size_t i = 0; i < api->operation_count; i++)
		if (catalogue_add(catalogue, SLICE_OF("admin"), &api->operations[i]) != RESULT_OK)
			return problem_set(problem, RESULT_INVALID, "an operation of the Admin API cannot be read: %.*s", SLICE_ARGS(api->operations[i].path));
	if (catalogue_compile(catalogue) != RESULT_OK)
		return problem_set(problem, RESULT_INVALID, "the operations of the Admin API cannot be compiled");
	return RESULT_OK;
}

static enum result compile(struct document *document, struct arena *arena, struct catalogue *catalogue, struct problem *problem)
{
	const struct openapi_pair actors[] = { { SLICE("administrator"), SLICE("user") }, { SLICE("automation"), SLICE("client") } };
	const struct openapi_options options = { .actors = actors, .actor_count = sizeof actors / sizeof actors[0] };
	const struct openapi_warner warner = { .warned = NULL };
	struct openapi_report report;
	struct openapi *openapi;
	struct api api = { .operation_count = 0 };
	enum result result = openapi_parse(document, &warner, arena, &openapi);
	if (result == RESULT_OK)
		result = openapi_compile(document, openapi, &options, &api, &report);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the document of the Admin API cannot be read: %s", document_problem(document)->text);
	if (report.closed > 0 || report.scheme_count > 0)
		return problem_set(problem, RESULT_INVALID, "an operation of the Admin API is open to nobody");
	return add_operations(catalogue, &api, problem);
}

static enum result read_operations(struct catalogue *catalogue, struct problem *problem)
{
	enum result result = RESULT_NO_MEMORY;
	struct arena *arena = arena_new(COMPILE_FIRST, COMPILE_MAX);
	struct document *document = document_open_memory((struct slice) { admin_openapi, admin_openapi_size }, "openapi.json");
	if (arena != NULL && document != NULL)
		result = compile(document, arena, catalogue, problem);
	else
		result = problem_set(problem, result, "no memory for the Admin API");
	document_close(document);
	arena_free(arena);
	return result;
}

/* The document names no host: the address of this server goes in front of the paths that its servers and security schemes have as values. */
static struct slice filled_document(const struct admin *admin, struct arena *arena)
{
	static const struct slice values[] = { SLICE("\"/admin/v1\""), SLICE("\"/system/auth/") };
	struct slice rest = { admin_openapi, admin_openapi_size };
	struct writer out = writer_new(arena, rest.len + 4096);
	for (; rest.len > 0; rest = slice_skip(rest, 1)) {
		writer_byte(&out, rest.ptr[0]);
		if (slice_starts_with(rest, values[0]) || slice_starts_with(rest, values[1]))
			writer_put(&out, admin->oauth->auth_url);
	}
	return writer_ok(&out) ? writer_slice(&out) : (struct slice) { NULL, 0 };
}

enum result admin_start(struct admin *admin, struct arena *arena, struct problem *problem)
{
	admin->operations = catalogue_new();
	if (admin->operations == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the Admin API");
	enum result result = read_operations(admin->operations, problem);
	if (result != RESULT_OK)
		return result;
	admin->document = filled_document(admin, arena);
	return admin->document.ptr != NULL ? RESULT_OK : problem_set(problem, RESULT_NO_MEMORY, "no memory for the document of the Admin API");
}

void admin_stop(struct admin *admin)
{
	catalogue_free(admin->operations);
	admin->operations = NULL;
}
