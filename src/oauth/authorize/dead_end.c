/* The page where a person or a developer ends when there is no way on: what happened, what to do, and the id under which the
 * administrator finds the rest. Nothing of what was sent is repeated but as plain text, and nothing links to it. */
#include "oauth/oauth.h"
#include "signin/page.h"

void oauth_refuse_page(struct oauth_call *call, enum refusal refusal, const char *action)
{
	const struct refusal_entry *entry = refusal_entry(refusal);
	const struct page_look look = {
		.language = language_choose((struct slice) { NULL, 0 }, http_request_header(call->request, "Accept-Language")),
		.partition = call->tenant == NULL ? NULL : &call->tenant->partition,
		.realm = call->request->segments[0],
	};
	const struct page_value values[] = {
		{ "title", slice_from(entry->title), false },
		{ "what", slice_from(entry->what), false },
		{ "fix", slice_from(entry->fix), false },
		{ "sentence", call->sentence, false },
		{ "code", slice_from(entry->slug), false },
		{ "request", call->request->id, false },
	};
	call->reply->header_count = 0; /* of a page that was begun, its cookies too */
	page_reply(call->request, call->reply, entry->status, "dead_end", &look, values, sizeof values / sizeof values[0]);
	call->reply->error = slice_from(entry->slug);
	if (entry->status == 429 || entry->status == 503)
		http_reply_header(call->reply, "Retry-After", arena_print(call->arena, "%lld", (long long)(call->retry_after_s > 0 ? call->retry_after_s : 1)));
	oauth_note_refusal(call, refusal, action);
}
