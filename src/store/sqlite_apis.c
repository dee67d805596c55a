/* Protected APIs: a row for each operation, its alternatives as text ("user articles.read\nclient .default"). */
#include "store/sqlite_batch.h"
#include "store/sqlite_rows.h"

#include "base/text.h"
#include "base/writer.h"

enum { ARENA_FIRST = 64 * 1024, ARENA_MAX = 4 * LIMIT_API_SIZE };

enum result api_from_row(struct row *row, struct api *ret)
{
	struct api api = { .name = row_text(row) };
	struct slice digest = column_text(row->statement, row->column++);
	if (digest.len != sizeof api.digest.bytes)
		return RESULT_STORE_DOWN;
	memcpy(api.digest.bytes, digest.ptr, digest.len);
	api.operation_count = (size_t)row_int(row);
	api.version = row_int(row);
	*ret = api;
	return RESULT_OK;
}

enum result store_api_read(struct store *store, const struct partition_id *partition, struct slice name, struct arena *arena, struct api *ret)
{
	static const char sql[] = "SELECT " API_COLUMNS " FROM api WHERE partition = ?1 AND name = ?2";
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, name);
	result = reading_step(&reading);
	struct api api = { 0 };
	if (result == RESULT_OK)
		result = api_from_row(&(struct row) { reading.statement, arena, 0 }, &api);
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = api;
	return result;
}

/* ---- all of a partition ---- */

/* The API whose rows go by. */
struct collecting {
	struct arena *arena; /* of one API */
	struct api api;
	struct api_operation *operations;
	size_t capacity;
	struct slice alternatives; /* of the operation before, as they are stored: most often the next has the same */
	store_visit_api *visit;
	void *context;
};

static enum result collected_show(struct collecting *collecting)
{
	if (collecting->api.name.ptr == NULL)
		return RESULT_OK;
	if (arena_exhausted(collecting->arena))
		return RESULT_NO_MEMORY;
	if (collecting->api.operation_count != collecting->capacity)
		return RESULT_STORE_DOWN;
	return collecting->visit(collecting->context, &collecting->api);
}

static enum result api_begin(struct collecting *collecting, sqlite3_stmt *row)
{
	struct slice digest = column_text(row, 1);
	int64_t count = sqlite3_column_int64(row, 2);
	arena_reset(collecting->arena);
	collecting->api = (struct api) { .name = arena_copy(collecting->arena, column_text(row, 0)), .version = sqlite3_column_int64(row, 3) };
	if (digest.len != sizeof collecting->api.digest.bytes || count < 0 || count > LIMIT_API_OPERATIONS)
		return RESULT_STORE_DOWN;
	memcpy(collecting->api.digest.bytes, digest.ptr, digest.len);
	collecting->capacity = (size_t)count;
	collecting->alternatives = (struct slice) { NULL, 0 };
	collecting->operations = arena_array(collecting->arena, collecting->capacity, sizeof *collecting->operations);
	collecting->api.operations = collecting->operations;
	return collecting->api.name.ptr == NULL || (count > 0 && collecting->operations == NULL) ? RESULT_NO_MEMORY : RESULT_OK;
}

static enum result alternative_from_line(struct slice line, struct api_alternative *ret)
{
	const char *space = memchr(line.ptr, ' ', line.len);
	struct slice actor = space == NULL ? line : slice_first(line, (size_t)(space - line.ptr));
	ret->scopes = space == NULL ? SLICE_OF("") : slice_skip(line, actor.len + 1);
	return api_actor_find(actor, &ret->actor) ? RESULT_OK : RESULT_STORE_DOWN;
}

