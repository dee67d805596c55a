"""Refresh tokens: contract §3, Refresh tokens and Live state; RFC 6749 §6; RFC 9700 §4.14; A3, A7, A12."""

import concurrent.futures
import threading
import time

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import introspect, refused, revoke, unverified
from support.people import arrive, authorize, id_claims, new_code, new_tokens, redeem, refresh, tokens_of, userinfo

INACTIVE = {"active": False}
FULL = f"openid offline_access {d.READ} {d.MANAGE}"
BOTH = ("id_token", "refresh_token")


def grant(site, application=p.WEB, person=None, scope=FULL):
	"""The first tokens of a new family."""
	person = person or site.stranger()
	return tokens_of(redeem(site, application, new_code(site, application, person, scope=scope), person.realm), *(("id_token",) if "openid" in scope else ()), "refresh_token")


def used(site, application, token, **changes):
	"""The tokens of a refresh that must work."""
	return tokens_of(refresh(site, application, token, **changes), *BOTH)


def is_alive(site, tokens):
	return introspect(site, p.WEB, tokens["access_token"])["active"]


def judge_dead(site, application, *families):
	"""The whole family is revoked: access tokens and refresh tokens."""
	for tokens in families:
		assert introspect(site, p.WEB, tokens["access_token"]) == INACTIVE
		refused(refresh(site, application, tokens["refresh_token"]), "invalid_grant")


@pytest.mark.parametrize("application", [p.WEB, p.SPA], ids=["web", "spa"])
def test_a_refresh_gives_new_tokens_of_the_same_grant(site, person, application):
	"""Contract §3: refresh tokens rotate at each use; §4: gid is the grant, jti unique."""
	first = grant(site, application, person)
	second = used(site, application, first["refresh_token"])
	third = used(site, application, second["refresh_token"])
	assert len({one["refresh_token"] for one in (first, second, third)}) == 3
	claims = [unverified(one["access_token"]) for one in (first, second, third)]
	assert len({one["jti"] for one in claims}) == 3 and len({one["gid"] for one in claims}) == 1
	for one in claims:
		assert one["sub"] == person.id and one["scope"] == claims[0]["scope"] and one["auth_time"] == claims[0]["auth_time"] and one["client_id"] == application.id
	assert set(third["scope"].split()) == set(FULL.split())


def test_the_id_token_of_a_refresh_is_of_the_same_sign_in(site, person):
	"""OpenID Connect Core §12.2: same iss, sub, aud, auth_time; iat is now."""
	first = new_tokens(site, p.WEB, person, FULL, nonce="n-1")
	second = used(site, p.WEB, first["refresh_token"])
	one, two = id_claims(site, first["id_token"], p.WEB), id_claims(site, second["id_token"], p.WEB)
	for name in ("iss", "sub", "aud", "auth_time", "sid"):
		assert one[name] == two[name], name
	assert two["iat"] >= one["iat"] and two.get("nonce") in (None, "n-1")


def test_a_refresh_works_in_the_customers_realm(site, customer):
	"""Contract §3: refresh, U and C."""
	first = grant(site, p.WEB, customer)
	tokens_of(refresh(site, p.WEB, first["refresh_token"], "C"), *BOTH)


def test_without_openid_there_is_no_id_token(site, person):
	"""Contract §4."""
	first = grant(site, p.WEB, person, scope=f"offline_access {d.READ}")
	tokens_of(refresh(site, p.WEB, first["refresh_token"]), "refresh_token")


# ---- who may use one, and for what


