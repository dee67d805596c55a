#include "gateway/check.h"

#include "gateway/check_reply.h"
#include "gateway/check_token.h"

static enum refusal no_decision(struct oauth_call *call)
{
	return refuse(call, REFUSAL_UNAVAILABLE, "Whether the call is allowed cannot be decided now, so it is not: try again later.");
}

static enum refusal bad_token(struct oauth_call *call, enum result result)
{
	switch (result) {
	case RESULT_OK: return REFUSAL_NONE;
	case RESULT_STORE_DOWN: return no_decision(call);
	case RESULT_EXPIRED:
		return refuse(call, REFUSAL_CALL_TOKEN,
		              "The access token has expired or was revoked, or its person or client application lost access: get a new one.");
	default:
		return refuse(call, REFUSAL_CALL_TOKEN,
		              "The access token is not good here: it is malformed, or not signed by this server, "
		              "or made for something else than these APIs.");
	}
}

static enum refusal judge_token(struct gateway *gateway, struct oauth_call *call, struct slice text, struct checked_token *token)
{
	if (text.ptr == NULL)
		return refuse(call, REFUSAL_CALL_TOKEN_MISSING, "No access token came: send Authorization: Bearer with one.");
	return bad_token(call, check_token(gateway, call, text, token));
}

/* "sign the user in (...), or ...": each flow once, as far as a sentence goes. */
static struct slice flows_of(struct oauth_call *call, const struct api_operation *operation)
{
	unsigned told = 0;
	struct writer flows = writer_new(call->arena, 256);
	for (size_t i = 0; i < operation->alternative_count; i++) {
		const enum api_actor actor = operation->alternatives[i].actor;
		if ((told & 1U << actor) != 0)
			continue;
		if (told != 0)
			writer_text(&flows, ", or ");
		told |= 1U << actor;
		writer_text(&flows, api_actor_flow(actor));
	}
	return writer_slice(&flows);
}

enum refusal check_explain(struct oauth_call *call, struct slice method, struct slice whole_path, const struct token_facts *facts,
                           const struct decision *decision)
{
	enum { SHOWN = 160 };
	const struct slice path = slice_first(whole_path, SHOWN);
	struct slice flows;
	switch (decision->verdict) {
	case VERDICT_NO_OPERATION:
		return refuse(call, REFUSAL_CALL_NOT_LISTED, "No API of partition %s lists %.*s %.*s, and what is not listed is closed.",
		              call->realm.partition.text, SLICE_ARGS(method), SLICE_ARGS(path));
	case VERDICT_CLOSED:
		return refuse(call, REFUSAL_CALL_CLOSED, "The API lists %.*s %.*s, but opens it to nobody.", SLICE_ARGS(method), SLICE_ARGS(path));
	case VERDICT_WRONG_ACTOR:
		flows = flows_of(call, &decision->operation->operation);
		return refuse(call, REFUSAL_CALL_ACTOR, "%.*s %.*s does not take a token of the kind %s. To get one that it takes: %.*s.", SLICE_ARGS(method),
		              SLICE_ARGS(path), api_actor_name(facts->actor), SLICE_ARGS(flows));
	case VERDICT_SCOPE_MISSING:
		return refuse(call, REFUSAL_CALL_SCOPE, "The access token lacks scope: %.*s %.*s needs %.*s of a token of the kind %s.", SLICE_ARGS(method),
		              SLICE_ARGS(path), SLICE_ARGS(decision->alternative->scopes), api_actor_name(facts->actor));
	case VERDICT_ALLOWED: break;
	}
	return REFUSAL_NONE;
}

/* False: the catalogue has to be read, and this is no thread for it, or another is at it. */
static bool find_catalogue(struct gateway *gateway, const struct oauth_call *call, const struct partition_id *partition,
                           const struct held_catalogue **ret)
{
	*ret = catalogues_find(gateway->catalogues, partition);
	if (*ret != NULL)
		return true;
	if (!call->request->on_worker)
		return false;
	const enum result result = catalogues_load(gateway->catalogues, partition, ret);
	if (result != RESULT_OK)
		*ret = NULL;
	return result != RESULT_BUSY;
}

