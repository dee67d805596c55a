"""TLS in the server (issue 4, Deliver 3): https from end to end, what is spoken and what is not, certificates that change while it runs."""

import contextlib
import datetime
import http.client
import re
import signal
import socket
import ssl
import stat
import threading
import time
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from support import documents as d
from support.browser import Browser
from support.certificates import Authority
from support.oauth import ask, client_credentials, granted, post_form, refused
from support.people import SPA, WEB, arrive, id_claims, issuer_of, new_tokens, redeem, refresh, succeeded, tokens_of, userinfo
from support.program import Server, get, run
from support.wire import Wire, token_request
from test_operations import fails_to_serve

GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}
GOOD = {**GRANT, "client_id": d.WEB.id, "client_secret": d.WEB.secret}
LISTEN = ("--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0")
PRESENTED = "new connections get this TLS certificate"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
	return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secure(prepared_store, authority, tmp_path_factory):
	"""A server that speaks https, shared by the tests that change nothing of it."""
	store = prepared_store.copy_to(tmp_path_factory.mktemp("secure"))
	with Server(store, *authority.pair("shared").options, ca_file=authority.file) as running:
		yield running


@pytest.fixture(scope="module")
def secure_rsa(prepared_store, authority, tmp_path_factory):
	"""The same with an RSA key: suites that need one can be asked for."""
	store = prepared_store.copy_to(tmp_path_factory.mktemp("secure-rsa"))
	with Server(store, *authority.pair("shared-rsa", kind="RSA-2048").options, ca_file=authority.file) as running:
		yield running


@pytest.fixture
def secure_site(own_store, open_site, authority, tmp_path):
	return open_site(own_store, *authority.pair(folder=tmp_path).options, ca_file=authority.file)


def context_of(authority, least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3, ciphers=None):
	context = ssl.create_default_context(cafile=str(authority.file))
	with contextlib.suppress(ValueError):
		context.minimum_version, context.maximum_version = least, most
	if ciphers:
		context.set_ciphers(ciphers)
	return context


@contextlib.contextmanager
def connected(server, context, **keywords):
	with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain, context.wrap_socket(plain, server_hostname="localhost", **keywords) as wrapped:
		yield wrapped


def serial_of(connection):
	return int(connection.getpeercert()["serialNumber"], 16)


def refused_handshake(server, context):
	"""The server must end the handshake, whether it says why (an alert) or not; what this side refuses by itself proves nothing."""
	with pytest.raises((ssl.SSLError, ConnectionResetError, BrokenPipeError)) as refusal, connected(server, context):
		pass
	reason = getattr(refusal.value, "reason", None) or "closed"
	assert re.search("ALERT|UNEXPECTED_EOF|closed", reason), refusal.value


def presented(server, authority):
	"""The serial number of the certificate that a new connection gets."""
	with connected(server, context_of(authority)) as connection:
		return serial_of(connection)


class Kept:
	"""One kept-alive connection."""

	def __init__(self, server, authority):
		self.connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context_of(authority), timeout=20)
		self.connection.connect()
		self.socket = self.connection.sock

	def token(self):
		self.connection.request("POST", "/system/auth/ACME-U/oauth2/token", urlencode(GOOD), {"Content-Type": "application/x-www-form-urlencoded"})
		reply = self.connection.getresponse()
		body = reply.read()
		assert reply.status == 200 and b'"access_token"' in body, body
		assert self.connection.sock is self.socket, "the server closed the connection"

	def close(self):
		self.connection.close()


def reload(server):
	"""Sends SIGHUP and gives the line that says what came of it, and the lines after it as they come."""
	count = len(server.lines)
	server.signal(signal.SIGHUP)
	return server.wait_for(lambda: next((line for line in server.lines[count:] if "reloaded" in line["message"]), None), what="the reload's log line")


# --- https from end to end


def test_a_person_signs_in_over_https_from_end_to_end(secure_site):
	"""Code redemption waits for the disk on a worker, with the connection suspended (design.md §4)."""
	assert issuer_of(secure_site).startswith("https://127.0.0.1:")
	person = secure_site.stranger()
	browser = Browser(secure_site)
	page = arrive(browser, WEB, person, scope="openid offline_access " + d.READ)
	code = succeeded(page, WEB, issuer=issuer_of(secure_site))
	tokens = tokens_of(redeem(secure_site, WEB, code), "id_token", "refresh_token")
	assert id_claims(secure_site, tokens["id_token"], WEB)["sub"] == person.id
	assert userinfo(secure_site, tokens["access_token"]).json()["sub"] == person.id
	assert refresh(secure_site, WEB, tokens["refresh_token"]).status_code == 200
	refused(redeem(secure_site, WEB, code), "invalid_grant")
	assert len(browser.jar) == 2
	for cookie in browser.jar.values():
		assert cookie.name.startswith("__Host-") and "secure" in cookie and "httponly" in cookie and cookie["samesite"] == "None", cookie.attributes


