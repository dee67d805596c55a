/* The page where a person or a developer ends when there is no way on: what happened, what to do, and the id under which the
 * administrator finds the rest. Nothing of what was sent is repeated but as plain text, and nothing links to it. */
#include "oauth/oauth.h"
#include "signin/page.h"

static void dead_end(struct http_request *request, struct http_reply *reply, const struct refusal_entry *entry, struct slice sentence,
                     const struct partition *partition)
{
	const struct page_look look = {
		.language = language_choose((struct slice) { NULL, 0 }, http_request_header(request, "Accept-Language")),
		.partition = partition,
		.realm = request->segments[0],
	};
	const struct page_value values[] = {
		{ "title", slice_from(entry->title), false },
		{ "what", slice_from(entry->what), false },
		{ "fix", slice_from(entry->fix), false },
		{ "sentence", sentence, false },
		{ "code", slice_from(entry->slug), false },
		{ "request", request->id, false },
	};
	reply->header_count = 0; /* of a page that was begun, its cookies too */
	page_reply(request, reply, entry->status, "dead_end", &look, values, sizeof values / sizeof values[0]);
	reply->error = slice_from(entry->slug);
}

void oauth_refuse_page(struct oauth_call *call, enum refusal refusal, const char *action)
{
	const struct refusal_entry *entry = refusal_entry(refusal);
	dead_end(call->request, call->reply, entry, call->sentence, call->tenant == NULL ? NULL : &call->tenant->partition);
	if (entry->status == 429 || entry->status == 503)
		http_reply_header(call->reply, "Retry-After",
		                  arena_print(call->arena, "%lld", (long long)(call->retry_after_s > 0 ? call->retry_after_s : 1)));
	oauth_note_refusal(call, refusal, action);
}

void oauth_refuse_http_page(struct oauth *oauth, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                            struct http_reply *reply)
{
	const struct refusal_entry *entry = refusal_by_slug(slice_from(slug));
	if (entry == NULL) {
		oauth_refuse_http(oauth, request, status, slug, sentence, reply);
		return;
	}
	struct http_request shown = *request;
	atomic_fetch_add_explicit(&oauth->refused[refusal_of_entry(entry)], 1, memory_order_relaxed);
	dead_end(&shown, reply, entry, slice_from(sentence), NULL);
}
