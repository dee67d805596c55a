"""What the Admin API shows: every list and object, its filters and pages, versions, sessions and grants and their end, keys, events, statistics,
decisions."""

import concurrent.futures
import json
import re
import sqlite3
import threading
import time
from datetime import datetime
from urllib.parse import quote

import jwt
import pytest

from support import documents as d
from support import gateway as g
from support import people as p
from support.admin import (APP, MANAGE, READ, ROOT_PERSON, SYSTEM_ADMIN, Administrator, automation_token, done, refused,
                           sign_in_token)
from support.browser import Browser
from support.gateway import acting_token, anonymous_token, application_token, person_token
from support.oauth import client_credentials, key_set, on_behalf_of
from support.people import new_tokens, refresh
from support.program import get

LISTS = {  # list: (the key of its order, filters that every call needs)
	"users": ("id", {}), "customers": ("id", {}), "client-applications": ("name", {}), "permissions": ("name", {}), "departments": ("name", {}),
	"identity-providers": ("registration_id", {}), "apis": ("name", {}), "operations": (None, {}), "sessions": ("sid", {"realm": "user"}),
	"grants": ("gid", {"realm": "user"}), "audit-events": ("id", {}),
}


@pytest.fixture
def admin(administered):
	return administrator(administered)


_admins = {}


def administrator(site):
	if site.url not in _admins:
		_admins[site.url] = sign_in_token(site)
	return Administrator(site, _admins[site.url])


def time_of(text):
	assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", text), text
	return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# ---- every object has the members of the document, and no secret


def test_objects_have_the_members_of_the_apply_document(own_administered):
	"""One source: what apply was given comes back under the same names."""
	site = own_administered
	admin = Administrator(site)
	given = d.partition_of(site.store.export())
	keys = {"departments": "name", "permissions": "name", "users": "id", "customers": "id", "client_applications": "client_id", "identity_providers": "registration_id"}
	for section, key in keys.items():
		served = {one[key]: one for one in admin.walk(section.replace("_", "-"), limit=200)}
		for one in given[section]:
			mine = served.pop(one[key])
			for name, value in one.items():
				if name == "secrets":
					assert [secret["label"] for secret in mine[name]] == [secret["label"] for secret in value]
				else:
					assert mine[name] == value, (section, one[key], name)
		assert all(one.get("reserved") for one in served.values()), served
	partition = done(admin.get())
	for name in ("id", "name", "permission_prefix", "access_token_algorithm", "anonymous_customers"):
		assert partition[name] == given[name], name
	assert {api["name"] for api in admin.walk("apis")} == {api["name"] for api in given["apis"]}


def test_no_list_and_no_object_shows_a_secret_a_hash_or_a_password(own_administered):
	site = own_administered
	admin = Administrator(site)
	texts = []
	for name, (_, parameters) in LISTS.items():
		texts += [json.dumps(one) for one in admin.walk(name, limit=200, **parameters)]
	texts += [admin.get("users", one).text for one in ("1001", "1002")] + [admin.get("client-applications", p.WEB.id).text, admin.get("signing-keys").text]
	everything = "\n".join(texts)
	for word in (p.WEB.secret, p.ADMIN.secret, "argon2", p.PASSWORD, "sha256:", '"d"', '"p"', '"q"', "PRIVATE", admin.token):
		assert word not in everything, word
	user = done(admin.get("users", "1001"))
	assert user["password_set"] is True and "password" not in user and "password_hash" not in user
	assert done(admin.get("users", "1005"))["password_set"] is False


@pytest.mark.parametrize("names, key, present", [
	((), "id", "ACME"), (("departments", "Kunden & Co"), "name", "Kunden & Co"), (("permissions", "https://api.example/a/b"), "name", "https://api.example/a/b"),
	(("permissions", READ), "reserved", True), (("users", "1002"), "username", "Agent.Smith"), (("customers", "c-1"), "email", "jane@example.com"),
	(("client-applications", p.SPA.id), "platform", "spa"), (("identity-providers", "okta"), "claim", "email"), (("apis", "k"), "operation_count", 12),
], ids=lambda value: str(value) if isinstance(value, tuple) else "")
def test_an_object_is_read_by_its_key_with_its_version_as_etag(admin, names, key, present):
	reply = admin.get(*names)
	body = done(reply)
	assert body[key] == present
	assert reply.headers["ETag"] == f'"v{body["version"]}"'
	head = admin.head(*names)
	assert head.status_code == 200 and head.content == b"" and head.headers["ETag"] == reply.headers["ETag"]
	assert head.headers["Content-Length"] == reply.headers["Content-Length"]
	if names:
		refused(admin.get(*names[:-1], names[-1] + "x"), 404, "admin-not-found")
		if names[-1].upper() != names[-1].lower():
			refused(admin.get(*names[:-1], names[-1].swapcase()), 404, "admin-not-found")


