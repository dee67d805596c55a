"""Changing directory objects through the Admin API: each resource from its creation to its end, every rule's error at its place, lost updates, bodies that
are none, and what is left of a secret. Attacks A7 and A15 of the same addresses: test_admin_access.py."""

import contextlib
import http.client
import itertools
import json
import re
import socket
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from support import documents as d
from support import people as p
from support.admin import (APP, ROOT_PERSON, SYSTEM_ADMIN, Administrator, admin_application, automation_token, done, provider, refused,
                           sign_in_token)
from support.oauth import client_credentials, granted
from support.oauth import refused as refused_token

LARGE = 1024 * 1024
PAGE = "https://page.example.com/callback"
OPENAPI = """openapi: 3.0.3
info: {title: Orders, version: "1"}
servers: [{url: "https://${HOST}/orders"}]
components: {securitySchemes: {person: {type: http, scheme: bearer}, program: {type: http, scheme: bearer}}}
paths:
  /a:
    get: {security: [{person: [knowledge.portalmgr.read]}], responses: {}}
    post: {security: [{person: [orders.write]}, {program: [app.orders.write]}], responses: {}}
  /b:
    get: {responses: {}}
"""
ORDERS = {"openapi": OPENAPI, "values": {"HOST": "api.example.com"}, "actors": {"person": "user", "program": "client"}}


@pytest.fixture(scope="module")
def admin(shared_administered):
	return Administrator(shared_administered.site())


@pytest.fixture(scope="module")
def root(shared_administered):
	site = shared_administered.site()
	return Administrator(site, automation_token(site, SYSTEM_ADMIN, "SYSTEM"), partition=None)


def unique(prefix="x"):
	return f"{prefix}-{uuid.uuid4().hex[:12]}"


def tag(reply):
	return reply.headers["ETag"]


def created(reply, *names):
	"""The new object, where Location says that it is, with the ETag of its version."""
	body = done(reply, 201)
	assert reply.headers["Location"].startswith("http") and "/admin/v1/" in reply.headers["Location"]
	assert "version" not in body or tag(reply) == f'"v{body["version"]}"'
	return body


def exported(admin, kind, key, value):
	"""The object as the export writes it, or None."""
	return next((one for one in d.partition_of(admin.site.store.export("--partition", admin.partition), admin.partition)[kind] if one.get(key) == value), None)


def event_of(admin, reply):
	"""The one event of this request, with its detail."""
	events = admin.events(request_id=reply.headers["X-Request-Id"])
	assert len(events) == 1, events
	event = events[0]
	assert event["result"] == "ok" and event["address"] == "127.0.0.1" and event["partition"] == (admin.partition or event["partition"])
	return event


def no_event(admin, reply):
	assert [event for event in admin.events(request_id=reply.headers["X-Request-Id"]) if event["result"] == "ok"] == []


# ---- each resource, from its creation to its end


def test_a_user_is_made_changed_and_deleted_and_each_step_is_an_event(admin):
	name = unique("user")
	reply = admin.post({"username": name, "email": f"{name}@example.com", "password": "correct horse", "department": "Service", "roles": ["reader"],
	                    "claims": {"name": "Ann", "locale": "de"}}, "users")
	user = created(reply)
	assert reply.headers["Location"] == admin.url("users", user["id"]) and user["version"] == 1 and user["password_set"] is True and "password" not in user
	event = event_of(admin, reply)
	assert event["action"] == "user.added" and event["object"] == user["id"] and event["actor"] == p.PA.id
	assert event["detail"]["kind"] == "user" and event["detail"]["name"] == name and event["detail"]["before"] == {}
	assert event["detail"]["after"]["password"] == "set" and "correct horse" not in json.dumps(event)
	assert exported(admin, "users", "id", user["id"])["department"] == "Service"

	reply = admin.patch({"email": None, "claims": {"locale": None, "nickname": "A"}, "enabled": False}, "users", user["id"], match=tag(reply))
	changed = done(reply)
	assert changed["claims"] == {"name": "Ann", "nickname": "A"} and changed["email"] is None and changed["enabled"] is False and changed["version"] == 2
	detail = event_of(admin, reply)["detail"]
	assert detail["before"] == {"email": f"{name}@example.com", "enabled": True, "claims": {"name": "Ann", "locale": "de"}}
	assert detail["after"] == {"email": None, "enabled": False, "claims": {"name": "Ann", "nickname": "A"}}

	reply = admin.patch({"password": "another horse"}, "users", user["id"], match="*")
	assert event_of(admin, reply)["detail"]["after"] == {"password": "changed"}
	reply = admin.patch({"password": None}, "users", user["id"], match="*")
	assert done(reply)["password_set"] is False
	detail = event_of(admin, reply)["detail"]
	assert detail["before"] == {"password_set": True} and detail["after"] == {"password_set": False, "password": "removed"}

	reply = admin.delete("users", user["id"], match="*")
	done(reply, 204)
	detail = event_of(admin, reply)
	assert detail["action"] == "user.deleted" and detail["detail"]["after"] == {} and detail["detail"]["before"]["username"] == name
	refused(admin.get("users", user["id"]), 404, "admin-not-found")
	assert exported(admin, "users", "id", user["id"]) is None


def test_a_customer_is_made_changed_and_deleted(admin):
	name = unique("c") + "@example.com"
	reply = admin.post({"email": name, "id": unique("id")}, "customers")
	customer = created(reply)
	reply = admin.patch({"claims": {"name": "Zoë"}, "email": "Z." + name}, "customers", customer["id"], match=tag(reply))
	assert done(reply)["claims"] == {"name": "Zoë"} and exported(admin, "customers", "id", customer["id"])["email"] == "Z." + name
	assert event_of(admin, reply)["action"] == "customer.changed"
	done(admin.delete("customers", customer["id"], match=tag(reply)), 204)
	assert exported(admin, "customers", "id", customer["id"]) is None


