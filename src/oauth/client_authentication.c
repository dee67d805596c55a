#include "oauth/client_authentication.h"

#include "base/clock.h"
#include "directory/apply_time.h"
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

/* ---- for the administrator ---------------------------------------------------------------------------------------- */

static void explain_expired(struct oauth_call *call, const struct client_application *registered, const struct client_secret *secret)
{
	char expired[APPLY_TIME_SIZE];
	apply_time_print(secret->expires_at, expired);
	call->audit_detail = arena_print(call->arena, "the secret '%.*s' of the client application expired at %s", SLICE_ARGS(secret->label), expired);
	detail_registered(call, "secret", secret->label);
	detail_registered(call, "expires_at", slice_from(expired));
	detail_change(call, "Make a new secret for %.*s and let it send that; or let this one expire later.", SLICE_ARGS(registered->name));
}

static void explain_secret(struct oauth_call *call, const struct client_application *registered, const struct presented *presented)
{
	const struct hash32 hash = hash32_of(presented->proof);
	/* expired or not */
	const struct client_secret *same = presented->way == WAY_SECRET ? find_secret(registered, &hash, INT64_MIN) : NULL;
	if (same != NULL && same->expires_at != 0 && same->expires_at <= clock_s()) {
		explain_expired(call, registered, same);
		return;
	}
	struct writer labels = writer_new(call->arena, 256);
	for (size_t i = 0; i < registered->secret_count; i++) {
		writer_text(&labels, i == 0 ? "" : ", ");
		writer_put(&labels, registered->secrets[i].label);
	}
	detail_registered(call, "secrets", writer_slice(&labels));
	if (same != NULL) {
		call->audit_detail = SLICE_OF("the secret is one that the demo publishes, and this server can be reached by others");
		detail_change(call, "Make a new secret for %.*s and let it send that.", SLICE_ARGS(registered->name));
	} else if (presented->way == WAY_NONE) {
		call->audit_detail = SLICE_OF("neither a secret nor an assertion arrived, and the client application is registered for the "
		                              "platform web");
		detail_change(call, "Let %.*s send its client_secret; if it runs in a browser or on a phone, register it anew for the platform "
		                    "spa.", SLICE_ARGS(registered->name));
	} else {
		call->audit_detail = SLICE_OF("the secret is none of the client application's");
		detail_change(call, "Make a new secret for %.*s and let it send exactly that: secrets are shown once, and cannot be looked "
		                    "up.", SLICE_ARGS(registered->name));
	}
}

/* Assertions say themselves what was wrong with them (client_assertion.c). */
static void explain(struct oauth_call *call, const struct application *application, const struct presented *presented)
{
	static const struct slice ways[] = {
		[WAY_NONE] = SLICE("none"), [WAY_SECRET] = SLICE("client_secret"), [WAY_ASSERTION] = SLICE("client_assertion"),
	};
	detail_arrived(call, "authentication", ways[presented->way]);
	if (application == NULL) {
		if (call->audit_detail.ptr == NULL)
			call->audit_detail = SLICE_OF("there is no such client application in this partition");
		if (call->detail.change.ptr == NULL)
			detail_change(call, "Let the application use the token URL of its own partition (this was %s's), and its Client ID as "
			                    "the console shows it.", call->realm.partition.text);
		return;
	}
	const struct client_application *registered = &application->registered;
	detail_registered(call, "name", registered->name);
	if (presented->way == WAY_ASSERTION)
		return;
	detail_registered_flag(call, "enabled", registered->enabled);
	detail_registered(call, "platform", slice_from(platform_name(registered->platform)));
	if (!registered->enabled) {
		call->audit_detail = SLICE_OF("the client application is disabled");
		detail_change(call, "Enable %.*s, if it shall be used again.", SLICE_ARGS(registered->name));
	} else if (registered->platform == PLATFORM_SPA) {
		call->audit_detail = SLICE_OF("a secret arrived, and the client application is registered for the platform spa, which has none");
		detail_change(call, "Let %.*s send no client_secret; if it runs on a server, register it anew for the platform web.", SLICE_ARGS(registered->name));
	} else {
		explain_secret(call, registered, presented);
	}
}

/* ---- proving ------------------------------------------------------------------------------------------------------ */

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
	explain(call, application, presented);
	int64_t wait_s = presented->way == WAY_NONE ? 0 : failure_limits_failed(call->oauth->failures, attempt, now_ms);
	return wait_s > 0 ? too_many(call, wait_s) : failed(call);
}

bool client_authentication_blocks(const struct token_request *form)
{
	return client_assertion_tried(form);
}

static void let_go(struct oauth_call *call, const struct application *application)
{
	call->known_client_id = arena_copy(call->arena, application->registered.client_id);
	application_release(application);
}

enum refusal client_authenticate(struct oauth_call *call, const struct token_request *form)
{
	struct presented presented = { .way = WAY_NONE };
	enum refusal refusal = read_presented(call, form, &presented);
	call->proof = presented.proof;
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
		let_go(call, application);
	return refusal;
}