def test_a_name_is_decoded_once(admin):
	assert done(admin.call("GET", "/partitions/ACME/departments/Kunden%20%26%20Co"))["name"] == "Kunden & Co"
	assert done(admin.call("GET", "/partitions/ACME/permissions/https:%2F%2Fapi.example%2Fa%2Fb"))["name"] == "https://api.example/a/b"
	refused(admin.call("GET", "/partitions/ACME/departments/Kunden%2520%2526%2520Co"), 404)
	refused(admin.call("GET", "/partitions/ACME/departments/Kunden+&+Co"), 404)


# ---- pages


@pytest.mark.parametrize("name", LISTS)
def test_a_walk_is_complete_without_doubles_and_in_a_stable_order(administered, admin, name):
	key, parameters = LISTS[name]
	new_tokens(administered, p.WEB, administered.stranger(), "openid offline_access")
	if name == "audit-events":
		parameters = {"action": "admin.refused"}
		for _ in range(5):
			refused(admin.get("users", "nobody"), 404)
		parameters = {"action": "admin.refused", "to": done(admin.get(name, limit=1))["items"][0]["at"]}
	whole = admin.walk(name, limit=200, **parameters)
	assert whole or name == "audit-events"
	for limit in (1, 3, 50):
		if limit == 1 and len(whole) > 60:
			continue
		pages = admin.walk(name, limit=limit, **parameters)
		assert pages == whole, (name, limit)
	names = [json.dumps(one[key]) if key else f"{one['path']} {one['method']}" for one in whole]
	assert len(names) == len(set(names))
	first = done(admin.get(name, limit=1, **parameters))
	assert len(first["items"]) <= 1 and (first["next"] is None) == (len(whole) <= 1)


def test_a_walk_shows_everything_that_stays_while_others_come_and_go(own_administered):
	site = own_administered
	admin = Administrator(site)
	before = [one["id"] for one in admin.walk("users", limit=200)]
	over = threading.Event()

	def change():
		for number in range(12):
			site.store.apply(d.partial(users=[{"id": f"{'0' if number % 2 else 'z'}-{number}", "username": f"new-{number}"}]))
			if over.is_set():
				return

	worker = threading.Thread(target=change)
	worker.start()
	try:
		for _ in range(3):
			seen = [one["id"] for one in admin.walk("users", limit=7)]
			assert len(seen) == len(set(seen))
			assert set(before) <= set(seen)
	finally:
		over.set()
		worker.join()


@pytest.mark.parametrize("name, parameters, expected", [
	("users", {"search": "agent"}, ["1002"]), ("users", {"search": "AGENT.SM"}, ["1002"]), ("users", {"search": "smith@"}, ["1002"]),
	("users", {"search": "1002"}, ["1002"]), ("users", {"search": "mith"}, []), ("users", {"department": "Service"}, ["1002"]),
	("users", {"department": "Kunden & Co"}, []), ("users", {"enabled": "false"}, ["1003"]), ("users", {"role": "partition_administrator"}, ["1001"]),
	("users", {"role": "partition"}, []), ("users", {"search": "%"}, []), ("users", {"search": "_"}, []), ("users", {"search": "l", "enabled": "true"}, []),
	("users", {"search": "o'brien+ZOË"}, None), ("customers", {"search": "JANE"}, ["c-1"]), ("customers", {"enabled": "false"}, ["c-2"]),
	("client-applications", {"search": "port"}, [p.WEB.id]), ("client-applications", {"search": p.SPA_LOCAL.id}, [p.SPA_LOCAL.id]),
	("client-applications", {"enabled": "false"}, [p.OFF.id]), ("client-applications", {"permission": APP}, [p.ADMIN.id]),
	("client-applications", {"platform": "spa", "search": "br"}, [p.SPA.id]),
	("permissions", {"kind": "application", "search": "app.k"}, [d.APP_MANAGE, d.APP_READ, d.APP_ODD]), ("permissions", {"search": "WRIT."}, [MANAGE, READ]),
	("permissions", {"kind": "application", "search": "app.w"}, [APP]), ("departments", {"search": "kunden"}, ["Kunden & Co"]),
	("identity-providers", {"search": "OK"}, ["okta"]), ("apis", {"search": "K"}, ["k"]),
])
def test_a_search_is_a_prefix_whatever_its_case_and_filters_are_exact(admin, name, parameters, expected):
	key = {"users": "id", "customers": "id", "client-applications": "client_id", "identity-providers": "registration_id"}.get(name, "name")
	found = [one[key] for one in admin.walk(name, **parameters)]
	if expected is not None:
		assert sorted(found) == sorted(expected)


