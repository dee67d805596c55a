"""Consent: contract §3; RFC 6749 §4.1.1; RFC 8252 §8.6; issue 3, Deliver 2."""

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import unverified
from support.people import arrive, authorize, id_claims, judge_page, new_tokens, redeem, sent_back, succeeded, tokens_of

READING = f"openid {d.READ}"


@pytest.fixture
def there(site, person):
	"""A browser with a session of somebody who has allowed nothing yet."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	browser.person = person
	return browser


def scope_of(site, page, application):
	return set(tokens_of(redeem(site, application, page.answer["code"]), "id_token")["scope"].split())


@pytest.mark.parametrize("application", [p.ASKING, p.SPA_ASKING], ids=["web", "spa"])
def test_consent_is_asked_once_and_remembered(site, there, application):
	"""Contract §9: consent: ask: ask once and remember."""
	page = authorize(there, application, scope=READING)
	assert page.shows("consent") and page.status == 200
	succeeded(there.decide(page), application)
	succeeded(authorize(there, application, scope=READING), application)
	succeeded(authorize(there, application, scope="openid"), application)
	succeeded(authorize(there, application, scope=READING, prompt="none"), application)
	again = Browser(site)
	succeeded(again.sign_in(authorize(again, application, scope=READING), there.person.name, there.person.password), application)


def test_consent_is_remembered_over_a_restart(own_store, open_site):
	"""Contract §9: remember."""
	one = open_site(own_store)
	succeeded(arrive(Browser(one), p.ASKING, p.SMITH, scope=READING))
	one.stop()
	again = open_site(own_store)
	browser = Browser(again)
	succeeded(browser.sign_in(authorize(browser, p.ASKING, scope=READING), p.SMITH.name, p.SMITH.password))


@pytest.mark.parametrize("first,second", [(p.ASKING, p.SPA_ASKING), (p.SPA_ASKING, p.ASKING)], ids=["web first", "spa first"])
def test_consent_is_for_one_application(there, first, second):
	"""Contract §9: what one was allowed says nothing about another."""
	succeeded(arrive(there, first, there.person, scope=READING))
	assert authorize(there, second, scope=READING).shows("consent")


def test_consent_is_a_persons_own(site):
	"""A18: not for another person in the same browser, whoever came first."""
	people, browser = [site.stranger() for _ in range(3)], Browser(site)
	succeeded(arrive(browser, p.ASKING, people[1], scope=READING))
	for other in (people[0], people[2]):
		page = browser.sign_in(authorize(browser, p.ASKING, scope=READING, prompt="login"), other.name, other.password)
		assert page.shows("consent")


def test_more_scopes_ask_again_and_fewer_do_not(site, there):
	"""RFC 6749 §3.3; contract §9."""
	succeeded(arrive(there, p.ASKING, there.person, scope=READING))
	sent_back(authorize(there, p.ASKING, scope=f"{READING} {d.MANAGE}", prompt="none"), "consent_required")
	page = authorize(there, p.ASKING, scope=f"{READING} {d.MANAGE}")
	assert page.shows("consent")
	page = there.decide(page)
	assert scope_of(site, page, p.ASKING) == {"openid", d.READ, d.MANAGE}
	for scope in (READING, f"openid {d.MANAGE}", f"{READING} {d.MANAGE}"):
		succeeded(authorize(there, p.ASKING, scope=scope, prompt="none"))
	for scope in (f"{READING} profile", f"{READING} email", f"{READING} offline_access"):
		sent_back(authorize(there, p.ASKING, scope=scope, prompt="none"), "consent_required")


def test_a_name_with_the_prefix_is_the_same_permission(there):
	"""Contract §1."""
	succeeded(arrive(there, p.ASKING, there.person, scope=READING))
	succeeded(authorize(there, p.ASKING, scope=f"openid {d.PREFIX}{d.READ}", prompt="none"))


def test_a_denial_goes_back_and_is_not_remembered(site, there):
	"""Contract §3: denied consent: access_denied."""
	page = there.decide(authorize(there, p.ASKING, scope=READING), "deny")
	sent_back(page, "access_denied", application=p.ASKING, issuer=p.issuer_of(site))
	assert authorize(there, p.ASKING, scope=READING).shows("consent")
	sent_back(authorize(there, p.ASKING, scope=READING, prompt="none"), "consent_required")
	succeeded(there.decide(authorize(there, p.ASKING, scope=READING)))


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_a_decision_goes_back_by_the_mode_that_was_asked_for(there, mode):
	"""Contract §3."""
	for decision in ("deny", "allow"):
		page = there.decide(authorize(there, p.ASKING, scope=READING, response_mode=mode), decision)
		assert page.answer_is_by == mode
		assert ("code" in page.answer) == (decision == "allow")


def test_a_denial_of_more_leaves_what_was_allowed(there):
	"""Contract §9: remember."""
	succeeded(arrive(there, p.ASKING, there.person, scope=READING))
	sent_back(there.decide(authorize(there, p.ASKING, scope=f"{READING} {d.MANAGE}"), "deny"), "access_denied")
	succeeded(authorize(there, p.ASKING, scope=READING, prompt="none"))


def test_prompt_consent_asks_even_where_it_is_implied_or_given(there):
	"""Contract §3: prompt consent shows the page even where consent is implied."""
	page = authorize(there, p.WEB, scope=READING, prompt="consent")
	assert page.shows("consent")
	sent_back(there.decide(page, "deny"), "access_denied", application=p.WEB)
	succeeded(authorize(there, p.WEB, scope=READING))
	succeeded(arrive(there, p.ASKING, there.person, scope=READING))
	page = authorize(there, p.ASKING, scope=READING, prompt="consent")
	assert page.shows("consent")
	succeeded(there.decide(page))


def test_implied_consent_shows_no_page_for_any_scope(there):
	"""Contract §9: consent: implied."""
	succeeded(authorize(there, p.WEB, scope=f"openid profile email offline_access {d.READ} {d.MANAGE}", prompt="none"))


LOCAL = ["http://127.0.0.1/callback", "http://127.0.0.1:51004/callback", "http://[::1]:51004/callback", "http://localhost:5173/callback", "com.example.app:/callback"]


@pytest.mark.parametrize("address", LOCAL)
def test_on_loopback_and_private_schemes_consent_is_asked_each_time(there, address):
	"""Contract §3: for an SPA on loopback or a private-use scheme consent is asked each time, even if implied; RFC 8252 §8.6."""
	application = p.Application(p.SPA_LOCAL.id, None, address)
	for _ in range(2):
		sent_back(authorize(there, application, scope=READING, prompt="none"), "consent_required", application=application)
		page = authorize(there, application, scope=READING)
		assert page.shows("consent")
		succeeded(there.decide(page), application)


def test_a_web_application_on_loopback_is_not_asked_each_time(own_site):
	"""Contract §3: for an SPA."""
	local = p.Application("web-local", d.secret_of("local"), "http://127.0.0.1/callback")
	own_site.store.apply(d.partial(client_applications=[d.application(local, "Local Web", [d.READ], redirect_urls=[local.redirect], consent="implied")]))
	browser = Browser(own_site)
	succeeded(browser.sign_in(authorize(browser, local, redirect_uri="http://127.0.0.1:50000/callback"), p.SMITH.name, p.SMITH.password))


def test_the_page_says_who_asks_for_what_in_words(there):
	"""Issue 3: every permission explained in words before consent."""
	page = judge_page(authorize(there, p.ASKING, scope=f"openid profile email offline_access {d.READ} {d.PREFIX}{d.MANAGE}"))
	assert "Asking" in page.text and "Acme" in page.text
	assert f"May use {d.READ}" in page.text and f"May use {d.MANAGE}" in page.text
	assert there.person.name in page.text.lower()
	assert "asking.example.com" in page.text
	form = page.form("consent")
	assert {"allow", "deny"} <= set(form.buttons) and form.buttons["allow"] == ("decision", "allow") and form.buttons["deny"] == ("decision", "deny")
	fewer = authorize(there, p.ASKING, scope="openid")
	assert "May use" not in fewer.text
	assert len(page.text) > len(fewer.text) + 100, "profile, email and offline_access have words too"


def test_each_openid_scope_has_words_of_its_own(there):
	"""Issue 3: every permission explained in words."""
	pages = {scope: authorize(there, p.ASKING, scope=f"openid {scope}".strip()).text for scope in ("", "profile", "email", "offline_access")}
	assert len(set(pages.values())) == 4
	for scope, text in pages.items():
		assert len(text) >= len(pages[""]), scope


def test_what_the_directory_says_is_shown_as_text(own_site):
	"""A15: names and descriptions are an administrator's typing."""
	evil = p.Application("evil-0001", d.secret_of("evil"), "https://evil.example.com/callback")
	own_site.store.apply(d.partial(
		permissions=[{"name": "evil.read", "description": "<script>alert(1)</script> & \"more\" {{attempt}}"}, {"name": "unnamed.read"}],
		client_applications=[d.application(evil, "<img src=x onerror=alert(1)>{{person}}", ["evil.read", "unnamed.read"], redirect_urls=[evil.redirect])],
		users=[{"id": "evil", "username": "<b>user</b>", "password_hash": p.QUICK_HASH}]))
	browser = Browser(own_site)
	page = authorize(browser, evil, scope="openid evil.read unnamed.read")
	assert "<img src=x" not in page.html and "<img src=x onerror=alert(1)>{{person}}" in page.text
	page = judge_page(browser.sign_in(page, "<b>user</b>", p.PASSWORD))
	for markup in ("<script>alert", "<img src=x", "<b>user"):
		assert markup not in page.html
	assert "<script>alert(1)</script> & \"more\" {{attempt}}" in page.text and "<b>user</b>" in page.text
	assert "unnamed.read" in page.text  # a permission without a description still says what it is
	succeeded(browser.decide(page))


