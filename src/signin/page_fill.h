/* Filling templates and texts: the one place where a value meets HTML.
 *
 *     {{name}}                  the value, escaped unless it is marked as html
 *     {{text:key}}              the text of that key, filled with the same values
 *     {{text:key:name}}         the text of key.VALUE, VALUE being that of name, where there is one; else of key
 *     {{#name}}…{{/name}}       only where the value is not empty
 *     {{^name}}…{{/name}}       only where it is
 *
 * Texts hold {{name}} only. What a value brings along is never read as a template. */
#ifndef WRIT_SIGNIN_PAGE_FILL_H
#define WRIT_SIGNIN_PAGE_FILL_H

#include "signin/page.h"

void page_fill(struct writer *, const struct language *, struct slice source, const struct page_value *, size_t count);

#endif