def test_partitions_are_the_callers_own_unless_he_is_a_system_administrator(administered, admin):
	assert [one["id"] for one in admin.of(None).walk("partitions")] == ["ACME"]
	assert admin.of(None).walk("partitions", search="OTH") == []
	assert [one["id"] for one in admin.of(None).walk("partitions", search="ac")] == ["ACME"]
	root = Administrator(administered, automation_token(administered, SYSTEM_ADMIN, "SYSTEM"), None)
	assert [one["id"] for one in root.walk("partitions", limit=1)] == ["ACME", "OTHER", "RSA_1", "SYSTEM"]
	assert [one["id"] for one in root.walk("partitions", search="o")] == ["OTHER"]


@pytest.mark.parametrize("parameters, at", [
	({"limit": "0"}, "limit"), ({"limit": "201"}, "limit"), ({"limit": "-1"}, "limit"), ({"limit": "ten"}, "limit"), ({"limit": ""}, "limit"),
	({"cursor": "!"}, "cursor"), ({"cursor": "a"}, "cursor"), ({"cursor": "x" * 9000}, None), ({"enabled": "yes"}, "enabled"), ({"enabled": ""}, "enabled"),
	({"nothing": "1"}, "nothing"), ({"kind": "application"}, "kind"), ({"search": "x" * 321}, "search"), ([("limit", "1"), ("limit", "2")], "limit"),
	({"search": "\x00"}, None), ({"search": "a\nb"}, None),
])
def test_a_wrong_parameter_is_400_and_named(admin, parameters, at):
	reply = admin.call("GET", admin.url("users"), params=parameters)
	refused(reply, 414 if at is None and reply.status_code == 414 else 400, None, at=at)


def test_a_page_of_large_objects_ends_early_and_the_walk_is_complete_all_the_same(own_administered):
	"""LIMIT_PAGE_SIZE: 200 applications of 100 KiB would not fit into memory."""
	site = own_administered
	names = [f"bulk.{number:04}.{'x' * 60}" for number in range(1000)]
	site.store.apply(d.partial(permissions=[{"name": name} for name in names], client_applications=[
		{"client_id": f"bulk-{number}", "name": f"Bulk {number:02}", "platform": "web", "permissions": names} for number in range(20)]))
	admin = Administrator(site)
	page = done(admin.get("client-applications", search="bulk", limit=200))
	assert 1 <= len(page["items"]) < 20 and page["next"]
	walked = admin.walk("client-applications", search="bulk", limit=200)
	assert [one["name"] for one in walked] == [f"Bulk {number:02}" for number in range(20)]


# ---- APIs


def test_operations_are_listed_with_who_may_call_them(admin):
	operations = {(one["method"], one["path"]): one for one in admin.walk("apis", "k", "operations", limit=2)}
	assert len(operations) == len(g.OPERATIONS)
	article = operations["GET", "/k/v4/articles/{id}"]
	assert {"actor": "client", "scopes": [d.APP_READ]} in article["alternatives"] and len(article["alternatives"]) == 6
	assert operations["DELETE", "/k/v4/articles/{id}"]["alternatives"] == []
	assert operations["GET", "/k/v4/me"]["alternatives"] == [{"actor": "user", "scopes": []}, {"actor": "customer", "scopes": []}]
	opened = {(one["method"], one["path"]) for one in admin.walk("apis", "k", "operations", scope=d.MANAGE)}
	assert opened == {("PUT", "/k/v4/articles/{id}"), ("POST", "/k/v4/articles"), ("GET", "/k/v4/articles/latest")}
	assert {one["path"] for one in admin.walk("operations", search="/k/v4/f")} == {"/k/v4/files/{name}.json"}
	refused(admin.get("apis", "nothing", "operations"), 404, "admin-not-found")