def test_a_browser_application_signs_in_over_https_too(secure_site):
	assert "refresh_token" in new_tokens(secure_site, SPA, secure_site.stranger())


def test_a_session_of_requests_keeps_its_connection(secure, authority):
	with requests.Session() as session:
		session.trust_env, session.verify = False, str(authority.file)
		for _ in range(3):
			granted(session.post(secure.realm("ACME") + "/oauth2/token", data=GOOD))
		pools = [pool for pool in session.adapters["https://"].poolmanager.pools._container.values()]
		assert [pool.num_connections for pool in pools] == [1]


def test_every_address_that_the_server_names_is_https(secure):
	document = get(secure.realm("ACME") + "/.well-known/openid-configuration").json()
	addresses = [value for value in document.values() if isinstance(value, str) and "://" in value]
	assert len(addresses) > 5
	assert {urlsplit(one).scheme for one in addresses} == {"https"}


def test_an_auth_url_that_is_given_stays(store, authority, serve):
	running = serve(store, "--auth-url", "https://auth.example.test", *authority.pair("given").options, ca_file=authority.file)
	assert get(running.realm("ACME") + "/.well-known/openid-configuration").json()["issuer"] == "https://auth.example.test/system/auth/ACME-U"


def test_an_auth_url_of_http_is_warned_of(store, authority, serve):
	running = serve(store, "--auth-url", "http://127.0.0.1:8080", *authority.pair("plain").options, ca_file=authority.file)
	running.wait_for_line(lambda line: line["level"] == "warning" and "speaks https only" in line["message"])


def test_the_management_listener_stays_plain(secure):
	assert secure.management_url.startswith("http://")
	assert get(secure.management_url + "/healthz").status_code == 200
	assert "writ_connections" in get(secure.management_url + "/metrics").text


def test_writs_own_commands_reach_it_with_the_authoritys_file(secure, authority):
	source = ("token", "client-credentials", "--server", secure.url, "--partition", "ACME", "--client-id", d.WEB.id, "--scope", d.APP_READ)
	env = {"WRIT_CLIENT_SECRET": d.WEB.secret}
	assert run(*source, "--ca-file", authority.file, env=env).stdout.count(".") == 2
	assert "--ca-file" in run(*source, env=env, check=False).stderr


def test_large_and_broken_requests_are_judged_as_without_tls(secure, authority, prepared_store, tmp_path, serve):
	plain = serve(prepared_store.copy_to(tmp_path / "plain"))
	bodies = [urlencode({**GOOD, "more": "x" * size}) for size in (0, 1000, 16384, 60000, 65536, 200000)] + ["grant_type=%zz", "a=1&a=2"]
	for body in bodies:
		there, here = (post_form(server.realm("ACME") + "/oauth2/token", None, body=body) for server in (plain, secure))
		assert there.status_code == here.status_code, body[:100]
		assert set(there.json()) == set(here.json())


def test_requests_sent_at_once_are_answered_in_order(secure, authority):
	with connected(secure, context_of(authority)) as connection:
		wire = Wire.__new__(Wire)
		wire.socket, wire.buffer = connection, b""
		connection.sendall(token_request(GOOD) * 3 + token_request({**GOOD, "client_secret": "wrong" * 10}))
		assert [wire.reply()[0] for _ in range(4)] == [200, 200, 200, 401]


# --- what is spoken


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_versions_before_1_2_are_refused(secure, authority, version):
	"""RFC 8996."""
	only = ssl.TLSVersion[version]
	refused_handshake(secure, context_of(authority, only, only, "ALL:@SECLEVEL=0"))


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_versions_1_2_and_1_3_are_spoken_without_compression_and_without_resuming(secure, authority, version):
	only = ssl.TLSVersion[version]
	context = context_of(authority, only, only)
	with connected(secure, context) as first:
		first.sendall(token_request(GOOD))
		assert first.recv(12) == b"HTTP/1.1 200"
		assert first.version() == version.replace("_", ".") and first.compression() is None
		session = first.session
	assert not (session and session.has_ticket)
	with connected(secure, context, session=session) as second:
		second.sendall(token_request(GOOD))
		assert second.recv(12) == b"HTTP/1.1 200"
		assert not second.session_reused


@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256:AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384",
                                     "DHE-RSA-AES128-GCM-SHA256", "aNULL:eNULL:@SECLEVEL=0", "3DES:RC4:SEED:CAMELLIA:ARIA:@SECLEVEL=0"])
