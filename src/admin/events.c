/* Audit events: pages (JSON, or JSON lines for other programs), and one. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "base/text.h"

#include <stdio.h>

#define LINES_TYPE "application/jsonl"
enum { OBJECT_EXPECTED = 1024, LINES_EXPECTED = 32 * 1024 };

static enum result event_key(struct admin_page *page, const struct stored_event *stored)
{
	char number[24];
	const int len = snprintf(number, sizeof number, "%lld", (long long)stored->number);
	return admin_page_key(page, (struct slice) { number, (size_t)len });
}

static enum result show_event(void *context, const struct stored_event *stored)
{
	struct admin_page *page = context;
	admin_page_item(page);
	event_json(&page->out, stored);
	return event_key(page, stored);
}

static enum result put_line(void *context, const struct stored_event *stored)
{
	struct admin_page *page = context;
	event_json(&page->out, stored);
	writer_byte(&page->out, '\n');
	return event_key(page, stored);
}

/* Is this media type in Accept? Whoever names it means it, whatever its weight. */
static bool wants_lines(const struct http_request *request)
{
	struct slice rest = http_request_header(request, "Accept"), range, type;
	while (slice_cut(&rest, ',', &range)) {
		if (!slice_cut(&range, ';', &type))
			continue;
		type = slice_trim(type);
		if (text_equal_folded(type, SLICE_OF(LINES_TYPE)) || text_equal_folded(type, SLICE_OF("application/x-ndjson")))
			return true;
	}
	return false;
}

static enum refusal events_wish_read(struct admin_call *call, const struct partition_id *partition, struct events_wish *ret)
{
	const struct admin_query *query = &call->query;
	*ret = (struct events_wish) {
		.partition = partition, .from_ms = query->from_ms, .to_ms = query->to_ms, .action = query->action, .result = query->result,
		.actor = query->actor, .object = query->object, .request_id = query->request_id, .limit = query->limit,
	};
	if (query->after.len > 0 && text_to_int(query->after, INT64_MAX, &ret->before) != RESULT_OK)
		return admin_refuse_parameter(call, "cursor",
		                              "The parameter cursor is none that a page of events gave: send the next of the page before, or none.");
	return REFUSAL_NONE;
}

/* Where the next page is, for who has no place for it in the body (RFC 8288). */
static void link_next(struct admin_call *call, struct slice last)
{
	struct writer link = writer_new(call->arena, 512);
	writer_byte(&link, '<');
	writer_put(&link, call->oauth.oauth->auth_url);
	writer_put(&link, call->request->path);
	writer_byte(&link, '?');
	struct slice rest = call->request->query, part;
	while (slice_cut(&rest, '&', &part)) {
		if (part.len == 0 || slice_starts_with(part, SLICE_OF("cursor=")))
			continue;
		writer_put(&link, part);
		writer_byte(&link, '&');
	}
	writer_text(&link, "cursor=");
	writer_base64url(&link, last.ptr, last.len);
	writer_text(&link, ">; rel=\"next\"");
	if (writer_ok(&link))
		http_reply_header(call->reply, "Link", writer_slice(&link));
}

/* Where to go on: what the store says, or where a page that is long enough ended. */
static struct slice last_of(struct admin_call *call, const struct admin_page *page, int64_t last)
{
	if (page->full)
		return (struct slice) { page->last, page->last_len };
	return last == 0 ? (struct slice) { NULL, 0 } : arena_print(call->arena, "%lld", (long long)last);
}

static enum refusal reply_lines(struct admin_call *call, const struct events_wish *wish)
{
	struct admin_page page = { .call = call, .out = writer_new(call->scratch, LINES_EXPECTED) };
	int64_t last = 0;
	const enum result result = store_events_page(admin_store(call), wish, put_line, &page, &last);
	if (result != RESULT_OK && !page.full)
		return admin_refuse_result(call, result);
	enum refusal refusal = admin_reply_json(call, 200, &page.out, 0);
	if (refusal != REFUSAL_NONE)
		return refusal;
	call->reply->content_type = SLICE_OF(LINES_TYPE);
	const struct slice next = last_of(call, &page, last);
	if (next.len > 0)
		link_next(call, next);
	return REFUSAL_NONE;
}

static enum refusal list(struct admin_call *call, const struct partition_id *partition)
{
	struct events_wish wish;
	struct admin_page page;
	int64_t last = 0;
	enum refusal refusal = events_wish_read(call, partition, &wish);
	if (refusal != REFUSAL_NONE)
		return refusal;
	http_reply_header(call->reply, "Vary", SLICE_OF("Accept"));
	if (wants_lines(call->request))
		return reply_lines(call, &wish);
	admin_page_begin(call, &page);
	const enum result result = store_events_page(admin_store(call), &wish, show_event, &page, &last);
	return admin_page_end(&page, result, last_of(call, &page, last), last != 0);
}

enum refusal admin_events_list(struct admin_call *call)
{
	return list(call, &call->partition);
}

enum refusal admin_all_events_list(struct admin_call *call)
{
	return list(call, NULL);
}

/* ---- one ----------------------------------------------------------------------------------------------------------------------- */

struct event_reading {
	struct writer body;
	int64_t number;
	bool found;
};

static enum result show_sole(void *context, const struct stored_event *stored)
{
	struct event_reading *reading = context;
	if (stored->number != reading->number)
		return RESULT_OK;
	reading->found = true;
	event_json(&reading->body, stored);
	return RESULT_OK;
}

enum refusal admin_event_read(struct admin_call *call)
{
	struct event_reading reading = { .body = writer_new(call->scratch, OBJECT_EXPECTED) };
	int64_t last;
	if (text_to_int(call->keys[0], INT64_MAX - 1, &reading.number) != RESULT_OK || reading.number == 0)
		return admin_refuse_missing(call);
	const struct events_wish wish = { .partition = &call->partition, .before = reading.number + 1, .limit = 1 };
	const enum result result = store_events_page(admin_store(call), &wish, show_sole, &reading, &last);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	return reading.found ? admin_reply_json(call, 200, &reading.body, 0) : admin_refuse_missing(call);
}
