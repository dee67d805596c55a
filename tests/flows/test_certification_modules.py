"""The modules of the certification suites, walked one by one: their requests, judged as they judge, warnings counted as failures. The names are the suites' own;
docs/protocol/openid-profile.md is the list."""

import json
import re
import time

import jwt
import pytest

from support import certification as c
from support import people as p
from support.browser import Browser
from support.certification import AFTER, EMAIL, FIRST, NAME, PERSON, PROFILE, SECOND
from support.oauth import ask, post_form
from support.people import Site, arrive, authorize, dead_end, issuer_of, path_of, request_of, userinfo
from support.program import ROOT, Store, request
from support.relying_party import RelyingParties, logout_claims

STATE, NONCE = "aB3-" * 32, "nB7_" * 10  # of the length that suites try
BASIC, POST = "client_secret_basic", "client_secret_post"


# Of the plans for Basic OP, Config OP, RP-Initiated OP and Back-Channel OP; Form Post OP has those of Basic OP.
MODULES = """oidcc-server oidcc-response-type-missing oidcc-idtoken-signature oidcc-idtoken-unsigned oidcc-userinfo-get oidcc-userinfo-post-header
oidcc-userinfo-post-body oidcc-ensure-request-without-nonce-succeeds-for-code-flow oidcc-scope-profile oidcc-scope-email oidcc-scope-address oidcc-scope-phone
oidcc-scope-all oidcc-ensure-other-scope-order-succeeds oidcc-display-page oidcc-display-popup oidcc-prompt-login oidcc-prompt-none-not-logged-in
oidcc-prompt-none-logged-in oidcc-max-age-1 oidcc-max-age-10000 oidcc-ensure-request-with-unknown-parameter-succeeds oidcc-id-token-hint oidcc-login-hint
oidcc-ui-locales oidcc-claims-locales oidcc-ensure-request-with-acr-values-succeeds oidcc-codereuse oidcc-codereuse-30seconds oidcc-ensure-registered-redirect-uri
oidcc-ensure-post-request-succeeds oidcc-server-client-secret-post oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported oidcc-claims-essential oidcc-ensure-request-object-with-redirect-uri
oidcc-refresh-token oidcc-ensure-request-with-valid-pkce-succeeds oidcc-discovery-endpoint-verification
oidcc-rp-initiated-logout-discovery-endpoint-verification oidcc-rp-initiated-logout oidcc-rp-initiated-logout-bad-id-token-hint
oidcc-rp-initiated-logout-bad-post-logout-redirect-uri oidcc-rp-initiated-logout-modified-id-token-hint oidcc-rp-initiated-logout-no-id-token-hint
oidcc-rp-initiated-logout-no-params oidcc-rp-initiated-logout-no-post-logout-redirect-uri oidcc-rp-initiated-logout-no-state oidcc-rp-initiated-logout-only-state
oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri oidcc-backchannel-logout-discovery-endpoint-verification
oidcc-backchannel-rp-initiated-logout""".split()


def names(word, module):
	"""A word of the list: a module's name, the end of one behind another, or its beginning before an ellipsis."""
	return word == module or (word.startswith("-") and module.endswith(word)) or (word.endswith("…") and module.startswith(word[:-1]))


def test_the_list_of_requirements_names_every_module_of_the_plans():
	words = re.findall(r"(?<![\w/-])(?:oidcc)?-[a-z][a-z0-9-]*…?", (ROOT / "docs" / "protocol" / "openid-profile.md").read_text())
	assert [module for module in MODULES if not any(names(word, module) for word in words)] == []


@pytest.fixture(scope="module")
def parties():
	running = RelyingParties()
	yield running
	running.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory, parties):
	store = Store(tmp_path_factory.mktemp("suite"))
	document = c.document()
	document["partitions"][0]["client_applications"][0]["backchannel_logout_url"] = parties.url("/backchannel_logout")
	store.apply(document)
	with Site(store, "--address-failures", "1000000") as running:
		yield running


@pytest.fixture
def browser(site):
	return Browser(site)


