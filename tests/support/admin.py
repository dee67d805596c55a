"""The Admin API as its callers use it: a directory with administrators of every kind, their tokens, and replies judged by RFC 9457.

	site = open_site(admin_store.copy_to(...))                 # fixtures: tests/flows/conftest.py
	admin = Administrator(site)                                # signed in as PA of ACME, writ.admin.manage
	reply = admin.get("users", search="age")                   # below /admin/v1/partitions/ACME
	body = done(reply)
	refused(admin.patch(body, "users", "1002"), 428, "admin-if-match")
"""

import http.client
import json
import re
from urllib.parse import quote, urlsplit

from . import documents as d
from . import gateway
from . import people as p
from .oauth import client_credentials
from .program import ROOT, request

READ, MANAGE, APP = "writ.admin.read", "writ.admin.manage", "app.writ.admin.manage"
DOCUMENT = json.loads((ROOT / "src" / "admin" / "openapi.json").read_text())
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance"}

ROOT_PERSON = p.Person("s-1", "root")        # of SYSTEM, system_administrator
CLERK = p.Person("s-2", "clerk")             # of SYSTEM, partition_administrator only
CHIEF = p.Person("2002", "chief")            # of OTHER, partition_administrator
PLAIN = p.SMITH                              # of ACME, no role
SYSTEM_ADMIN = p.Application("sys-admin", d.secret_of("system"), "https://system.example.com/callback")
OTHER_ADMIN = p.Application("other-adm", d.secret_of("otheradmin"), "https://admin.other.example/callback")
NO_ADMIN = p.WEB                             # of ACME, without permissions of the Admin API


def admin_directory():
	"""The people's directory, with administrators in ACME, OTHER and SYSTEM, and things of every kind in ACME and OTHER."""
	document = p.people_directory()
	acme, other = d.partition_of(document), d.partition_of(document, "OTHER")
	acme["departments"] = [{"name": "Service"}, {"name": "Kunden & Co"}]
	acme["permissions"].append({"name": "https://api.example/a/b", "description": "A name with slashes"})
	acme["identity_providers"] = [provider("okta")]
	other["departments"] = [{"name": "Theirs"}]
	other["identity_providers"] = [provider("their-okta")]
	other["users"].append({"id": CHIEF.id, "username": CHIEF.name, "password_hash": p.QUICK_HASH, "roles": ["partition_administrator"]})
	other["client_applications"].append(admin_application(OTHER_ADMIN))
	document["partitions"].append({
		"id": "SYSTEM",
		"users": [{"id": ROOT_PERSON.id, "username": ROOT_PERSON.name, "password_hash": p.QUICK_HASH, "roles": ["system_administrator"]},
		          {"id": CLERK.id, "username": CLERK.name, "password_hash": p.QUICK_HASH, "roles": ["partition_administrator"]}],
		"client_applications": [admin_application(SYSTEM_ADMIN)],
	})
	return document


def administered_directory():
	"""The same, with APIs in ACME and OTHER."""
	document = gateway.with_apis(admin_directory(), gateway.api(gateway.OPERATIONS))
	return gateway.with_apis(document, gateway.api(gateway.OPERATIONS, name="their-api"), partition="OTHER", anonymous=None)


def provider(name):
	return {"registration_id": name, "issuer": f"https://{name}.example.com", "audience": "writ", "jwks_url": f"https://{name}.example.com/keys",
	        "claim": "email", "matches": "email"}


def admin_application(application, **more):
	return d.application(application, "Administration", d.ADMIN_PERMISSIONS, redirect_urls=[application.redirect], consent="implied", **more)


def sign_in_token(site, person=p.PA, application=p.ADMIN, scope=MANAGE, partition="ACME"):
	"""The access token of a person who signed in at an application."""
	page = p.arrive(p.Browser(site), application, person, partition, scope=scope)
	reply = p.redeem(site, application, p.succeeded(page), person.realm, partition)
	assert reply.status_code == 200, reply.text
	return reply.json()["access_token"]


def automation_token(site, application=d.ADMIN, partition="ACME", scope=APP):
	reply = client_credentials(site, application, scope, partition=partition)
	assert reply.status_code == 200, reply.text
	return reply.json()["access_token"]


def address(*names):
	"""The path of these names, each percent-encoded once."""
	return "/".join(quote(str(name), safe="") for name in names)


