"""Signing in by password: contract §3 Sessions and Errors, §6; A13, A14, A15, A18."""

import random
import re
import threading
import time
import uuid

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser, Cookie, encode
from support.oauth import unverified
from support.people import arrive, authorize, dead_end, judge_page, path_of, redeem, request_of, sent_back, succeeded

SIGN_IN = path_of(endpoint="/sign-in")
CONSENT = path_of(endpoint="/consent")
WRONG = "not the password"


def tried(site, name, password, realm="U", browser=None, headers=None):
	"""One try in a browser of its own: the page after it."""
	browser = browser or Browser(site, headers=headers)
	return browser.sign_in(authorize(browser, p.WEB, realm), name, password)


def refused_again(page):
	"""The sign-in page, once more, with what was wrong."""
	assert page.shows("sign-in"), f"{page.status} {page.location} {page.text[:300]}"
	judge_page(page)
	assert page.status in (200, 400, 401, 403, 422)
	assert "password" in page.problem.lower() or "username" in page.problem.lower(), page.problem
	assert page.form("sign-in")["password"] == ""
	return page


def has_session(browser, realm="U"):
	return "code" in authorize(browser, p.WEB, realm, prompt="none").answer


def who(site, page, application=p.WEB, realm="U"):
	"""The id of the person whom the response's code stands for."""
	reply = redeem(site, application, page.answer["code"], realm)
	assert reply.status_code == 200, reply.text
	return unverified(reply.json()["access_token"])["sub"]


# ---- names and passwords


@pytest.mark.parametrize("name", ["Agent.Smith", "agent.smith", "AGENT.SMITH", " Agent.Smith ", "\u0020\u0020agent.smith"])
def test_a_username_is_taken_in_any_case_and_with_spaces_around_it(site, name):
	"""Contract §1: usernames compare without regard to ASCII case."""
	assert who(site, tried(site, name, p.PASSWORD)) == p.SMITH.id


@pytest.mark.parametrize("name", ["jane@example.com", "Jane@Example.COM", " jane@example.com "])
def test_a_customer_is_known_by_the_e_mail(site, name):
	"""Contract §1: e-mails without regard to ASCII case."""
	assert who(site, tried(site, name, p.PASSWORD, "C"), realm="C") == p.JANE.id


def test_only_ascii_case_is_folded(site):
	"""Contract §1."""
	assert who(site, tried(site, "O'BRIEN+ZOë@EXAMPLE.COM", p.PASSWORD)) == p.ZOE.id
	refused_again(tried(site, "o'brien+zoË@example.com", p.PASSWORD))


@pytest.mark.parametrize("password", [p.PASSWORD.upper(), p.PASSWORD + " ", " " + p.PASSWORD, p.PASSWORD[:-1], p.PASSWORD + "x", "", " ", p.PASSWORD + "\0", p.QUICK_HASH,
                                      "x" * 1024, "x" * 1025, "x" * 20000], ids=lambda value: value[:24])
def test_a_password_is_taken_exactly(site, person, password):
	"""Contract §4: Argon2id of what was typed."""
	page = tried(site, person.name, password)
	assert page.location is None and page.shows("sign-in") or page.status == 400
	if page.shows("sign-in"):
		refused_again(page)
	assert who(site, tried(site, person.name, person.password)) == person.id


def test_passwords_of_every_kind_of_letter_work(own_site):
	"""Nothing is lost on the way from the page to the hash; A15."""
	passwords = ["pä ß 漢字 \U0001f511", "<&>\"'%41+%2B;=&", "  leading and trailing  ", "x" * 1024, "{{password}}", "back\\slash"]
	people = [own_site.stranger() for _ in passwords]
	own_site.store.apply(d.partial(users=[{"id": f"own-{number}", "username": f"own-{number}", "password": password} for number, password in enumerate(passwords)]))
	for number, password in enumerate(passwords):
		assert who(own_site, tried(own_site, f"own-{number}", password)) == f"own-{number}"
		refused_again(tried(own_site, people[number].name, password))


WRONG_WAYS = [
	(p.SMITH.name, WRONG, "U"), ("nobody-at-all", p.PASSWORD, "U"), (p.LEFT.name, p.PASSWORD, "U"), (p.NO_PASSWORD.name, "", "U"), (p.NO_PASSWORD.name, p.PASSWORD, "U"),
	(p.JANE.name, p.PASSWORD, "U"), (p.THEIRS.name, p.PASSWORD, "U"), (p.SMITH.id, p.PASSWORD, "U"), ("", p.PASSWORD, "U"), ("", "", "U"), ("x" * 5000, p.PASSWORD, "U"),
	("a\0b", p.PASSWORD, "U"), ("*", p.PASSWORD, "U"), ("%", p.PASSWORD, "U"), ("' OR 1=1 --", p.PASSWORD, "U"),
	(p.JANE.name, WRONG, "C"), ("nobody@example.com", p.PASSWORD, "C"), (p.GONE.name, p.PASSWORD, "C"), (p.SMITH.name, p.PASSWORD, "C"), ("smith@example.com", p.PASSWORD, "C"),
]


