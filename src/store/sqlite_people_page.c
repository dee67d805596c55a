/* Pages of people. A search goes through those whose id begins so, then those whose username does, then those whose e-mail does; whom an
 * earlier one showed a later one leaves out. */
#include "store/sqlite_page.h"
#include "store/sqlite_rows.h"

#define PEOPLE(index, key, more) \
	"SELECT number, " key ", " PERSON_COLUMNS " FROM person INDEXED BY " index " WHERE partition = ?1 AND kind = ?2" more \
	PAGE_BETWEEN(key, "number") " ORDER BY " key ", number"
#define PEOPLE_BY_ID(index, more) PEOPLE(index, "id COLLATE NOCASE", more)

static const char by_id[] = PEOPLE_BY_ID("person_by_partition", "");
static const char by_username[] = PEOPLE("person_search_username", "username_key", "");
static const char by_email[] = PEOPLE("person_search_email", "email COLLATE NOCASE", " AND email <> ''");
static const char by_department[] = PEOPLE_BY_ID("person_by_department", " AND department <> '' AND department = ?6");
static const char with_role[] = PEOPLE_BY_ID("person_with_role", " AND roles <> ''");
static const char disabled[] = PEOPLE_BY_ID("person_disabled", " AND enabled = 0");

struct people_page {
	const struct people_wish *wish;
	struct page_walk walk;
	struct person person;
	store_visit_person *visit;
	void *context;
};

static bool found_before(const struct people_page *page)
{
	const struct slice search = page->wish->page.search;
	return (page->walk.phase > '1' && page_begins(page->person.id, search)) ||
	       (page->walk.phase > '2' && page_begins(page->person.username, search));
}

static enum result person_judge(void *context, struct row *row, bool *ret_fits)
{
	struct people_page *page = context;
	const struct people_wish *wish = page->wish;
	person_from_row(row, &page->person);
	*ret_fits = (wish->enabled < 0 || page->person.enabled == (wish->enabled != 0)) &&
	            (wish->department.len == 0 || slice_equal(page->person.department, wish->department)) &&
	            (wish->role.len == 0 || slice_has_word(page->person.roles, wish->role)) &&
	            (wish->page.search.len == 0 || !found_before(page));
	return RESULT_OK;
}

static enum result person_show(void *context)
{
	struct people_page *page = context;
	return page->visit(page->context, &page->person);
}

/* Where there is no search, along what fewest are. */
static const char *people_sql(struct people_page *page)
{
	if (page->wish->department.len > 0) {
		page->walk.bound[0] = page->wish->department;
		return by_department;
	}
	return page->wish->role.len > 0 ? with_role : page->wish->enabled == 0 ? disabled : by_id;
}

static enum result people_search(struct people_page *page)
{
	static const char *const phases[] = { by_id, by_username, by_email };
	struct page_walk *walk = &page->walk;
	walk->prefix = page->wish->page.search;
	if (walk->prefix.len > LIMIT_EMAIL)
		return RESULT_OK; /* nothing is as long */
	for (size_t i = (size_t)(walk->phase - '1'); i < sizeof phases / sizeof phases[0]; i++) {
		if (walk->phase != (char)('1' + i))
			page_walk_turn(walk, (char)('1' + i));
		enum result result = page_walk_run(walk, phases[i], person_judge, person_show, page);
		if (result != RESULT_OK || walk->more)
			return result;
	}
	return RESULT_OK;
}

enum result store_people_page(struct store *store, const struct partition_id *partition, enum person_kind kind, const struct people_wish *wish,
                              store_visit_person *visit, void *context, struct arena *arena, struct slice *ret_last, bool *ret_more)
{
	struct people_page page = { .wish = wish, .visit = visit, .context = context };
	page_walk_init(&page.walk, store, &wish->page, true);
	page.walk.partition = partition;
	page.walk.kind = kind;
	enum result result = wish->page.search.len > 0 ? people_search(&page)
	                                                : page_walk_run(&page.walk, people_sql(&page), person_judge, person_show, &page);
	return page_finish(&page.walk, true, result, arena, ret_last, ret_more);
}