struct deciding {
	struct gateway *gateway;
	struct oauth_call call;
	struct api_call asked;
	struct checked_token token;
	bool never_allows;
};

static enum refusal allow(struct deciding *deciding)
{
	struct oauth_call *call = &deciding->call;
	if (deciding->never_allows)
		return refuse(call, REFUSAL_CALL_ALLOWED, "The call is allowed now, though this address was asked why it is not: send it once more.");
	if (!check_reply_allow(call, &deciding->token.facts))
		return no_decision(call);
	atomic_fetch_add_explicit(&deciding->gateway->allowed, 1, memory_order_relaxed);
	return REFUSAL_NONE;
}

/* The token is good. */
static void decide_call(struct deciding *deciding)
{
	struct oauth_call *call = &deciding->call;
	struct gateway *gateway = deciding->gateway;
	const struct token_facts *facts = &deciding->token.facts;
	const struct held_catalogue *held;
	/* where the handler runs anew, on a worker, the token that it verified here is remembered already */
	if (!call->request->on_worker)
		atomic_fetch_add_explicit(deciding->token.remembered ? &gateway->tokens_remembered : &gateway->tokens_verified, 1, memory_order_relaxed);
	if (!find_catalogue(gateway, call, &deciding->token.partition, &held)) {
		*(call->request->on_worker ? &call->reply->behind : &call->reply->later) = true;
		return;
	}
	if (held == NULL) {
		check_reply_refuse(call, no_decision(call), &deciding->asked, facts, NULL);
		return;
	}
	const struct decision decision = decide(held->operations, deciding->asked.method, deciding->asked.path, facts);
	enum refusal refusal = decision.verdict == VERDICT_ALLOWED
	                               ? allow(deciding) : check_explain(call, deciding->asked.method, deciding->asked.path, facts, &decision);
	if (refusal != REFUSAL_NONE)
		check_reply_refuse(call, refusal, &deciding->asked, facts, &decision);
	catalogue_release(held);
}

static void run(struct gateway *gateway, struct http_request *request, struct http_reply *reply, size_t own, bool never_allows)
{
	struct deciding deciding;
	struct oauth_call *call = &deciding.call;
	deciding.gateway = gateway;
	deciding.never_allows = never_allows;
	deciding.token.claims.object = NULL;
	deciding.asked.repeated = never_allows;
	deciding.asked.method = deciding.asked.path = deciding.asked.token = (struct slice) { NULL, 0 };
	*call = (struct oauth_call) { .oauth = gateway->oauth, .request = request, .reply = reply, .arena = request->arena, .realm.kind = PERSON_USER };
	enum refusal refusal = check_request_read(call, own, &deciding.asked);
	if (refusal == REFUSAL_NONE)
		refusal = judge_token(gateway, call, deciding.asked.token, &deciding.token);
	if (refusal != REFUSAL_NONE)
		check_reply_refuse(call, refusal, &deciding.asked, NULL, NULL);
	else
		decide_call(&deciding);
	if (reply->status != 204 && !reply->later && !reply->behind)
		atomic_fetch_add_explicit(&gateway->refused, 1, memory_order_relaxed);
	checked_token_free(&deciding.token);
	oauth_call_end(call, REFUSAL_NONE, NULL);
}

void gateway_check(struct gateway *gateway, struct http_request *request, struct http_reply *reply)
{
	run(gateway, request, reply, sizeof GATEWAY_CHECK_PATH - 1, false);
}

void gateway_refusal(struct gateway *gateway, struct http_request *request, struct http_reply *reply)
{
	run(gateway, request, reply, sizeof GATEWAY_REFUSAL_PATH - 1, true);
}