@pytest.mark.parametrize("name,password,realm", WRONG_WAYS)
def test_no_wrong_way_in_gives_a_session(site, name, password, realm):
	"""Contract §3, Live state; A7: disabled, of the other realm, of another partition."""
	browser = Browser(site)
	page = tried(site, name, password, realm, browser)
	assert page.location is None
	assert page.shows("sign-in") or page.status == 400
	assert not has_session(browser, realm)


def without(page, name):
	"""What the page says and is, but for what stands for this one request."""
	text = page.html
	for word in (page.headers["X-Request-Id"], page.form("sign-in")["attempt"], f'value="{name}"'):
		text = text.replace(word, "…")
	return page.status, text, sorted(name for name in page.headers if name != "Date")


def test_no_reply_reveals_whether_the_name_or_the_password_was_wrong(site):
	"""Contract §3, Errors: at sign-in none whether the name or the password was."""
	names = [site.stranger().name, "nobody-knows", p.LEFT.name, p.NO_PASSWORD.name, p.THEIRS.name]
	replies = [without(refused_again(tried(site, name, WRONG)), name) for name in names]
	assert all(reply == replies[0] for reply in replies), [reply for reply in replies if reply != replies[0]][0]


def test_the_right_password_of_somebody_disabled_is_answered_like_a_wrong_one(site):
	"""Contract §3, Live state and Errors: or a guesser learns a password that works again some day."""
	for name, realm in ((p.LEFT.name, "U"), (p.GONE.name, "C")):
		wrong, right = (without(refused_again(tried(site, name, password, realm)), name) for password in (WRONG, p.PASSWORD))
		assert wrong == right


def test_unknown_and_known_names_take_the_same_time(own_store, open_site):
	"""A14: within noise. A dummy is hashed for who is unknown, has no password, or is disabled. The quickest of many tries is
	what the work takes; whatever else the machine does only adds to it, so more tries bring equals together and no others."""
	site = open_site(own_store, "--account-failures", "100000", "--address-failures", "100000")
	kinds = {"known": lambda: p.SLOW.name, "unknown": lambda: str(uuid.uuid4()), "no password": lambda: p.NO_PASSWORD.name, "disabled": lambda: p.LEFT.name}
	quickest = dict.fromkeys(kinds, 60.0)
	browser = Browser(site)
	page = authorize(browser, p.WEB)
	for tries in range(60):
		for kind in random.sample(list(kinds), len(kinds)):
			reply = browser.sign_in(page, kinds[kind](), WRONG).reply
			quickest[kind] = min(quickest[kind], reply.elapsed.total_seconds())
		if tries >= 10 and max(quickest.values()) < 1.5 * min(quickest.values()):
			return
	raise AssertionError(f"the quickest answers differ: {quickest}")


def test_the_password_comes_back_nowhere_and_the_name_only_as_text(site, person):
	"""A15; contract §3."""
	secret = "typed-" + uuid.uuid4().hex
	page = refused_again(tried(site, person.name, secret))
	assert secret not in page.html + str(page.headers)
	for name in ("\"><script>alert(1)</script>", "{{attempt}}", "a' onfocus='x"):
		page = refused_again(tried(site, name, secret))
		assert page.form("sign-in")["username"] == name
		assert "<script>alert" not in page.html
	assert secret not in "\n".join(str(line) for line in site.lines)


def test_one_sign_in_is_good_for_every_application_of_the_realm_and_no_other_realm(site, person):
	"""Contract §3, Sessions: one per realm and browser."""
	browser = Browser(site)
	first = arrive(browser, p.WEB, person)
	assert who(site, first) == person.id
	for application in (p.SECOND, p.SPA, p.NO_REFRESH):
		assert who(site, authorize(browser, application), application) == person.id
	assert authorize(browser, p.WEB, "C").shows("sign-in")
	customer = site.stranger("C")
	succeeded(browser.sign_in(authorize(browser, p.WEB, "C"), customer.name, customer.password))
	assert who(site, authorize(browser, p.WEB, "C"), realm="C") == customer.id
	assert who(site, authorize(browser, p.WEB)) == person.id


def test_the_page_is_a_form_that_works_without_script(browser):
	"""Issue 3: plain HTML, stable ids; a password manager finds its way."""
	page = judge_page(authorize(browser, p.WEB))
	form = page.form("sign-in")
	assert form.method == "POST" and form.names() >= {"attempt", "username", "password"} and list(form.buttons) == ["submit"]
	assert {"username", "password", "submit"} <= set(page.parsed.ids)
	assert not page.parsed.orphans and not page.parsed.scripts
	for marker in ('autocomplete="username"', 'autocomplete="current-password"', 'name="viewport"'):
		assert marker in page.html
	for name in ("username", "password"):
		assert f'for="{name}"' in page.html
	assert "Portal" in page.text and "Acme" in page.text  # who asks, and whose page it is
	assert page.problem == ""


