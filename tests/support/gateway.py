"""What a reverse proxy asks of /gateway/check, the answers of contract section 5, and the APIs and tokens that they are about."""

import dataclasses
import http.client
import json
import re
import time
import uuid
from urllib.parse import urlsplit

from . import documents as d
from . import people as p
from .oauth import PLAIN_SENTENCE, granted, on_behalf_of, client_credentials, post_form
from .openapi_reference import ACTORS
from .people import new_tokens

SIX = ("Partition", "Actor", "Subject", "Client", "Scope", "Acting-Client")
SOURCES = {"nginx": ("X-Original-Method", "X-Original-URI"), "caddy": ("X-Forwarded-Method", "X-Forwarded-Uri")}
OTHER_SCOPES = (d.UNASSIGNED["delegated"], d.UNASSIGNED["on_behalf_of"])  # no operation asks for them


@dataclasses.dataclass
class Answer:
	status: int
	headers: list
	body: bytes

	def header(self, name):
		"""None: it did not come; a header of ours never comes twice."""
		values = [value for one, value in self.headers if one.lower() == name.lower()]
		assert len(values) <= 1, (name, values)
		return values[0] if values else None

	@property
	def six(self):
		return {name: self.header("X-Writ-" + name) for name in SIX}

	@property
	def json(self):
		return json.loads(self.body)

	@property
	def slug(self):
		return self.json["error_uri"].rsplit("/", 1)[1]


class Proxy:
	"""One kept connection of a proxy to the management listener."""

	def __init__(self, server):
		self.connection = http.client.HTTPConnection(urlsplit(server.management_url).netloc, timeout=30)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.connection.close()

	def send(self, method, target, headers, body=None):
		"""Exactly these headers, in this order, repeated where they are."""
		self.connection.putrequest(method, target, skip_accept_encoding=True)
		for name, value in headers:
			self.connection.putheader(name, value)
		if body is not None:
			self.connection.putheader("Content-Length", str(len(body)))
		self.connection.endheaders(body)
		reply = self.connection.getresponse()
		return Answer(reply.status, reply.getheaders(), reply.read())

	def ask(self, method, uri, token=None, source="nginx", at="check", more=()):
		"""Asks about a call; source: a key of SOURCES, or "envoy"."""
		headers = [("Authorization", f"Bearer {token}")] if token is not None else []
		if source == "envoy":
			return self.send(method, f"/gateway/{at}{uri}", headers + list(more))
		names = SOURCES[source]
		return self.send("GET", f"/gateway/{at}", [(names[0], method), (names[1], uri), *headers, *more])


def ask(server, method, uri, token=None, **keywords):
	with Proxy(server) as proxy:
		return proxy.ask(method, uri, token, **keywords)


def allowed(answer, **facts):
	"""204 with all six headers; facts: what they must say, Acting_Client and so on."""
	assert answer.status == 204, (answer.status, answer.body)
	assert answer.body == b"" and answer.header("Cache-Control") == "no-store" and answer.header("WWW-Authenticate") is None
	assert None not in answer.six.values(), answer.six
	for name, value in facts.items():
		assert answer.six[name.replace("_", "-")] == value, answer.six
	return answer.six


CHALLENGED = {"call-token-missing": None, "call-token": "invalid_token", "call-actor": "insufficient_scope", "call-scope": "insufficient_scope"}


def refused_call(answer, status, slug, *words):
	"""Contract section 5: status, challenge and a body of the same facts; nothing for the API behind."""
	assert (answer.status, answer.slug) == (status, slug), (answer.status, answer.body)
	assert answer.header("Content-Type") == "application/json" and answer.header("Cache-Control") == "no-store" and answer.header("X-Request-Id")
	assert set(answer.six.values()) == {None}
	body, challenge = answer.json, answer.header("WWW-Authenticate")
	assert PLAIN_SENTENCE.fullmatch(body["error_description"]), body
	for word in words:
		assert re.search(word, body["error_description"]), f"{word!r} is not in {body['error_description']!r}"
	if slug not in CHALLENGED:
		assert challenge is None
	elif CHALLENGED[slug] is None:
		assert re.fullmatch(r'Bearer realm="[^"]+"', challenge) and "error" not in body
	else:
		members = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
		assert challenge.startswith('Bearer realm="') and body["error"] == CHALLENGED[slug]
		assert (members["error"], members["error_description"]) == (body["error"], body["error_description"])
		assert ("scope" in members) == (slug == "call-scope")
	return body


# ---- APIs


