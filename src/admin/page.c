/* Pages: {"items":[…],"next":…}. A cursor is the key of the last object, as base64url; the partition and the filters always come from the
 * address, so that a cursor from elsewhere shows nothing but where to go on. */
#include "admin/admin_call.h"

#define PAGE_EXPECTED (32 * 1024)

void admin_page_begin(struct admin_call *call, struct admin_page *ret)
{
	*ret = (struct admin_page) { .call = call, .out = writer_new(call->scratch, PAGE_EXPECTED) };
	writer_text(&ret->out, "{\"items\":[");
}

void admin_page_item(struct admin_page *page)
{
	if (page->count++ > 0)
		writer_byte(&page->out, ',');
}

enum result admin_page_key(struct admin_page *page, struct slice key)
{
	if (!writer_ok(&page->out) || key.len > sizeof page->last)
		return RESULT_NO_MEMORY;
	memcpy(page->last, key.ptr, key.len);
	page->last_len = key.len;
	page->full = page->out.len > LIMIT_PAGE_SIZE;
	return page->full ? RESULT_TOO_LARGE : RESULT_OK;
}

struct page_wish admin_page_wish(const struct admin_call *call)
{
	return (struct page_wish) { .after = call->query.after, .limit = call->query.limit, .search = call->query.search };
}

void admin_page_close(struct admin_page *page, struct slice last, bool more)
{
	const struct slice key = last.ptr == NULL ? (struct slice) { page->last, page->last_len } : last;
	writer_text(&page->out, "],\"next\":");
	if ((more || page->full) && key.len > 0) {
		writer_byte(&page->out, '"');
		writer_base64url(&page->out, key.ptr, key.len);
		writer_byte(&page->out, '"');
	} else {
		writer_text(&page->out, "null");
	}
}

enum refusal admin_page_end(struct admin_page *page, enum result result, struct slice last, bool more)
{
	if (result != RESULT_OK && !page->full)
		return admin_refuse_result(page->call, result);
	admin_page_close(page, last, more);
	writer_byte(&page->out, '}');
	return admin_reply_json(page->call, 200, &page->out, 0);
}
