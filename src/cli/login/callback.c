#include "cli/login/callback.h"

#include "base/limits.h"
#include "http/form.h"

#include <sodium.h>

struct parameters {
	struct slice code, state, iss, error, error_description;
};

#define ROW(name) \
	{ \
		SLICE(#name), 1, LIMIT_CALLBACK_PARAMETER, offsetof(struct parameters, name) \
	}
static const struct parameter_rule rules[] = { ROW(code), ROW(state), ROW(iss), ROW(error), ROW(error_description) };

/* The length of a state is no secret; which of its characters are right is one. */
static bool state_equal(struct slice given, struct slice state)
{
	return given.len == state.len && sodium_memcmp(given.ptr, state.ptr, state.len) == 0;
}

enum result callback_read(struct slice query, struct slice state, struct arena *arena, struct callback *ret)
{
	struct form form;
	struct parameters parameters = { .code = { NULL, 0 } };
	if (query.ptr == NULL)
		return RESULT_CONFLICT;
	if (form_parse(arena, query, &form, NULL) != RESULT_OK ||
	    parameters_read(rules, sizeof rules / sizeof rules[0], 1, &form, &parameters, NULL) != RESULT_OK)
		return RESULT_INVALID;
	if (parameters.state.ptr == NULL || !state_equal(parameters.state, state))
		return RESULT_CONFLICT;
	if ((parameters.code.ptr != NULL) == (parameters.error.ptr != NULL))
		return RESULT_INVALID;
	*ret = (struct callback) { parameters.code, parameters.iss, parameters.error, parameters.error_description };
	return RESULT_OK;
}

bool callback_issuer_is_right(const struct callback *callback, const char *issuer, bool promised)
{
	return callback->iss.ptr == NULL ? !promised : slice_is(callback->iss, issuer);
}
