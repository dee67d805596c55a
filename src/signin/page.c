#include "signin/page.h"

/* Made at build time from pages/ by scripts/embed.py. */
extern const char page_frame[], page_error[], page_errors[], page_front[], page_style_sheet[];
extern const size_t page_frame_size, page_error_size, page_errors_size, page_front_size, page_style_sheet_size;

#define PAGE_VALUES_MAX 32
/* Nothing but our own stylesheet: no script, no frame around us, no foreign form target. */
#define PAGE_POLICY "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

struct page_template {
	const char *name;
	const char *bytes;
	const size_t *size;
};

static const struct page_template templates[] = {
	{ "frame", page_frame, &page_frame_size },
	{ "error", page_error, &page_error_size },
	{ "errors", page_errors, &page_errors_size },
	{ "front", page_front, &page_front_size },
};

static struct slice find_template(const char *name)
{
	for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++)
		if (strcmp(templates[i].name, name) == 0)
			return (struct slice) { templates[i].bytes, *templates[i].size };
	return (struct slice) { NULL, 0 };
}

static void put_value(struct writer *out, struct slice name, const struct page_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!slice_is(name, values[i].name))
			continue;
		if (values[i].html)
			writer_put(out, values[i].text);
		else
			writer_html(out, values[i].text);
		return;
	}
}

static void fill(struct writer *out, struct slice rest, const struct page_value *values, size_t count)
{
	while (rest.len > 0) {
		const char *open = memmem(rest.ptr, rest.len, "{{", 2);
		const char *close = open == NULL ? NULL : memmem(open, rest.len - (size_t)(open - rest.ptr), "}}", 2);
		if (close == NULL) {
			writer_put(out, rest);
			return;
		}
		writer_put(out, slice_first(rest, (size_t)(open - rest.ptr)));
		put_value(out, (struct slice) { open + 2, (size_t)(close - open) - 2 }, values, count);
		rest = slice_skip(rest, (size_t)(close - rest.ptr) + 2);
	}
}

void page_reply(struct http_request *request, struct http_reply *reply, unsigned status, const char *name, const struct page_value *values,
                size_t count)
{
	struct writer content = writer_new(request->arena, 2048);
	fill(&content, find_template(name), values, count);
	struct page_value framed[PAGE_VALUES_MAX];
	size_t framed_count = count < PAGE_VALUES_MAX - 1 ? count : PAGE_VALUES_MAX - 1;
	memcpy(framed, values, framed_count * sizeof *values);
	framed[framed_count++] = (struct page_value) { "content", writer_slice(&content), true };
	struct writer page = writer_new(request->arena, content.len + 1024);
	fill(&page, find_template("frame"), framed, framed_count);
	reply->status = writer_ok(&content) && writer_ok(&page) ? status : 503;
	reply->content_type = SLICE_OF("text/html; charset=utf-8");
	reply->body = writer_ok(&page) ? writer_slice(&page) : (struct slice) { NULL, 0 };
	http_reply_header(reply, "Content-Security-Policy", SLICE_OF(PAGE_POLICY));
	http_reply_header(reply, "X-Frame-Options", SLICE_OF("DENY"));
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}

void page_style(struct http_request *request, struct http_reply *reply)
{
	(void)request;
	reply->content_type = SLICE_OF("text/css; charset=utf-8");
	reply->body = (struct slice) { page_style_sheet, page_style_sheet_size };
	http_reply_header(reply, "Cache-Control", SLICE_OF("public, max-age=3600"));
}
