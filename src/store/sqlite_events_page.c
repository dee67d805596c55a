/* Pages of the audit log. An index that has what is asked for gives the numbers of the events, newest first, with their partition; the
 * events themselves are read one by one, and what else is asked for is compared there. */
#include "store/sqlite_page.h"

#define EVENTS(index, more) \
	"SELECT seq, at_ms, partition FROM audit INDEXED BY " index " WHERE at_ms >= ?1 AND at_ms <= ?2 AND (at_ms < ?3 OR seq < ?4)" \
	more " ORDER BY at_ms DESC, seq DESC"

static const char by_request[] = EVENTS("audit_by_request", " AND request_id <> '' AND request_id = ?5");
static const char by_object[] = EVENTS("audit_by_object", " AND object <> '' AND object = ?5");
static const char by_actor[] = EVENTS("audit_by_actor", " AND actor <> '' AND actor = ?5");
static const char by_action[] = EVENTS("audit_by_action", " AND action = ?5");
static const char by_actions[] = EVENTS("audit_by_action", " AND action >= ?5 AND action < ?6");
static const char by_result[] = EVENTS("audit_by_result", " AND result <> 'ok' AND result = ?5");
static const char by_partition[] = EVENTS("audit_by_partition", " AND partition = ?5");
static const char by_time[] = EVENTS("audit_by_time", "");

struct events_page {
	struct store *store;
	const struct events_wish *wish;
	int64_t before_ms;      /* of the event before */
	struct slice actions_end; /* ?6: "token/" for "token." */
	char actions[LIMIT_SHORT_PARAMETER];
	size_t visited, looks;  /* looks: left, one for an entry of the index, KEYS_A_ROW for an event */
	int64_t last;           /* the number looked at last */
	bool more;
	store_visit_event *visit;
	void *context;
};

enum { KEYS_A_ROW = LIMIT_PAGE_KEYS_LOOKED_AT / LIMIT_PAGE_ROWS_LOOKED_AT };

static bool matches(struct slice wanted, struct slice is)
{
	return wanted.len == 0 || slice_equal(wanted, is);
}

static bool event_fits(const struct events_wish *wish, const struct audit_event *event)
{
	const bool family = slice_ends_with(wish->action, SLICE_OF("."));
	return (family ? slice_starts_with(event->action, wish->action) : matches(wish->action, event->action)) && matches(wish->result, event->result) &&
	       matches(wish->actor, event->actor) && matches(wish->object, event->object) && matches(wish->request_id, event->request_id);
}

static enum result event_show(struct events_page *page, sqlite3_stmt *event_statement, int64_t number)
{
	bind_int(event_statement, 1, number);
	int code = sqlite3_step(event_statement);
	enum result result = code == SQLITE_ROW ? RESULT_OK : code == SQLITE_DONE ? RESULT_STORE_DOWN : sqlite_result(code);
	if (result == RESULT_OK) {
		struct stored_event stored = { .number = number };
		audit_from_row(&(struct row) { event_statement, NULL, 0 }, &stored.event);
		if (event_fits(page->wish, &stored.event)) {
			page->more = page->visited == page->wish->limit;
			page->visited++;
			result = page->more ? RESULT_OK : page->visit(page->context, &stored);
		}
	}
	(void)sqlite3_reset(event_statement);
	return result;
}

