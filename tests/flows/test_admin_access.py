"""Who may use the Admin API (contract §4): every operation, asked with every token that must not do; A4, A5, A7 and A15 of attacks.md."""

import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor, wait
from urllib.parse import quote

import pytest

from support import documents as d
from support import people as p
from support.admin import (APP, CHIEF, CLERK, DOCUMENT, MANAGE, OTHER_ADMIN, PLAIN, READ, ROOT_PERSON, SYSTEM_ADMIN, Administrator, automation_token, done,
                           operations, refused, sign_in_token)
from support.browser import Browser
from support.gateway import acting_token, anonymous_token, application_token, fresh, person_token
from support.minting import mint
from support.oauth import client_credentials, on_behalf_of, unverified
from support.oauth import refused as refused_token
from support.people import ask, authorize, new_tokens
from support.program import get, request

FILLED = {"partition": "ACME", "id": "1002", "name": "Service", "client_id": d.WEB.id, "label": "first", "registration_id": "okta", "sid": "a-sid", "gid": "a-gid"}
EVERY = [pytest.param(method, path, operation, id=operation["operationId"]) for method, path, operation in operations()]
CHANGING = [param for param in EVERY if param.values[0] != "GET" and param.values[2]["operationId"] != "decide"]


def address_of(path, **filled):
	return "/admin/v1" + re.sub(r"\{(\w+)\}", lambda name: quote({**FILLED, **filled}[name.group(1)], safe=""), path)


def call(site, method, path, token, **keywords):
	"""One request with a body that no check gets to, where there is one."""
	headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
	if method in ("POST", "PUT", "PATCH"):
		headers["Content-Type"] = "application/json"
		keywords.setdefault("data", "{}")
	headers["If-Match"] = "*"
	return request(method, site.url + path, headers=headers, **keywords)


def challenge(reply):
	return reply.headers["WWW-Authenticate"]


# ---- tokens that are not good


@pytest.fixture(scope="module")
def bad_tokens(shared_administered):
	"""Every other kind of token: none is one of the Admin API."""
	site = shared_administered.site()
	tokens = new_tokens(site, p.ADMIN, p.PA, "openid offline_access " + READ)
	good = tokens["access_token"]
	head, body, signature = good.split(".")
	apis = new_tokens(site, p.WEB, p.PA, f"openid offline_access {d.READ}")
	return {
		"junk": "junk",
		"three parts": "a.b.c",
		"no signature": f"{head}.{body}.",
		"another signature": f"{head}.{body}.{signature[::-1]}",
		"an ID token": tokens["id_token"],
		"a refresh token": tokens["refresh_token"],
		"a token of a user for the APIs": apis["access_token"],
		"a token of a customer for the APIs": person_token(site, realm="C"),
		"a token on behalf of an administrator": acting_token(site),
		"a client token for the APIs": application_token(site),
		"an anonymous customer's": anonymous_token(site),
		"a client secret": d.ADMIN.secret,
		"expired": minted(site, fresh(unverified(good), exp=int(time.time()) - 1)),
		"of another issuer": minted(site, fresh(unverified(good), iss=site.url + "/system/auth/OTHER-U")),
		"signed by another partition": mint(site.store, fresh(unverified(good)), typ="at+jwt", partition="OTHER", algorithm="ES256"),
		"of another type": mint(site.store, fresh(unverified(good)), typ="JWT", algorithm="ES256"),
		"two audiences": minted(site, fresh(unverified(good), aud=[site.url + "/admin/v1", d.API_URL])),
		"without a gid": minted(site, fresh(unverified(good), gid=None)),
	}


def minted(site, claims):
	"""What only the server could sign."""
	return mint(site.store, claims, typ="at+jwt", algorithm="ES256")


@pytest.mark.parametrize("method, path, operation", EVERY)
def test_no_token_is_401_without_an_error_code(administered, method, path, operation):
	"""RFC 6750 §3.1."""
	reply = call(administered, method, address_of(path), None)
	refused(reply, 401, "admin-token-missing", "access token")
	assert challenge(reply) == f'Bearer realm="{administered.url}/admin/v1"'


