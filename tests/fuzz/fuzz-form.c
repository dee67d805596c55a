/* A form body, and the legality table over it. */
#include "fuzz.h"

#include "base/limits.h"
#include "base/text.h"
#include "http/form.h"

#define ARENA_FIRST 4096
#define ARENA_MAX (256 * 1024)

enum {
	AT_TOKEN = 1,
	AT_AUTHORIZE = 2
};

struct typed {
	struct slice scope;
	struct slice code;
	struct slice state;
};

static const struct parameter_rule rules[] = {
	{ SLICE("scope"), AT_TOKEN | AT_AUTHORIZE, 64, offsetof(struct typed, scope) },
	{ SLICE("code"), AT_TOKEN, 16, offsetof(struct typed, code) },
	{ SLICE("state"), AT_AUTHORIZE, 16, offsetof(struct typed, state) },
	{ SLICE("resource"), AT_TOKEN, 8, PARAMETER_MAY_REPEAT },
};

static void check_problem(const struct problem *problem)
{
	MUST_HOLD(problem->text[0] != '\0');
	MUST_HOLD(text_is_printable_ascii(slice_from(problem->text)));
	MUST_HOLD(strpbrk(problem->text, "\"\\") == NULL);
}

static void check_form(const struct form *form)
{
	MUST_HOLD(form->count <= LIMIT_PARAMETERS);
	for (size_t i = 0; i < form->count; i++) {
		MUST_HOLD(text_is_clean(form->fields[i].name));
		MUST_HOLD(text_is_clean(form->fields[i].value));
	}
}

static void check_table(const struct form *form, unsigned place)
{
	struct typed typed = { .scope = { NULL, 0 } };
	struct problem problem = { "" };
	if (parameters_read(rules, sizeof rules / sizeof rules[0], place, form, &typed, &problem) != RESULT_OK) {
		check_problem(&problem);
		return;
	}
	MUST_HOLD(typed.scope.len <= 64 && typed.code.len <= 16 && typed.state.len <= 16);
	MUST_HOLD((typed.scope.ptr == NULL) == (typed.scope.len == 0));
	MUST_HOLD(place == AT_TOKEN ? typed.state.ptr == NULL : typed.code.ptr == NULL);
}

/* Lenient parsing keeps what strict parsing refuses, marked and empty, and gives the same wherever that refuses nothing. */
static void check_lenient(struct slice text, const struct form *strict)
{
	struct form form;
	struct problem problem = { "" };
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return;
	if (form_parse_lenient(arena, text, &form, &problem) != RESULT_OK) {
		check_problem(&problem);
		MUST_HOLD(strict == NULL);
		arena_free(arena);
		return;
	}
	check_form(&form);
	size_t malformed = 0;
	for (size_t i = 0; i < form.count; i++) {
		const struct form_field *field = &form.fields[i];
		malformed += field->malformed;
		MUST_HOLD(!field->malformed || field->value.len == 0);
		MUST_HOLD(strict == NULL || (slice_equal(field->name, strict->fields[i].name) && slice_equal(field->value, strict->fields[i].value)));
	}
	MUST_HOLD(strict == NULL || (malformed == 0 && strict->count == form.count));
	size_t count;
	MUST_HOLD((form_find(&form, "code", &count) == NULL) == (count == 0) && count <= form.count);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	if (arena == NULL)
		return 0;
	struct slice text = { (const char *)bytes, size };
	struct form form;
	struct problem problem = { "" };
	if (form_parse(arena, text, &form, &problem) == RESULT_OK) {
		check_form(&form);
		check_table(&form, AT_TOKEN);
		check_table(&form, AT_AUTHORIZE);
		check_lenient(text, &form);
	} else {
		check_problem(&problem);
		check_lenient(text, NULL);
	}
	(void)form_content_type(text);
	arena_free(arena);
	return 0;
}
