#include "oauth/client_authentication.h"

#include "base/clock.h"
#include "http/basic.h"
#include "oauth/client_assertion.h"

/* A use is noted in the store's memory at most this often per secret: a listing shows minutes. */
#define USE_NOTED_EVERY_S 30

enum way { WAY_NONE, WAY_SECRET, WAY_ASSERTION };

struct presented {
	struct slice id;
	enum way way;
	struct slice proof; /* the secret, or the assertion; ptr NULL: none, or one that names nobody */
};

static enum refusal failed(struct oauth_call *call)
{
	return refuse(call, REFUSAL_CLIENT_FAILED,
	              "Client authentication failed: check the address, client_id and client_secret or client_assertion (a web application sends "
	              "one of the two, a single page application none).");
}

static enum refusal read_basic(struct oauth_call *call, const struct token_request *form, struct slice header, struct presented *ret)
{
	struct basic_credentials basic;
	call->basic_tried = true;
	if (basic_parse(call->arena, header, &basic) != RESULT_OK || basic.name.len == 0)
		return refuse(call, REFUSAL_CLIENT_MISSING,
		              "The Authorization: Basic header cannot be read: form-encode client id and secret, join them with a colon, then base64.");
	if (form->client_secret.ptr != NULL || client_assertion_tried(form))
		return refuse(call, REFUSAL_CLIENT_METHODS_MIXED,
		              "The client authenticates in two ways at once: use the Authorization header or the form, not both.");
	if (form->client_id.ptr != NULL && !slice_equal(form->client_id, basic.name))
		return refuse(call, REFUSAL_CLIENT_METHODS_MIXED, "The client_id of the form is not the one of the Authorization header: send it once.");
	ret->id = basic.name;
	ret->way = basic.password.len > 0 ? WAY_SECRET : WAY_NONE;
	ret->proof = basic.password.len > 0 ? basic.password : (struct slice) { NULL, 0 };
	return REFUSAL_NONE;
}

/* An assertion that names nobody counts against the client_id of the form, if there is one. */
static void read_assertion(struct oauth_call *call, const struct token_request *form, struct presented *ret)
{
	ret->way = WAY_ASSERTION;
	ret->id = form->client_id.ptr != NULL ? form->client_id : SLICE_OF("");
	if (client_assertion_names(call, form, &ret->id))
		ret->proof = form->client_assertion;
	call->client_id = ret->id;
}

static enum refusal read_presented(struct oauth_call *call, const struct token_request *form, struct presented *ret)
{
	struct slice header = http_request_header(call->request, "Authorization");
	call->client_id = form->client_id;
	if (basic_is_scheme(header)) {
		enum refusal refusal = read_basic(call, form, header, ret);
		call->client_id = refusal == REFUSAL_NONE ? ret->id : form->client_id;
		return refusal;
	}
	if (client_assertion_tried(form) && form->client_secret.ptr != NULL)
		return refuse(call, REFUSAL_CLIENT_METHODS_MIXED,
		              "The client authenticates in two ways at once: send client_secret or client_assertion, not both.");
	if (client_assertion_tried(form)) {
		read_assertion(call, form, ret);
		return REFUSAL_NONE;
	}
	if (form->client_id.ptr == NULL)
		return refuse(call, REFUSAL_CLIENT_MISSING,
		              "The request names no client application: send client_id and client_secret in the form or in an Authorization: Basic header.");
	ret->id = form->client_id;
	ret->way = form->client_secret.ptr != NULL ? WAY_SECRET : WAY_NONE;
	ret->proof = form->client_secret;
	return REFUSAL_NONE;
}

/* Compares with every secret there is, so that the time says nothing about which one fits. */
static const struct client_secret *find_secret(const struct client_application *registered, const struct hash32 *hash, int64_t now_s)
{
	const struct client_secret *found = NULL;
	for (size_t i = 0; i < registered->secret_count; i++) {
		const struct client_secret *secret = &registered->secrets[i];
		bool live = secret->expires_at == 0 || secret->expires_at > now_s;
		if (hash32_equal(hash, &secret->hash) && live)
			found = secret;
	}
	return found;
}