def test_suites_without_forward_secrecy_or_authenticated_encryption_are_refused(secure, secure_rsa, authority, ciphers):
	try:
		context = context_of(authority, most=ssl.TLSVersion.TLSv1_2, ciphers=ciphers)
	except ssl.SSLError:
		pytest.skip("this OpenSSL has none of them")
	for server in (secure, secure_rsa):
		refused_handshake(server, context)


def test_the_servers_order_of_suites_counts(secure, authority):
	context = context_of(authority, most=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256")
	with connected(secure, context) as connection:
		assert connection.cipher()[0] == "ECDHE-ECDSA-AES128-GCM-SHA256"


def test_a_certificate_with_an_rsa_key_serves_both_versions(secure_rsa, authority):
	for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
		with connected(secure_rsa, context_of(authority, version, version)) as connection:
			connection.sendall(token_request(GOOD))
			assert connection.recv(12) == b"HTTP/1.1 200"


def test_plain_http_on_the_tls_port_gets_no_answer_and_harms_nobody(secure):
	with Wire(secure) as wire:
		wire.send(token_request(GOOD))
		assert wire.reply() is None
	granted(client_credentials(secure, d.WEB, d.APP_READ))


@pytest.mark.parametrize("rubbish", [b"\x00" * 600, b"\xff" * 600, b"\x16\x03\x01\xff\xff" + b"\x01" * 600, b"\x16\x03\x01\x00\x04\x01\x00\x00\x00",
                                     b"\x15\x03\x01\x00\x02\x02\x28", b"\x80\x2e\x01\x00\x02" + b"\x00" * 41])
def test_rubbish_instead_of_a_handshake_harms_nobody(secure, rubbish):
	with Wire(secure) as wire:
		wire.send(rubbish)
		with contextlib.suppress(OSError):  # it may have been cut already
			wire.socket.shutdown(socket.SHUT_WR)
		assert wire.reply() is None
	granted(client_credentials(secure, d.WEB, d.APP_READ))


def test_connections_without_a_handshake_keep_nobody_out(store, authority, serve):
	"""A16: beyond the limit the one idle for longest is closed."""
	running = serve(store, "--connections-max", "40", *authority.pair("crowd").options, ca_file=authority.file)
	with contextlib.ExitStack() as stack:
		for _ in range(150):
			stack.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=20))
		for _ in range(5):
			granted(client_credentials(running, d.WEB, d.APP_READ))


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_a_handshake_without_progress_is_cut_in_time(secure):
	"""Contract §6: a sender without progress is cut after 15 s."""
	with Wire(secure) as wire:
		wire.send(b"\x16\x03\x01\x02\x00\x01\x00")
		started = time.monotonic()
		assert wire.is_closed(30)
		assert 10 < time.monotonic() - started < 25


# --- certificates that change


def test_sighup_gives_new_connections_the_new_certificate_and_keeps_the_old_ones_alive(store, authority, serve, tmp_path):
	former = authority.pair(folder=tmp_path)
	running = serve(store, *former.options, ca_file=authority.file)
	kept = Kept(running, authority)
	kept.token()
	fresh = authority.pair(folder=tmp_path, kind="RSA-2048")
	assert presented(running, authority) == former.serial  # files are read when they are told to be
	reload(running)
	running.wait_for(lambda: sum(line["message"] == PRESENTED for line in running.lines) == 2)
	assert presented(running, authority) == fresh.serial
	kept.token()
	kept.close()


def test_certificates_change_under_load_and_no_request_fails(store, authority, serve, tmp_path):
	running = serve(store, *authority.pair(folder=tmp_path).options, ca_file=authority.file)
	ends, failures, counts = threading.Event(), [], [0, 0, 0, 0]

	def load(index):
		try:
			kept = Kept(running, authority)
			while not ends.is_set():
				if index % 2 == 1:
					kept.close()
					kept = Kept(running, authority)
				kept.token()
				counts[index] += 1
			kept.close()
		except Exception as failure:  # judged below, in the test's own thread
			failures.append(failure)

	threads = [threading.Thread(target=load, args=(index,)) for index in range(4)]
	for thread in threads:
		thread.start()
	try:
		for _ in range(6):
			pair = authority.pair(folder=tmp_path)
			assert reload(running)["level"] == "info"
			assert presented(running, authority) == pair.serial
			before = list(counts)
			running.wait_for(lambda: failures or all(now > then for now, then in zip(counts, before)), what="a request of each")
	finally:
		ends.set()
		for thread in threads:
			thread.join(30)
	assert not failures, failures


def spoil_presence(pair, authority):
	pair.certificate_file.unlink()


def spoil_match(pair, authority):
	pair.key_file.write_bytes(authority.pair("other", folder=pair.key_file.parent).key_file.read_bytes())


def spoil_key(pair, authority):
	pair.key_file.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")


def spoil_certificate(pair, authority):
	pair.certificate_file.write_text("no certificate\n")


def spoil_mode(pair, authority):
	pair.key_file.chmod(0o644)


