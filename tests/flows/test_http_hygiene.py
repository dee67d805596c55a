"""Bytes that no honest client sends: contract §6, A9, A15, A16."""

import json
import re
import time

import pytest

from support import documents as d
from support.oauth import client_credentials, granted, post_form
from support.program import get, request
from support.wire import Wire, exchange, token_request

GOOD = {"grant_type": "client_credentials", "scope": d.APP_READ, "client_id": d.WEB.id, "client_secret": d.WEB.secret}
TOO_LARGE = (413, 414, 431)


@pytest.fixture(autouse=True)
def others_are_still_served(server):
	"""A16: whatever a test sends, the next honest request gets its token."""
	yield
	granted(client_credentials(server, d.WEB, d.APP_READ))


def refused_whole(reply, *statuses):
	"""A refusal with one of the statuses, or a cut connection; never a token."""
	if reply is None:
		return
	status, headers, body = reply
	assert status in statuses, reply
	assert b"access_token" not in body


def test_the_honest_request_of_these_tests_gets_a_token(server):
	"""Everything below differs from this by one thing."""
	status, headers, body = exchange(server, token_request(GOOD))
	assert status == 200 and b"access_token" in body


@pytest.mark.parametrize("first,second", [
	("Host: auth.example.test", "Host: auth.example.test"),
	("Host: auth.example.test", "Host: evil.example"),
	("Content-Length: 5", "Content-Length: 5"),
	("Content-Length: 5", "Content-Length: 6"),
	("Authorization: Basic YTpi", "Authorization: Basic YTpi"),
	("X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 1.2.3.4"),
	("X-Forwarded-Proto: https", "X-Forwarded-Proto: http"),
	("X-Forwarded-Uri: /a", "X-Forwarded-Uri: /b"),
	("X-Original-URI: /a", "x-original-uri: /a"),
	("X-Original-Method: GET", "X-ORIGINAL-METHOD: GET"),
])
def test_a_repeated_header_that_decides_something_is_refused(server, first, second):
	"""Contract §6: a repeated Host, Content-Length, Authorization, X-Original-* or X-Forwarded-* is 400."""
	lines = ["GET /system/auth/ACME/metadata HTTP/1.1"]
	if not first.startswith("Host"):
		lines.append("Host: auth.example.test")
	reply = exchange(server, ("\r\n".join([*lines, first, second]) + "\r\n\r\nabcdefghijkl").encode())
	refused_whole(reply, 400)
	assert reply is not None or first.startswith("Content-Length")


