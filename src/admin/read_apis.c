/* Guarded APIs and their operations. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/operation_key.h"

enum { OBJECT_EXPECTED = 512 };

static enum result show_api(void *context, const struct api *api)
{
	struct admin_page *page = context;
	admin_page_item(page);
	api_json(&page->out, api);
	return admin_page_key(page, api->name);
}

enum refusal admin_apis_list(struct admin_call *call)
{
	struct admin_page page;
	bool more = false;
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &page);
	const enum result result = store_apis_page(admin_store(call), &call->partition, &wish, show_api, &page, &more);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, more);
}

enum refusal admin_api_read(struct admin_call *call)
{
	struct api api;
	const enum result result = store_api_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &api);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	api_json(&body, &api);
	return admin_reply_json(call, 200, &body, api.version);
}

struct slice admin_operation_key(struct admin_call *call, const struct api_operation *operation)
{
	return arena_print(call->scratch, "%.*s %.*s", SLICE_ARGS(operation->path), SLICE_ARGS(operation->method));
}

static enum result show_operation(void *context, struct slice api, const struct api_operation *operation)
{
	struct admin_page *page = context;
	admin_page_item(page);
	operation_json(&page->out, api, operation);
	return admin_page_key(page, admin_operation_key(page->call, operation));
}

static enum refusal list_operations(struct admin_call *call, struct slice api)
{
	struct admin_page page;
	struct slice last = { NULL, 0 };
	bool more = false;
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &page);
	const enum result result =
		store_operations_page(admin_store(call), &call->partition, api, call->query.scope, &wish, show_operation, &page, call->scratch, &last, &more);
	return admin_page_end(&page, result, last, more);
}

enum refusal admin_api_operations_list(struct admin_call *call)
{
	struct api api;
	const enum result result = store_api_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &api);
	return result == RESULT_OK ? list_operations(call, api.name) : admin_refuse_result(call, result);
}

enum refusal admin_operations_list(struct admin_call *call)
{
	return list_operations(call, (struct slice) { NULL, 0 });
}