@pytest.mark.parametrize("method, path, operation", EVERY)
def test_a_token_that_is_not_for_the_admin_api_is_401_at_every_operation(administered, bad_tokens, method, path, operation):
	for name, token in bad_tokens.items():
		reply = call(administered, method, address_of(path), token)
		assert reply.status_code == 401, (name, reply.text)
		refused(reply, 401, "admin-token")
		assert 'error="invalid_token"' in challenge(reply), name


def test_a_token_anywhere_but_in_the_header_is_none(administered):
	token = sign_in_token(administered)
	for keywords in ({"params": {"access_token": token}}, {"cookies": {"access_token": token}}):
		refused(request("GET", administered.url + "/admin/v1/me", **keywords), 401, "admin-token-missing")
	form = request("POST", administered.url + "/admin/v1/partitions", data={"access_token": token})
	refused(form, 401, "admin-token-missing")
	for scheme in ("Basic", "DPoP", "Token"):
		refused(request("GET", administered.url + "/admin/v1/me", headers={"Authorization": f"{scheme} {token}"}), 401, "admin-token-missing")


def test_unknown_addresses_say_nothing_without_a_token(administered):
	for path in ("/admin/v1/nothing", "/admin/v1/partitions/ACME/nothing", "/admin/v1/partitions/NOBODY"):
		refused(request("GET", administered.url + path), 401, "admin-token-missing")


# ---- good tokens of somebody who may not


@pytest.fixture(scope="module")
def wrong_actors(shared_administered):
	"""What the server never issues, signed with its own key all the same."""
	site = shared_administered.site()
	user = unverified(sign_in_token(site))
	customers = site.url + "/system/auth/ACME-C"
	client = unverified(automation_token(site))
	every = f"{READ} {MANAGE} {APP}"
	return {
		"a customer": minted(site, fresh(user, iss=customers, sub="c-1", actor="customer", scope=every)),
		"on behalf of an administrator": minted(site, fresh(user, act={"sub": d.ADMIN.id}, scope=every)),
		"on behalf of a customer": minted(site, fresh(user, iss=customers, sub="c-1", actor="customer", act={"sub": d.ADMIN.id}, scope=every)),
		"a client with a person's scope": minted(site, fresh(client, scope=f"{READ} {MANAGE}")),
		"a user with a client's scope": minted(site, fresh(user, scope=APP)),
		"a user without a scope of the Admin API": minted(site, fresh(user, scope=d.READ)),
	}


@pytest.mark.parametrize("method, path, operation", EVERY)
def test_a_token_of_an_actor_that_administers_nothing_is_403_at_every_operation(administered, wrong_actors, method, path, operation):
	for name, token in wrong_actors.items():
		reply = call(administered, method, address_of(path), token)
		assert reply.status_code == 403, (name, reply.text)
		slug = refused(reply, 403)["type"].rsplit("/", 1)[1]
		assert slug in ("admin-actor", "admin-scope"), (name, slug)
		assert 'error="insufficient_scope"' in challenge(reply)


@pytest.mark.parametrize("method, path, operation", CHANGING)
def test_who_may_only_read_changes_nothing(administered, method, path, operation):
	reader = sign_in_token_of(administered, scope=READ)
	reply = call(administered, method, address_of(path), reader)
	refused(reply, 403, "admin-scope")
	assert 'scope="writ.admin.manage"' in challenge(reply)


_tokens = {}


def sign_in_token_of(site, person=p.PA, application=p.ADMIN, scope=MANAGE, partition="ACME"):
	"""One sign-in for the tests of a module."""
	key = (site.url, person, scope)
	if key not in _tokens:
		_tokens[key] = sign_in_token(site, person, application, scope, partition)
	return _tokens[key]


def test_a_role_that_was_taken_away_is_missed_at_once(own_administered):
	site = own_administered
	admin = Administrator(site)
	done(admin.get("users"))
	site.store.apply(d.partial(users=[{"id": "1001", "username": "pa", "roles": []}]))
	for reply in (admin.get("users"), admin.post({"name": "New"}, "departments"), admin.get()):
		refused(reply, 403, "admin-right-gone", "role")
	site.store.apply(d.partial(users=[{"id": "1001", "username": "pa", "roles": ["partition_administrator"]}]))
	done(admin.get("users"))


