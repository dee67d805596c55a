"""Telling applications of a sign-out when things go wrong: one that hangs delays nobody, and kill -9 loses no delivery (issue 4, Must show)."""

import time

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import unverified
from support.people import Site, new_tokens, path_of, people_directory
from support.program import Store
from support.relying_party import HANGS, RelyingParties
from support.shared_site import starting

AUTH_URL = "http://127.0.0.1:5997"  # what the server calls itself, whatever port it gets
NAMES = ["one", "two", "three"]
APPLICATIONS = {name: p.Application(f"told-{name}", d.secret_of(name), f"https://{name}.example.com/callback") for name in NAMES}
QUICK_S = 3  # far less than the 5 s that an application may take


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
	store = Store(tmp_path_factory.mktemp("told"))
	store.apply(people_directory())
	return store


@pytest.fixture
def parties():
	running = RelyingParties()
	yield running
	running.close()


@pytest.fixture
def start(prepared, tmp_path, parties):
	"""Starts a server of the one store, any number of times."""
	store = prepared.copy_to(tmp_path / "store")
	store.apply(d.partial("ACME", client_applications=[
		d.application(one, f"Told {name}", [d.READ], redirect_urls=[one.redirect], consent="implied", backchannel_logout_url=parties.url("/" + name))
		for name, one in APPLICATIONS.items()]))
	with starting(lambda: Site(store, "--auth-url", AUTH_URL)) as run:
		yield run


class Visitor:
	"""Somebody who is signed in to all three applications."""

	def __init__(self, site, number):
		self.site, self.person, self.browser = site, p.stranger(number), Browser(site, AUTH_URL)
		tokens = [new_tokens(site, one, self.person, scope="openid", browser=self.browser) for one in APPLICATIONS.values()]
		self.hint = tokens[0]["id_token"]
		self.sid = unverified(self.hint)["sid"]

	def sign_out(self):
		"""How long it took."""
		begun = time.monotonic()
		page = self.browser.get(path_of(endpoint="/oauth2/logout"), {"id_token_hint": self.hint})
		assert page.status == 200 and "signed out" in page.text
		return time.monotonic() - begun


def sids(parties, path):
	return [unverified(call.token)["sid"] for call in parties.calls(path)]


def test_one_application_that_hangs_delays_neither_the_sign_out_nor_the_others(start, parties):
	site = start()
	parties.answer("/three", HANGS)
	visitors = [Visitor(site, number) for number in range(12)]
	for visitor in visitors:
		assert visitor.sign_out() < QUICK_S
	done = time.monotonic()
	for path in ("/one", "/two"):
		calls = parties.wait_for(path, len(visitors))
		assert calls[-1].at - done < QUICK_S
		assert sorted(sids(parties, path)) == sorted(visitor.sid for visitor in visitors)
	assert len(parties.calls("/three")) <= 2, "as many as may wait for one application"


def test_the_application_that_hung_is_told_once_it_answers(start, parties):
	site = start()
	parties.answer("/three", HANGS, 200)
	visitor = Visitor(site, 20)
	visitor.sign_out()
	first, second = parties.wait_for("/three", 2)
	assert second.at - first.at > 5, "it may take 5 s, and the next try is later"
	site.wait_for_line(lambda line: line.get("action") == "logout.delivered" and line["object"] == APPLICATIONS["three"].id)
	assert sids(parties, "/three") == [visitor.sid] * 2


def test_what_was_not_delivered_when_the_server_was_killed_is_delivered_by_the_next(start, parties):
	"""kill -9 as soon as the sign-out is answered, and while a delivery is under way."""
	site = start()
	parties.answer("/three", HANGS, 200)
	visitors = [Visitor(site, number) for number in range(30, 36)]
	for visitor in visitors[:-1]:
		visitor.sign_out()
	parties.wait_for("/three", 1)
	visitors[-1].sign_out()
	site.kill()
	site = start()
	wanted = {visitor.sid for visitor in visitors}
	for name in NAMES:
		deadline = time.monotonic() + 60
		while set(sids(parties, "/" + name)) < wanted:
			assert time.monotonic() < deadline, f"{name} was told of {len(set(sids(parties, '/' + name)))} of {len(wanted)}"
			parties.wait_for("/" + name, len(parties.calls("/" + name)) + 1, 60)
		assert set(sids(parties, "/" + name)) == wanted
		for call in parties.calls("/" + name):
			claims = unverified(call.token)
			assert claims["iss"] == AUTH_URL + "/system/auth/ACME-U" and claims["aud"] == APPLICATIONS[name].id


def test_two_servers_of_one_store_tell_each_application_once(start, parties):
	first, second = start(), start()
	visitors = [Visitor((first, second)[number % 2], number) for number in range(50, 62)]
	for visitor in visitors:
		visitor.sign_out()
	for name in NAMES:
		parties.wait_for("/" + name, len(visitors))
	for site in (first, second):
		site.stop()
	for name in NAMES:
		assert sorted(sids(parties, "/" + name)) == sorted(visitor.sid for visitor in visitors)


def test_stopping_the_server_waits_for_what_is_under_way_and_for_no_more(start, parties):
	site = start()
	parties.answer("/three", HANGS)
	visitor = Visitor(site, 70)
	visitor.sign_out()
	parties.wait_for("/three", 1)
	begun = time.monotonic()
	site.stop()
	assert time.monotonic() - begun < 9
	parties.answer("/three", 200)
	start()
	parties.wait_for("/three", 2, 60)
	assert set(sids(parties, "/three")) == {visitor.sid}
