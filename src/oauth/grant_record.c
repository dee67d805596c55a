#include "oauth/grant_record.h"

#include "base/clock.h"

enum result grant_record_judge(struct oauth_call *call, const struct grant_record *record, struct person *ret)
{
	const struct client_application *registered = &call->application->registered;
	if (!registered->enabled || record->granted_ms < registered->valid_from_ms)
		return RESULT_EXPIRED;
	struct person person = { .enabled = false };
	enum result result = store_person_read(oauth_store(call), &call->realm.partition, call->realm.kind, PERSON_BY_ID,
	                                       record->person_id, call->arena, &person);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_EXPIRED : RESULT_STORE_DOWN;
	if (!person.enabled || record->granted_ms < person.valid_from_ms)
		return RESULT_EXPIRED;
	*ret = person;
	return RESULT_OK;
}

enum result grant_record_find(struct oauth_call *call, const struct refresh_name *name, struct realm *ret_realm, struct refresh_read *ret)
{
	struct store *store = oauth_store(call);
	struct realm realm = call->realm;
	enum result result = store_refresh_read(store, &realm, name, clock_ms(), call->arena, ret);
	if (result == RESULT_NOT_FOUND) {
		realm.kind = realm.kind == PERSON_USER ? PERSON_CUSTOMER : PERSON_USER;
		result = store_refresh_read(store, &realm, name, clock_ms(), call->arena, ret);
	}
	if (result == RESULT_OK)
		*ret_realm = realm;
	return result;
}
