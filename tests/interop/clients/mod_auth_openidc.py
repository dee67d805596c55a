"""mod_auth_openidc (Debian) in an Apache of its own, configured by mod_auth_openidc.conf; the browser that visits it is in here too."""

import atexit
import base64
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from urllib.parse import quote, urlsplit

import requests
from adapter import serve

HERE = pathlib.Path(__file__).resolve().parent
MODULES = "/usr/lib/apache2/modules"
UNPRIVILEGED = "nobody"
PATIENCE_S = 20


class Refused(Exception):
	pass


def free_port():
	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		return listener.getsockname()[1]


def home_of(address):
	"""The origin of an address, with a slash behind it."""
	parts = urlsplit(address)
	return f"{parts.scheme}://{parts.netloc}/"


class Apache:
	def __init__(self, settings):
		self.folder = pathlib.Path(tempfile.mkdtemp(prefix="writ-interop-apache-"))
		(self.folder / "pages").mkdir()
		(self.folder / "pages" / "index.html").write_text("come in\n")
		self.port = free_port()
		who = {}
		if os.geteuid() == 0:
			who = {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
			for path in (self.folder, self.folder / "pages"):
				shutil.chown(path, UNPRIVILEGED, "nogroup")
		environment = {"FOLDER": self.folder, "MODULES": MODULES, "PORT": self.port, "ISSUER": settings["issuer"], "SCOPE": settings["scope"],
		               "CLIENT_ID": settings["client_id"], "CLIENT_SECRET": settings["client_secret"], "REDIRECT_URI": settings["redirect_uri"],
		               "HOME_URI": home_of(settings["redirect_uri"]), "POST_LOGOUT_REDIRECT_URI": settings["post_logout_redirect_uri"],
		               "PASSPHRASE": secrets.token_urlsafe()}
		self.process = subprocess.Popen([shutil.which("apache2") or "/usr/sbin/apache2", "-DFOREGROUND", "-f", str(HERE / "mod_auth_openidc.conf")],
		                                env={**os.environ, **{name: str(value) for name, value in environment.items()}}, cwd=self.folder,
		                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **who)
		atexit.register(self.stop)
		deadline = time.monotonic() + PATIENCE_S
		while True:
			try:
				socket.create_connection(("127.0.0.1", self.port), 1).close()
				return
			except OSError:
				if self.process.poll() is not None or time.monotonic() > deadline:
					raise Refused(f"Apache did not start: {self.said()}") from None
				time.sleep(0.02)

	def said(self):
		log = self.folder / "error.log"
		return log.read_text()[-1500:] if log.exists() else "nothing"

	def stop(self):
		self.process.send_signal(signal.SIGTERM)
		try:
			self.process.wait(PATIENCE_S)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
		shutil.rmtree(self.folder, ignore_errors=True)


def payload(token):
	"""What a token says; the module tells its pages no scope."""
	part = token.split(".")[1]
	return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Visitor:
	"""A browser at the Apache, which it knows by the address that is registered."""

	def discover(self, **settings):
		self.settings, self.callback = settings, urlsplit(settings["redirect_uri"])
		self.apache = Apache(settings)
		self.browser = requests.Session()
		self.browser.trust_env = False
		return {"authorization_endpoint": self.begin()["url"].partition("?")[0]}

	def get(self, path):
		return self.browser.get(f"http://127.0.0.1:{self.apache.port}{path}", headers={"Host": self.callback.netloc}, allow_redirects=False, timeout=PATIENCE_S)

	def hook(self, parameters):
		return self.get(f"{self.callback.path}?{parameters}")

	def redirect(self, reply):
		if reply.status_code != 302:
			raise Refused(f"HTTP {reply.status_code}: {self.apache.said()}")
		return reply.headers["Location"]

	def begin(self):
		return {"url": self.redirect(self.get("/"))}

	def known(self):
		reply = self.hook("info=json")
		if reply.status_code != 200:
			raise Refused(f"HTTP {reply.status_code}: {self.apache.said()}")
		return reply.json()

	def tokens(self):
		known = self.known()
		return {"access_token": known["access_token"], "refresh_token": known["refresh_token"], "id_token": known["id_token"],
		        "scope": payload(known["access_token"])["scope"]}

	def finish(self, callback):
		self.redirect(self.hook(urlsplit(callback).query))
		if self.get("/index.html").status_code != 200:
			raise Refused(f"who signed in should come in: {self.apache.said()}")
		return {"tokens": self.tokens(), "claims": self.known()["id_token"]}

	def refresh(self):
		home = quote(home_of(self.settings["redirect_uri"]), safe="")
		back = self.redirect(self.hook(f"refresh={home}&access_token={self.known()['access_token']}"))
		if "error_code" in back:
			raise Refused(f"{back}: {self.apache.said()}")
		return {"tokens": self.tokens()}

	def userinfo(self):
		return {"claims": self.known()["userinfo"]}

	def revoke(self):
		"""The module revokes what it holds when the person signs out of the Apache, and then sends the browser to the server."""
		self.leaving = self.redirect(self.hook(f"logout={quote(self.settings['post_logout_redirect_uri'], safe='')}"))
		return {}

	def logout(self):
		return {"url": self.leaving}


visitor = Visitor()
serve({verb: getattr(visitor, verb) for verb in ("discover", "begin", "finish", "refresh", "userinfo", "revoke", "logout")})
