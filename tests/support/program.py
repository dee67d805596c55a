"""The binary under test, its commands, its stores and its servers: every process here is stopped by whoever started it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
from urllib.parse import urlsplit

import requests
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE_S = 30
START_S = 90  # a module has one server, whose tests all fail when it is not there
AUTHORITIES = {}  # of servers that speak https, by address: the file of whom to trust
SANITIZER_MARKS = ("AddressSanitizer", "UndefinedBehaviorSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")


def find_binary():
	"""WRIT_BINARY, else the test build, else the optimised build; None when there is none."""
	named = os.environ.get("WRIT_BINARY")
	candidates = [pathlib.Path(named)] if named else [ROOT / "build-test" / "writ", ROOT / "build" / "writ"]
	for candidate in candidates:
		if not candidate.is_absolute():
			candidate = ROOT / candidate
		if candidate.is_file() and os.access(candidate, os.X_OK):
			return str(candidate)
	return None


def environment(extra=None):
	"""The caller's environment without settings of writ, and with sanitizers that stop at the first report."""
	result = {name: value for name, value in os.environ.items() if not name.startswith("WRIT_")}
	result.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
	result.update(extra or {})
	return result


def run(*arguments, check=True, env=None, input=None, cwd=None, timeout=120):
	"""Runs one command to its end. With check, anything but exit 0 fails the test with what it said."""
	done = subprocess.run([find_binary(), *map(str, arguments)], capture_output=True, text=True, env=environment(env), input=input,
	                      cwd=cwd, timeout=timeout)
	for mark in SANITIZER_MARKS:
		assert mark not in done.stderr, done.stderr
	if check:
		assert done.returncode == 0, f"writ {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
	return done


class PlainDumper(yaml.SafeDumper):
	"""YAML without anchors and aliases: apply documents refuse them."""

	def ignore_aliases(self, data):
		return True


def write_document(path, document):
	path = pathlib.Path(path)
	text = document if isinstance(document, str) else yaml.dump(document, Dumper=PlainDumper, sort_keys=False, allow_unicode=True)
	path.write_text(text)
	return path


class Store:
	"""A store of its own in a folder of its own."""

	def __init__(self, folder, name="writ.db"):
		self.folder = pathlib.Path(folder)
		self.folder.mkdir(parents=True, exist_ok=True)
		self.path = self.folder / name
		self.url = f"sqlite:{self.path}"
		self._documents = 0

	def copy_to(self, folder):
		"""A second store with the same contents and master key; only while no process uses this one."""
		copy = Store(folder, self.path.name)
		for file in self.folder.glob(self.path.name + "*"):
			shutil.copy2(file, copy.folder / file.name)
		return copy

	def document(self, document):
		self._documents += 1
		return write_document(self.folder / f"document-{self._documents}.yaml", document)

	def apply(self, document, *options, check=True):
		return run("apply", "-f", self.document(document), "--store", self.url, *options, check=check)

	def export_text(self, *options):
		return run("export", "--store", self.url, *options).stdout

	def export(self, *options):
		return yaml.safe_load(self.export_text(*options))