static enum result events_walk(struct events_page *page, struct reading *reading, sqlite3_stmt *event_statement)
{
	const struct slice partition = page->wish->partition == NULL ? (struct slice) { NULL, 0 } : partition_id_slice(page->wish->partition);
	enum result result;
	while ((result = reading_step(reading)) == RESULT_OK) {
		bool ours = partition.ptr == NULL || slice_equal(partition, column_text(reading->statement, 2));
		size_t cost = ours ? KEYS_A_ROW : 1;
		if (page->looks < cost) {
			page->more = true;
			return RESULT_OK;
		}
		page->looks -= cost;
		int64_t number = sqlite3_column_int64(reading->statement, 0);
		result = ours ? event_show(page, event_statement, number) : RESULT_OK;
		if (result == RESULT_OK && page->more)
			return RESULT_OK; /* this one is the next page's */
		if (result == RESULT_OK || result == RESULT_TOO_LARGE)
			page->last = number;
		page->more = page->more || result == RESULT_TOO_LARGE;
		if (result != RESULT_OK)
			return result;
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static void events_bind(const struct events_page *page, sqlite3_stmt *statement, struct slice wanted)
{
	const struct events_wish *wish = page->wish;
	bind_int(statement, 1, wish->from_ms == 0 ? INT64_MIN : wish->from_ms);
	bind_int(statement, 2, wish->to_ms == 0 || wish->to_ms > page->before_ms ? page->before_ms : wish->to_ms - 1);
	bind_int(statement, 3, page->before_ms);
	bind_int(statement, 4, wish->before == 0 ? INT64_MAX : wish->before);
	if (wanted.ptr != NULL)
		bind_text(statement, 5, wanted);
	if (page->actions_end.ptr != NULL)
		bind_text(statement, 6, page->actions_end);
}

static enum result events_run(struct events_page *page, const char *sql, struct slice wanted)
{
	static const char event[] = "SELECT " AUDIT_COLUMNS " FROM audit WHERE seq = ?1";
	struct reading reading;
	sqlite3_stmt *event_statement = NULL;
	enum result result = reading_begin_fresh(page->store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	int code = sqlite3_prepare_v2(reading.reader->connection.db, event, -1, &event_statement, NULL);
	if (code == SQLITE_OK) {
		events_bind(page, reading.statement, wanted);
		result = events_walk(page, &reading, event_statement);
	} else {
		result = sqlite_result(code);
	}
	sqlite3_finalize(event_statement);
	reading_end_fresh(&reading);
	return result;
}

/* When the event before was. One that the sweeper took since is stood for by the next older one that is left: there is nothing between. */
static enum result before_find(struct events_page *page)
{
	page->before_ms = INT64_MAX;
	if (page->wish->before == 0)
		return RESULT_OK;
	struct reading reading;
	enum result result = reading_begin_now(page->store, "SELECT at_ms FROM audit WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1", &reading);
	if (result != RESULT_OK)
		return result;
	bind_int(reading.statement, 1, page->wish->before);
	result = reading_step(&reading);
	page->before_ms = result == RESULT_OK ? sqlite3_column_int64(reading.statement, 0) : INT64_MIN;
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* Are the events of all these actions so few that they may be sorted? Where they are many, they come by on the way. */
static enum result actions_sparse(struct events_page *page, bool *ret)
{
	static const char sql[] = "SELECT count(*) FROM (SELECT 1 FROM audit INDEXED BY audit_by_action WHERE action >= ?1 AND action < ?2 LIMIT ?3)";
	struct reading reading;
	enum result result = reading_begin_now(page->store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_text(reading.statement, 1, page->wish->action);
	bind_text(reading.statement, 2, page->actions_end);
	bind_int(reading.statement, 3, LIMIT_PAGE_ROWS_LOOKED_AT + 1);
	result = reading_step(&reading);
	if (result == RESULT_OK)
		*ret = sqlite3_column_int64(reading.statement, 0) <= LIMIT_PAGE_ROWS_LOOKED_AT;
	reading_end(&reading);
	return result;
}

/* "token.": every byte but the last, and the one behind "." */
static void actions_end_make(struct events_page *page)
{
	const struct slice action = page->wish->action;
	memcpy(page->actions, action.ptr, action.len);
	page->actions[action.len - 1] = '.' + 1;
	page->actions_end = (struct slice) { page->actions, action.len };
}

static enum result events_choose(struct events_page *page)
{
	const struct events_wish *wish = page->wish;
	if (wish->request_id.len > 0)
		return events_run(page, by_request, wish->request_id);
	if (wish->object.len > 0)
		return events_run(page, by_object, wish->object);
	if (wish->actor.len > 0)
		return events_run(page, by_actor, wish->actor);
	if (slice_ends_with(wish->action, SLICE_OF("."))) {
		bool sparse = false;
		actions_end_make(page);
		enum result result = actions_sparse(page, &sparse);
		if (result != RESULT_OK || sparse)
			return result == RESULT_OK ? events_run(page, by_actions, wish->action) : result;
	} else if (wish->action.len > 0) {
		return events_run(page, by_action, wish->action);
	}
	if (wish->result.len > 0 && !slice_is(wish->result, "ok"))
		return events_run(page, by_result, wish->result);
	return wish->partition == NULL ? events_run(page, by_time, (struct slice) { NULL, 0 })
	                               : events_run(page, by_partition, partition_id_slice(wish->partition));
}

/* From the partition's beginning on; all of one that is no more. */
static enum result since_find(struct store *store, struct events_wish *wish)
{
	struct reading reading;
	if (wish->partition == NULL)
		return RESULT_OK;
	enum result result = reading_begin_now(store, "SELECT since_ms FROM partition WHERE id = ?1", &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, wish->partition);
	result = reading_step(&reading);
	if (result == RESULT_OK && sqlite3_column_int64(reading.statement, 0) > wish->from_ms)
		wish->from_ms = sqlite3_column_int64(reading.statement, 0);
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_events_page(struct store *store, const struct events_wish *wish, store_visit_event *visit, void *context, int64_t *ret_last)
{
	struct events_wish bounded = *wish;
	bounded.limit = wish->limit < 1 ? 1 : wish->limit > LIMIT_PAGE ? LIMIT_PAGE : wish->limit;
	struct events_page page = { .store = store, .wish = &bounded, .looks = LIMIT_PAGE_KEYS_LOOKED_AT, .visit = visit, .context = context };
	if (wish->action.len > sizeof page.actions) {
		*ret_last = 0; /* no action is as long */
		return RESULT_OK;
	}
	enum result result = since_find(store, &bounded);
	if (result == RESULT_OK)
		result = before_find(&page);
	if (result == RESULT_OK)
		result = events_choose(&page);
	if (result == RESULT_OK || result == RESULT_TOO_LARGE)
		*ret_last = page.more ? page.last : 0;
	return result;
}
