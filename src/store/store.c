#include "store/sqlite_store.h"

static const struct slice sqlite_scheme = SLICE("sqlite:");

struct slice store_url_path(struct slice url)
{
	if (!slice_starts_with(url, sqlite_scheme))
		return (struct slice) { NULL, 0 };
	return slice_skip(url, sqlite_scheme.len);
}

/* Which backend a URL names: the one place that knows. */
enum result store_open(struct slice url, enum store_mode mode, struct store **ret, struct problem *problem)
{
	static const struct slice postgres[] = { SLICE("postgresql://"), SLICE("postgres://") };
	for (size_t i = 0; i < sizeof(postgres) / sizeof(postgres[0]); i++)
		if (slice_starts_with(url, postgres[i]))
			return problem_set(problem, RESULT_INVALID,
			                   "this writ was built without PostgreSQL: use --store sqlite:PATH");
	struct slice path = store_url_path(url);
	if (path.ptr == NULL)
		return problem_set(problem, RESULT_INVALID, "%.*s is no store URL: write --store sqlite:PATH",
		                   (int)(url.len < 256 ? url.len : 256), url.ptr == NULL ? "" : url.ptr);
	if (path.len == 0 || path.len > 2048 || memchr(path.ptr, '\0', path.len) != NULL)
		return problem_set(problem, RESULT_INVALID, "the store URL needs a path: write --store sqlite:PATH");
	return sqlite_open(path, mode, ret, problem);
}
