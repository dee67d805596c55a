/* Pages for people: HTML templates of pages/, embedded in the binary, filled here and nowhere else.
 *
 * {{name}} in a template is replaced by the value of that name, escaped; a value marked as html is put as it is and must
 * come from this program, never from outside. A name without a value becomes nothing. */
#ifndef WRIT_SIGNIN_PAGE_H
#define WRIT_SIGNIN_PAGE_H

#include "base/writer.h"
#include "http/http.h"

struct page_value {
	const char *name;
	struct slice text;
	bool html;
};

/* Fills the template pages/{name}.html into the frame pages/frame.html and makes it the reply, with the headers that
 * every page of ours carries: a content security policy without script, no framing, no caching. */
void page_reply(struct http_request *, struct http_reply *, unsigned status, const char *name, const struct page_value *, size_t count);

/* The one stylesheet, cacheable. */
void page_style(struct http_request *, struct http_reply *);
#define PAGE_STYLE_PATH "/assets/writ.css"

#endif
