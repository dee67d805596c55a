"""Every parameter of an authorization request: contract §3, Requests; RFC 6749 §4.1.2.1; OpenID Connect Core §3.1.2."""

import re
import time
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser, encode
from support.oauth import unverified
from support.people import arrive, authorize, dead_end, judge_page, new_tokens, path_of, request_of, sent_back, succeeded
from support.program import request

SIGN_IN, CONSENT, CODE = "sign-in", "consent", "code"


@pytest.fixture(scope="module")
def signed_in_browsers():
	return {}


@pytest.fixture
def signed_in(site, signed_in_browsers):
	"""A browser with a session of a user; kept by the module, for tests that do not change the session."""
	if site not in signed_in_browsers:
		known = Browser(site)
		known.person = site.stranger()
		succeeded(arrive(known, p.WEB, known.person))
		signed_in_browsers[site] = known
	return signed_in_browsers[site]


def shown(page):
	"""What the browser stands before: a form of ours, or the way back."""
	for form in (SIGN_IN, CONSENT):
		if page.shows(form):
			assert page.status == 200
			judge_page(page)
			return form
	answer = page.answer
	return CODE if "code" in answer else answer["error"]


# ---- errors that must not be sent anywhere: A1


@pytest.mark.parametrize("changes,words", [
	({"client_id": None}, ["client_id"]),
	({"client_id": ""}, ["client_id"]),
	({"client_id": [p.WEB.id, p.WEB.id]}, ["client_id"]),
	({"client_id": [p.WEB.id, p.SECOND.id]}, ["client_id"]),
	({"client_id": [p.WEB.id, ""]}, ["client_id"]),
	({"client_id": "nobody-knows-it"}, ["client_id"]),
	({"client_id": p.WEB.id.upper()}, ["client_id"]),
	({"client_id": p.WEB.id + " "}, ["client_id"]),
	({"client_id": p.WEB.id + "\0"}, ["client_id"]),
	({"client_id": "x" * 3000}, ["client_id"]),
	({"client_id": p.OTHER_WEB.id, "redirect_uri": p.OTHER_WEB.redirect}, ["client_id"]),
	({"client_id": p.OFF.id, "redirect_uri": p.OFF.redirect}, ["client_id"]),
	({"redirect_uri": None}, ["redirect_uri"]),
	({"redirect_uri": ""}, ["redirect_uri"]),
	({"redirect_uri": [p.WEB.redirect, p.WEB.redirect]}, ["redirect_uri"]),
	({"redirect_uri": [p.WEB.redirect, "https://evil.example/"]}, ["redirect_uri"]),
	({"redirect_uri": [p.WEB.redirect, ""]}, ["redirect_uri"]),
	({"redirect_uri": "https://evil.example/"}, ["redirect_uri"]),
	({"redirect_uri": p.SECOND.redirect}, ["redirect_uri"]),
	({"redirect_uri": "/callback"}, ["redirect_uri"]),
	({"redirect_uri": "x" * 6000}, ["redirect_uri"]),
], ids=lambda value: str(value)[:60] if isinstance(value, dict) else "")
@pytest.mark.parametrize("more", [{}, {"prompt": "none"}, {"response_mode": "form_post"}, {"response_type": "token", "scope": None}],
                         ids=["", "prompt none", "form_post", "other errors too"])
def test_a_wrong_client_id_or_redirect_uri_gives_a_page_that_says_so_and_never_a_redirect(browser, changes, words, more):
	"""Contract §3: missing, doubled, unknown or unregistered gives an error page that says what was wrong, and never a redirect."""
	page = authorize(browser, p.WEB, **{**more, **changes})
	dead_end(page, *words)
	assert "evil.example" not in str(page.headers)
	assert 'href="https://evil' not in page.html and "action=\"https://evil" not in page.html


def test_an_application_without_a_redirect_address_gets_a_page(browser):
	"""Contract §3: unregistered."""
	dead_end(browser.get(path_of(), {"client_id": d.BARE.id, "response_type": "code", "scope": "openid", "redirect_uri": "https://web.example.com/callback"}), "redirect_uri")


def test_the_same_page_for_an_unknown_client_and_another_partitions(browser):
	"""A7: as if it did not exist."""
	pages = [authorize(browser, p.WEB, client_id=client_id) for client_id in (p.OTHER_WEB.id, "other-xyz")]
	texts = [page.text.replace(p.OTHER_WEB.id, "ID").replace("other-xyz", "ID").replace(page.headers["X-Request-Id"], "RID") for page in pages]
	assert texts[0] == texts[1]
	assert pages[0].status == pages[1].status


