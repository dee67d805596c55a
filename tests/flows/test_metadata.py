"""What a program finds out by itself: partition metadata, RFC 8414, key sets."""

import base64
import hashlib
import json

import pytest

from support import documents as d
from support.oauth import key_set, post_form
from support.program import get, request

METADATA_KEYS = {"partition", "authorization_url", "token_url", "domain_url", "metadata_url", "permission_prefix"}


def test_partition_metadata_is_what_the_metadata_button_shows(server):
	"""Contract §2, GET /system/auth/{partition}/metadata: exactly these keys."""
	reply = get(f"{server.url}/system/auth/ACME/metadata")
	assert reply.status_code == 200
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	base = f"{d.AUTH_URL}/system/auth/ACME"
	assert reply.json() == {
		"partition": "ACME",
		"authorization_url": {"user": base + "-U/oauth2/authorize", "customer": base + "-C/oauth2/authorize"},
		"token_url": {"user": base + "-U/oauth2/token", "customer": base + "-C/oauth2/token", "client": base + "-U/oauth2/token"},
		"domain_url": d.API_URL,
		"metadata_url": base + "/metadata",
		"permission_prefix": d.PREFIX,
	}


def test_a_partition_without_a_prefix_says_so(server):
	"""Contract §2: the same keys everywhere."""
	body = get(f"{server.url}/system/auth/OTHER/metadata").json()
	assert set(body) == METADATA_KEYS
	assert body["permission_prefix"] == ""


def test_the_system_partition_exists_from_the_start(empty_store, serve):
	"""Contract §1."""
	running = serve(empty_store)
	assert get(f"{running.url}/system/auth/SYSTEM/metadata").json()["partition"] == "SYSTEM"
	assert key_set(running, "SYSTEM")["keys"]


@pytest.mark.parametrize("path", ["/system/auth/NOSUCH/metadata", "/system/auth/acme/metadata", "/system/auth/NOSUCH-U/oauth2/jwks",
                                  "/system/auth/NOSUCH-U/.well-known/oauth-authorization-server",
                                  "/.well-known/oauth-authorization-server/system/auth/NOSUCH-U", "/system/auth/A%2FB/metadata"])
def test_an_unknown_partition_is_not_found(server, path):
	"""Contract §2; A7: as if it did not exist."""
	reply = get(server.url + path)
	assert reply.status_code in (400, 404) and (reply.status_code == 404 or "%2F" in path)
	assert reply.headers["X-Request-Id"]


@pytest.mark.parametrize("realm", ["U", "C"])
def test_the_authorization_servers_metadata_stands_at_both_addresses(server, realm):
	"""Contract §2, RFC 8414 §3."""
	issuer = f"{d.AUTH_URL}/system/auth/ACME-{realm}"
	first = get(f"{server.url}/.well-known/oauth-authorization-server/system/auth/ACME-{realm}")
	second = get(f"{server.url}/system/auth/ACME-{realm}/.well-known/oauth-authorization-server")
	assert first.status_code == second.status_code == 200
	assert first.content == second.content
	body = first.json()
	assert body["issuer"] == issuer
	assert body["token_endpoint"] == issuer + "/oauth2/token"
	assert body["introspection_endpoint"] == issuer + "/oauth2/introspect"
	assert body["revocation_endpoint"] == issuer + "/oauth2/revoke"
	assert body["jwks_uri"] == issuer + "/oauth2/jwks"


def test_what_is_advertised_is_what_works(server):
	"""Style, habit 4; RFC 8414 §2: response_types_supported is required."""
	body = get(f"{server.url}/system/auth/ACME-U/.well-known/oauth-authorization-server").json()
	assert isinstance(body["response_types_supported"], list)
	for grant in body["grant_types_supported"]:
		reply = post_form(server.realm("ACME") + "/oauth2/token", {"client_id": d.WEB.id, "client_secret": d.WEB.secret, "grant_type": grant})
		assert reply.json()["error"] != "unsupported_grant_type", grant
	assert {"client_credentials", "password"} <= set(body["grant_types_supported"])
	for name in ("token", "introspection", "revocation"):
		methods = set(body.get(f"{name}_endpoint_auth_methods_supported", ["client_secret_basic", "client_secret_post"]))
		assert {"client_secret_basic", "client_secret_post"} <= methods
		assert methods <= {"client_secret_basic", "client_secret_post", "none", "private_key_jwt"}
	if "authorization_endpoint" in body:
		assert get(server.url + body["authorization_endpoint"].removeprefix(d.AUTH_URL)).status_code != 404


