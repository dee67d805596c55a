"""Contract §3, CORS: which pages in a browser may read which replies."""

import pytest

from support import documents as d
from support.oauth import ask, client_credentials, post_form
from support.program import request

OURS = ["https://spa.example.com", "http://127.0.0.1:3000"]
FOREIGN = [
	"https://web.example.com",  # a web application's
	"https://spa.other.example",  # another partition's
	"https://spa.example.com.evil.example",
	"https://evil.example",
	"http://spa.example.com",
	"https://spa.example.com:444",
	"https://spa.example.com/",
	"https://SPA.example.com.",
	"http://localhost:3000",
	"https://127.0.0.1:3000",
	"com.example.app:",
	"com.example.app://",
	"null",
	"*",
	"",
	"https://spa.example.com https://evil.example",
]
ENDPOINTS = ["token", "revoke"]


def judge_no_credentials(reply):
	assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("origin", OURS)
def test_an_origin_of_a_single_page_application_may_read_replies_and_errors(server, endpoint, origin):
	"""Contract §3, CORS: for an origin that any SPA of the partition has a redirect address on; on errors too."""
	address = f"{server.realm('ACME')}/oauth2/{endpoint}"
	good = {"client_id": d.WEB.id, "client_secret": d.WEB.secret, "grant_type": "client_credentials", "scope": d.APP_READ, "token": "x"}
	for fields, status in ((good, 200), ({}, 401), ({**good, "client_secret": d.secret_of("no")}, 401)):
		reply = post_form(address, fields, headers={"Origin": origin})
		assert reply.status_code == status, reply.text
		assert reply.headers["Access-Control-Allow-Origin"] == origin
		assert "origin" in reply.headers["Vary"].lower()
		judge_no_credentials(reply)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_origin_may_read_them(server, endpoint, origin):
	"""Contract §3, CORS: null never, credentials never."""
	reply = post_form(f"{server.realm('ACME')}/oauth2/{endpoint}", {"grant_type": "client_credentials"}, headers={"Origin": origin})
	assert "Access-Control-Allow-Origin" not in reply.headers
	judge_no_credentials(reply)


def test_without_an_origin_nothing_is_allowed_but_the_reply_still_varies(server):
	"""A cache must not give one origin's reply to another (Fetch standard)."""
	reply = client_credentials(server, d.WEB, d.APP_READ)
	assert "Access-Control-Allow-Origin" not in reply.headers
	assert "origin" in reply.headers["Vary"].lower()


def test_each_partition_has_its_own_origins(server):
	"""A7."""
	reply = ask(server, d.OTHER_WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="OTHER", headers={"Origin": "https://spa.other.example"})
	assert reply.headers["Access-Control-Allow-Origin"] == "https://spa.other.example"
	reply = ask(server, d.OTHER_WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}, partition="OTHER", headers={"Origin": OURS[0]})
	assert "Access-Control-Allow-Origin" not in reply.headers


def preflight(url, origin, headers="content-type,authorization"):
	return request("OPTIONS", url, headers={"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers})


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_preflight_needs_no_client(server, endpoint):
	"""Contract §3, CORS."""
	reply = preflight(f"{server.realm('ACME')}/oauth2/{endpoint}", OURS[0])
	assert reply.status_code in (200, 204)
	assert reply.headers["Access-Control-Allow-Origin"] == OURS[0]
	assert "POST" in reply.headers["Access-Control-Allow-Methods"]
	allowed = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
	assert {"content-type", "authorization"} <= allowed
	judge_no_credentials(reply)


@pytest.mark.parametrize("origin", FOREIGN[:6] + ["null"])
def test_a_preflight_of_another_origin_allows_nothing(server, origin):
	"""Contract §3, CORS."""
	reply = preflight(server.realm("ACME") + "/oauth2/token", origin)
	assert "Access-Control-Allow-Origin" not in reply.headers
	judge_no_credentials(reply)


def test_a_preflight_of_a_public_document_is_answered(server):
	"""Contract §3, CORS: *."""
	reply = request("OPTIONS", server.realm("ACME") + "/oauth2/jwks", headers={"Origin": "https://anywhere.example", "Access-Control-Request-Method": "GET"})
	assert reply.status_code in (200, 204)
	assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_introspection_is_for_servers_only(server):
	"""Contract §3, CORS: token, revoke, userinfo; introspection is not listed."""
	reply = post_form(server.realm("ACME") + "/oauth2/introspect", {"token": "x"}, headers={"Origin": OURS[0]})
	assert "Access-Control-Allow-Origin" not in reply.headers
	assert "Access-Control-Allow-Origin" not in preflight(server.realm("ACME") + "/oauth2/introspect", OURS[0]).headers


def test_an_origin_comes_and_goes_with_the_redirect_address(store, serve):
	"""Contract §9: at once."""
	running = serve(store)
	address = running.realm("ACME") + "/oauth2/token"
	change = {"client_id": d.SPA.id, "name": "Browser", "platform": "spa"}
	assert "Access-Control-Allow-Origin" not in preflight(address, "https://new.example").headers
	store.apply(d.partial(client_applications=[{**change, "redirect_urls": ["https://new.example/cb"]}]))
	assert preflight(address, "https://new.example").headers["Access-Control-Allow-Origin"] == "https://new.example"
	assert "Access-Control-Allow-Origin" not in preflight(address, OURS[0]).headers