def first_leg(browser, application=FIRST, **changes):
	"""The authorization request and its answer, with pages where they are shown."""
	page = arrive(browser, application, PERSON, NAME, **{"state": STATE, "nonce": NONCE, **changes})
	answer = page.answer
	own = {"dummy1", "dummy2"} if application is SECOND and page.answer_is_by == "query" else set()
	assert page.leads_to.startswith(application.redirect)
	assert set(answer) == {"code", "state", "iss"} | own
	assert (answer["state"], answer["iss"]) == (changes.get("state", STATE), issuer_of(browser.server, partition=NAME))
	assert len(answer["code"]) >= 22 and c.bits(answer["code"]) > 96
	return page


def walk(browser, application=FIRST, method=BASIC, nonce=NONCE, redeemed_with=None, **changes):
	"""(the token reply's body, the ID token's claims, what userinfo says): a flow from end to end, everything judged."""
	site = browser.server
	page = first_leg(browser, application, nonce=nonce, **changes)
	body = c.judge_tokens(c.redeem_by(site, application, page.answer["code"], method, **(redeemed_with or {})))
	return body, c.judge_id_token(site, body, application, nonce), c.judge_userinfo(userinfo(site, body["access_token"], partition=NAME))


ONCE = {
	"oidcc-server": {},
	"oidcc-ensure-request-without-nonce-succeeds-for-code-flow": {"nonce": None},
	"oidcc-ensure-other-scope-order-succeeds": {"scope": "email openid"},
	"oidcc-display-page": {"display": "page"},
	"oidcc-display-popup": {"display": "popup"},
	"oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra": "foobar"},
	"oidcc-login-hint": {"login_hint": "buffy@certification.example"},
	"oidcc-ui-locales": {"ui_locales": "se"},
	"oidcc-claims-locales": {"claims_locales": "se"},
	"oidcc-ensure-request-with-acr-values-succeeds": {"acr_values": "1"},
	"oidcc-ensure-request-with-valid-pkce-succeeds": {"code_challenge": p.CHALLENGE, "code_challenge_method": "S256", "redeemed_with": {"code_verifier": p.VERIFIER}},
}


@pytest.mark.parametrize("mode", [None, "form_post"], ids=["default", "form_post"])
@pytest.mark.parametrize("module", ONCE)
def test_modules_that_ask_once_succeed_without_a_warning(browser, module, mode):
	"""Basic OP and Form Post OP."""
	_, claims, told = walk(browser, **ONCE[module], response_mode=mode)
	assert claims["acr"] == "1" and not (PROFILE | EMAIL) & set(claims), "claims of the scopes are userinfo's in the code flow"
	assert set(told) == ({"sub"} | EMAIL if "email" in ONCE[module].get("scope", "") else {"sub"})


@pytest.mark.parametrize("mode", [None, "form_post"], ids=["default", "form_post"])
def test_oidcc_server_client_secret_post_and_the_second_client(browser, mode):
	assert POST in c.configuration(browser.server)["token_endpoint_auth_methods_supported"]
	walk(browser, method=POST, response_mode=mode)
	walk(browser, SECOND, response_mode=mode)
	walk(browser, SECOND, POST, response_mode=mode)


def test_oidcc_idtoken_signature_and_unsigned(browser):
	"""The latter is skipped where none is not offered."""
	body, _, _ = walk(browser)
	assert jwt.get_unverified_header(body["id_token"])["kid"] in c.judge_keys(browser.server)
	assert "none" not in c.configuration(browser.server)["id_token_signing_alg_values_supported"]


def test_oidcc_userinfo_get_post_header_and_post_body(browser):
	site = browser.server
	token = walk(browser, scope="openid profile email")[0]["access_token"]
	address = c.configuration(site)["userinfo_endpoint"]
	replies = [userinfo(site, token, partition=NAME), userinfo(site, token, partition=NAME, method="POST"), post_form(address, {"access_token": token})]
	told = [c.judge_userinfo(reply) for reply in replies]
	assert told[0] == told[1] == told[2] and {"sub"} | PROFILE | EMAIL == set(told[0])