def test_a_role_that_is_taken_away_while_a_change_waits_changes_nothing(own_administered):
	"""The right is asked for again when the change is committed: whoever holds the store here is the one who takes the role away."""
	admin = Administrator(own_administered)
	store = sqlite3.connect(own_administered.store.path, isolation_level=None)

	def give(roles):
		store.execute("UPDATE person SET roles = ?, version = version + 1 WHERE partition = 'ACME' AND kind = 85 AND id = '1001'", (roles,))
		store.execute("INSERT INTO change (partition, kind, id, at) VALUES ('ACME', 3, '1001', ?)", (int(time.time()),))

	with ThreadPoolExecutor(1) as pool:
		for head_start in (0, 0.05, 0.2, 0.6):  # one of them is long enough for the change to wait at the store
			store.execute("BEGIN IMMEDIATE")
			give("")
			waiting = pool.submit(admin.post, {"name": "Late"}, "departments")
			wait([waiting], timeout=head_start)
			store.execute("COMMIT")
			refused(waiting.result(), 403, "admin-right-gone", "role")
			give("partition_administrator")
			deadline = time.monotonic() + 20
			while admin.get("departments").status_code != 200:
				assert time.monotonic() < deadline, "the role that was given back is not seen"
	store.close()
	refused(admin.get("departments", "Late"), 404)


@pytest.mark.parametrize("change", [
	d.partial(users=[{"id": "1001", "username": "pa", "enabled": False}]),
	d.partial(client_applications=[{"client_id": p.ADMIN.id, "name": "Administration", "platform": "web", "enabled": False}]),
], ids=["user", "client application"])
def test_a_token_of_somebody_who_was_disabled_is_dead_at_once(own_administered, change):
	site = own_administered
	admin = Administrator(site)
	done(admin.get("users"))
	site.store.apply(change)
	refused(admin.get("users"), 401, "admin-token", "lost access")


def test_a_permission_taken_from_the_client_application_is_missed_at_once(own_administered):
	site = own_administered
	admin, program = Administrator(site), Administrator(site, automation_token(site))
	done(program.get("users"))
	site.store.apply(d.partial(client_applications=[{"client_id": p.ADMIN.id, "name": "Administration", "platform": "web", "permissions": [READ]}]))
	refused(program.get("users"), 403, "admin-right-gone", "permission")
	refused(admin.get("users"), 403, "admin-right-gone", "permission")
	reader = Administrator(site, sign_in_token(site, scope=READ))
	done(reader.get("users"))


def test_a_revoked_token_is_dead_at_once(own_administered):
	site = own_administered
	admin = Administrator(site)
	done(admin.get("users"))
	reply = ask(site, p.ADMIN, {"token": admin.token})  # the token endpoint takes no such thing: revocation has its own address
	assert reply.status_code == 400
	assert request("POST", site.realm("ACME") + "/oauth2/revoke", data={"token": admin.token, "client_id": p.ADMIN.id, "client_secret": p.ADMIN.secret}).status_code == 200
	refused(admin.get("users"), 401, "admin-token", "revoked")


@pytest.mark.parametrize("method, path, operation", EVERY)
def test_a_partition_administrator_of_SYSTEM_administers_nothing(administered, method, path, operation):
	"""Contract §1: only system administrators do; he could make himself one otherwise."""
	clerk = sign_in_token_of(administered, CLERK, SYSTEM_ADMIN, MANAGE, "SYSTEM")
	for partition in ("SYSTEM", "ACME"):
		reply = call(administered, method, address_of(path, partition=partition), clerk)
		assert reply.status_code == 403, reply.text
		refused(reply, 403, "admin-right-gone", "system_administrator")


@pytest.mark.parametrize("method, path, operation", [param for param in EVERY if param.values[2]["operationId"] in ("createPartition", "deletePartition", "listAllAuditEvents")])
def test_what_concerns_all_partitions_is_for_system_administrators(administered, method, path, operation):
	for token in (sign_in_token_of(administered), automation_token(administered)):
		refused(call(administered, method, address_of(path), token), 403, "admin-system")


# ---- the reserved permissions are not issued to anybody else


