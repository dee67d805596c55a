"""Sign-out that an application asks for, and telling the others (contract §3 Logout; OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0;
A4, A13)."""

import sqlite3
import time

import jwt
import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.minting import mint
from support.oauth import introspect, post_form, refused, revoke, unverified
from support.people import authorize, dead_end, judge_page, new_tokens, path_of, refresh, userinfo
from support.program import DEADLINE_S, request
from support.relying_party import RelyingParties, logout_claims
from support.shared_site import sharing

FIRST = p.Application("logout-01", d.secret_of("logout-one"), "https://one.example.com/callback")
OTHER = p.Application("logout-02", d.secret_of("logout-two"), "https://two.example.com/callback")
SILENT = p.Application("logout-03", d.secret_of("logout-three"), "https://three.example.com/callback")  # wants to be told nothing
AFTER, AFTER_WITH_QUERY = "https://one.example.com/after", "https://one.example.com/after?x=1&y=%20"
AFTER_OTHER = "https://two.example.com/after"
STATE = "a b&c=d/é\"'<>"


def applications(parties, **changes):
	def one(application, name, **more):
		return d.application(application, name, [d.READ], redirect_urls=[application.redirect], consent="implied", **more)

	return [
		one(FIRST, "One", post_logout_redirect_urls=[AFTER, AFTER_WITH_QUERY], backchannel_logout_url=parties.url("/one"), **changes),
		one(OTHER, "Two", post_logout_redirect_urls=[AFTER_OTHER], backchannel_logout_url=parties.url("/two")),
		one(SILENT, "Three"),
	]


@pytest.fixture(scope="module")
def parties():
	running = RelyingParties()
	yield running
	running.close()


@pytest.fixture(scope="module")
def shared_site(people_store, tmp_path_factory, parties):
	store = people_store.copy_to(tmp_path_factory.mktemp("logout"))
	store.apply(d.partial("ACME", client_applications=applications(parties)))
	with sharing(store, tmp_path_factory) as shared:
		yield shared


def logout(browser, realm="U", partition="ACME", method="GET", **parameters):
	pairs = [(name, one) for name, value in parameters.items() for one in (value if isinstance(value, list) else [value]) if one is not None]
	path = path_of(realm, partition, "/oauth2/logout")
	return browser.get(path, pairs) if method == "GET" else browser.post(path, pairs)


def signed_in(site, person, application=FIRST, browser=None):
	"""A browser in which the person has signed in to the application, and its ID token."""
	browser = browser or Browser(site)
	return browser, new_tokens(site, application, person, scope=f"openid {d.READ}", browser=browser)["id_token"]


def has_session(browser, person):
	return "code" in authorize(browser, p.WEB, person.realm, prompt="none").answer


def says_done(page):
	judge_page(page)
	return page.status == 200 and page.url.endswith("/account?done=signed-out") and not page.parsed.forms and "signed out" in page.text


def asks(page):
	judge_page(page)
	return page.status == 200 and page.shows("logout")


def tampered(token):
	"""The claims changed, the signature kept."""
	head, body, signature = token.split(".")
	other = jwt.encode({**unverified(token), "sub": "1001"}, "x" * 32, algorithm="HS256").split(".")[1]
	return f"{head}.{other}.{signature}"


# ---- with a good hint


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("realm", ["U", "C"])
def test_a_hint_of_who_is_signed_in_ends_the_session_and_leads_back_with_state(site, realm, method):
	person = site.stranger(realm)
	browser, hint = signed_in(site, person)
	stolen = Browser(site)
	browser.copy_cookies_to(stolen)
	page = logout(browser, realm, method=method, id_token_hint=hint, post_logout_redirect_uri=AFTER, state=STATE, client_id=FIRST.id, logout_hint="x")
	assert page.status == 303 and page.answer == {"state": STATE} and page.location.startswith(AFTER + "?state=")
	assert any(cookie.is_deletion for cookie in page.cookies.values())
	assert not has_session(browser, person) and not has_session(stolen, person)
	event = site.audit_of(page.headers["X-Request-Id"])[0]
	assert (event["action"], event["result"], event["actor"], event["object"]) == ("session.ended", "ok", person.id, unverified(hint)["sid"])


