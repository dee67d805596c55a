"""For client libraries that run in a browser: a page on an origin of its own, and the person who visits it with Chromium.

Chromium finds all names that end with .example on this machine, trusts the certificate of this run alone, and is set to send cookies to
frames of other sites: without that a silent renewal there gets login_required. Chrome is set so by default, Debian's Chromium is not."""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
from urllib.parse import urlsplit

from adapter import serve
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1]))

from support.small_server import Handler, SmallServer  # noqa: E402

LIBRARIES = HERE.parent / "node_modules"
PATIENCE_MS = 20_000
PREFERENCES = {"profile": {"cookie_controls_mode": 0}}  # "Allow third-party cookies"; in private windows Chromium sends none, whatever this says


def script(*path):
	return "text/javascript", pathlib.Path(*path).read_bytes()


def document(*scripts):
	tags = "".join(f'<script src="{script}"></script>' for script in scripts)
	return "text/html; charset=utf-8", f'<!doctype html><html lang="en"><title>Application</title><body>{tags}</body></html>'.encode()


class PageHandler(Handler):
	def do_GET(self):
		files = self.server.files
		self.reply(200, *files.get(self.path.partition("?")[0], files["/"]))


def page_server(port, files, certificate, key):
	"""Serves the files, by path: (type, content); "/" at each other path too."""
	server = SmallServer(PageHandler, port, certificate, key)
	server.files = files
	server.start()


def fingerprint(certificate):
	"""Of its key, as Chromium wants to be told which it shall trust."""
	key = x509.load_pem_x509_certificate(pathlib.Path(certificate).read_bytes()).public_key()
	info = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
	return base64.b64encode(hashlib.sha256(info).digest()).decode()


class Application:
	"""A single page application with its visitor. files: what its origin serves, by path: (type, content).

	Its page has ask(verb), and says with its title how far it has come: ready, or refused."""

	def __init__(self, files, stack):
		self.files, self.stack = files, stack

	def _start(self, certificate):
		"""Chromium, with a profile of its own."""
		driver = self.stack.enter_context(sync_playwright())
		profile = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="writ-interop-chromium-", ignore_cleanup_errors=True))
		preferences = pathlib.Path(profile, "Default", "Preferences")
		preferences.parent.mkdir()
		preferences.write_text(json.dumps(PREFERENCES))
		trusted = fingerprint(certificate)
		options = ["--host-resolver-rules=MAP *.example 127.0.0.1", f"--ignore-certificate-errors-spki-list={trusted}", "--no-proxy-server"]
		# Chromium's own sandbox does not start for root.
		options += ["--no-sandbox"] if os.geteuid() == 0 else []
		self.chromium = driver.chromium.launch_persistent_context(profile, executable_path=shutil.which("chromium"), args=options)
		self.stack.callback(self.chromium.close)
		self.chromium.set_default_timeout(PATIENCE_MS)
		self.page = self.chromium.pages[0]

	def discover(self, ca_file, key_file, **settings):
		self.settings = settings
		parts = urlsplit(settings["redirect_uri"])
		self.url = f"{parts.scheme}://{parts.netloc}"
		page_server(parts.port, {**self.files, "/settings.json": ("application/json", json.dumps(settings).encode())}, ca_file, key_file)
		self._start(ca_file)
		self.visit()
		return self.ask("discover")

	def visit(self):
		self.page.goto(self.url)
		self.arrive()

	def arrive(self):
		"""The application's page, when it has started; it has signed in if the browser came back with an answer."""
		self.page.wait_for_url(self.url + "/**")
		self.page.wait_for_function("['ready', 'refused'].includes(document.title)")
		if self.page.title() == "refused":
			raise RuntimeError(self.page.inner_text("body"))

	def ask(self, verb):
		return self.page.evaluate("verb => ask(verb)", verb)

	def leave(self, verb):
		"""The page sends the browser to the server."""
		with self.page.expect_navigation(url=lambda url: not url.startswith(self.url)):
			self.page.evaluate("verb => { ask(verb) }", verb)

	def give_password(self, page):
		page.fill("#username", self.name)
		page.fill("#password", self.password)
		page.click("#submit")

	def sign_in(self, name, password):
		self.name, self.password = name, password
		self.leave("sign_in")
		self.give_password(self.page)
		self.page.click("#allow")
		self.arrive()
		return self.ask("user")

	def refresh(self):
		return self.ask("refresh")

	def renew(self):
		return self.ask("renew")

	def userinfo(self):
		return self.ask("userinfo")

	def sign_out(self):
		"""back: where the browser was sent; asked: whether signing in then needs the password."""
		address = self.settings["post_logout_redirect_uri"]
		with self.page.expect_navigation(url=lambda url: url.startswith(address)):
			self.page.evaluate("() => { ask('logout') }")
		back = self.page.url
		self.visit()
		self.leave("sign_in")
		return {"back": back, "asked": self.page.is_visible("#password")}

	def revoke(self):
		return self.ask("revoke")


VERBS = ("discover", "sign_in", "refresh", "renew", "userinfo", "revoke", "sign_out")


def run(files, kind=Application):
	with contextlib.ExitStack() as stack:
		application = kind(files, stack)
		serve({verb: getattr(application, verb) for verb in VERBS})