# ---- metadata of a client application


def test_metadata_has_every_address_and_which_flows_are_open(administered, admin):
	public = get(administered.url + "/system/auth/ACME/metadata").json()
	body = done(admin.get("client-applications", p.WEB.id, "metadata"))
	assert {name: body[name] for name in public} == public
	assert body["discovery_url"]["customer"] == administered.realm("ACME", "C") + "/.well-known/openid-configuration"
	for urls in (body["discovery_url"],):
		assert all(get(url).status_code == 200 for url in urls.values())
	flows = {one["flow"]: one for one in body["flows"]}
	assert {name for name, one in flows.items() if one["allowed"]} == {"authorization_code", "refresh_token", "client_credentials", "on_behalf_of", "anonymous"}
	assert set(flows["on_behalf_of"]["scopes"]) == {d.OBO_READ, d.OBO_MANAGE}
	assert set(flows["client_credentials"]["scopes"]) == {d.APP_READ, d.APP_MANAGE}
	assert set(flows["anonymous"]["scopes"]) == {d.READ, d.MANAGE}
	assert "token_exchange" in flows["token_exchange"]["why"]
	spa = {one["flow"]: one for one in done(admin.get("client-applications", p.SPA.id, "metadata"))["flows"]}
	assert not spa["client_credentials"]["allowed"] and "spa" in spa["client_credentials"]["why"] and spa["authorization_code"]["allowed"]
	off = {one["flow"]: one for one in done(admin.get("client-applications", p.OFF.id, "metadata"))["flows"]}
	assert not any(one["allowed"] for name, one in off.items() if name != "anonymous")
	bare = {one["flow"]: one for one in done(admin.get("client-applications", d.BARE.id, "metadata"))["flows"]}
	assert "redirect" in bare["authorization_code"]["why"] and "assigned" in bare["client_credentials"]["why"]


def test_what_metadata_allows_works_and_what_it_does_not_is_refused(administered, admin):
	for client in (p.WEB, p.NO_REFRESH, p.OFF):
		flows = {one["flow"]: one for one in done(admin.get("client-applications", client.id, "metadata"))["flows"]}
		for flow, send in (("client_credentials", lambda scope: application_of(administered, client, scope)),
		                   ("on_behalf_of", lambda scope: acting_of(administered, client, scope))):
			scope = (flows[flow]["scopes"] or [d.APP_READ])[-1]
			assert (send(scope).status_code == 200) == flows[flow]["allowed"], (client, flow)


def application_of(site, client, scope):
	return client_credentials(site, client, scope)


def acting_of(site, client, scope):
	return on_behalf_of(site, client, scope, d.USER)


# ---- sessions and grants


def test_a_sign_in_is_seen_and_its_end_is_an_end(administered, admin):
	site, person = administered, administered.stranger()
	browser = Browser(site, agent="<Agent & Co>")
	tokens = new_tokens(site, p.WEB, person, f"openid {d.READ}", browser)
	sid = jwt.decode(tokens["id_token"], options={"verify_signature": False})["sid"]
	session, = admin.walk("users", person.id, "sessions")
	assert session == next(one for one in admin.walk("sessions", realm="user", person_id=person.id))
	assert (session["sid"], session["person_id"], session["realm"], session["user_agent"], session["address"]) == (sid, person.id, "user", "<Agent & Co>", "127.0.0.1")
	assert abs(time_of(session["auth_time"]) - time.time()) < 60 and time_of(session["expires_at"]) > time.time()
	assert admin.walk("sessions", realm="customer", person_id=person.id) == []
	refused(admin.get("sessions"), 400, "admin-parameter", at="realm")
	refused(admin.delete("sessions", sid), 400, "admin-parameter", at="realm")
	refused(admin.delete("sessions", sid, realm="customer"), 404)
	assert p.userinfo(site, tokens["access_token"]).status_code == 200
	reply = admin.delete("sessions", sid, realm="user")
	done(reply, 204)
	assert admin.walk("users", person.id, "sessions") == [] and admin.walk("grants", realm="user", person_id=person.id) == []
	assert p.userinfo(site, tokens["access_token"]).status_code == 401
	assert p.authorize(browser, p.WEB, prompt="none").answer["error"] == "login_required"
	refused(admin.delete("sessions", sid, realm="user"), 404)
	event, = admin.events(request_id=reply.headers["X-Request-Id"])
	assert (event["action"], event["result"], event["actor"], event["object"]) == ("session.ended", "ok", "1001", sid)
	assert event["detail"]["kind"] == "session" and event["detail"]["before"]["person_id"] == person.id and event["detail"]["by"] == "user"


