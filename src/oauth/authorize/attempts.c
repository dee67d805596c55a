/* Attempts between the pages and their forms. */
#include "base/clock.h"
#include "oauth/authorize/interaction.h"

enum refusal attempt_read(struct interaction *interaction, const struct form *form, struct attempt_state *ret)
{
	struct oauth_call *call = &interaction->call;
	switch (attempt_open(&call->oauth->attempt_key, &call->realm, interaction->browser.attempts, interaction_field(form, "attempt"), clock_s(),
	                     call->arena, ret)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_EXPIRED:
		return refuse(call, REFUSAL_ATTEMPT_EXPIRED, "This sign-in was begun more than %d minutes ago: go back to the application and begin again.",
		              LIMIT_ATTEMPT_S / 60);
	case RESULT_NO_MEMORY: return refuse(call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	case RESULT_CONFLICT:
		*ret = (struct attempt_state) { .begun_s = clock_s(), .request = ret->request };
		return refuse(call, REFUSAL_ATTEMPT_FOREIGN,
		              "This form was begun in another browser, in a tab of this one that began before the present ones, "
		              "or the browser keeps no cookies.");
	default:
		*ret = (struct attempt_state) { .begun_s = 0 };
		return refuse(call, REFUSAL_ATTEMPT_FOREIGN,
		              "This form was not begun in this browser, or its cookies are gone: go back to the application and begin again.");
	}
}

enum refusal attempt_write(struct interaction *interaction, const struct attempt_state *state, struct slice *ret)
{
	struct oauth_call *call = &interaction->call;
	struct slice browser = browser_bind(&interaction->browser, call->request, call->reply);
	switch (browser.ptr == NULL ? RESULT_NO_MEMORY : attempt_seal(&call->oauth->attempt_key, &call->realm, browser, state, call->arena, ret)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_TOO_LARGE: return refuse(call, REFUSAL_PARAMETER_TOO_LONG, "The authorization request is too long: send shorter parameters.");
	default: return refuse(call, REFUSAL_UNAVAILABLE, "The server has no memory left: try again later.");
	}
}