def test_permissions_of_the_admin_api_are_not_issued_to_who_may_not_use_them(administered):
	site = administered
	for scope in (READ, MANAGE, APP):
		refused_token(on_behalf_of(site, d.ADMIN, scope, d.USER), "invalid_scope")
		assert anonymous_reply(site, scope).status_code == 400
		refused_token(client_credentials(site, d.WEB, scope), "invalid_scope")
		exchange = ask(site, p.ADMIN, {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "scope": scope, "registration_id": "okta",
		                               "subject_token": "e30.e30.e30", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"})
		assert exchange.status_code in (400, 401)
	for scope in (READ, MANAGE):
		refused_token(client_credentials(site, d.ADMIN, scope), "invalid_scope")
		for person in (p.JANE, PLAIN):
			answer = p.arrive(Browser(site), p.ADMIN, person, scope=scope).answer
			assert answer["error"] in ("invalid_scope", "access_denied"), answer
	assert authorize(Browser(site), p.ADMIN, scope=APP).answer["error"] == "invalid_scope"


def anonymous_reply(site, scope):
	return request("POST", f"{site.url}/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=ACME",
	               data={"grant_type": "client_credentials", "scope": scope})


# ---- who may, does


def test_each_kind_of_administrator_is_who_he_is(administered):
	site = administered
	cases = [
		(sign_in_token_of(site), "ACME", "user", "1001", "pa", False, [MANAGE]),
		(sign_in_token_of(site, scope=READ), "ACME", "user", "1001", "pa", False, [READ]),
		(automation_token(site), "ACME", "client", d.ADMIN.id, "Administration", False, [APP]),
		(sign_in_token_of(site, ROOT_PERSON, SYSTEM_ADMIN, MANAGE, "SYSTEM"), "SYSTEM", "user", ROOT_PERSON.id, "root", True, [MANAGE]),
		(automation_token(site, SYSTEM_ADMIN, "SYSTEM"), "SYSTEM", "client", SYSTEM_ADMIN.id, "Administration", True, [APP]),
	]
	for token, partition, kind, person, name, system, permissions in cases:
		body = done(Administrator(site, token, None).get("me"))
		assert body == {"partition": partition, "kind": kind, "id": person, "name": name, "system": system, "permissions": permissions}


@pytest.mark.parametrize("token_of", [
	lambda site: sign_in_token_of(site, ROOT_PERSON, SYSTEM_ADMIN, MANAGE, "SYSTEM"),
	lambda site: automation_token(site, SYSTEM_ADMIN, "SYSTEM"),
], ids=["user", "client application"])
def test_a_system_administrator_may_in_each_partition_what_its_administrator_may(administered, token_of):
	root = Administrator(administered, token_of(administered), None)
	assert [one["id"] for one in root.walk("partitions")] == ["ACME", "OTHER", "RSA_1", "SYSTEM"]
	for partition in ("ACME", "OTHER", "RSA_1", "SYSTEM"):
		for what in ("users", "customers", "client-applications", "permissions", "departments", "apis", "identity-providers", "signing-keys", "audit-events"):
			done(root.of(partition).get(what))
	assert done(root.get("audit-events"))["items"]


# ---- A7, another tenant's things


@pytest.mark.parametrize("method, path, operation", [param for param in EVERY if "{partition}" in param.values[1]])
def test_A7_another_partition_is_as_if_it_did_not_exist(administered, method, path, operation):
	"""Byte for byte, but for the id of the request."""
	for token in (sign_in_token_of(administered), automation_token(administered)):
		replies = [call(administered, method, address_of(path, partition=partition), token) for partition in ("OTHER", "NOBODY", "SYSTEM")]
		seen = {(reply.status_code, reply.content.replace(reply.headers["X-Request-Id"].encode(), b"ID"),
		         tuple(sorted((name, value) for name, value in reply.headers.items() if name not in ("Date", "X-Request-Id")))) for reply in replies}
		assert len(seen) == 1, seen
		refused(replies[0], 404, "admin-not-found")


def test_A7_every_id_of_another_partition_is_unknown_in_ones_own(administered):
	"""The other partition's ids, below one's own partition: as ids that nobody has."""
	site = administered
	chief = Administrator(site, sign_in_token_of(site, CHIEF, OTHER_ADMIN, MANAGE, "OTHER"), "OTHER")
	theirs = {
		"id": CHIEF.id, "name": "Theirs", "client_id": OTHER_ADMIN.id, "label": "first", "registration_id": "their-okta",
		"sid": chief.walk("sessions", realm="user")[0]["sid"], "gid": chief.walk("grants", realm="user")[0]["gid"],
	}
	event = chief.walk("audit-events", limit=200)[0]["id"]
	nobodys = {name: "nobody-has-this" for name in theirs}
	admin = sign_in_token_of(site)
	for method, path, operation in operations():
		keys = set(re.findall(r"\{(\w+)\}", path)) - {"partition"}
		if not keys or operation["operationId"] == "putApi":
			continue
		filled = {**theirs, **({"id": event} if "audit-events" in path else {})}
		parameters = {"realm": "user"} if any(one.get("name") == "realm" for one in operation.get("parameters", [])) else {}
		replies = [call(site, method, address_of(path, **one), admin, params=parameters) for one in (filled, {**nobodys, **({"id": str(10**15)} if "audit-events" in path else {})})]
		bodies = {reply.content.replace(reply.headers["X-Request-Id"].encode(), b"ID") for reply in replies}
		assert [reply.status_code for reply in replies] == [404, 404] and len(bodies) == 1, (operation["operationId"], bodies)
	assert done(chief.get("users", CHIEF.id))["enabled"] and chief.walk("sessions", realm="user"), "nothing of theirs was touched"


def test_A7_lists_filters_and_cursors_show_nothing_of_another_partition(administered):
	site = administered
	admin = Administrator(site, sign_in_token_of(site))
	chief = Administrator(site, sign_in_token_of(site, CHIEF, OTHER_ADMIN, MANAGE, "OTHER"), "OTHER")
	lists = [("users", {}), ("customers", {}), ("client-applications", {}), ("permissions", {}), ("departments", {}), ("identity-providers", {}), ("apis", {}),
	         ("operations", {}), ("sessions", {"realm": "user"}), ("grants", {"realm": "user"}), ("audit-events", {}), ("signing-keys", {})]
	for name, parameters in lists:
		paged = {} if name == "signing-keys" else {"limit": 1}
		theirs = [str(one) for one in chief.walk(name, **parameters)]
		mine = admin.walk(name, **parameters)
		shared = {"writ.admin", d.READ, d.OBO_READ, d.APP_READ}
		foreign = [one for one in mine if str(one) in theirs and not any(word in str(one) for word in shared)]
		assert not foreign, (name, foreign)
		if not paged:
			continue
		cursor = done(chief.get(name, **parameters, **paged))["next"]
		if cursor is not None:
			beyond = admin.walk(name, **parameters, cursor=cursor) if name != "audit-events" else done(admin.get(name, cursor=cursor))["items"]
			assert all(one in mine or name == "audit-events" for one in beyond), name
			assert all(one.get("partition", "ACME") == "ACME" for one in beyond), name
	assert admin.walk("sessions", realm="user", person_id=CHIEF.id) == []
	assert admin.walk("grants", realm="user", person_id=CHIEF.id) == []
	assert admin.walk("grants", realm="user", client_id=OTHER_ADMIN.id) == []
	assert admin.walk("users", department="Theirs") == [] and admin.walk("users", search="chief") == []
	assert admin.walk("audit-events", actor=CHIEF.id) == []
	assert {one["partition"] for one in admin.walk("audit-events")} == {"ACME"}


def test_A7_a_token_of_another_partition_is_judged_by_nobody_elses_keys(administered):
	admin = Administrator(administered, sign_in_token_of(administered))
	theirs = application_token(administered, client=d.OTHER_WEB, partition="OTHER")
	body = done(admin.post({"access_token": theirs}, "decisions"))
	assert body["token"]["live"] is False and body["token"]["claims"] is None
	assert {one["verdict"] for one in body["items"]} == {"bad_token"}


# ---- refusals are seen


def test_a_refusal_is_audited_and_counted_and_has_no_token_in_it(administered):
	site = administered
	reader = Administrator(site, sign_in_token_of(site, scope=READ))
	reply = reader.post({"name": "x"}, "departments")
	refused(reply, 403, "admin-scope")
	event = site.audit_of(reply.headers["X-Request-Id"])[0]
	assert (event["action"], event["result"], event["actor"], event["partition"]) == ("admin.refused", "admin-scope", "1001", "ACME")
	assert event["object"] == "POST /admin/v1/partitions/ACME/departments" and event["address"] == "127.0.0.1"
	missing = reader.get("users", "nobody")
	assert site.audit_of(missing.headers["X-Request-Id"])[0]["result"] == "admin-not-found"
	nothing = reader.get("nothing")
	event = site.audit_of(nothing.headers["X-Request-Id"])[0]
	assert (event["result"], event["actor"], event["partition"]) == ("admin-not-found", "1001", "ACME")
	junk = call(site, "GET", "/admin/v1/me", "a-very-secret-thing")
	event = site.audit_of(junk.headers["X-Request-Id"])[0]
	assert event["result"] == "admin-token" and "a-very-secret-thing" not in str(site.lines)
	metrics = get(site.management_url + "/metrics").text
	assert re.search(r'writ_requests_refused_total\{slug="admin-scope"\} [1-9]', metrics), [line for line in metrics.splitlines() if "admin" in line]


# ---- A15, header and log injection


NASTY = ['<script>alert(1)</script>', 'a"b\\c', "quote'", "\u202eevil", "emoji \U0001f600", "%0d%0aSet-Cookie: a=b"]


@pytest.mark.parametrize("what", NASTY)
def test_A15_what_was_typed_comes_out_as_data(administered, what):
	"""In an address, a parameter, a header and a body of each kind of request."""
	site = administered
	admin = Administrator(site, sign_in_token_of(site))
	lines = len(site.broken_lines)
	replies = [admin.get("users", what), admin.get("departments", what), admin.get("client-applications", what, "metadata"), admin.get("permissions", what),
	           admin.get("apis", what), admin.get("identity-providers", what), admin.get("audit-events", what), admin.delete("sessions", what, realm="user"),
	           admin.delete("grants", what, realm="user"), admin.get(what)]
	for reply in replies:
		refused(reply, 404)
	for reply in (admin.get("users", search=what), admin.get("audit-events", object=what), admin.get("users", department=what)):
		assert done(reply)["items"] == []
	refused(admin.get("users", cursor=what), 400, "admin-parameter", at="cursor")
	refused(admin.call("GET", admin.url("users") + "?" + quote(what) + "=1"), 400, "admin-parameter", at=what)
	refused(admin.post({what: 1, "access_token": "x"}, "decisions"), 422, "admin-member")
	for reply in replies:
		assert "Set-Cookie" not in reply.headers and reply.headers["X-Content-Type-Options"] == "nosniff"
		event = site.audit_of(reply.headers["X-Request-Id"])[0]
		assert event["object"].isascii() and event["object"].isprintable()
	assert len(site.broken_lines) == lines


def test_A15_objects_with_such_names_come_back_as_they_are(own_administered):
	"""Each kind of object: listed, found by its key, ended; never more than JSON."""
	site, name = own_administered, "<b>\"it's\"</b>\\ & \u00e9%0d%0a\U0001f600"
	site.store.apply(d.partial(
		name=name, branding={"name": name}, departments=[{"name": name}], permissions=[{"name": "a<b>'&%2f/c", "description": name}],
		users=[{"id": "<i>&%2F/'", "username": name.replace(" ", "."), "department": name, "claims": {"name": name}, "password_hash": p.QUICK_HASH}],
		customers=[{"id": "<u>&/'", "email": "o'b&<r>@example.com"}], client_applications=[{"client_id": "nasty", "name": name, "platform": "web"}]))
	admin = Administrator(site)
	assert done(admin.get("departments", name))["name"] == name and name in [one["name"] for one in admin.walk("departments")]
	assert done(admin.get("permissions", "a<b>'&%2f/c"))["description"] == name
	user = done(admin.get("users", "<i>&%2F/'"))
	assert (user["department"], user["claims"]) == (name, {"name": name})
	assert [one["id"] for one in admin.walk("users", department=name)] == [user["id"]]
	assert done(admin.get("customers", "<u>&/'"))["email"] == "o'b&<r>@example.com"
	assert done(admin.get("client-applications", "nasty"))["name"] == name
	assert (done(admin.get())["name"], done(admin.get())["branding"]["name"]) == (name, name)
	done(admin.delete("users", user["id"], "sessions"), 204)
	assert admin.walk("users", user["id"], "sessions") == [] and done(admin.get("users", user["id"], "applications"))["items"] == []
	for reply in (admin.get("users"), admin.get("departments"), admin.get("users", user["id"])):
		assert reply.headers["Content-Type"] == "application/json" and reply.headers["X-Content-Type-Options"] == "nosniff"


def test_A15_control_characters_in_an_address_are_refused(administered):
	admin = Administrator(administered, sign_in_token_of(administered))
	for raw in ("%0d%0aSet-Cookie:%20a=b", "%00", "%1b[2J", "%c3%28", "%ff", "%7f", "%C0%AF"):
		reply = admin.call("GET", f"/partitions/ACME/users/{raw}")
		refused(reply, 400, "admin-address")
		assert "Set-Cookie" not in reply.headers
	for raw in ("%", "%z1", "%2"):
		status, headers, _ = admin.raw("GET", f"/partitions/ACME/users/{raw}")
		assert (status, headers["Content-Type"]) == (400, "application/problem+json"), raw


def test_A15_what_a_browser_says_of_itself_comes_out_of_the_sessions_as_data(administered):
	site, person = administered, administered.stranger()
	agent = '<b>"x"</b>\\ ;' + "a" * 300
	new_tokens(site, p.WEB, person, "openid", Browser(site, agent=agent))
	admin = Administrator(site, sign_in_token_of(site))
	session, = admin.walk("users", person.id, "sessions")
	assert session["person_id"] == person.id and session["user_agent"] == agent[:256]


# ---- methods, addresses


def test_another_method_is_405_and_says_which(administered):
	admin = Administrator(administered, sign_in_token_of(administered))
	reply = admin.call("PUT", admin.url("users"))
	refused(reply, 405, "admin-method")
	assert reply.headers["Allow"] == "GET, HEAD, POST"
	reply = admin.call("POST", admin.url("departments", "Service"), data="{}")
	assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD, DELETE")
	reply = admin.call("TRACE", admin.url("users"))
	assert reply.status_code == 405 and reply.headers["Content-Type"] == "application/problem+json"


def test_a_path_is_matched_segment_by_segment(administered):
	admin = Administrator(administered, sign_in_token_of(administered))
	for path in ("/partitions/ACME/users/", "//partitions/ACME/users", "/partitions//ACME/users", "/partitions/ACME/users/1002/", "/partitions/ACME%2fusers",
	             "/partitions/acme/users", "/Partitions/ACME/users", "/partitions/ACME/users/..", "/partitions/ACME/users/%2e%2e", "/partitions/ACME/users;a=b",
	             "/partitions/ACME/./users", "/", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n"):
		status, headers, body = admin.raw("GET", path)
		assert status == 404, (path, status, body)
		assert headers["Content-Type"] == "application/problem+json"
	assert done(admin.call("GET", "/partitions/ACME/%75sers"))["items"]


def test_what_http_refuses_by_itself_is_a_problem_here_too(administered):
	admin = Administrator(administered, sign_in_token_of(administered))
	reply = admin.call("POST", admin.url("departments"), {"Content-Type": "application/json"}, data=b" " * (1024 * 1024 + 1))
	refused(reply, 413, "body-too-large")
	reply = admin.call("GET", admin.url("users") + "?" + "a" * 9000)
	refused(reply, 414, "address-too-long")


def test_the_document_needs_no_token_and_names_this_server(administered):
	reply = get(administered.url + "/admin/v1/openapi.json")
	assert reply.status_code == 200 and reply.headers["Content-Type"] == "application/json"
	document = reply.json()
	assert [one["url"] for one in document["servers"]] == [administered.url + "/admin/v1"]
	flow = document["components"]["securitySchemes"]["administrator"]["flows"]["authorizationCode"]
	assert flow["tokenUrl"].startswith(administered.url + "/system/auth/")
	assert document["paths"] == DOCUMENT["paths"]
	assert request("HEAD", administered.url + "/admin/v1/openapi.json").status_code == 200
	refused(request("POST", administered.url + "/admin/v1/openapi.json"), 401, "admin-token-missing")
