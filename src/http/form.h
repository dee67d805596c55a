/* application/x-www-form-urlencoded, in bodies and queries (WHATWG URL §5, RFC 6749 appendix B). */
#ifndef WRIT_HTTP_FORM_H
#define WRIT_HTTP_FORM_H

#include "base/arena.h"
#include "base/result.h"

struct form_field {
	struct slice name;
	struct slice value; /* decoded; may be empty */
	bool malformed;     /* only in what form_parse_lenient gives: value is empty, name too if it could not be decoded */
};

struct form {
	const struct form_field *fields;
	size_t count;
};

/* Splits at '&', decodes names and values. Empty pieces ("a=1&&b=2") are skipped.
 * RESULT_INVALID: a stray '%', NUL, a control character, invalid UTF-8 in a name or value; RESULT_TOO_LARGE: more than
 * LIMIT_PARAMETERS fields, or the arena is full. problem: a sentence in printable ASCII without quotes; names of
 * parameters stand in it only if they are printable. */
MUST_CHECK enum result form_parse(struct arena *, struct slice text, struct form *ret, struct problem *);

/* The same, but a field that form_parse would refuse with RESULT_INVALID is kept, marked as malformed: for who must answer in a
 * way that depends on the other fields. RESULT_TOO_LARGE as above. */
MUST_CHECK enum result form_parse_lenient(struct arena *, struct slice text, struct form *ret, struct problem *);

/* The first field of that name, and how many there are; NULL and 0 when there is none. */
const struct form_field *form_find(const struct form *, const char *name, size_t *ret_count);

/* True for "application/x-www-form-urlencoded" with or without parameters, in any case. */
bool form_content_type(struct slice content_type);

/* ---- legality tables: which parameter, where, how long, at most once ---------------------------------------- */

struct parameter_rule {
	struct slice name;
	unsigned places; /* bits of the endpoint's own enum: where it is read */
	size_t size_max; /* bytes of the decoded value */
	size_t offset;   /* of a struct slice in the endpoint's typed struct */
};
#define PARAMETER_MAY_REPEAT ((size_t)-1) /* as offset: it may come more than once and is not kept */

/* Fills the struct at target. Every parameter, known or not, may come only once (RFC 6749 §3.1), those with
 * PARAMETER_MAY_REPEAT excepted; one without a value counts as absent (ptr stays NULL); unknown ones and those of other
 * places are ignored. RESULT_INVALID: one given twice; RESULT_TOO_LARGE: one over its size. problem as above. */
MUST_CHECK enum result parameters_read(const struct parameter_rule *rules, size_t rule_count, unsigned place,
                                       const struct form *, void *target, struct problem *);

#endif
