#include "oauth/authorize/steps.h"

#include "base/clock.h"
#include "base/text.h"
#include "directory/console_application.h"
#include "oauth/authorize/authorization_response.h"
#include "oauth/authorize/consent.h"
#include "oauth/authorize/redirect_uri.h"

/* ---- is a step due? ----------------------------------------------------------------------------------------------------- */

/* subject: of id_token_hint or the claims parameter; ptr NULL: anybody is meant. */
static bool is_meant(struct slice subject, const struct person *person)
{
	return subject.ptr == NULL || slice_equal(subject, person->id);
}

/* A person is signed in, as recently and as explicitly as was asked, and is the one of this attempt. */
static enum refusal needs_sign_in(struct interaction *interaction, struct progress *progress, bool *ret)
{
	const struct authorization_request *request = &progress->request;
	const struct attempt_state *attempt = &progress->attempt;
	*ret = true;
	if (!interaction->signed_in)
		return REFUSAL_NONE;
	/* Somebody else signed in in another tab: the attempt goes no further with them (attacks A18). */
	if (attempt->sid.len > 0 && !slice_equal(attempt->sid, interaction->session.sid)) {
		progress->notice = NOTICE_OTHER_PERSON;
		return REFUSAL_NONE;
	}
	/* Without a page nobody can say that it is the one who is meant. */
	if (request->hint_unknown && (request->prompts & PROMPT_NONE) != 0)
		return REFUSAL_NONE;
	if (!is_meant(request->hinted_subject, &interaction->person) || !is_meant(request->wanted.subject, &interaction->person)) {
		progress->notice = attempt->signed_in ? NOTICE_OTHER_PERSON : NOTICE_AGAIN;
		return REFUSAL_NONE;
	}
	int64_t age_s = clock_s() - interaction->session.auth_time;
	bool again = (request->prompts & (PROMPT_LOGIN | PROMPT_SELECT_ACCOUNT)) != 0 || (request->max_age_s >= 0 && age_s >= request->max_age_s);
	*ret = again && !attempt->signed_in;
	if (*ret)
		progress->notice = NOTICE_AGAIN;
	return REFUSAL_NONE;
}

/* Delegated permissions of the Admin API: only for administrators (contract §4). */
static enum refusal needs_another_person(struct interaction *interaction, struct progress *progress, bool *ret)
{
	struct oauth_call *call = &interaction->call;
	*ret = false;
	if (!progress->request.granted.admin || scope_rules_person_may_administer(&call->realm, interaction->person.roles))
		return REFUSAL_NONE;
	return refuse(call, REFUSAL_SCOPE_ADMIN_CLOSED,
	              "The scope asks for permissions of the Admin API, which only a partition administrator has: sign in as one.");
}

static enum refusal needs_consent(struct interaction *interaction, struct progress *progress, bool *ret)
{
	struct oauth_call *call = &interaction->call;
	const struct client_application *application = &call->application->registered;
	bool native = application->platform == PLATFORM_SPA && redirect_uri_is_native(progress->request.redirect_uri) &&
	              !console_application_is(application->client_id);
	*ret = !progress->consented;
	if (progress->consented || native || (progress->request.prompts & PROMPT_CONSENT) != 0)
		return REFUSAL_NONE;
	*ret = false;
	if (application->consent == CONSENT_IMPLIED)
		return REFUSAL_NONE;
	struct slice allowed = { NULL, 0 };
	enum result result = store_consent_read(oauth_store(&interaction->call), &call->realm, interaction->person.id, application->client_id,
	                                        call->arena, &allowed);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return refuse_store(call);
	struct slice asked = progress->request.asked;
	struct slice name;
	while (slice_word(&asked, &name))
		*ret |= !slice_has_word(allowed, name);
	progress->remembered = !*ret;
	return REFUSAL_NONE;
}

/* ---- doing it ------------------------------------------------------------------------------------------------------------ */

static enum refusal show_sign_in(struct interaction *interaction, struct progress *progress)
{
	progress->attempt.sid = (struct slice) { NULL, 0 };
	progress->attempt.signed_in = false;
	sign_in_page(interaction, &progress->attempt, interaction->call.application->registered.name, progress->request.login_hint, progress->notice, 0);
	return REFUSAL_NONE;
}

static enum refusal show_consent(struct interaction *interaction, struct progress *progress)
{
	progress->attempt.sid = interaction->session.sid;
	return consent_page(interaction, &progress->attempt, &progress->request);
}

static const struct step {
	enum refusal (*due)(struct interaction *, struct progress *, bool *ret);
	enum refusal (*show)(struct interaction *, struct progress *);
	enum refusal without_page; /* what prompt=none is told */
	const char *sentence;
} steps[] = {
	{ needs_sign_in, show_sign_in, REFUSAL_LOGIN_REQUIRED, "Nobody who could be meant is signed in here: send the person without prompt=none, to give the password." },
	{ needs_another_person, NULL, REFUSAL_NONE, NULL },
	{ needs_consent, show_consent, REFUSAL_CONSENT_REQUIRED, "The person has not allowed this yet, and is asked each time here: send the person without prompt=none." },
};