def test_a_refused_refresh_uses_nothing_up(site, person):
	"""Contract §3: a refused refresh uses nothing up; whoever lacks the right changes nothing."""
	token = grant(site, p.WEB, person)["refresh_token"]
	for _ in range(2):
		refused(refresh(site, p.WEB, token, scope="x.y"), "invalid_scope", 400, "scope")
		refused(refresh(site, p.WEB, token, scope=f"{d.READ} {d.OBO_READ}"), "invalid_scope")
		refused(refresh(site, p.WEB, token, scope=f"{d.READ} profile"), "invalid_scope")
		refused(refresh(site, p.SECOND, token), "invalid_grant")
		refused(refresh(site, p.SPA, token), "invalid_grant")
		refused(refresh(site, p.WEB, token, "C"), "invalid_grant")
		refused(refresh(site, p.OTHER_WEB, token, partition="OTHER"), "invalid_grant")
		refused(refresh(site, p.Application(p.WEB.id, d.secret_of("wrong")), token), "invalid_client", 401)
		refused(refresh(site, p.Application(p.WEB.id, None), token), "invalid_client", 401)
		refused(refresh(site, p.WEB, token, client_id=p.WEB.id), "invalid_request", 400, "client_id")
		tokens = used(site, p.WEB, token)  # the second time within the grace: nothing of all this was taken for theft
	assert is_alive(site, tokens)


def test_a_refused_refresh_does_not_start_the_grace(site, person):
	"""Contract §3: within 10 s of its first use; a refusal is no use."""
	first = grant(site, p.WEB, person)
	refused(refresh(site, p.WEB, first["refresh_token"], scope="x.y"), "invalid_scope")
	second = used(site, p.WEB, first["refresh_token"])
	refused(refresh(site, p.WEB, second["refresh_token"], scope="x.y"), "invalid_scope")
	# the successor was refused, so it was not used: the first may still give a sibling
	used(site, p.WEB, first["refresh_token"])
	assert is_alive(site, first)


@pytest.mark.parametrize("token", [None, "", "x", "A" * 64, "A" * 63, "A" * 20000, "é" * 64])
def test_what_is_no_refresh_token_is_refused(site, token):
	"""Contract §3: needs refresh_token."""
	reply = refresh(site, p.WEB, token)
	assert reply.status_code == 400 and reply.json()["error"] in (["invalid_request"] if not token else ["invalid_grant", "invalid_request"]), reply.text
	refused(reply, reply.json()["error"])


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "A", lambda token: token.swapcase(), lambda token: token[:21] + "A" * (len(token) - 21)],
                         ids=["shorter", "longer", "case", "another end"])
def test_a_token_that_differs_is_refused(site, person, change):
	"""A4. One that begins like ours but ends otherwise may count as stolen; it never gives a token."""
	first = grant(site, p.WEB, person)
	refused(refresh(site, p.WEB, change(first["refresh_token"])), "invalid_grant")


def test_a_single_page_application_refreshes_by_its_id_and_sends_no_secret(site, person):
	"""Contract §3: client authentication as for the code."""
	first = grant(site, p.SPA, person)
	refused(refresh(site, p.SPA, first["refresh_token"], client_secret=d.secret_of("x")), "invalid_client", 401)
	used(site, p.SPA, first["refresh_token"])


# ---- scope


def test_a_refresh_narrows_only_the_access_token(site, person):
	"""Contract §3, Scope: on refresh it narrows only, and only the access token (RFC 6749 §6)."""
	first = grant(site, p.WEB, person)
	reply = refresh(site, p.WEB, first["refresh_token"], scope=d.READ)
	assert reply.status_code == 200, reply.text
	second = reply.json()
	assert second["scope"] == d.READ == unverified(second["access_token"])["scope"]
	third = used(site, p.WEB, second["refresh_token"])
	assert set(third["scope"].split()) == set(FULL.split())


def test_a_scope_is_named_in_the_reply_as_it_was_asked_for(site, person):
	"""Contract §1: with or without the prefix."""
	first = grant(site, p.WEB, person, scope=f"openid offline_access {d.PREFIX}{d.READ} {d.MANAGE}")
	assert set(first["scope"].split()) == {"openid", "offline_access", d.PREFIX + d.READ, d.MANAGE}
	second = refresh(site, p.WEB, first["refresh_token"], scope=f"{d.READ}").json()
	assert second["scope"] == d.READ
	third = used(site, p.WEB, second["refresh_token"])
	assert set(third["scope"].split()) == {"openid", "offline_access", d.PREFIX + d.READ, d.MANAGE}


