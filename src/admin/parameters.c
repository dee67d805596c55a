/* The query parameters of the Admin API: one legality table (where, how long, of which type), read once into struct admin_query. */
#include "admin/operations.h"

#include "base/clock.h"
#include "base/text.h"
#include "directory/apply_time.h"
#include "http/form.h"
#include "http/parameter_label.h"

#include <stdio.h>

/* A value that means a number; ends with an empty name. */
struct word {
	const char *name;
	int value;
};

static const struct word booleans[] = { { "true", 1 }, { "false", 0 }, { NULL, 0 } };
static const struct word platforms[] = { { "web", PLATFORM_WEB }, { "spa", PLATFORM_SPA }, { NULL, 0 } };
static const struct word kinds[] = {
	{ "delegated", PERMISSION_DELEGATED }, { "on_behalf_of", PERMISSION_ON_BEHALF_OF }, { "application", PERMISSION_APPLICATION }, { NULL, 0 }
};
static const struct word realms[] = { { "user", PERSON_USER }, { "customer", PERSON_CUSTOMER }, { NULL, 0 } };
static const struct word measures[] = {
	{ "tokens_issued", STATISTIC_TOKENS_ISSUED }, { "tokens_refused", STATISTIC_TOKENS_REFUSED }, { "sign_ins", STATISTIC_SIGN_INS },
	{ "sign_ins_failed", STATISTIC_SIGN_INS_FAILED }, { NULL, 0 }
};
static const struct word steps[] = { { "minute", STEP_MINUTE }, { "hour", STEP_HOUR }, { "day", STEP_DAY }, { NULL, 0 } };
static const struct word bys[] = {
	{ "none", BY_NOTHING }, { "flow", BY_FLOW }, { "client_application", BY_CLIENT }, { "reason", BY_REASON }, { NULL, 0 }
};

enum parameter_type { TYPE_TEXT, TYPE_WORD, TYPE_FLAG, TYPE_TIME, TYPE_LIMIT, TYPE_CURSOR };

struct parameter {
	const char *name;
	unsigned bit;
	enum parameter_type type;
	size_t size_max;
	size_t offset; /* in struct admin_query */
	const struct word *words;
};

#define TEXT(member, bit, size) { #member, bit, TYPE_TEXT, size, offsetof(struct admin_query, member), NULL }
#define WORD(member, bit, words) { #member, bit, TYPE_WORD, LIMIT_SHORT_PARAMETER, offsetof(struct admin_query, member), words }

static const struct parameter parameters[] = {
	{ "limit", PARAMETER_LIMIT, TYPE_LIMIT, 20, offsetof(struct admin_query, limit), NULL },
	{ "cursor", PARAMETER_CURSOR, TYPE_CURSOR, (LIMIT_CURSOR + 2) / 3 * 4, offsetof(struct admin_query, after), NULL },
	TEXT(search, PARAMETER_SEARCH, LIMIT_EMAIL),
	TEXT(department, PARAMETER_DEPARTMENT, LIMIT_ID),
	TEXT(role, PARAMETER_ROLE, LIMIT_ID),
	TEXT(permission, PARAMETER_PERMISSION, LIMIT_PERMISSION_NAME),
	TEXT(scope, PARAMETER_SCOPE, LIMIT_PERMISSION_NAME),
	TEXT(person_id, PARAMETER_PERSON_ID, LIMIT_ID),
	TEXT(client_id, PARAMETER_CLIENT_ID, LIMIT_ID),
	TEXT(action, PARAMETER_ACTION, LIMIT_ID),
	TEXT(result, PARAMETER_RESULT, LIMIT_ID),
	TEXT(actor, PARAMETER_ACTOR, LIMIT_SHORT_PARAMETER),
	TEXT(object, PARAMETER_OBJECT, LIMIT_SHORT_PARAMETER),
	TEXT(request_id, PARAMETER_REQUEST_ID, 64),
	WORD(enabled, PARAMETER_ENABLED, booleans),
	WORD(platform, PARAMETER_PLATFORM, platforms),
	WORD(kind, PARAMETER_KIND, kinds),
	WORD(realm, PARAMETER_REALM, realms),
	{ "from", PARAMETER_FROM, TYPE_TIME, 64, offsetof(struct admin_query, from_ms), NULL },
	{ "to", PARAMETER_TO, TYPE_TIME, 64, offsetof(struct admin_query, to_ms), NULL },
	WORD(measure, PARAMETER_MEASURE, measures),
	WORD(step, PARAMETER_STEP, steps),
	WORD(by, PARAMETER_BY, bys),
	{ "add_permissions", PARAMETER_ADD_PERMISSIONS, TYPE_FLAG, 8, offsetof(struct admin_query, add_permissions), booleans },
	{ "dry_run", PARAMETER_DRY_RUN, TYPE_FLAG, 8, offsetof(struct admin_query, dry_run), booleans },
};
enum { PARAMETER_COUNT = sizeof parameters / sizeof parameters[0] };

const char *admin_query_word(unsigned parameter, int value)
{
	for (size_t i = 0; i < PARAMETER_COUNT; i++)
		for (const struct word *word = parameters[i].bit == parameter ? parameters[i].words : NULL; word != NULL && word->name != NULL; word++)
			if (word->value == value)
				return word->name;
	return "";
}

