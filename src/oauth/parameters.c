#include "oauth/parameters.h"

enum refusal oauth_form_parse(struct oauth_call *call, struct slice text, struct form *ret)
{
	struct problem problem;
	struct form form = { NULL, 0 };
	if (text.len > 0 && form_parse(call->arena, text, &form, &problem) != RESULT_OK)
		return refuse(call, REFUSAL_FORM_MALFORMED, "%s", problem.text);
	*ret = form;
	return REFUSAL_NONE;
}

enum refusal oauth_parameters_read(struct oauth_call *call, const struct parameter_rule *rules, size_t count, unsigned place, const struct form *form,
                                   void *target)
{
	struct problem problem;
	switch (parameters_read(rules, count, place, form, target, &problem)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_TOO_LARGE: return refuse(call, REFUSAL_PARAMETER_TOO_LONG, "%s", problem.text);
	default: return refuse(call, REFUSAL_PARAMETER_REPEATED, "%s", problem.text);
	}
}
