/* The authorization endpoint (RFC 6749 §3.1): reads the request, and does the first step that is due. */
#include "base/clock.h"
#include "oauth/authorize/authorization_response.h"
#include "oauth/authorize/steps.h"

/* A GET has its parameters in the query, a POST in the body (OpenID Connect Core §3.1.2.1). */
static enum refusal request_text(struct interaction *interaction, struct slice *ret)
{
	struct oauth_call *call = &interaction->call;
	const struct http_request *request = call->request;
	if (request->method != HTTP_POST) {
		*ret = request->query;
		return REFUSAL_NONE;
	}
	if (!form_content_type(http_request_header(request, "Content-Type")))
		return refuse(call, REFUSAL_CONTENT_TYPE, "Send the parameters in the body as application/x-www-form-urlencoded, or by GET in the address.");
	*ret = request->body;
	return REFUSAL_NONE;
}

static enum refusal answer(struct interaction *interaction)
{
	struct progress progress = { .attempt = { .begun_s = clock_s() } };
	enum refusal refusal = request_text(interaction, &progress.attempt.request);
	if (refusal == REFUSAL_NONE)
		refusal = authorization_request_read(&interaction->call, progress.attempt.request, &progress.request);
	interaction_speak(interaction, progress.request.ui_locales);
	if (refusal == REFUSAL_NONE)
		return steps_proceed(interaction, &progress);
	if (!progress.request.answerable)
		return refusal;
	authorization_respond_refusal(interaction, &progress.request, refusal);
	return REFUSAL_NONE;
}

void oauth_authorize(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct interaction interaction;
	enum refusal refusal = interaction_begin(oauth, request, reply, &interaction);
	if (request->method == HTTP_HEAD)
		interaction.signed_in = false; /* a safe method (RFC 9110 §9.2.1) gives no code */
	if (refusal == REFUSAL_NONE)
		refusal = answer(&interaction);
	interaction_end(&interaction, refusal, "authorization.refused");
}
