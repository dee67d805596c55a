/* Pages of what has a unique name and is never many: all that comes after a name is gone through until the page is full. */
#include "store/sqlite_page.h"
#include "store/sqlite_rows.h"

#define BEGINS(column) " substr(" column ", 1, length(?6)) = ?6 COLLATE NOCASE"
#define NAMED(table, key, columns) \
	"SELECT number, " key ", " columns " FROM " table " WHERE partition = ?1" PAGE_BETWEEN(key, "number") " AND" BEGINS(key) \
	" ORDER BY " key

struct named_page {
	struct page_walk walk;
	void *context;
	int kind; /* of permissions; 0: all */
	union {
		struct partition partition;
		struct department department;
		struct permission permission;
		struct api api;
		struct identity_provider provider;
	} present;
	union {
		store_visit_partition *partition;
		store_visit_department *department;
		store_visit_permission *permission;
		store_visit_api *api;
		store_visit_provider *provider;
	} visit;
};

static enum result named_walk(struct named_page *page, struct store *store, const struct partition_id *partition, const struct page_wish *wish,
                              const char *sql, page_judge *judge, page_show *show, bool *ret_more)
{
	page_walk_init(&page->walk, store, wish, false);
	page->walk.partition = partition;
	page->walk.looks = SIZE_MAX;
	page->walk.bound[0] = wish->search.len == 0 ? SLICE_OF("") : wish->search;
	enum result result = page_walk_run(&page->walk, sql, judge, show, page);
	if (result == RESULT_OK || result == RESULT_TOO_LARGE)
		*ret_more = page->walk.more;
	return result;
}

static enum result partition_judge(void *context, struct row *row, bool *ret_fits)
{
	struct named_page *page = context;
	(void)ret_fits; /* the statement chose */
	return partition_from_row(row, &page->present.partition);
}

static enum result partition_show(void *context)
{
	struct named_page *page = context;
	return page->visit.partition(page->context, &page->present.partition);
}

enum result store_partitions_page(struct store *store, const struct page_wish *wish, store_visit_partition *visit, void *context, bool *ret_more)
{
	static const char sql[] = "SELECT number, id, " PARTITION_COLUMNS " FROM partition WHERE true" PAGE_BETWEEN("id", "number")
	                          " AND (" BEGINS("id") " OR" BEGINS("name") ") ORDER BY id";
	struct named_page page = { .context = context, .visit.partition = visit };
	return named_walk(&page, store, NULL, wish, sql, partition_judge, partition_show, ret_more);
}

static enum result department_judge(void *context, struct row *row, bool *ret_fits)
{
	struct named_page *page = context;
	(void)ret_fits;
	department_from_row(row, &page->present.department);
	return RESULT_OK;
}

static enum result department_show(void *context)
{
	struct named_page *page = context;
	return page->visit.department(page->context, &page->present.department);
}

enum result store_departments_page(struct store *store, const struct partition_id *partition, const struct page_wish *wish,
                                   store_visit_department *visit, void *context, bool *ret_more)
{
	static const char sql[] = NAMED("department", "name", DEPARTMENT_COLUMNS);
	struct named_page page = { .context = context, .visit.department = visit };
	return named_walk(&page, store, partition, wish, sql, department_judge, department_show, ret_more);
}

static enum result permission_judge(void *context, struct row *row, bool *ret_fits)
{
	struct named_page *page = context;
	permission_from_row(row, &page->present.permission);
	*ret_fits = page->kind == 0 || (int)page->present.permission.kind == page->kind;
	return RESULT_OK;
}

static enum result permission_show(void *context)
{
	struct named_page *page = context;
	return page->visit.permission(page->context, &page->present.permission);
}

enum result store_permissions_page(struct store *store, const struct partition_id *partition, const struct page_wish *wish, int kind,
                                   store_visit_permission *visit, void *context, bool *ret_more)
{
	static const char sql[] = NAMED("permission", "name", PERMISSION_COLUMNS);
	struct named_page page = { .context = context, .kind = kind, .visit.permission = visit };
	return named_walk(&page, store, partition, wish, sql, permission_judge, permission_show, ret_more);
}

static enum result api_judge(void *context, struct row *row, bool *ret_fits)
{
	struct named_page *page = context;
	(void)ret_fits;
	return api_from_row(row, &page->present.api);
}

static enum result api_show(void *context)
{
	struct named_page *page = context;
	return page->visit.api(page->context, &page->present.api);
}

enum result store_apis_page(struct store *store, const struct partition_id *partition, const struct page_wish *wish, store_visit_api *visit,
                            void *context, bool *ret_more)
{
	static const char sql[] = NAMED("api", "name", API_COLUMNS);
	struct named_page page = { .context = context, .visit.api = visit };
	return named_walk(&page, store, partition, wish, sql, api_judge, api_show, ret_more);
}

static enum result provider_judge(void *context, struct row *row, bool *ret_fits)
{
	struct named_page *page = context;
	(void)ret_fits;
	provider_from_row(row, &page->present.provider);
	return RESULT_OK;
}

static enum result provider_show(void *context)
{
	struct named_page *page = context;
	return page->visit.provider(page->context, &page->present.provider);
}

enum result store_providers_page(struct store *store, const struct partition_id *partition, const struct page_wish *wish,
                                 store_visit_provider *visit, void *context, bool *ret_more)
{
	static const char sql[] = NAMED("identity_provider", "registration_id", PROVIDER_COLUMNS);
	struct named_page page = { .context = context, .visit.provider = visit };
	return named_walk(&page, store, partition, wish, sql, provider_judge, provider_show, ret_more);
}
