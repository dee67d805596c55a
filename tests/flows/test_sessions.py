"""Sessions and the person's own page: contract §2 /account, §3 Sessions and Live state; issue 3, Deliver 3."""

import time

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import introspect, refused, unverified
from support.people import arrive, authorize, dead_end, judge_page, new_code, new_tokens, path_of, redeem, refresh, sent_back, succeeded, tokens_of, userinfo
from support.program import run

ACCOUNT = path_of(endpoint="/account")
EVERYTHING = f"openid offline_access {d.READ}"
NEW = "a new and better password"


def has_session(browser, realm="U"):
	return "code" in authorize(browser, p.WEB, realm, prompt="none").answer


def signed_in(site, person, agent=None):
	browser = Browser(site, agent=agent) if agent else Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	return browser


def account(browser, realm="U"):
	page = judge_page(browser.get(path_of(realm, endpoint="/account")))
	assert page.status == 200
	return page


# ---- live state


def test_a_disabled_person_loses_everything_at_once(own_site):
	"""Contract §3, Live state: sessions, codes, refresh and access tokens at once (decision, userinfo, introspection)."""
	person, bystander = own_site.stranger(), own_site.stranger()
	browser, other = signed_in(own_site, person), signed_in(own_site, bystander)
	tokens = new_tokens(own_site, p.WEB, person, EVERYTHING, browser)
	code = new_code(own_site, p.WEB, person, browser)
	waiting = authorize(browser, p.ASKING, scope=f"openid {d.READ}")
	fields = {"id": person.id, "username": person.name}
	for enabled in (False, True):
		own_site.store.apply(d.partial(users=[{**fields, "enabled": enabled}]))
		assert not has_session(browser)
		assert account(browser).shows("sign-in")
		assert userinfo(own_site, tokens["access_token"]).status_code == 401
		assert introspect(own_site, p.WEB, tokens["access_token"]) == {"active": False}
		assert introspect(own_site, p.WEB, tokens["refresh_token"]) == {"active": False}
		refused(refresh(own_site, p.WEB, tokens["refresh_token"]), "invalid_grant")
		refused(redeem(own_site, p.WEB, code), "invalid_grant")
		page = browser.decide(waiting)
		assert page.location is None or "code" not in page.answer
		if not enabled:
			page = arrive(Browser(own_site), p.WEB, person)
			assert page.shows("sign-in") and page.location is None
	assert has_session(other)
	succeeded(arrive(Browser(own_site), p.WEB, person))


def test_a_deleted_persons_session_is_gone_for_good(own_site):
	"""Contract §3, Live state: deleted."""
	person = own_site.stranger()
	browser = signed_in(own_site, person)
	document = p.people_directory()
	users = d.partition_of(document)["users"]
	gone = next(one for one in users if one["id"] == person.id)
	users.remove(gone)
	own_site.store.apply(document, "--prune")
	assert not has_session(browser)
	own_site.store.apply(d.partial(users=[gone]))
	assert not has_session(browser)


def test_a_disabled_application_gets_nobody_in(own_site):
	"""Contract §3: unknown … gives an error page; Live state."""
	person = own_site.stranger()
	browser = signed_in(own_site, person)
	page = authorize(Browser(own_site), p.SECOND)
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.SECOND.id, "name": "Second", "platform": "web", "enabled": False}]))
	dead_end(authorize(browser, p.SECOND), "client_id")
	dead_end(Browser(own_site).sign_in(page, person.name, person.password))
	assert has_session(browser)


# ---- idle and absolute lifetime


@pytest.mark.slow
def test_a_session_ends_when_unused_and_lives_while_used(own_store, open_site):
	"""Issue 3, Deliver 3: idle lifetime, however short."""
	site = open_site(own_store, "--session-idle", "8")
	used, unused = signed_in(site, site.stranger()), signed_in(site, site.stranger())
	began = time.time()
	for step in range(1, 5):
		site.wait_for(lambda: time.time() >= began + 3 * step, what="three seconds")
		assert has_session(used), f"gone after {time.time() - began:.1f} s, though it was used"
	assert not has_session(unused)