def test_a_department_is_made_and_deleted_even_with_a_name_that_needs_encoding(admin):
	name = unique("Kunden & Co/") + " ü"
	reply = admin.post({"name": name}, "departments")
	assert created(reply) == {"name": name, "version": 1} and reply.headers["Location"] == admin.url("departments", name)
	assert event_of(admin, reply)["object"] == name
	refused(admin.delete("departments", name), 428, "admin-if-match")
	done(admin.delete("departments", name, match='"v1"'), 204)
	refused(admin.delete("departments", name, match='"v1"'), 404, "admin-not-found")


def test_a_permission_is_made_changed_and_deleted_and_its_kind_follows_its_name(admin):
	name = "app." + unique() + ".read"
	reply = admin.post({"name": name, "description": "Line one\nline two"}, "permissions")
	assert created(reply)["kind"] == "application"
	reply = admin.patch({"kind": "delegated"}, "permissions", name, match=tag(reply))
	assert done(reply)["kind"] == "delegated"
	reply = admin.patch({"kind": None, "description": None}, "permissions", name, match=tag(reply))
	assert done(reply)["kind"] == "application" and done(reply)["description"] == ""
	assert event_of(admin, reply)["detail"]["before"] == {"kind": "delegated", "description": "Line one\nline two"}
	done(admin.delete("permissions", name, match="*"), 204)
	assert exported(admin, "permissions", "name", name) is None


def test_a_client_application_is_made_used_changed_and_deleted(admin):
	name = unique("Application")
	reply = admin.post({"name": name, "platform": "web", "permissions": [d.APP_READ], "redirect_urls": [PAGE]}, "client-applications")
	application = created(reply)
	path = ("client-applications", application["client_id"])
	assert uuid.UUID(application["client_id"]).version == 4 and application["secrets"] == [] and application["access_token_seconds"] == 3600
	secret = done(admin.post({"label": "first"}, *path, "secrets"), 201)["value"]
	granted(client_credentials(admin.site, d.Client(application["client_id"], secret), d.APP_READ))

	read = done(admin.get(*path))
	reply = admin.patch({**read, "permissions": [], "access_token_seconds": None, "name": name + "!"}, *path, match="*")
	assert done(reply)["permissions"] == [] and done(reply)["name"] == name + "!" and len(done(reply)["secrets"]) == 1
	refused_token(client_credentials(admin.site, d.Client(application["client_id"], secret), d.APP_READ), "invalid_scope")
	detail = event_of(admin, reply)["detail"]
	assert detail["before"] == {"name": name, "permissions": [d.APP_READ]} and detail["after"] == {"name": name + "!", "permissions": []}
	refused(admin.patch({"platform": "spa"}, *path, match="*"), 422, "admin-member", "secret")
	done(admin.delete(*path, match=tag(reply)), 204)
	refused_token(client_credentials(admin.site, d.Client(application["client_id"], secret), d.APP_READ), "invalid_client", status=401)


def test_an_identity_provider_is_made_changed_and_deleted(admin):
	name = unique("idp")
	reply = admin.post(provider(name), "identity-providers")
	assert created(reply) == {**provider(name), "version": 1}
	reply = admin.patch({"matches": "username", "claim": "sub"}, "identity-providers", name, match=tag(reply))
	assert done(reply) == {**provider(name), "matches": "username", "claim": "sub", "version": 2}
	assert exported(admin, "identity_providers", "registration_id", name)["matches"] == "username"
	done(admin.delete("identity-providers", name, match=tag(reply)), 204)


def test_a_partition_is_made_changed_and_deleted_by_system_administrators(root):
	name = unique("P").replace("-", "_")
	reply = root.post({"id": name, "branding": {"color": "#0b5fff"}}, "partitions")
	partition = created(reply)
	assert partition["name"] == name and reply.headers["Location"] == root.url("partitions", name)
	inside = root.of(name)
	assert event_of(inside, reply)["action"] == "partition.added"
	keys = done(inside.get("signing-keys"))["items"]
	assert {key["algorithm"] for key in keys} == {"ES256", "RS256"}
	done(inside.post({"name": "Sales"}, "departments"), 201)
	reply = root.patch({"branding": {"name": "N"}, "anonymous_customers": {"enabled": True}, "access_token_algorithm": "RS256"}, "partitions", name,
	                   match=tag(root.get("partitions", name)))
	changed = done(reply)
	assert changed["branding"] == {"name": "N", "color": "#0b5fff", "logo_url": None} and changed["anonymous_customers"]["enabled"] is True
	reply = root.patch({"branding": None, "access_token_algorithm": None, "anonymous_customers": None}, "partitions", name, match=tag(reply))
	assert done(reply)["branding"]["color"] is None and done(reply)["access_token_algorithm"] == "ES256"
	assert done(reply)["anonymous_customers"] == {"enabled": False, "permissions": []}
	reply = root.delete("partitions", name, match=tag(reply))
	done(reply, 204)
	refused(root.get("partitions", name), 404, "admin-not-found")
	everywhere = root.walk("audit-events", request_id=reply.headers["X-Request-Id"])
	assert [event["action"] for event in everywhere] == ["partition.deleted"] and everywhere[0]["partition"] == name


def test_a_partition_administrator_changes_his_own_partition_but_makes_and_deletes_none(own_administered):
	admin = Administrator(own_administered)
	done(admin.patch({"name": "Acme Corporation"}, match="*"))
	refused(admin.of(None).post({"id": "NEW"}, "partitions"), 403, "admin-system")
	refused(admin.delete(match="*"), 403, "admin-system")
	refused(admin.of("OTHER").patch({"name": "x"}, match="*"), 404, "admin-not-found")


# ---- APIs