static const struct word *word_find(const struct word *words, struct slice text)
{
	for (; words->name != NULL; words++)
		if (slice_is(text, words->name))
			return words;
	return NULL;
}

static enum refusal word_refuse(struct admin_call *call, const struct parameter *parameter)
{
	char known[256] = "";
	size_t at = 0;
	for (const struct word *word = parameter->words; word->name != NULL && at < sizeof known; word++)
		at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", at == 0 ? "" : ", ", word->name);
	return admin_refuse_parameter(call, parameter->name, "The parameter %s is one of: %s.", parameter->name, known);
}

static enum refusal cursor_read(struct admin_call *call, struct slice text, struct slice *ret)
{
	char *bytes = arena_alloc(call->arena, text.len + 1);
	size_t len;
	if (bytes == NULL)
		return admin_refuse_result(call, RESULT_NO_MEMORY);
	const bool decoded = text_base64url_decode(text, bytes, text.len, &len) == RESULT_OK;
	if (!decoded || len == 0 || len > LIMIT_CURSOR || !text_is_clean((struct slice) { bytes, len }))
		return admin_refuse_parameter(call, "cursor",
		                              "The parameter cursor is none that a page gave: send the next of the page before, as it came, or none.");
	*ret = (struct slice) { bytes, len };
	return REFUSAL_NONE;
}

static enum refusal value_read(struct admin_call *call, const struct parameter *parameter, struct slice text)
{
	char *at = (char *)&call->query + parameter->offset;
	const struct word *word;
	int64_t number;
	switch (parameter->type) {
	case TYPE_TEXT:
		memcpy(at, &text, sizeof text);
		return REFUSAL_NONE;
	case TYPE_WORD:
	case TYPE_FLAG:
		word = word_find(parameter->words, text);
		if (word == NULL)
			return word_refuse(call, parameter);
		if (parameter->type == TYPE_WORD)
			memcpy(at, &word->value, sizeof word->value);
		else
			*(bool *)at = word->value != 0;
		return REFUSAL_NONE;
	case TYPE_TIME:
		/* not the seconds that an apply document may also have */
		if (text_to_int(text, INT64_MAX, &number) == RESULT_OK || apply_time_parse(text, &number) != RESULT_OK)
			return admin_refuse_parameter(call, parameter->name, "The parameter %s is no time: write it like 2027-01-31T12:00:00Z.", parameter->name);
		number = (number > 0 ? number : 1) * 1000; /* 0 is none, and nothing was in 1970 */
		memcpy(at, &number, sizeof number);
		return REFUSAL_NONE;
	case TYPE_LIMIT:
		if (text_to_int(text, LIMIT_PAGE, &number) != RESULT_OK || number == 0)
			return admin_refuse_parameter(call, "limit", "The parameter limit is a number from 1 to %d.", LIMIT_PAGE);
		call->query.limit = (size_t)number;
		return REFUSAL_NONE;
	case TYPE_CURSOR: return text.len == 0 ? REFUSAL_NONE : cursor_read(call, text, &call->query.after);
	}
	return REFUSAL_NONE;
}

static const struct parameter *parameter_find(struct slice name, unsigned taken)
{
	for (size_t i = 0; i < PARAMETER_COUNT; i++)
		if ((parameters[i].bit & taken) != 0 && slice_is(name, parameters[i].name))
			return &parameters[i];
	return NULL;
}

/* A name from outside goes into the sentence only where it is plain; into the member errors it goes as JSON. */
static enum refusal refuse_field(struct admin_call *call, struct slice name, const char *what)
{
	char label[PARAMETER_LABEL_SIZE];
	enum refusal refusal = admin_refuse(call, REFUSAL_ADMIN_PARAMETER, "%s %s.", parameter_label(name, label), what);
	admin_error_add(call, "parameter", slice_first(name, LIMIT_SHORT_PARAMETER), call->oauth.sentence);
	return refusal;
}

static enum refusal field_read(struct admin_call *call, const struct form_field *field, unsigned taken, unsigned *came)
{
	const struct parameter *parameter = parameter_find(field->name, taken);
	if (parameter == NULL)
		return refuse_field(call, field->name, "is none of this operation: check its name");
	if ((*came & parameter->bit) != 0)
		return refuse_field(call, field->name, "is given twice: send it once");
	if (field->value.len > parameter->size_max)
		return refuse_field(call, field->name, "is too long");
	*came |= parameter->bit;
	return value_read(call, parameter, field->value);
}

enum refusal admin_query_read(struct admin_call *call, unsigned taken)
{
	struct form form = { .count = 0 };
	struct problem problem;
	unsigned came = 0;
	call->query = (struct admin_query) { .limit = LIMIT_PAGE_DEFAULT, .enabled = -1, .by = -1 };
	if (call->request->query.len > 0 && form_parse(call->arena, call->request->query, &form, &problem) != RESULT_OK)
		return admin_refuse(call, REFUSAL_ADMIN_PARAMETER, "The parameters of the address cannot be read: %s", problem.text);
	for (size_t i = 0; i < form.count; i++) {
		enum refusal refusal = field_read(call, &form.fields[i], taken, &came);
		if (refusal != REFUSAL_NONE)
			return refusal;
	}
	return REFUSAL_NONE;
}
