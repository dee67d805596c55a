/* What an administrator ends, with the audit event in the same transaction. */
#include "store/sqlite_grants.h"

struct audited {
	write_run *run;
	void *argument;
	const struct audit_event *event;
};

static enum result audited_run(struct connection *connection, void *argument)
{
	const struct audited *audited = argument;
	enum result result = audited->run(connection, audited->argument);
	return result == RESULT_OK ? audit_insert(connection, audited->event) : result;
}

enum result write_audited(struct store *store, write_run *run, void *argument, const struct audit_event *event)
{
	if (event == NULL)
		return write_durably(store, run, argument);
	struct audited audited = { run, argument, event };
	return write_durably(store, audited_run, &audited);
}