def test_an_api_is_made_replaced_and_deleted_with_a_report_of_what_was_read(admin):
	name = unique("orders")
	reply = admin.put(ORDERS, "apis", name, headers={"If-None-Match": "*"})
	report = done(reply, 201)
	assert report["api"] == {"name": name, "operation_count": 3, "version": 1} and tag(reply) == '"v1"'
	assert report["unknown_scopes"] == ["app.orders.write", "orders.write"] and report["permissions_added"] == []
	assert any("closed" in warning for warning in report["warnings"])
	assert event_of(admin, reply)["action"] == "api.added"
	refused(admin.put(ORDERS, "apis", name, headers={"If-None-Match": "*"}), 412, "admin-stale")
	refused(admin.put(ORDERS, "apis", name), 428, "admin-if-match", "If-None-Match")
	refused(admin.put(ORDERS, "apis", name, match='"v7"'), 412, "admin-stale")
	other = {**ORDERS, "openapi": OPENAPI.replace("/b:", "/c:")}
	assert done(admin.put(other, "apis", name, dry_run="true"))["api"]["operation_count"] == 3
	assert done(admin.get("apis", name))["version"] == 1
	reply = admin.put(other, "apis", name, match='"v1"', add_permissions="true")
	report = done(reply)
	assert report["permissions_added"] == ["app.orders.write", "orders.write"] and report["unknown_scopes"] == [] and tag(reply) == '"v2"'
	detail = event_of(admin, reply)["detail"]
	assert detail["after"] == {"operations": "changed"} and detail["permissions_added"] == ["app.orders.write", "orders.write"]
	assert [one["path"] for one in done(admin.get("apis", name, "operations"))["items"]] == ["/orders/a", "/orders/a", "/orders/c"]
	assert exported(admin, "apis", "name", name) is not None
	done(admin.delete("apis", name, match='"v2"'), 204)
	for permission in ("app.orders.write", "orders.write"):
		done(admin.delete("permissions", permission, match="*"), 204)


def test_an_api_that_only_would_be_made_is_not(admin):
	name = unique("orders")
	reply = admin.put(ORDERS, "apis", name, dry_run="true", add_permissions="true")
	assert done(reply)["permissions_added"] == ["app.orders.write", "orders.write"]
	refused(admin.get("apis", name), 404, "admin-not-found")
	refused(admin.get("permissions", "orders.write"), 404, "admin-not-found")
	no_event(admin, reply)


@pytest.mark.parametrize("change, pointer, words", [
	({"openapi": "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a: [1]\n"}, "/openapi", "Line 4"),
	({"openapi": "just text"}, "/openapi", "Line 1"),
	({"openapi": ""}, "/openapi", "openapi"),
	({"openapi": "${UNFILLED}: {"}, "/openapi", "Line"),
	({"actors": {"person": "usr"}}, "/actors/person", "did you mean 'user'"),
	({"actors": {"person": 1}}, "/actors/person", "a text"),
	({"actors": None}, "/actors", "an object of texts"),
	({"values": {"HOST": ["a"]}}, "/values/HOST", "a text"),
	({"name": "x"}, "/name", "has no 'name'"),
	({"openapi": "/etc/passwd"}, "/openapi", "Line 1"),
])
def test_an_api_document_that_is_wrong_is_told_where(admin, change, pointer, words):
	body = refused(admin.put({**ORDERS, **change}, "apis", unique("wrong"), headers={"If-None-Match": "*"}), 422, "admin-member", at=pointer)
	assert any(re.search(words, error["detail"]) for error in body["errors"]), body


def test_two_apis_cannot_have_the_same_call(admin):
	first, second = unique("a"), unique("b")
	document = {**ORDERS, "values": {"HOST": "two.example.com"}, "openapi": OPENAPI.replace("/orders", "/" + unique("p"))}
	done(admin.put(document, "apis", first, headers={"If-None-Match": "*"}), 201)
	problem = refused(admin.put(document, "apis", second, headers={"If-None-Match": "*"}), 422, "admin-member", first, at="/openapi")
	assert "body:" not in json.dumps(problem)
	done(admin.delete("apis", first, match="*"), 204)


def test_an_openapi_document_may_be_larger_than_other_bodies_and_the_places_for_such_are_counted(own_administered):
	"""Contract section 6: an OpenAPI document of 16 MiB; memory for 8 of them."""
	admin = Administrator(own_administered)
	lines = "".join(f"  /large/{number}: {{get: {{summary: {'s' * 200}, responses: {{}}}}}}\n" for number in range(12000))
	document = {"openapi": "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n" + lines, "actors": {}}
	assert len(document["openapi"]) > 2 * LARGE
	assert done(admin.put(document, "apis", "large", headers={"If-None-Match": "*"}), 201)["api"]["operation_count"] == 12000
	refused(admin.post({"name": "x" * 2 * LARGE}, "departments"), 413)
	host, port = urlsplit(own_administered.url).netloc.split(":")

	wrong = {"openapi": "x" * 2 * LARGE, "actors": {}}  # as large, and judged at once: the silent ones are not cut meanwhile

	def put(source="127.0.0.1"):
		"""The status of a large document from another address of this machine; None: cut before it was read."""
		body = json.dumps(wrong).encode()
		connection = http.client.HTTPConnection(host, int(port), source_address=(source, 0), timeout=60)
		try:
			with contextlib.suppress(ConnectionError):  # the refusal came while the body was being sent
				connection.request("PUT", "/admin/v1/partitions/ACME/apis/large?dry_run=true", body,
				                   {"Content-Type": "application/json", "If-Match": '"v1"', "Authorization": f"Bearer {admin.token}"})
			return connection.getresponse().status
		except (ConnectionError, http.client.HTTPException):
			return None
		finally:
			connection.close()

	head = (f"PUT /admin/v1/partitions/ACME/apis/slow HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nIf-None-Match: *\r\n"
	        f"Authorization: Bearer {admin.token}\r\nContent-Length: {2 * LARGE}\r\n\r\n{{").encode()
	held = []

	def hold(source, sent=LARGE):
		"""Begins a large body and stays there. It may find the place of the call before it not yet given back: then it holds none, which only its end would tell."""
		held.append(socket.create_connection((host, int(port)), source_address=(source, 0)))
		with contextlib.suppress(ConnectionError):  # refused already
			held[-1].sendall(head + b" " * sent)
		return True

	try:
		# eight that announce much and send little: they have been read when what comes after them is answered
		for number in range(8):
			hold(f"127.0.0.{2 + number // 2}", sent=0)
		assert put("127.0.0.2") == 422 and put() == 422
		own_administered.wait_for(lambda: hold("127.0.0.2") and put("127.0.0.2") == 503, what="a 503 for who has two places")
		assert put("127.0.0.3") == 422 and put() == 422
		for number in range(4):
			hold(f"127.0.0.{3 + number // 2}")
		assert put("127.0.0.5") == 422 and put() == 422
		# the ninth has no place as soon as eight are held
		others = itertools.count(1)

		def try_later():
			hold(f"127.0.1.{next(others)}")
			reply = admin.put(wrong, "apis", "large", dry_run="true", match='"v1"')
			return reply.headers["Retry-After"] if reply.status_code == 503 else None

		own_administered.wait_for(try_later, what="a 503")
		done(admin.put(ORDERS, "apis", "small", headers={"If-None-Match": "*"}), 201)
	finally:
		for one in held:
			one.close()
	own_administered.wait_for(lambda: admin.put(document, "apis", "large", dry_run="true", match='"v1"').status_code == 200, what="a free place")