@pytest.mark.slow
def test_a_session_that_is_not_used_ends(own_store, open_site):
	"""Issue 3, Deliver 3: idle lifetime; on the own page too."""
	site = open_site(own_store, "--session-idle", "6")
	browser = signed_in(site, site.stranger())
	began = time.time()
	assert has_session(browser)
	site.wait_for(lambda: time.time() >= began + 8, what="the end of an idle session")
	assert not has_session(browser)
	assert account(browser).shows("sign-in")


@pytest.mark.slow
def test_a_session_ends_after_its_whole_life_however_much_it_is_used(own_store, open_site):
	"""Contract §3, Sessions: at most; issue 3: absolute lifetime."""
	site = open_site(own_store, "--session-max", "4")
	began = time.time()
	browser = signed_in(site, site.stranger())
	assert has_session(browser)
	site.wait_for(lambda: not has_session(browser), timeout=20, what="the end of the session")
	assert time.time() >= began + 3
	assert authorize(browser, p.WEB).shows("sign-in")
	assert account(browser).shows("sign-in")


def test_a_session_cannot_be_configured_beyond_twelve_hours(own_store):
	"""Contract §3, Sessions: 12 h at most."""
	done = run("serve", "--store", own_store.url, "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0", "--session-max", "43201", check=False, timeout=20)
	assert done.returncode in (1, 2) and "session-max" in done.stderr


def test_a_session_outlives_a_hard_end_of_the_server(own_store, open_site):
	"""Issue 3, Must show: kill -9: no acknowledged session lost."""
	one = open_site(own_store)
	browser = signed_in(one, p.SMITH)
	one.kill()
	again = open_site(own_store)
	restored = Browser(again)
	browser.copy_cookies_to(restored)
	assert has_session(restored)


def test_a_sign_in_that_began_at_one_server_goes_on_at_another(own_store, open_site):
	"""Design §2: nodes are alike: attempts, sessions and consents are of the store, not of a process."""
	one = open_site(own_store)
	two = open_site(own_store, "--auth-url", one.url)
	here, there = Browser(one), Browser(two, one.url)

	def over(page, source, target):
		source.copy_cookies_to(target)
		return page

	page = over(authorize(here, p.ASKING, scope=f"openid {d.READ}"), here, there)
	page = over(there.sign_in(page, p.SMITH.name, p.SMITH.password), there, here)
	page = over(here.decide(page), here, there)
	succeeded(page, p.ASKING)
	succeeded(authorize(there, p.ASKING, scope=f"openid {d.READ}", prompt="none"), p.ASKING)
	here.submit(account(here), "sign-out", "sign-out-button")
	assert not has_session(there)


# ---- the person's own page


def test_the_own_page_asks_to_sign_in_first_and_then_shows_who_it_is(site, person):
	"""Contract §2: GET, POST /account… under each realm."""
	browser = Browser(site)
	page = judge_page(browser.get(ACCOUNT))
	assert page.shows("sign-in") and not page.shows("password-form")
	page = browser.sign_in(page, person.name, person.password)
	judge_page(page)
	assert page.shows("password-form") and page.shows("sign-out") and person.name in page.text.lower()
	assert account(browser).shows("sign-out")


def test_a_customer_has_one_too(site, customer):
	"""Contract §2: under each realm."""
	browser = Browser(site)
	page = browser.sign_in(browser.get(path_of("C", endpoint="/account")), customer.name, customer.password)
	assert page.shows("sign-out") and customer.name in page.text.lower()
	assert browser.get(ACCOUNT).shows("sign-in")


def session_forms(page):
	return [form for form in page.parsed.forms if form.action.endswith("/account/end-session")]