class Administrator:
	"""Somebody with a token, and a partition that the addresses are below of (None: below /admin/v1 itself)."""

	def __init__(self, site, token=None, partition="ACME"):
		self.site, self.partition = site, partition
		self.token = token if token is not None else sign_in_token(site)

	def of(self, partition):
		return Administrator(self.site, self.token, partition)

	def url(self, *names):
		front = () if self.partition is None else ("partitions", self.partition)
		return f"{self.site.url}/admin/v1/" + address(*front, *names)

	def call(self, method, url, headers=None, **keywords):
		"""url: whole, or a path below /admin/v1."""
		if url.startswith("/"):
			url = f"{self.site.url}/admin/v1{url}"
		return request(method, url, headers={"Authorization": f"Bearer {self.token}", **(headers or {})}, **keywords)

	def raw(self, method, path, headers=None):
		"""The path below /admin/v1 goes out as it is: (status, headers, body)."""
		connection = http.client.HTTPConnection(urlsplit(self.site.url).netloc, timeout=30)
		connection.request(method, f"/admin/v1{path}", headers={"Authorization": f"Bearer {self.token}", **(headers or {})})
		reply = connection.getresponse()
		body = reply.read()
		connection.close()
		return reply.status, reply.headers, body

	def get(self, *names, headers=None, **parameters):
		return self.call("GET", self.url(*names), headers, params=parameters)

	def head(self, *names, **parameters):
		return self.call("HEAD", self.url(*names), params=parameters)

	def post(self, body, *names, headers=None, **parameters):
		return self.call("POST", self.url(*names), {"Content-Type": "application/json", **(headers or {})}, data=json.dumps(body), params=parameters)

	def patch(self, body, *names, match=None, headers=None):
		return self.call("PATCH", self.url(*names), {"Content-Type": "application/merge-patch+json", **matching(match), **(headers or {})},
		                 data=json.dumps(body))

	def put(self, body, *names, match=None, headers=None, **parameters):
		return self.call("PUT", self.url(*names), {"Content-Type": "application/json", **matching(match), **(headers or {})}, data=json.dumps(body),
		                 params=parameters)

	def delete(self, *names, match=None, headers=None, **parameters):
		return self.call("DELETE", self.url(*names), {**matching(match), **(headers or {})}, params=parameters)

	def walk(self, *names, **parameters):
		"""All objects of a list, page by page."""
		items, cursor = [], parameters.pop("cursor", None)
		while True:
			page = done(self.get(*names, **parameters, **({"cursor": cursor} if cursor else {})))
			items += page["items"]
			cursor = page["next"]
			if cursor is None:
				return items

	def events(self, **filters):
		return self.walk("audit-events", **filters)


def matching(match):
	return {} if match is None else {"If-Match": match}


def done(reply, status=200):
	"""The body of a good reply (None where there is none)."""
	assert reply.status_code == status, f"{reply.status_code}: {reply.text[:600]}"
	assert reply.headers["Cache-Control"] == "no-store"
	if status == 204:
		assert reply.content == b""
		return None
	assert reply.headers["Content-Type"].split(";")[0] == "application/json", reply.headers
	return reply.json()


def refused(reply, status, slug=None, *words, at=None):
	"""A problem of RFC 9457. at: the pointer or parameter that errors must name."""
	assert reply.status_code == status, f"{reply.status_code}: {reply.text[:600]}"
	assert reply.headers["Content-Type"] == "application/problem+json", reply.headers
	assert reply.headers["Cache-Control"] == "no-store"
	body = reply.json()
	assert PROBLEM_MEMBERS <= set(body) <= PROBLEM_MEMBERS | {"errors"}, body
	assert body["status"] == status and body["instance"] == "urn:request:" + reply.headers["X-Request-Id"]
	assert slug is None or body["type"].rsplit("/", 1)[1] == slug, body
	assert body["detail"].isprintable() and body["title"]
	for word in words:
		assert re.search(word, body["detail"], re.IGNORECASE), f"{word!r} is not in {body['detail']!r}"
	if at is not None:
		assert at in [error.get("pointer", error.get("parameter")) for error in body["errors"]], body
	return body


def operations():
	"""(method, path template, operation) of each operation of the document."""
	return [(method.upper(), path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items() if method != "parameters"]
