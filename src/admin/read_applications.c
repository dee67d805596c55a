/* Client applications. */
#include "admin/handlers.h"

#include "admin/json.h"

enum { OBJECT_EXPECTED = 4096 };

static enum result show_application(void *context, const struct client_application *application)
{
	struct admin_page *page = context;
	admin_page_item(page);
	application_json(&page->out, application);
	return admin_page_key(page, application->name);
}

enum refusal admin_applications_list(struct admin_call *call)
{
	struct admin_page page;
	struct slice last = { NULL, 0 };
	bool more = false;
	const struct admin_query *query = &call->query;
	const struct applications_wish wish = {
		.page = admin_page_wish(call), .platform = query->platform, .enabled = query->enabled, .permission = query->permission
	};
	admin_page_begin(call, &page);
	const enum result result = store_applications_page(admin_store(call), &call->partition, &wish, show_application, &page, call->scratch, &last, &more);
	return admin_page_end(&page, result, last, more);
}

enum refusal admin_application_read(struct admin_call *call)
{
	struct client_application application;
	const enum result result = store_client_application_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &application);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	application_json(&body, &application);
	return admin_reply_json(call, 200, &body, application.version);
}