def sid_of(site, browser, person):
	"""The public name of this browser's session, as ID tokens have it."""
	return unverified(new_tokens(site, p.WEB, person, "openid", browser)["id_token"])["sid"]


def test_sessions_are_listed_and_ended_by_their_owner(site, person):
	"""Issue 3: listed and ended by their owner; contract §4: ID tokens carry sid."""
	here, there, third = signed_in(site, person, "Mozilla/5.0 Here/1.0"), signed_in(site, person, "Mozilla/5.0 There/2.0 <b>bold</b>"), signed_in(site, person)
	foreign = signed_in(site, site.stranger(), "Foreign/3.0")
	sid = sid_of(site, there, person)
	page = account(here)
	assert "<b>bold" not in page.html and "Foreign/3.0" not in page.html
	(form,) = [form for form in session_forms(page) if form["sid"] == sid]
	page = judge_page(here.submit(page, form))
	assert sid not in page.html
	assert not has_session(there)
	assert has_session(here) and has_session(third) and has_session(foreign)


def test_ending_the_present_session_signs_out(site, person):
	"""Issue 3: ended by their owner."""
	here, other = signed_in(site, person), signed_in(site, person)
	sid, page = sid_of(site, here, person), account(here)
	for form in session_forms(page):
		if form["sid"] == sid:
			judge_page(here.submit(page, form))
			assert not has_session(here)
	assert has_session(other)


def test_a_session_of_somebody_else_cannot_be_ended(site, person):
	"""A7 among people."""
	mine, attacker = signed_in(site, person), signed_in(site, site.stranger())
	second = signed_in(site, person)
	sids = {form["sid"] for form in session_forms(account(mine))}
	assert sids
	anti_forgery = account(attacker).form("sign-out")["anti_forgery"]
	for sid in sids:
		attacker.post(ACCOUNT + "/end-session", [("anti_forgery", anti_forgery), ("sid", sid)])
	assert has_session(mine) and has_session(second)


def test_ending_a_session_ends_the_grants_without_offline_access(site, person):
	"""Contract §3, Logout: it ends the session and the grants without offline_access."""
	browser = Browser(site)
	online = new_tokens(site, p.WEB, person, f"openid {d.READ}", browser)
	offline = new_tokens(site, p.WEB, person, EVERYTHING, browser)
	code = new_code(site, p.WEB, person, browser)
	browser.submit(account(browser), "sign-out", "sign-out-button")
	assert userinfo(site, online["access_token"]).status_code == 401
	assert introspect(site, p.WEB, online["access_token"]) == {"active": False}
	refused(redeem(site, p.WEB, code), "invalid_grant")
	tokens_of(refresh(site, p.WEB, offline["refresh_token"]), "id_token", "refresh_token")


def test_signing_out_ends_the_session_and_clears_the_cookie(site, person):
	"""Issue 3: sign-out."""
	browser, other = signed_in(site, person), signed_in(site, person)
	kept = Browser(site)
	browser.copy_cookies_to(kept)
	page = browser.submit(account(browser), "sign-out", "sign-out-button")
	judge_page(page)
	assert page.status == 200
	assert len(browser.jar) == len(kept.jar) - 1
	assert not has_session(browser) and not has_session(kept), "the cookie's value is dead, not only forgotten"
	assert has_session(other)


