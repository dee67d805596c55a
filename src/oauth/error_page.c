/* The page behind every error_uri: what happened and what to do, from the same table as the error itself. */
#include "oauth/oauth.h"
#include "signin/page.h"

/* RFC 6750 §3.1 wants none where no token came. */
static const char *error_name(const struct refusal_entry *entry)
{
	return entry->error[0] == '\0' ? "none" : entry->error;
}

void oauth_error_page(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	static const struct refusal_entry none = { 404, "invalid_request", "", "There is no such error",
		"This page explains an error of the authorization server, but not one that this version knows.",
		"Look at the list of errors, and check the address." };
	(void)oauth;
	const struct refusal_entry *entry = refusal_by_slug(request->segments[0]);
	if (entry == NULL)
		entry = &none;
	const struct page_value values[] = {
		{ "title", slice_from(entry->title), false },
		{ "error", slice_from(error_name(entry)), false },
		{ "status", arena_print(request->arena, "%u", entry->status), false },
		{ "what", slice_from(entry->what), false },
		{ "fix", slice_from(entry->fix), false },
	};
	page_reply(request, reply, entry == &none ? 404 : 200, "error", NULL, values, sizeof values / sizeof values[0]);
}

void oauth_error_index(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	(void)oauth;
	struct writer rows = writer_new(request->arena, 8192);
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
		const struct refusal_entry *entry = refusal_entry((enum refusal)i);
		writer_print(&rows, "<tr><td><a href=\"/errors/%s\">%s</a></td><td><code>%s</code></td><td>%u</td></tr>\n", entry->slug, entry->title,
		             error_name(entry), entry->status);
	}
	const struct page_value values[] = { { "title", SLICE_OF("Errors"), false }, { "rows", writer_slice(&rows), true } };
	page_reply(request, reply, 200, "errors", NULL, values, 2);
}