@pytest.mark.parametrize("lines", [
	["Content-Length: 3", "Transfer-Encoding: chunked"],
	["Transfer-Encoding: chunked", "Content-Length: 3"],
	["Content-Length: 3", "Transfer-Encoding: identity"],
	["Transfer-Encoding: gzip"],
	["Transfer-Encoding: gzip, chunked"],
	["Transfer-Encoding: chunked, chunked"],
	["Transfer-Encoding: xchunked"],
	["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
	["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
	["Content-Length: -1"],
	["Content-Length: +5"],
	["Content-Length: 0x5"],
	["Content-Length: 5, 5"],
	["Content-Length: 99999999999999999999999999"],
	["Content-Length: a"],
])
def test_two_lengths_or_an_unknown_coding_are_refused(server, lines):
	"""Contract §6: two lengths, a length with a transfer coding, a coding other than chunked: 400 (or a length beyond: 413)."""
	head = ["POST /system/auth/ACME-U/oauth2/token HTTP/1.1", "Host: auth.example.test", "Content-Type: application/x-www-form-urlencoded", *lines]
	with Wire(server) as wire:
		wire.send("\r\n".join(head).encode() + b"\r\n\r\n" + b"3\r\na=b\r\n0\r\n\r\n")
		refused_whole(wire.reply(), 400, 413)


def test_a_chunked_form_is_taken(server):
	"""Contract §6: chunked is the one coding."""
	body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (token_request(GOOD).split(b"\r\n\r\n")[1][:20], token_request(GOOD).split(b"\r\n\r\n")[1][20:]))
	head = b"POST /system/auth/ACME-U/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
	status, _, _ = exchange(server, head + body + b"0\r\n\r\n")
	assert status == 200


@pytest.mark.parametrize("size,statuses", [(60 * 1024, (400, 200)), (64 * 1024 + 1, (413,)), (10 * 1024 * 1024, (413,)), (1 << 30, (413,)), (1 << 62, (413, 400))])
def test_a_form_has_a_bound_that_is_told_before_it_is_sent(server, size, statuses):
	"""Contract §6: form 64 KiB, beyond: 413 or the connection is cut; A16: 1 GiB body."""
	fields = "&".join(f"{name}={value}" for name, value in GOOD.items()) + "&filler="
	with Wire(server) as wire:
		head = token_request({}, length=size)
		if size < 100 * 1024:
			wire.send(head + fields.encode() + b"x" * (size - len(fields)))
		else:
			wire.send(head)
		reply = wire.reply()
		if 200 in statuses:
			assert reply[0] in statuses, reply
		else:
			refused_whole(reply, *statuses)
			assert reply is not None


def test_a_chunked_form_has_the_same_bound(server):
	"""Contract §6: beyond: 413, or the connection is cut."""
	head = b"POST /system/auth/ACME-U/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
	chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
	with Wire(server) as wire:
		assert wire.send(head)
		sent = 0
		while sent < 64 * 1024 * 1024 and wire.send(chunk * 16):
			sent += 16 * 4096
			if sent > 8 * 1024 * 1024:
				break
		refused_whole(wire.reply(), 413, 400)


def test_an_expectation_for_a_body_beyond_the_bound_is_not_met(server):
	"""Contract §6; RFC 9110 §10.1.1."""
	with Wire(server) as wire:
		wire.send(token_request({}, "Expect: 100-continue", length=1 << 30))
		refused_whole(wire.reply(), 413, 417)


@pytest.mark.parametrize("lines,label", [
	(["X-Filler: " + "x" * 17 * 1024], "one long header"),
	([f"X-Filler-{number}: {'x' * 100}" for number in range(200)], "many headers"),
	(["Cookie: " + "x" * 40 * 1024], "a cookie beyond any pool"),
	([f"A{number}:" for number in range(2000)], "2000 empty headers"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_headers_have_a_bound(server, lines, label):
	"""Contract §6: header 16 KiB; beyond: 413, 414 or 431, or the connection is cut."""
	refused_whole(exchange(server, token_request(GOOD, *lines)), *TOO_LARGE)


@pytest.mark.parametrize("size", [9 * 1024, 20 * 1024, 70 * 1024])
@pytest.mark.parametrize("where", ["path", "query"])
def test_an_address_has_a_bound(server, where, size):
	"""Contract §6: beyond: 413, 414 or 431, or the connection is cut."""
	path = "/" + "a" * size if where == "path" else "/system/auth/ACME/metadata?a=" + "b" * size
	refused_whole(exchange(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()), *TOO_LARGE, *([404] if size < 10000 else []))


@pytest.mark.parametrize("data", [
	b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 100 + b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
	b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
	b"GET /system/auth/ACME/metadata\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
], ids=repr)
def test_what_is_no_http_is_refused_or_cut(server, data):
	"""Contract §6: nothing that arrives from outside can crash the server or make it wait without a bound; A9."""
	with Wire(server, timeout=2) as wire:
		wire.send(data)
		try:
			reply = wire.reply()
		except TimeoutError:  # no request yet, as far as it can tell: cut after 15 s, like any silent sender
			reply = None
		assert reply is None or 400 <= reply[0] < 600, reply


@pytest.mark.parametrize("path", ["/", "/nothing", "/system", "/system/auth", "/system/auth/ACME", "/system/auth/ACME-U", "/system/auth/ACME-U/oauth2",
                                  "/system/auth/ACME-U/oauth2/token/", "//system/auth/ACME/metadata", "/system/auth/./ACME/metadata", "/system/auth/ACME-U/oauth2/%74oken",
                                  "/healthz", "/metrics", "/readyz", "/gateway/check", "/errors/../etc/passwd", "/console/../../etc/passwd"])
def test_an_address_that_does_not_exist_is_404(server, path):
	"""Contract §2: health, metrics and decisions only on the management listener (never public)."""
	status, headers, _ = exchange(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
	assert status == 404 or (path in ("/", "/system/auth/ACME-U/oauth2/token") and status < 500), path
	assert dict(headers)["x-request-id"]


@pytest.mark.parametrize("method", ["BREW", "TRACE", "PROPFIND", "post", "GETX"])
def test_an_unknown_method_is_refused(server, method):
	"""Contract §6: wrong method: 405 with Allow (501 for one that nobody knows: RFC 9110 §15.6.2)."""
	reply = exchange(server, token_request(GOOD, method=method))
	refused_whole(reply, 405, 501, 400)
	if reply is not None and reply[0] == 405:
		assert "POST" in dict(reply[1])["allow"]


def test_every_reply_carries_a_request_id_of_its_own(server):
	"""Contract §2: every reply carries X-Request-Id."""
	seen = set()
	replies = [
		get(server.url + "/nothing"), request("PUT", server.realm("ACME") + "/oauth2/token"), get(server.realm("ACME") + "/oauth2/jwks"),
		post_form(server.realm("ACME") + "/oauth2/token", GOOD), post_form(server.realm("ACME") + "/oauth2/token", {}), get(server.url + "/errors/nothing"),
		request("OPTIONS", server.realm("ACME") + "/oauth2/token"), get(server.management_url + "/healthz"), get(server.management_url + "/metrics"),
		request("HEAD", server.url + "/system/auth/ACME/metadata"),
	]
	for reply in replies:
		assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", reply.headers["X-Request-Id"]), reply.url
		seen.add(reply.headers["X-Request-Id"])
	assert len(seen) == len(replies)


def test_a_request_id_that_the_caller_chose_is_not_trusted(server):
	"""A15: log lines and audit events name it."""
	reply = get(server.url + "/nothing", headers={"X-Request-Id": "chosen-by-caller\"<"})
	assert "chosen-by-caller" not in reply.headers["X-Request-Id"]


def test_every_reply_has_the_security_headers(server):
	"""http/: nosniff and a referrer policy on every reply; pages cannot be framed (A13)."""
	for path in ("/nothing", "/system/auth/ACME/metadata", "/errors/nothing"):
		reply = get(server.url + path)
		assert reply.headers["X-Content-Type-Options"] == "nosniff"
		assert reply.headers["Referrer-Policy"] in ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
		assert "microhttpd" not in str(reply.headers).lower()
		if reply.headers["Content-Type"].startswith("text/html"):
			assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_requests_in_a_row_on_one_connection_do_not_mix(server):
	"""Design §2: the arena is wiped and reused."""
	with Wire(server) as wire:
		for number in range(50):
			good = number % 2 == 0
			wire.send(token_request(GOOD if good else {"grant_type": "nonsense"}))
			status, headers, body = wire.reply()
			assert status == (200 if good else 401), (number, body)


def test_pipelined_requests_are_answered_in_order(server):
	"""RFC 9112 §9.3.2."""
	with Wire(server) as wire:
		wire.send(token_request(GOOD) + token_request({"grant_type": "nonsense"}) + token_request(GOOD))
		assert [wire.reply()[0] for _ in range(3)] == [200, 401, 200]


def test_a_connection_may_be_closed_in_the_middle_of_anything(server):
	"""A9."""
	whole = token_request(GOOD)
	for cut in range(0, len(whole), 7):
		with Wire(server) as wire:
			wire.send(whole[:cut])


@pytest.mark.parametrize("text", ["a\"b", "a\\b", "<script>alert(1)</script>", "a\u2028b", "</html>", "${jndi:ldap://x}", "%0d%0aSet-Cookie: a=b", "x\x7fy", "é"])
@pytest.mark.parametrize("name", ["scope", "client_id", "grant_type"])
def test_nothing_typed_forges_a_log_line_or_a_header(server, name, text):
	"""A15: quotes and markup in scope, client id and user agent; the log stays one JSON object a line (judged at the end too)."""
	reply = post_form(server.realm("ACME") + "/oauth2/token", {**GOOD, name: text}, headers={"User-Agent": text.replace("\x7f", "").encode().decode("latin-1")})
	assert reply.status_code in (400, 401, 429)
	assert "Set-Cookie" not in reply.headers
	json.loads(reply.text)
	assert server.audit_of(reply.headers["X-Request-Id"])
	assert not server.broken_lines


@pytest.mark.parametrize("value", ["a%0d%0aX-Injected:%20yes%0d%0a", "a%0aX-Injected:%20yes", "%0d%0a%0d%0a<html>", "a%00b"])
def test_line_breaks_typed_into_a_parameter_come_out_nowhere(server, value):
	"""A15: CR, LF."""
	body = f"grant_type=client_credentials&client_id={d.WEB.id}&client_secret={d.WEB.secret}&scope={value}"
	reply = post_form(server.realm("ACME") + "/oauth2/token", None, body=body)
	assert reply.status_code == 400 and "X-Injected" not in reply.headers
	assert "\n" not in reply.json()["error_description"] and "\r" not in reply.json()["error_description"]


@pytest.mark.parametrize("origin", ["https://a.example\tx", "https://a.example\"<b>"])
def test_an_origin_never_comes_back_unchecked(server, origin):
	"""A15; contract §3, CORS."""
	status, headers, body = exchange(server, token_request(GOOD, "Origin: " + origin))
	assert "access-control-allow-origin" not in dict(headers)


def test_pages_escape_what_the_address_says(server):
	"""A15."""
	for path in ("/errors/%3Cscript%3Ealert(1)%3C/script%3E", "/errors/<script>", "/<script>alert(1)</script>", "/errors/%22onload=x"):
		reply = exchange(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
		assert reply is None or b"<script>" not in reply[2]


def test_a_foreign_host_header_never_shows_up_in_an_address(server):
	"""Contract §2: auth_url is configured; Host decides nothing."""
	status, _, body = exchange(server, b"GET /system/auth/ACME/metadata HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n")
	assert status == 200 and b"evil.example" not in body
	status, _, body = exchange(server, token_request({}, host="evil.example"))
	assert status == 401 and b"evil.example" not in body


def test_five_hundred_query_parameters_get_a_reply(server):
	"""Design §4: some 500 query parameters get no reply at all from the library."""
	query = "&".join(f"p{number}=1" for number in range(600))
	reply = exchange(server, f"GET /system/auth/ACME/metadata?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
	assert reply is not None and reply[0] in (200, 400, 414, 431)


def test_many_idle_connections_do_not_keep_others_out(server):
	"""A16."""
	wires = [Wire(server) for _ in range(500)]
	try:
		granted(client_credentials(server, d.WEB, d.APP_READ))
	finally:
		for wire in wires:
			wire.socket.close()


@pytest.mark.slow
def test_a_sender_without_progress_is_cut_after_fifteen_seconds(server):
	"""Contract §6: a sender without progress is cut after 15 s; nobody else waits meanwhile."""
	whole = token_request(GOOD)
	head_end = whole.index(b"\r\n\r\n") + 4
	wires = []
	for cut in (0, 10, head_end - 2, head_end, head_end + 5):
		wire = Wire(server)
		wire.send(whole[:cut])
		wires.append(wire)
	started = time.monotonic()
	granted(client_credentials(server, d.WEB, d.APP_READ))
	for wire in wires:
		assert wire.is_closed(max(0.1, 20 - (time.monotonic() - started)))
		assert time.monotonic() - started > 8
		assert b"access_token" not in wire.buffer
		wire.socket.close()
