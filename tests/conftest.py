"""Fixtures of the black-box tests (tests/flows, tests/faults). They need the binary: WRIT_BINARY, build-test/writ or build/writ."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support import chromium as system_chromium  # noqa: E402
from support import documents  # noqa: E402
from support.program import Server, Store, find_binary  # noqa: E402

FIXED_URLS = ("--auth-url", documents.AUTH_URL, "--api-url", documents.API_URL)


def pytest_configure(config):
	config.addinivalue_line("markers", "slow: waits for a time limit of the server")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
	"""With workers, a module stays on one of them: it has one server."""
	if getattr(config.option, "numprocesses", None) and getattr(config.option, "dist", None) == "no":
		config.option.dist = "loadfile"


def pytest_sessionstart(session):
	if find_binary() is None:
		pytest.exit("no writ binary: build it with `make test` or name it in WRIT_BINARY", returncode=2)


@pytest.fixture(scope="session")
def chromium():
	"""One for each worker, whichever folder's tests it runs: Playwright cannot be started twice in a thread."""
	with system_chromium.running() as browser:
		yield browser


@pytest.fixture(scope="session")
def prepared_store(tmp_path_factory):
	"""A store with the shared directory, made once; nobody serves from it, everybody copies it."""
	store = Store(tmp_path_factory.mktemp("prepared"))
	store.apply(documents.directory())
	return store


class Shared:
	"""The server of one module; a test that kills it fails alone, the next one gets another."""

	def __init__(self, prepared, tmp_path_factory):
		self.prepared, self.tmp_path_factory, self.running = prepared, tmp_path_factory, None

	def server(self):
		if self.running is None or self.running.process.poll() is not None:
			self.running = Server(self.prepared.copy_to(self.tmp_path_factory.mktemp("store")), *FIXED_URLS)
		return self.running


@pytest.fixture(scope="module")
def shared_server(prepared_store, tmp_path_factory):
	shared = Shared(prepared_store, tmp_path_factory)
	yield shared
	if shared.running is not None and shared.running.process.poll() is None:
		shared.running.stop()


@pytest.fixture
def server(shared_server):
	"""A running server over a copy of the shared directory, with fixed public URLs; the module's own."""
	running = shared_server.server()
	yield running
	if running.process.poll() is not None:
		running.stop()
		raise AssertionError("the server ended during this test")


@pytest.fixture
def store(prepared_store, tmp_path):
	"""A copy of the shared directory for one test."""
	return prepared_store.copy_to(tmp_path / "store")


@pytest.fixture
def empty_store(tmp_path):
	return Store(tmp_path / "empty")


@pytest.fixture
def serve(request):
	"""Starts further servers: serve(store, *options, config=…); each is stopped and judged at the end of the test."""
	running = []

	def start(store, *options, **keywords):
		if "--auth-url" not in options:
			options = (*FIXED_URLS, *options)
		running.append(Server(store, *options, **keywords))
		return running[-1]

	yield start
	for one in running:
		if one.process.poll() is None:
			one.stop()
