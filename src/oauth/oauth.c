#include "oauth/oauth.h"

#include "base/clock.h"
#include "base/text.h"
#include "directory/audit.h"

#include <stdarg.h>
#include <stdio.h>

#define JSON_TYPE "application/json"
#define RETRY_AFTER_S 1

enum refusal refuse(struct oauth_call *call, enum refusal refusal, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	call->sentence = refusal_sentence(call->arena, "%s", text);
	return refusal;
}

static enum refusal find_tenant(struct oauth_call *call)
{
	switch (directory_tenant(call->oauth->directory, &call->realm.partition, &call->tenant)) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_NOT_FOUND:
		return refuse(call, REFUSAL_NO_SUCH_REALM, "There is no partition %s here: check the address.", call->realm.partition.text);
	default: return refuse(call, REFUSAL_UNAVAILABLE, "The store or the signing keys cannot be used now: try again later.");
	}
}

enum refusal oauth_call_begin(struct oauth *oauth, struct http_request *request, struct http_reply *reply, struct oauth_call *ret)
{
	*ret = (struct oauth_call) { .oauth = oauth, .request = request, .reply = reply, .arena = request->arena };
	if (!realm_parse(request->segments[0], &ret->realm))
		return refuse(ret, REFUSAL_NO_SUCH_REALM, "There is no realm %.*s here: a realm is a partition id with -U or -C behind it.",
		              SLICE_ARGS(slice_first(request->segments[0], LIMIT_SHORT_PARAMETER)));
	return find_tenant(ret);
}

enum refusal oauth_partition_call_begin(struct oauth *oauth, struct http_request *request, struct http_reply *reply, struct oauth_call *ret)
{
	*ret = (struct oauth_call) { .oauth = oauth, .request = request, .reply = reply, .arena = request->arena };
	ret->realm.kind = PERSON_USER;
	if (!partition_id_parse(request->segments[0], &ret->realm.partition))
		return refuse(ret, REFUSAL_NO_SUCH_REALM, "There is no partition %.*s here: check the address.",
		              SLICE_ARGS(slice_first(request->segments[0], LIMIT_SHORT_PARAMETER)));
	return find_tenant(ret);
}

static void write_error(struct oauth *oauth, const struct http_request *request, struct http_reply *reply, unsigned status, const char *error,
                        const char *slug, struct slice sentence)
{
	struct writer body = writer_new(request->arena, 512);
	writer_byte(&body, '{');
	if (error[0] != '\0')
		writer_json_member(&body, "error", slice_from(error));
	writer_json_member(&body, "error_description", sentence);
	writer_json_key(&body, "error_uri");
	writer_byte(&body, '"');
	writer_put(&body, oauth->auth_url);
	writer_put(&body, SLICE_OF("/errors/"));
	writer_text(&body, slug);
	writer_put(&body, SLICE_OF("\"}"));
	reply->status = status;
	reply->content_type = SLICE_OF(JSON_TYPE);
	reply->body = writer_ok(&body) ? writer_slice(&body) : SLICE_OF("{\"error\":\"invalid_request\"}");
	reply->error = slice_from(slug);
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
	http_reply_header(reply, "Pragma", SLICE_OF("no-cache"));
}

/* A secret that was put where the client id belongs must not stand in the log: an unknown id as long as a secret is named by
 * its start only, unless it has the shape of ours (a UUID). */
static struct slice audited_client_id(const struct oauth_call *call)
{
	enum { UUID_LEN = UUID_TEXT_SIZE - 1, SHOWN = 8 };
	struct slice id = call->client_id;
	bool uuid = id.len == UUID_LEN && id.ptr[8] == '-' && id.ptr[13] == '-' && id.ptr[18] == '-' && id.ptr[23] == '-';
	if (call->application != NULL || id.len < LIMIT_SECRET_MIN || uuid)
		return slice_first(id, LIMIT_ID);
	return arena_print(call->arena, "%.*s...", SLICE_ARGS(slice_first(id, SHOWN)));
}

static void audit_refusal(const struct oauth_call *call, const struct refusal_entry *entry, const char *action)
{
	const struct slice sentence = call->audit_detail.ptr != NULL ? call->audit_detail : call->sentence;
	const struct audit_event event = {
		.partition = call->tenant == NULL ? (struct slice) { NULL, 0 } : partition_id_slice(&call->realm.partition),
		.request_id = call->request->id,
		.action = slice_from(action),
		.result = slice_from(entry->slug),
		.actor = audited_client_id(call),
		.object = detail_without_proof(call, slice_first(call->subject.ptr != NULL ? call->subject : call->request->path, LIMIT_SHORT_PARAMETER)),
		.address = call->request->address,
		.detail = detail_text(call, detail_without_proof(call, detail_without_secrets(call->arena, sentence))),
	};
	audit_write(oauth_store(call), &event);
}

enum refusal refuse_store(struct oauth_call *call)
{
	return refuse(call, REFUSAL_UNAVAILABLE, "The store cannot answer now: try again later.");
}