def test_all_sessions_of_a_person_end_at_once(administered, admin):
	site, person = administered, administered.stranger("C")
	for _ in range(3):
		new_tokens(site, p.WEB, person, "openid")
	assert len(admin.walk("customers", person.id, "sessions", limit=2)) == 3
	reply = admin.delete("customers", person.id, "sessions")
	done(reply, 204)
	assert admin.walk("customers", person.id, "sessions") == []
	done(admin.delete("customers", person.id, "sessions"), 204)
	event, = admin.events(request_id=reply.headers["X-Request-Id"])
	assert (event["action"], event["object"]) == ("session.ended", person.id)
	refused(admin.delete("customers", "nobody", "sessions"), 404)
	refused(admin.get("users", person.id, "sessions"), 404)


def test_a_grant_is_seen_and_its_end_is_an_end(administered, admin):
	site, person = administered, administered.stranger()
	tokens = new_tokens(site, p.WEB, person, f"openid offline_access {d.READ}")
	gid = jwt.decode(tokens["access_token"], options={"verify_signature": False})["gid"]
	grant, = admin.walk("grants", realm="user", person_id=person.id)
	assert (grant["gid"], grant["client_id"], grant["person_id"], grant["offline"], grant["refreshable"]) == (gid, p.WEB.id, person.id, True, True)
	assert set(grant["scope"]) == {"openid", "offline_access", d.READ} and time_of(grant["expires_at"]) > time.time()
	assert admin.walk("grants", realm="user", person_id=person.id, client_id=p.WEB.id) == [grant]
	assert admin.walk("grants", realm="user", person_id=person.id, client_id=p.SECOND.id) == []
	connected, = done(admin.get("users", person.id, "applications"))["items"]
	assert connected["client_id"] == p.WEB.id and connected["offline"] is True
	refused(admin.delete("grants", gid, realm="customer"), 404)
	reply = admin.delete("grants", gid, realm="user")
	done(reply, 204)
	assert refresh(site, p.WEB, tokens["refresh_token"]).status_code == 400
	assert p.userinfo(site, tokens["access_token"]).status_code == 401
	assert admin.walk("grants", realm="user", person_id=person.id) == []
	refused(admin.delete("grants", gid, realm="user"), 404)
	event, = admin.events(request_id=reply.headers["X-Request-Id"])
	assert (event["action"], event["object"], event["actor"]) == ("grant.ended", gid, "1001")


def test_disconnecting_an_application_ends_its_grants_and_forgets_the_consent(administered, admin):
	site, person = administered, administered.stranger()
	browser = Browser(site)
	tokens = new_tokens(site, p.ASKING, person, f"openid offline_access {d.READ}", browser)
	assert [one["client_id"] for one in done(admin.get("users", person.id, "applications"))["items"]] == [p.ASKING.id]
	refused(admin.delete("users", person.id, "applications", p.WEB.id), 404)
	reply = admin.delete("users", person.id, "applications", p.ASKING.id)
	done(reply, 204)
	assert done(admin.get("users", person.id, "applications")) == {"items": [], "next": None}
	assert refresh(site, p.ASKING, tokens["refresh_token"]).status_code == 400
	assert p.authorize(browser, p.ASKING, prompt="none", scope=f"openid {d.READ}").answer["error"] == "consent_required"
	event, = admin.events(request_id=reply.headers["X-Request-Id"])
	assert (event["action"], event["object"], event["detail"]["person_id"]) == ("grant.ended", p.ASKING.id, person.id)


def test_a_reader_ends_nothing(administered, admin):
	site, person = administered, administered.stranger()
	new_tokens(site, p.WEB, person, "openid")
	session, = admin.walk("users", person.id, "sessions")
	reader = Administrator(site, sign_in_token(site, scope=READ))
	refused(reader.delete("sessions", session["sid"], realm="user"), 403, "admin-scope")
	refused(reader.delete("users", person.id, "sessions"), 403, "admin-scope")
	assert admin.walk("users", person.id, "sessions") == [session]


# ---- signing keys