# ---- secrets


def test_secrets_are_made_with_their_value_once_expire_and_are_deleted(admin):
	application = created(admin.post({"name": unique(), "platform": "web"}, "client-applications"))
	path = ("client-applications", application["client_id"], "secrets")
	reply = admin.post({"label": "a / b", "expires_at": "2099-01-31T12:00:00Z"}, *path)
	secret = done(reply, 201)
	assert set(secret) == {"label", "value", "created_at", "expires_at"} and secret["expires_at"] == "2099-01-31T12:00:00Z"
	assert re.fullmatch(r"writ_[A-Za-z0-9_-]{43}", secret["value"]) and reply.headers["Location"] == admin.url(*path, "a / b")
	event = event_of(admin, reply)
	assert event["action"] == "secret.added" and event["object"] == application["client_id"] and event["detail"]["name"] == "a / b"
	assert event["detail"]["after"] == {"label": "a / b", "created_at": secret["created_at"], "expires_at": secret["expires_at"]}
	refused(admin.post({"label": "a / b"}, *path), 409, "admin-exists", at="/label")

	reply = admin.patch({"expires_at": None}, *path, "a / b")
	assert done(reply) == {"label": "a / b", "created_at": secret["created_at"], "expires_at": None, "last_used_at": None}
	detail = event_of(admin, reply)["detail"]
	assert detail["before"] == {"expires_at": "2099-01-31T12:00:00Z"} and detail["after"] == {"expires_at": None}
	refused(admin.patch({"label": "c"}, *path, "a / b"), 422, "admin-member", at="/label")
	refused(admin.patch({"expires_at": "soon"}, *path, "a / b"), 422, "admin-member", at="/expires_at")
	refused(admin.patch({"expires_at": None}, *path, "none"), 404, "admin-not-found")
	refused(admin.post({"label": "old", "expires_at": "2001-01-31T12:00:00Z"}, *path), 422, "admin-member", "past", at="/expires_at")
	refused(admin.post({"label": "old", "expires_at": "1"}, *path), 422, "admin-member", at="/expires_at")
	refused(admin.patch({"expires_at": "1970-01-01T00:00:00Z"}, *path, "a / b"), 422, "admin-member", at="/expires_at")  # not "never"
	refused(admin.post({"label": "x", "value": "y" * 40}, *path), 422, "admin-member", at="/value")
	refused(admin.post({}, *path), 422, "admin-member", at="/label")

	reply = admin.delete(*path, "a / b")
	done(reply, 204)
	assert event_of(admin, reply)["action"] == "secret.deleted"
	refused(admin.delete(*path, "a / b"), 404, "admin-not-found")


def test_a_single_page_application_gets_no_secret_and_nobody_gets_a_seventeenth(admin):
	spa = created(admin.post({"name": unique(), "platform": "spa"}, "client-applications"))
	refused(admin.post({"label": "x"}, "client-applications", spa["client_id"], "secrets"), 422, "admin-member", "spa")
	web = created(admin.post({"name": unique(), "platform": "web"}, "client-applications"))
	for number in range(16):
		done(admin.post({"label": f"{number}"}, "client-applications", web["client_id"], "secrets"), 201)
	refused(admin.post({"label": "16"}, "client-applications", web["client_id"], "secrets"), 409, "admin-in-use", "16")


def test_secrets_that_are_made_at_once_are_all_there(admin):
	"""No If-Match: the list is locked inside, or one of two would lose the other's."""
	application = created(admin.post({"name": unique(), "platform": "web"}, "client-applications"))
	path = ("client-applications", application["client_id"], "secrets")
	with ThreadPoolExecutor(6) as pool:
		made = list(pool.map(lambda number: done(admin.post({"label": f"s{number}"}, *path), 201), range(6)))
	labels = {one["label"] for one in done(admin.get("client-applications", application["client_id"]))["secrets"]}
	assert labels == {f"s{number}" for number in range(6)} and len({one["value"] for one in made}) == 6


def test_a_secret_is_nowhere_after_it_was_shown(own_administered):
	"""Issue 6: not in the API, the audit log, the export, the logs, nor in any byte of the store. Nor is a password."""
	admin = Administrator(own_administered)
	application = created(admin.post({"name": "Shown once", "platform": "web", "permissions": [d.APP_READ]}, "client-applications"))
	path = ("client-applications", application["client_id"])
	value = done(admin.post({"label": "once"}, *path, "secrets"), 201)["value"]
	password = "a password nobody kept"
	done(admin.post({"username": "secretive", "password": password}, "users"), 201)
	refused(admin.post({"username": "secretive", "password": password}, "users"), 409)
	refused(admin.post({"username": "other", "password": password, "no": 1}, "users"), 422)
	granted(client_credentials(own_administered, d.Client(application["client_id"], value), d.APP_READ))
	done(admin.patch({"name": "Shown once more"}, *path, match="*"))
	everything = json.dumps([done(admin.get(*path)), admin.events(), admin.walk("users")])
	own_administered.stop()
	everything += own_administered.store.export_text("--hashes") + json.dumps(own_administered.lines) + "".join(own_administered.output)
	stored = b"".join(file.read_bytes() for file in own_administered.store.folder.glob("writ.db*"))
	for secret in (value, value.removeprefix("writ_"), password):
		assert secret not in everything and secret.encode() not in stored
	assert "once" in everything and b"Shown once more" in stored