@pytest.mark.parametrize("scope,wanted", [("openid profile", PROFILE), ("openid email", EMAIL)], ids=["oidcc-scope-profile", "oidcc-scope-email"])
def test_scope_modules_find_every_claim_of_the_scope_at_userinfo(browser, scope, wanted):
	_, claims, told = walk(browser, scope=scope)
	assert set(told) == {"sub"} | wanted and not wanted & set(claims)


@pytest.mark.parametrize("scope", ["openid address", "openid phone", "openid profile email phone address"],
                         ids=["oidcc-scope-address", "oidcc-scope-phone", "oidcc-scope-all"])
def test_scope_modules_of_scopes_that_are_not_listed_are_skipped_and_would_do_no_harm(browser, scope):
	assert not {"address", "phone"} & set(c.configuration(browser.server)["scopes_supported"])
	body, _, told = walk(browser, scope=scope)
	assert set(told) == {"sub"} | (PROFILE | EMAIL if "profile" in scope else set()) and not {"address", "phone"} & set(body["scope"].split())


@pytest.mark.parametrize("claims,in_id_token", [({"userinfo": {"name": {"essential": True}}}, False), ({"id_token": {"name": {"essential": True}}}, True)],
                         ids=["userinfo", "id_token"])
def test_oidcc_claims_essential(browser, claims, in_id_token):
	"""A name where it was asked for, and, which would warn, not where it was not."""
	_, found, told = walk(browser, claims=json.dumps(claims))
	assert ("name" in found, "name" in told) == (in_id_token, not in_id_token)


# ---- twice in one browser


AGAIN = {
	"oidcc-prompt-none-logged-in": lambda token: {"prompt": "none"},
	"oidcc-id-token-hint": lambda token: {"prompt": "none", "id_token_hint": token},
	"oidcc-max-age-10000": lambda token: {"max_age": "10000"},
}


@pytest.mark.parametrize("mode", [None, "form_post"], ids=["default", "form_post"])
@pytest.mark.parametrize("module", AGAIN)
def test_modules_that_ask_again_see_no_page_and_the_same_sign_in(browser, module, mode):
	body, before, _ = walk(browser, response_mode=mode)
	changes = AGAIN[module](body["id_token"])
	page = authorize(browser, FIRST, partition=NAME, state=STATE, response_mode=mode, **changes)
	assert "code" in page.answer, "no page in between"
	_, after, _ = walk(browser, response_mode=mode, **changes)
	assert [before[name] for name in ("iss", "sub", "aud", "auth_time", "sid")] == [after[name] for name in ("iss", "sub", "aud", "auth_time", "sid")]


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "1"}], ids=["oidcc-prompt-login", "oidcc-max-age-1"])
def test_modules_that_ask_to_sign_in_again_see_the_page_and_a_later_sign_in(browser, changes):
	_, before, _ = walk(browser)
	browser.server.wait_for(lambda: time.time() >= before["auth_time"] + 2.05, what="the moment at which max_age=1 is over")
	page = authorize(browser, FIRST, partition=NAME, **changes)
	assert page.shows("sign-in") and page.location is None
	_, after, _ = walk(browser, **changes)
	assert after["auth_time"] > before["auth_time"] and abs(time.time() - after["auth_time"]) < 60


@pytest.mark.parametrize("mode", [None, "form_post"], ids=["default", "form_post"])
def test_oidcc_prompt_none_not_logged_in(browser, mode):
	page = authorize(browser, FIRST, partition=NAME, state=STATE, prompt="none", response_mode=mode)
	assert c.judge_refused(browser.server, page.answer, STATE) in c.NEEDS_A_PAGE and page.answer_is_by == (mode or "query")


# ---- what must be refused


@pytest.mark.parametrize("changes,errors", [({"response_type": None}, {"invalid_request", "unsupported_response_type"}),
                                            ({"request": "object"}, {"request_not_supported"}),
                                            ({"request_uri": "https://suite.example/requests/1"}, {"request_uri_not_supported"})],
                         ids=["oidcc-response-type-missing", "oidcc-unsigned-request-object", "oidcc-request-uri-unsigned"])
