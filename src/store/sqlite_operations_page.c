/* Pages of the operations of APIs. */
#include "store/sqlite_page.h"
#include "store/sqlite_rows.h"

#define ALTERNATIVES_MEMORY (1024 * 1024)

/* The walk is along the paths alone (?3 and ?5); ?6 and ?7: path and method of the one before; ?8: the API. */
#define OPERATIONS(index, more) \
	"SELECT 0, path || ' ' || method, api, " OPERATION_COLUMNS " FROM api_operation INDEXED BY " index " WHERE partition = ?1" more \
	" AND path COLLATE NOCASE >= ?3 AND path COLLATE NOCASE < ?5 AND (path COLLATE NOCASE <> ?6 OR path > ?6 OR (path = ?6 AND method > ?7))" \
	" ORDER BY path COLLATE NOCASE, path, method"

struct operations_page {
	struct slice scope;
	struct arena *arena; /* of one operation */
	struct slice api;
	struct api_operation operation;
	store_visit_operation *visit;
	void *context;
};

static enum result operation_judge(void *context, struct row *row, bool *ret_fits)
{
	struct operations_page *page = context;
	arena_reset(page->arena);
	page->api = row_text(row);
	enum result result = operation_from_row(row, page->arena, &page->operation);
	bool opened = page->scope.len == 0;
	for (size_t i = 0; result == RESULT_OK && !opened && i < page->operation.alternative_count; i++)
		opened = slice_has_word(page->operation.alternatives[i].scopes, page->scope);
	*ret_fits = opened;
	return result;
}

static enum result operation_show(void *context)
{
	struct operations_page *page = context;
	return page->visit(page->context, page->api, &page->operation);
}

/* A path has no space (base/path.h). */
static void after_cut(struct slice after, struct slice *ret_path, struct slice *ret_method)
{
	const char *space = after.len == 0 ? NULL : memrchr(after.ptr, ' ', after.len);
	*ret_path = after.len == 0 ? SLICE_OF("") : after;
	*ret_method = SLICE_OF("");
	if (space == NULL)
		return;
	*ret_path = slice_first(after, (size_t)(space - after.ptr));
	*ret_method = slice_skip(after, ret_path->len + 1);
}

enum result store_operations_page(struct store *store, const struct partition_id *partition, struct slice api, struct slice scope,
                                  const struct page_wish *wish, store_visit_operation *visit, void *context, struct arena *arena,
                                  struct slice *ret_last, bool *ret_more)
{
	static const char of_partition[] = OPERATIONS("api_operation_by_path", "");
	static const char of_api[] = OPERATIONS("api_operation_search", " AND api = ?8");
	struct operations_page page = { .scope = scope, .visit = visit, .context = context, .arena = arena_new(4096, ALTERNATIVES_MEMORY) };
	struct page_walk walk;
	if (page.arena == NULL)
		return RESULT_NO_MEMORY;
	struct slice path, method;
	after_cut(wish->after, &path, &method);
	page_walk_init(&walk, store, &(struct page_wish) { .after = path, .limit = wish->limit }, false);
	walk.partition = partition;
	walk.prefix = wish->search;
	walk.bound[0] = path;
	walk.bound[1] = method;
	walk.bound[2] = api.len == 0 ? SLICE_OF("") : api;
	enum result result = page_walk_run(&walk, api.len == 0 ? of_partition : of_api, operation_judge, operation_show, &page);
	arena_free(page.arena);
	return page_finish(&walk, false, result, arena, ret_last, ret_more);
}