def test_somebody_else_may_take_over_at_the_consent_page(site, there):
	"""Issue 3, Deliver 2: Not you? Use another account."""
	page = authorize(there, p.ASKING, scope=READING)
	forms = [form for form in page.parsed.forms if "other" in form.buttons]
	assert len(forms) == 1
	page = there.submit(page, forms[0], "other")
	assert page.shows("sign-in"), f"{page.status} {page.location} {page.text[:300]}"
	other = site.stranger()
	page = there.sign_in(page, other.name, other.password)
	assert page.shows("consent")
	code = succeeded(there.decide(page), p.ASKING)
	assert unverified(redeem(site, p.ASKING, code).json()["access_token"])["sub"] == other.id


def test_a_permission_taken_away_while_the_page_was_shown_is_not_granted(own_site):
	"""Contract §3, Scope: assigned and asked for, when the code leaves."""
	browser = Browser(own_site)
	page = browser.sign_in(authorize(browser, p.ASKING, scope=f"{READING} {d.MANAGE}"), p.SMITH.name, p.SMITH.password)
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.ASKING.id, "name": "Asking", "platform": "web", "permissions": [d.READ]}]))
	answer = browser.decide(page).answer
	if "code" in answer:
		assert d.MANAGE not in tokens_of(redeem(own_site, p.ASKING, answer["code"]), "id_token")["scope"]
	else:
		assert answer["error"] == "invalid_scope"


