/* Point reads: one statement, one row. The token path runs through here. */
#include "store/sqlite_rows.h"
#include "store/sqlite_store.h"

#include "base/url.h"

enum result store_partition_read(struct store *store, const struct partition_id *id, struct arena *arena, struct partition *ret)
{
	static const char sql[] = "SELECT " PARTITION_COLUMNS " FROM partition WHERE id = ?1";
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, id);
	result = reading_step(&reading);
	struct partition partition = { 0 };
	if (result == RESULT_OK)
		result = partition_from_row(&(struct row) { reading.statement, arena, 0 }, &partition);
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = partition;
	return result;
}

static enum result application_read(struct store *store, const char *sql, const struct partition_id *partition, struct slice key,
                                    struct arena *arena, struct client_application *ret)
{
	struct client_secret secrets[LIMIT_SECRETS];
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, key);
	result = reading_step(&reading);
	struct client_application application = { 0 };
	if (result == RESULT_OK)
		result = application_from_row(&(struct row) { reading.statement, arena, 0 }, secrets, &application);
	reading_end(&reading);
	if (result != RESULT_OK)
		return result;
	struct client_secret *kept = NULL;
	if (application.secret_count > 0) {
		kept = arena_array(arena, application.secret_count, sizeof(*kept));
		if (kept != NULL)
			memcpy(kept, secrets, application.secret_count * sizeof(*kept));
	}
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	application.secrets = kept;
	*ret = application;
	return RESULT_OK;
}

enum result store_client_application_read(struct store *store, const struct partition_id *partition, struct slice client_id,
                                          struct arena *arena, struct client_application *ret)
{
	static const char sql[] = "SELECT " APPLICATION_COLUMNS " FROM application WHERE partition = ?1 AND client_id = ?2";
	return application_read(store, sql, partition, client_id, arena, ret);
}

enum result store_application_by_name(struct store *store, const struct partition_id *partition, struct slice name, struct arena *arena,
                                      struct client_application *ret)
{
	static const char sql[] = "SELECT " APPLICATION_COLUMNS " FROM application WHERE partition = ?1 AND name = ?2 COLLATE NOCASE AND name = ?2";
	return application_read(store, sql, partition, name, arena, ret);
}

/* Reads the one row of that name; the caller takes its columns before reading_end. */
static enum result named_begin(struct store *store, const char *sql, const struct partition_id *partition, struct slice name,
                               struct reading *reading)
{
	enum result result = reading_begin(store, sql, reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading->statement, 1, partition);
	bind_text(reading->statement, 2, name);
	result = reading_step(reading);
	if (result != RESULT_OK)
		reading_end(reading);
	return result;
}

enum result store_department_read(struct store *store, const struct partition_id *partition, struct slice name, struct arena *arena,
                                  struct department *ret)
{
	static const char sql[] = "SELECT " DEPARTMENT_COLUMNS " FROM department WHERE partition = ?1 AND name = ?2";
	struct reading reading;
	enum result result = named_begin(store, sql, partition, name, &reading);
	if (result != RESULT_OK)
		return result;
	struct department department = { 0 };
	department_from_row(&(struct row) { reading.statement, arena, 0 }, &department);
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = department;
	return result;
}

enum result store_permission_read(struct store *store, const struct partition_id *partition, struct slice name, struct arena *arena,
                                  struct permission *ret)
{
	static const char sql[] = "SELECT " PERMISSION_COLUMNS " FROM permission WHERE partition = ?1 AND name = ?2";
	struct reading reading;
	enum result result = named_begin(store, sql, partition, name, &reading);
	if (result != RESULT_OK)
		return result;
	struct permission permission = { 0 };
	permission_from_row(&(struct row) { reading.statement, arena, 0 }, &permission);
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = permission;
	return result;
}

#define FROM_PERSON_BY_ID " FROM person INDEXED BY person_by_id WHERE partition = ?1 AND kind = ?2 AND id = ?3"
#define FROM_PERSON_BY_USERNAME \
	" FROM person INDEXED BY person_by_username WHERE partition = ?1 AND kind = ?2 AND username_key = ?3"
#define FROM_PERSON_BY_EMAIL " FROM person INDEXED BY person_by_email WHERE partition = ?1 AND kind = ?2 AND email_key = ?3"

