#include "oauth/bearer.h"

#include "base/text.h"
#include "http/form.h"

struct bearer_form {
	struct slice access_token;
};

static const struct parameter_rule rules[] = {
	/* as long as a form may be: what is too long for a token is not good, like any other that is not one */
	{ SLICE("access_token"), 1, LIMIT_FORM_SIZE, offsetof(struct bearer_form, access_token) },
};

/* RFC 9110 §11.1: the scheme in any case, then spaces. */
struct slice bearer_header(const struct http_request *request)
{
	struct slice rest = http_request_header(request, "Authorization");
	struct slice scheme;
	if (!slice_cut(&rest, ' ', &scheme) || !text_equal_folded(scheme, SLICE_OF("Bearer")))
		return (struct slice) { NULL, 0 };
	if (rest.ptr == NULL)
		return SLICE_OF("");
	while (rest.len > 0 && rest.ptr[0] == ' ')
		rest = slice_skip(rest, 1);
	return rest;
}

static enum refusal read_form(struct oauth_call *call, struct slice *ret)
{
	struct form form;
	struct problem problem;
	struct bearer_form read = { .access_token = { NULL, 0 } };
	if (call->request->method != HTTP_POST || !form_content_type(http_request_header(call->request, "Content-Type")))
		return REFUSAL_NONE;
	if (form_parse(call->arena, call->request->body, &form, &problem) != RESULT_OK)
		return refuse(call, REFUSAL_FORM_MALFORMED, "%s", problem.text);
	switch (parameters_read(rules, sizeof rules / sizeof rules[0], 1, &form, &read, &problem)) {
	case RESULT_OK: break;
	case RESULT_TOO_LARGE: return refuse(call, REFUSAL_PARAMETER_TOO_LONG, "%s", problem.text);
	default: return refuse(call, REFUSAL_PARAMETER_REPEATED, "%s", problem.text);
	}
	*ret = read.access_token;
	return REFUSAL_NONE;
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