def test_modules_that_must_be_refused_get_their_error_and_nothing_unexpected(browser, changes, errors):
	site, state = browser.server, STATE
	if "request" in changes:
		state = None  # it stands in the object alone, and nothing in there is read
		changes = {"request": c.unsigned({**dict(request_of(FIRST, state="inside")), "iss": FIRST.id, "aud": issuer_of(site, partition=NAME)})}
	found = c.configuration(site)
	assert found["request_parameter_supported"] is False and found["request_uri_parameter_supported"] is False
	for mode in (None, "form_post"):
		page = authorize(browser, FIRST, partition=NAME, state=state, nonce=None if "request" in changes else NONCE, response_mode=mode, **changes)
		assert c.judge_refused(site, page.answer, state) in errors and page.leads_to.startswith(FIRST.redirect)


def test_oidcc_ensure_registered_redirect_uri_and_the_one_in_a_request_object(browser):
	"""A page to make a picture of; an address that nobody registered is never visited."""
	site = browser.server
	first_leg(browser)
	elsewhere = FIRST.redirect + "/1dRCRNkRWb"
	inside = c.unsigned({**dict(request_of(FIRST)), "aud": issuer_of(site, partition=NAME)})
	dead_end(authorize(browser, FIRST, partition=NAME, redirect_uri=elsewhere), "redirect_uri")
	dead_end(authorize(browser, FIRST, partition=NAME, redirect_uri=elsewhere, request=inside), "redirect_uri")


def test_oidcc_ensure_post_request_succeeds(browser):
	page = browser.post(path_of(partition=NAME), request_of(FIRST, state=STATE, nonce=NONCE))
	answer = browser.sign_in(page, PERSON.name, PERSON.password).answer
	assert set(answer) == {"code", "state", "iss"} and answer["state"] == STATE
	c.judge_id_token(browser.server, c.judge_tokens(c.redeem_by(browser.server, FIRST, answer["code"], BASIC)), FIRST, NONCE)


@pytest.mark.parametrize("method", [BASIC, POST])
def test_oidcc_codereuse(browser, method):
	"""400, invalid_grant; and, which would warn after 30 seconds, the access token of the first use is dead."""
	site = browser.server
	code = first_leg(browser).answer["code"]
	body = c.judge_tokens(c.redeem_by(site, FIRST, code, method))
	c.judge_token_error(c.redeem_by(site, FIRST, code, method))
	assert userinfo(site, body["access_token"], partition=NAME).status_code in (400, 401, 403)


# ---- refreshing


def test_oidcc_refresh_token(browser):
	"""With scope in the first client's request, as the suite sends it; bound to the client."""
	site, kept = browser.server, {}
	assert {"refresh_token"} <= set(c.configuration(site)["grant_types_supported"])
	for application in (FIRST, SECOND):
		body, before, _ = walk(browser, application, scope="openid offline_access", prompt="consent")
		site.wait_for(lambda started=before["iat"]: time.time() >= started + 1.05, what="the next second")
		more = {"scope": "openid offline_access"} if application is FIRST else {}
		fresh = c.judge_tokens(ask(site, application, {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], **more}, NAME))
		after = c.judge_id_token(site, fresh, application, None)
		assert [before[name] for name in ("iss", "sub", "aud", "auth_time")] == [after[name] for name in ("iss", "sub", "aud", "auth_time")]
		assert after["iat"] > before["iat"] and ("azp" in before) == ("azp" in after) and fresh["access_token"] != body["access_token"]
		c.judge_userinfo(userinfo(site, fresh["access_token"], partition=NAME))
		kept[application.id] = fresh["refresh_token"]
	c.judge_token_error(ask(site, FIRST, {"grant_type": "refresh_token", "refresh_token": kept[SECOND.id], "scope": "openid offline_access"}, NAME))


# ---- discovery


def test_oidcc_discovery_endpoint_verification(site):
	"""Config OP, and the discovery modules of both logout profiles; that every address is https stands in test_openid_profile.py."""
	found = c.configuration(site)
	assert found["issuer"] == issuer_of(site, partition=NAME) and "code" in found["response_types_supported"] and "authorization_code" in found["grant_types_supported"]
	assert set(found["subject_types_supported"]) <= {"public", "pairwise"} and "RS256" in found["id_token_signing_alg_values_supported"]
	assert "openid" in found["scopes_supported"] and all(c.BASE64URL.fullmatch(scope) for scope in found["scopes_supported"])
	assert found["claims_parameter_supported"] is True and type(found["claims_supported"]) is type(found["code_challenge_methods_supported"]) is list
	assert found["end_session_endpoint"] and found["backchannel_logout_supported"] is True and found["backchannel_logout_session_supported"] is True
	c.judge_keys(site)


