"""Signing in to the console, staying signed in, and what happens when one is not any more."""

import re

import pytest
from desk import Desk, expect, give_password
from support import people as p
from support.admin import CHIEF, ROOT_PERSON, Administrator, automation_token, done, refused
from support.oauth import unverified
from support.people import JANE, PA, SMITH

STORED = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state, document.documentElement.outerHTML])"


class Heard:
	"""The access tokens that a tab sends to the Admin API, and the sign-ins that it makes."""

	def __init__(self, tab):
		self.tokens, self.authorizations, self.exchanges = [], [], []
		tab.on("request", self._note)

	def _note(self, request):
		bearer = request.headers.get("authorization", "")
		if "/admin/v1/" in request.url and bearer.startswith("Bearer "):
			self.tokens.append(bearer.removeprefix("Bearer "))
		if "/oauth2/authorize" in request.url:
			self.authorizations.append(request.url)
		if request.url.endswith("/oauth2/token"):
			self.exchanges.append(request)

	@property
	def last(self):
		return self.tokens[-1]


@pytest.fixture
def listened(visit, site):
	"""Somebody signed in, and what their tab sends."""
	tab = visit().tab()
	heard = Heard(tab)
	one = Desk(tab, site)
	one.sign_in()
	return one, heard


def automation(site):
	"""Looks after the partition without a browser."""
	return Administrator(site, automation_token(site))


def test_tokens_are_in_memory_only(listened):
	one, heard = listened
	one.follow("users")
	one.shows_title("Users")
	expect(one.at("users")).to_be_visible()
	tokens = set(heard.tokens) | {text for reply in heard.exchanges for text in reply.response().json().values() if isinstance(text, str) and len(text) > 40}
	assert tokens
	stored = one.tab.evaluate(STORED)
	state = str(one.tab.context.storage_state(indexed_db=True))
	for token in tokens:
		assert token not in stored and token not in state
		assert token.split(".")[-1] not in stored + state
	assert one.tab.evaluate("indexedDB.databases().then(all => all.length)") == 0 and one.tab.evaluate("caches.keys().then(all => all.length)") == 0
	assert one.tab.evaluate("document.cookie") == ""


def test_the_console_asks_for_a_code_with_pkce_and_no_refresh_token(listened):
	_, heard = listened
	(address,) = heard.authorizations
	assert "code_challenge_method=S256" in address and "response_type=code" in address and "offline_access" not in address
	(exchange,) = heard.exchanges
	reply = exchange.response().json()
	assert "refresh_token" not in reply
	claims = unverified(reply["access_token"])
	assert claims["aud"].endswith("/admin/v1") and "writ.admin.manage" in claims["scope"].split()


def test_the_code_is_gone_from_the_address_and_the_history(listened):
	one, _ = listened
	assert re.fullmatch(r".*/console/ACME/overview", one.tab.url)
	history = one.tab.context.new_cdp_session(one.tab).send("Page.getNavigationHistory")
	assert not [entry["url"] for entry in history["entries"] if "code=" in entry["url"]]


def test_a_reload_stays_signed_in_by_the_server_s_session(listened):
	one, heard = listened
	one.follow("users")
	one.shows_title("Users")
	before = heard.last
	one.tab.reload()
	one.shows_title("Users")
	expect(one.at("users")).to_be_visible()
	assert heard.last != before


def test_a_second_tab_is_signed_in_without_a_question(listened, site):
	one, _ = listened
	other = Desk(one.tab.context.new_page(), site)
	other.tab.goto(other.url("people", "customers"))
	other.shows_title("Customers")


def test_signing_out_ends_the_session_and_shows_nothing_to_the_next_person(listened, site):
	one, heard = listened
	one.follow("users")
	expect(one.row(PA.id)).to_be_visible()
	one.at("person").click()
	one.at("sign-out").click()
	expect(one.tab.get_by_role("heading", name="You are signed out")).to_be_visible()
	one.tab.go_back()
	expect(one.tab.locator("#username").or_(one.at("sign-in"))).to_be_visible()
	expect(one.row(PA.id)).to_have_count(0)
	one.tab.goto(one.url("people", "users"))
	expect(one.tab.locator("#username")).to_be_visible()
	refused(Administrator(site, heard.last).get("users"), 401)
	sessions = automation(site).walk("sessions", realm="user", person_id=PA.id)
	assert sessions == []


def test_who_signed_out_may_sign_in_again_from_there(listened):
	one, _ = listened
	one.at("person").click()
	one.at("sign-out").click()
	expect(one.at("sign-in-partition")).to_have_value("ACME")
	one.at("sign-in").click()
	give_password(one.tab, PA)
	one.shows_title("Overview")


