/* What refers to an object that somebody would delete. */
#include "store/listing.h"
#include "store/sqlite_store.h"

static const char people_in[] =
	"SELECT count(*) FROM (SELECT 1 FROM person INDEXED BY person_by_department "
	"WHERE partition = ?1 AND kind IN (85, 67) AND department <> '' AND department = ?2 LIMIT ?3)";
_Static_assert(PERSON_USER == 85 && PERSON_CUSTOMER == 67, "the letters of the person kinds stand in SQL above");

/* The applications that have it, and the partition where anonymous customers may ask for it. */
static const char has_permission[] =
	"SELECT count(*) FROM (SELECT 1 FROM application WHERE partition = ?1 AND instr(' ' || permissions || ' ', ' ' || ?2 || ' ') > 0 "
	"UNION ALL SELECT 1 FROM partition WHERE id = ?1 AND instr(' ' || anonymous_permissions || ' ', ' ' || ?2 || ' ') > 0 LIMIT ?3)";

enum result store_references_count(struct store *store, const struct partition_id *partition, enum object_kind kind, struct slice key,
                                   size_t most, size_t *ret)
{
	const char *sql = kind == OBJECT_DEPARTMENT ? people_in : kind == OBJECT_PERMISSION ? has_permission : NULL;
	if (sql == NULL || key.len == 0) {
		*ret = 0;
		return RESULT_OK;
	}
	struct reading reading;
	enum result result = reading_begin_now(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, key);
	bind_int(reading.statement, 3, most > INT32_MAX ? INT32_MAX : (int64_t)most);
	result = reading_step(&reading);
	if (result == RESULT_OK)
		*ret = (size_t)sqlite3_column_int64(reading.statement, 0);
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_STORE_DOWN : result;
}