def application_change(application, name, **fields):
	return d.partial(client_applications=[{"client_id": application.id, "name": name, "platform": "spa" if application.is_spa else "web", **fields}])


def test_a_permission_taken_away_is_missing_from_the_next_refresh(own_site):
	"""Contract §3, Live state."""
	first = grant(own_site)
	own_site.store.apply(application_change(p.WEB, "Portal", permissions=[d.READ]))
	second = used(own_site, p.WEB, first["refresh_token"])
	assert set(second["scope"].split()) == {"openid", "offline_access", d.READ}
	assert set(unverified(second["access_token"])["scope"].split()) >= {d.READ} and d.MANAGE not in unverified(second["access_token"])["scope"]
	reply = refresh(own_site, p.WEB, second["refresh_token"], scope=d.MANAGE)
	refused(reply, "invalid_scope", 400, d.MANAGE)
	used(own_site, p.WEB, second["refresh_token"])


def test_an_application_that_may_have_no_refresh_tokens_any_more_loses_them(own_site):
	"""Contract §3, Live state, Scope: where the client application has no refresh tokens."""
	first = grant(own_site)
	own_site.store.apply(application_change(p.WEB, "Portal", refresh_tokens=False))
	reply = refresh(own_site, p.WEB, first["refresh_token"])
	assert reply.status_code == 400 and reply.json()["error"] in ("invalid_grant", "unauthorized_client"), reply.text


# ---- A12: theft, and the false alarm


def test_two_tabs_within_the_grace_both_live(site, person):
	"""A12: a lost reply, two tabs: another sibling, and both go on."""
	first = grant(site, p.SPA, person)
	left, right = used(site, p.SPA, first["refresh_token"]), used(site, p.SPA, first["refresh_token"])
	assert left["refresh_token"] != right["refresh_token"]
	for tab in (left, right):
		for _ in range(2):
			tab.update(used(site, p.SPA, tab["refresh_token"]))
		assert is_alive(site, tab)


def test_a_token_used_after_its_successor_was_used_ends_the_family(site, person):
	"""A12; contract §3: until a successor is used; after that its use revokes the family."""
	first = grant(site, p.SPA, person)
	second = used(site, p.SPA, first["refresh_token"])
	third = used(site, p.SPA, second["refresh_token"])
	bystander = grant(site, p.SPA, person)
	refused(refresh(site, p.SPA, first["refresh_token"]), "invalid_grant")
	judge_dead(site, p.SPA, first, second, third)
	assert userinfo(site, third["access_token"]).status_code == 401
	assert is_alive(site, bystander)
	used(site, p.SPA, bystander["refresh_token"])


def test_a_thief_and_the_owner_cannot_both_go_on(site, person):
	"""A12: whoever comes second with an old token ends it for both."""
	first = grant(site, p.WEB, person)
	thief = used(site, p.WEB, first["refresh_token"])
	thief = used(site, p.WEB, thief["refresh_token"])
	refused(refresh(site, p.WEB, first["refresh_token"]), "invalid_grant")  # the owner comes late
	judge_dead(site, p.WEB, thief)


def test_an_old_generation_ends_the_family_however_far_back(site, person):
	"""A12; contract §3."""
	generations = [grant(site, p.WEB, person)]
	for _ in range(4):
		generations.append(used(site, p.WEB, generations[-1]["refresh_token"]))
	refused(refresh(site, p.WEB, generations[1]["refresh_token"]), "invalid_grant")
	judge_dead(site, p.WEB, *generations)


