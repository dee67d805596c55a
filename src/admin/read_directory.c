/* Partitions, departments, permissions and identity providers: lists, and one. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "base/text.h"
#include "directory/rules.h"

enum { OBJECT_EXPECTED = 1024 };

/* ---- partitions ---------------------------------------------------------------------------------------------------------- */

static enum result show_partition(void *context, const struct partition *partition)
{
	struct admin_page *page = context;
	admin_page_item(page);
	partition_json(&page->out, partition);
	return admin_page_key(page, partition_id_slice(&partition->id));
}

static bool search_fits(struct slice name, struct slice search)
{
	return name.len >= search.len && text_equal_folded(slice_first(name, search.len), search);
}

/* A partition administrator sees a list of one: his own. */
static enum refusal list_own(struct admin_call *call, struct admin_page *page)
{
	struct partition own;
	const struct slice id = partition_id_slice(&call->caller.partition);
	const enum result result = store_partition_read(admin_store(call), &call->caller.partition, call->scratch, &own);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	const bool behind = call->query.after.len == 0 || slice_compare(id, call->query.after) > 0;
	if (behind && (search_fits(id, call->query.search) || search_fits(own.name, call->query.search)) && show_partition(page, &own) != RESULT_OK)
		return admin_refuse_result(call, RESULT_NO_MEMORY);
	return admin_page_end(page, RESULT_OK, (struct slice) { NULL, 0 }, false);
}

enum refusal admin_partitions_list(struct admin_call *call)
{
	struct admin_page page;
	bool more = false;
	admin_page_begin(call, &page);
	if (!call->caller.system)
		return list_own(call, &page);
	const struct page_wish wish = admin_page_wish(call);
	const enum result result = store_partitions_page(admin_store(call), &wish, show_partition, &page, &more);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, more);
}

enum refusal admin_partition_read(struct admin_call *call)
{
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	partition_json(&body, &call->present);
	return admin_reply_json(call, 200, &body, call->present.version);
}

/* ---- departments --------------------------------------------------------------------------------------------------------- */

static enum result show_department(void *context, const struct department *department)
{
	struct admin_page *page = context;
	admin_page_item(page);
	department_json(&page->out, department);
	return admin_page_key(page, department->name);
}

enum refusal admin_departments_list(struct admin_call *call)
{
	struct admin_page page;
	bool more = false;
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &page);
	const enum result result = store_departments_page(admin_store(call), &call->partition, &wish, show_department, &page, &more);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, more);
}

enum refusal admin_department_read(struct admin_call *call)
{
	struct department department;
	const enum result result = store_department_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &department);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	department_json(&body, &department);
	return admin_reply_json(call, 200, &body, department.version);
}

/* ---- permissions: the reserved ones stand among the partition's own ------------------------------------------------------- */

static const struct permission reserved_permissions[] = { /* in order of their names */
	{ SLICE("app.writ.admin.manage"), SLICE("Administer the partition, as a client application"), PERMISSION_APPLICATION, 1 },
	{ SLICE("writ.admin.manage"), SLICE("Change everything of the partition, as an administrator who signed in"), PERMISSION_DELEGATED, 1 },
	{ SLICE("writ.admin.read"), SLICE("Read everything of the partition, as an administrator who signed in"), PERMISSION_DELEGATED, 1 },
};
enum { RESERVED_COUNT = sizeof reserved_permissions / sizeof reserved_permissions[0] };

struct permission_listing {
	struct admin_page page;
	size_t reserved; /* the next of them */
};

static enum result put_permission(struct permission_listing *listing, const struct permission *permission)
{
	struct admin_page *page = &listing->page;
	if (page->count == page->call->query.limit) {
		page->full = true;
		return RESULT_TOO_LARGE;
	}
	admin_page_item(page);
	permission_json(&page->out, permission);
	return admin_page_key(page, permission->name);
}

static bool reserved_fits(const struct admin_query *query, const struct permission *permission)
{
	return (query->kind == 0 || query->kind == (int)permission->kind) && search_fits(permission->name, query->search) &&
	       (query->after.len == 0 || slice_compare(permission->name, query->after) > 0);
}

/* Those that come before this name; ptr NULL: all that are left. */
static enum result put_reserved(struct permission_listing *listing, struct slice before)
{
	enum result result = RESULT_OK;
	while (result == RESULT_OK && listing->reserved < RESERVED_COUNT) {
		const struct permission *next = &reserved_permissions[listing->reserved];
		if (before.ptr != NULL && slice_compare(next->name, before) > 0)
			break;
		if (reserved_fits(&listing->page.call->query, next))
			result = put_permission(listing, next);
		listing->reserved++;
	}
	return result;
}

static enum result show_permission(void *context, const struct permission *permission)
{
	struct permission_listing *listing = context;
	if (permission_is_reserved(permission->name))
		return RESULT_OK;
	enum result result = put_reserved(listing, permission->name);
	return result == RESULT_OK ? put_permission(listing, permission) : result;
}

enum refusal admin_permissions_list(struct admin_call *call)
{
	struct permission_listing listing = { .reserved = 0 };
	bool more = false;
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &listing.page);
	enum result result = store_permissions_page(admin_store(call), &call->partition, &wish, call->query.kind, show_permission, &listing, &more);
	if (result == RESULT_OK && !more)
		result = put_reserved(&listing, (struct slice) { NULL, 0 });
	return admin_page_end(&listing.page, result, (struct slice) { NULL, 0 }, more);
}

static const struct permission *reserved_find(struct slice name)
{
	for (size_t i = 0; i < RESERVED_COUNT; i++)
		if (slice_equal(reserved_permissions[i].name, name))
			return &reserved_permissions[i];
	return NULL;
}

enum refusal admin_permission_read(struct admin_call *call)
{
	struct permission permission;
	const struct permission *reserved = reserved_find(call->keys[0]);
	if (reserved != NULL) {
		permission = *reserved;
	} else {
		const enum result result = store_permission_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &permission);
		if (result != RESULT_OK)
			return admin_refuse_result(call, result);
	}
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	permission_json(&body, &permission);
	return admin_reply_json(call, 200, &body, permission.version);
}

/* ---- identity providers -------------------------------------------------------------------------------------------------- */

static enum result show_provider(void *context, const struct identity_provider *provider)
{
	struct admin_page *page = context;
	admin_page_item(page);
	provider_json(&page->out, provider);
	return admin_page_key(page, provider->registration_id);
}

enum refusal admin_providers_list(struct admin_call *call)
{
	struct admin_page page;
	bool more = false;
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &page);
	const enum result result = store_providers_page(admin_store(call), &call->partition, &wish, show_provider, &page, &more);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, more);
}

enum refusal admin_provider_read(struct admin_call *call)
{
	struct identity_provider provider;
	const enum result result = store_provider_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &provider);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	struct writer body = writer_new(call->scratch, OBJECT_EXPECTED);
	provider_json(&body, &provider);
	return admin_reply_json(call, 200, &body, provider.version);
}