def test_a_partition_is_asked_for_where_there_are_several(visit, site):
	tab = visit().tab()
	tab.goto(site.url + "/console/")
	one = Desk(tab, site, "OTHER")
	one.fill("sign-in-partition", "no partition!")
	expect(one.at("sign-in")).to_be_disabled()
	one.fill("sign-in-partition", "NOWHERE")
	one.at("sign-in").click()
	expect(one.at("problem")).to_contain_text("NOWHERE")
	one.fill("sign-in-partition", "OTHER")
	one.at("sign-in").click()
	give_password(tab, CHIEF)
	one.shows_title("Overview")
	assert tab.url.endswith("/console/OTHER/overview")


def test_a_user_without_the_role_is_told_so(visit, site):
	tab = visit().tab()
	one = Desk(tab, site)
	tab.goto(one.url("overview"))
	give_password(tab, SMITH)
	expect(one.at("no-administrator")).to_contain_text("partition_administrator")
	expect(tab.get_by_role("heading", level=1)).to_have_text("You are no administrator here")
	one.at("sign-in-else").click()
	give_password(tab, PA)
	one.shows_title("Overview")


def test_a_customer_does_not_get_in(visit, site):
	tab = visit().tab()
	one = Desk(tab, site)
	tab.goto(one.url("overview"))
	give_password(tab, JANE)
	expect(tab.get_by_role("alert")).to_be_visible()
	expect(tab.locator("#username")).to_be_visible()
	tab.goto(site.url + "/console/?partition=ACME-C")
	expect(one.at("sign-in-partition").or_(tab.locator("#username"))).to_be_visible()


def test_who_loses_the_role_is_told_so_at_the_next_click(listened, site):
	one, _ = listened
	caller = automation(site)
	done(caller.patch({"roles": []}, "users", PA.id, match="*"))
	one.at("nav-users").click()
	expect(one.at("no-administrator").or_(one.at("problem"))).to_be_visible()
	expect(one.at("users")).to_have_count(0)


def test_a_grant_that_was_ended_is_renewed_without_a_question(listened, site):
	"""401 in the middle, while the person's session lives."""
	one, heard = listened
	caller = automation(site)
	gid = unverified(heard.last)["gid"]
	done(caller.delete("grants", gid, realm="user"), 204)
	one.at("nav-users").click()
	expect(one.row(PA.id)).to_be_visible()
	assert unverified(heard.last)["gid"] != gid
	assert "prompt=none" in heard.authorizations[-1]


def test_a_session_that_was_ended_leads_to_the_sign_in_and_back(listened, site):
	"""401 in the middle, with the session gone."""
	one, _ = listened
	one.follow("customers")
	one.shows_title("Customers")
	caller = automation(site)
	done(caller.delete("users", PA.id, "sessions"), 204)
	one.at("nav-users").click()
	give_password(one.tab, PA)
	expect(one.row(PA.id)).to_be_visible()
	assert one.tab.url.endswith("/console/ACME/people/users")


def test_a_token_is_renewed_before_it_ends(visit, site):
	tab = visit().tab()
	tab.clock.install()
	heard = Heard(tab)
	one = Desk(tab, site)
	one.sign_in()
	before = heard.last
	ends = unverified(before)["exp"] - unverified(before)["iat"]
	with tab.expect_response(lambda reply: reply.url.endswith("/oauth2/token")) as renewed:
		tab.clock.fast_forward((ends - 30) * 1000)
	assert renewed.value.ok
	one.at("nav-users").click()
	expect(one.row(PA.id)).to_be_visible()
	assert heard.last == renewed.value.json()["access_token"] != before
	assert "prompt=none" in heard.authorizations[-1]


def test_a_system_administrator_chooses_any_partition(visit, site):
	one = Desk(visit().tab(), site, "SYSTEM")
	one.sign_in(ROOT_PERSON)
	one.at("partition").click()
	one.tab.get_by_role("option", name="OTHER").click()
	expect(one.tab).to_have_url(re.compile("/console/OTHER/overview$"))
	one.follow("users")
	expect(one.row(CHIEF.id)).to_be_visible()
	one.tab.reload()
	expect(one.row(CHIEF.id)).to_be_visible()  # from where one signed in


def test_another_partition_s_address_shows_nothing_of_it(listened):
	one, _ = listened
	one.tab.goto(one.url("overview").replace("ACME", "OTHER"))
	# One may sign in there; nothing of it is shown before.
	expect(one.tab.locator("#username").or_(one.at("page-title"))).to_be_visible()
	assert "chief" not in one.tab.content()


def test_an_error_of_the_server_s_sign_in_is_shown_and_can_be_tried_again(visit, site):
	tab = visit().tab()
	tab.goto(site.url + "/console/callback?error=server_error&error_description=Something+broke&state=unknown")
	one = Desk(tab, site)
	expect(one.at("sign-in-partition").or_(one.at("problem")).first).to_be_visible()
	assert "server_error" not in tab.url


def test_a_page_that_frames_the_console_gets_nothing(visit, site):
	"""A13: clickjacking."""
	tab = visit().tab()
	reply = tab.goto(site.url + "/console/")
	assert "frame-ancestors" in reply.headers["content-security-policy"]
	policy = reply.headers["content-security-policy"]
	assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0] and "unsafe-eval" not in policy
