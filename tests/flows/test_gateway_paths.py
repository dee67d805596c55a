"""A10: the address of a call is read once, in one way, and what another server could read otherwise is refused (contract section 5, RFC 3986)."""

import types

import pytest

from support.gateway import ARTICLE, SOURCES, Proxy, allowed, application_token, refused_call
from support.wire import Wire

SAME = [  # as the article
	"/k/v4/articles/7", "/k/v4/articles/7/", "//k//v4///articles/7", "/k/./v4/articles/./7/.", "/k/v4/x/../articles/7", "/../../k/v4/articles/7", "/k/v4/articles/7/x/..",
	"/%6b/v4/articles/7", "/%6B/v%34/articles/%37", "/k/v4/articles/7?", "/k/v4/articles/7?x=/../..&y=%2f%5c%00", "/k/v4/%2e/articles/7", "/k/x/%2e%2e/v4/articles/7",
	"/k/v4/articles/%2E%2e/articles/7", "/k/v4/articles/a%20b", "/k/v4/articles/%e2%82%ac", "/k/v4/articles/%7e", "/k/v4/articles/a:b@c", "/k/v4/articles/a,b=c", "/k/v4/articles/%25",
	"/k/v4/articles/100%25", "/k/v4/articles/a+b", "/k/v4/articles/..x", "/k/v4/articles/...",
]
ELSEWHERE = ["/k/v4/articles", "/k/v4/articles/", "/k/v4/articles/7/..", "/k/v4/articles/.", "/K/v4/articles/7", "/k/v4/Articles/7", "/k/v4/articles/7/8", "/k/v4x/articles/7",
             "/k%20/v4/articles/7", "/", "//", "/.", "/..", "/k/v4/articles/7/x", "/k/v5/articles/7", "/x/k/v4/articles/7"]
AMBIGUOUS = ["/k/v4/articles%2f7", "/k/v4/articles%2F7", "/k/v4/articles/a%2fb", "/k/v4/articles/7%5c", "/k/v4/articles/7%5C..%5cx", "/k/v4/articles\\7", "/k\\v4/articles/7",
             "/k/v4/articles/..;/articles/7", "/k/v4/articles/..;x/7", "/k/v4/articles/.;/7", "/k/v4/articles/%2e%2e;/7", "/k/v4/articles/7%00", "/k/v4/articles/%00", "/k/v4/articles/7%0a",
             "/k/v4/articles/7%0d%0aX-Writ-Subject:1", "/k/v4/articles/%1f", "/k/v4/articles/%7f", "/k/v4/articles/%252f", "/k/v4/articles/%252e%252e/7", "/k/v4/articles/%255c",
             "/k/v4/articles/%2500", "/k/v4/articles/%25252f7", "/k/v4/articles/%", "/k/v4/articles/%2", "/k/v4/articles/%zz", "/k/v4/articles/%%37", "/k/v4/articles/%u0037", "/k/v4/articles/%-7",
             "k/v4/articles/7", "*", "http://api.example.test/k/v4/articles/7", "?x=/k/v4/articles/7", "/k/v4/articles/7#x", "/k/v4/articles/7#", "%2fk/v4/articles/7"]


@pytest.fixture(scope="module")
def token(shared_guarded):
	return application_token(shared_guarded.site())


def each(proxy, guarded, paths, token):
	for path in paths:
		for source in SOURCES:
			yield path, proxy.ask("GET", path, token, source=source)
		if path.startswith("/") and "#" not in path:
			yield path, proxy.ask("GET", path, token, source="envoy")


def test_what_is_the_same_path_by_rfc_3986_is_the_same_operation(guarded, token):
	with Proxy(guarded) as proxy:
		for path, answer in each(proxy, guarded, SAME, token):
			assert answer.status == 204, (path, answer.body)


def test_what_is_another_path_is_not(guarded, token):
	with Proxy(guarded) as proxy:
		for path, answer in each(proxy, guarded, ELSEWHERE, token):
			assert answer.status == 403 and answer.slug == "call-not-listed", (path, answer.status, answer.body)


def test_what_could_be_read_in_two_ways_is_a_bad_request(guarded, token):
	with Proxy(guarded) as proxy:
		for path, answer in each(proxy, guarded, AMBIGUOUS, token):
			assert answer.status == 400, (path, answer.status, answer.body)
			refused_call(answer, 400, "call-address")


