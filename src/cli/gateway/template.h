/* The configurations of reverse proxies as templates: {{name}} is a value, the lines between {{#name}} and {{/name}} (each a line of
 * its own) stand once for each row, so not at all where there is none. Nothing is escaped: values are judged before, so that they mean
 * nothing in any of the languages (proxy_facts.h). */
#ifndef WRIT_CLI_GATEWAY_TEMPLATE_H
#define WRIT_CLI_GATEWAY_TEMPLATE_H

#include "base/result.h"
#include "base/slice.h"

#include <stdio.h>

struct template_field;

/* The names that are known at a place; what is not found here is looked for around it. */
struct template_scope {
	const struct template_field *fields;
	size_t count;
};

struct template_field {
	const char *name;
	struct slice text;                 /* a value, */
	const struct template_scope *rows; /* or a section's rows; NULL with no rows, too */
	size_t row_count;
};

/* RESULT_INVALID: a name that no scope knows or a section without an end, which is the template's mistake; what stands before it is
 * written by then. */
MUST_CHECK enum result template_write(struct slice text, const struct template_scope *, FILE *out);

#endif