# ---- lost updates


@pytest.mark.parametrize("header, status, slug", [
	(None, 428, "admin-if-match"), ('"v1"', 412, "admin-stale"), ('"v999"', 412, "admin-stale"), ("v2", 412, "admin-stale"), ('W/"v2"', 412, "admin-stale"),
	('"v0"', 412, "admin-stale"), ('"2"', 412, "admin-stale"), ('"v2", "v3"', 412, "admin-stale"), ("", 412, "admin-stale"), ('"v2"', 200, None), ("*", 200, None),
])
def test_only_the_version_that_was_read_is_changed(admin, header, status, slug):
	path = ("users", created(admin.post({"username": unique()}, "users"))["id"])
	done(admin.patch({"email": "a@example.com"}, *path, match='"v1"'))
	for change in (lambda: admin.patch({"email": "b@example.com"}, *path, headers=matched(header)), lambda: admin.delete(*path, headers=matched(header))):
		reply = change()
		if status == 200:
			assert reply.status_code in (200, 204)
			header = "*" if header == "*" else '"v3"'
		else:
			refused(reply, status, slug)
			assert done(admin.get(*path))["email"] == "a@example.com"


def matched(header):
	return {} if header is None else {"If-Match": header}


def test_two_administrators_at_once_and_the_second_is_told(admin):
	"""Issue 6: nothing is lost."""
	application = created(admin.post({"name": unique(), "platform": "web"}, "client-applications"))
	path = ("client-applications", application["client_id"])
	barrier = threading.Barrier(4)

	def change(number):
		barrier.wait()
		return admin.patch({"redirect_urls": [f"https://{number}.example.com/cb"]}, *path, match='"v1"')

	for _ in range(3):
		with ThreadPoolExecutor(4) as pool:
			replies = list(pool.map(change, range(4)))
		winners = [reply for reply in replies if reply.status_code == 200]
		assert len(winners) <= 1
		for reply in replies:
			if reply.status_code != 200:
				refused(reply, 412, "admin-stale")
	read = done(admin.get(*path))
	assert read["version"] == 2
	first = admin.patch({"name": read["name"] + "1"}, *path, match='"v2"')
	second = admin.patch({"access_token_seconds": 600}, *path, match='"v2"')
	done(first)
	refused(second, 412, "admin-stale", "v3", "v2")
	assert done(admin.get(*path))["access_token_seconds"] == 3600


def test_what_was_read_can_be_sent_back_and_changes_nothing(admin):
	"""GET, edit, PATCH: the read-only members that it holds are no error."""
	user = created(admin.post({"username": unique(), "claims": {"name": "A"}, "password": "12345678"}, "users"))
	application = created(admin.post({"name": unique(), "platform": "spa", "redirect_urls": [PAGE]}, "client-applications"))
	done(admin.get("client-applications", d.WEB.id))
	for names in (("users", user["id"]), ("client-applications", application["client_id"]), ("client-applications", d.WEB.id), ("permissions", d.READ),
	              ("identity-providers", "okta"), ("customers", p.JANE.id), ()):
		before = admin.get(*names)
		reply = admin.patch(done(before), *names, match=tag(before))
		assert done(reply) == done(before) and tag(reply) == tag(before)
		no_event(admin, reply)


@pytest.mark.parametrize("kind", ["application/json", "application/merge-patch+json", "Application/JSON; charset=utf-8"])
def test_a_change_may_come_as_either_kind_of_json(admin, kind):
	user = created(admin.post({"username": unique()}, "users"))
	assert done(admin.patch({"email": "k@example.com"}, "users", user["id"], match="*", headers={"Content-Type": kind}))["email"] == "k@example.com"


# ---- every rule's error, at its place