static void count(const struct oauth_call *call, enum statistic_measure measure, enum counted_flow flow, enum refusal reason)
{
	const struct counted counted = {
		.partition = &call->realm.partition,
		.measure = measure,
		.flow = flow,
		.reason = reason,
		.client_id = call->application != NULL ? call->application->registered.client_id : call->known_client_id,
	};
	if (call->tenant != NULL)
		statistics_count(call->oauth->statistics, clock_s(), &counted);
}

void oauth_count(const struct oauth_call *call, enum statistic_measure measure)
{
	count(call, measure, measure == STATISTIC_TOKENS_ISSUED ? call->flow : COUNTED_NONE, REFUSAL_NONE);
}

/* A password page that is shown again for another reason than a wrong password is no failed sign-in. */
static void count_refusal(const struct oauth_call *call, enum refusal refusal, const char *action)
{
	if (strcmp(action, "token.refused") == 0)
		count(call, STATISTIC_TOKENS_REFUSED, call->flow, refusal);
	else if (strcmp(action, "authorization.refused") == 0)
		count(call, STATISTIC_TOKENS_REFUSED, COUNTED_AUTHORIZATION_CODE, refusal);
	else if (strcmp(action, "sign_in.refused") == 0 && (refusal == REFUSAL_SIGN_IN_FAILED || refusal == REFUSAL_TOO_MANY_FAILURES))
		count(call, STATISTIC_SIGN_INS_FAILED, COUNTED_NONE, refusal);
}

void oauth_note_refusal(struct oauth_call *call, enum refusal refusal, const char *action)
{
	atomic_fetch_add_explicit(&call->oauth->refused[refusal], 1, memory_order_relaxed);
	if (action == NULL)
		return;
	count_refusal(call, refusal, action);
	audit_refusal(call, refusal_entry(refusal), action);
}

void oauth_call_end(struct oauth_call *call, enum refusal refusal, const char *action)
{
	if (refusal != REFUSAL_NONE) {
		const struct refusal_entry *entry = refusal_entry(refusal);
		oauth_note_refusal(call, refusal, action);
		write_error(call->oauth, call->request, call->reply, entry->status, entry->error, entry->slug, call->sentence);
		if (entry->status == 401 && call->basic_tried)
			http_reply_header(call->reply, "WWW-Authenticate",
			                  arena_print(call->arena, "Basic realm=\"%s-%c\", charset=\"UTF-8\"", call->realm.partition.text,
			                              (char)call->realm.kind));
		if (entry->status == 429 || entry->status == 503)
			http_reply_header(call->reply, "Retry-After",
			                  arena_print(call->arena, "%lld", (long long)(call->retry_after_s > 0 ? call->retry_after_s : RETRY_AFTER_S)));
	}
	if (call->application != NULL)
		application_release(call->application);
	if (call->tenant != NULL)
		tenant_release(call->tenant);
	call->application = NULL;
	call->tenant = NULL;
}

void oauth_refuse_http(struct oauth *oauth, const struct http_request *request, unsigned status, const char *slug, const char *sentence,
                       struct http_reply *reply)
{
	const struct refusal_entry *entry = refusal_by_slug(slice_from(slug));
	if (entry != NULL)
		atomic_fetch_add_explicit(&oauth->refused[refusal_of_entry(entry)], 1, memory_order_relaxed);
	write_error(oauth, request, reply, status, entry == NULL ? "invalid_request" : entry->error, slug, slice_from(sentence));
}

bool oauth_refuses_secret(const struct oauth *oauth, struct slice secret)
{
	bool refused = false;
	if (oauth->refused_secret_count == 0)
		return false;
	struct hash32 hash = hash32_of(secret);
	for (size_t i = 0; i < oauth->refused_secret_count; i++)
		refused |= hash32_equal(&hash, &oauth->refused_secrets[i]);
	wipe(&hash, sizeof hash);
	return refused;
}

struct slice oauth_issuer(const struct oauth_call *call, enum person_kind kind)
{
	const char realm[] = { '-', (char)kind };
	struct slice auth_url = call->oauth->auth_url;
	struct writer issuer = writer_new(call->arena, auth_url.len + LIMIT_PARTITION_ID + sizeof "/system/auth/-U");
	writer_put(&issuer, auth_url);
	writer_put(&issuer, SLICE_OF("/system/auth/"));
	writer_put(&issuer, partition_id_slice(&call->realm.partition));
	writer_put(&issuer, (struct slice) { realm, sizeof realm });
	return writer_slice(&issuer);
}

struct slice oauth_admin_audience(const struct oauth_call *call)
{
	return arena_print(call->arena, "%.*s/admin/v1", SLICE_ARGS(call->oauth->auth_url));
}

void oauth_reply_json(struct oauth_call *call, unsigned status, const struct writer *body)
{
	if (!writer_ok(body)) {
		write_error(call->oauth, call->request, call->reply, 503, "temporarily_unavailable", "unavailable",
		            SLICE_OF("The reply does not fit into memory: try again later."));
		return;
	}
	call->reply->status = status;
	call->reply->content_type = SLICE_OF(JSON_TYPE);
	call->reply->body = writer_slice(body);
	http_reply_header(call->reply, "Cache-Control", SLICE_OF("no-store"));
	http_reply_header(call->reply, "Pragma", SLICE_OF("no-cache"));
}
