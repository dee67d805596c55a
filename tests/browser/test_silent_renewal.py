"""Silent renewal in a hidden frame, where the page and the server are on two sites, or on one: what the browser's rule for cookies makes of it.

docs/clients.md tells integrators what is seen here."""

import base64
import hashlib
import json
import os
import shutil
import socket
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from house import PARTITION, PORTAL, CallbackServer, partition, somebody
from support.certificates import Authority
from support.people import Site, path_of, request_of
from support.program import Store
from test_pages import sign_in

SERVER, SAME_SITE, OTHER_SITE = "auth.test-writ.example", "app.test-writ.example", "app.test-portal.example"
SENT, KEPT = 0, 1  # Chromium's setting for cookies in frames of other sites


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
	return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pair(authority):
	return authority.pair()


@pytest.fixture
def page(pair):
	"""Where the application's pages are."""
	server = CallbackServer(tls=pair)
	yield server
	server.stop()


@pytest.fixture
def portal(authority, pair, page, tmp_path):
	"""A server with a name of its own, and an application that has redirect addresses on both sites."""
	store = Store(tmp_path / "store")
	house = partition(PARTITION, None, {})
	addresses = [f"https://{host}:{page.port}/callback" for host in (SAME_SITE, OTHER_SITE)]
	house["client_applications"][0] |= {"redirect_urls": addresses, "consent": "implied"}
	store.apply({"partitions": [house]})
	with socket.create_server(("127.0.0.1", 0)) as listener:
		port = listener.getsockname()[1]
	with Site(store, "--auth-url", f"https://{SERVER}:{port}", *pair.options, listen=f"127.0.0.1:{port}", ca_file=authority.file) as running:
		running.name = f"https://{SERVER}:{port}"
		yield running


@pytest.fixture
def person_with(chromium, pair, tmp_path):
	"""person_with(cookies): a browser whose profile says so, on a machine where all the names are."""
	key = x509.load_pem_x509_certificate(pair.certificate_file.read_bytes()).public_key()
	info = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
	known = base64.b64encode(hashlib.sha256(info).digest()).decode()
	options = ["--host-resolver-rules=MAP *.example 127.0.0.1", f"--ignore-certificate-errors-spki-list={known}", "--no-proxy-server"]
	options += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox does not start for root
	started = []

	def start(cookies):
		preferences = tmp_path / "profile" / "Default" / "Preferences"
		preferences.parent.mkdir(parents=True)
		preferences.write_text(json.dumps({"profile": {"cookie_controls_mode": cookies}}))
		launch = chromium.browser_type.launch_persistent_context
		started.append(launch(tmp_path / "profile", executable_path=shutil.which("chromium"), args=options))
		started[-1].set_default_timeout(60_000)
		return started[-1]

	yield start
	for context in started:
		context.close()


FRAME = """address => {
	const frame = document.createElement('iframe')
	frame.hidden = true
	frame.src = address
	document.body.append(frame)
}"""


@pytest.mark.parametrize("host, cookies, renewed", [(OTHER_SITE, SENT, True), (OTHER_SITE, KEPT, False), (SAME_SITE, KEPT, True)],
                         ids=["another site, cookies sent", "another site, cookies kept", "the same site, cookies kept"])
def test_a_hidden_frame_renews_where_the_browser_sends_the_session_cookie(portal, page, person_with, host, cookies, renewed):
	"""Contract §3: SameSite=None under https (silent renewal in a frame). A13: the cookie's attributes."""
	def address(**changes):
		changes = {"redirect_uri": f"https://{host}:{page.port}/callback", "client_id": f"{PORTAL.id}-{PARTITION.lower()}", **changes}
		return portal.name + path_of("U", PARTITION) + "?" + urlencode(request_of(PORTAL, **changes))

	context = person_with(cookies)
	tab = context.pages[0]
	tab.goto(address())
	sign_in(tab, somebody())
	tab.wait_for_selector("#arrived")
	held = context.cookies(portal.name)
	assert held and all(cookie["name"].startswith("__Host-") for cookie in held)
	assert all(cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "None" for cookie in held)
	tab.evaluate(FRAME, address(prompt="none", state="in-a-frame"))
	(_, first), (_, answer) = page.wait(2)
	assert "code" in first and answer["state"] == "in-a-frame" and answer["iss"] == portal.name + path_of("U", PARTITION, "")
	if renewed:
		assert "code" in answer and answer["code"] != first["code"]
	else:
		assert answer["error"] == "login_required" and "code" not in answer