/* The column that a key is compared with, and the value as that column has it. False when no such person can be. */
static bool person_key_value(enum person_key key, struct slice value, char folded[LIMIT_EMAIL], struct slice *ret)
{
	if (value.len == 0)
		return false;
	if (key != PERSON_BY_ID)
		return fold_into(folded, LIMIT_EMAIL, value, ret);
	*ret = value;
	return value.len <= LIMIT_ID;
}

enum result store_person_read(struct store *store, const struct partition_id *partition, enum person_kind kind,
                              enum person_key key, struct slice value, struct arena *arena, struct person *ret)
{
	static const char *const sql[] = {
		[PERSON_BY_ID] = "SELECT " PERSON_COLUMNS FROM_PERSON_BY_ID,
		[PERSON_BY_USERNAME] = "SELECT " PERSON_COLUMNS FROM_PERSON_BY_USERNAME,
		[PERSON_BY_EMAIL] = "SELECT " PERSON_COLUMNS FROM_PERSON_BY_EMAIL,
	};
	char folded[LIMIT_EMAIL];
	if (!person_key_value(key, value, folded, &value))
		return RESULT_NOT_FOUND;
	struct reading reading;
	enum result result = reading_begin(store, sql[key], &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_int(reading.statement, 2, kind);
	bind_text(reading.statement, 3, value);
	result = reading_step(&reading);
	struct person person = { 0 };
	if (result == RESULT_OK)
		person_from_row(&(struct row) { reading.statement, arena, 0 }, &person);
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = person;
	return result;
}

enum result store_person_state(struct store *store, const struct partition_id *partition, enum person_kind kind,
                               enum person_key key, struct slice value, char id_buffer[LIMIT_ID], struct person_state *ret)
{
	/* Answered from the index alone. */
	static const char *const sql[] = {
		[PERSON_BY_ID] = "SELECT id, enabled, valid_from_ms" FROM_PERSON_BY_ID,
		[PERSON_BY_USERNAME] = "SELECT id, enabled, valid_from_ms" FROM_PERSON_BY_USERNAME,
		[PERSON_BY_EMAIL] = "SELECT id, enabled, valid_from_ms" FROM_PERSON_BY_EMAIL,
	};
	char folded[LIMIT_EMAIL];
	if (!person_key_value(key, value, folded, &value))
		return RESULT_NOT_FOUND;
	struct reading reading;
	enum result result = reading_begin(store, sql[key], &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_int(reading.statement, 2, kind);
	bind_text(reading.statement, 3, value);
	result = reading_step(&reading);
	if (result == RESULT_OK) {
		struct slice id = column_text(reading.statement, 0);
		if (id.len == 0 || id.len > LIMIT_ID) {
			result = RESULT_STORE_DOWN;
		} else {
			memcpy(id_buffer, id.ptr, id.len);
			ret->id = (struct slice) { id_buffer, id.len };
			ret->enabled = sqlite3_column_int(reading.statement, 1) != 0;
			ret->valid_from_ms = sqlite3_column_int64(reading.statement, 2);
		}
	}
	reading_end(&reading);
	return result;
}

static enum result origin_find(struct store *store, const struct partition_id *partition, struct slice origin, bool *ret)
{
	static const char sql[] = "SELECT 1 FROM application_origin WHERE partition = ?1 AND origin = ?2 LIMIT 1";
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, origin);
	result = reading_step(&reading);
	reading_end(&reading);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	*ret = result == RESULT_OK;
	return RESULT_OK;
}

/* "http://127.0.0.1:51004" without its port: an address registered without one is good on any (RFC 8252 §7.3). */
static bool origin_loopback(struct slice origin, struct slice *ret)
{
	static const struct slice hosts[] = { SLICE("http://127.0.0.1"), SLICE("http://[::1]") };
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (slice_starts_with(origin, hosts[i]) && origin.len > hosts[i].len && origin.ptr[hosts[i].len] == ':') {
			*ret = hosts[i];
			return true;
		}
	}
	return false;
}

enum result store_origin_known(struct store *store, const struct partition_id *partition, struct slice origin, bool *ret)
{
	char canonical[LIMIT_URL];
	bool found = false;
	/* Only what a browser would write: no path, no upper case. */
	if (origin.len == 0 || !url_origin(origin, canonical, sizeof(canonical)) || !slice_is(origin, canonical)) {
		*ret = false;
		return RESULT_OK;
	}
	enum result result = origin_find(store, partition, origin, &found);
	struct slice portless;
	if (result == RESULT_OK && !found && origin_loopback(origin, &portless))
		result = origin_find(store, partition, portless, &found);
	if (result == RESULT_OK)
		*ret = found;
	return result;
}