def test_a_replay_by_another_client_ends_nothing(site, person):
	"""A12, the false alarm: only the application it belongs to can trip the alarm."""
	first = grant(site, p.WEB, person)
	second = used(site, p.WEB, first["refresh_token"])
	third = used(site, p.WEB, second["refresh_token"])
	refused(refresh(site, p.SECOND, first["refresh_token"]), "invalid_grant")
	refused(refresh(site, p.WEB, first["refresh_token"], "C"), "invalid_grant")
	assert is_alive(site, third)
	used(site, p.WEB, third["refresh_token"])


def test_there_are_at_most_eight_siblings(site, person):
	"""Contract §3: another sibling (at most 8)."""
	first = grant(site, p.WEB, person)
	siblings = [used(site, p.WEB, first["refresh_token"]) for _ in range(8)]
	assert len({one["refresh_token"] for one in siblings}) == 8
	replies = [refresh(site, p.WEB, first["refresh_token"]) for _ in range(2)]
	refused(replies[1], "invalid_grant")
	assert replies[0].status_code in (200, 400)  # one and eight more, or eight in all
	used(site, p.WEB, siblings[3]["refresh_token"])  # too many is no theft: nothing has ended
	assert is_alive(site, siblings[0])


def test_all_siblings_live(site, person):
	"""Contract §3: A3, A12: siblings within the grace, one family."""
	first = grant(site, p.WEB, person)
	siblings = [used(site, p.WEB, first["refresh_token"]) for _ in range(8)]
	assert len({unverified(one["access_token"])["gid"] for one in siblings}) == 1
	for one in siblings:
		used(site, p.WEB, one["refresh_token"])
		assert is_alive(site, one)


def test_simultaneous_uses_give_siblings_of_one_family_and_no_more(site, person):
	"""A3: a refresh token likewise: siblings only within the grace, one family."""
	first = grant(site, p.SPA, person)
	barrier = threading.Barrier(16)

	def use(_):
		barrier.wait(30)
		return refresh(site, p.SPA, first["refresh_token"])

	with concurrent.futures.ThreadPoolExecutor(16) as pool:
		replies = list(pool.map(use, range(16)))
	winners = [reply.json() for reply in replies if reply.status_code == 200]
	for reply in replies:
		if reply.status_code != 200:
			refused(reply, "invalid_grant")
	assert 1 <= len(winners) <= 9
	assert len({unverified(one["access_token"])["gid"] for one in winners}) == 1
	assert len({one["refresh_token"] for one in winners}) == len(winners)


@pytest.mark.slow
def test_the_grace_is_ten_seconds_from_the_first_use_and_never_extends(site):
	"""Contract §3: within 10 s of its first use; the window never extends; after that its use revokes the family. A12."""
	first, quiet = grant(site, p.SPA), grant(site, p.SPA)
	began = time.time()
	siblings = [used(site, p.SPA, first["refresh_token"])]
	after = time.time()
	successor = used(site, p.SPA, quiet["refresh_token"])
	site.wait_for(lambda: time.time() >= after + 5, what="half of the grace")
	siblings.append(used(site, p.SPA, first["refresh_token"]))
	site.wait_for(lambda: time.time() >= began + 8, what="most of the grace")
	if time.time() < began + 9.5:
		siblings.append(used(site, p.SPA, first["refresh_token"]))
	site.wait_for(lambda: time.time() >= after + 10.2, what="the end of the grace")
	for one in siblings:
		assert is_alive(site, one)
	refused(refresh(site, p.SPA, first["refresh_token"]), "invalid_grant")
	judge_dead(site, p.SPA, first, *siblings)
	# who only waited keeps what is unused, however long ago it was given
	used(site, p.SPA, successor["refresh_token"])


