"""A real nginx in front of a server: examples/nginx.conf, with the addresses and files of this run."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from .program import AUTHORITIES, DEADLINE_S, ROOT

EXAMPLE = ROOT / "examples" / "nginx.conf"
UNPRIVILEGED = "nobody"
TEMPORARY = "".join(f"\t{kind}_temp_path {{folder}}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
AROUND = f"""daemon off;
worker_processes 1;
pid {{folder}}/pid;
error_log {{folder}}/error.log;
events {{{{}}}}
http {{{{
	access_log off;
{TEMPORARY}	include site.conf;
}}}}
"""


def find_nginx():
	return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def free_port():
	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		return listener.getsockname()[1]


class Nginx:
	"""Its address is known before it runs, for the server behind it must be told: url, then start(server)."""

	def __init__(self, certificate_file, key_file, authority_file):
		self.port = free_port()
		self.url = f"https://127.0.0.1:{self.port}"
		self.folder = pathlib.Path(tempfile.mkdtemp(prefix="writ-nginx-"))
		for name, file in (("certificate.pem", certificate_file), ("key.pem", key_file)):
			shutil.copy(file, self.folder / name)
		self.authority_file, self.process = str(authority_file), None

	@property
	def options(self):
		"""What its operator tells writ."""
		return ("--auth-url", self.url, "--trusted-proxies", "127.0.0.1")

	def _site(self, server):
		"""The example with other addresses and files, and not a word beside them."""
		text = EXAMPLE.read_text()
		for example, here in (("server 127.0.0.1:8080;", f"server 127.0.0.1:{server.port};"), ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
		                      ("listen [::]:443 ssl http2;", ""), ("/etc/ssl/certs/auth.example.com.pem", f"{self.folder}/certificate.pem"),
		                      ("/etc/ssl/private/auth.example.com.key", f"{self.folder}/key.pem")):
			assert text.count(example) == 1, f"{EXAMPLE.name} has {text.count(example)} times: {example}"
			text = text.replace(example, here)
		return text

	def start(self, server):
		"""From here on the server is reached through it."""
		(self.folder / "site.conf").write_text(self._site(server))
		(self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder))
		who = {}
		if os.geteuid() == 0:
			who = {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
			for path in (self.folder, *self.folder.iterdir()):
				shutil.chown(path, UNPRIVILEGED, "nogroup")
		self.process = subprocess.Popen([find_nginx(), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")],
		                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who)
		self._wait()
		server.url = self.url
		AUTHORITIES[f"127.0.0.1:{self.port}"] = self.authority_file

	def _wait(self):
		deadline = time.monotonic() + DEADLINE_S
		while True:
			with contextlib.suppress(OSError):
				socket.create_connection(("127.0.0.1", self.port), 1).close()
				return
			if self.process.poll() is not None or time.monotonic() > deadline:
				raise AssertionError(f"nginx did not start: {self.said()}")
			time.sleep(0.02)

	def said(self):
		log = self.folder / "error.log"
		return log.read_text()[-2000:] if log.exists() else "nothing"

	def stop(self):
		if self.process is not None and self.process.poll() is None:
			self.process.terminate()
			try:
				self.process.wait(DEADLINE_S)
			except subprocess.TimeoutExpired:
				self.process.kill()
				self.process.wait()
		shutil.rmtree(self.folder, ignore_errors=True)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stop()