def test_the_address_is_kept_as_it_was_registered_and_state_is_appended(site, person):
	browser, hint = signed_in(site, person)
	assert logout(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER_WITH_QUERY, state="s 1").location == AFTER_WITH_QUERY + "&state=s%201"
	browser, hint = signed_in(site, person)
	assert logout(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER_WITH_QUERY).location == AFTER_WITH_QUERY
	browser, hint = signed_in(site, person)
	assert logout(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER).location == AFTER


def test_without_an_address_a_page_says_that_it_is_done(site, person):
	browser, hint = signed_in(site, person)
	page = logout(browser, id_token_hint=hint, state="s")
	assert says_done(page) and "state" not in page.url
	assert [link for link in page.parsed.links if link.endswith("/account")]
	assert not has_session(browser, person)


def test_the_page_is_in_the_language_that_is_asked_for(site, person):
	browser, _ = signed_in(site, person)
	assert logout(browser, ui_locales="ar").parsed.html["lang"] == "ar"
	assert logout(browser, ui_locales="xx en").parsed.html["lang"] == "en"


def test_an_expired_hint_is_a_good_one(site, person):
	browser, hint = signed_in(site, person)
	now = int(time.time())
	old = mint(site.store, {**unverified(hint), "iat": now - 90000, "exp": now - 86400, "auth_time": now - 90000})
	assert logout(browser, id_token_hint=old, post_logout_redirect_uri=AFTER, state="s").location == AFTER + "?state=s"
	assert not has_session(browser, person)


@pytest.mark.parametrize("changes", [{"iss": "https://elsewhere.example"}, {"iss": None}, {"sub": None}, {"aud": None}, {"sub": 1001}, {"aud": [FIRST.id]}])
def test_a_hint_of_ours_that_is_no_id_token_of_this_realm_ends_nothing(site, person, changes):
	"""A4: a good signature is not enough."""
	browser, hint = signed_in(site, person)
	claims = {name: value for name, value in {**unverified(hint), **changes}.items() if value is not None}
	dead_end(logout(browser, id_token_hint=mint(site.store, claims), post_logout_redirect_uri=AFTER), "id_token_hint")
	assert has_session(browser, person)


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "jwt+something", ""])
def test_a_hint_of_another_type_ends_nothing(site, person, typ):
	"""A4: typ tells the kinds of tokens apart."""
	browser, hint = signed_in(site, person)
	dead_end(logout(browser, id_token_hint=mint(site.store, unverified(hint), typ)), "id_token_hint")
	assert has_session(browser, person)


def test_a_hint_of_a_former_session_of_the_same_person_is_good(site, person):
	"""Applications keep the ID token of their first sign-in."""
	browser, former = signed_in(site, person)
	assert says_done(logout(browser, id_token_hint=former))
	browser, present = signed_in(site, person, browser=browser)
	assert unverified(former)["sid"] != unverified(present)["sid"]
	assert logout(browser, id_token_hint=former, post_logout_redirect_uri=AFTER).location == AFTER
	assert not has_session(browser, person)


def test_only_the_session_of_this_browser_ends(site, person):
	browser, hint = signed_in(site, person)
	elsewhere, _ = signed_in(site, person)
	assert says_done(logout(browser, id_token_hint=hint))
	assert has_session(elsewhere, person) and not has_session(browser, person)


def test_grants_end_with_the_session_unless_they_are_offline(site, person):
	"""Back-Channel Logout §2.7, contract §3."""
	browser = Browser(site)
	tokens = new_tokens(site, FIRST, person, scope=f"openid {d.READ}", browser=browser)
	kept = new_tokens(site, OTHER, person, scope=f"openid offline_access {d.READ}", browser=browser)
	assert says_done(logout(browser, id_token_hint=tokens["id_token"]))
	assert introspect(site, FIRST, tokens["access_token"]) == {"active": False}
	assert introspect(site, OTHER, kept["access_token"])["active"] and refresh(site, OTHER, kept["refresh_token"]).status_code == 200