@pytest.mark.parametrize("action", ["sign-out", "end-session", "withdraw", "password"])
@pytest.mark.parametrize("anti_forgery", [None, "", "x", "A" * 43, "of another"])
def test_posts_on_the_own_page_need_its_anti_forgery_value(site, person, action, anti_forgery):
	"""A13: forged form posts."""
	browser = signed_in(site, person)
	succeeded(arrive(browser, p.ASKING, person, scope=f"openid {d.READ}"))
	if anti_forgery == "of another":
		anti_forgery = account(signed_in(site, person)).form("sign-out")["anti_forgery"]
	page = account(browser)
	forms = session_forms(page)
	fields = [("anti_forgery", anti_forgery), ("sid", forms[0]["sid"] if forms else None), ("client_id", p.ASKING.id), ("current", person.password), ("new", NEW), ("again", NEW)]
	reply = browser.post(f"{ACCOUNT}/{action}", fields)
	assert reply.location is None and 400 <= reply.status < 500
	assert has_session(browser)
	succeeded(authorize(browser, p.ASKING, scope=f"openid {d.READ}", prompt="none"))
	succeeded(arrive(Browser(site), p.WEB, person))


def test_posts_on_the_own_page_need_a_session(site):
	"""A13: without cookie."""
	for action in ("sign-out", "end-session", "withdraw", "password", "no-such-action"):
		page = Browser(site).post(f"{ACCOUNT}/{action}", [("anti_forgery", "A" * 43), ("current", "x"), ("new", NEW), ("again", NEW)])
		assert page.location is None
		assert page.shows("sign-in") or page.status >= 400


@pytest.mark.parametrize("action", ["sign-out", "end-session", "withdraw", "password"])
def test_nothing_on_the_own_page_is_done_by_an_address_alone(site, person, action):
	"""A13: a picture in a page of somebody else's must not sign anybody out."""
	browser = signed_in(site, person)
	value = account(browser).form("sign-out")["anti_forgery"]
	page = browser.get(f"{ACCOUNT}/{action}", {"anti_forgery": value, "client_id": p.ASKING.id})
	assert page.status in (404, 405)
	assert has_session(browser)


def test_the_own_page_repeats_nothing_of_its_address(site, person):
	"""A15."""
	page = signed_in(site, person).get(ACCOUNT, {"done": "<script>alert(1)</script>", "error": None})
	assert "<script>alert" not in page.html and page.problem == ""


def test_an_attempt_of_the_own_page_is_no_consent(site, person):
	"""A13: each page's form belongs to its step."""
	browser = Browser(site)
	attempt = browser.get(ACCOUNT).form("sign-in")["attempt"]
	succeeded(arrive(browser, p.WEB, person))
	page = browser.post(path_of(endpoint="/consent"), [("attempt", attempt), ("decision", "allow")])
	assert page.location is None or "code" not in page.answer


def test_a_person_who_is_renamed_stays_signed_in_and_has_one_name(own_site):
	"""Contract §3, Live state; §1: a unique username."""
	person = own_site.stranger()
	browser = signed_in(own_site, person)
	own_site.store.apply(d.partial(users=[{"id": person.id, "username": "renamed"}]))
	assert has_session(browser)
	assert arrive(Browser(own_site), p.WEB, person).shows("sign-in")
	succeeded(arrive(Browser(own_site), p.WEB, p.Person(person.id, "renamed")))


# ---- the password


def change(browser, current, new, again=None):
	return browser.submit(account(browser), "password-form", "change-password", current=current, new=new, again=new if again is None else again)


def test_a_changed_password_ends_sessions_and_refresh_tokens(site, person):
	"""Contract §3, Live state: a changed password ends sessions and refresh tokens."""
	browser, elsewhere = signed_in(site, person), signed_in(site, person)
	mine = new_tokens(site, p.WEB, person, EVERYTHING, elsewhere)
	code = new_code(site, p.WEB, person, elsewhere)
	before = Browser(site)
	browser.copy_cookies_to(before)
	page = change(browser, person.password, NEW)
	judge_page(page)
	assert page.location is None and page.status == 200
	assert not has_session(elsewhere) and not has_session(before)
	refused(refresh(site, p.WEB, mine["refresh_token"]), "invalid_grant")
	refused(redeem(site, p.WEB, code), "invalid_grant")
	assert arrive(Browser(site), p.WEB, person).shows("sign-in")
	succeeded(arrive(Browser(site), p.WEB, p.Person(person.id, person.name, "U", NEW)))


