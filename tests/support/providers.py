"""An identity provider outside: what it signs, how it is registered, and the exchange of its tokens (RFC 8693)."""

import base64
import json
import time

import jwt

from .assertions import ABSENT, Key, key_set
from .oauth import ask

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ISSUED = "urn:ietf:params:oauth:token-type:access_token"
AUDIENCE = "writ-at-the-provider"


def type_of(word):
	"""The URN of a short word; what is none comes back as it is."""
	if word in ("access_token", "id_token", "jwt"):
		return f"urn:ietf:params:oauth:token-type:{word}"
	return f"urn:writ:token-type:{word}" if word in ("username", "userid", "email") else word


class Provider:
	"""Publishes its keys at a KeyServer, under a path of its own."""

	def __init__(self, server, name, claim="email", matches="email", keys=None, **registration):
		self.name, self.claim, self.server, self.path = name, claim, server, f"/{name}/keys"
		self.keys = keys or [Key(f"{name}-1")]
		self.issuer = f"https://{name}.example.com"
		self.publish(*self.keys)
		self.registered = {"registration_id": name, "issuer": self.issuer, "audience": AUDIENCE, "jwks_url": server.url + self.path, "claim": claim,
		                   "matches": matches, **registration}

	def publish(self, *keys):
		self.server.answers[self.path] = key_set(*keys)

	@property
	def asked(self):
		return self.server.asked_for(self.path)

	def claims(self, value, **changes):
		"""The claims of a good token; ABSENT takes one away, a function gets the time."""
		now = int(time.time())
		claims = {"iss": self.issuer, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 300, "sub": "subject-outside", self.claim: value, **changes}
		claims = {name: value(now) if callable(value) else value for name, value in claims.items()}
		return {name: value for name, value in claims.items() if value is not ABSENT}

	def token(self, value, key=None, headers=None, algorithm=None, **changes):
		return sign(key or self.keys[0], self.claims(value, **changes), headers, algorithm)


def part(value):
	text = value if isinstance(value, bytes) else json.dumps(value).encode()
	return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def sign(key, claims, headers=None, algorithm=None):
	"""Signs whatever it is given; PyJWT judges some claims. claims: bytes as they shall stand there, or an object."""
	algorithm = algorithm or key.algorithm
	head = {"alg": algorithm, "typ": "JWT", "kid": key.kid, **(headers or {})}
	text = f"{part({name: value for name, value in head.items() if value is not ABSENT})}.{part(claims)}"
	signature = jwt.get_algorithm_by_name(algorithm).sign(text.encode(), key.private)
	return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def exchange(site, application, token, registration_id=None, scope=None, kind="id_token", realm="U", partition="ACME", **changes):
	"""The token request; changes as in support.people.request_of."""
	registration_id = getattr(registration_id, "name", registration_id)
	fields = {"grant_type": GRANT, "subject_token": token, "subject_token_type": type_of(kind), "registration_id": registration_id, "scope": scope, **changes}
	pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value]) if one is not None]
	return ask(site, application, pairs, partition, realm)


def exchanged(reply, *more):
	"""The reply of RFC 8693 §2.2.1 with what was asked for (id_token, refresh_token) and nothing else."""
	assert reply.status_code == 200, reply.text
	assert reply.headers["Cache-Control"] == "no-store"
	body = reply.json()
	assert set(body) == {"access_token", "issued_token_type", "token_type", "expires_in", "scope", *more}, body
	assert (body["token_type"], body["issued_token_type"]) == ("Bearer", ISSUED)
	return body