# ---- logout


def sign_out(browser, **parameters):
	return browser.get(path_of(partition=NAME, endpoint="/oauth2/logout"), {name: value for name, value in parameters.items() if value is not None})


def is_signed_out(browser):
	answer = authorize(browser, FIRST, partition=NAME, state=STATE, nonce=NONCE, prompt="none").answer
	return "code" not in answer and c.judge_refused(browser.server, answer, STATE) in c.NEEDS_A_PAGE


@pytest.mark.parametrize("state", [STATE, None], ids=["oidcc-rp-initiated-logout", "oidcc-rp-initiated-logout-no-state"])
def test_logout_with_a_hint_leads_back_with_the_state_alone_and_the_person_is_signed_out(browser, state):
	body, _, _ = walk(browser)
	page = sign_out(browser, id_token_hint=body["id_token"], post_logout_redirect_uri=AFTER, state=state)
	assert page.status == 303 and page.location == (f"{AFTER}?state={STATE}" if state else AFTER)
	assert is_signed_out(browser)


def test_oidcc_backchannel_rp_initiated_logout(browser, parties):
	body, claims, _ = walk(browser)
	sign_out(browser, id_token_hint=body["id_token"], post_logout_redirect_uri=AFTER, state=STATE)
	calls = {}
	while claims["sid"] not in calls:  # other tests sign out too
		known = len(calls)
		for call in parties.wait_for("/backchannel_logout", known + 1):
			calls[logout_claims(browser.server, call.token, FIRST, partition=NAME)["sid"]] = call
	call = calls[claims["sid"]]
	assert call.content_type.split(";")[0] == "application/x-www-form-urlencoded"
	found = logout_claims(browser.server, call.token, FIRST, partition=NAME)
	assert "nonce" not in found and found["sub"] == claims["sub"]
	assert is_signed_out(browser)


@pytest.mark.parametrize("module,change", [
	("bad-post-logout-redirect-uri", {"post_logout_redirect_uri": AFTER + "/1dRCRNkRWb"}),
	("query-added-to-post-logout-redirect-uri", {"post_logout_redirect_uri": AFTER + "?foo=bar"}),
	("bad-id-token-hint", {"id_token_hint": "1dRCRNkRWb"}),
	("modified-id-token-hint", {"id_token_hint": "unsigned"}),
	("no-id-token-hint", {"id_token_hint": None}),
	("only-state", {"id_token_hint": None, "post_logout_redirect_uri": None}),
	("no-params", {"id_token_hint": None, "post_logout_redirect_uri": None, "state": None}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_other_logout_modules_see_a_page_to_make_a_picture_of_and_are_led_nowhere(browser, module, change):
	body, claims, _ = walk(browser)
	parameters = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": AFTER, "state": STATE, **change}
	if parameters["id_token_hint"] == "unsigned":
		parameters["id_token_hint"] = c.unsigned(claims)
	page = sign_out(browser, **parameters)
	assert page.location is None and not page.shows("form-post") and page.text
	if module in ("no-id-token-hint", "only-state", "no-params"):
		page = browser.submit(page, "logout", "confirm-logout")
		assert page.location is None and "signed out" in page.text and is_signed_out(browser)
	else:
		assert page.status == 400 and not is_signed_out(browser)


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(browser):
	body, _, _ = walk(browser)
	page = sign_out(browser, id_token_hint=body["id_token"], state=STATE)
	assert page.location is None and "signed out" in page.text and is_signed_out(browser)


def test_userinfo_refuses_by_status_and_challenge(browser):
	"""What codereuse looks at after the token has died."""
	reply = request("GET", c.configuration(browser.server)["userinfo_endpoint"], headers={"Authorization": "Bearer x"})
	assert reply.status_code == 401 and reply.headers["WWW-Authenticate"].startswith("Bearer")