WRONG = [
	# users
	("users", {}, "/username", "needs it"),
	("users", {"username": ""}, "/username", "username"),
	("users", {"username": None}, "/username", "username is a text"),
	("users", {"username": 7}, "/username", "a text"),
	("users", {"username": "x", "emial": "a@b.c"}, "/emial", "did you mean 'email'"),
	("users", {"username": "x", "email": "nobody"}, "/email", "email"),
	("users", {"username": "x", "enabled": "true"}, "/enabled", "true or false"),
	("users", {"username": "x", "password": "short"}, "/password", "at least 8"),
	("users", {"username": "x", "password": "p" * 1025}, "/password", "longer than 1024"),
	("users", {"username": "x", "password_hash": "$argon2id$x"}, "/password_hash", "did you mean 'password'"),
	("users", {"username": "x", "password_set": True}, "/password_set", "read-only"),
	("users", {"username": "x", "version": 1}, "/version", "read-only"),
	("users", {"username": "x", "department": "Nowhere"}, "/department", "no department 'Nowhere'"),
	("users", {"username": "x", "roles": ["a", "b c"]}, "/roles/1", "space"),
	("users", {"username": "x", "roles": ["a", 2]}, "/roles/1", "text"),
	("users", {"username": "x", "roles": ["a", "system_administrator"]}, "/roles/1", "SYSTEM"),
	("users", {"username": "x", "claims": {"birthdate": "yesterday"}}, "/claims/birthdate", "birthdate"),
	("users", {"username": "x", "claims": {"nmae": "A"}}, "/claims/nmae", "did you mean 'name'"),
	("users", {"username": "x", "claims": {"address": {"locality": 3}}}, "/claims/address/locality", "locality"),
	("users", {"username": "x", "id": "anon:1"}, "/id", "anon"),
	("users", {"username": "x", "id": "a b"}, "/id", "id"),
	("users", {"username": "x\u0001"}, "/username", "control"),
	# customers
	("customers", {}, "/email", "needs it"),
	("customers", {"email": "jane"}, "/email", "email"),
	("customers", {"email": "j@example.com", "username": "j"}, "/username", "has no 'username'"),
	# client applications
	("client-applications", {}, "/name", "needs it"),
	("client-applications", {"name": "x"}, "/platform", "needs it"),
	("client-applications", {"name": "", "platform": "web"}, "/name", "needs a name"),
	("client-applications", {"name": "x", "platform": "phone"}, "/platform", "web or spa"),
	("client-applications", {"name": "x", "platform": "web", "resource_type": "local"}, "/resource_type", "global"),
	("client-applications", {"name": "x", "platform": "web", "redirect_urls": [PAGE, "http://page.example.com/"]}, "/redirect_urls/1", "https"),
	("client-applications", {"name": "x", "platform": "web", "redirect_urls": [PAGE, PAGE + "#f"]}, "/redirect_urls/1", "fragment"),
	("client-applications", {"name": "x", "platform": "web", "post_logout_redirect_urls": ["com.example.app:/x"]}, "/post_logout_redirect_urls/0", ""),
	("client-applications", {"name": "x", "platform": "web", "permissions": [d.READ, "no.such"]}, "/permissions/1", "no permission 'no.such'"),
	("client-applications", {"name": "x", "platform": "web", "grants": ["password"]}, "/grants/0", "token_exchange"),
	("client-applications", {"name": "x", "platform": "spa", "grants": ["token_exchange"]}, "/platform", "token_exchange"),
	("client-applications", {"name": "x", "platform": "web", "access_token_seconds": 59}, "/access_token_seconds", "60 to 86400"),
	("client-applications", {"name": "x", "platform": "web", "access_token_seconds": "600"}, "/access_token_seconds", "whole number"),
	("client-applications", {"name": "x", "platform": "web", "access_token_seconds": 600.5}, "/access_token_seconds", "whole number"),
	("client-applications", {"name": "x", "platform": "web", "refresh_idle_seconds": 600, "refresh_max_seconds": 300}, "/refresh_idle_seconds", "refresh_max_seconds"),
	("client-applications", {"name": "x", "platform": "web", "jwks": {"keys": 1}}, "/jwks", ""),
	("client-applications", {"name": "x", "platform": "web", "jwks": {"keys": []}, "jwks_url": PAGE}, "/jwks", ""),
	("client-applications", {"name": "x", "platform": "web", "backchannel_logout_url": "ftp://x"}, "/backchannel_logout_url", "https"),
	("client-applications", {"name": "x", "platform": "web", "secrets": []}, "/secrets", "read-only"),
	("client-applications", {"name": "x", "platform": "web", "client_id": "a/b"}, "/client_id", "client"),
	("client-applications", {"name": "x", "platform": "web", "client_id": "c73a73a4-7ef7-492a-93b1-0dcaf07798db"}, "/client_id", ""),
	("client-applications", {"name": "Administration Console", "platform": "web"}, "/name", ""),
	# the rest
	("departments", {}, "/name", "needs it"),
	("departments", {"name": ""}, "/name", "empty"),
	("departments", {"name": "x" * 129}, "/name", "longer than 128"),
	("departments", {"name": ["x"]}, "/name", "a text"),
	("permissions", {"name": "a b"}, "/name", ""),
	("permissions", {"name": "openid"}, "/name", ""),
	("permissions", {"name": "a.read", "kind": "some"}, "/kind", "delegated"),
	("permissions", {"name": d.PREFIX + "x.read"}, "/name", "permission_prefix"),
	("permissions", {"name": "a.read", "reserved": False}, "/reserved", "read-only"),
	("identity-providers", {"registration_id": "x"}, "/issuer", "needs it"),
	("identity-providers", {**provider("x"), "audience": ""}, "/audience", "audience"),
	("identity-providers", {**provider("x"), "matches": "name"}, "/matches", "username"),
	("identity-providers", {**provider("x"), "jwks_url": "http://x.example/"}, "/jwks_url", "https"),
	("identity-providers", {**provider("x"), "registration_id": "a/b"}, "/registration_id", ""),
]