def thumbprint(key):
	"""RFC 7638."""
	names = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}[key["kty"]]
	digest = hashlib.sha256(json.dumps({name: key[name] for name in names}, separators=(",", ":"), sort_keys=True).encode()).digest()
	return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize("partition", ["ACME", "RSA_1", "SYSTEM"])
def test_the_key_set_has_public_keys_only_with_algorithm_use_and_thumbprint(server, partition):
	"""Contract §2, RFC 7517; design §3: the key names the algorithm."""
	keys = key_set(server, partition)["keys"]
	assert {key["alg"] for key in keys} == {"ES256", "RS256"}
	assert len({key["kid"] for key in keys}) == len(keys)
	for key in keys:
		assert set(key) <= {"kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"}
		assert key["use"] == "sig"
		assert key["kid"] == thumbprint(key)
		if key["kty"] == "RSA":
			assert len(base64.urlsafe_b64decode(key["n"] + "==")) * 8 >= 2048


def test_both_realms_publish_the_partitions_keys_and_no_others(server):
	"""Contract §4: signing keys: per partition."""
	ids = {partition: {key["kid"] for key in key_set(server, partition)["keys"]} for partition in ("ACME", "OTHER", "RSA_1")}
	assert ids["ACME"] == {key["kid"] for key in key_set(server, "ACME", "C")["keys"]}
	assert not ids["ACME"] & ids["OTHER"] and not ids["ACME"] & ids["RSA_1"]


@pytest.mark.parametrize("path", ["/system/auth/ACME/metadata", "/system/auth/ACME-U/oauth2/jwks", "/system/auth/ACME-U/.well-known/oauth-authorization-server",
                                  "/.well-known/oauth-authorization-server/system/auth/ACME-C", "/system/auth/NOSUCH/metadata", "/system/auth/NOSUCH-U/oauth2/jwks"])
@pytest.mark.parametrize("origin", ["https://anywhere.example", "null", None])
def test_public_documents_may_be_read_from_everywhere_without_credentials(server, path, origin):
	"""Contract §3, CORS: discovery, JWKS, metadata: *; on errors too; credentials never."""
	reply = get(server.url + path, headers={"Origin": origin} if origin else {})
	if origin:
		assert reply.headers["Access-Control-Allow-Origin"] == "*"
	assert "Access-Control-Allow-Credentials" not in reply.headers


def test_public_documents_take_head_and_refuse_to_be_written(server):
	"""Contract §6: wrong method: 405 with Allow."""
	for path in ("/system/auth/ACME/metadata", "/system/auth/ACME-U/oauth2/jwks"):
		whole, head = get(server.url + path), request("HEAD", server.url + path)
		assert head.status_code == 200 and head.content == b""
		assert head.headers["Content-Length"] == whole.headers["Content-Length"]
		reply = request("POST", server.url + path, data=b"")
		assert reply.status_code == 405 and "GET" in reply.headers["Allow"]


def test_without_public_urls_the_listeners_own_address_is_used(store, serve):
	"""Issue 2: one command, then the guide's lines work: issuer and token URL fit the address that was asked."""
	from support.program import Server
	with Server(store) as running:
		body = get(f"{running.url}/system/auth/ACME/metadata").json()
		assert body["token_url"]["user"] == f"{running.url}/system/auth/ACME-U/oauth2/token"
		issuer = get(f"{running.url}/system/auth/ACME-U/.well-known/oauth-authorization-server").json()["issuer"]
		assert issuer == f"{running.url}/system/auth/ACME-U"


def test_public_documents_may_be_kept_for_a_while_but_not_forever(server):
	"""Contract §4: keys are published before use: a cached key set must not outlive that."""
	control = get(server.realm("ACME") + "/oauth2/jwks").headers["Cache-Control"]
	age = [int(part.split("=")[1]) for part in control.replace(" ", "").split(",") if part.startswith("max-age=")]
	assert age and 0 < age[0] <= 3600