@pytest.mark.slow
def test_a_refresh_token_ends_when_unused_and_when_old(site):
	"""Contract §3: unused for refresh_idle_seconds, or refresh_max_seconds in all, ends it (per client application)."""
	idle, kept, old = grant(site, p.SHORT_IDLE), grant(site, p.SHORT_IDLE), grant(site, p.SHORT_LIFE)
	began = time.time()
	for until in (25, 50):
		site.wait_for(lambda: time.time() >= began + until, timeout=60, what="some of a minute")
		kept, old = used(site, p.SHORT_IDLE, kept["refresh_token"]), used(site, p.SHORT_LIFE, old["refresh_token"])
	site.wait_for(lambda: time.time() >= began + 62, timeout=60, what="the end of a minute")
	refused(refresh(site, p.SHORT_IDLE, idle["refresh_token"]), "invalid_grant")
	refused(refresh(site, p.SHORT_LIFE, old["refresh_token"]), "invalid_grant")
	assert introspect(site, p.SHORT_LIFE, old["refresh_token"]) == INACTIVE
	used(site, p.SHORT_IDLE, kept["refresh_token"])


# ---- live state


def test_a_disabled_person_loses_refresh_tokens_and_access_tokens_for_good(own_site):
	"""Contract §3, Live state."""
	person, other = own_site.stranger(), own_site.stranger()
	mine, theirs = grant(own_site, p.WEB, person), grant(own_site, p.WEB, other)
	fields = {"id": person.id, "username": person.name}
	own_site.store.apply(d.partial(users=[{**fields, "enabled": False}]))
	judge_dead(own_site, p.WEB, mine)
	own_site.store.apply(d.partial(users=[{**fields, "enabled": True}]))
	judge_dead(own_site, p.WEB, mine)
	used(own_site, p.WEB, theirs["refresh_token"])
	used(own_site, p.WEB, grant(own_site, p.WEB, person)["refresh_token"])


def test_a_disabled_application_loses_them_for_good(own_site):
	"""Contract §3, Live state: person or client application."""
	person = own_site.stranger()
	mine, theirs = grant(own_site, p.WEB, person), grant(own_site, p.SECOND, person)
	own_site.store.apply(application_change(p.WEB, "Portal", enabled=False))
	refused(refresh(own_site, p.WEB, mine["refresh_token"]), "invalid_client", 401)
	assert introspect(own_site, p.SECOND, mine["access_token"]) == INACTIVE
	own_site.store.apply(application_change(p.WEB, "Portal", enabled=True))
	judge_dead(own_site, p.WEB, mine)
	used(own_site, p.SECOND, theirs["refresh_token"])
	used(own_site, p.WEB, grant(own_site, p.WEB, person)["refresh_token"])


def test_a_deleted_person_loses_them(own_site):
	"""Contract §3, Live state: deleted; a new person of that name is somebody else."""
	person = own_site.stranger()
	mine = grant(own_site, p.WEB, person)
	document = p.people_directory()
	users = d.partition_of(document)["users"]
	gone = next(one for one in users if one["id"] == person.id)
	users.remove(gone)
	own_site.store.apply(document, "--prune")
	judge_dead(own_site, p.WEB, mine)
	own_site.store.apply(d.partial(users=[gone]))
	judge_dead(own_site, p.WEB, mine)


def test_a_deleted_application_loses_them_though_it_comes_back_by_the_same_id(own_site):
	"""Contract §3, Live state: a deleted client application."""
	person = own_site.stranger()
	mine, code = grant(own_site, p.WEB, person), new_code(own_site, p.WEB, person)
	document = p.people_directory()
	lists = d.partition_of(document)["client_applications"]
	gone = next(one for one in lists if one["client_id"] == p.WEB.id)
	lists.remove(gone)
	own_site.store.apply(document, "--prune")
	refused(refresh(own_site, p.WEB, mine["refresh_token"]), "invalid_client", 401)
	own_site.store.apply(d.partial(client_applications=[gone]))
	judge_dead(own_site, p.WEB, mine)
	refused(redeem(own_site, p.WEB, code), "invalid_grant")
	used(own_site, p.WEB, grant(own_site, p.WEB, person)["refresh_token"])


