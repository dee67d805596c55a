/* The YAML file of --config: one flat mapping of the keys of config_keys, with _ for -. */
#include "base/limits.h"
#include "base/text.h"
#include "base/writer.h"
#include "directory/apply_nearest.h"
#include "directory/document.h"
#include "server/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool same_key(struct slice in_file, const char *flag)
{
	if (in_file.len != strlen(flag))
		return false;
	for (size_t i = 0; i < in_file.len; i++)
		if (in_file.ptr[i] != (flag[i] == '-' ? '_' : flag[i]))
			return false;
	return true;
}

/* Flags belong to one start of the program, and a file cannot name another. */
static bool in_file(const struct config_key *key)
{
	return key->kind != CONFIG_FLAG && key->offset != offsetof(struct config, config_file);
}

static enum result unknown_key(struct document *document, struct slice name)
{
	char names[64][NEAREST_SIZE];
	struct nearest nearest = nearest_to(name);
	for (size_t i = 0; i < config_key_count && i < 64; i++) {
		if (!in_file(&config_keys[i]))
			continue;
		text_copy(names[i], sizeof names[i], slice_from(config_keys[i].name));
		for (char *c = names[i]; *c != '\0'; c++)
			*c = *c == '-' ? '_' : *c;
		nearest_offer(&nearest, slice_from(names[i]));
	}
	bool near = nearest.name.len > 0;
	return document_fail(document, document_line(document), RESULT_INVALID, "unknown key %.*s%s%.*s%s", SLICE_ARGS(slice_first(name, 64)),
	                     near ? ": did you mean " : ": see writ serve --help for the keys", SLICE_ARGS(nearest.name), near ? "?" : "");
}

/* What flags and environment set stays. */
static enum result set_scalar(struct document *document, const struct config_key *key, void *member, struct arena *arena)
{
	struct document_scalar value;
	enum result result = document_scalar(document, key->name, &value);
	if (result != RESULT_OK || document_scalar_is_null(&value))
		return result;
	if (key->kind == CONFIG_NUMBER) {
		int64_t number;
		if (text_to_int(value.text, key->maximum, &number) != RESULT_OK)
			return document_fail(document, document_line(document), RESULT_INVALID, "%s must be a number from 0 to %lld", key->name,
			                     (long long)key->maximum);
		int64_t *target = member;
		*target = *target < 0 ? number : *target;
		return RESULT_OK;
	}
	const char **text = member;
	if (*text == NULL)
		*text = arena_copy(arena, value.text).ptr;
	return *text != NULL ? RESULT_OK : document_fail(document, document_line(document), RESULT_TOO_LARGE, "%s is too long", key->name);
}

/* trusted_proxies may be a list. */
static enum result set_list(struct document *document, const struct config_key *key, const char **member, struct arena *arena)
{
	bool more;
	struct writer joined = writer_new(arena, 256);
	enum result result = document_list(document, key->name);
	while (result == RESULT_OK && (result = document_item(document, &more)) == RESULT_OK && more) {
		struct document_scalar value;
		result = document_scalar(document, key->name, &value);
		if (result == RESULT_OK) {
			writer_put(&joined, value.text);
			writer_byte(&joined, ' ');
		}
	}
	writer_byte(&joined, '\0');
	if (result == RESULT_OK && !writer_ok(&joined))
		return document_fail(document, document_line(document), RESULT_TOO_LARGE, "%s is too long", key->name);
	if (result == RESULT_OK && *member == NULL)
		*member = joined.bytes;
	return result;
}

static enum result read_key(struct config *config, struct document *document, struct slice name, uint64_t *seen, struct arena *arena)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		void *member = (char *)config + key->offset;
		if (!in_file(key) || !same_key(name, key->name))
			continue;
		if ((*seen & UINT64_C(1) << i) != 0)
			return document_fail(document, document_line(document), RESULT_INVALID, "the key %.*s stands here twice: keep one", SLICE_ARGS(name));
		*seen |= UINT64_C(1) << i;
		enum document_kind kind;
		enum result result = document_peek(document, &kind);
		if (result != RESULT_OK)
			return result;
		return kind == DOCUMENT_LIST && key->offset == offsetof(struct config, trusted_proxies) ? set_list(document, key, member, arena)
		                                                                                        : set_scalar(document, key, member, arena);
	}
	return unknown_key(document, name);
}

static enum result read_document(struct config *config, struct document *document, struct arena *arena)
{
	struct slice key;
	bool more;
	uint64_t seen = 0; /* bits of config_keys */
	enum result result = document_mapping(document, "the configuration");
	while (result == RESULT_OK && (result = document_key(document, &key, &more)) == RESULT_OK && more) {
		struct slice name = arena_copy(arena, key);
		result = read_key(config, document, name, &seen, arena);
	}
	return result == RESULT_OK ? document_finish(document) : result;
}

enum result config_read_file(struct config *config, const char *file, struct arena *arena, struct problem *problem)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0) {
		int error = errno;
		if (fd >= 0)
			close(fd);
		return problem_set(problem, RESULT_NOT_FOUND, "the configuration file %s cannot be read: %s", file, strerror(error));
	}
	enum result result = RESULT_INVALID;
	struct document *document = status.st_size > LIMIT_CONFIG_SIZE ? NULL : document_open(fd, 0, file);
	if (document == NULL) {
		result = problem_set(problem, RESULT_INVALID, "the configuration file %s is too large", file);
	} else {
		struct config merged = *config;
		result = read_document(&merged, document, arena);
		if (result == RESULT_OK)
			*config = merged;
		else
			result = problem_set(problem, RESULT_INVALID, "%s", document_problem(document)->text);
	}
	document_close(document);
	close(fd);
	return result;
}