@pytest.mark.parametrize("byte", [*range(1, 33), 92, 127, 128, 195, 255])
def test_no_raw_byte_that_belongs_into_no_address_is_let_through(guarded, token, byte):
	"""As it stands in a header, and in the request line."""
	port = int(guarded.management_url.rsplit(":", 1)[1])
	for head in (b"GET /gateway/check HTTP/1.1\r\nX-Original-Method: GET\r\nX-Original-URI: /k/v4/articles/a%cb\r\n" % byte, b"GET /gateway/check/k/v4/articles/a%cb HTTP/1.1\r\n" % byte):
		with Wire(types.SimpleNamespace(port=port)) as wire:
			wire.send(head + f"Host: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
			reply = wire.reply()
			assert reply is None or reply[0] == 400, (byte, reply)


def test_a_concrete_path_wins_over_a_templated_one(guarded, token):
	"""Contract section 5, whatever the method."""
	with Proxy(guarded) as proxy:
		for path in ("/k/v4/articles/latest", "/k/v4/articles/l%61test", "/k/v4/articles/x/../latest", "/k/v4//articles//latest/"):
			refused_call(proxy.ask("GET", path, token), 403, "call-actor", "authorization code")
		refused_call(proxy.ask("PUT", "/k/v4/articles/latest", token), 403, "call-not-listed")
		allowed(proxy.ask("GET", "/k/v4/articles/LATEST", token))


def test_a_template_inside_a_segment_and_an_escape_in_the_document_match(guarded, token):
	with Proxy(guarded) as proxy:
		for path in ("/k/v4/files/a.json", "/k/v4/files/a.b.json", "/k/v4/files/.json.json", "/k/v4/odd/a%20b/1"):
			allowed(proxy.ask("GET", path, token))
		for path in ("/k/v4/files/a.xml", "/k/v4/files/.json", "/k/v4/files/json", "/k/v4/odd/a+b/1", "/k/v4/odd/a%20b"):
			refused_call(proxy.ask("GET", path, token), 403, "call-not-listed")


def test_what_stands_behind_a_semicolon_never_opens_anything(guarded, token):
	"""Servers differ in whether they see it (RFC 3986 section 3.3): only where it makes no difference is it let through."""
	with Proxy(guarded) as proxy:
		refused_call(proxy.ask("GET", "/k/v4/articles/latest;x=1", token), 403, "call-not-listed")
		refused_call(proxy.ask("GET", "/k;x/v4/articles/7", token), 403, "call-not-listed")
		allowed(proxy.ask("GET", ARTICLE + ";v=1", token))


def test_a_long_address_is_judged_and_one_beyond_all_limits_refused(guarded, token):
	with Proxy(guarded) as proxy:
		allowed(proxy.ask("GET", "/k/v4/articles/" + "a" * 8000, token))
		allowed(proxy.ask("GET", ARTICLE + "?" + "a" * 8000, token))
		refused_call(proxy.ask("GET", "/k/v4/articles/" + "a" * 9000, token), 400, "call-address")
		refused_call(proxy.ask("GET", "/a" * 4000, token), 403, "call-not-listed")
		allowed(proxy.ask("GET", "/.." * 2600 + ARTICLE, token))
	with Proxy(guarded) as proxy:
		answer = proxy.ask("GET", "/k/v4/articles/" + "a" * 9000, token, source="envoy")
		assert answer.status == 414
	with Proxy(guarded) as proxy:
		answer = proxy.ask("GET", "/k/v4/articles/" + "a" * 17000, token)
		assert answer.status == 431


def test_the_matrix_of_methods_and_sources_agrees(guarded, token):
	"""Each source gives the same decision."""
	paths = [ARTICLE, "/k/v4/articles", "/k/v4/me", "/k/v4/head", "/nowhere", "/%2f"]
	with Proxy(guarded) as proxy:
		for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
			for path in paths:
				answers = [proxy.ask(method, path, token, source=source) for source in (*SOURCES, "envoy")]
				assert len({(answer.status, answer.body) for answer in answers}) == 1, (method, path)
