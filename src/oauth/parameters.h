/* Parameters of a query or form, read by a legality table (http/form.h): what is wrong with them, as a refusal. */
#ifndef WRIT_OAUTH_PARAMETERS_H
#define WRIT_OAUTH_PARAMETERS_H

#include "http/form.h"
#include "oauth/oauth.h"

/* The fields of the text, none where it is empty. In the call's arena. REFUSAL_FORM_MALFORMED. */
MUST_CHECK enum refusal oauth_form_parse(struct oauth_call *, struct slice text, struct form *ret);

/* parameters_read. REFUSAL_PARAMETER_TOO_LONG, REFUSAL_PARAMETER_REPEATED. */
MUST_CHECK enum refusal oauth_parameters_read(struct oauth_call *, const struct parameter_rule *, size_t count, unsigned place, const struct form *,
                                              void *target);

#endif
