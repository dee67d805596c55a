"""oidc-client-ts (npm) in Chromium: a page on an origin of its own, and the person who signs in with it. oidc-client-ts.page.js is the page."""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import ssl
import threading
from urllib.parse import urlsplit

from adapter import serve
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
LIBRARY = HERE.parent / "node_modules" / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"
DOCUMENT = b'<!doctype html><html lang="en"><title>Application</title><body><script src="/library.js"></script><script src="/page.js"></script></body></html>'
PATIENCE_MS = 20_000


class Handler(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		path = self.path.partition("?")[0]
		kind, body = {
			"/library.js": lambda: ("text/javascript", LIBRARY.read_bytes()),
			"/page.js": lambda: ("text/javascript", (HERE / "oidc-client-ts.page.js").read_bytes()),
			"/settings.json": lambda: ("application/json", json.dumps(self.server.settings).encode()),
		}.get(path, lambda: ("text/html; charset=utf-8", DOCUMENT))()
		self.send_response(200)
		self.send_header("Content-Type", kind)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


class Application:
	def __init__(self, page):
		self.page = page

	def listen(self, address, certificate, key):
		"""The page's own origin, which its redirect address is on."""
		parts = urlsplit(address)
		self.url = f"{parts.scheme}://{parts.netloc}"
		self.server = http.server.ThreadingHTTPServer(("127.0.0.1", parts.port), Handler)
		self.server.daemon_threads = True
		if certificate:
			context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			context.load_cert_chain(certificate, key)
			self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
		threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

	def open(self):
		"""The application's page, when it has started; it has signed in if the browser came back with an answer."""
		self.page.wait_for_function("['ready', 'refused'].includes(document.title)")
		if self.page.title() == "refused":
			raise RuntimeError(self.page.inner_text("body"))

	def ask(self, verb):
		return self.page.evaluate("verb => ask(verb)", verb)

	def discover(self, ca_file, key_file, **settings):
		self.listen(settings["redirect_uri"], ca_file, key_file)
		self.server.settings = settings
		self.page.goto(self.url)
		self.open()
		return self.ask("discover")

	def leave(self):
		"""To the server's page."""
		with self.page.expect_navigation(url=lambda url: not url.startswith(self.url)):
			self.page.evaluate("() => { ask('sign_in') }")

	def sign_in(self, name, password):
		self.leave()
		self.page.fill("#username", name)
		self.page.fill("#password", password)
		self.page.click("#submit")
		self.page.click("#allow")
		self.page.wait_for_url(self.url + "/**")
		self.open()
		return self.ask("user")

	def refresh(self):
		return self.ask("refresh")

	def renew(self):
		return self.ask("renew")

	def userinfo(self):
		return {"claims": self.ask("user")["claims"]}

	def sign_out(self):
		"""back: where the browser was sent; asked: whether signing in then needs the password."""
		address = self.server.settings["post_logout_redirect_uri"]
		self.page.route(address + "**", lambda route: route.fulfill(body="signed out", content_type="text/plain"))
		with self.page.expect_navigation(url=lambda url: url.startswith(address)):
			self.page.evaluate("() => { ask('logout') }")
		back = self.page.url
		self.page.goto(self.url)
		self.open()
		self.leave()
		return {"back": back, "asked": self.page.is_visible("#password")}

	def revoke(self):
		return self.ask("revoke")


def main():
	with contextlib.ExitStack() as stack:
		driver = stack.enter_context(sync_playwright())
		# Chromium's own sandbox does not start for root.
		chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else [])
		stack.callback(chromium.close)
		page = chromium.new_page(ignore_https_errors=True)  # the certificate of this run is nobody else's
		page.set_default_timeout(PATIENCE_MS)
		application = Application(page)
		serve({verb: getattr(application, verb) for verb in ("discover", "sign_in", "refresh", "renew", "userinfo", "revoke", "sign_out")})


main()
