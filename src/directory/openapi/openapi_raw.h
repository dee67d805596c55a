/* What openapi_parse leaves for openapi_compile: the parts of the document that matter, as they are written. The inside of
 * directory/openapi/ alone. Everything lives in the arena. */
#ifndef WRIT_DIRECTORY_OPENAPI_RAW_H
#define WRIT_DIRECTORY_OPENAPI_RAW_H

#include "directory/openapi/openapi.h"

struct raw_scope {
	struct raw_scope *next;
	struct slice name;
	unsigned line;
};

struct raw_scheme {
	struct raw_scheme *next;
	struct slice name;
	struct raw_scope *scopes;
};

struct raw_alternative {
	struct raw_alternative *next;
	struct raw_scheme *schemes; /* all of them are needed; none: {} */
	unsigned line;
};

/* One for all that say the same: operations repeat it again and again. Lines are those of the first. */
struct raw_security {
	struct raw_security *next; /* of the same bucket */
	struct slice text;         /* what it says, for comparing */
	struct raw_alternative *alternatives;
	bool compiled;
	const struct api_alternative *ret;
	size_t ret_count, ret_size; /* bytes of text */
};

struct raw_variable {
	struct raw_variable *next;
	struct slice name, value; /* value: the default; ptr NULL: none */
	unsigned line;
};

struct raw_server {
	struct raw_server *next;
	struct slice url;
	struct raw_variable *variables;
	unsigned line;
};

struct raw_servers {
	struct raw_server *first;
	bool compiled;
	const struct slice *base_paths; /* distinct, normalised; "" for the root */
	size_t base_path_count;
};

struct raw_operation {
	struct raw_operation *next;
	struct slice method;
	unsigned line;
	struct slice operation_id, summary;
	struct raw_security *security; /* NULL: that of the document */
	struct raw_servers *servers;   /* NULL: those of the path */
};

/* A path item: of paths, or of components/pathItems, by its name. */
struct raw_path {
	struct raw_path *next;
	struct slice key;
	unsigned line;
	struct slice reference; /* ptr NULL: none */
	unsigned reference_line;
	struct raw_servers *servers; /* NULL: those of the document */
	struct raw_operation *operations, **end;
};

struct raw_paths {
	struct raw_path *first, **end;
	size_t count;
	const struct raw_path **sorted; /* by key, once compiled */
};

/* ${NAME}, where it is neither in servers nor in a scope nor in a path. */
struct raw_placeholder {
	struct slice name;
	unsigned line;
};
enum { PLACEHOLDERS_NOTED = 64, WARNING_KINDS = 8, SECURITY_BUCKETS = 16384 };

enum warning_kind { WARN_CLOSED, WARN_ALTERNATIVE, WARN_SCHEME, WARN_PLACEHOLDER, WARN_VALUE, WARN_KEY };

struct openapi {
	struct arena *arena;
	struct openapi_warner warner;
	size_t warned[WARNING_KINDS];
	struct raw_paths paths, path_items;
	struct raw_servers *servers;
	struct raw_security *security;
	struct raw_security **known; /* SECURITY_BUCKETS of them */
	struct arena *scratch;       /* of one security, while it is read */
	size_t operation_count;
	struct raw_placeholder placeholders[PLACEHOLDERS_NOTED];
	size_t placeholder_count;
	struct slice version; /* of OpenAPI; ptr NULL: not said */
	unsigned version_line;
	int64_t started_at; /* byte of the document, */
	int64_t size_max;   /* and how many may follow */
};

/* Failures that look alike everywhere. */
MUST_CHECK enum result openapi_no_memory(struct document *);
void openapi_warn(struct openapi *, struct document *, enum warning_kind, unsigned line, const char *format, ...) PRINTF_LIKE(5, 6);

/* ---- parsing a mapping by its legality table ---- */

struct openapi_key {
	const char *name;
	/* NULL: it is skipped. object is the mapping's. */
	enum result (*read)(struct document *, struct openapi *, void *object);
};
/* Each key at most once, merge keys (<<) refused. Other keys are skipped, unless unknown refuses them: when not NULL, it is asked about
 * those that do not begin with "x-", and may peek at their values. At most 32 keys. */
MUST_CHECK enum result openapi_mapping(struct document *, struct openapi *, const char *what, const struct openapi_key *, size_t count, void *object,
                                       enum result (*unknown)(struct document *, struct openapi *, struct slice key));
/* A text, copied into the arena. */
MUST_CHECK enum result openapi_text(struct document *, struct openapi *, const char *what, struct slice *ret);
/* Refuses "<<", which some readers take for the keys of another mapping. */
MUST_CHECK enum result openapi_key_judge(struct document *, struct slice key);

/* openapi_security.c, openapi_servers.c: servers and security are read alike at each level. at: where to keep them. */
MUST_CHECK enum result openapi_security_parse(struct document *, struct openapi *, struct raw_security **at);
/* openapi_known.c: the one that says the same as alternatives, which live in the scratch arena. NULL: memory is out. */
MUST_CHECK struct raw_security *openapi_security_known(struct openapi *, const struct raw_alternative *alternatives);
MUST_CHECK enum result openapi_servers_parse(struct document *, struct openapi *, struct raw_servers **at);

/* ---- compiling ---- */

struct named_line {
	struct slice name;
	unsigned line;
};

struct compiling {
	struct document *document;
	struct openapi *openapi;
	const struct openapi_options *options;
	bool *value_used;
	struct named_line *scopes; /* as they come */
	size_t scope_count, scope_capacity;
	struct named_line *schemes; /* without an actor, once each */
	size_t scheme_count, scheme_capacity;
};

/* Room for one more in an array of the arena; false when it is exhausted. */
MUST_CHECK bool openapi_grow(struct arena *, void **items, size_t *capacity, size_t count, size_t size);

/* ${NAME} filled in. missing   the first name without a value; ptr NULL: all have one. */
MUST_CHECK enum result openapi_fill(struct compiling *, struct slice text, struct slice *ret, struct slice *missing);
/* The same, refusing what has no value; what: "a scope". */
MUST_CHECK enum result openapi_fill_all(struct compiling *, const char *what, unsigned line, struct slice text, struct slice *ret);
/* The same for a path, where it is a warning: what has no value is taken as it is written, which no call is, and not for what varies. */
MUST_CHECK enum result openapi_fill_path(struct compiling *, unsigned line, struct slice text, struct slice *ret);
/* Notes the placeholders of a text that is skipped. */
void openapi_placeholders_note(struct openapi *, struct slice text, unsigned line);
/* Warns of those without a value, and of values that are not asked for. */
void openapi_placeholders_judge(struct compiling *);

/* Fills in security->ret. */
MUST_CHECK enum result openapi_security_compile(struct compiling *, struct raw_security *);
/* Behind all others: what no operation uses must have values for its scopes too. */
MUST_CHECK enum result openapi_security_unused_judge(struct compiling *);
/* Fills in servers->base_paths; NULL is the root alone. */
MUST_CHECK enum result openapi_servers_compile(struct compiling *, struct raw_servers *);

#endif
