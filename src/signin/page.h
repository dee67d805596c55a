/* Pages for people: HTML templates of pages/, texts of pages/texts/, one stylesheet; embedded in the binary, filled here and
 * nowhere else.
 *
 * In a template and in a text, {{name}} is replaced by the value of that name, escaped; a value marked as html is put as it is
 * and must come from this program, never from outside. {{text:key}} is replaced by the text of that key in the
 * page's language, filled the same way. A name without a value becomes nothing. {{partition}} is the name of the look's
 * partition on every page. The rest of the notation stands in signin/page_fill.h. */
#ifndef WRIT_SIGNIN_PAGE_H
#define WRIT_SIGNIN_PAGE_H

#include "base/writer.h"
#include "http/http.h"
#include "signin/language.h"
#include "store/model.h"

#define PAGE_VALUES_MAX 32

struct page_value {
	const char *name;
	struct slice text;
	bool html;
};

/* How a page looks and what it may do. All zero: English, without a partition, the strictest policy. */
struct page_look {
	const struct language *language;   /* NULL: English */
	const struct partition *partition; /* its name, colour and logo; NULL: the server's own look */
	struct slice realm;                /* "TMPRODB88619984-U", with a partition: where its colours are served */
	/* Browsers hold the policy's form-action against redirects that follow a form too, and the client application's own
	 * ones after those: so the sign-in, consent and form_post pages set no form-action; all others may post to us only. */
	bool posts_lead_away;
	bool may_be_framed;                /* it does nothing but post to the client, for a renewal in a frame */
	bool posts_to_client;              /* the form_post page: its own script by hash */
};

/* Fills the template pages/{name}.html into the frame pages/frame.html and makes it the reply, with the headers that
 * every page of ours carries: a content security policy without (foreign) script, no framing, no caching. The title is
 * {{text:NAME.title}} where there is such a text (for a dead end that of its "code"), else "title" among the values. */
void page_reply(struct http_request *, struct http_reply *, unsigned status, const char *name, const struct page_look *,
                const struct page_value *, size_t count);

/* Appends one filled template without frame or headers: rows and items of lists. */
void page_append(struct writer *, const char *name, const struct page_look *, const struct page_value *, size_t count);

/* A text of the catalogue, filled, in the arena: for values that are texts themselves. Html. A key like sign_in.problem_wrong
 * gives a text that looks like a problem and not like a notice. */
struct slice page_text(struct arena *, const struct page_look *, const char *key, const struct page_value *, size_t count);

/* The one stylesheet, cacheable. */
void page_style(struct http_request *, struct http_reply *);
#define PAGE_STYLE_PATH "/assets/writ.css"

/* A partition's colours as a stylesheet, cacheable for minutes: the accent and what can be read on it, for light and dark,
 * with the contrast of WCAG 2.1 AA whatever colour was chosen. */
void page_brand_style(struct http_request *, struct http_reply *, const struct partition *);
/* under /system/auth/{realm} */
#define PAGE_BRAND_PATH "/brand.css"

#endif
