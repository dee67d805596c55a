#include "gateway/check_reply.h"

#include "directory/audit.h"

#define RETRY_AFTER "1"

bool check_reply_allow(struct oauth_call *call, const struct token_facts *facts)
{
	const struct {
		const char *name;
		struct slice value;
	} values[] = {
		{ "X-Writ-Partition", facts->partition },
		{ "X-Writ-Actor", slice_from(api_actor_claim(facts->actor)) },
		{ "X-Writ-Subject", facts->subject },
		{ "X-Writ-Client", facts->client_id },
		{ "X-Writ-Scope", facts->scope },
		{ "X-Writ-Acting-Client", facts->acting_client },
	};
	struct http_reply *reply = call->reply;
	const size_t before = reply->header_count;
	/* the facts go with the token: the reply is sent later */
	struct writer text = writer_new(call->arena, facts->partition.len + facts->subject.len + facts->client_id.len + facts->scope.len +
	                                                 facts->acting_client.len + sizeof "anonymous_customer");
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		const size_t start = text.len;
		writer_put(&text, values[i].value);
		if (!writer_ok(&text))
			return false;
		http_reply_header(reply, values[i].name, (struct slice) { text.bytes + start, text.len - start });
	}
	/* a value with a control character would have been left out */
	if (reply->header_count != before + sizeof values / sizeof values[0]) {
		reply->header_count = before;
		return false;
	}
	reply->status = 204;
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
	return true;
}

/* ---- refusing --------------------------------------------------------------------------------------------------- */

/* RFC 6750 §3; no error code where no token came (§3.1). */
static void write_challenge(struct oauth_call *call, const struct refusal_entry *entry, enum refusal refusal, const struct decision *decision)
{
	if (entry->status != 401 && !slice_is(SLICE_OF("insufficient_scope"), entry->error))
		return;
	struct writer value = writer_new(call->arena, 1024);
	writer_text(&value, "Bearer realm=\"");
	writer_put(&value, call->oauth->api_url);
	writer_byte(&value, '"');
	if (refusal != REFUSAL_CALL_TOKEN_MISSING)
		writer_print(&value, ", error=\"%s\", error_description=\"%.*s\"", entry->error, SLICE_ARGS(call->sentence));
	if (refusal == REFUSAL_CALL_SCOPE && decision != NULL && decision->alternative != NULL) {
		writer_text(&value, ", scope=\"");
		writer_put(&value, decision->alternative->scopes);
		writer_byte(&value, '"');
	}
	if (writer_ok(&value))
		http_reply_header(call->reply, "WWW-Authenticate", writer_slice(&value));
}

static void write_alternatives(struct writer *body, const struct api_operation *operation)
{
	writer_json_key(body, "alternatives");
	writer_byte(body, '[');
	for (size_t i = 0; i < operation->alternative_count; i++) {
		const struct api_alternative *alternative = &operation->alternatives[i];
		writer_text(body, i > 0 ? ",{" : "{");
		writer_json_member(body, "actor", slice_from(api_actor_name(alternative->actor)));
		writer_json_member(body, "scope", alternative->scopes);
		writer_json_member(body, "flow", slice_from(api_actor_flow(alternative->actor)));
		writer_byte(body, '}');
	}
	writer_byte(body, ']');
}

static void write_operation(struct writer *body, const struct catalogue_operation *found)
{
	const struct api_operation *operation = &found->operation;
	writer_json_key(body, "operation");
	writer_byte(body, '{');
	writer_json_member(body, "api", found->api);
	writer_json_member(body, "method", operation->method);
	writer_json_member(body, "path", operation->path);
	if (operation->operation_id.len > 0)
		writer_json_member(body, "operation_id", operation->operation_id);
	writer_byte(body, '}');
	write_alternatives(body, operation);
}

static struct slice write_body(struct oauth_call *call, const struct refusal_entry *entry, const struct token_facts *facts,
                               const struct decision *decision)
{
	struct writer body = writer_new(call->arena, 1024);
	writer_byte(&body, '{');
	if (entry->error[0] != '\0')
		writer_json_member(&body, "error", slice_from(entry->error));
	writer_json_member(&body, "error_description", call->sentence);
	writer_json_key(&body, "error_uri");
	writer_byte(&body, '"');
	writer_put(&body, call->oauth->auth_url);
	writer_text(&body, "/errors/");
	writer_text(&body, entry->slug);
	writer_byte(&body, '"');
	if (facts != NULL)
		writer_json_member(&body, "actor", slice_from(api_actor_name(facts->actor)));
	if (decision != NULL && decision->operation != NULL)
		write_operation(&body, decision->operation);
	writer_byte(&body, '}');
	return writer_ok(&body) ? writer_slice(&body) : SLICE_OF("{\"error\":\"temporarily_unavailable\"}");
}

static void leave_audit(struct oauth_call *call, const struct refusal_entry *entry, const struct api_call *asked, const struct token_facts *facts)
{
	struct slice detail = call->sentence;
	if (facts != NULL)
		detail = arena_print(call->arena, "%.*s (%s, subject %.*s)", SLICE_ARGS(call->sentence), api_actor_name(facts->actor),
		                     SLICE_ARGS(facts->subject));
	const struct audit_event event = {
		.partition = facts == NULL ? (struct slice) { NULL, 0 } : facts->partition,
		.request_id = call->request->id,
		.action = SLICE_OF("call.refused"),
		.result = slice_from(entry->slug),
		.actor = facts == NULL ? (struct slice) { NULL, 0 } : facts->client_id,
		.object = slice_first(arena_print(call->arena, "%.*s %.*s", SLICE_ARGS(slice_first(asked->method, LIMIT_METHOD)),
		                                  SLICE_ARGS(slice_first(asked->path, LIMIT_SHORT_PARAMETER))), LIMIT_SHORT_PARAMETER),
		.address = call->request->address,
		.detail = detail,
	};
	audit_write(oauth_store(call), &event);
}

void check_reply_refuse(struct oauth_call *call, enum refusal refusal, const struct api_call *asked, const struct token_facts *facts,
                        const struct decision *decision)
{
	const struct refusal_entry *entry = refusal_entry(refusal);
	struct http_reply *reply = call->reply;
	oauth_note_refusal(call, refusal, NULL);
	if (asked->token.ptr != NULL && !asked->repeated)
		leave_audit(call, entry, asked, facts);
	reply->status = entry->status;
	reply->content_type = SLICE_OF("application/json");
	reply->body = write_body(call, entry, facts, decision);
	reply->error = slice_from(entry->slug);
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
	write_challenge(call, entry, refusal, decision);
	if (entry->status == 503)
		http_reply_header(reply, "Retry-After", SLICE_OF(RETRY_AFTER));
}