def test_the_customers_page_asks_for_an_e_mail(browser):
	"""Contract §1: a customer has a unique e-mail."""
	page = judge_page(authorize(browser, p.WEB, "C"))
	assert "mail" in page.text.lower()
	page = browser.sign_in(page, "nobody@example.com", WRONG)
	assert "password" in page.problem.lower()


def test_the_form_is_sent_by_post_only(site, browser):
	"""Contract §6: wrong method: 405; a password never stands in an address."""
	page = authorize(browser, p.WEB)
	address, pairs = browser.filled(page, "sign-in", "submit", username=p.SMITH.name, password=p.PASSWORD)
	reply = browser.get(address, pairs)
	assert reply.location is None or "code" not in reply.answer
	assert not has_session(browser)
	for content_type in ("application/json", "text/plain", None):
		reply = browser.post(address, encode(pairs), headers={"Content-Type": content_type})
		assert reply.location is None and 400 <= reply.status < 500
	reply = browser.post(address + "?" + encode(pairs), [])
	assert reply.location is None and 400 <= reply.status < 500
	assert not has_session(browser)


# ---- A14: guessing


def limited(page):
	"""429 with Retry-After, at once, on a page that one can go on from."""
	assert page.status == 429, f"{page.status}: {page.text[:300]}"
	assert page.reply.elapsed.total_seconds() < 2
	judge_page(page)
	assert page.location is None
	seconds = int(page.headers["Retry-After"])
	assert 1 <= seconds <= 60
	return seconds


def wait_out(seconds):
	"""The server's own clock decides; there is nothing to poll that would not count."""
	time.sleep(seconds + 0.1)


def test_five_wrong_passwords_are_answered_and_from_the_sixth_on_it_takes_longer_each_time(own_site):
	"""A14; contract §6: from the 6th in a row 429 with Retry-After, for 1, 2, 4 … s; never a lasting lock."""
	person = own_site.stranger()
	for _ in range(5):
		refused_again(tried(own_site, person.name, WRONG))
	waits = []
	for _ in range(3):
		page = tried(own_site, person.name, WRONG)
		if page.status != 429:  # the one that is judged once the wait is over
			page = tried(own_site, person.name, WRONG)
		waits.append(limited(page))
		if waits[-1] == 4:
			assert limited(tried(own_site, person.name, p.PASSWORD)) <= 4  # nothing is told while it is closed
		wait_out(waits[-1])
	assert waits == [1, 2, 4]
	assert who(own_site, tried(own_site, person.name, p.PASSWORD)) == person.id
	for _ in range(5):
		refused_again(tried(own_site, person.name, WRONG))
	assert limited(tried(own_site, person.name, WRONG)) == 1


def test_the_wait_is_the_same_however_the_name_is_written(own_site):
	"""A14; contract §1: without regard to ASCII case; spaces around it are no other account."""
	for name in ("agent.smith", "AGENT.SMITH", " Agent.Smith", "Agent.Smith ", "aGent.smith"):
		refused_again(tried(own_site, name, WRONG))
	limited(tried(own_site, "Agent.Smith", WRONG))


def test_an_unknown_name_is_limited_like_a_known_one(own_site):
	"""Contract §6: unknown names alike."""
	for name in ("nobody-here", p.NO_PASSWORD.name, p.LEFT.name):
		for _ in range(5):
			refused_again(tried(own_site, name, WRONG))
		assert limited(tried(own_site, name, WRONG)) == 1


def test_guessing_at_one_account_hurts_no_other(own_site):
	"""Contract §6: account; the realms are apart."""
	for _ in range(6):
		page = tried(own_site, p.JANE.name, WRONG, "C")
	limited(page)
	assert who(own_site, tried(own_site, p.SMITH.name, p.PASSWORD)) == p.SMITH.id
	refused_again(tried(own_site, p.JANE.name, WRONG, "U"))


def test_a_success_starts_the_row_anew(site, person):
	"""Contract §6: in a row."""
	for _ in range(3):
		for _ in range(4):
			refused_again(tried(site, person.name, WRONG))
		assert who(site, tried(site, person.name, person.password)) == person.id


def test_the_owner_gets_in_from_a_known_address_while_a_stranger_guesses(own_store, open_site):
	"""A14: no lasting lock-out of the owner."""
	site = open_site(own_store, "--trusted-proxies", "127.0.0.1")
	person = site.stranger()
	home, elsewhere = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "203.0.113.9"}
	assert who(site, tried(site, person.name, person.password, headers=home)) == person.id
	closed_for = 0
	while closed_for < 4:
		page = tried(site, person.name, WRONG, headers=elsewhere)
		closed_for = limited(page) if page.status == 429 else 0
		if 0 < closed_for < 4:
			wait_out(closed_for)
	limited(tried(site, person.name, person.password, headers=elsewhere))
	assert who(site, tried(site, person.name, person.password, headers=home)) == person.id


