"""A code is good once, and a refresh token gives siblings of one family only, however many ask at once (issue 3, Must show; attack A3).

WRIT_ROUNDS says how many codes: 100 is what the project promises of itself,
    WRIT_ROUNDS=100 tests/.venv/bin/python -m pytest -s tests/faults/test_single_use.py"""

import base64
import collections
import json
import os
import time

import pytest

from support import documents as d
from support.browser import Browser
from support.oauth import introspect, unverified
from support.people import PA, SECOND, WEB, Site, new_code, new_tokens, people_directory, redeem, refresh, userinfo
from support.program import Store
from support.volley import Volley
from support.wire import token_request

ROUNDS = int(os.environ.get("WRIT_ROUNDS", "100"))
AT_ONCE = 64
SIBLINGS_MAX = 8  # contract §3
SCOPE = "openid offline_access " + d.READ


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
	"""Two servers on one store, under one name."""
	store = Store(tmp_path_factory.mktemp("twins"))
	store.apply(people_directory())
	with Site(store) as first, Site(store, "--auth-url", first.url) as second:
		yield first, second


def bytes_of(application, **fields):
	return token_request({"client_id": application.id, "client_secret": application.secret, **fields})


def soon(condition):
	"""What one server revoked, the other one knows after 20 ms (contract §9); a slow machine gets more."""
	deadline = time.monotonic() + 10
	while not condition():
		assert time.monotonic() < deadline, "the other server does not know it"


def outcomes(replies):
	"""The bodies of the winners; everybody else must have been told invalid_grant."""
	winners, told = [], collections.Counter()
	for status, _, body in replies:
		body = json.loads(body)
		if status == 200:
			winners.append(body)
		else:
			told[status, body["error"]] += 1
	assert set(told) <= {(400, "invalid_grant")}, told
	return winners


@pytest.mark.timeout(300)
def test_one_of_sixty_four_simultaneous_redemptions_wins_whichever_server_they_reach(twins):
	"""Contract §3: exactly one of any number of simultaneous uses wins; and the repeats end what the winner got."""
	first, second = twins
	browser, winners = Browser(first), collections.Counter()
	with Volley(twins, AT_ONCE) as volley:
		for number in range(ROUNDS):
			code = new_code(first, WEB, PA, browser, scope=SCOPE)
			replies = volley.fire(bytes_of(WEB, grant_type="authorization_code", code=code, redirect_uri=WEB.redirect), first=number % AT_ONCE)
			won = outcomes(replies)
			assert len(won) == 1, f"round {number}: {len(won)} redemptions of one code succeeded"
			winners["second" if next(at for at, reply in enumerate(replies) if reply[0] == 200) % 2 else "first"] += 1
			if number % 10 == 0:
				for site in twins:
					soon(lambda: introspect(site, SECOND, won[0]["access_token"]) == {"active": False})
					assert refresh(site, WEB, won[0]["refresh_token"]).status_code == 400
	print(f"{ROUNDS} codes, {AT_ONCE} at once: {dict(winners)}")
	if ROUNDS >= 50:
		assert set(winners) == {"first", "second"}, "one of the servers never won: they were not in a race"


def gid_of(body):
	return unverified(body["access_token"])["gid"]


def family_of(refresh_token):
	return base64.urlsafe_b64decode(refresh_token)[:16]


@pytest.mark.timeout(300)
def test_sixty_four_simultaneous_uses_of_a_refresh_token_give_a_few_siblings_of_one_family(twins):
	"""Contract §3: at most 8 siblings, until one of them is used; afterwards the old token ends the family."""
	first, second = twins
	tokens = new_tokens(first, WEB, PA, SCOPE)
	family, gid, last, seen = family_of(tokens["refresh_token"]), gid_of(tokens), tokens["refresh_token"], {tokens["refresh_token"]}
	with Volley(twins, AT_ONCE) as volley:
		for number in range(ROUNDS):
			old, won = last, outcomes(volley.fire(bytes_of(WEB, grant_type="refresh_token", refresh_token=last), first=number % AT_ONCE))
			assert 1 <= len(won) <= SIBLINGS_MAX, f"round {number}: {len(won)} uses of one refresh token succeeded"
			fresh = {body["refresh_token"] for body in won}
			assert len(fresh) == len(won) and not fresh & seen
			assert {family_of(token) for token in fresh} == {family} and {gid_of(body) for body in won} == {gid}
			seen |= fresh
			last = won[number % len(won)]["refresh_token"]
	for site in twins:
		assert introspect(site, WEB, last)["active"]
	survivor = refresh(second, WEB, last)
	assert survivor.status_code == 200, survivor.text
	assert refresh(first, WEB, old).status_code == 400
	for site in twins:
		assert refresh(site, WEB, survivor.json()["refresh_token"]).status_code == 400
		soon(lambda: userinfo(site, survivor.json()["access_token"]).status_code == 401)
	print(f"{ROUNDS} refresh tokens, {AT_ONCE} at once: {len(seen) - 1} siblings in all")


@pytest.mark.timeout(120)
def test_a_code_that_both_servers_were_asked_for_stays_used_on_both(twins):
	first, second = twins
	for site, other in (twins, twins[::-1]):
		code = new_code(first, WEB, PA, scope="openid")
		assert redeem(site, WEB, code).status_code == 200
		assert redeem(other, WEB, code).status_code == 400
		assert redeem(site, WEB, code).status_code == 400