class Server:
	"""A running `writ serve` on free ports; its log is read while it runs."""

	def __init__(self, store, *options, env=None, config=None, listen="127.0.0.1:0", cwd=None, ca_file=None):
		"""ca_file: the public listener speaks https, with a certificate of that authority."""
		self.store = store
		self.lines, self.broken_lines, self.output = [], [], []
		self._changed = threading.Condition()
		arguments = [find_binary(), "serve", "--listen", listen, "--management-listen", "127.0.0.1:0", "--store", store.url]
		if config is not None:
			path = store.folder / f"config-{time.monotonic_ns()}.yaml"
			write_document(path, config)
			self.config_path = path
			arguments += ["--config", str(path)]
		arguments += options
		self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(env), cwd=cwd,
		                                errors="surrogateescape")
		self._readers = [threading.Thread(target=self._read_log, daemon=True), threading.Thread(target=self._read_output, daemon=True)]
		for reader in self._readers:
			reader.start()
		try:
			line = self.wait_for_line(lambda line: line.get("message") == "listening", START_S)
			self.url = ("https://" if ca_file else "http://") + line["public"]
			AUTHORITIES[line["public"]] = str(ca_file) if ca_file else True
			self.management_url = "http://" + line["management"]
			self._wait_until_ready()
		except BaseException:
			self.process.kill()
			self.process.wait()
			raise

	def _read_log(self):
		for text in self.process.stderr:
			try:
				line = json.loads(text)
				assert isinstance(line, dict)
			except (ValueError, AssertionError):
				with self._changed:
					self.broken_lines.append(text)
					self._changed.notify_all()
				continue
			with self._changed:
				self.lines.append(line)
				self._changed.notify_all()

	def _read_output(self):
		for text in self.process.stdout:
			with self._changed:
				self.output.append(text)
				self._changed.notify_all()

	def wait_for(self, condition, timeout=DEADLINE_S, what="what the test waits for"):
		"""Waits until condition() is true of the log or output; wakes at each new line."""
		deadline = time.monotonic() + timeout
		with self._changed:
			while True:
				result = condition()
				if result:
					return result
				left = deadline - time.monotonic()
				if left <= 0 or (self.process.poll() is not None and not self._readers[0].is_alive()):
					last = self.lines[-5:]
					raise AssertionError(f"{what} did not come (exit {self.process.poll()}): {last} {self.broken_lines[-20:]}")
				self._changed.wait(min(left, 0.2))

	def wait_for_line(self, predicate, timeout=DEADLINE_S):
		return self.wait_for(lambda: next((line for line in self.lines if predicate(line)), None), timeout, "a log line")

	def audit_of(self, request_id):
		"""The audit events of one request, once the first is there."""
		self.wait_for_line(lambda line: line.get("request_id") == request_id and "action" in line)
		with self._changed:
			return [line for line in self.lines if line.get("request_id") == request_id and "action" in line]

	def _wait_until_ready(self):
		deadline = time.monotonic() + DEADLINE_S
		while True:
			try:
				if get(self.management_url + "/readyz").status_code == 200:
					return
			except requests.ConnectionError:
				pass
			assert time.monotonic() < deadline, f"not ready: {self.broken_lines}"
			time.sleep(0.02)

	@property
	def port(self):
		return urlsplit(self.url).port

	def realm(self, partition, kind="U"):
		return f"{self.url}/system/auth/{partition}-{kind}"

	def signal(self, number):
		self.process.send_signal(number)

	def stop(self, timeout=DEADLINE_S):
		"""Stops it politely and insists on a clean end: exit 0, nothing but JSON lines in the log, no sanitizer report."""
		if self.process.poll() is None:
			self.process.send_signal(signal.SIGTERM)
		try:
			code = self.process.wait(timeout)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
			raise
		for reader in self._readers:
			reader.join(5)
		assert not self.broken_lines, "".join(self.broken_lines[:60])
		assert code == 0, f"writ serve ended with {code}: {self.lines[-5:]}"

	def kill(self):
		self.process.kill()
		self.process.wait()

	def __enter__(self):
		return self

	def __exit__(self, kind, *_):
		if kind is None:
			self.stop()
		elif self.process.poll() is None:
			self.kill()


def get(url, **keywords):
	return request("GET", url, **keywords)


def request(method, url, **keywords):
	"""One request on a connection of its own, without proxies, .netrc or followed redirects."""
	with requests.Session() as session:
		session.trust_env = False
		keywords.setdefault("timeout", DEADLINE_S)
		keywords.setdefault("verify", AUTHORITIES.get(urlsplit(url).netloc, True))
		keywords.setdefault("allow_redirects", False)
		return session.request(method, url, **keywords)
