/* What was counted: rows of minutes, hours or days, told apart by one thing. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/operations.h"
#include "base/clock.h"

/* REPLY_MAX: the reply is copied into the request's own memory, where the rest of it needs some too. */
enum { ROWS_EXPECTED = 16 * 1024, DAY_S = 24 * 3600, REPLY_MAX = LIMIT_REQUEST_ARENA_MAX - 256 * 1024 };

struct statistics_reply {
	struct writer body;
	enum statistic_by by;
	size_t count;
};

static enum result show_row(void *context, const struct statistic *row)
{
	struct statistics_reply *reply = context;
	const struct slice keys[] = { [BY_NOTHING] = SLICE(""), [BY_FLOW] = row->flow, [BY_CLIENT] = row->client_id, [BY_REASON] = row->reason };
	writer_text(&reply->body, reply->count++ > 0 ? ",{" : "{");
	json_member_time(&reply->body, "at", row->at);
	writer_json_member(&reply->body, "key", keys[reply->by]);
	writer_json_member_int(&reply->body, "count", row->count);
	writer_byte(&reply->body, '}');
	return writer_ok(&reply->body) && writer_slice(&reply->body).len < REPLY_MAX ? RESULT_OK : RESULT_TOO_LARGE;
}

static void write_asked(struct writer *body, const struct statistics_wish *wish)
{
	writer_byte(body, '{');
	json_member_time(body, "from", wish->from);
	json_member_time(body, "to", wish->to);
	writer_json_member(body, "step", slice_from(admin_query_word(PARAMETER_STEP, (int)wish->step)));
	writer_json_member(body, "by", slice_from(admin_query_word(PARAMETER_BY, (int)wish->by)));
	writer_json_member(body, "measure", slice_from(admin_query_word(PARAMETER_MEASURE, (int)wish->measure)));
	writer_json_key(body, "rows");
	writer_byte(body, '[');
}

enum refusal admin_statistics_read(struct admin_call *call)
{
	const struct admin_query *query = &call->query;
	if (query->measure == 0)
		return admin_refuse_parameter(call, "measure",
		                              "The parameter measure is missing: send tokens_issued, tokens_refused, sign_ins or sign_ins_failed.");
	const int64_t to = query->to_ms > 0 ? query->to_ms / 1000 : clock_s();
	const struct statistics_wish wish = {
		.measure = (enum statistic_measure)query->measure,
		.step = query->step == 0 ? STEP_HOUR : (enum statistic_step)query->step,
		.by = query->by < 0 ? BY_NOTHING : (enum statistic_by)query->by,
		.from = query->from_ms > 0 ? query->from_ms / 1000 : to > DAY_S ? to - DAY_S : 0,
		.to = to,
	};
	struct statistics_reply reply = { .body = writer_new(call->scratch, ROWS_EXPECTED), .by = wish.by };
	write_asked(&reply.body, &wish);
	const enum result result = store_statistics_each(admin_store(call), &call->partition, &wish, show_row, &reply);
	if (result == RESULT_TOO_LARGE)
		return admin_refuse_parameter(call, "step", "There are too many rows between from and to: ask for a longer step, or for less time.");
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	writer_text(&reply.body, "]}");
	return admin_reply_json(call, 200, &reply.body, 0);
}