def test_many_passwords_for_one_account_get_hardly_any_looked_at(own_store, open_site):
	"""A14: 10 000 passwords for one account: here as many as fit into some seconds."""
	site = open_site(own_store, "--address-failures", "1000000")
	person, browser = site.stranger(), Browser(site)
	page = authorize(browser, p.WEB)
	began = time.monotonic()
	looked_at = 0
	for number in range(300):
		if browser.sign_in(page, person.name, f"guess number {number}").status != 429:
			looked_at += 1
	took = time.monotonic() - began
	assert looked_at <= 5 + 1 + took, f"{looked_at} in {took:.1f} s"
	last = browser.sign_in(page, person.name, WRONG)
	assert last.status != 429 or int(last.headers["Retry-After"]) <= 60


def test_one_password_for_many_accounts_ends_at_the_address(own_site):
	"""A14; contract §6: 429 beyond 100 failures a minute from one address."""
	browser = Browser(own_site)
	page = authorize(browser, p.WEB)
	for number in range(130):
		reply = browser.sign_in(page, f"account-{number}", WRONG)
		if reply.status == 429:
			break
	limited(reply)
	assert 100 <= number <= 101
	limited(browser.sign_in(page, p.SMITH.name, WRONG))


def test_people_and_applications_share_the_address_limit_but_not_the_account(own_store, open_site):
	"""Contract §6: a failure is a wrong password or client secret."""
	site = open_site(own_store, "--address-failures", "8")
	for number in range(4):
		refused_again(tried(site, f"account-{number}", WRONG))
	for number in range(4):
		redeem(site, p.Application(f"client-{number}", d.secret_of("x")), "A" * 43)
	limited(tried(site, "account-5", WRONG))


def test_only_wrong_passwords_are_failures(site, person):
	"""Contract §6: nothing else. A reload, a stale form, a missing field lock nobody out."""
	browser = Browser(site)
	for _ in range(8):
		page = authorize(browser, p.WEB, login_hint=person.name)
		browser.post(SIGN_IN, {"attempt": "nonsense", "username": person.name, "password": WRONG})
		browser.post(SIGN_IN, {"username": person.name, "password": WRONG})
	assert who(site, browser.sign_in(page, person.name, person.password)) == person.id


