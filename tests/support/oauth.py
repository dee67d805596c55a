"""Token requests, and tokens read the way an API would read them."""

import base64
import json
import re
from urllib.parse import quote_plus, urlencode

import jwt

from .program import get, request

CLIENT_CLAIMS = {"iss", "aud", "iat", "exp", "jti", "sub", "client_id", "scope", "actor", "partition", "gid"}
ON_BEHALF_OF_CLAIMS = CLIENT_CLAIMS | {"act"}
PLAIN_SENTENCE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")
FORM = "application/x-www-form-urlencoded"


def post_form(url, fields, headers=None, basic=None, body=None):
	"""fields: a dict or a list of pairs, absent where None; body: instead of them, as it shall go out."""
	headers = {"Content-Type": FORM, **(headers or {})}
	headers = {name: value for name, value in headers.items() if value is not None}
	if basic is not None:
		headers["Authorization"] = basic_header(*basic)
	if body is None:
		pairs = fields.items() if isinstance(fields, dict) else fields
		body = urlencode([(name, value) for name, value in pairs if value is not None])
	return request("POST", url, data=body, headers=headers)


def basic_header(name, password):
	"""RFC 6749 section 2.3.1: both halves form-encoded, then RFC 7617."""
	pair = f"{quote_plus(name)}:{quote_plus(password)}"
	return "Basic " + base64.b64encode(pair.encode()).decode()


def ask(server, client, fields, partition="ACME", realm="U", **keywords):
	"""A token request with the client's credentials in the form."""
	credentials = {"client_id": client.id, "client_secret": client.secret}
	pairs = list(credentials.items()) + list(fields.items() if isinstance(fields, dict) else fields)
	return post_form(server.realm(partition, realm) + "/oauth2/token", pairs, **keywords)


def client_credentials(server, client, scope, **keywords):
	return ask(server, client, {"grant_type": "client_credentials", "scope": scope}, **keywords)


def on_behalf_of(server, client, scope, subject, **keywords):
	return ask(server, client, {"grant_type": "password", "scope": scope, **subject}, **keywords)


def granted(reply):
	"""The reply's token; the reply itself is judged by contract section 4."""
	assert reply.status_code == 200, reply.text
	assert reply.headers["Cache-Control"] == "no-store"
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	body = reply.json()
	assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
	assert body["token_type"] == "Bearer"
	return body


def refused(reply, error, status=400, *words):
	"""Contract section 3, Errors: shape, status, and words that the sentence must have (regular expressions, any case)."""
	assert reply.status_code == status, f"{reply.status_code}: {reply.text}"
	body = reply.json()
	assert set(body) == {"error", "error_description", "error_uri"}, body
	assert body["error"] == error, body
	assert PLAIN_SENTENCE.fullmatch(body["error_description"]), body
	assert "/errors/" in body["error_uri"]
	for word in words:
		assert re.search(word, body["error_description"], re.IGNORECASE), f"{word!r} is not in {body['error_description']!r}"
	return body


def key_set(server, partition="ACME", realm="U"):
	reply = get(server.realm(partition, realm) + "/oauth2/jwks")
	assert reply.status_code == 200, reply.text
	return reply.json()


def verified(server, token, partition="ACME", realm="U", issuer=None, audience=None, algorithm="ES256", keys=None):
	"""Verifies a token by the published keys alone, as any library would, and gives its claims."""
	header = jwt.get_unverified_header(token)
	assert header["typ"] == "at+jwt" and header["alg"] == algorithm, header
	keys = keys or key_set(server, partition, realm)
	key = next(key for key in keys["keys"] if key["kid"] == header["kid"])
	return jwt.decode(token, jwt.PyJWK(key).key, algorithms=[algorithm], issuer=issuer, audience=audience,
	                  options={"verify_aud": audience is not None, "require": ["iss", "aud", "iat", "exp", "jti", "sub"]})


def unverified(token):
	return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def introspect(server, client, token, partition="ACME", realm="U", **more):
	"""The introspection reply's JSON."""
	reply = post_form(server.realm(partition, realm) + "/oauth2/introspect",
	                  {"client_id": client.id, "client_secret": client.secret, "token": token, **more})
	assert reply.status_code == 200, reply.text
	return reply.json()


def revoke(server, client, token, partition="ACME", realm="U", **more):
	return post_form(server.realm(partition, realm) + "/oauth2/revoke",
	                 {"client_id": client.id, "client_secret": client.secret, "token": token, **more})