# ---- nobody signed in, or somebody else


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_is_not_signed_in_is_signed_out_already(site, person, method):
	_, hint = signed_in(site, person)
	nobody = Browser(site)
	assert says_done(logout(nobody, method=method))
	assert says_done(logout(nobody, method=method, id_token_hint=hint))
	assert says_done(logout(nobody, method=method, post_logout_redirect_uri=AFTER, client_id=FIRST.id, state="s"))
	assert logout(nobody, method=method, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s").location == AFTER + "?state=s"


def test_a_hint_in_another_browser_ends_nothing_there_or_here(site, person):
	"""An ID token is no key to a session: it only names its person."""
	browser, hint = signed_in(site, person)
	assert says_done(logout(Browser(site), id_token_hint=hint))
	assert has_session(browser, person)


def test_a_hint_of_somebody_else_asks_first_and_then_leads_back(site, person):
	_, hint = signed_in(site, site.stranger())
	browser, _ = signed_in(site, person)
	page = logout(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER, state=STATE)
	assert asks(page) and person.name in page.text and "form-action" not in page.headers["Content-Security-Policy"]
	assert has_session(browser, person)
	page = browser.submit(page, "logout", "confirm-logout")
	assert page.status == 303 and page.location.startswith(AFTER) and page.answer == {"state": STATE}
	assert not has_session(browser, person)


def test_a_hint_of_another_realm_or_partition_is_none_here(site, person, customer):
	"""A7."""
	browser, hint = signed_in(site, person)
	_, theirs = signed_in(site, customer)
	others = p.redeem(site, p.OTHER_WEB, p.new_code(site, p.OTHER_WEB, p.THEIRS, partition="OTHER"), partition="OTHER").json()["id_token"]
	for token in (theirs, others, mint(site.store, {**unverified(others), "iss": unverified(hint)["iss"], "sub": person.id}, partition="OTHER")):
		dead_end(logout(browser, id_token_hint=token), "id_token_hint")
	assert has_session(browser, person)


# ---- without a hint


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("parameters", [{}, {"state": "s"}, {"client_id": FIRST.id}, {"post_logout_redirect_uri": AFTER, "state": "s"},
                                        {"client_id": FIRST.id, "post_logout_redirect_uri": AFTER}, {"id_token_hint": ""},
                                        {"client_id": "nobody", "post_logout_redirect_uri": "https://evil.example/"}])
def test_without_a_hint_the_person_is_asked_and_led_nowhere(site, person, parameters, method):
	browser, _ = signed_in(site, person)
	page = logout(browser, method=method, **parameters)
	assert asks(page) and person.name in page.text and "form-action 'self'" in page.headers["Content-Security-Policy"]
	assert [link for link in page.parsed.links if link.endswith("/account")]
	assert has_session(browser, person)
	assert says_done(browser.submit(page, "logout", "confirm-logout"))
	assert not has_session(browser, person)


def test_the_page_that_asks_takes_its_answer_once(site, person):
	browser, _ = signed_in(site, person)
	page = logout(browser)
	assert says_done(browser.submit(page, "logout", "confirm-logout"))
	assert says_done(browser.submit(page, "logout", "confirm-logout"))  # nobody is there any more
	browser, _ = signed_in(site, person, browser=browser)
	dead_end(browser.submit(page, "logout", "confirm-logout"))
	assert has_session(browser, person)


# ---- A13: nobody else signs a person out


def test_a_forged_answer_to_the_question_signs_nobody_out(site, person):
	"""A13: without the value of this session's pages, with another session's, by an address."""
	browser, _ = signed_in(site, person)
	attacker, _ = signed_in(site, site.stranger())
	foreign = logout(attacker).form("logout")["anti_forgery"]
	own = logout(browser).form("logout")["anti_forgery"]
	for value in (foreign, "A" * 43, "x", own[:-1], own + "A"):
		page = dead_end(logout(browser, method="POST", anti_forgery=value))
		assert page.status == 403
		event = site.audit_of(page.headers["X-Request-Id"])[0]
		assert (event["action"], event["result"]) == ("logout.refused", "attempt-foreign")
	for value in (foreign, own):
		assert asks(logout(browser, anti_forgery=value))
	dead_end(logout(browser, method="POST", anti_forgery=[own, own]))
	assert asks(browser.post(path_of(endpoint="/oauth2/logout") + f"?anti_forgery={own}", {}))
	assert has_session(browser, person)


def test_the_page_that_asks_cannot_be_framed(site, person):
	"""A13."""
	browser, _ = signed_in(site, person)
	assert "frame-ancestors 'none'" in logout(browser).headers["Content-Security-Policy"]


# ---- bad hints and addresses: a page, never a redirect, nothing ended


def test_no_other_artefact_is_taken_for_a_hint(site, person):
	"""A4."""
	browser = Browser(site)
	tokens = new_tokens(site, FIRST, person, browser=browser)
	cookie = next(cookie.value for cookie in browser.jar.values())
	values = {"access": tokens["access_token"], "refresh": tokens["refresh_token"], "session": cookie, "secret": FIRST.secret, "sid": unverified(tokens["id_token"])["sid"],
	          "tampered": tampered(tokens["id_token"]), "unsigned": jwt.encode(unverified(tokens["id_token"]), None, algorithm="none"), "person": person.id,
	          "cut": tokens["id_token"][:-4], "HS256": jwt.encode(unverified(tokens["id_token"]), "x" * 32, algorithm="HS256")}
	for kind, value in values.items():
		for address in (None, AFTER):
			page = dead_end(logout(browser, id_token_hint=value, post_logout_redirect_uri=address, state="s"), "id_token_hint")
			assert page.status == 400, kind
			event = site.audit_of(page.headers["X-Request-Id"])[0]
			assert (event["action"], event["result"]) == ("logout.refused", "logout-hint"), kind
	assert has_session(browser, person)


def test_a_logout_token_is_refused_everywhere_else(site, person, parties):
	"""A4: it is no hint, no bearer, no code, no client secret, and introspection knows it not."""
	browser, hint = signed_in(site, person)
	before = len(parties.calls("/one"))
	assert says_done(logout(browser, id_token_hint=hint))
	token = parties.wait_for("/one", before + 1)[-1].token
	browser, hint = signed_in(site, person, browser=browser)
	dead_end(logout(browser, id_token_hint=token), "id_token_hint")
	assert authorize(browser, FIRST, prompt="none", id_token_hint=token).answer.get("code") is None
	assert userinfo(site, token).status_code == 401
	assert introspect(site, FIRST, token) == {"active": False}
	assert revoke(site, FIRST, token).status_code == 200
	refused(refresh(site, FIRST, token), "invalid_grant")
	refused(p.redeem(site, FIRST, token), "invalid_grant")
	assert post_form(site.realm("ACME") + "/oauth2/token", {"grant_type": "client_credentials", "client_id": FIRST.id, "client_secret": token[:256], "scope": d.READ}).status_code == 401
	assert has_session(browser, person)


@pytest.mark.parametrize("address", [
	AFTER + "/", AFTER + "?x=1", AFTER[:-1], AFTER.upper(), "https://one.example.com:443/after", "https://one.example.com/after#x", "https://one.example.com@evil.example/after",
	"https://one.example.com/./after", "http://one.example.com/after", "https://one.example.com/after%20", AFTER + " " + AFTER_WITH_QUERY, "javascript:alert(1)", FIRST.redirect, AFTER_OTHER,
	"//one.example.com/after", AFTER_WITH_QUERY + "&state=x", " " + AFTER, "after"])
def test_an_address_that_is_not_registered_for_the_hints_application_ends_nothing(site, shared_person, address):
	"""A1."""
	browser, hint, person = shared_person
	page = dead_end(logout(browser, id_token_hint=hint, post_logout_redirect_uri=address, state="s"), "post_logout_redirect_uri")
	assert page.status == 400
	event = site.audit_of(page.headers["X-Request-Id"])[0]
	assert (event["action"], event["result"], event["actor"]) == ("logout.refused", "post-logout-redirect-uri", FIRST.id)
	assert has_session(browser, person)


@pytest.fixture(scope="module")
def shared_person(shared_site):
	site = shared_site.site()
	person = site.stranger()
	return (*signed_in(site, person), person)


def test_a_client_id_that_is_not_the_hints_ends_nothing(site, shared_person):
	browser, hint, person = shared_person
	for client_id in (OTHER.id, "nobody", FIRST.id.upper()):
		dead_end(logout(browser, id_token_hint=hint, client_id=client_id, post_logout_redirect_uri=AFTER), "client_id")
	assert has_session(browser, person)


@pytest.mark.parametrize("query", ["id_token_hint=%zz", "state=%00", "state=a%0ab", "state=%ff", "state=a&state=b", "post_logout_redirect_uri=a&post_logout_redirect_uri=b",
                                   "id_token_hint=a&id_token_hint=b", "state=" + "x" * 4097, "client_id=" + "x" * 257])
def test_a_malformed_request_ends_nothing(site, shared_person, query):
	browser, hint, person = shared_person
	for extra in ("", f"&post_logout_redirect_uri={AFTER}"):
		text = query + extra + ("" if "id_token_hint" in query else f"&id_token_hint={hint}")
		dead_end(browser.get(path_of(endpoint="/oauth2/logout") + "?" + text))
		dead_end(browser.post(path_of(endpoint="/oauth2/logout"), text))
	assert has_session(browser, person)


def test_a_post_that_is_no_form_ends_nothing(site, shared_person):
	browser, hint, person = shared_person
	dead_end(browser.post(path_of(endpoint="/oauth2/logout"), f"id_token_hint={hint}", headers={"Content-Type": "text/plain"}))
	assert has_session(browser, person)


def test_what_was_sent_is_escaped_on_the_page_that_asks(site, person):
	"""A15."""
	_, hint = signed_in(site, site.stranger())
	browser, _ = signed_in(site, person)
	page = logout(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="\"><script>alert(1)</script>")
	assert asks(page) and "<script" not in page.html and page.form("logout")["state"] == "\"><script>alert(1)</script>"


def test_another_method_is_refused(site):
	reply = request("PUT", site.url + path_of(endpoint="/oauth2/logout"))
	assert reply.status_code == 405 and {"GET", "POST"} <= set(reply.headers["Allow"].replace(" ", "").split(","))


def test_there_is_nothing_at_a_realm_that_does_not_exist(site):
	page = logout(Browser(site), partition="NOBODY")
	assert page.status == 404 and page.location is None


def test_discovery_names_the_endpoint_and_what_it_can(site):
	body = request("GET", site.realm("ACME", "C") + "/.well-known/openid-configuration").json()
	assert body["end_session_endpoint"] == site.realm("ACME", "C") + "/oauth2/logout"
	assert body["backchannel_logout_supported"] is True and body["backchannel_logout_session_supported"] is True


# ---- the own page


def test_signing_out_on_the_own_page_shows_its_words_at_an_address_that_can_be_loaded_again(site, person):
	browser, _ = signed_in(site, person)
	page = browser.get(path_of(endpoint="/account"))
	page = browser.submit(page, "sign-out", "sign-out-button")
	assert says_done(page) and says_done(browser.get(page.url))
	browser, _ = signed_in(site, person, browser=browser)
	assert browser.get(page.url).shows("password-form")


# ---- telling the applications (Back-Channel Logout)


def told(parties, path, sid, timeout=DEADLINE_S):
	"""The tokens that an application got about a session, once there is one."""
	deadline = time.monotonic() + timeout
	while True:
		tokens = [call.token for call in parties.calls(path) if unverified(call.token)["sid"] == sid]
		if tokens:
			return tokens
		assert time.monotonic() < deadline, f"{path} was not told"
		parties.wait_for(path, len(parties.calls(path)) + 1, max(deadline - time.monotonic(), 0.01))


def never_told(site, parties, path, sid):
	"""Deliveries are over when the store has none: what was not sent by then never is."""
	site.wait_for(lambda: waiting(site) == 0, what="the end of all deliveries")
	assert not [call for call in parties.calls(path) if unverified(call.token)["sid"] == sid]


def waiting(site):
	return metric(site, "writ_logout_tokens_waiting")


def metric(site, name):
	text = request("GET", site.management_url + "/metrics").text
	return next(int(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


@pytest.mark.parametrize("realm", ["U", "C"])
def test_every_application_that_got_a_code_in_the_session_is_told_once(site, parties, realm):
	person = site.stranger(realm)
	browser = Browser(site)
	tokens = [new_tokens(site, application, person, scope=f"openid {d.READ}", browser=browser) for application in (FIRST, OTHER, SILENT, FIRST)]
	sid = unverified(tokens[0]["id_token"])["sid"]
	assert says_done(logout(browser, realm, id_token_hint=tokens[1]["id_token"]))
	seen = set()
	for application, path in ((FIRST, "/one"), (OTHER, "/two")):
		(token,) = told(parties, path, sid)
		claims = logout_claims(site, token, application, realm)
		assert (claims["sub"], claims["sid"]) == (person.id, sid)
		seen.add(claims["jti"])
	assert len(seen) == 2
	site.wait_for(lambda: waiting(site) == 0, what="the end of all deliveries")
	assert len(told(parties, "/one", sid)) == 1
	for application in (FIRST, OTHER):
		line = site.wait_for_line(lambda line: line.get("action") == "logout.delivered" and line["object"] == application.id and sid in line["detail"])
		assert (line["result"], line["actor"], line["partition"]) == ("ok", person.id, "ACME")
	assert parties.calls("/one")[-1].content_type == "application/x-www-form-urlencoded"


def test_an_application_of_another_session_is_not_told(site, parties, person):
	browser, hint = signed_in(site, person)
	elsewhere, other_hint = signed_in(site, person, OTHER)
	assert says_done(logout(browser, id_token_hint=hint))
	told(parties, "/one", unverified(hint)["sid"])
	never_told(site, parties, "/two", unverified(hint)["sid"])
	never_told(site, parties, "/two", unverified(other_hint)["sid"])
	assert has_session(elsewhere, person)


def end_on_the_own_page(site, browser, person, sid):
	browser.submit(browser.get(path_of(endpoint="/account")), "sign-out", "sign-out-button")


def end_from_another_browser(site, browser, person, sid):
	other = Browser(site)
	page = other.sign_in(other.get(path_of(endpoint="/account")), person.name, person.password)
	form = next(form for form in page.parsed.forms if form.action.endswith("/end-session") and form["sid"] == sid)
	assert other.post(form.action, [(name, value) for name, value, _ in form.fields]).problem


def end_by_a_new_password(site, browser, person, sid):
	page = browser.get(path_of(endpoint="/account"))
	new = "a new and longer password"
	assert browser.submit(page, "password-form", "change-password", current=person.password, new=new, again=new).problem


def end_by_another_person_in_the_same_browser(site, browser, person, sid):
	stranger = site.stranger()
	page = authorize(browser, p.WEB, prompt="login")
	browser.sign_in(page, stranger.name, stranger.password)


def end_by_disabling(site, browser, person, sid):
	site.store.apply(d.partial("ACME", users=[{"id": person.id, "enabled": False}]))


@pytest.mark.parametrize("end", [end_on_the_own_page, end_from_another_browser, end_by_a_new_password, end_by_another_person_in_the_same_browser, end_by_disabling])
def test_whatever_ends_the_session_tells_the_application(site, parties, person, end):
	browser, hint = signed_in(site, person)
	end(site, browser, person, unverified(hint)["sid"])
	(token,) = told(parties, "/one", unverified(hint)["sid"])
	assert logout_claims(site, token, FIRST)["sub"] == person.id


def test_signing_in_again_as_the_same_person_tells_nobody(site, parties, person):
	"""The session goes on under its name."""
	browser, hint = signed_in(site, person)
	browser.sign_in(authorize(browser, FIRST, prompt="login"), person.name, person.password)
	never_told(site, parties, "/one", unverified(hint)["sid"])
	assert says_done(logout(browser, id_token_hint=hint))
	assert len(told(parties, "/one", unverified(hint)["sid"])) == 1


def test_an_application_is_told_long_after_its_tokens_are_over(site, parties, person):
	"""A grant is forgotten when its access token has expired; the session of the application is not."""
	browser, hint = signed_in(site, person)
	with sqlite3.connect(site.store.path, timeout=30) as database:
		assert database.execute("DELETE FROM grant_record WHERE sid = ?", [unverified(hint)["sid"]]).rowcount == 1
	database.close()
	assert says_done(logout(browser, id_token_hint=hint))
	assert len(told(parties, "/one", unverified(hint)["sid"])) == 1


# ---- what applications answer


@pytest.fixture
def moody(own_store, open_site):
	"""A site of one test, and an application that answers as the test wants: (site, its parties)."""
	parties = RelyingParties()
	own_store.apply(d.partial("ACME", client_applications=applications(parties)))
	yield open_site(own_store), parties
	parties.close()


def sign_out(site, person=None):
	browser, hint = signed_in(site, person or site.stranger())
	assert says_done(logout(browser, id_token_hint=hint))
	return unverified(hint)["sid"]


@pytest.mark.parametrize("status", [200, 204])
def test_a_good_answer_ends_the_delivery(moody, status):
	site, parties = moody
	parties.answer("/one", status)
	sid = sign_out(site)
	site.wait_for_line(lambda line: line.get("action") == "logout.delivered" and sid in line["detail"])
	site.wait_for(lambda: waiting(site) == 0)
	assert len(parties.calls("/one")) == 1


def test_an_application_that_refuses_is_not_asked_again(moody):
	"""§2.8: 400 says that the token is not good."""
	site, parties = moody
	parties.answer("/one", 400)
	sid = sign_out(site)
	line = site.wait_for_line(lambda line: line.get("action") == "logout.failed")
	assert line["object"] == FIRST.id and line["result"] == "failed" and sid in line["detail"] and "400" in line["detail"]
	site.wait_for(lambda: waiting(site) == 0)
	assert len(parties.calls("/one")) == 1


@pytest.mark.parametrize("status", [500, 503, 404, 302, 201])
def test_any_other_answer_is_tried_again_with_a_fresh_token(moody, status):
	site, parties = moody
	parties.answer("/one", status, 200)
	sid = sign_out(site)
	first, second = parties.wait_for("/one", 2)
	assert second.at - first.at >= 0.9
	one, two = logout_claims(site, first.token, FIRST), logout_claims(site, second.token, FIRST)
	assert one["jti"] != two["jti"] and one["sid"] == two["sid"] == sid
	line = site.wait_for_line(lambda line: line.get("action") == "logout.delivered")
	assert "try 2" in line["detail"]
	assert parties.calls("/elsewhere") == [], "a redirect was followed"


def test_an_application_that_never_answers_well_is_given_up_after_five_more_tries(moody):
	"""Its delays are 1 s, 5 s, 30 s, 2 min, 10 min: here the store says that they are over."""
	site, parties = moody
	parties.answer("/one", 500)
	sign_out(site)
	for tries in range(1, 7):
		parties.wait_for("/one", tries)
		if tries == 6:
			break

		def moved():
			with sqlite3.connect(site.store.path, timeout=30) as database:
				count = database.execute("UPDATE logout_delivery SET next_try_at = 0 WHERE tries = ? AND claimed_until = 0", [tries]).rowcount
			database.close()
			return count == 1 or len(parties.calls("/one")) > tries
		site.wait_for(moved, what="a delivery that waits for its next try")
	line = site.wait_for_line(lambda line: line.get("action") == "logout.failed")
	assert "try 6" in line["detail"] and "500" in line["detail"]
	site.wait_for(lambda: waiting(site) == 0)
	assert len(parties.calls("/one")) == 6


@pytest.mark.parametrize("change", [{"enabled": False}, {"backchannel_logout_url": None}, None])
def test_a_delivery_to_an_application_that_is_off_or_gone_is_dropped(moody, change):
	site, parties = moody
	parties.answer("/one", 500)
	sign_out(site)
	parties.wait_for("/one", 1)
	if change is None:
		site.store.apply(p.people_directory(), "--prune")  # which lacks it
	else:
		site.store.apply(d.partial("ACME", client_applications=[{"client_id": FIRST.id, "name": "One", **change}]))
	site.wait_for(lambda: waiting(site) == 0, what="the delivery to be dropped")
	text = request("GET", site.management_url + "/metrics").text
	assert 'writ_logout_tokens_total{outcome="dropped"} 1' in text and 'writ_logout_tokens_total{outcome="again"}' in text


def test_a_delivery_goes_to_the_address_that_is_registered_now(moody):
	site, parties = moody
	parties.answer("/one", 500)
	sid = sign_out(site)
	parties.wait_for("/one", 1)
	site.store.apply(d.partial("ACME", client_applications=[{"client_id": FIRST.id, "name": "One", "backchannel_logout_url": parties.url("/new")}]))
	assert unverified(parties.wait_for("/new", 1)[0].token)["sid"] == sid