static void note_use(struct oauth_call *call, const struct application *application, const struct client_secret *secret, int64_t now_s)
{
	_Atomic int64_t *noted = &application->use_noted_s[secret - application->registered.secrets];
	if (now_s - atomic_load_explicit(noted, memory_order_relaxed) < USE_NOTED_EVERY_S)
		return;
	atomic_store_explicit(noted, now_s, memory_order_relaxed);
	store_secret_used(oauth_store(call), &call->realm.partition, application->registered.client_id, secret->label, now_s);
}

/* Is this application what the secret (or its absence) says? */
static bool proves(struct oauth_call *call, const struct application *application, const struct presented *presented)
{
	int64_t now_s = clock_s();
	struct hash32 hash = hash32_of(presented->proof);
	if (application == NULL)
		return false;
	const struct client_application *registered = &application->registered;
	if (registered->platform == PLATFORM_SPA)
		return registered->enabled && presented->way == WAY_NONE;
	const struct client_secret *secret = presented->way == WAY_NONE ? NULL : find_secret(registered, &hash, now_s);
	if (secret == NULL || !registered->enabled || oauth_refuses_secret(call->oauth, presented->proof))
		return false;
	note_use(call, application, secret, now_s);
	return true;
}

/* RESULT_INVALID: no; RESULT_BUSY, RESULT_STORE_DOWN: not to be known now. */
static enum result prove(struct oauth_call *call, const struct application *application, const struct presented *presented)
{
	if (presented->way != WAY_ASSERTION)
		return proves(call, application, presented) ? RESULT_OK : RESULT_INVALID;
	if (presented->proof.ptr == NULL)
		return RESULT_INVALID;
	if (application != NULL)
		return client_assertion_prove(call, application, presented->proof);
	call->audit_detail = SLICE_OF("client assertion: there is no such client application in this partition");
	return RESULT_INVALID;
}

static enum refusal too_many(struct oauth_call *call, int64_t wait_s)
{
	call->retry_after_s = wait_s;
	return refuse(call, REFUSAL_TOO_MANY_FAILURES, "Too many wrong secrets or assertions: wait %lld s, then try again with the right one.",
	              (long long)wait_s);
}

/* The account of the attempt goes on as the proof says. */
static enum refusal judge(struct oauth_call *call, const struct application *application, const struct presented *presented,
                          const struct attempt *attempt, int64_t now_ms)
{
	switch (prove(call, application, presented)) {
	case RESULT_OK:
		if (presented->way != WAY_NONE)
			failure_limits_succeeded(call->oauth->failures, attempt, now_ms);
		return REFUSAL_NONE;
	case RESULT_INVALID: break;
	case RESULT_BUSY: return refuse(call, REFUSAL_UNAVAILABLE, "Too many wait for the keys of client applications: try again later.");
	default: return refuse_store(call);
	}
	int64_t wait_s = presented->way == WAY_NONE ? 0 : failure_limits_failed(call->oauth->failures, attempt, now_ms);
	return wait_s > 0 ? too_many(call, wait_s) : failed(call);
}

bool client_authentication_blocks(const struct token_request *form)
{
	return client_assertion_tried(form);
}

enum refusal client_authenticate(struct oauth_call *call, const struct token_request *form)
{
	struct presented presented = { .way = WAY_NONE };
	enum refusal refusal = read_presented(call, form, &presented);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct attempt attempt = { partition_id_slice(&call->realm.partition), "client", presented.id, call->request->address };
	const int64_t now_ms = clock_monotonic_ms();
	int64_t wait_s = presented.way == WAY_NONE ? 0 : failure_limits_wait_s(call->oauth->failures, &attempt, now_ms);
	if (wait_s > 0)
		return too_many(call, wait_s);

	const struct application *application = NULL;
	if (directory_application(call->oauth->directory, &call->realm.partition, presented.id, &application) == RESULT_STORE_DOWN)
		return refuse_store(call);
	refusal = judge(call, application, &presented, &attempt, now_ms);
	if (refusal == REFUSAL_NONE)
		call->application = application;
	else if (application != NULL)
		application_release(application);
	return refusal;
}
