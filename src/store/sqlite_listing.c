/* Listings: each object is shown to a visitor where it lies, nothing is gathered. */
#include "store/sqlite_rows.h"
#include "store/sqlite_store.h"

struct listing {
	struct store *store;
	const struct partition_id *partition;
	void *context;
	union {
		store_visit_partition *partition;
		store_visit_department *department;
		store_visit_permission *permission;
		store_visit_person *person;
		store_visit_application *application;
	} visit;
};
typedef enum result listing_show(const struct listing *, struct row *);

static enum result listing_run(const struct listing *listing, const char *sql, int64_t kind, listing_show *show)
{
	struct reading reading;
	enum result result = reading_begin_fresh(listing->store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	if (listing->partition != NULL)
		bind_partition(reading.statement, 1, listing->partition);
	if (kind != 0)
		bind_int(reading.statement, 2, kind);
	while ((result = reading_step(&reading)) == RESULT_OK) {
		result = show(listing, &(struct row) { reading.statement, NULL, 0 });
		if (result != RESULT_OK)
			break;
	}
	bool over = result == RESULT_NOT_FOUND && sqlite3_stmt_busy(reading.statement) == 0;
	reading_end_fresh(&reading);
	return over ? RESULT_OK : result;
}

static enum result show_partition(const struct listing *listing, struct row *row)
{
	struct partition partition;
	enum result result = partition_from_row(row, &partition);
	return result == RESULT_OK ? listing->visit.partition(listing->context, &partition) : result;
}

enum result store_partitions_each(struct store *store, store_visit_partition *visit, void *context)
{
	const struct listing listing = { .store = store, .context = context, .visit.partition = visit };
	return listing_run(&listing, "SELECT " PARTITION_COLUMNS " FROM partition ORDER BY id", 0, show_partition);
}

static enum result show_department(const struct listing *listing, struct row *row)
{
	struct department department;
	department_from_row(row, &department);
	return listing->visit.department(listing->context, &department);
}

enum result store_departments_each(struct store *store, const struct partition_id *partition, store_visit_department *visit,
                                   void *context)
{
	const struct listing listing = { store, partition, context, .visit.department = visit };
	return listing_run(&listing, "SELECT " DEPARTMENT_COLUMNS " FROM department WHERE partition = ?1 ORDER BY name", 0,
	                   show_department);
}

static enum result show_permission(const struct listing *listing, struct row *row)
{
	struct permission permission;
	permission_from_row(row, &permission);
	return listing->visit.permission(listing->context, &permission);
}

enum result store_permissions_each(struct store *store, const struct partition_id *partition, store_visit_permission *visit,
                                   void *context)
{
	const struct listing listing = { store, partition, context, .visit.permission = visit };
	return listing_run(&listing, "SELECT " PERMISSION_COLUMNS " FROM permission WHERE partition = ?1 ORDER BY name", 0,
	                   show_permission);
}

static enum result show_person(const struct listing *listing, struct row *row)
{
	struct person person;
	person_from_row(row, &person);
	return listing->visit.person(listing->context, &person);
}

enum result store_people_each(struct store *store, const struct partition_id *partition, enum person_kind kind,
                              store_visit_person *visit, void *context)
{
	const struct listing listing = { store, partition, context, .visit.person = visit };
	return listing_run(&listing, "SELECT " PERSON_COLUMNS " FROM person INDEXED BY person_by_partition "
	                   "WHERE partition = ?1 AND kind = ?2 ORDER BY id", kind, show_person);
}

enum result secrets_used(struct store *store, const struct partition_id *partition, struct slice client_id, struct client_secret *secrets,
                         size_t count)
{
	static const char sql[] = "SELECT label, last_used_at FROM secret_use WHERE partition = ?1 AND client_id = ?2";
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, client_id);
	while ((result = reading_step(&reading)) == RESULT_OK) {
		struct slice label = column_text(reading.statement, 0);
		int64_t at = sqlite3_column_int64(reading.statement, 1);
		for (size_t i = 0; i < count; i++)
			if (slice_equal(secrets[i].label, label) && at >= secrets[i].created_at) /* else: of an earlier one so named */
				secrets[i].last_used_at = at;
	}
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result show_application(const struct listing *listing, struct row *row)
{
	struct client_secret secrets[LIMIT_SECRETS];
	struct client_application application;
	enum result result = application_from_row(row, secrets, &application);
	if (result == RESULT_OK && application.secret_count > 0)
		result = secrets_used(listing->store, listing->partition, application.client_id, secrets, application.secret_count);
	return result == RESULT_OK ? listing->visit.application(listing->context, &application) : result;
}

enum result store_applications_each(struct store *store, const struct partition_id *partition, store_visit_application *visit,
                                    void *context)
{
	const struct listing listing = { store, partition, context, .visit.application = visit };
	return listing_run(&listing, "SELECT " APPLICATION_COLUMNS " FROM application WHERE partition = ?1 ORDER BY name COLLATE NOCASE, name", 0,
	                   show_application);
}

enum result store_is_empty(struct store *store, bool *ret)
{
	static const char sql[] = "SELECT EXISTS (SELECT 1 FROM partition WHERE id <> 'SYSTEM' OR version <> 1) "
	                          "OR EXISTS (SELECT 1 FROM department) OR EXISTS (SELECT 1 FROM permission) "
	                          "OR EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM application) OR EXISTS (SELECT 1 FROM api) "
	                          "OR EXISTS (SELECT 1 FROM identity_provider)";
	struct reading reading;
	enum result result = reading_begin(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	result = reading_step(&reading);
	if (result == RESULT_OK)
		*ret = sqlite3_column_int(reading.statement, 0) == 0;
	reading_end(&reading);
	return result == RESULT_NOT_FOUND ? RESULT_STORE_DOWN : result;
}
