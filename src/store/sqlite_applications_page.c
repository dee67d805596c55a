/* Pages of client applications. A search goes through those whose name begins so, then those whose client id does. */
#include "store/sqlite_page.h"
#include "store/sqlite_rows.h"

#define APPLICATIONS(index, key, more) \
	"SELECT number, " key ", " APPLICATION_COLUMNS " FROM application INDEXED BY " index " WHERE partition = ?1" more \
	PAGE_BETWEEN(key, "number") " ORDER BY " key ", number"
#define APPLICATIONS_BY_NAME(index, more) APPLICATIONS(index, "name COLLATE NOCASE", more)

static const char by_name[] = APPLICATIONS_BY_NAME("application_by_name", "");
static const char by_client_id[] = APPLICATIONS("application_search_client_id", "client_id COLLATE NOCASE", "");
static const char disabled[] = APPLICATIONS_BY_NAME("application_disabled", " AND enabled = 0");
static const char public[] = APPLICATIONS_BY_NAME("application_public", " AND platform = 2");
_Static_assert(PLATFORM_SPA == 2, "the number of the platform stands in SQL above");

struct applications_page {
	const struct applications_wish *wish;
	struct page_walk walk;
	struct client_application application;
	struct client_secret secrets[LIMIT_SECRETS];
	store_visit_application *visit;
	void *context;
};

static enum result application_judge(void *context, struct row *row, bool *ret_fits)
{
	struct applications_page *page = context;
	const struct applications_wish *wish = page->wish;
	enum result result = application_from_row(row, page->secrets, &page->application);
	if (result != RESULT_OK)
		return result;
	const struct client_application *application = &page->application;
	*ret_fits = (wish->enabled < 0 || application->enabled == (wish->enabled != 0)) &&
	            (wish->platform == 0 || (int)application->platform == wish->platform) &&
	            (wish->permission.len == 0 || slice_has_word(application->permissions, wish->permission)) &&
	            (page->walk.phase == '1' || !page_begins(application->name, wish->page.search));
	return RESULT_OK;
}

static enum result application_show(void *context)
{
	struct applications_page *page = context;
	if (page->application.secret_count > 0) {
		enum result result = secrets_used(page->walk.store, page->walk.partition, page->application.client_id, page->secrets,
		                                  page->application.secret_count);
		if (result != RESULT_OK)
			return result;
	}
	return page->visit(page->context, &page->application);
}

static enum result applications_walk(struct applications_page *page, const char *sql)
{
	return page_walk_run(&page->walk, sql, application_judge, application_show, page);
}

static enum result applications_search(struct applications_page *page)
{
	struct page_walk *walk = &page->walk;
	walk->prefix = page->wish->page.search;
	if (walk->prefix.len > LIMIT_NAME)
		return RESULT_OK; /* nothing is as long */
	if (walk->phase == '1') {
		enum result result = applications_walk(page, by_name);
		if (result != RESULT_OK || walk->more)
			return result;
		page_walk_turn(walk, '2');
	}
	return applications_walk(page, by_client_id);
}

/* Where there is no search, along what fewest are. */
static const char *applications_sql(const struct applications_wish *wish)
{
	return wish->enabled == 0 ? disabled : wish->platform == PLATFORM_SPA ? public : by_name;
}

enum result store_applications_page(struct store *store, const struct partition_id *partition, const struct applications_wish *wish,
                                    store_visit_application *visit, void *context, struct arena *arena, struct slice *ret_last, bool *ret_more)
{
	struct applications_page page = { .wish = wish, .visit = visit, .context = context };
	page_walk_init(&page.walk, store, &wish->page, true);
	page.walk.partition = partition;
	enum result result = wish->page.search.len > 0 ? applications_search(&page)
	                                                : applications_walk(&page, applications_sql(wish));
	return page_finish(&page.walk, true, result, arena, ret_last, ret_more);
}