def test_forty_people_at_once_all_get_in_or_are_told_to_come_again(own_site):
	"""Issue 3: Argon2id, bounded at once; A16."""
	results, barrier = [], threading.Barrier(40)

	def sign_in():
		browser = Browser(own_site)
		page = authorize(browser, p.WEB)
		barrier.wait(60)
		page = browser.sign_in(page, p.SLOW.name, p.SLOW.password)
		results.append((page.status, page.headers.get("Retry-After")))

	threads = [threading.Thread(target=sign_in) for _ in range(40)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(60)
	assert len(results) == 40
	assert {status for status, _ in results} <= {303, 503}, results
	assert any(status == 303 for status, _ in results)
	assert all(again for status, again in results if status == 503)


# ---- cookies


def test_cookies_on_loopback_http_are_lax_and_out_of_scripts_reach(site, person):
	"""Contract §3, Sessions: Lax on loopback http; A13: HttpOnly."""
	browser = Browser(site)
	first = authorize(browser, p.WEB)
	page = browser.sign_in(first, person.name, person.password)
	cookies = {**first.cookies, **page.cookies}
	assert cookies and page.cookies
	for cookie in cookies.values():
		assert "httponly" in cookie and cookie["samesite"].lower() == "lax" and "secure" not in cookie and not cookie.name.startswith("__")
		assert cookie.path.startswith("/") and "domain" not in cookie
		assert cookie["max-age"] is None or int(cookie["max-age"]) <= 12 * 3600
	assert has_session(browser)


def test_cookies_under_https_are_host_bound_and_secure(own_store, open_site):
	"""A13; contract §3: SameSite=None under https (silent renewal in a frame, form_post); __Host-."""
	site = open_site(own_store, "--auth-url", d.AUTH_URL)
	browser = Browser(site, d.AUTH_URL)
	first = authorize(browser, p.WEB)
	page = browser.sign_in(first, p.SMITH.name, p.SMITH.password)
	cookies = {**first.cookies, **page.cookies}
	assert cookies and page.cookies
	for cookie in cookies.values():
		assert cookie.name.startswith("__Host-")
		assert "httponly" in cookie and "secure" in cookie and cookie["samesite"].lower() == "none" and cookie["path"] == "/" and "domain" not in cookie
		assert cookie["max-age"] is None or int(cookie["max-age"]) <= 12 * 3600
	succeeded(page, p.WEB, issuer=f"{d.AUTH_URL}/system/auth/ACME-U")
	assert has_session(browser)
	page = authorize(browser, p.WEB, response_mode="form_post")
	succeeded(page, p.WEB, issuer=f"{d.AUTH_URL}/system/auth/ACME-U")


def test_the_sessions_of_two_realms_do_not_disturb_each_other_under_https(own_store, open_site):
	"""Contract §3: one per realm and browser, though all cookies have the path / there."""
	site = open_site(own_store, "--auth-url", d.AUTH_URL)
	browser = Browser(site, d.AUTH_URL)
	succeeded(arrive(browser, p.WEB, p.SMITH))
	succeeded(arrive(browser, p.WEB, p.JANE))
	succeeded(arrive(browser, p.OTHER_WEB, p.THEIRS, "OTHER"))
	assert who(site, authorize(browser, p.WEB, prompt="none")) == p.SMITH.id
	assert who(site, authorize(browser, p.WEB, "C", prompt="none"), realm="C") == p.JANE.id


def test_dozens_of_foreign_cookies_do_not_keep_anybody_out(site, person):
	"""A9: cookies of other programs on the same host, well-formed or not."""
	browser = Browser(site)
	for number in range(40):
		browser.jar[f"foreign{number}"] = Cookie(f"foreign{number}=\"quoted {number}\"; Path=/")
	browser.jar["a"] = Cookie("a=b=c; Path=/")
	assert who(site, arrive(browser, p.WEB, person)) == person.id
	assert has_session(browser)


# ---- A13: forged form posts


@pytest.fixture
def victim(site, person):
	"""A browser that stands before a sign-in page, with its own anti-forgery cookie."""
	browser = Browser(site)
	browser.page = authorize(browser, p.WEB)
	return browser


def forged(browser, pairs, endpoint=SIGN_IN, headers=None):
	"""The post is refused with a page, and nobody is signed in by it."""
	page = browser.post(endpoint, pairs, headers)
	if page.shows("sign-in"):  # begun elsewhere: shown anew, without a look at the password
		assert page.status == 403 and page.location is None
	else:
		dead_end(page)
	assert not has_session(browser)
	return page


def credentials(person, *attempts):
	return [*(("attempt", attempt) for attempt in attempts), ("username", person.name), ("password", person.password)]


def test_a_sign_in_without_an_attempt_is_refused(victim, person):
	"""A13: posts without an anti-forgery value."""
	forged(victim, credentials(person))
	forged(victim, credentials(person, ""))


@pytest.mark.parametrize("change", [lambda text: "nonsense", lambda text: text[:-1], lambda text: text + "A", lambda text: text[:-1] + ("A" if text[-1] != "A" else "Q"),
                                    lambda text: ("A" if text[0] != "A" else "B") + text[1:], lambda text: text[:len(text) // 2], lambda text: text * 2,
                                    lambda text: "A" * len(text),
                                    lambda text: text.swapcase(), lambda text: "A" * 30000, lambda text: "\0", lambda text: "é"],
                         ids=["nonsense", "cut", "longer", "last", "first", "half", "twice", "zeros", "case", "huge", "NUL", "no ascii"])
def test_a_sign_in_with_an_altered_attempt_is_refused(victim, person, change):
	"""A13."""
	forged(victim, credentials(person, change(victim.page.form("sign-in")["attempt"])))


def test_a_sign_in_with_another_browsers_attempt_is_refused(site, victim, person):
	"""A13: a foreign anti-forgery value. Signing a victim in as the attacker (login CSRF) is refused."""
	attacker = Browser(site)
	attempt = authorize(attacker, p.WEB).form("sign-in")["attempt"]
	forged(victim, credentials(person, attempt))
	fresh = Browser(site)
	forged(fresh, credentials(person, attempt))
	# where it belongs it is good
	assert who(site, attacker.post(SIGN_IN, credentials(person, attempt))) == person.id


def test_a_sign_in_without_the_cookie_is_refused(victim, person):
	"""A13: without cookie."""
	attempt = victim.page.form("sign-in")["attempt"]
	victim.jar.clear()
	forged(victim, credentials(person, attempt))


def test_a_sign_in_with_an_altered_cookie_is_refused(victim, person):
	"""A13."""
	attempt = victim.page.form("sign-in")["attempt"]
	for name, cookie in list(victim.jar.items()):
		for value in ("", "x", cookie.value[:-1], "A" * len(cookie.value), cookie.value + "A"):
			victim.jar[name] = Cookie(f"{name}={value}; Path={cookie.path}")
			forged(victim, credentials(person, attempt))


def test_two_attempts_in_one_post_are_refused(site, victim, person):
	"""Contract §3: a parameter given twice."""
	mine = victim.page.form("sign-in")["attempt"]
	theirs = authorize(Browser(site), p.WEB).form("sign-in")["attempt"]
	forged(victim, credentials(person, mine, theirs))
	forged(victim, credentials(person, theirs, mine))


def test_an_attempt_of_another_realm_is_refused(site, customer):
	"""A13, A7: bound to the realm."""
	browser = Browser(site)
	attempt = authorize(browser, p.WEB, "U").form("sign-in")["attempt"]
	authorize(browser, p.WEB, "C")
	page = browser.post(path_of("C", endpoint="/sign-in"), credentials(customer, attempt))
	dead_end(page)
	assert not has_session(browser, "C") and not has_session(browser, "U")


def test_a_sign_in_attempt_is_no_consent(site, person):
	"""A13: each page's form belongs to its step."""
	browser = Browser(site)
	attempt = authorize(browser, p.ASKING, scope=f"openid {d.READ}").form("sign-in")["attempt"]
	page = browser.post(CONSENT, [("attempt", attempt), ("decision", "allow")])
	assert page.location is None
	# not even when somebody is signed in meanwhile
	succeeded(arrive(browser, p.WEB, person))
	page = browser.post(CONSENT, [("attempt", attempt), ("decision", "allow")])
	assert page.location is None
	sent_back(authorize(browser, p.ASKING, prompt="none"), "consent_required")


def refused_consent(page):
	"""Nothing was allowed by it, and nothing goes back."""
	judge_page(page)
	assert page.status >= 400 and not page.shows("form-post")


def test_consent_without_or_with_a_foreign_attempt_is_refused(site, person):
	"""A13: consent posts without or with a foreign anti-forgery value, without cookie, from another browser."""
	mine, theirs, attacker = Browser(site), Browser(site), site.stranger()
	page = mine.sign_in(authorize(mine, p.ASKING, scope=f"openid {d.READ}"), person.name, person.password)
	foreign = theirs.sign_in(authorize(theirs, p.ASKING, scope=f"openid {d.READ}"), attacker.name, attacker.password).form("consent")["attempt"]
	own = page.form("consent")["attempt"]
	for attempts in ([], [""], [foreign], [own[:-1]], [own, foreign], [foreign, own]):
		refused_consent(mine.post(CONSENT, [*(("attempt", attempt) for attempt in attempts), ("decision", "allow")]))
	refused_consent(Browser(site).post(CONSENT, [("attempt", own), ("decision", "allow")]))
	sent_back(authorize(mine, p.ASKING, prompt="none"), "consent_required")
	assert who(site, mine.decide(page), p.ASKING) == person.id


def test_consent_after_the_session_has_ended_gives_nothing(site, person):
	"""A13, A18: a page left open is no session."""
	name, browser = session_name(site), Browser(site)
	page = browser.sign_in(authorize(browser, p.ASKING, scope=f"openid {d.READ}"), person.name, person.password)
	session = browser.jar.pop(name)
	reply = browser.decide(page)
	assert reply.location is None or "code" not in reply.answer
	browser.jar[name] = session
	form = browser.get(path_of(endpoint="/account"))
	browser.submit(form, "sign-out", "sign-out-button")
	reply = browser.decide(page)
	assert reply.location is None or "code" not in reply.answer
	succeeded(arrive(browser, p.WEB, person))
	sent_back(authorize(browser, p.ASKING, scope=f"openid {d.READ}", prompt="none"), "consent_required")


def test_a_consent_that_says_neither_allow_nor_deny_allows_nothing(site, person):
	"""A13: no answer is no yes."""
	browser = Browser(site)
	page = browser.sign_in(authorize(browser, p.ASKING, scope=f"openid {d.READ}"), person.name, person.password)
	attempt = page.form("consent")["attempt"]
	for decisions in ([], [""], ["Allow"], ["yes"], ["deny", "allow"], ["allow", "deny"]):
		reply = browser.post(CONSENT, [("attempt", attempt), *(("decision", decision) for decision in decisions)])
		assert reply.location is None or "code" not in reply.answer, decisions
	sent_back(authorize(browser, p.ASKING, prompt="none"), "consent_required")


def test_no_page_may_be_framed_and_none_opens_the_door_to_scripts(site, person):
	"""A13: Content-Security-Policy: frame-ancestors 'none' on every page."""
	browser = Browser(site)
	pages = [authorize(browser, p.ASKING), authorize(browser, p.WEB, client_id="x"), browser.post(SIGN_IN, [])]
	pages.append(browser.sign_in(pages[0], person.name, WRONG))
	pages.append(browser.sign_in(pages[0], person.name, person.password))
	pages.append(authorize(browser, p.WEB, response_mode="form_post"))
	pages.append(browser.get(path_of(endpoint="/account")))
	pages.append(Browser(site).get(path_of(endpoint="/account")))
	for page in pages:
		judge_page(page)
		policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
		assert policy["frame-ancestors"] == "'none'"
		assert policy.get("script-src", policy["default-src"]) == "'none'" or page.shows("form-post")
		assert not page.parsed.scripts or page.shows("form-post")
		assert not re.search(r"<[^>]*\son[a-z]+\s*=", page.html)
		assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin", "strict-origin")


# ---- A18: session fixation and mixing


def session_name(site, realm="U"):
	"""The name of the session's cookie."""
	browser, somebody = Browser(site), site.stranger(realm)
	page = authorize(browser, p.WEB, realm)
	before = set(browser.jar)
	page = browser.sign_in(page, somebody.name, somebody.password)
	(name,) = set(page.cookies) - before or set(page.cookies)
	return name


@pytest.mark.parametrize("value", ["A" * 43, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", "1", ""])
def test_a_session_value_set_before_the_sign_in_is_replaced(site, person, value):
	"""A18."""
	name = session_name(site)
	browser = Browser(site)
	browser.jar[name] = Cookie(f"{name}={value}; Path=/")
	page = authorize(browser, p.WEB)
	succeeded(browser.sign_in(page, person.name, person.password))
	assert browser.jar[name].value not in (value, "")
	planted = Browser(site)
	planted.jar[name] = Cookie(f"{name}={value}; Path=/")
	assert not has_session(planted)


def test_an_attackers_own_session_planted_before_the_sign_in_never_becomes_the_victims(site, person):
	"""A18: the value that the attacker knows is not the one the victim signs in with."""
	name, attacker = session_name(site), site.stranger()
	theirs, victims = Browser(site), Browser(site)
	succeeded(arrive(theirs, p.WEB, attacker))
	known = theirs.jar[name].value
	victims.jar[name] = Cookie(f"{name}={known}; Path=/")
	page = authorize(victims, p.WEB, prompt="login")
	page = victims.sign_in(page, person.name, person.password)
	assert who(site, page) == person.id
	assert victims.jar[name].value != known
	answer = authorize(theirs, p.WEB, prompt="none")
	assert "error" in answer.answer or who(site, answer) == attacker.id


def test_signing_in_again_gives_a_new_value_and_the_old_one_is_dead(site, person):
	"""A18: replaced at every sign-in."""
	name, browser = session_name(site), Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	old = browser.jar[name].value
	succeeded(arrive(browser, p.WEB, person, prompt="login"))
	assert browser.jar[name].value != old
	former = Browser(site)
	former.jar[name] = Cookie(f"{name}={old}; Path=/")
	assert not has_session(former)
	assert has_session(browser)


def test_a_wrong_password_gives_no_session_and_ends_none(site, person):
	"""A18: only a right one changes anything."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	before = dict((name, cookie.value) for name, cookie in browser.jar.items())
	refused_again(browser.sign_in(authorize(browser, p.WEB, prompt="login"), person.name, WRONG))
	assert dict((name, cookie.value) for name, cookie in browser.jar.items()) == before
	assert has_session(browser)


def test_two_tabs_of_two_persons_each_get_their_own_code(site):
	"""A18: attempts are kept by attempt, so tabs do not disturb each other (contract §3)."""
	ann, bob, browser = site.stranger(), site.stranger(), Browser(site)
	one = authorize(browser, p.WEB, state="one")
	two = authorize(browser, p.SECOND, state="two")
	page = browser.sign_in(two, bob.name, bob.password)
	succeeded(page, p.SECOND, state="two")
	assert who(site, page, p.SECOND) == bob.id
	page = browser.sign_in(one, ann.name, ann.password)
	succeeded(page, p.WEB, state="one")
	assert who(site, page) == ann.id
	assert who(site, authorize(browser, p.WEB)) == ann.id


@pytest.mark.parametrize("allowed_before", [False, True], ids=["asked", "allowed before"])
def test_a_consent_page_of_one_person_never_gives_a_code_for_another(site, allowed_before):
	"""A18: signing in as another person in a second tab never hands the first tab's code to the second person."""
	ann, bob, browser = site.stranger(), site.stranger(), Browser(site)
	scope = f"openid {d.READ}"
	if allowed_before:
		succeeded(arrive(Browser(site), p.ASKING, bob, scope=scope))
	first = browser.sign_in(authorize(browser, p.ASKING, scope=scope), ann.name, ann.password)
	assert first.shows("consent") and ann.name in first.text.lower()
	succeeded(browser.sign_in(authorize(browser, p.WEB, prompt="login"), bob.name, bob.password))
	page = browser.decide(first)
	if page.location is not None:
		assert "code" not in page.answer or who(site, page, p.ASKING) == ann.id
	else:
		assert page.shows("sign-in") or page.shows("consent") or page.status >= 400
	# and Ann's yes was not Bob's
	assert who(site, authorize(browser, p.WEB)) == bob.id
	if not allowed_before:
		sent_back(authorize(browser, p.ASKING, scope=scope, prompt="none"), "consent_required")


def test_tabs_that_begin_together_in_a_fresh_browser_all_come_home(site, person):
	"""Contract §3: tabs do not disturb each other, not even those that were opened before the first reply came."""
	browser, others = Browser(site), [Browser(site) for _ in range(3)]
	pages = [authorize(one, p.WEB, state=f"tab-{i}") for i, one in enumerate(others)]
	browser.jar = others[-1].jar  # the last cookie wins
	for i, page in enumerate(pages):
		attempt = page.form("sign-in")["attempt"]
		answer = browser.post(SIGN_IN, credentials(person, attempt))
		if answer.shows("sign-in"):
			assert answer.status == 403 and "password" in answer.text
			answer = browser.sign_in(answer, person.name, person.password)
		succeeded(answer, state=f"tab-{i}")


def test_a_denial_in_one_tab_leaves_the_other_alone(site, person):
	"""Contract §3: tabs do not disturb each other."""
	browser = Browser(site)
	one = browser.sign_in(authorize(browser, p.ASKING, state="one", scope=f"openid {d.READ}"), person.name, person.password)
	two = authorize(browser, p.SPA_ASKING, state="two")
	sent_back(browser.decide(one, "deny"), "access_denied", state="one", application=p.ASKING)
	succeeded(browser.decide(two), p.SPA_ASKING, state="two")


def test_tabs_that_begin_at_once_in_a_fresh_browser_all_come_home(site, person):
	"""Contract §3: tabs do not disturb each other, though each of these was given a cookie of its own and the last one stays."""
	tabs, browser = [Browser(site) for _ in range(3)], Browser(site)
	pages = [authorize(tab, p.WEB, state=f"tab-{number}") for number, tab in enumerate(tabs)]
	for tab in tabs:
		tab.copy_cookies_to(browser)
	for number in reversed(range(3)):
		page = browser.sign_in(pages[number], person.name, person.password)
		if page.shows("sign-in"):
			assert "password" in page.problem.lower()
			page = browser.sign_in(page, person.name, person.password)
		succeeded(page, p.WEB, state=f"tab-{number}")


def test_a_page_that_is_shown_again_asks_for_what_its_own_request_asked(site, person):
	"""A13, A1: nothing of a foreign attempt but its request lives on, and that is judged anew."""
	attacker, victim = Browser(site), Browser(site)
	stranger = site.stranger()
	page = attacker.sign_in(authorize(attacker, p.ASKING, scope=f"openid {d.READ}"), stranger.name, stranger.password)
	attempt = page.form("consent")["attempt"]
	page = victim.post(SIGN_IN, credentials(person, attempt))
	assert page.location is None and not has_session(victim)
	if page.shows("sign-in"):
		page = victim.sign_in(page, person.name, person.password)
		assert page.shows("consent"), "the attacker's yes is not the victim's"
		assert person.name in page.text.lower()


def test_consent_in_one_tab_goes_on_when_the_same_person_signs_in_again_in_another(site, person):
	"""Contract §3: tabs do not disturb each other."""
	browser = Browser(site)
	later = authorize(browser, p.WEB, state="later")
	first = browser.sign_in(authorize(browser, p.ASKING, scope=f"openid {d.READ}"), person.name, person.password)
	succeeded(browser.sign_in(later, person.name, person.password), p.WEB, state="later")
	page = browser.decide(first)
	assert who(site, page, p.ASKING) == person.id


def test_many_tabs_at_once_all_come_home(site, person):
	"""Contract §3: attempts are kept by attempt."""
	browser = Browser(site)
	tabs = [authorize(browser, p.WEB, state=f"tab-{number}") for number in range(12)]
	for number in reversed(range(12)):
		page = browser.sign_in(tabs[number], person.name, person.password)
		succeeded(page, p.WEB, state=f"tab-{number}")


def test_going_back_and_submitting_again_is_harmless(site, person):
	"""Contract §3; the back button: another code or a page, never the same code."""
	browser = Browser(site)
	first = authorize(browser, p.WEB)
	codes = [succeeded(browser.sign_in(first, person.name, person.password))]
	page = browser.sign_in(first, person.name, person.password)
	if page.location is not None:
		codes.append(succeeded(page))
	else:
		judge_page(page)
	assert len(set(codes)) == len(codes)


def test_the_request_cannot_be_changed_along_the_way(site, person):
	"""A1, A13: what the sign-in form carries is sealed; what is added to it is not read."""
	browser = Browser(site)
	page = authorize(browser, p.WEB)
	address, pairs = browser.filled(page, "sign-in", "submit", username=person.name, password=person.password)
	more = [("redirect_uri", "https://evil.example/"), ("client_id", p.SECOND.id), ("scope", "openid " + d.MANAGE), ("state", "evil"), ("response_mode", "fragment")]
	page = browser.post(address + "?" + encode(more), [*pairs, *more])
	if page.location is not None:
		succeeded(page, p.WEB)
		assert page.answer_is_by == "query"
	else:
		assert page.status == 400
	assert "evil" not in (page.location or "")


def test_an_audit_event_names_the_person_who_signed_in_and_who_failed(site, person):
	"""Contract §2: X-Request-Id, which log lines and audit events name too; attacks: refused means an audit event."""
	page = tried(site, person.name, WRONG)
	(event, *_) = site.audit_of(page.headers["X-Request-Id"])
	assert person.name in str(event) or person.id in str(event), event
	page = tried(site, person.name, person.password)
	(event, *_) = site.audit_of(page.headers["X-Request-Id"])
	assert person.id in str(event) or person.name in str(event), event
	assert p.PASSWORD not in str(event)


def test_a_request_for_a_code_with_a_session_asks_for_no_password(site, person):
	"""Contract §3, Sessions."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	page = browser.get(path_of(), request_of(p.SECOND))
	assert page.status == 303 and who(site, page, p.SECOND) == person.id