@pytest.mark.parametrize("kind, body, pointer, words", WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_what_is_wrong_is_told_where_it_stands_and_nothing_is_made(admin, kind, body, pointer, words):
	problem = refused(admin.post(body, kind), 422, "admin-member", at=pointer)
	assert re.search(words, next(error["detail"] for error in problem["errors"] if error["pointer"] == pointer)), problem
	assert "body:" not in json.dumps(problem), "no file of the server is named"


def test_A17_a_partition_administrator_does_not_have_the_server_ask_its_own_machine(admin_store, tmp_path, open_site):
	site = open_site(admin_store.copy_to(tmp_path / "elsewhere"), "--auth-url", "https://auth.example.test")
	program = Administrator(site, automation_token(site))
	system = Administrator(site, automation_token(site, SYSTEM_ADMIN, "SYSTEM"))
	application = done(program.post({"name": unique(), "platform": "web", "jwks_url": "https://10.0.0.1/keys"}, "client-applications"), 201)
	path = ("client-applications", application["client_id"])
	for url in ("http://127.0.0.1:9080/metrics", "http://localhost/", "https://127.1/", "https://[::1]:8443/keys"):
		for name in ("jwks_url", "backchannel_logout_url"):
			problem = refused(program.patch({name: url}, *path, match="*"), 422, "admin-member", "own machine", at=f"/{name}")
			assert "system administrator" in problem["detail"] and url not in json.dumps(problem)
			refused(program.post({"name": unique(), "platform": "web", name: url}, "client-applications"), 422, "admin-member", at=f"/{name}")
		refused(program.post({**provider(unique()), "jwks_url": url}, "identity-providers"), 422, "admin-member", "own machine", at="/jwks_url")
		# the machine is that of system administrators; what they set does not stand in the way of other changes
		assert done(system.patch({"jwks_url": url, "backchannel_logout_url": url}, *path, match="*"))["jwks_url"] == url
		changed = done(program.patch({"access_token_seconds": 600, "backchannel_logout_url": None, "jwks_url": url}, *path, match="*"))
		assert changed["jwks_url"] == url and changed["backchannel_logout_url"] is None
	done(program.patch({"jwks_url": "https://10.0.0.2/keys"}, *path, match="*"))


def test_who_tries_it_on_his_own_machine_may_use_its_addresses(admin):
	application = done(admin.post({"name": unique(), "platform": "web", "jwks_url": "http://127.0.0.1:1/keys"}, "client-applications"), 201)
	assert application["jwks_url"] == "http://127.0.0.1:1/keys"


def test_every_wrong_member_is_told_at_once(admin):
	problem = refused(admin.post({"usrname": "x", "enabled": 1, "roles": "a", "claims": []}, "users"), 422, "admin-member")
	assert {error["pointer"] for error in problem["errors"]} == {"/usrname", "/enabled", "/roles", "/claims", "/username"}


@pytest.mark.parametrize("kind, body, pointer", [
	("users", {"username": "PA"}, "/username"), ("users", {"username": "x", "id": p.PA.id}, "/id"), ("users", {"username": "x", "id": d.WEB.id}, "/id"),
	("customers", {"email": "Jane@Example.com"}, "/email"), ("client-applications", {"name": "Portal", "platform": "web"}, "/name"),
	("client-applications", {"name": "y", "platform": "web", "client_id": d.WEB.id}, "/client_id"),
	("client-applications", {"name": "y", "platform": "web", "client_id": p.PA.id}, "/client_id"),
	("departments", {"name": "Service"}, "/name"), ("permissions", {"name": d.READ}, "/name"),
	("identity-providers", provider("okta"), "/registration_id"),
])
def test_a_name_that_is_taken_is_a_conflict_at_its_place(admin, kind, body, pointer):
	refused(admin.post(body, kind), 409, "admin-exists", at=pointer)


def test_a_name_that_is_taken_is_a_conflict_in_a_change_too(admin, root):
	user = created(admin.post({"username": unique()}, "users"))
	refused(admin.patch({"username": "pA"}, "users", user["id"], match="*"), 409, "admin-exists", at="/username")
	refused(root.post({"id": "ACME"}, "partitions"), 409, "admin-exists", at="/id")


def test_the_key_in_the_address_wins(admin):
	for names, member in ((("users", p.SMITH.id), "id"), (("client-applications", d.WEB.id), "client_id"), (("permissions", d.READ), "name"),
	                      (("identity-providers", "okta"), "registration_id"), ((), "id")):
		refused(admin.patch({member: "another"}, *names, match="*"), 422, "admin-member", at=f"/{member}")


def test_what_is_read_only_cannot_be_changed(admin):
	for member, value in (("version", 99), ("password_set", False)):
		refused(admin.patch({member: value}, "users", p.PA.id, match="*"), 422, "admin-member", "read-only", at=f"/{member}")
	refused(admin.patch({"secrets": []}, "client-applications", d.WEB.id, match="*"), 422, "admin-member", at="/secrets")


def test_null_empties_or_stands_for_what_a_new_one_has(admin):
	application = created(admin.post({"name": unique(), "platform": "web", "enabled": False, "access_token_seconds": 60, "consent": "implied", "jwks_url": PAGE,
	                                  "id_token_algorithm": "ES256", "refresh_tokens": False}, "client-applications"))
	nulls = {name: None for name in ("enabled", "access_token_seconds", "consent", "jwks_url", "id_token_algorithm", "refresh_tokens", "jwks")}
	changed = done(admin.patch(nulls, "client-applications", application["client_id"], match="*"))
	fresh = created(admin.post({"name": unique(), "platform": "web"}, "client-applications"))
	assert all(changed[name] == fresh[name] for name in nulls)
	for member in ("roles", "username"):
		refused(admin.patch({member: None}, "users", p.SMITH.id, match="*"), 422, "admin-member", at=f"/{member}")


@pytest.mark.parametrize("text", ["null", "~", "true", "12", "a: b", "- c", "# d", "%e", "&f *f", "{g}", '"h"', "'i'", "\\j", "k\tl".replace("\t", " "), "ü\u0085\u2028\u2029\ufeffz",
                                  "😀", "|\u3000>"])
def test_any_text_that_is_no_control_character_comes_back_as_it_was_sent(admin, text):
	"""The directory reads it from a document in YAML: nothing of it may be taken for YAML."""
	text = text.replace("\u0085", "") + unique()
	name = created(admin.post({"name": text}, "departments"))["name"]
	assert name == text and exported(admin, "departments", "name", text) == {"name": text}
	done(admin.delete("departments", text, match="*"), 204)


# ---- what refers to others, and what is the server's own


def test_what_others_refer_to_is_not_deleted(admin):
	refused(admin.delete("departments", "Service", match="*"), 409, "admin-in-use", "1 person")
	refused(admin.delete("permissions", d.READ, match="*"), 409, "admin-in-use", "client applications")
	done(admin.get("departments", "Service"))


@pytest.mark.parametrize("name", ["writ.admin.read", "writ.admin.manage", "app.writ.admin.manage"])
def test_the_permissions_of_the_admin_api_are_neither_made_nor_changed_nor_deleted(admin, name):
	refused(admin.post({"name": name}, "permissions"), 409, "admin-reserved", at="/name")
	refused(admin.patch({"description": "x"}, "permissions", name, match="*"), 409, "admin-reserved")
	refused(admin.delete("permissions", name, match="*"), 409, "admin-reserved")


def test_the_partition_system_cannot_be_deleted(root):
	refused(root.delete("partitions", "SYSTEM", match="*"), 409, "admin-reserved", "SYSTEM")


def test_the_console_is_nothing_that_could_be_changed(admin):
	for reply in (admin.patch({"name": "Mine"}, "client-applications", "c73a73a4-7ef7-492a-93b1-0dcaf07798db", match="*"),
	              admin.delete("client-applications", "c73a73a4-7ef7-492a-93b1-0dcaf07798db", match="*")):
		refused(reply, 404, "admin-not-found")


# ---- nobody locks himself out


def test_nobody_deletes_or_disables_himself_or_takes_his_own_role(own_administered):
	admin = Administrator(own_administered)
	refused(admin.delete("users", p.PA.id, match="*"), 409, "admin-self")
	refused(admin.patch({"enabled": False}, "users", p.PA.id, match="*"), 409, "admin-self", at="/enabled")
	refused(admin.patch({"roles": ["reader"]}, "users", p.PA.id, match="*"), 409, "admin-self", at="/roles")
	refused(admin.patch({"password": None}, "users", p.PA.id, match="*"), 409, "admin-self", at="/password")
	done(admin.patch({"roles": ["reader", "partition_administrator"]}, "users", p.PA.id, match="*"))
	done(admin.patch({"roles": ["partition_administrator"]}, "users", p.SMITH.id, match="*"))
	second = Administrator(own_administered, sign_in_token(own_administered, p.SMITH))
	done(second.patch({"roles": []}, "users", p.PA.id, match="*"))
	refused(admin.get("users", p.PA.id), 403, "admin-right-gone")


def test_a_system_administrator_does_not_take_his_own_role_either(own_administered):
	ring = p.Application("sys-ring", d.secret_of("ring"), "https://ring.example.com/callback")
	own_administered.store.apply(d.partial("SYSTEM", client_applications=[{**admin_application(ring), "name": "Ring"}]))
	root = Administrator(own_administered, sign_in_token(own_administered, ROOT_PERSON, ring, partition="SYSTEM"), "SYSTEM")
	refused(root.patch({"roles": ["partition_administrator"]}, "users", ROOT_PERSON.id, match="*"), 409, "admin-self", "system_administrator")
	refused(root.delete("users", ROOT_PERSON.id, match="*"), 409, "admin-self")
	done(root.of("ACME").patch({"roles": []}, "users", p.PA.id, match="*"))
	done(root.post({"username": "second root", "roles": ["system_administrator"]}, "users"), 201)


def test_a_client_application_does_not_end_itself(own_administered):
	program = Administrator(own_administered, automation_token(own_administered))
	path = ("client-applications", d.ADMIN.id)
	refused(program.delete(*path, match="*"), 409, "admin-self")
	refused(program.patch({"enabled": False}, *path, match="*"), 409, "admin-self", at="/enabled")
	refused(program.patch({"permissions": []}, *path, match="*"), 409, "admin-self", at="/permissions")
	refused(program.delete(*path, "secrets", "first"), 409, "admin-self")
	reply = program.patch({"permissions": [APP], "name": "Alone"}, *path, match="*")
	done(reply)
	event = event_of(program, reply)
	assert event["actor"] == d.ADMIN.id and event["detail"]["by"] == "client"
	done(program.patch({"roles": []}, "users", p.PA.id, match="*"))


# ---- bodies that are none

BODIES = [
	(b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b'"x"', 400), (b'{"name": "a"} x', 400), (b'{"name": "a", "name": "b"}', 400),
	(b'{"name": "a\\u0000b"}', 400), (b'{"name": "a\x00b"}', 400), (b'{"name": "\xff\xfe"}', 400), (b'{"name": "\xc0\xaf"}', 400), (b'{"name": "\\ud800"}', 400),
	(b"{" * 100000, 400), (b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}", 400), (b"name=a", 400), (b"\xef\xbb\xbf{}", 400), (b'{"name": NaN}', 400),
	(b'{"name": "' + b"x" * (LARGE + 1) + b'"}', 413), (b'{"name": "' + b"x" * (LARGE - 100) + b'"}', 422), (b'{"name": "a\\u0001"}', 422),
	(b'{"' + b"k" * 5000 + b'": 1, "name": "a"}', 422), (b'{"": 1, "name": "a"}', 422),
]


@pytest.mark.parametrize("body, status", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_good_json_object_is_refused_and_the_server_goes_on(admin, body, status):
	reply = admin.call("POST", admin.url("departments"), {"Content-Type": "application/json"}, data=body)
	problem = refused(reply, status)
	assert len(reply.content) < 16384 and problem["title"]
	reply = admin.call("PATCH", admin.url("users", p.SMITH.id), {"Content-Type": "application/merge-patch+json", "If-Match": "*"}, data=body)
	refused(reply, status)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/merge-patch+json", "application/yaml"])
def test_a_body_of_another_type_is_refused(admin, kind):
	headers = {"Content-Type": kind} if kind else {}
	refused(admin.call("POST", admin.url("departments"), headers, data=b'{"name": "typed"}'), 415, "admin-content-type")
	refused(admin.get("departments", "typed"), 404)


def test_many_members_and_long_lists_are_bounded(admin):
	problem = refused(admin.post({f"m{number}": 1 for number in range(20000)}, "users"), 422, "admin-member")
	assert len(problem["errors"]) <= 8
	refused(admin.post({"username": "x", "roles": [f"r{number}" for number in range(5000)]}, "users"), 422, "admin-member")
	refused(admin.post({"name": "x", "platform": "web", "redirect_urls": [f"https://{number}.example" for number in range(65)]}, "client-applications"), 422,
	        "admin-member", at="/redirect_urls/64")


# ---- at once, as contract section 9 says of every change


def test_a_change_is_seen_by_the_next_request(admin):
	application = created(admin.post({"name": unique(), "platform": "web", "permissions": [d.APP_READ]}, "client-applications"))
	path = ("client-applications", application["client_id"])
	client = d.Client(application["client_id"], done(admin.post({"label": "a"}, *path, "secrets"), 201)["value"])
	for _ in range(5):
		done(admin.patch({"enabled": False}, *path, match="*"))
		refused_token(client_credentials(admin.site, client, d.APP_READ), "invalid_client", status=401)
		done(admin.patch({"enabled": True}, *path, match="*"))
		granted(client_credentials(admin.site, client, d.APP_READ))
	done(admin.delete(*path, "secrets", "a"), 204)
	refused_token(client_credentials(admin.site, client, d.APP_READ), "invalid_client", status=401)


def test_somebody_who_was_made_here_signs_in_with_the_password_that_was_set(admin):
	name = unique("made")
	done(admin.post({"username": name, "password": p.PASSWORD}, "users"), 201)
	assert sign_in_token(admin.site, p.Person("", name), p.WEB, d.READ)


def test_a_refused_change_is_told_to_the_audit_log_without_what_was_sent(admin):
	reply = admin.post({"username": "pa", "password": "not to be kept"}, "users")
	refused(reply, 409, "admin-exists")
	events = admin.site.audit_of(reply.headers["X-Request-Id"])
	assert [(event["action"], event["result"]) for event in events] == [("admin.refused", "admin-exists")]
	assert "not to be kept" not in json.dumps(events)
