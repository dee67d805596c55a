#include "oauth/bearer.h"

#include "base/text.h"
#include "oauth/parameters.h"

struct bearer_form {
	struct slice access_token;
};

static const struct parameter_rule rules[] = {
	/* as long as a form may be: what is too long for a token is not good, like any other that is not one */
	{ SLICE("access_token"), 1, LIMIT_FORM_SIZE, offsetof(struct bearer_form, access_token) },
};

struct slice bearer_header(const struct http_request *request)
{
	struct slice token = { NULL, 0 };
	return text_credentials(http_request_header(request, "Authorization"), SLICE_OF("Bearer"), &token) ? token : (struct slice) { NULL, 0 };
}

static enum refusal read_form(struct oauth_call *call, struct slice *ret)
{
	struct form form;
	struct bearer_form read = { .access_token = { NULL, 0 } };
	if (call->request->method != HTTP_POST || !form_content_type(http_request_header(call->request, "Content-Type")))
		return REFUSAL_NONE;
	enum refusal refusal = oauth_form_parse(call, call->request->body, &form);
	if (refusal == REFUSAL_NONE)
		refusal = oauth_parameters_read(call, rules, sizeof rules / sizeof rules[0], 1, &form, &read);
	if (refusal == REFUSAL_NONE)
		*ret = read.access_token;
	return refusal;
}

enum refusal bearer_read(struct oauth_call *call, struct slice *ret)
{
	struct slice posted = { NULL, 0 };
	struct slice header = bearer_header(call->request);
	enum refusal refusal = read_form(call, &posted);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (header.ptr != NULL && posted.ptr != NULL)
		return refuse(call, REFUSAL_BEARER_TWICE, "The access token came twice: send it in the Authorization header or in the form, not in both.");
	if (header.ptr == NULL && posted.ptr == NULL)
		return refuse(call, REFUSAL_BEARER_MISSING, "No access token came: send Authorization: Bearer with one.");
	*ret = header.ptr != NULL ? header : posted;
	return REFUSAL_NONE;
}

void bearer_challenge(struct oauth_call *call, enum refusal refusal, const char *scope)
{
	const struct refusal_entry *entry = refusal_entry(refusal);
	if (entry->status != 400 && entry->status != 401 && entry->status != 403)
		return;
	struct writer value = writer_new(call->arena, 512);
	writer_print(&value, "Bearer realm=\"%s-%c\"", call->realm.partition.text, (char)call->realm.kind);
	if (refusal != REFUSAL_BEARER_MISSING)
		writer_print(&value, ", error=\"%s\", error_description=\"%.*s\"", entry->error, SLICE_ARGS(call->sentence));
	if (scope != NULL)
		writer_print(&value, ", scope=\"%s\"", scope);
	if (writer_ok(&value))
		http_reply_header(call->reply, "WWW-Authenticate", writer_slice(&value));
}