def test_signing_keys_are_listed_and_rotate(own_administered):
	site = own_administered
	admin = Administrator(site)
	before = done(admin.get("signing-keys"))["items"]
	published = {key["kid"]: key for key in key_set(site)["keys"]}
	assert {key["kid"]: key["public_jwk"] for key in before} == published
	assert sorted((key["algorithm"], key["state"]) for key in before) == [("ES256", "active"), ("ES256", "next"), ("RS256", "active"), ("RS256", "next")]
	following = next(key["kid"] for key in before if (key["algorithm"], key["state"]) == ("ES256", "next"))
	reply = admin.post({"algorithm": "ES256", "force": True}, "signing-keys", "rotations")
	assert done(reply, 201)["kid"] == following and reply.json()["state"] == "active"
	after = done(admin.get("signing-keys"))["items"]
	retired = [key for key in after if key["state"] == "retired"]
	assert len(after) == 5 and len(retired) == 1 and time_of(retired[0]["published_until"]) > time.time() + 86400
	assert jwt.get_unverified_header(application_token(site))["kid"] == following
	done(admin.get("users"))  # the token that was signed before goes on
	event, = admin.events(request_id=reply.headers["X-Request-Id"])
	assert (event["action"], event["object"], event["actor"]) == ("signing_key.rotated", "ES256", "1001")
	for body, at in (({}, "/algorithm"), ({"algorithm": "HS256"}, "/algorithm"), ({"algorithm": "ES256", "kid": "x"}, "/kid"), ({"algorithm": 1}, "/algorithm"),
	                 ({"algorithm": "ES256", "force": "yes"}, "/force")):
		refused(admin.post(body, "signing-keys", "rotations"), 422, "admin-member", at=at)
	refused(admin.post([], "signing-keys", "rotations"), 400, "admin-json")
	refused(admin.post({}, "signing-keys", "rotations", headers={"Content-Type": "text/plain"}), 415, "admin-content-type")


def test_a_key_that_was_published_a_moment_ago_does_not_sign_unless_it_is_forced_to(own_administered):
	"""Key sets are kept for 300 s, as their Cache-Control allows: a next key younger than that is refused as the signer."""
	admin = Administrator(own_administered)
	before = done(admin.get("signing-keys"))["items"]
	for body in ({"algorithm": "ES256"}, {"algorithm": "ES256", "force": False}):
		refused(admin.post(body, "signing-keys", "rotations"), 409, "admin-rotation-early")
	assert done(admin.get("signing-keys"))["items"] == before
	with sqlite3.connect(own_administered.store.path) as database:
		database.execute("UPDATE signing_key SET created_at = created_at - 301")
	done(admin.post({"algorithm": "ES256"}, "signing-keys", "rotations"), 201)
	refused(admin.post({"algorithm": "ES256"}, "signing-keys", "rotations"), 409, "admin-rotation-early")
	done(admin.post({"algorithm": "RS256"}, "signing-keys", "rotations"), 201)


# ---- audit events


def test_events_are_newest_first_and_each_filter_is_exact(administered, admin):
	site = administered
	marks = []
	for number in range(4):
		reply = admin.get("users", f"no-such-{number}")
		marks.append(reply.headers["X-Request-Id"])
		site.audit_of(marks[-1])
	wait_for_events(admin, marks[-1])
	events = admin.events(action="admin.refused", actor="1001", result="admin-not-found")
	ours = [one for one in events if one["request_id"] in marks]
	assert [one["request_id"] for one in ours] == marks[::-1]
	assert [int(one["id"]) for one in events] == sorted((int(one["id"]) for one in events), reverse=True)
	one = ours[1]
	assert admin.events(object=one["object"]) == [one]
	assert done(admin.get("audit-events", one["id"])) == one
	assert one in admin.events(action="admin.") and admin.events(action="admin") == [] and admin.events(action="admin.refuse") == []
	assert admin.events(request_id=marks[0])[0]["object"].endswith("/users/no-such-0")
	assert admin.events(result="admin-not-found", actor="nobody") == []
	assert admin.events(**{"from": "2999-01-01T00:00:00Z"}) == []
	for end in ("1999-01-01T00:00:00Z", "1970-01-01T00:00:00Z"):
		assert admin.events(to=end) == []
	for name in ("nothing", "0", "-1", "9" * 30):
		refused(admin.get("audit-events", name), 404)
	refused(admin.get("audit-events", **{"from": "yesterday"}), 400, "admin-parameter", at="from")
	refused(admin.get("audit-events", cursor="eA"), 400, "admin-parameter", at="cursor")


