"""A person's own page: sessions, connected applications, the password (contract §2, §3 Sessions and Live state; A13, A14, A15)."""

import concurrent.futures
import contextlib
import re
import sqlite3

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import introspect, refused
from support.people import arrive, authorize, dead_end, judge_page, new_tokens, path_of, refresh, userinfo
from support.program import request

INACTIVE = {"active": False}
NEW = "a new and longer password"


def account_of(person):
	return path_of(person.realm, endpoint="/account")


def signed_in(site, person, agent="Mozilla/5.0 Test/1.0"):
	"""A browser in which the person has signed in on the own page, and that page."""
	browser = Browser(site, agent=agent)
	page = browser.sign_in(browser.get(account_of(person)), person.name, person.password)
	assert page.shows("password-form"), page.text
	return browser, page


def forms(page, action):
	return [form for form in page.parsed.forms if form.action.endswith("/account/" + action)]


def press(browser, form):
	return browser.post(form.action, [(name, value) for name, value, _ in form.fields])


def sids(page):
	return [form["sid"] for form in forms(page, "end-session")]


def connected(page):
	return {form["client_id"]: form for form in forms(page, "withdraw")}


def change(browser, page, current=p.PASSWORD, new=NEW, again=None):
	return browser.submit(page, "password-form", "change-password", current=current, new=new, again=new if again is None else again)


def sign_in_works(site, person, password):
	browser = Browser(site)
	return browser.sign_in(browser.get(account_of(person)), person.name, password).shows("password-form")


# ---- the page


@pytest.mark.parametrize("realm", ["U", "C"])
def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(site, realm):
	person = site.stranger(realm)
	browser = Browser(site)
	page = judge_page(browser.get(account_of(person)))
	assert page.status == 200 and page.shows("sign-in")
	page = judge_page(browser.sign_in(page, person.name, person.password))
	assert page.status == 200 and page.url == site.url + account_of(person)
	assert person.name in page.text