static enum result alternatives_from_text(struct arena *arena, struct slice text, struct api_operation *ret)
{
	struct slice rest = text, line;
	if (text.len == 0)
		return RESULT_OK;
	size_t count = 1;
	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	struct api_alternative *alternatives = arena_array(arena, count, sizeof *alternatives);
	if (alternatives == NULL)
		return RESULT_NO_MEMORY;
	ret->alternatives = alternatives;
	while (slice_cut(&rest, '\n', &line)) {
		enum result result = alternative_from_line(line, &alternatives[ret->alternative_count++]);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

enum result operation_from_row(struct row *row, struct arena *arena, struct api_operation *ret)
{
	struct api_operation operation = { .method = row_text(row), .path = row_text(row), .operation_id = row_text(row), .summary = row_text(row) };
	enum result result = alternatives_from_text(arena, row_text(row), &operation);
	if (result == RESULT_OK)
		*ret = operation;
	return result;
}

static enum result operation_add(struct collecting *collecting, sqlite3_stmt *row)
{
	if (collecting->api.operation_count == collecting->capacity)
		return RESULT_STORE_DOWN;
	struct api_operation *operation = &collecting->operations[collecting->api.operation_count++];
	operation->method = arena_copy(collecting->arena, column_text(row, 4));
	operation->path = arena_copy(collecting->arena, column_text(row, 5));
	operation->operation_id = arena_copy(collecting->arena, column_text(row, 6));
	operation->summary = arena_copy(collecting->arena, column_text(row, 7));
	struct slice alternatives = column_text(row, 8);
	if (collecting->alternatives.ptr != NULL && slice_equal(collecting->alternatives, alternatives)) {
		operation->alternatives = operation[-1].alternatives;
		operation->alternative_count = operation[-1].alternative_count;
		return RESULT_OK;
	}
	collecting->alternatives = arena_copy(collecting->arena, alternatives);
	return collecting->alternatives.ptr == NULL ? RESULT_NO_MEMORY : alternatives_from_text(collecting->arena, collecting->alternatives, operation);
}

static enum result row_collect(struct collecting *collecting, sqlite3_stmt *row)
{
	enum result result = RESULT_OK;
	if (collecting->api.name.ptr == NULL || !slice_equal(collecting->api.name, column_text(row, 0))) {
		result = collected_show(collecting);
		if (result == RESULT_OK)
			result = api_begin(collecting, row);
	}
	if (result == RESULT_OK && sqlite3_column_type(row, 4) != SQLITE_NULL)
		result = operation_add(collecting, row);
	return result;
}

enum result store_apis_each(struct store *store, const struct partition_id *partition, store_visit_api *visit, void *context)
{
	/* One statement, so that an API is never seen half changed. */
	static const char sql[] = "SELECT a.name, a.digest, a.operation_count, a.version, o.method, o.path, o.operation_id, o.summary, "
	                          "o.alternatives FROM api AS a LEFT JOIN api_operation AS o ON o.partition = a.partition AND o.api = a.name "
	                          "WHERE a.partition = ?1 ORDER BY a.name, o.path, o.method";
	struct collecting collecting = { .visit = visit, .context = context, .arena = arena_new(ARENA_FIRST, ARENA_MAX) };
	if (collecting.arena == NULL)
		return RESULT_NO_MEMORY;
	struct reading reading;
	enum result result = reading_begin_fresh(store, sql, &reading);
	if (result == RESULT_OK) {
		bind_partition(reading.statement, 1, partition);
		bool over = false;
		while (result == RESULT_OK && !over) {
			result = reading_step(&reading);
			over = result == RESULT_NOT_FOUND;
			if (result == RESULT_OK)
				result = row_collect(&collecting, reading.statement);
		}
		reading_end_fresh(&reading);
		if (over)
			result = collected_show(&collecting);
	}
	arena_free(collecting.arena);
	return result;
}

/* ---- changing ---- */

static enum result api_row_stage(struct store_batch *batch, const struct partition_id *partition, const struct api *api)
{
	sqlite3_stmt *statement = connection_statement(&batch->connection,
		"INSERT OR REPLACE INTO staged_api (partition, name, digest, operation_count, version) VALUES (?1, ?2, ?3, ?4, ?5)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, api->name);
	bind_hash(statement, 3, &api->digest);
	bind_int(statement, 4, (int64_t)api->operation_count);
	bind_int(statement, 5, api->version);
	enum result result = statement_run(statement, NULL);
	if (result != RESULT_OK)
		return result;
	statement = connection_statement(&batch->connection, "DELETE FROM staged_api_operation WHERE partition = ?1 AND api = ?2");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, api->name);
	return statement_run(statement, NULL);
}

static struct slice alternatives_text(struct arena *arena, const struct api_operation *operation)
{
	struct writer writer = writer_new(arena, 256);
	for (size_t i = 0; i < operation->alternative_count; i++) {
		if (i > 0)
			writer_byte(&writer, '\n');
		writer_text(&writer, api_actor_name(operation->alternatives[i].actor));
		if (operation->alternatives[i].scopes.len > 0) {
			writer_byte(&writer, ' ');
			writer_put(&writer, operation->alternatives[i].scopes);
		}
	}
	return writer_ok(&writer) ? writer_slice(&writer) : (struct slice) { NULL, 0 };
}

static enum result operation_stage(struct store_batch *batch, const struct partition_id *partition, struct slice api,
                                   const struct api_operation *operation, struct arena *arena)
{
	char shape[LIMIT_API_PATH];
	struct slice alternatives = alternatives_text(arena, operation);
	if (operation->path.len > sizeof shape)
		return RESULT_TOO_LARGE;
	if (alternatives.ptr == NULL)
		return RESULT_NO_MEMORY;
	sqlite3_stmt *statement = connection_statement(&batch->connection,
		"INSERT INTO staged_api_operation (partition, method, shape, api, path, operation_id, summary, alternatives) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, operation->method);
	bind_text(statement, 3, api_path_shape(operation->path, shape));
	bind_text(statement, 4, api);
	bind_text(statement, 5, operation->path);
	bind_text(statement, 6, operation->operation_id);
	bind_text(statement, 7, operation->summary);
	bind_text(statement, 8, alternatives);
	return statement_run(statement, NULL);
}

enum result store_batch_api(struct store_batch *batch, const struct partition_id *partition, const struct api *api)
{
	if (api->name.len == 0 || api->name.len > LIMIT_ID || api->operation_count > LIMIT_API_OPERATIONS)
		return RESULT_TOO_LARGE;
	struct arena *arena = arena_new(ARENA_FIRST, LIMIT_API_SIZE);
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	enum result result = batch_work(batch);
	if (result == RESULT_OK)
		result = api_row_stage(batch, partition, api);
	for (size_t i = 0; i < api->operation_count && result == RESULT_OK; i++) {
		arena_reset(arena);
		result = operation_stage(batch, partition, api->name, &api->operations[i], arena);
	}
	arena_free(arena);
	return result;
}

/* One in this batch, the other in it too or in the store, where it stays. */
static const char *const doubled[] = {
	"SELECT a.partition, a.method, a.path, a.api, b.api FROM staged_api_operation AS a JOIN staged_api_operation AS b "
	"ON b.partition = a.partition AND b.method = a.method AND b.shape = a.shape AND b.api > a.api LIMIT 1",
	"SELECT s.partition, s.method, s.path, s.api, o.api FROM staged_api_operation AS s JOIN main.api_operation AS o "
	"ON o.partition = s.partition AND o.method = s.method AND o.shape = s.shape WHERE o.api <> s.api "
	"AND NOT EXISTS (SELECT 1 FROM staged_api AS a WHERE a.partition = o.partition AND a.name = o.api) "
	"AND NOT EXISTS (SELECT 1 FROM pruned AS p WHERE p.object = 7 AND p.partition = o.partition AND p.key = o.api) LIMIT 1",
};

/* Of each partition that has an API in this batch: how many operations all of its APIs will have, and how much of a catalogue they will
 * be, a little more than the text of them. */
#define OPERATION_SIZE "length(CAST(o.path || o.operation_id || o.summary || o.alternatives AS BLOB)) + 64 + " \
	"40 * (1 + length(o.alternatives) - length(replace(o.alternatives, char(10), '')))"
static const char totals[] =
	"SELECT partition, sum(operations), sum(size) FROM ("
	"SELECT o.partition AS partition, count(*) AS operations, sum(" OPERATION_SIZE ") AS size FROM staged_api_operation AS o GROUP BY 1 UNION ALL "
	"SELECT o.partition, count(*), sum(" OPERATION_SIZE ") FROM main.api_operation AS o WHERE o.partition IN (SELECT partition FROM staged_api) "
	"AND NOT EXISTS (SELECT 1 FROM staged_api AS a WHERE a.partition = o.partition AND a.name = o.api) "
	"AND NOT EXISTS (SELECT 1 FROM pruned AS p WHERE p.object = 7 AND p.partition = o.partition AND p.key = o.api) GROUP BY 1) "
	"GROUP BY partition HAVING sum(operations) > ?1 OR sum(size) > ?2 LIMIT 1";

/* More than a server could hold of one partition beside the others. RESULT_CONFLICT, with the sentence. */
static enum result totals_judge(struct connection *connection, struct problem *problem)
{
	sqlite3_stmt *statement = connection_statement(connection, totals);
	bind_int(statement, 1, LIMIT_PARTITION_OPERATIONS);
	bind_int(statement, 2, LIMIT_PARTITION_APIS_SIZE);
	int code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
	enum result result = RESULT_OK;
	if (code == SQLITE_ROW && sqlite3_column_int64(statement, 1) > LIMIT_PARTITION_OPERATIONS)
		result = problem_set(problem, RESULT_CONFLICT,
		                     "the APIs of partition %.*s would have %lld operations together, and %d is the most: leave out what is not "
		                     "called through a proxy, or make it another partition's",
		                     SLICE_ARGS(column_text(statement, 0)), (long long)sqlite3_column_int64(statement, 1), LIMIT_PARTITION_OPERATIONS);
	else if (code == SQLITE_ROW)
		result = problem_set(problem, RESULT_CONFLICT,
		                     "the APIs of partition %.*s would be larger together than %d MiB, paths, scopes and summaries: leave out what is not "
		                     "called through a proxy, or make it another partition's",
		                     SLICE_ARGS(column_text(statement, 0)), LIMIT_PARTITION_APIS_SIZE / 1024 / 1024);
	else if (code != SQLITE_DONE)
		result = statement == NULL ? RESULT_STORE_DOWN : sqlite_result(code);
	(void)sqlite3_reset(statement);
	return result;
}

enum result batch_operations_judge(struct connection *connection, struct problem *problem)
{
	enum result result = totals_judge(connection, problem);
	for (size_t i = 0; i < sizeof(doubled) / sizeof(doubled[0]) && result == RESULT_OK; i++) {
		sqlite3_stmt *statement = connection_statement(connection, doubled[i]);
		int code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
		if (code == SQLITE_ROW) {
			struct slice path = slice_first(column_text(statement, 2), 160);
			result = problem_set(problem, RESULT_CONFLICT,
			                     "%.*s %.*s would be an operation of two APIs of partition %.*s, %.*s and %.*s: take it out of one, or give "
			                     "them different servers", SLICE_ARGS(column_text(statement, 1)), SLICE_ARGS(path),
			                     SLICE_ARGS(column_text(statement, 0)), SLICE_ARGS(column_text(statement, 3)),
			                     SLICE_ARGS(column_text(statement, 4)));
		} else if (code != SQLITE_DONE) {
			result = statement == NULL ? RESULT_STORE_DOWN : sqlite_result(code);
		}
		(void)sqlite3_reset(statement);
	}
	return result;
}

enum result store_batch_apis_judge(struct store_batch *batch, struct problem *problem)
{
	enum result result = batch_rest(batch);
	if (result == RESULT_OK)
		result = batch_operations_judge(&batch->connection, problem);
	return result;
}