def test_an_application_that_asks_from_now_on_asks(own_site):
	"""Contract §9: consent is the application's setting; implied consent was never given."""
	browser = Browser(own_site)
	succeeded(arrive(browser, p.WEB, p.SMITH, scope=READING))
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", "consent": "ask"}]))
	assert authorize(browser, p.WEB, scope=READING).shows("consent")


def test_consent_gives_what_was_shown(site, there):
	"""Contract §3, Scope; the claims of the ID token are the person's who allowed."""
	body = new_tokens(site, p.ASKING, there.person, f"{READING} offline_access", there)
	assert set(body["scope"].split()) == {"openid", d.READ, "offline_access"}
	assert id_claims(site, body["id_token"], p.ASKING)["sub"] == there.person.id


@pytest.mark.parametrize("claims, scope", [('{"userinfo":{"email":null}}', "email"), ('{"id_token":{"given_name":{"essential":true}}}', "profile"),
                                           ('{"userinfo":{"phone_number":null}}', "phone"), ('{"id_token":{"address":null}}', "address")],
                         ids=["email", "profile", "phone", "address"])
def test_the_claims_parameter_is_no_way_around_consent(there, claims, scope):
	"""Issue 3, Deliver 2: every permission explained in words before consent; Core §5.5: subject to consent."""
	succeeded(there.decide(authorize(there, p.ASKING, scope="openid")))
	sent_back(authorize(there, p.ASKING, scope="openid", claims=claims, prompt="none"), "consent_required")
	page = authorize(there, p.ASKING, scope="openid", claims=claims)
	assert page.shows("consent") and scope in page.text
	succeeded(there.decide(page))
	succeeded(authorize(there, p.ASKING, scope="openid", claims=claims, prompt="none"))
	succeeded(authorize(there, p.ASKING, scope="openid", prompt="none"))
