#include "store/sqlite_page.h"

#include "base/text.h"

#include <stdio.h>

static void last_set(struct page_walk *walk, int64_t number, struct slice key)
{
	key = slice_first(key, sizeof walk->last.key);
	if (key.len > 0)
		memcpy(walk->last.key, key.ptr, key.len);
	walk->last.len = key.len;
	walk->last.number = number;
}

/* "2 4711 alice" */
static bool opaque_read(struct slice text, char *ret_phase, int64_t *ret_number, struct slice *ret_key)
{
	struct slice phase, number;
	if (!slice_cut(&text, ' ', &phase) || phase.len != 1 || phase.ptr[0] < '1' || phase.ptr[0] > '9' || !slice_cut(&text, ' ', &number) ||
	    text.ptr == NULL || text_to_int(number, INT64_MAX, ret_number) != RESULT_OK)
		return false;
	*ret_phase = phase.ptr[0];
	*ret_key = text;
	return true;
}

void page_walk_init(struct page_walk *walk, struct store *store, const struct page_wish *wish, bool opaque)
{
	*walk = (struct page_walk) { .store = store, .phase = '1', .looks = LIMIT_PAGE_ROWS_LOOKED_AT, .last = { .number = -1 } };
	walk->limit = wish->limit < 1 ? 1 : wish->limit > LIMIT_PAGE ? LIMIT_PAGE : wish->limit;
	int64_t number = INT64_MAX; /* behind all that have this key */
	struct slice key = wish->after;
	if (opaque && wish->after.len > 0)
		(void)opaque_read(wish->after, &walk->phase, &number, &key);
	if (wish->after.len > 0)
		last_set(walk, number, key);
}

void page_walk_turn(struct page_walk *walk, char phase)
{
	walk->phase = phase;
	last_set(walk, 0, SLICE_OF("")); /* no key of a search is empty: it begins at the beginning */
}

bool page_begins(struct slice text, struct slice prefix)
{
	return text.len >= prefix.len && text_equal_folded(slice_first(text, prefix.len), prefix);
}

/* The least text that is greater than all that begin so, folded; false: there is none. NOCASE has no upper-case letters. */
static bool prefix_end(struct slice prefix, char buffer[LIMIT_CURSOR], struct slice *ret)
{
	if (!fold_into(buffer, LIMIT_CURSOR, prefix, ret))
		return false;
	while (ret->len > 0) {
		unsigned char last = (unsigned char)buffer[ret->len - 1];
		if (last < 0xff) {
			buffer[ret->len - 1] = (char)(last + 1 == 'A' ? '[' : last + 1);
			return true;
		}
		ret->len--;
	}
	return false;
}

struct bounds {
	char begin[LIMIT_CURSOR], end[LIMIT_CURSOR];
};

static void bounds_bind(sqlite3_stmt *statement, const struct page_walk *walk, struct bounds *bounds)
{
	struct slice begin = { walk->last.key, walk->last.len }, end;
	bool started = walk->last.number >= 0 && page_begins(begin, walk->prefix);
	if (!started && !fold_into(bounds->begin, sizeof bounds->begin, walk->prefix, &begin))
		begin = walk->prefix;
	bind_text(statement, 3, begin);
	bind_int(statement, 4, started ? walk->last.number : -1);
	if (walk->prefix.len > 0 && prefix_end(walk->prefix, bounds->end, &end))
		bind_text(statement, 5, end);
	else
		bind_blob(statement, 5, SLICE_OF("")); /* every blob is greater than every text */
	for (int i = 0; i < (int)(sizeof walk->bound / sizeof walk->bound[0]); i++)
		if (walk->bound[i].ptr != NULL)
			bind_text(statement, 6 + i, walk->bound[i]);
}

/* The rows that there are. */
static enum result rows_walk(struct page_walk *walk, struct reading *reading, page_judge *judge, page_show *show, void *context)
{
	enum result result;
	while ((result = reading_step(reading)) == RESULT_OK) {
		if (walk->looks == 0) {
			walk->more = true;
			return RESULT_OK;
		}
		walk->looks--;
		struct row row = { reading->statement, NULL, 0 };
		int64_t number = row_int(&row);
		struct slice key = row_text(&row);
		bool fits = true;
		result = judge(context, &row, &fits);
		if (result != RESULT_OK)
			return result;
		if (fits && walk->visited == walk->limit) {
			walk->more = true;
			return RESULT_OK;
		}
		last_set(walk, number, key);
		if (!fits)
			continue;
		walk->visited++;
		result = show(context);
		if (result == RESULT_TOO_LARGE)
			walk->more = true;
		if (result != RESULT_OK)
			return result;
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result page_walk_run(struct page_walk *walk, const char *sql, page_judge *judge, page_show *show, void *context)
{
	struct bounds bounds;
	struct reading reading;
	enum result result = reading_begin_fresh(walk->store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	if (walk->partition != NULL)
		bind_partition(reading.statement, 1, walk->partition);
	if (walk->kind != 0)
		bind_int(reading.statement, 2, walk->kind);
	bounds_bind(reading.statement, walk, &bounds);
	result = rows_walk(walk, &reading, judge, show, context);
	reading_end_fresh(&reading);
	return result;
}

enum result page_finish(const struct page_walk *walk, bool opaque, enum result result, struct arena *arena, struct slice *ret_last, bool *ret_more)
{
	struct slice last = { "", 0 }, key = { walk->last.key, walk->last.len };
	if (result != RESULT_OK && result != RESULT_TOO_LARGE)
		return result;
	if (walk->last.number >= 0 && opaque)
		last = arena_print(arena, "%c %lld %.*s", walk->phase, (long long)walk->last.number, SLICE_ARGS(key));
	else if (walk->last.number >= 0)
		last = arena_copy(arena, key);
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	*ret_last = last;
	*ret_more = walk->more;
	return result;
}