def test_a_password_set_anew_ends_refresh_tokens(own_site):
	"""Contract §3, Live state: a changed password ends sessions and refresh tokens."""
	person = own_site.stranger()
	browser = Browser(own_site)
	mine = new_tokens(own_site, p.WEB, person, FULL, browser)
	own_site.store.apply(d.partial(users=[{"id": person.id, "username": person.name, "password_hash": p.OTHER_QUICK_HASH}]), "--reset-passwords")
	refused(refresh(own_site, p.WEB, mine["refresh_token"]), "invalid_grant")
	assert authorize(browser, p.WEB, prompt="none").answer["error"] == "login_required"
	page = arrive(Browser(own_site), p.WEB, p.Person(person.id, person.name, "U", p.OTHER_PASSWORD))
	assert "code" in page.answer


# ---- introspection and revocation


def test_an_application_introspects_its_own_refresh_tokens(site, person):
	"""Contract §3, Introspection: any web application … its own refresh tokens; all else is inactive."""
	mine = grant(site, p.WEB, person)
	for hint in ({}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "access_token"}):
		answer = introspect(site, p.WEB, mine["refresh_token"], **hint)
		assert answer["active"] is True
	assert answer["client_id"] == p.WEB.id and answer["sub"] == person.id
	assert set(answer["scope"].split()) == set(FULL.split())
	assert abs(answer["exp"] - time.time() - 30 * 86400) < 300  # unused for 30 days
	assert introspect(site, p.SECOND, mine["refresh_token"]) == INACTIVE
	assert introspect(site, p.WEB, mine["refresh_token"], realm="C") in (INACTIVE, answer)
	assert introspect(site, p.OTHER_WEB, mine["refresh_token"], partition="OTHER") == INACTIVE
	used(site, p.WEB, mine["refresh_token"])  # looking uses nothing up
	spa = grant(site, p.SPA, person)
	assert introspect(site, p.WEB, spa["refresh_token"]) == INACTIVE


def test_introspection_knows_a_spent_refresh_token(site, person):
	"""RFC 7662 §2.2: active says whether it would work; RFC 9700 §4.14."""
	first = grant(site, p.WEB, person)
	second = used(site, p.WEB, first["refresh_token"])
	third = used(site, p.WEB, second["refresh_token"])
	assert introspect(site, p.WEB, first["refresh_token"]) == INACTIVE
	assert introspect(site, p.WEB, third["refresh_token"])["active"] is True
	assert is_alive(site, third), "looking at a spent token is no use of it"


def test_revoking_a_refresh_token_ends_its_grant(site, person):
	"""Contract §3: revoking a refresh token ends its gid."""
	for application in (p.WEB, p.SPA):
		first = grant(site, application, person)
		second = used(site, application, first["refresh_token"])
		bystander = grant(site, application, person)
		reply = revoke(site, application, second["refresh_token"])
		assert reply.status_code == 200, reply.text
		judge_dead(site, application, first, second)
		assert userinfo(site, second["access_token"]).status_code == 401
		assert is_alive(site, bystander)


def test_revoking_an_access_token_ends_only_itself(site, person):
	"""Contract §3: an access token only itself."""
	first = grant(site, p.WEB, person)
	second = used(site, p.WEB, first["refresh_token"])
	assert revoke(site, p.WEB, second["access_token"]).status_code == 200
	assert not is_alive(site, second) and is_alive(site, first)
	assert userinfo(site, second["access_token"]).status_code == 401
	used(site, p.WEB, second["refresh_token"])


def test_another_applications_refresh_token_is_not_revoked(site, person):
	"""Contract §3: another application's: 400 invalid_request; A7: another partition's is unknown."""
	mine = grant(site, p.WEB, person)
	refused(revoke(site, p.SECOND, mine["refresh_token"]), "invalid_request")
	refused(revoke(site, p.SPA, mine["refresh_token"]), "invalid_request")
	assert revoke(site, p.OTHER_WEB, mine["refresh_token"], partition="OTHER").status_code == 200
	used(site, p.WEB, mine["refresh_token"])
