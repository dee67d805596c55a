#include "jose/master_key_open.h"

#include <stdio.h>

#define PATH_MAX_SIZE 4096

static enum result key_path(struct slice store_url, const char *file, char path[PATH_MAX_SIZE], struct problem *problem)
{
	struct slice store_path = store_url_path(store_url);
	int length;
	if (file != NULL && *file != '\0')
		length = snprintf(path, PATH_MAX_SIZE, "%s", file);
	else if (store_path.ptr != NULL)
		length = snprintf(path, PATH_MAX_SIZE, "%.*s.key", SLICE_ARGS(store_path));
	else
		return problem_set(problem, RESULT_INVALID, "this store needs a master key file: name it with --master-key FILE or WRIT_MASTER_KEY_FILE");
	if (length < 0 || length >= PATH_MAX_SIZE)
		return problem_set(problem, RESULT_INVALID, "the path of the master key is too long");
	return RESULT_OK;
}

enum result master_key_open(struct store *store, struct slice store_url, const char *file, bool may_make, struct master_key *ret,
                            struct problem *problem)
{
	char path[PATH_MAX_SIZE];
	bool has_key;
	enum result result = key_path(store_url, file, path, problem);
	if (result != RESULT_OK)
		return result;
	result = master_key_is_set(store, &has_key);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the store does not say which master key it belongs to: %s", result_text(result));
	struct master_key key = { .secret = { .bytes = { 0 } } };
	result = master_key_load(path, may_make && !has_key, &key, problem);
	if (result == RESULT_OK)
		result = master_key_check(&key, store, may_make, problem);
	if (result == RESULT_OK)
		*ret = key;
	master_key_wipe(&key);
	return result;
}