def wait_for_events(admin, request_id):
	"""Events of refusals are queued: written soon, with others."""
	deadline = time.monotonic() + 20
	while not done(admin.get("audit-events", request_id=request_id))["items"]:
		assert time.monotonic() < deadline, "the event did not come"
		threading.Event().wait(0.02)


def test_events_come_as_json_lines_for_other_programs(administered, admin):
	for number in range(5):
		last = admin.get("users", f"lines-{number}").headers["X-Request-Id"]
	wait_for_events(admin, last)
	wanted = admin.events(action="admin.refused", object="GET /admin/v1/partitions/ACME/users/lines-0") + []
	assert len(wanted) == 1
	before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
	whole = admin.events(action="admin.refused", to=before)
	lines, url = [], admin.url("audit-events") + "?" + f"action=admin.refused&limit=2&to={quote(before)}"
	while url is not None:
		reply = admin.call("GET", url, {"Accept": "application/jsonl"})
		assert reply.status_code == 200 and reply.headers["Content-Type"] == "application/jsonl" and reply.headers["Vary"] == "Accept"
		assert reply.text == "" or reply.text.endswith("\n")
		page = [json.loads(line) for line in reply.text.splitlines()]
		assert len(page) <= 2
		lines += page
		link = re.fullmatch(r'<([^>]+)>; rel="next"', reply.headers.get("Link", ""))
		url = link.group(1) if link else None
	assert lines == whole


def test_a_system_administrator_sees_events_of_all_partitions_and_of_none(administered, admin):
	site = administered
	nobodys = site.audit_of(get(site.url + "/admin/v1/me").headers["X-Request-Id"])[0]
	root = Administrator(site, sign_in_token(site, ROOT_PERSON, SYSTEM_ADMIN, READ, "SYSTEM"), None)
	wait_for_events(root, nobodys["request_id"])
	event, = root.events(request_id=nobodys["request_id"])
	assert event["partition"] is None and event["actor"] is None
	assert {"ACME", "SYSTEM"} <= {one["partition"] for one in root.events()}
	assert admin.events(request_id=nobodys["request_id"]) == []


# ---- statistics


