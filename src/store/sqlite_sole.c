/* What there is only one of, where a server has a single tenant. */
#include "store/sqlite_store.h"

/* The first column of the first row; RESULT_CONFLICT: there is a second one. */
static enum result sole(struct reading *reading, struct arena *arena, struct slice *ret)
{
	enum result result = reading_step(reading);
	struct slice value = { NULL, 0 };
	if (result == RESULT_OK) {
		value = row_text(&(struct row) { reading->statement, arena, 0 });
		result = reading_step(reading);
		result = result == RESULT_OK ? RESULT_CONFLICT : result == RESULT_NOT_FOUND ? RESULT_OK : result;
	}
	result = reading_end_taken(reading, result, arena);
	if (result == RESULT_OK)
		*ret = value;
	return result;
}

enum result store_partition_sole(struct store *store, struct partition_id *ret)
{
	struct slice id = { NULL, 0 };
	struct reading reading;
	struct arena *arena = arena_new(LIMIT_PARTITION_ID + 64, 1024);
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	enum result result = reading_begin(store, "SELECT id FROM partition WHERE id <> '" PARTITION_SYSTEM "' LIMIT 2", &reading);
	if (result == RESULT_OK)
		result = sole(&reading, arena, &id);
	if (result == RESULT_OK && !partition_id_parse(id, ret))
		result = RESULT_STORE_DOWN;
	arena_free(arena);
	return result;
}

enum result store_browser_application_sole(struct store *store, const struct partition_id *partition, struct arena *arena,
                                           struct slice *ret_client_id)
{
	struct reading reading;
	enum result result = reading_begin(store, "SELECT DISTINCT client_id FROM application_origin INDEXED BY application_origin_by_client "
	                                          "WHERE partition = ?1 LIMIT 2", &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	return sole(&reading, arena, ret_client_id);
}
