/* What was counted: each count is added to the rows of its minute, its hour and its day. */
#include "store/statistics.h"

#include "store/sqlite_store.h"

static const enum statistic_step steps[] = { STEP_MINUTE, STEP_HOUR, STEP_DAY };
#define STEPS (sizeof steps / sizeof steps[0])

/* ---- adding ---- */

struct fold {
	const struct partition_id *partition;
	const struct statistic *statistics;
	size_t count;
	/* Of each step: how many rows there are of the time that was added to last. */
	struct {
		int64_t at, rows;
		bool known;
	} present[STEPS];
};

static bool statistic_good(const struct statistic *statistic)
{
	return statistic->measure >= STATISTIC_TOKENS_ISSUED && statistic->measure <= STATISTIC_SIGN_INS_FAILED && statistic->at >= 0 &&
	       statistic->count > 0 && statistic->flow.len <= LIMIT_ID && statistic->client_id.len <= LIMIT_ID && statistic->reason.len <= LIMIT_ID;
}

static enum result rows_count(struct connection *connection, struct fold *fold, size_t step, int64_t at)
{
	if (fold->present[step].known && fold->present[step].at == at)
		return RESULT_OK;
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT count(*) FROM statistic WHERE partition = ?1 AND step = ?2 AND measure IN (1, 2, 3, 4) AND at = ?3");
	bind_partition(statement, 1, fold->partition);
	bind_int(statement, 2, steps[step]);
	bind_int(statement, 3, at);
	enum result result = statement_int(statement, &fold->present[step].rows);
	fold->present[step].at = at;
	fold->present[step].known = result == RESULT_OK;
	return result;
}

static enum result row_put(struct connection *connection, const struct fold *fold, const char *sql, int64_t step, int64_t at,
                           const struct statistic *statistic)
{
	sqlite3_stmt *statement = connection_statement(connection, sql);
	bind_partition(statement, 1, fold->partition);
	bind_int(statement, 2, step);
	bind_int(statement, 3, at);
	bind_int(statement, 4, statistic->measure);
	bind_text(statement, 5, statistic->flow);
	bind_text(statement, 6, statistic->client_id);
	bind_text(statement, 7, statistic->reason);
	bind_int(statement, 8, statistic->count);
	return statement_run(statement, NULL);
}

/* To the row that there is, to a new one while there may be more, or to the one that stands for all others. */
static enum result count_add(struct connection *connection, struct fold *fold, size_t step, const struct statistic *statistic)
{
	static const char add[] = "UPDATE statistic SET count = count + ?8 WHERE partition = ?1 AND step = ?2 AND at = ?3 AND measure = ?4 "
	                          "AND flow = ?5 AND client_id = ?6 AND reason = ?7";
	static const char insert[] = "INSERT INTO statistic (partition, step, at, measure, flow, client_id, reason, count) "
	                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
	const int64_t at = statistic->at - statistic->at % steps[step];
	struct statistic row = *statistic;
	enum result result = rows_count(connection, fold, step, at);
	if (result == RESULT_OK)
		result = row_put(connection, fold, add, steps[step], at, &row);
	if (result != RESULT_OK || sqlite3_changes64(connection->db) > 0)
		return result;
	if (fold->present[step].rows >= LIMIT_STATISTICS_KEYS && row.client_id.len + row.reason.len > 0) {
		row.client_id = row.reason = SLICE_OF("");
		result = row_put(connection, fold, add, steps[step], at, &row);
		if (result != RESULT_OK || sqlite3_changes64(connection->db) > 0)
			return result;
	}
	fold->present[step].rows++;
	return row_put(connection, fold, insert, steps[step], at, &row);
}

static enum result fold_run(struct connection *connection, void *argument)
{
	struct fold *fold = argument;
	for (size_t step = 0; step < STEPS; step++)
		fold->present[step].known = false;
	int64_t ignored;
	sqlite3_stmt *partition = connection_statement(connection, "SELECT 1 FROM partition WHERE id = ?1");
	bind_partition(partition, 1, fold->partition);
	enum result result = statement_int(partition, &ignored);
	for (size_t i = 0; i < fold->count && result == RESULT_OK; i++)
		for (size_t step = 0; step < STEPS && result == RESULT_OK; step++)
			result = count_add(connection, fold, step, &fold->statistics[i]);
	return result;
}

enum result store_statistics_add(struct store *store, const struct partition_id *partition, const struct statistic *statistics, size_t count)
{
	if (count > LIMIT_STATISTICS_FOLD)
		return RESULT_TOO_LARGE;
	for (size_t i = 0; i < count; i++)
		if (!statistic_good(&statistics[i]))
			return RESULT_INVALID;
	struct fold fold = { .partition = partition, .statistics = statistics, .count = count };
	return count == 0 ? RESULT_OK : write_durably(store, fold_run, &fold);
}

/* ---- reading ---- */

/* Triggers of the schema keep them. */
static const char sums[] = "SELECT at, key, count FROM statistic_sum WHERE partition = ?1 AND step = ?2 AND measure = ?3 AND member = ?4 "
                           "AND at >= ?5 AND at < ?6 ORDER BY at, key";
_Static_assert(BY_NOTHING == 0 && BY_FLOW == 1 && BY_CLIENT == 2 && BY_REASON == 3, "the numbers of the members stand in the schema");

static enum result sum_show(struct reading *reading, const struct statistics_wish *wish, store_visit_statistic *visit, void *context)
{
	struct row row = { reading->statement, NULL, 0 };
	struct statistic statistic = { .at = row_int(&row), .measure = wish->measure };
	struct slice member = row_text(&row), nothing = { "", 0 };
	statistic.flow = wish->by == BY_FLOW ? member : nothing;
	statistic.client_id = wish->by == BY_CLIENT ? member : nothing;
	statistic.reason = wish->by == BY_REASON ? member : nothing;
	statistic.count = row_int(&row);
	return visit(context, &statistic);
}

enum result store_statistics_each(struct store *store, const struct partition_id *partition, const struct statistics_wish *wish,
                                  store_visit_statistic *visit, void *context)
{
	struct reading reading;
	enum result result = reading_begin_fresh(store, sums, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_int(reading.statement, 2, wish->step);
	bind_int(reading.statement, 3, wish->measure);
	bind_int(reading.statement, 4, wish->by);
	bind_int(reading.statement, 5, wish->from);
	bind_int(reading.statement, 6, wish->to);
	bool over = false;
	for (size_t rows = 0; !over && (result = reading_step(&reading)) == RESULT_OK; rows++) {
		result = rows == LIMIT_STATISTICS_ROWS ? RESULT_TOO_LARGE : sum_show(&reading, wish, visit, context);
		over = result != RESULT_OK;
	}
	reading_end_fresh(&reading);
	return !over && result == RESULT_NOT_FOUND ? RESULT_OK : result;
}
