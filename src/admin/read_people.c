/* Users and customers. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/operations.h"
#include "admin/person.h"

enum { OBJECT_EXPECTED = 2048 };

enum refusal admin_person_find(struct admin_call *call, struct person *ret)
{
	return admin_refuse_result(call, store_person_read(admin_store(call), &call->partition, call->row->people, PERSON_BY_ID, call->keys[0],
	                                                   call->scratch, ret));
}

static enum result show_person(void *context, const struct person *person)
{
	struct admin_page *page = context;
	admin_page_item(page);
	person_json(&page->out, person);
	return admin_page_key(page, person->id);
}

enum refusal admin_people_list(struct admin_call *call)
{
	struct admin_page page;
	struct slice last = { NULL, 0 };
	bool more = false;
	const struct admin_query *query = &call->query;
	const struct people_wish wish = {
		.page = admin_page_wish(call), .department = query->department, .enabled = query->enabled, .role = query->role
	};
	admin_page_begin(call, &page);
	const enum result result = store_people_page(admin_store(call), &call->partition, call->row->people, &wish, show_person, &page,
	                                             call->scratch, &last, &more);
	return admin_page_end(&page, result, last, more);
}

enum refusal admin_person_read(struct admin_call *call)
{
	struct person person;
	enum refusal refusal = admin_person_find(call, &person);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	person_json(&body, &person);
	return admin_reply_json(call, 200, &body, person.version);
}