def test_an_unknown_realm_is_not_found(browser):
	"""Contract §2; A7."""
	for realm, partition in (("X", "ACME"), ("U", "NOSUCH"), ("U", "acme")):
		page = authorize(browser, p.WEB, realm, partition)
		assert page.status == 404 and page.location is None


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'\"&<>", "{{name}}", "\r\nX-Injected: 1"])
@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_was_wrong_is_shown_as_text(browser, name, text):
	"""A15: escaped wherever it comes out."""
	page = dead_end(authorize(browser, p.WEB, **{name: text}))
	for markup in ("<script>alert", "<img src=x"):
		assert markup not in page.html
	assert "X-Injected" not in page.headers


# ---- errors that go back


BACK = [
	({"response_type": None}, "invalid_request", "response_type"),
	({"response_type": ""}, "invalid_request", "response_type"),
	({"response_type": ["code", "code"]}, "invalid_request", "response_type"),
	({"response_type": "token"}, "unsupported_response_type", ""),
	({"response_type": "id_token"}, "unsupported_response_type", ""),
	({"response_type": "code id_token"}, "unsupported_response_type", ""),
	({"response_type": "none"}, "unsupported_response_type", ""),
	({"response_type": "Code"}, "unsupported_response_type", ""),
	({"response_type": "nonsense"}, "unsupported_response_type", ""),
	({"response_mode": "nonsense"}, "invalid_request", "response_mode"),
	({"response_mode": "web_message"}, "invalid_request", "response_mode"),
	({"response_mode": "QUERY"}, "invalid_request", "response_mode"),
	({"scope": None}, "invalid_scope", "scope"),
	({"scope": ""}, "invalid_scope", "scope"),
	({"scope": "   "}, "invalid_scope", "scope"),
	({"scope": "no.such.scope"}, "invalid_scope", "no.such.scope"),
	({"scope": d.UNASSIGNED["delegated"]}, "invalid_scope", d.UNASSIGNED["delegated"]),
	({"scope": f"openid {d.READ} {d.APP_READ}"}, "invalid_scope", d.APP_READ + ".*client.credentials"),
	({"scope": f"openid {d.OBO_READ}"}, "invalid_scope", d.OBO_READ + ".*on.behalf"),
	({"scope": ".default"}, "invalid_scope", ""),
	({"scope": d.READ.upper()}, "invalid_scope", ""),
	({"scope": 'a"b'}, "invalid_scope", ""),
	({"scope": ["openid", "openid"]}, "invalid_request", "scope"),
	({"prompt": "none login"}, "invalid_request", "prompt"),
	({"prompt": "none consent"}, "invalid_request", "prompt"),
	({"prompt": "login none"}, "invalid_request", "prompt"),
	({"prompt": "none select_account"}, "invalid_request", "prompt"),
	({"prompt": ["login", "login"]}, "invalid_request", "prompt"),
	({"max_age": "x"}, "invalid_request", "max_age"),
	({"max_age": "-1"}, "invalid_request", "max_age"),
	({"max_age": "1.5"}, "invalid_request", "max_age"),
	({"claims": "{"}, "invalid_request", "claims"),
	({"claims": "[]"}, "invalid_request", "claims"),
	({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported", ""),
	({"request_uri": "https://web.example.com/request"}, "request_uri_not_supported", ""),
	({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "request_uri_not_supported", ""),
	({"registration": "{}"}, "registration_not_supported", ""),
	({"nonce": ["a", "b"]}, "invalid_request", "nonce"),
	({"login_hint": ["a", "a"]}, "invalid_request", "login_hint"),
	({"code_challenge": [p.CHALLENGE, p.CHALLENGE], "code_challenge_method": "S256"}, "invalid_request", "code_challenge"),
	({"never_heard_of": ["1", "1"]}, "invalid_request", "never_heard_of"),
	({"nonce": "a\0b"}, "invalid_request", ""),
	({"login_hint": "a\nb"}, "invalid_request", ""),
	({"prompt": "none"}, "login_required", ""),
]


def name_of(value):
	return str(value)[:70] if isinstance(value, (dict, str)) else None


@pytest.mark.parametrize("changes,error,words", BACK, ids=name_of)
def test_any_other_error_goes_back_with_state_and_iss(site, browser, changes, error, words):
	"""Contract §3: any other error goes back to the redirect_uri with state and iss; redirects are 303; RFC 9207."""
	page = authorize(browser, p.WEB, **changes)
	sent_back(page, error, words, application=p.WEB, issuer=p.issuer_of(site))
	assert page.status == 303 and page.answer_is_by == "query"
	assert page.location.startswith(p.WEB.redirect + "?")


def test_every_error_that_goes_back_names_a_page_that_explains_it(site, browser):
	"""Contract §3, Errors: error_uri: {auth_url}/errors/{slug}, a page that explains it."""
	addresses = {}
	for changes, error, _ in BACK:
		addresses[authorize(browser, p.WEB, **changes).answer["error_uri"]] = error
	assert len(addresses) >= 10, addresses
	for address, error in addresses.items():
		assert address.startswith(site.url + "/errors/")
		page = browser.get(address)
		assert page.status == 200 and error in page.text, address


@pytest.mark.parametrize("changes,error", [({"scope": "no.such.scope"}, "invalid_scope"), ({"prompt": "none"}, "login_required"),
                                           ({"response_type": "token"}, "unsupported_response_type"), ({"request": "x.y.z"}, "request_not_supported")])
@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_an_error_goes_back_by_the_mode_that_was_asked_for(site, browser, mode, changes, error):
	"""Contract §3: response_mode; OAuth 2.0 Multiple Response Type Encoding Practices §2.1; Form Post Response Mode §2."""
	page = authorize(browser, p.WEB, response_mode=mode, **changes)
	sent_back(page, error, issuer=p.issuer_of(site))
	assert page.answer_is_by == mode
	if mode == "form_post":
		assert page.status == 200
		judge_page(page, silent="prompt" in changes)
		assert page.leads_to == p.WEB.redirect
	else:
		assert page.location.startswith(p.WEB.redirect + ("?" if mode == "query" else "#"))


def test_a_state_given_twice_is_an_error_without_a_state(browser):
	"""Contract §3: state doubled: without it."""
	for states in (["a", "a"], ["a", "b"]):
		page = authorize(browser, p.WEB, state=states)
		sent_back(page, "invalid_request", "state", application=p.WEB, state=None)
		assert page.answer_is_by == "query"


def test_a_response_mode_given_twice_is_an_error_by_query(browser):
	"""Contract §3: response_mode doubled: by query."""
	for modes in (["fragment", "fragment"], ["form_post", "fragment"]):
		page = authorize(browser, p.WEB, response_mode=modes)
		sent_back(page, "invalid_request", "response_mode", application=p.WEB)
		assert page.answer_is_by == "query"


def test_an_error_with_a_malformed_state_goes_back_without_breaking_the_header(browser):
	"""Contract §6: control characters in a parameter: invalid_request; A15."""
	for state in ("a%00b", "a%0d%0aX-Injected:%201", "%ff", "%c3%28"):
		page = browser.get(path_of(), encode(request_of(p.WEB, state=None)) + "&state=" + state)
		assert page.answer["error"] == "invalid_request" and page.location.startswith(p.WEB.redirect + "?")
		assert "X-Injected" not in page.headers
		assert not any(ord(character) < 0x21 or ord(character) > 0x7e for character in page.location)


STATES = ["x", "a b", "a+b", "a&b=c", "a=b;c", "100%", "#fragment", "?query", "<b>\"'", "zoë ☃ 漢", "\\", "%41", "x" * 2000, "code=1&error=2"]


@pytest.mark.parametrize("state", STATES, ids=lambda value: value[:20])
@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_state_returns_as_it_came(signed_in, state, mode):
	"""Contract §3: state is optional and returned as it came."""
	succeeded(authorize(signed_in, p.WEB, state=state, response_mode=mode), state=state)
	sent_back(authorize(signed_in, p.WEB, state=state, response_mode=mode, scope="x.y"), "invalid_scope", state=state)


def test_no_state_no_state_back(signed_in):
	"""Contract §3: optional; a parameter without a value counts as absent."""
	for state in (None, ""):
		succeeded(authorize(signed_in, p.WEB, state=state), state=None)
		sent_back(authorize(signed_in, p.WEB, state=state, scope=None), "invalid_scope", state=None)


def test_state_survives_the_pages_in_between(site, browser, person):
	"""Contract §3: attempts are kept by attempt; state returns as it came."""
	state = STATES[8] + STATES[9] + STATES[3]
	page = authorize(browser, p.ASKING, state=state, scope=f"openid {d.READ}")
	page = browser.sign_in(page, person.name, "a wrong password")
	assert page.shows("sign-in")
	page = browser.sign_in(page, person.name, person.password)
	assert page.shows("consent")
	succeeded(browser.decide(page), p.ASKING, state=state, issuer=p.issuer_of(site))


# ---- what goes well


@pytest.mark.parametrize("mode", [None, "", "query", "fragment", "form_post"])
def test_a_code_comes_by_the_mode_that_was_asked_for(site, signed_in, mode):
	"""Contract §3: query (default), fragment, form_post; code, state and iss, and nothing else."""
	page = authorize(signed_in, p.WEB, response_mode=mode)
	code = succeeded(page, p.WEB, issuer=p.issuer_of(site))
	assert re.fullmatch(p.CODE, code)
	assert page.answer_is_by == (mode or "query")
	if mode == "form_post":
		judge_page(page)
		form = page.form("form-post")
		assert page.status == 200 and form.method == "POST" and form.action == p.WEB.redirect
		assert form.names() == {"code", "state", "iss"}
		assert "continue" in form.buttons, "works without script"
		assert code not in page.url
	else:
		assert page.status == 303 and page.location.startswith(p.WEB.redirect + ("#" if mode == "fragment" else "?"))
		assert "no-store" in page.headers["Cache-Control"]
		assert "no-referrer" in page.headers["Referrer-Policy"]
	p.tokens_of(p.redeem(site, p.WEB, code), "id_token")


def test_a_silent_renewal_by_form_post_may_come_in_a_frame_and_a_page_that_asks_may_not(site, signed_in):
	"""Contract §3, Sessions: silent renewal in a frame, form_post; A13: framed pages."""
	page = authorize(signed_in, p.WEB, response_mode="form_post", prompt="none")
	succeeded(page)
	judge_page(page, silent=True)
	judge_page(authorize(Browser(site), p.WEB, response_mode="form_post"))
	judge_page(authorize(signed_in, p.WEB, response_mode="form_post", prompt="consent"))
	judge_page(authorize(signed_in, p.WEB, response_mode="form_post", prompt="none", redirect_uri="https://evil.example/"))


def test_the_form_post_page_may_post_only_to_the_client(signed_in):
	"""A13, A9: its policy names the one address; its script, if there is one, is allowed by hash."""
	page = authorize(signed_in, p.WEB, response_mode="form_post")
	policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
	assert "form-action" not in policy or "https://web.example.com" in policy["form-action"]
	assert "'self'" not in policy.get("script-src", "'none'")
	for script in page.parsed.scripts:
		assert "src" not in script and "'sha256-" in policy["script-src"]


def test_the_client_ids_of_a_partition_are_good_in_both_realms(site, customer):
	"""Contract §3: code, realms U and C."""
	browser = Browser(site)
	code = succeeded(arrive(browser, p.WEB, customer), p.WEB, issuer=p.issuer_of(site, "C"))
	p.tokens_of(p.redeem(site, p.WEB, code, "C"), "id_token")


def test_a_redirect_address_keeps_its_own_query(signed_in):
	"""RFC 6749 §3.1.2: the query component MUST be retained when adding parameters."""
	page = authorize(signed_in, p.WEB, redirect_uri=p.WEB_WITH_QUERY)
	assert page.location.startswith(p.WEB_WITH_QUERY + "&")
	assert set(dict(parse_qsl(urlsplit(page.location).query))) == {"x", "y", "code", "state", "iss"}
	page = authorize(signed_in, p.WEB, redirect_uri=p.WEB_WITH_QUERY, response_mode="fragment")
	assert page.location.startswith(p.WEB_WITH_QUERY + "#")
	page = authorize(signed_in, p.WEB, redirect_uri=p.WEB_WITH_QUERY, scope=None)
	assert page.location.startswith(p.WEB_WITH_QUERY + "&error=") or "&error=invalid_scope" in page.location


@pytest.mark.parametrize("changes", [
	{"acr_values": "urn:mace:incommon:iap:silver 0 1"}, {"acr_values": "\u2603"}, {"display": "page"}, {"display": "nonsense"}, {"ui_locales": "ar de-DE en"},
	{"ui_locales": "!!! ???"}, {"ui_locales": "x" * 1000}, {"claims_locales": "fr"}, {"claims_locales": "-"}, {"resource": "https://api.example.com"},
	{"resource": ["https://a.example", "https://b.example"]}, {"audience": ["a", "a"]}, {"domain_hint": "x"}, {"client_info": "1"}, {"x-client-SKU": "msal.js.browser"},
	{"forceLogin": "true"}, {"never_heard_of": "x"}, {"nonce": "n-0S6_WzA2Mj"}, {"claims": "{}"}, {"claims": '{"userinfo":{"name":null},"unknown":{}}'},
	{"scope": "openid address phone"}, {"scope": f"{d.READ} {d.MANAGE}"}, {"scope": d.PREFIX + d.READ}, {"scope": "offline_access openid"}, {"prompt": ""}, {"max_age": ""},
	{"request": "", "request_uri": "", "registration": ""}, {"client_secret": ""},
], ids=name_of)
def test_what_may_be_asked_for_or_ignored_never_fails(signed_in, changes):
	"""Contract §3: acr_values, display, ui_locales, claims_locales never fail; an unknown parameter is ignored; one without a value counts as absent."""
	succeeded(authorize(signed_in, p.WEB, **changes), p.WEB)


def test_a_post_form_does_what_the_address_does(site, browser, signed_in, person):
	"""OpenID Connect Core §3.1.2.1: GET and POST; contract §2."""
	page = browser.post(path_of(), request_of(p.WEB, state="posted"))
	judge_page(page)
	assert page.status == 200
	page = browser.sign_in(page, person.name, person.password)
	code = succeeded(page, p.WEB, state="posted", issuer=p.issuer_of(site))
	p.tokens_of(p.redeem(site, p.WEB, code), "id_token")
	sent_back(browser.post(path_of(), request_of(p.WEB, scope="x.y")), "invalid_scope", "x.y")
	dead_end(browser.post(path_of(), request_of(p.WEB, redirect_uri="https://evil.example/")), "redirect_uri")


def test_a_long_form_is_taken(site, browser, person):
	"""Contract §6: form 64 KiB; §3: an unknown parameter is ignored."""
	page = browser.post(path_of(), request_of(p.WEB, never_heard_of="x" * 20000))
	succeeded(browser.sign_in(page, person.name, person.password), p.WEB, issuer=p.issuer_of(site))
	page = browser.post(path_of(), request_of(p.WEB, never_heard_of="x" * 50000, prompt="none"))
	succeeded(page, p.WEB)


def test_a_head_request_gives_no_code(site, signed_in):
	"""RFC 9110 §9.2.1: safe. A link checker or prefetcher must not use anything up or be given anything."""
	cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in signed_in.jar.values())
	reply = request("HEAD", site.url + path_of(), params=request_of(p.WEB), headers={"Cookie": cookies})
	assert reply.status_code < 500 and "code=" not in reply.headers.get("Location", "") and not reply.content


def test_a_post_reads_only_the_body(browser):
	"""Contract §3: POST reads only the body."""
	dead_end(browser.post(path_of() + "?" + encode(request_of(p.WEB)), []), "client_id")
	dead_end(browser.post(path_of() + "?redirect_uri=" + quote(p.WEB.redirect, safe=""), request_of(p.WEB, redirect_uri=None)), "redirect_uri")
	assert browser.post(path_of() + "?client_id=x&redirect_uri=y&scope=z", request_of(p.WEB)).shows("sign-in")


def test_a_post_that_is_no_form_gets_a_page(browser):
	"""Contract §6: wrong content type: invalid_request."""
	for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x", None):
		page = browser.post(path_of(), encode(request_of(p.WEB)), headers={"Content-Type": content_type})
		dead_end(page)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_any_other_method_is_405(site, method):
	"""Contract §6."""
	reply = request(method, site.url + path_of())
	assert reply.status_code == 405 and {"GET", "POST"} <= {word.strip() for word in reply.headers["Allow"].split(",")}


# ---- prompt, max_age and hints


PROMPTS = {
	# prompt: (without a session, with one and nothing to allow, with one and something to allow)
	None: (SIGN_IN, CODE, CONSENT),
	"none": ("login_required", CODE, "consent_required"),
	"login": (SIGN_IN, SIGN_IN, SIGN_IN),
	"consent": (SIGN_IN, CONSENT, CONSENT),
	"select_account": (SIGN_IN, SIGN_IN, SIGN_IN),
	"login consent": (SIGN_IN, SIGN_IN, SIGN_IN),
	"consent login": (SIGN_IN, SIGN_IN, SIGN_IN),
	"consent select_account": (SIGN_IN, SIGN_IN, SIGN_IN),
	"login select_account": (SIGN_IN, SIGN_IN, SIGN_IN),
}


@pytest.mark.parametrize("prompt", PROMPTS, ids=str)
@pytest.mark.parametrize("session", [False, True], ids=["no session", "session"])
@pytest.mark.parametrize("consent", ["implied", "given", "missing"])
def test_prompt_says_which_pages_are_shown(site, person, prompt, session, consent):
	"""Contract §3: prompt none (alone), login, consent (shows the page even where consent is implied), select_account; Core §3.1.2.1."""
	browser = Browser(site)
	application = p.WEB if consent == "implied" else p.ASKING
	if consent == "given":
		succeeded(arrive(Browser(site), application, person))
	if session:
		succeeded(arrive(browser, p.WEB, person))
	without, clear, asking = PROMPTS[prompt]
	expected = without if not session else asking if consent == "missing" else clear
	page = authorize(browser, application, prompt=prompt)
	assert shown(page) == expected
	if expected == SIGN_IN:
		page = browser.sign_in(page, person.name, person.password)
		after = CONSENT if consent == "missing" or "consent" in (prompt or "") else CODE
		assert shown(page) == after
	if shown(page) == CONSENT:
		page = browser.decide(page)
		assert shown(page) == CODE
	if shown(page) == CODE:
		p.tokens_of(p.redeem(site, application, page.answer["code"]), "id_token")


def test_signing_in_again_because_of_prompt_login_renews_the_time_of_signing_in(site, browser, person):
	"""Core §3.1.2.1: SHOULD prompt for reauthentication; auth_time."""
	first = p.id_claims(site, new_tokens(site, p.WEB, person, "openid", browser)["id_token"], p.WEB)
	site.wait_for(lambda: time.time() >= first["auth_time"] + 1.05, what="the next second")
	second = p.id_claims(site, new_tokens(site, p.WEB, person, "openid", browser)["id_token"], p.WEB)
	assert second["auth_time"] == first["auth_time"], "a session that goes on is no new sign-in"
	third = p.id_claims(site, new_tokens(site, p.WEB, person, "openid", browser, prompt="login")["id_token"], p.WEB)
	assert third["auth_time"] > first["auth_time"]


def test_max_age_asks_again_when_the_sign_in_is_older(site, browser, person):
	"""Contract §3: max_age; Core §3.1.2.1."""
	succeeded(arrive(browser, p.WEB, person))
	succeeded(authorize(browser, p.WEB, max_age="10000"))
	succeeded(authorize(browser, p.WEB, max_age="10000", prompt="none"))
	site.wait_for(lambda: shown(authorize(browser, p.WEB, max_age="1", prompt="none")) == "login_required", what="a sign-in older than a second")
	page = authorize(browser, p.WEB, max_age="1")
	assert page.shows("sign-in")
	code = succeeded(browser.sign_in(page, person.name, person.password), p.WEB)
	claims = p.id_claims(site, p.tokens_of(p.redeem(site, p.WEB, code), "id_token")["id_token"], p.WEB)
	assert time.time() - claims["auth_time"] < 30


def test_max_age_zero_is_prompt_login(site, browser, person):
	"""Core §3.1.2.1: max_age=0 is like prompt=login; after the password it must not ask for ever."""
	succeeded(arrive(browser, p.WEB, person))
	page = authorize(browser, p.WEB, max_age="0")
	assert page.shows("sign-in")
	succeeded(browser.sign_in(page, person.name, person.password), p.WEB)
	sent_back(authorize(browser, p.WEB, max_age="0", prompt="none"), "login_required")


def test_login_hint_is_filled_in_and_nothing_more(browser):
	"""Contract §3: login_hint; A15."""
	for hint in ("agent.smith", "o'brien+zoë@example.com", "\"><script>alert(1)</script>", "x" * 200):
		page = authorize(browser, p.WEB, login_hint=hint)
		assert page.form("sign-in")["username"] == hint
		assert "<script>alert" not in page.html
	assert authorize(browser, p.WEB).form("sign-in")["username"] == ""


def test_an_id_token_hint_of_the_person_who_is_there_changes_nothing(site, browser, person):
	"""Contract §3: id_token_hint."""
	hint = new_tokens(site, p.WEB, person, "openid", browser)["id_token"]
	succeeded(authorize(browser, p.WEB, id_token_hint=hint))
	succeeded(authorize(browser, p.WEB, id_token_hint=hint, prompt="none"))


def test_an_id_token_hint_of_somebody_else_asks_to_sign_in(site, browser, person):
	"""Contract §3: naming somebody else: sign in again, or login_required."""
	hint = new_tokens(site, p.WEB, site.stranger(), "openid")["id_token"]
	succeeded(arrive(browser, p.WEB, person))
	sent_back(authorize(browser, p.WEB, id_token_hint=hint, prompt="none"), "login_required")
	assert authorize(browser, p.WEB, id_token_hint=hint).shows("sign-in")


def test_nobody_but_the_person_of_the_hint_can_complete_it(site, browser, person):
	"""Core §3.1.2.1, id_token_hint: a positive response only for that person."""
	other = site.stranger()
	hint = new_tokens(site, p.WEB, other, "openid")["id_token"]
	page = browser.sign_in(authorize(browser, p.WEB, id_token_hint=hint), person.name, person.password)
	assert page.location is None or "code" not in page.answer
	if page.shows("sign-in"):
		code = succeeded(browser.sign_in(page, other.name, other.password))
		assert p.id_claims(site, p.redeem(site, p.WEB, code).json()["id_token"], p.WEB)["sub"] == other.id


@pytest.mark.parametrize("make", [lambda token: "nonsense", lambda token: token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB"),
                                  lambda token: "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".", lambda token: token.split(".")[0] + ".e30." + token.split(".")[2]],
                         ids=["nonsense", "signature", "alg none", "payload"])
def test_a_hint_that_is_no_id_token_of_ours_is_no_way_in(site, browser, person, make):
	"""A4, A8: verified before it is believed. It is refused, or as if it were not there, but never believed."""
	hint = make(new_tokens(site, p.WEB, person, "openid", browser)["id_token"])
	page = authorize(browser, p.WEB, id_token_hint=hint, prompt="none")
	assert page.answer.get("error") in ("invalid_request", "login_required"), page.answer


def test_a_hint_that_cannot_be_verified_locks_nobody_out(site, browser, person):
	"""Core §3.1.2.1: a hint; its key may be gone long ago. Without a page nobody can say that it is the one who is meant."""
	succeeded(arrive(browser, p.WEB, person))
	sent_back(authorize(browser, p.WEB, id_token_hint="e30.e30.e30", prompt="none"), "login_required")
	succeeded(authorize(browser, p.WEB, id_token_hint="e30.e30.e30"))


def test_a_hint_of_another_realm_or_partition_is_no_hint_of_ours(site, browser, person):
	"""A7: the same id elsewhere is somebody else."""
	succeeded(arrive(browser, p.WEB, person))
	theirs = arrive(Browser(site), p.OTHER_WEB, p.THEIRS, "OTHER").answer["code"]
	hints = [p.redeem(site, p.OTHER_WEB, theirs, partition="OTHER").json()["id_token"], new_tokens(site, p.WEB, site.stranger("C"), "openid")["id_token"]]
	for hint in hints:
		assert authorize(browser, p.WEB, id_token_hint=hint, prompt="none").answer.get("error") in ("invalid_request", "login_required")


def test_a_hint_of_a_customer_is_no_hint_of_the_user_with_the_same_id(own_site):
	"""Contract §1: a realm is an issuer; sub is unique within one (Core §2)."""
	own_site.store.apply(d.partial(customers=[{"id": p.SMITH.id, "email": "twin@example.com", "password_hash": p.QUICK_HASH}]))
	hint = new_tokens(own_site, p.WEB, p.Person(p.SMITH.id, "twin@example.com", "C"), "openid")["id_token"]
	browser = Browser(own_site)
	succeeded(arrive(browser, p.WEB, p.SMITH))
	assert authorize(browser, p.WEB, id_token_hint=hint, prompt="none").answer.get("error") in ("invalid_request", "login_required")


def test_a_claims_parameter_that_names_another_sub_is_not_answered_for_this_one(site, browser, person):
	"""Core §3.1.2.2, §5.5.1: sub with a specific value."""
	succeeded(arrive(browser, p.WEB, person))
	wanted = '{"id_token":{"sub":{"value":"%s"}}}'
	succeeded(authorize(browser, p.WEB, claims=wanted % person.id, prompt="none"))
	sent_back(authorize(browser, p.WEB, claims=wanted % "somebody-else", prompt="none"), "login_required")


# ---- scopes of the Admin API


def admin_scope_of(site, person, **changes):
	"""The granted scope and the token's claims, or the error."""
	answer = arrive(Browser(site), p.ADMIN, person, **changes).answer
	if "error" in answer:
		return answer["error"], None
	body = p.redeem(site, p.ADMIN, answer["code"], person.realm)
	if body.status_code != 200:
		return body.json()["error"], None
	return body.json()["scope"], unverified(body.json()["access_token"])


def test_permissions_of_the_admin_api_are_for_signed_in_administrators_alone(site, person, customer):
	"""Contract §4, Admin API: only for signed-in users with the role partition_administrator; aud is then {auth_url}/admin/v1."""
	scope, claims = admin_scope_of(site, p.PA, scope="openid writ.admin.read")
	assert set(scope.split()) == {"openid", "writ.admin.read"}
	assert claims["aud"] == site.url + "/admin/v1"
	assert admin_scope_of(site, person, scope="openid writ.admin.read")[0] in ("invalid_scope", "access_denied")
	assert admin_scope_of(site, customer, scope="writ.admin.manage")[0] in ("invalid_scope", "access_denied")


def test_permissions_of_the_admin_api_are_never_mixed_with_others(browser):
	"""Contract §4: the OpenID scopes apart (invalid_scope)."""
	sent_back(authorize(browser, p.ADMIN, scope=f"writ.admin.read {d.READ}"), "invalid_scope")
	sent_back(authorize(browser, p.ADMIN, scope="app.writ.admin.manage"), "invalid_scope")


def test_the_role_counts_when_the_token_is_made(own_site):
	"""Contract §4: only for signed-in users with the role; §3, Live state: a permission taken away is missing from the next refresh."""
	browser = Browser(own_site)
	answer = arrive(browser, p.ADMIN, p.PA, scope="openid offline_access writ.admin.manage").answer
	tokens = p.tokens_of(p.redeem(own_site, p.ADMIN, answer["code"]), "id_token", "refresh_token")
	waiting = authorize(browser, p.ADMIN, scope="openid writ.admin.manage").answer["code"]
	own_site.store.apply(d.partial(users=[{"id": "1001", "username": "pa", "roles": []}]))
	for reply in (p.refresh(own_site, p.ADMIN, tokens["refresh_token"]), p.redeem(own_site, p.ADMIN, waiting)):
		if reply.status_code == 200:
			assert "writ.admin" not in reply.json()["scope"] and "writ.admin" not in unverified(reply.json()["access_token"])["scope"]
		else:
			assert reply.json()["error"] in ("invalid_grant", "invalid_scope"), reply.text
	page = authorize(browser, p.ADMIN, scope="openid writ.admin.manage")
	assert page.location is None or page.answer.get("error") in ("invalid_scope", "access_denied")


def test_a_token_for_the_admin_api_is_refused_at_userinfo(site):
	"""Contract §4: the token's aud is then {auth_url}/admin/v1, it is refused everywhere else."""
	answer = arrive(Browser(site), p.ADMIN, p.PA, scope="openid profile writ.admin.read").answer
	token = p.redeem(site, p.ADMIN, answer["code"]).json()["access_token"]
	reply = p.userinfo(site, token)
	assert reply.status_code == 401 and "invalid_token" in reply.headers["WWW-Authenticate"]


def test_a_scope_named_twice_is_granted_once(site, signed_in):
	"""RFC 6749 §3.3: a list without an order; a name in it twice is no other list."""
	page = authorize(signed_in, p.WEB, scope=f"openid {d.READ} openid {d.READ}")
	body = p.tokens_of(p.redeem(site, p.WEB, succeeded(page)), "id_token")
	for scope in (body["scope"], unverified(body["access_token"])["scope"]):
		assert sorted(scope.split()) == sorted(["openid", d.READ])


# ---- hostile bytes


@pytest.mark.parametrize("name", ["response_type", "response_mode", "scope", "state", "nonce", "prompt", "login_hint", "claims", "id_token_hint", "ui_locales",
                                  "code_challenge", "acr_values", "never_heard_of"])
def test_an_over_long_parameter_goes_back_or_goes_well_and_never_elsewhere(signed_in, name):
	"""Contract §6; A9, A16."""
	page = authorize(signed_in, p.WEB, **{name: "x" * 6500})
	assert page.location is not None and page.location.startswith(p.WEB.redirect + "?"), f"{page.status} {page.text[:200]}"
	answer = page.answer
	assert "code" in answer or answer["error"] in ("invalid_request", "invalid_scope", "unsupported_response_type"), answer


def test_more_than_anyone_needs_is_refused_without_a_redirect_elsewhere(site, browser):
	"""A16: 10 000 parameters, a huge form."""
	page = browser.get(path_of(), encode(request_of(p.WEB)) + "".join(f"&p{number}=1" for number in range(200)))
	assert page.status in (303, 400, 414, 431) and (page.location is None or page.location.startswith(p.WEB.redirect + "?error="))
	page = browser.post(path_of(), encode(request_of(p.WEB)) + "".join(f"&p{number}=1" for number in range(5000)))
	assert page.status in (303, 400, 413) and (page.location is None or page.location.startswith(p.WEB.redirect + "?error="))
	page = browser.post(path_of(), encode(request_of(p.WEB, nonce="x" * 70000)))
	assert page.status == 413 and page.location is None


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "login_hint", "claims", "id_token_hint", "ui_locales"])
@pytest.mark.parametrize("bytes_", ["%00", "%ff", "%c0%80", "%ed%a0%80", "%0a", "%zz", "%"])
def test_bytes_that_are_no_text_never_give_a_code(signed_in, name, bytes_):
	"""Contract §6: NUL, invalid UTF-8, control characters in a parameter: invalid_request; A9."""
	good = encode([pair for pair in request_of(p.WEB) if pair[0] != name])
	page = signed_in.get(path_of(), f"{good}&{name}=x{bytes_}y")
	if name in ("client_id", "redirect_uri"):
		dead_end(page)
	elif page.location is not None:
		assert page.location.startswith(p.WEB.redirect + "?") and page.answer["error"] == "invalid_request", page.location
	else:
		assert page.status == 400


def test_a_long_request_goes_through_as_a_form(browser, person):
	"""Contract §6: a form has 64 KiB; what is too long for an address can be posted."""
	claims = '{"userinfo":{%s}}' % ",".join(f'"x{i:03}":null' for i in range(300))
	page = browser.post(path_of(), request_of(p.WEB, state="s" * 4000, claims=claims, login_hint="h" * 2000, unknown="u" * 16000))
	assert page.shows("sign-in") and page.status == 200
	succeeded(browser.sign_in(page, person.name, person.password), state="s" * 4000)
	dead_end(Browser(browser.server).post(path_of(), request_of(p.WEB, unknown="u" * 40000)))


def test_a_safe_method_gives_no_code(site, browser, person):
	"""RFC 9110 §9.2.1."""
	succeeded(arrive(browser, p.WEB, person))
	reply = browser.go("HEAD", browser.auth_url + path_of() + "?" + encode(request_of(p.WEB)))
	assert reply.location is None


def test_people_get_a_page_where_the_server_refuses_by_itself(browser):
	"""Issue 3, Deliver 2: a clear page for every dead end."""
	reply = browser.post("/system/auth/ACME-U/sign-in?" + "x" * 10, [], headers={"Content-Type": "text/plain"})
	dead_end(reply)