/* ---- the code -------------------------------------------------------------------------------------------------------------- */

static enum result issue(struct interaction *interaction, const struct progress *progress, struct slice *ret_code)
{
	struct oauth_call *call = &interaction->call;
	const struct authorization_request *request = &progress->request;
	const int64_t now_ms = clock_ms();
	char gid[UUID_TEXT_SIZE];
	struct secret32 secret = secret32_random();
	struct writer text = writer_new(call->arena, 64);
	writer_base64url(&text, secret.bytes, sizeof secret.bytes);
	secret32_wipe(&secret);
	text_uuid7(now_ms, gid);
	if (!writer_ok(&text))
		return RESULT_NO_MEMORY;
	const struct code_issue issued = {
		.grant = {
			.gid = slice_from(gid),
			.client_id = call->application->registered.client_id,
			.person_id = interaction->person.id,
			.sid = interaction->session.sid,
			.scope = request->granted.names,
			.echoed = request->granted.echoed,
			.nonce = request->nonce,
			.claims_id_token = request->wanted.id_token,
			.claims_userinfo = request->wanted.userinfo,
			.auth_time = interaction->session.auth_time,
			.granted_ms = now_ms,
			.offline = request->granted.offline_access,
		},
		.code = hash32_of_kind("code", writer_slice(&text)),
		.redirect_uri = request->redirect_uri,
		.code_challenge = request->code_challenge,
		.now_s = now_ms / 1000,
		.expires_at = now_ms / 1000 + LIMIT_CODE_S,
		.session = interaction->browser.session_hash,
		.idle_s = call->oauth->session_idle_s,
		.consent = progress->consented ? request->asked : (struct slice) { NULL, 0 },
		.consent_remembered = progress->remembered,
	};
	enum result result = store_code_issue(oauth_store(&interaction->call), &call->realm, &issued);
	if (result == RESULT_OK)
		*ret_code = writer_slice(&text);
	return result;
}

static enum refusal give_code(struct interaction *interaction, struct progress *progress)
{
	struct slice code;
	switch (clock_plausible() ? issue(interaction, progress, &code) : RESULT_STORE_DOWN) {
	case RESULT_OK: authorization_respond_code(interaction, &progress->request, code); return REFUSAL_NONE;
	case RESULT_NOT_FOUND: /* the session was ended meanwhile */
		if ((progress->request.prompts & PROMPT_NONE) != 0)
			return refuse(&interaction->call, REFUSAL_LOGIN_REQUIRED, "%s", steps[0].sentence);
		return show_sign_in(interaction, progress);
	case RESULT_CONFLICT: /* the consent was withdrawn meanwhile */
		if ((progress->request.prompts & PROMPT_NONE) != 0)
			return refuse(&interaction->call, REFUSAL_CONSENT_REQUIRED, "The person has withdrawn the consent: send the person without prompt=none.");
		return show_consent(interaction, progress);
	default: return refuse(&interaction->call, REFUSAL_UNAVAILABLE, "The code could not be stored: try again.");
	}
}

static enum refusal next_step(struct interaction *interaction, struct progress *progress)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		bool due = false;
		enum refusal refusal = steps[i].due(interaction, progress, &due);
		if (refusal != REFUSAL_NONE)
			return refusal;
		if (!due)
			continue;
		if ((progress->request.prompts & PROMPT_NONE) != 0)
			return refuse(&interaction->call, steps[i].without_page, "%s", steps[i].sentence);
		return steps[i].show(interaction, progress);
	}
	return give_code(interaction, progress);
}

enum refusal steps_proceed(struct interaction *interaction, struct progress *progress)
{
	enum refusal refusal = next_step(interaction, progress);
	if (refusal == REFUSAL_NONE)
		return REFUSAL_NONE;
	authorization_respond_refusal(interaction, &progress->request, refusal);
	return REFUSAL_NONE;
}

enum refusal steps_resume(struct interaction *interaction, const struct form *form, struct progress *ret, bool *ret_answered)
{
	*ret = (struct progress) { .consented = false };
	*ret_answered = false;
	enum refusal refusal = attempt_read(interaction, form, &ret->attempt);
	if (refusal != REFUSAL_NONE || ret->attempt.request.len == 0)
		return refusal;
	refusal = authorization_request_read(&interaction->call, ret->attempt.request, &ret->request);
	interaction_speak(interaction, ret->request.ui_locales);
	if (refusal != REFUSAL_NONE && ret->request.answerable) {
		authorization_respond_refusal(interaction, &ret->request, refusal);
		*ret_answered = true;
		return REFUSAL_NONE;
	}
	return refusal;
}
