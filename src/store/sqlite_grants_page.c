/* Pages of sessions and grants. */
#include "store/sqlite_grants.h"
#include "store/sqlite_page.h"

/* ---- sessions ---- */

#define SESSIONS(index, more) \
	"SELECT 0, sid, " SESSION_COLUMNS " FROM session INDEXED BY " index " WHERE" OF_REALM more " AND sid > ?6 ORDER BY sid"

struct sessions_page {
	int64_t now_s, idle_s;
	struct session session;
	store_visit_session *visit;
	void *context;
};

static enum result session_judge(void *context, struct row *row, bool *ret_fits)
{
	struct sessions_page *page = context;
	session_from_row(row, &page->session);
	*ret_fits = page->session.expires_at > page->now_s && page->session.last_used_at >= page->now_s - page->idle_s;
	return RESULT_OK;
}

static enum result session_show(void *context)
{
	struct sessions_page *page = context;
	return page->visit(page->context, &page->session);
}

static void of_realm(struct page_walk *walk, struct store *store, const struct realm *realm, const struct page_wish *wish, struct slice person_id)
{
	page_walk_init(walk, store, wish, false);
	walk->partition = &realm->partition;
	walk->kind = realm->kind;
	walk->bound[0] = wish->after.len == 0 ? SLICE_OF("") : wish->after;
	walk->bound[1] = person_id.len == 0 ? SLICE_OF("") : person_id;
}

enum result store_sessions_page(struct store *store, const struct realm *realm, struct slice person_id, const struct page_wish *wish,
                                int64_t now_s, int64_t idle_s, store_visit_session *visit, void *context, struct arena *arena,
                                struct slice *ret_last, bool *ret_more)
{
	static const char of_all[] = SESSIONS("session_by_realm", "");
	static const char of_person[] = SESSIONS("session_by_person", " AND person_id = ?7");
	struct sessions_page page = { .now_s = now_s, .idle_s = idle_s, .visit = visit, .context = context };
	struct page_walk walk;
	of_realm(&walk, store, realm, wish, person_id);
	enum result result = page_walk_run(&walk, person_id.len == 0 ? of_all : of_person, session_judge, session_show, &page);
	return page_finish(&walk, false, result, arena, ret_last, ret_more);
}

/* ---- grants ---- */

#define GRANTS(index, more) \
	"SELECT 0, gid, " GRANT_COLUMNS ", ended, tokens_until, code_expires_at, code_used_at, family_used_at, family_idle_at " \
	"FROM grant_record INDEXED BY " index " WHERE" OF_REALM more " AND gid > ?6 ORDER BY gid"

static const char grants_of_all[] = GRANTS("grant_by_realm", "");
static const char grants_of_person[] = GRANTS("grant_by_person", " AND person_id = ?7");
static const char grants_of_client[] = GRANTS("grant_by_client", " AND client_id = ?8");
static const char grants_of_both[] = GRANTS("grant_by_person", " AND person_id = ?7 AND client_id = ?8");

struct grants_page {
	int64_t now_s;
	struct listed_grant listed;
	store_visit_grant *visit;
	void *context;
};

static enum result grant_judge(void *context, struct row *row, bool *ret_fits)
{
	struct grants_page *page = context;
	struct listed_grant *listed = &page->listed;
	*listed = (struct listed_grant) { 0 };
	grant_from_row(row, &listed->grant);
	listed->grant.nonce = listed->grant.claims_id_token = listed->grant.claims_userinfo = (struct slice) { NULL, 0 };
	bool ended = row_bool(row);
	int64_t tokens_until = row_int(row), code_expires_at = row_int(row), code_used_at = row_int(row);
	int64_t family_used_at = row_int(row), family_idle_at = row_int(row); /* 0: there is none */
	listed->refreshable = family_idle_at > page->now_s;
	listed->last_used_at = family_used_at > code_used_at ? family_used_at : code_used_at;
	listed->expires_at = code_used_at == 0 ? code_expires_at : tokens_until > family_idle_at ? tokens_until : family_idle_at;
	*ret_fits = !ended && listed->expires_at > page->now_s;
	return RESULT_OK;
}

static enum result grant_show(void *context)
{
	struct grants_page *page = context;
	return page->visit(page->context, &page->listed);
}

enum result store_grants_page(struct store *store, const struct realm *realm, struct slice person_id, struct slice client_id,
                              const struct page_wish *wish, int64_t now_s, store_visit_grant *visit, void *context, struct arena *arena,
                              struct slice *ret_last, bool *ret_more)
{
	struct grants_page page = { .now_s = now_s, .visit = visit, .context = context };
	struct page_walk walk;
	of_realm(&walk, store, realm, wish, person_id);
	walk.bound[2] = client_id.len == 0 ? SLICE_OF("") : client_id;
	const char *sql = person_id.len > 0 ? client_id.len > 0 ? grants_of_both : grants_of_person
	                : client_id.len > 0 ? grants_of_client : grants_of_all;
	enum result result = page_walk_run(&walk, sql, grant_judge, grant_show, &page);
	return page_finish(&walk, false, result, arena, ret_last, ret_more);
}