def test_the_page_shows_the_session_of_this_browser_marked_and_the_others(site, person):
	first, _ = signed_in(site, person, agent="First/1.0")
	second, page = signed_in(site, person, agent="Second/2.0")
	judge_page(page)
	assert len(sids(page)) == 2 and "First/1.0" in page.text and "Second/2.0" in page.text and "127.0.0.1" in page.text
	present = re.search(r'<li class="entry present">.*?</li>', page.html, re.S).group(0)
	assert page.html.count("entry present") == 1 and "Second/2.0" in present and "First/1.0" not in present
	assert set(sids(first.get(account_of(person)))) == set(sids(page))
	assert second.jar and "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_a_known_browser_is_shown_by_its_name(site, person):
	_, page = signed_in(site, person, agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0")
	assert "Firefox" in page.text and "Windows" in page.text and "Gecko" not in page.text


def test_the_session_of_one_realm_is_none_at_another(site, person):
	browser, _ = signed_in(site, person)
	assert browser.get(path_of("C", endpoint="/account")).shows("sign-in")
	assert browser.get(path_of("U", "OTHER", endpoint="/account")).shows("sign-in")


def test_what_a_browser_calls_itself_is_escaped(site, person):
	"""A15."""
	_, page = signed_in(site, person, agent="<script>alert(1)</script>\"'&x")
	assert "<script>alert" not in page.html and "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;x" in page.html.replace("&#x27;", "&#39;").replace("&#34;", "&quot;")


def test_the_page_says_what_was_done_and_nothing_else_that_the_address_asks_for(site, person):
	browser, page = signed_in(site, person)
	assert page.problem == ""
	words = {word: browser.get(account_of(person), {"done": word}).problem for word in ("password", "session", "withdrawn")}
	assert all(words.values()) and len(set(words.values())) == 3
	for query in ({"done": "<b>x</b>"}, {"done": ""}, "done=password&done=session", "done=%zz", "done", "&&=", {"other": "password"}):
		assert browser.get(account_of(person), query).problem == "", query


# ---- sessions


def test_a_session_is_ended_by_its_owner_and_its_tokens_with_it(site, person):
	"""Contract §3: the grants without offline_access end with the session."""
	other = Browser(site)
	tokens = new_tokens(site, p.WEB, person, scope=f"openid {d.READ}", browser=other)
	kept = new_tokens(site, p.SECOND, person, scope=f"openid offline_access {d.READ}", browser=other)
	browser, page = signed_in(site, person)
	own = next(form for form in forms(page, "end-session") if form["sid"] == sid_marked(page))
	theirs = next(form for form in forms(page, "end-session") if form["sid"] != own["sid"])
	page = press(browser, theirs)
	assert page.status == 200 and page.problem and page.url.endswith("/account?done=session") and sids(page) == [own["sid"]]
	assert authorize(other, p.WEB).shows("sign-in")
	assert introspect(site, p.WEB, tokens["access_token"]) == INACTIVE
	assert introspect(site, p.SECOND, kept["access_token"])["active"] and refresh(site, p.SECOND, kept["refresh_token"]).status_code == 200
	assert browser.get(account_of(person)).shows("password-form")


def sid_marked(page):
	present = re.search(r'<li class="entry present">.*?</li>', page.html, re.S).group(0)
	return re.search(r'name="sid" value="([^"]+)"', present).group(1)


def test_signing_out_ends_the_session_here_and_now(site, person):
	browser, page = signed_in(site, person)
	stolen = Browser(site)
	browser.copy_cookies_to(stolen)
	page = browser.submit(page, "sign-out", "sign-out-button")
	judge_page(page)
	assert page.status == 200 and not page.parsed.forms and any(cookie.is_deletion for cookie in page.cookies.values())
	assert [link for link in page.parsed.links if link.endswith("/account")]
	site.wait_for_line(lambda line: line.get("action") == "session.ended" and line["actor"] == person.id)
	assert browser.get(account_of(person)).shows("sign-in")
	assert stolen.get(account_of(person)).shows("sign-in")


def test_ending_the_present_session_signs_out(site, person):
	browser, page = signed_in(site, person)
	page = press(browser, forms(page, "end-session")[0])
	assert page.status == 200 and not page.parsed.forms
	assert browser.get(account_of(person)).shows("sign-in")


@pytest.mark.parametrize("realm", ["U", "C"])
def test_the_session_of_another_person_is_not_ended(site, realm):
	"""A7: as if it did not exist."""
	victim, attacker = site.stranger(realm), site.stranger("U")
	theirs, page = signed_in(site, victim)
	browser, own_page = signed_in(site, attacker)
	form = forms(own_page, "end-session")[0]
	for sid in (sids(page)[0], "", "x", "x" * 5000, "%zz"):
		fields = [(name, sid if name == "sid" else value) for name, value, _ in form.fields]
		answer = browser.post(form.action, fields)
		assert answer.status == 200 and answer.problem == "" and answer.shows("password-form"), sid
	assert theirs.get(account_of(victim)).shows("password-form")
	assert browser.get(account_of(attacker)).shows("password-form")


def test_ending_a_session_twice_is_fine(site, person):
	signed_in(site, person)
	browser, page = signed_in(site, person)
	form = next(form for form in forms(page, "end-session") if form["sid"] != sid_marked(page))
	assert press(browser, form).problem
	again = press(browser, form)
	assert again.status == 200 and again.problem == "" and len(sids(again)) == 1


# ---- connected applications


def test_an_allowed_application_is_listed_with_what_it_may_do_in_words(site, person):
	browser = Browser(site)
	arrive(browser, p.ASKING, person, scope=f"openid profile {d.READ}")
	page = browser.get(account_of(person))
	assert set(connected(page)) == {p.ASKING.id}
	assert "Asking" in page.text and "Recognize you" in page.text and "your profile" in page.text
	assert "while you are away" not in page.text


def test_withdrawing_a_consent_ends_every_token_of_it(site, person):
	browser = Browser(site)
	scope = f"openid offline_access {d.READ}"
	tokens = [new_tokens(site, p.ASKING, person, scope=scope, browser=browser) for _ in range(2)]
	others = new_tokens(site, p.SECOND, person, scope=scope, browser=browser)
	page = browser.get(account_of(person))
	assert set(connected(page)) == {p.ASKING.id, p.SECOND.id} and "while you are away" in page.text
	page = press(browser, connected(page)[p.ASKING.id])
	assert page.status == 200 and page.problem and set(connected(page)) == {p.SECOND.id}
	for one in tokens:
		refused(refresh(site, p.ASKING, one["refresh_token"]), "invalid_grant")
		assert introspect(site, p.ASKING, one["access_token"]) == INACTIVE
		assert introspect(site, p.ASKING, one["refresh_token"]) == INACTIVE
		assert userinfo(site, one["access_token"]).status_code == 401
	assert introspect(site, p.SECOND, others["access_token"])["active"]
	assert authorize(browser, p.ASKING, scope=scope).shows("consent")


def test_withdrawing_from_an_application_that_is_not_connected_changes_nothing(site, person):
	browser = Browser(site)
	tokens = new_tokens(site, p.SECOND, person, browser=browser)
	form = connected(browser.get(account_of(person)))[p.SECOND.id]
	for client_id in (p.ASKING.id, "", "nobody", "x" * 5000):
		answer = browser.post(form.action, [(name, client_id if name == "client_id" else value) for name, value, _ in form.fields])
		assert answer.status == 200 and answer.problem == "" and set(connected(answer)) == {p.SECOND.id}
	assert introspect(site, p.SECOND, tokens["access_token"])["active"]


def test_one_person_cannot_withdraw_what_another_allowed(site, person):
	"""A7."""
	tokens = new_tokens(site, p.ASKING, person)
	stranger = site.stranger()
	browser = Browser(site)
	new_tokens(site, p.ASKING, stranger, browser=browser)
	press(browser, connected(browser.get(account_of(stranger)))[p.ASKING.id])
	assert introspect(site, p.ASKING, tokens["access_token"])["active"] and refresh(site, p.ASKING, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("client_id,permissions,shown", [("a" * 120, 300, 256), ("&" * 120, 300, 64), ("b" * 10, 1024, 256), ("c" * 10, 10, 256)])
def test_the_page_stays_usable_for_who_has_connected_as_many_applications_as_can_be(own_site, client_id, permissions, shown):
	"""What the page takes of memory is bounded."""
	person = own_site.stranger()
	browser, _ = signed_in(own_site, person)
	scope = " ".join(f"some.permission.with.a.name.that.is.as.long.as.they.come.{'x' * 150}.{number:04}" for number in range(permissions))
	with contextlib.closing(sqlite3.connect(own_site.store.path, timeout=10)) as connection, connection:
		connection.executemany("INSERT INTO consent (partition, kind, person_id, client_id, scope, since, last_used_at) VALUES ('ACME', ?, ?, ?, ?, 1, 1)",
		                       [(ord("U"), person.id, f"{client_id}{number:03}", scope) for number in range(300)])
	page = judge_page(browser.get(account_of(person)))
	assert page.status == 200 and shown <= len(connected(page)) <= 256 and page.shows("password-form") and "some.permission" in page.text
	page = press(browser, connected(page)[client_id + "007"])
	assert page.status == 200 and len(connected(page)) >= shown and client_id + "007" not in connected(page)


# ---- the password


def test_a_changed_password_ends_other_sessions_and_refresh_tokens_but_not_this_browser(site, person):
	"""Contract §3, Live state."""
	elsewhere = Browser(site)
	tokens = new_tokens(site, p.WEB, person, browser=elsewhere)
	browser, page = signed_in(site, person)
	before = dict(browser.jar)
	page = change(browser, page)
	assert page.status == 200 and page.url.endswith("/account?done=password") and page.problem and page.shows("password-form")
	assert len(sids(page)) == 1 and sids(page) == [sid_marked(page)]
	session = next(name for name in browser.jar if name.endswith("ACME-U"))
	assert browser.jar[session].value != before[session].value
	assert elsewhere.get(account_of(person)).shows("sign-in")
	refused(refresh(site, p.WEB, tokens["refresh_token"]), "invalid_grant")
	assert not sign_in_works(site, person, p.PASSWORD) and sign_in_works(site, person, NEW)
	# the old value is dead, even where it was copied
	thief = Browser(site)
	thief.jar.update(before)
	assert thief.get(account_of(person)).shows("sign-in")


def test_a_changed_password_leaves_an_audit_event_in_the_store_and_in_the_log(site, person):
	browser, page = signed_in(site, person)
	address, pairs = browser.filled(page, "password-form", "change-password", current=p.PASSWORD, new=NEW, again=NEW)
	cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.jar.values())
	reply = request("POST", address, data=pairs, headers={"Cookie": cookies})
	assert reply.status_code == 303 and reply.headers["Location"].endswith("/account?done=password")
	event = site.audit_of(reply.headers["X-Request-Id"])[0]
	assert event["action"] == "password.changed" and event["actor"] == person.id and event["result"] == "ok"
	assert not [line for line in site.lines if NEW in str(line) or p.PASSWORD in str(line)]


@pytest.mark.parametrize("changes,words", [
	({"current": "not the password"}, "password"), ({"current": ""}, "password"),
	({"new": "7 chars", "again": "7 chars"}, "8"), ({"new": "äöüäöüä", "again": "äöüäöüä"}, "8"), ({"new": "", "again": ""}, "8"),
	({"again": NEW + "x"}, "same"), ({"again": ""}, "same"),
], ids=["wrong", "none", "short", "short in characters", "empty", "differs", "again empty"])
def test_a_new_password_that_does_not_fit_changes_nothing(site, person, changes, words):
	browser, page = signed_in(site, person)
	answer = change(browser, page, **{"current": p.PASSWORD, "new": NEW, "again": changes.get("again", changes.get("new", NEW)), **changes})
	judge_page(answer)
	assert answer.status == 400 and words in answer.problem and "Nothing was changed" in answer.problem and answer.shows("password-form")
	assert answer.html.count(NEW) == 0
	assert sign_in_works(site, person, p.PASSWORD) and browser.get(account_of(person)).shows("password-form")


def test_eight_characters_are_enough_whatever_they_are(site, person):
	browser, page = signed_in(site, person)
	assert change(browser, page, new="äöüäöüä ").url.endswith("done=password")
	assert sign_in_works(site, person, "äöüäöüä ")


@pytest.mark.parametrize("realm", ["U", "C"])
def test_the_name_is_no_password(site, realm):
	person = site.stranger(realm)
	browser, page = signed_in(site, person)
	for name in (person.name, person.name.upper(), f"{person.name.split('@')[0]}@example.com"):
		answer = change(browser, page, new=name)
		assert answer.status == 400 and "Nothing was changed" in answer.problem, name


def test_a_password_over_its_limit_is_refused(site, person):
	browser, page = signed_in(site, person)
	dead_end(change(browser, page, new="x" * 1025), "1024")
	assert change(browser, page, new="x" * 1024).url.endswith("done=password")


def test_guessing_the_present_password_on_the_page_is_slowed_like_signing_in(own_site):
	"""A14: one count for both doors."""
	person = own_site.stranger()
	browser, page = signed_in(own_site, person)
	# known here: guesses from this address count on an own account, and so do those at the sign-in
	for i in range(5):
		assert change(browser, page, current=f"guess {i}").status == 400
	answer = change(browser, page, current="guess 5")
	assert answer.status == 429 and int(answer.headers["Retry-After"]) >= 1 and answer.shows("password-form")
	assert change(browser, page).status == 429
	other = Browser(own_site)
	assert other.sign_in(other.get(account_of(person)), person.name, person.password).status == 429


def test_one_of_two_changes_at_once_wins(site, person):
	browser, page = signed_in(site, person)
	other, other_page = signed_in(site, person)
	with concurrent.futures.ThreadPoolExecutor(2) as pool:
		answers = list(pool.map(lambda one: change(*one), [(browser, page, p.PASSWORD, NEW), (other, other_page, p.PASSWORD, NEW + " 2")]))
	done = [answer.url.endswith("done=password") and answer.shows("password-form") for answer in answers]
	assert done.count(True) == 1, [answer.text for answer in answers]
	assert [sign_in_works(site, person, NEW), sign_in_works(site, person, NEW + " 2")] == done
	assert not sign_in_works(site, person, p.PASSWORD)


# ---- A13: forged posts


def forged(page):
	"""Each form of the page that changes something, with its fields."""
	result = {}
	for form in page.parsed.forms:
		result.setdefault(form.action.rpartition("/")[2], (form.action, dict((name, value) for name, value, _ in form.fields)))
	assert set(result) == {"sign-out", "end-session", "withdraw", "password"}
	result["password"][1].update(current=p.PASSWORD, new=NEW, again=NEW)
	return result


@pytest.mark.parametrize("action", ["sign-out", "end-session", "withdraw", "password"])
def test_a13_a_post_without_the_anti_forgery_value_of_this_session_does_nothing(site, person, action):
	browser = Browser(site)
	tokens = new_tokens(site, p.ASKING, person, browser=browser)
	page = browser.get(account_of(person))
	_, foreign_page = signed_in(site, site.stranger())
	_, second_page = signed_in(site, person)
	address, fields = forged(page)[action]
	values = [None, "", fields["anti_forgery"][:-1] + ("A" if fields["anti_forgery"][-1] != "A" else "B"), fields["anti_forgery"] + "A",
	          foreign_page.form("sign-out")["anti_forgery"], second_page.form("sign-out")["anti_forgery"]]
	for value in values:
		answer = browser.post(address, {**fields, "anti_forgery": value})
		dead_end(answer)
		assert answer.status == 403 and "attempt-foreign" in answer.text
	dead_end(browser.post(address, [*fields.items(), ("anti_forgery", fields["anti_forgery"])]))
	dead_end(browser.post(address, ""))
	# a form of another site: its cookies come along only where the browser sends them, and the value is not known
	dead_end(Browser(site).post(address, fields))
	after = browser.get(account_of(person))
	assert after.shows("password-form") and set(connected(after)) == {p.ASKING.id} and len(sids(after)) == 2
	assert sign_in_works(site, person, p.PASSWORD) and introspect(site, p.ASKING, tokens["access_token"])["active"]
	# and with it, it does
	assert browser.post(address, fields).status == 200


def test_a13_the_answer_to_a_forged_post_is_audited(site, person):
	browser, page = signed_in(site, person)
	answer = browser.post(page.form("sign-out").action, {"anti_forgery": "x"})
	event = site.audit_of(answer.headers["X-Request-Id"])[0]
	assert event["action"] == "account.refused" and event["result"] == "attempt-foreign"


def test_a_form_of_a_session_that_is_over_leads_to_signing_in(site, person):
	browser, page = signed_in(site, person)
	second, second_page = signed_in(site, person)
	press(second, next(form for form in forms(second_page, "end-session") if form["sid"] != sid_marked(second_page)))
	assert browser.submit(page, "sign-out", "sign-out-button").shows("sign-in")
	assert change(browser, page).shows("sign-in")
	assert sign_in_works(site, person, p.PASSWORD)


def test_actions_that_do_not_exist_and_other_methods_are_refused(site, person):
	browser, page = signed_in(site, person)
	fields = dict((name, value) for name, value, _ in page.form("sign-out").fields)
	assert dead_end(browser.post(account_of(person) + "/delete", fields)).status == 404
	assert request("GET", site.url + account_of(person) + "/sign-out").status_code == 405
	assert request("POST", site.url + account_of(person) + "/sign-out", json={}).status_code == 400
	assert browser.get(account_of(person)).shows("password-form")
