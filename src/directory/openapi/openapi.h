/* Reads an OpenAPI 3.0 or 3.1 document (YAML or JSON) into the operations of an API (contract.md §5): what matters of it is
 * servers, security, and the paths. One pass over the parser's events (directory/document.h), memory bounded by
 * LIMIT_OPENAPI_MEMORY, so hostile documents cost little.
 *
 * Two steps, since what the document is to be filled with may stand behind it: openapi_parse takes it in, openapi_compile makes
 * operations of it. */
#ifndef WRIT_DIRECTORY_OPENAPI_OPENAPI_H
#define WRIT_DIRECTORY_OPENAPI_OPENAPI_H

#include "base/arena.h"
#include "directory/document.h"
#include "store/model.h"

/* A document as it was read, nothing filled in. */
struct openapi;

/* What does not stop the import: "FILE:LINE: sentence". Of each kind of sentence only the first LIMIT_OPENAPI_WARNINGS are told. */
struct openapi_warner {
	void (*warned)(void *context, const char *sentence); /* may be NULL */
	void *context;
};

/* Takes in the document's next value: all of a file of its own, which is then at its end, or a mapping inside of an apply document, where
 * aliases are refused as everywhere in it.
 * arena   what ret points into; LIMIT_OPENAPI_MEMORY should be its bound.
 * RESULT_INVALID, RESULT_TOO_LARGE: document_problem says "FILE:LINE: what, and what to do". */
MUST_CHECK enum result openapi_parse(struct document *, const struct openapi_warner *, struct arena *, struct openapi **ret);

struct openapi_pair {
	struct slice name, value;
};

struct openapi_options {
	const struct openapi_pair *values; /* what ${NAME} stands for */
	size_t value_count;
	const struct openapi_pair *actors; /* security scheme -> api_actor_name; checked by the caller */
	size_t actor_count;
	struct slice permission_prefix;    /* taken off scopes; empty: none */
};

struct openapi_report {
	size_t alternatives;             /* of all operations */
	size_t closed;                   /* operations that nobody may call */
	size_t scheme_count;             /* security schemes that are used and have no actor */
	const struct slice *schemes_without_actor;
	size_t scope_count;              /* scopes that are named, sorted, once, without the prefix; .default and those of OpenID Connect apart */
	const struct slice *scopes;
	const unsigned *scope_lines;     /* where each was named first */
	const unsigned *operation_lines; /* of each operation of the api, in its order */
};

/* document   that it was parsed from, for its name and its problem.
 * ret        sorted, with its digest; name and version are the caller's. Everything lives in the arena of openapi_parse. */
MUST_CHECK enum result openapi_compile(struct document *, struct openapi *, const struct openapi_options *, struct api *ret,
                                       struct openapi_report *);

/* SHA-256 of all operations: what openapi_compile leaves in ret->digest. */
struct hash32 openapi_digest(const struct api *);

#endif