@pytest.mark.parametrize("current,new,again", [("wrong password", NEW, NEW), ("", NEW, NEW), (p.PASSWORD, NEW, NEW + "x"), (p.PASSWORD, "short", "short"),
                                               (p.PASSWORD, "", ""), (p.PASSWORD, "x" * 1025, "x" * 1025), (p.PASSWORD, "tab\tinside a password\0", "tab\tinside a password\0")])
def test_a_password_that_cannot_be_changed_so_stays(site, person, current, new, again):
	"""Issue 3, Deliver 3: change of password: only with the present one, twice the same, and long enough."""
	browser = signed_in(site, person)
	page = change(browser, current, new, again)
	judge_page(page)
	assert page.location is None
	assert page.status >= 400 or page.problem or page.shows("password-form")
	if current == "wrong password":
		assert "password" in page.problem.lower()
	assert has_session(browser)
	succeeded(arrive(Browser(site), p.WEB, person))
	assert arrive(Browser(site), p.WEB, p.Person(person.id, person.name, "U", new)).location is None


def test_guessing_the_present_password_is_slowed(own_site):
	"""A14, A13: a session left open is no licence to guess; contract §6."""
	person = own_site.stranger()
	browser = signed_in(own_site, person)
	for _ in range(5):
		page = change(browser, "a wrong guess", NEW)
		assert page.status != 429
	closed_for = 0
	while closed_for < 4:
		page = change(browser, "a wrong guess", NEW)
		assert page.status == 429
		closed_for = int(page.headers["Retry-After"])
		until = time.time() + closed_for
		if closed_for < 4:
			own_site.wait_for(lambda: time.time() > until, what="the end of a wait")
	assert change(browser, person.password, NEW).status == 429
	assert has_session(browser)


def test_a_new_password_is_stored_as_argon2id_of_the_default_cost(own_site):
	"""Contract §4: Argon2id (19 MiB, t = 2 by default)."""
	person = own_site.stranger()
	change(signed_in(own_site, person), person.password, NEW)
	users = d.partition_of(own_site.store.export("--hashes"))["users"]
	kept = next(one for one in users if one["id"] == person.id)["password_hash"]
	assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and kept != p.DEFAULT_HASH


def test_applying_the_first_password_again_does_not_take_a_changed_one_back(own_site):
	"""Contract §9: a password sets the first one only, unless --reset-passwords."""
	person = own_site.stranger()
	change(signed_in(own_site, person), person.password, NEW)
	for first in (person.password, p.OTHER_PASSWORD):
		own_site.store.apply(d.partial(users=[{"id": person.id, "username": person.name, "password": first}]))
		succeeded(arrive(Browser(own_site), p.WEB, p.Person(person.id, person.name, "U", NEW)))


# ---- connected applications


def test_an_application_that_was_allowed_is_shown_and_can_be_sent_away(site, person):
	"""Issue 3, Deliver 2, 3: /account; contract §3: what was withdrawn is over at once."""
	browser = Browser(site)
	mine = new_tokens(site, p.ASKING, person, EVERYTHING, browser)
	other = new_tokens(site, p.WEB, person, EVERYTHING, browser)
	page = account(browser)
	assert "Asking" in page.text
	forms = [form for form in page.parsed.forms if form.action.endswith("/account/withdraw") and form["client_id"] == p.ASKING.id]
	assert len(forms) == 1
	judge_page(browser.submit(page, forms[0]))
	refused(refresh(site, p.ASKING, mine["refresh_token"]), "invalid_grant")
	assert introspect(site, p.WEB, mine["access_token"]) == {"active": False}
	sent_back(authorize(browser, p.ASKING, prompt="none", scope=EVERYTHING), "consent_required")
	tokens_of(refresh(site, p.WEB, other["refresh_token"]), "id_token", "refresh_token")
