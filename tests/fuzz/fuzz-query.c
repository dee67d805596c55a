/* A request target from its first byte to the typed parameters of its query. */
#include "fuzz.h"

#include "base/limits.h"
#include "base/text.h"
#include "http/form.h"
#include "http/request.h"

struct typed {
	struct slice user_type;
	struct slice domain_hint;
};

static const struct parameter_rule rules[] = {
	{ SLICE("user_type"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct typed, user_type) },
	{ SLICE("domain_hint"), 1, LIMIT_SHORT_PARAMETER, offsetof(struct typed, domain_hint) },
};

static bool is_inside(struct slice part, struct slice whole)
{
	return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void read_query(struct arena *arena, struct slice query)
{
	struct form form;
	struct typed typed = { .user_type = { NULL, 0 } };
	if (form_parse(arena, query, &form, NULL) != RESULT_OK)
		return;
	if (parameters_read(rules, sizeof rules / sizeof rules[0], 1, &form, &typed, NULL) != RESULT_OK)
		return;
	MUST_HOLD(typed.user_type.len <= LIMIT_SHORT_PARAMETER && text_is_clean(typed.user_type));
	MUST_HOLD(typed.domain_hint.len <= LIMIT_SHORT_PARAMETER && text_is_clean(typed.domain_hint));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice target = { (const char *)bytes, size };
	struct slice path;
	struct slice query;
	if (!request_cut_target(target, &path, &query))
		return 0;
	MUST_HOLD(path.len > 0 && path.ptr[0] == '/' && is_inside(path, target));
	MUST_HOLD(memchr(path.ptr, '?', path.len) == NULL);
	MUST_HOLD(text_is_printable_ascii(path));
	if (query.ptr == NULL)
		return 0;
	MUST_HOLD(is_inside(query, target) && query.ptr[-1] == '?');
	struct arena *arena = arena_new(4096, 256 * 1024);
	if (arena == NULL)
		return 0;
	read_query(arena, query);
	arena_free(arena);
	return 0;
}