def test_statistics_that_do_not_fit_into_a_reply_are_the_wish_of_too_much(own_administered):
	admin = Administrator(own_administered)
	rows = [("ACME", 60, 1000000200 + 60 * number, 1, "f" * 32, f"{number:0128}", "", 1) for number in range(15000)]
	with sqlite3.connect(own_administered.store.path) as database:
		database.executemany("INSERT INTO statistic VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
	asked = {"measure": "tokens_issued", "step": "minute", "from": "2001-09-09T00:00:00Z", "to": "2001-12-31T00:00:00Z"}
	error = refused(admin.get("statistics", by="client_application", **asked), 400, "admin-parameter", at="step")
	assert "too many rows" in error["detail"]
	assert len(done(admin.get("statistics", **asked))["rows"]) == 15000


def test_statistics_are_rows_of_one_measure(administered, admin):
	body = done(admin.get("statistics", measure="tokens_issued", step="minute", by="flow", **{"from": "2001-01-01T00:00:00Z", "to": "2001-01-02T00:00:00Z"}))
	assert body == {"from": "2001-01-01T00:00:00Z", "to": "2001-01-02T00:00:00Z", "step": "minute", "by": "flow", "measure": "tokens_issued", "rows": []}
	body = done(admin.get("statistics", measure="sign_ins", step="day", **{"from": "1970-01-01T00:00:00Z"}))
	assert time_of(body["from"]) <= 1  # all there is, and not the day that it is where nothing is said
	body = done(admin.get("statistics", measure="sign_ins"))
	assert (body["step"], body["by"]) == ("hour", "none") and abs(time_of(body["to"]) - time_of(body["from"]) - 86400) < 2
	for parameters, at in (({}, "measure"), ({"measure": "all"}, "measure"), ({"measure": "sign_ins", "step": "week"}, "step"), ({"measure": "sign_ins", "by": "x"}, "by")):
		refused(admin.get("statistics", **parameters), 400, "admin-parameter", at=at)


# ---- decisions


def test_decisions_are_those_of_the_gateway_for_every_kind_of_token(administered, admin):
	"""The same question to /gateway/check has the same answer."""
	site = administered
	tokens = {"user": person_token(site), "manager": person_token(site, f"{d.READ} {d.MANAGE}"), "customer": person_token(site, realm="C"),
	          "acting": acting_token(site), "client": application_token(site), "anonymous": anonymous_token(site)}
	calls = [(method, "/k/v4" + path.replace("{id}", "7").replace("{name}", "n").replace("{x}", "x")) for method, path in g.OPERATIONS] + [("GET", "/nothing")]
	for kind, token in tokens.items():
		items = walk_decisions(admin, token)
		assert len(items) == len(g.OPERATIONS) and all(one["sentence"] for one in items)
		listed = {(one["method"], one["path"]): one["allowed"] for one in items}
		for method, path in calls:
			body = done(admin.post({"access_token": token, "method": method, "path": path}, "decisions"))
			assert body["token"]["live"] and body["token"]["claims"]["partition"] == "ACME"
			one, = body["items"]
			status = g.ask(site, method, path, token).status
			assert one["allowed"] == (status == 204), (kind, method, path, one)
			assert (one["verdict"] == "no_operation") == (path == "/nothing")
		for (method, template), operation in zip(g.OPERATIONS, calls):
			assert listed[method, "/k/v4" + template] == (g.ask(site, *operation, token).status == 204), (kind, method, template)


def walk_decisions(admin, token, **parameters):
	items, cursor = [], None
	while True:
		page = done(admin.post({"access_token": token}, "decisions", limit=5, **parameters, **({"cursor": cursor} if cursor else {})))
		items, cursor = items + page["items"], page["next"]
		if cursor is None:
			return items


def test_decisions_say_why_a_token_is_not_live_and_forget_it(own_administered):
	site = own_administered
	admin = Administrator(site)
	token = person_token(site)
	assert done(admin.post({"access_token": token}, "decisions"))["token"]["live"] is True
	site.store.apply(d.partial(users=[{"id": "1004", "username": "o'brien+zoë@example.com", "enabled": False}]))
	gid = jwt.decode(token, options={"verify_signature": False})["gid"]
	done(admin.delete("grants", gid, realm="user"), 204)
	dead = done(admin.post({"access_token": token}, "decisions"))
	assert dead["token"]["live"] is False and "revoked" in dead["token"]["why"] and dead["token"]["claims"]["sub"] == "1001"
	assert {one["verdict"] for one in dead["items"]} == {"bad_token"} and not any(one["allowed"] for one in dead["items"])
	mine = done(admin.post({"access_token": admin.token}, "decisions"))
	assert mine["token"]["live"] is True and {one["verdict"] for one in mine["items"]} == {"bad_token"} and "Admin API" in mine["items"][0]["sentence"]
	for junk in ("x", "a.b.c", token[:-4] + "AAAA", token + "x"):
		body = done(admin.post({"access_token": junk}, "decisions"))
		assert body["token"] == {"live": False, "why": body["token"]["why"], "header": body["token"]["header"], "claims": None} and body["token"]["why"]
	site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", "enabled": False}]))
	signature = token.rsplit(".", 1)[1]
	assert signature not in str(site.lines) and signature not in str(admin.events())
	assert signature.encode() not in site.store.path.read_bytes()


@pytest.mark.parametrize("body, at", [
	({}, "/access_token"), ({"access_token": ""}, "/access_token"), ({"access_token": 1}, "/access_token"), ({"access_token": "x" * 16385}, "/access_token"),
	({"access_token": "x", "method": "GET"}, "/path"), ({"access_token": "x", "path": "/a"}, "/method"), ({"access_token": "x", "method": "GET", "path": "a"}, "/path"),
	({"access_token": "x", "method": "GET", "path": "/a%2fb"}, "/path"), ({"access_token": "x", "scope": "y"}, "/scope"), ({"access_token": "x", "method": "G" * 33, "path": "/"}, "/method"),
])
def test_a_wrong_question_for_a_decision_names_the_member(admin, body, at):
	refused(admin.post(body, "decisions"), 422, "admin-member", at=at)


def test_many_ask_at_once(administered, admin):
	with concurrent.futures.ThreadPoolExecutor(8) as pool:
		replies = list(pool.map(lambda number: admin.get("users", search=f"user-{number:03}"), range(100)))
	assert [len(done(reply)["items"]) for reply in replies] == [1] * 100