def spoil_directory(pair, authority):
	pair.key_file.unlink()
	pair.key_file.mkdir()


SPOILED = pytest.mark.parametrize("spoil,words", [
	(spoil_presence, "certificate file .* cannot be read"), (spoil_match, "not that of the certificate"), (spoil_key, "no private key in PEM"),
	(spoil_certificate, "no certificates in PEM"), (spoil_mode, "open to other users: run chmod 600"), (spoil_directory, "not a file"),
], ids=["missing", "mismatched", "broken-key", "broken-certificate", "open-key", "directory"])


@SPOILED
def test_a_bad_pair_at_sighup_changes_nothing_and_is_told(store, authority, serve, tmp_path, spoil, words):
	pair = authority.pair(folder=tmp_path)
	running = serve(store, *pair.options, ca_file=authority.file)
	spoil(pair, authority)
	line = reload(running)
	assert line["level"] == "error" and re.search(words, line["problem"]), line
	assert presented(running, authority) == pair.serial
	granted(client_credentials(running, d.WEB, d.APP_READ))


@SPOILED
def test_a_bad_pair_at_the_start_is_one_line_and_exit_1(store, authority, tmp_path, spoil, words):
	pair = authority.pair(folder=tmp_path)
	spoil(pair, authority)
	line = fails_to_serve(*LISTEN, "--store", store.url, *pair.options)
	assert re.search(words, line) and str(tmp_path) in line, line


def test_a_group_may_read_the_key(store, authority, serve, tmp_path):
	pair = authority.pair(folder=tmp_path)
	pair.key_file.chmod(0o640)
	assert stat.S_IMODE(pair.key_file.stat().st_mode) == 0o640
	serve(store, *pair.options, ca_file=authority.file)


@pytest.mark.parametrize("which", [slice(0, 2), slice(2, 4)])
def test_a_certificate_and_a_key_belong_together(store, authority, which):
	line = fails_to_serve(*LISTEN, "--store", store.url, *authority.pair("half").options[which])
	assert "tls-certificate and tls-key belong together" in line


def test_the_files_stand_in_the_configuration_too_and_may_move(store, authority, serve, tmp_path):
	first, second = authority.pair("first", folder=tmp_path), authority.pair("second", folder=tmp_path)
	running = serve(store, config={"tls_certificate": str(first.certificate_file), "tls_key": str(first.key_file)}, ca_file=authority.file)
	assert presented(running, authority) == first.serial
	running.config_path.write_text(f"tls_certificate: {second.certificate_file}\ntls_key: {second.key_file}\n")
	reload(running)
	assert presented(running, authority) == second.serial
	running.config_path.write_text("log_level: info\n")
	line = reload(running)
	assert line["level"] == "error" and "restart" in line["problem"]
	assert presented(running, authority) == second.serial


def test_a_plain_server_does_not_turn_to_tls_while_it_runs(store, authority, serve):
	pair = authority.pair("late")
	running = serve(store, config={"log_level": "info"})
	running.config_path.write_text(f"tls_certificate: {pair.certificate_file}\ntls_key: {pair.key_file}\n")
	line = reload(running)
	assert line["level"] == "error" and "restart" in line["problem"]
	granted(ask(running, d.WEB, GRANT))


# --- certificates that end


@pytest.mark.parametrize("days,words", [(13, "expires on"), (-1, "expired on")])
def test_a_certificate_near_its_end_is_warned_of(store, authority, serve, days, words):
	pair = authority.pair(f"ending{days}", days=days)
	running = serve(store, *pair.options, ca_file=authority.file)
	line = running.wait_for_line(lambda line: line["level"] == "warning" and words in line["message"])
	ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
	assert line["expires"].startswith(ends.strftime("%Y-%m-%d")) and line["file"] == str(pair.certificate_file)


def test_a_certificate_that_is_good_for_long_is_no_warning(secure):
	line = secure.wait_for_line(lambda line: line["message"] == PRESENTED)
	assert line["level"] == "info"


@pytest.mark.parametrize("days,code,words", [(90, 0, "ok    the TLS certificate"), (13, 0, "warn  the TLS certificate expires on"), (-1, 1, "FAIL  the TLS certificate expired on")])
def test_the_doctor_looks_at_the_certificate(store, authority, days, code, words):
	done = run("doctor", "--store", store.url, *authority.pair(f"doctor{days}", days=days).options, check=False)
	assert done.returncode == code and words in done.stdout, done.stdout


def test_the_doctor_finds_a_pair_that_does_not_belong_together(store, authority, tmp_path):
	pair = authority.pair(folder=tmp_path)
	spoil_match(pair, authority)
	done = run("doctor", "--store", store.url, *pair.options, check=False)
	assert done.returncode == 1 and "not that of the certificate" in done.stdout