def api(operations, name="k", base="/k/v4"):
	"""An entry of apis: in an apply document. operations: (method, path) -> list of (actor, scopes), or None: no security at all."""
	paths = {}
	for (method, path), alternatives in operations.items():
		operation = {"operationId": f"{method.lower()}{re.sub('[^A-Za-z]', '', path.title())}", "responses": {"200": {"description": "Fine."}}}
		if alternatives is not None:
			operation["security"] = [{actor: list(scopes)} for actor, scopes in alternatives]
		paths.setdefault(path, {})[method.lower()] = operation
	document = {"openapi": "3.0.3", "info": {"title": name, "version": "4"}, "servers": [{"url": "https://api.example.test" + base}], "paths": paths,
	            "components": {"securitySchemes": {actor: {"type": "http", "scheme": "bearer"} for actor in ACTORS}}}
	return {"name": name, "openapi": document, "actors": {actor: actor for actor in ACTORS}}


ARTICLE = "/k/v4/articles/7"
OPERATIONS = {
	("GET", "/articles/{id}"): [("user", [d.READ]), ("customer", [d.READ]), ("user_on_behalf_of", [d.OBO_READ]), ("customer_on_behalf_of", [d.OBO_READ]),
	                            ("anonymous_customer", [d.READ]), ("client", [d.APP_READ])],
	("PUT", "/articles/{id}"): [("user", [d.READ, d.MANAGE]), ("client", [".default"])],
	("DELETE", "/articles/{id}"): [],
	("PATCH", "/articles/{id}"): None,
	("POST", "/articles"): [("user", ["nobody.has.this"]), ("user", [d.MANAGE]), ("customer", [d.MANAGE])],
	("GET", "/articles/latest"): [("user", [d.MANAGE])],
	("GET", "/me"): [("user", []), ("customer", [])],
	("GET", "/head"): [("user", [d.READ])],
	("HEAD", "/head"): [("client", [d.APP_READ])],
	("OPTIONS", "/options"): [("client", [d.APP_READ])],
	("GET", "/files/{name}.json"): [("client", [d.APP_READ])],
	("GET", "/odd/a%20b/{x}"): [("client", [d.APP_READ])],
}


def with_apis(document, *apis, partition="ACME", anonymous=(d.READ, d.MANAGE)):
	found = d.partition_of(document, partition)
	found["apis"] = list(apis)
	if anonymous:
		found["anonymous_customers"] = {"enabled": True, "permissions": list(anonymous)}
	return document


# ---- tokens


def application_token(server, scope=d.APP_READ, client=d.WEB, **keywords):
	return granted(client_credentials(server, client, scope, **keywords))["access_token"]


def acting_token(server, scope=d.OBO_READ, realm="U", client=d.WEB):
	return granted(on_behalf_of(server, client, scope, d.USER if realm == "U" else d.CUSTOMER, realm=realm))["access_token"]


def person_token(site, scope=d.READ, realm="U", application=p.WEB):
	return new_tokens(site, application, p.PA if realm == "U" else p.JANE, scope)["access_token"]


def anonymous_token(server, scope=d.READ, partition="ACME"):
	"""Contract section 8."""
	reply = post_form(f"{server.url}/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint={partition}",
	                  {"grant_type": "client_credentials", "scope": scope})
	assert reply.status_code == 200, reply.text
	return reply.json()["access_token"]


def token_of(site, actor, scope):
	"""A real token of that actor with that scope, by the flow that gives it."""
	makers = {
		"user": lambda: person_token(site, scope), "customer": lambda: person_token(site, scope, "C"), "client": lambda: application_token(site, scope),
		"user_on_behalf_of": lambda: acting_token(site, scope), "customer_on_behalf_of": lambda: acting_token(site, scope, "C"),
		"anonymous_customer": lambda: anonymous_token(site, scope),
	}
	return makers[actor]()


def fresh(claims, **changes):
	"""The claims of a token made now, changed; None takes one away."""
	now = int(time.time())
	claims = {**claims, "iat": now, "exp": now + 600, "jti": uuid7(), "gid": uuid7(), **changes}
	return {name: value for name, value in claims.items() if value is not None}


def uuid7(at_ms=None):
	ms = int(time.time() * 1000) if at_ms is None else at_ms
	number = (ms << 80) | (0x7 << 76) | (uuid.uuid4().int & ((1 << 76) - 1))
	return str(uuid.UUID(int=(number & ~(0x3 << 62)) | (0x2 << 62)))
